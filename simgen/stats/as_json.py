"""Statistics as JSON: `stats.json`. docs/viewing.md describes its fields."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson

from simgen.report.counting.counts import ClassCounts
from simgen.report.counting.histogram import Histogram
from simgen.report.counting.sphere import coverage
from simgen.stats.compare import Comparison
from simgen.stats.drawn import Drawn, flagged
from simgen.stats.names_drawn import NamesDrawn
from simgen.stats.statistics import Statistics

VERSION = 1
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def to_json(plain: dict[str, Any]) -> bytes:
    """Return indented UTF-8 JSON; NaN becomes null."""
    return orjson.dumps(_finite(plain), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def of_one(found: Statistics, drawn: list[Drawn] | None) -> dict[str, Any]:
    """Return the statistics of one dataset. drawn: None if the dataset has no config."""
    return {
        "version": VERSION,
        "name": found.name,
        "kind": found.kind,
        "images": {split: found.images[split] for split in found.splits},
        "objects": found.object_count,
        "sizes": [
            {"width": width, "height": height, "images": count}
            for (width, height), count in found.sizes.most_common()
        ],
        "histograms": _histograms(found.histograms),
        "classes": [_class(name, found.by_class[name], found) for name in found.by_class],
        "together": [
            {"classes": list(names), "images": count}
            for names, count in found.together.most_common()
        ],
        "positions": found.positions.tolist() if found.positions.any() else None,
        "sphere": _sphere(found.sphere),
        "hues": found.hues.tolist() if found.hues.any() else None,
        "mean_colour": list(found.mean_colour) if found.near_duplicates else None,
        "near_duplicates": None if found.near_duplicates is None else asdict(found.near_duplicates),
        "asked_and_drawn": None if drawn is None else _drawn(drawn),
        "left_out": found.left_out,
    }


def of_two(first: dict[str, Any], second: dict[str, Any], found: Comparison) -> dict[str, Any]:
    """Return two datasets and their comparison. first, second: from `of_one`."""
    return {
        "version": VERSION,
        "first": first,
        "second": second,
        "comparison": {
            "quantities": [asdict(one) for one in found.quantities],
            "classes": [asdict(one) for one in found.classes],
            "only_first": list(found.only_first),
            "only_second": list(found.only_second),
        },
    }


def _histograms(found: dict[str, Histogram]) -> dict[str, Any]:
    return {name: _histogram(one) for name, one in found.items() if one.count}


def _histogram(found: Histogram) -> dict[str, Any]:
    (used,) = np.nonzero(found.counts)
    first, last = int(used[0]), int(used[-1]) + 1
    return {
        "unit": found.axis.unit,
        "count": found.count,
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "quantiles": {f"{part:g}": found.quantile(part) for part in _QUANTILES},
        "edges": [float(f"{edge:.6g}") for edge in found.axis.edges[first : last + 1]],
        "counts": found.counts[first:last].tolist(),
    }


def _class(name: str, one: ClassCounts, found: Statistics) -> dict[str, Any]:
    return {
        "name": name,
        "images": {split: one.images[split] for split in found.splits},
        "objects": {split: one.objects[split] for split in found.splits},
        "histograms": _histograms(one.histograms),
        "sphere": _sphere(one.sphere),
    }


def _sphere(counts: np.ndarray) -> dict[str, Any] | None:
    if not counts.any():
        return None
    return {"coverage": coverage(counts), "views": counts.tolist()}


def _drawn(found: list[Drawn]) -> list[dict[str, Any]]:
    flags = {one.key for one in flagged(found)}
    return [_factor(one) | {"departs": one.key in flags} for one in found]


def _factor(one: Drawn) -> dict[str, Any]:
    plain = asdict(one) | {"drawn": one.drawn.tolist(), "asked": one.asked.tolist()}
    if isinstance(one, NamesDrawn):
        return plain
    return plain | {"edges": one.edges.tolist(), "test": "Kolmogorov-Smirnov"}


def _finite(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {str(key): _finite(value) for key, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_finite(value) for value in plain]
    if isinstance(plain, float) and not math.isfinite(plain):
        return None
    return plain
