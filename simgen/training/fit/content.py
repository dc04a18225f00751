"""Adjusts the config until images show as many objects, of the same sizes, as photographs do.

The quantiles of a range are shifted, in octaves, by the error of the same quantiles of the
measurement: to double the size of objects, the camera's `fill_range` is doubled. An image depends
on more than one range (a closer camera sees fewer objects), so this takes a few rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.config import FACTORS, Config, value_of
from simgen.config.weights import weighted
from simgen.training.fit.drafts import Frame
from simgen.training.fit.quantiles import LEVELS, Range, octaves_of, range_of
from simgen.training.fit.target import Target

COUNT = "objects.count_range"
_NEAR = "camera.fill_range"
_RIVALS = ("camera.gsd_range", "camera.distance_range", "camera.object_px_range")
"""Alternatives to `_NEAR` that determine the distance of the camera."""
_NEARER = {_NEAR: 1.0, "camera.object_px_range": 1.0, "camera.gsd_range": -1.0,
           "camera.distance_range": -1.0}  # fmt: skip
"""Effect of doubling a value on sizes in the image, octaves."""
_MOST = {"drop": 40, "stack": 40}
_MOST_OF_OTHERS = 160
"""Maximum number of objects per scene; placing more takes too long."""
_STEP = 0.85
"""Share of an error that is corrected per round: less than all, since the quantiles of a few scenes
are uncertain."""
_FARTHEST = 2.5
"""Maximum shift of a range per round, octaves."""
_LEAST_WEIGHT, _MOST_WEIGHT = 0.02, 50.0
_PRIOR = 40.0
"""Weight of the photographs' class shares, as a number of objects, relative to those observed in a
round."""


@dataclass(frozen=True)
class Content:
    """The adjusted part of the config.

    number: of objects of matched classes per scene. others: number of objects of other classes,
    which the stage adds. near: range of the key `near_key`, which determines the size of objects.
    weights: of the matched synthetic classes; of others, as in the stage.
    """

    number: Range
    others: float
    near_key: str
    near: Range
    weights: Mapping[str, float]
    other_weights: Mapping[str, float]
    most: int

    def overrides(self) -> dict[str, Any]:
        """Return config keys and values."""
        total = _counts(np.clip(self.number.values + self.others, 0, self.most))
        found: dict[str, Any] = {COUNT: total.written(whole=True)}
        found[self.near_key] = self.near.written(whole=False)
        weights = dict(self.weights)
        if self.others:
            # The matched classes get their share of the objects, whatever that of the others is.
            part = float(self.number.values.mean()) / self.others
            mine, rest = sum(weights.values()), sum(self.other_weights.values())
            weights = {name: one / mine * rest * part for name, one in weights.items()}
            weights |= self.other_weights
        else:
            found["assets.classes"] = sorted(weights)
        found["objects.weights"] = [f"{name}:{one:.3g}" for name, one in weights.items()]
        return found


def start(config: Config, target: Target, placed: Sequence[str]) -> Content:
    """Return the stage's own settings in adjustable form. placed: its classes."""
    given = weighted(config.objects.weights) if config.objects.weights else {}
    of_all = {name: given.get(name, 1.0) for name in placed}
    mine = {name: of_all[name] for name in target.class_map if of_all.get(name, 0) > 0}
    mine = mine or dict.fromkeys(target.class_map, 1.0)
    # A stage that weights its classes needs them together: a street has trees beside its cars.
    rest = {name: one for name, one in of_all.items() if name not in mine and given and one > 0}
    part = sum(mine.values()) / (sum(mine.values()) + sum(rest.values()))
    total = range_of(FACTORS[COUNT].parse(config.objects.count_range))
    near_key = next((k for k in _RIVALS if value_of(config, k) is not None), _NEAR)
    methods = weighted(config.placement.methods)
    return Content(
        number=_counts(total.values * part),
        others=float(total.values.mean()) * (1 - part) if rest else 0.0,
        near_key=near_key,
        near=range_of(FACTORS[near_key].parse(value_of(config, near_key))),
        weights=_by_shares(mine, target),
        other_weights=rest,
        most=min(_MOST.get(name, _MOST_OF_OTHERS) for name in methods),
    )


def _counts(values: np.ndarray) -> Range:
    return Range(np.log2(1.0 + values), offset=1.0)


def _by_shares(mine: Mapping[str, float], target: Target) -> dict[str, float]:
    """Return weights in proportion to the real classes; synthetic classes mapped to the same real
    class share its weight."""
    several = dict.fromkeys(target.shares, 0.0)
    for name, one in mine.items():
        several[target.class_map[name]] += one
    return {
        name: one / several[target.class_map[name]] * target.shares[target.class_map[name]]
        for name, one in mine.items()
    }


@dataclass(frozen=True)
class Shown:
    """Measurements of some frames, comparable with `Target`. counts: octaves of 1 + n, per image.
    sizes: octaves relative to the image's side, per object. seen: number of objects of each real
    class."""

    counts: np.ndarray
    sizes: np.ndarray
    seen: Mapping[str, int]


def shown(frames: Sequence[Frame], target: Target) -> Shown:
    side = np.log2(target.size[0] * target.size[1]) / 2
    counts, sizes = [], []
    seen = dict.fromkeys(target.shares, 0)
    for frame in frames:
        kept = [name in target.class_map for name in frame.classes]
        boxes = frame.boxes[np.array(kept, bool)]
        counts.append(np.log2(1.0 + len(boxes)))
        sizes.append(np.log2(np.maximum(boxes[:, 2] * boxes[:, 3], 1.0)) / 2 - side)
        for name in frame.classes:
            if name in target.class_map:
                seen[target.class_map[name]] += 1
    return Shown(np.array(counts), np.concatenate(sizes), seen)


def moved(content: Content, found: Shown, target: Target) -> Content:
    """Return the config's ranges for the next round."""
    count = _difference(target.counts, found.counts)
    size = _difference(target.sizes, found.sizes) if len(found.sizes) else np.ones(len(LEVELS))
    low, high = FACTORS[content.near_key].bounds
    factor = _NEARER[content.near_key]
    by = factor * size if factor > 0 else -size[::-1]
    return replace(
        content,
        number=content.number.moved(count, 0.0, content.most),
        near=content.near.moved(by, low or 1e-6, high or 1e6),
        weights=_weights(content.weights, found, target),
    )


def _difference(real: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
    off = octaves_of(real) - octaves_of(synthetic)
    return np.clip(_STEP * off, -_FARTHEST, _FARTHEST)


def _weights(weights: Mapping[str, float], found: Shown, target: Target) -> dict[str, float]:
    """Correct class weights by how often the classes were visible, cautiously for few objects."""
    total = sum(found.seen.values())
    changed = {}
    for name, one in weights.items():
        real = target.class_map[name]
        expected = target.shares[real] * (total + _PRIOR)
        changed[name] = one * expected / (found.seen[real] + target.shares[real] * _PRIOR)
    largest = max(changed.values())
    return {
        name: float(np.clip(one / largest * 10, _LEAST_WEIGHT, _MOST_WEIGHT))
        for name, one in changed.items()
    }
