"""Former values of the stages' files in `configs/scene/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from simgen.resources import resource

_FORMER: dict[str, dict[str, tuple[Any, ...]]] = {
    "aerial": {  # until 2026-11-24, 23 or 22
        "objects.count_range": ([24, 56], [16, 36]),
        "objects.weights": (["tree:2", "house:1", "car:4"], ["tree:2", "house:1", "car:1"]),
        "placement.gap_range": ([0.5, 3.0],),
        "camera.distance_range": ([60.0, 160.0], [40.0, 120.0]),
        "camera.focal_length_mm_range": ([24.0, 50.0],),
        "camera.gsd_range": ([0.12, 0.3], None),
    },
    "forest": {  # until 2026-11-24
        "objects.count_range": ([1, 2],),
        "weather.kinds": (["clear"],),
        "sensor.exposure_range": (["normal", 0.0, 0.4, -1.2, 1.2],),
        "sensor.auto_white_balance_range": (0.0,),
        "sensor.blur_range": ([0.2, 0.4],),
        "sensor.sharpening_range": ([0.5, 1.2],),
    },
    "outdoor": {"placement.poses": (["upright:0.9", "side:0.1"],)},  # until 2026-11-25
    "room": {"assets.tags": (["tabletop", "furniture", "floor"],)},  # until 2026-11-22
    "shelf": {"camera.fill_range": ([1.1, 1.9],)},  # until 2026-11-22
}
"""Former values by stage and config key, the latest first."""


def former_numbers(stage: str) -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Return the changed keys of a stage's file, each with its present and its former values.

    The present value is None for a key that the file no longer sets.
    """
    former = _FORMER.get(stage)
    if former is None:
        return {}
    file = resource("configs") / "scene" / f"{stage}.yaml"
    now = dict(_flat(yaml.safe_load(file.read_text(encoding="utf-8"))))
    return {key: (now.get(key), then) for key, then in former.items()}


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
