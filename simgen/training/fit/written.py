"""Writes the fitted config, and describes what it matches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from simgen.config.schema import KEYS
from simgen.training.fit.fitting import Fitted
from simgen.training.fit.matching import Match

_GROUPS = ("scene", "lighting", "materials", "camera", "sensor", "render")
"""Config groups that overrides may choose, as in `scene=aerial`."""


def config_text(fitted: Fitted) -> str:
    """Return the file: a Hydra experiment config, with the table as comments."""
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
    """Yield rows of the table: title, distance before and after, medians before, after and of the
    photographs."""
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
    """Describe each quantity whose distance did not at least halve, with the reason."""
    return [
        f"{one.after.title}: {_figure(one.before.distance)} -> {_figure(one.after.distance)}: "
        + _reason(one)
        for one in fitted.matches
        if one.fitted and not one.nearer
    ]


def _reason(one: Match) -> str:
    if one.id in ("objects", "size"):
        return "limited by the stage and its cameras, or more rounds are needed (--minutes)"
    if one.id == "classes":
        return "classes are sampled per scene, and not all objects are in view"
    return "depends more on the content of scenes than on the camera"


def _head(fitted: Fitted) -> Iterator[str]:
    target = fitted.target
    boxes = sum(len(entry.boxes) for entry in target.side.entries)
    count = len(target.side.entries)
    yield f"Fitted by simgen fit to {target.side.name}: {count} images, {boxes:,} boxes."
    yield "Distances (off) are in units of the photographs' own spread, measured on scenes that"
    yield "were not used for fitting the appearance."
    yield ""
    rows = [COLUMNS, *table(fitted)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))


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
    if math.isinf(value):
        return "none seen"
    return f"{value:.3g}"
