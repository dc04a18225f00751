"""The fitted config as a file, and what it matches in words."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from simgen.config.schema import KEYS
from simgen.training.fit.fitting import Fitted
from simgen.training.fit.matching import Match

_GROUPS = ("scene", "lighting", "materials", "camera", "sensor", "render")
"""That overrides may choose, as in `scene=aerial`."""


def config_text(fitted: Fitted) -> str:
    """The file: an experiment of Hydra's, with what it matches as comments."""
    target = fitted.target
    tree: dict[str, Any] = {"fitted_to": [target.side.name]}
    chosen = []
    for word in target.overrides:
        key, _, value = word.partition("=")
        if key in _GROUPS:
            chosen.append({f"override /{key}": value})
        else:
            _put(tree, key, yaml.safe_load(value))
    width, height = target.size
    for key, value in {
        "render.width": width, "render.height": height, **fitted.overrides
    }.items():  # fmt: skip
        _put(tree, key, value)
    body = yaml.safe_dump(tree, default_flow_style=None, sort_keys=False, width=98)
    defaults = yaml.safe_dump({"defaults": chosen}, sort_keys=False) if chosen else ""
    head = "\n".join(f"# {line}".rstrip() for line in _head(fitted))
    return f"# @package _global_\n{head}\n{defaults}{body}"


def table(fitted: Fitted) -> Iterator[tuple[str, ...]]:
    """Rows of what was fitted and what follows from it: title, distance before and after, medians
    before, after and of the photographs."""
    for one in fitted.matches:
        yield (
            one.after.title,
            _figure(one.before.distance),
            _figure(one.after.distance),
            _figure(one.before.median),
            _figure(one.after.median),
            _figure(one.after.real),
            "" if one.fitted else "not fitted",
        )


COLUMNS = ("quantity", "off before", "off after", "before", "after", "photographs", "")


def missed(fitted: Fitted) -> list[str]:
    """What is not nearer by half, each with the reason."""
    return [
        f"{one.after.title}: {_figure(one.before.distance)} -> {_figure(one.after.distance)}: "
        + _reason(one)
        for one in fitted.matches
        if one.fitted and not one.nearer
    ]


def _reason(one: Match) -> str:
    if one.id in ("objects", "size"):
        return "the stage and its cameras allow no more, or more rounds are needed (--minutes)"
    if one.id == "classes":
        return "classes are drawn for a scene, and not all of them come into view"
    return "what lies in the scenes decides it more than the camera does"


def _head(fitted: Fitted) -> Iterator[str]:
    target = fitted.target
    boxes = sum(len(entry.boxes) for entry in target.side.entries)
    yield f"Fitted by simgen fit to {target.side.name}: {len(target.side.entries)} images, {boxes:,}"
    yield f"boxes; images with the digest {digest(fitted)}. Distances (off) are in units of the"
    yield "photographs' own spread, measured on scenes that nothing was fitted on."
    yield ""
    rows = [COLUMNS, *table(fitted)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))


def digest(fitted: Fitted) -> str:
    """Of the names and sizes of the photographs, so that two sets can be told apart."""
    text = "".join(f"{e.name} {e.size}\n" for e in fitted.target.side.entries)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_config(fitted: Fitted, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config_text(fitted), encoding="utf-8")


def _put(tree: dict[str, Any], key: str, value: Any) -> None:
    assert key in KEYS or key.startswith("sensor."), key
    *groups, name = key.split(".")
    for group in groups:
        tree = tree.setdefault(group, {})
    tree[name] = value


def _figure(value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:.3g}"


def as_plain(fitted: Fitted) -> Mapping[str, Any]:
    """For `--json`."""
    return {
        "fitted_to": fitted.target.side.name,
        "overrides": {**dict.fromkeys(()), **fitted.overrides},
        "matches": [
            {
                "id": one.id,
                "fitted": one.fitted,
                "before": one.before.distance,
                "after": one.after.distance,
                "median_before": one.before.median,
                "median_after": one.after.median,
                "median_real": one.after.real,
            }
            for one in fitted.matches
        ],
        "remarks": [*fitted.target.remarks, *fitted.remarks],
    }
