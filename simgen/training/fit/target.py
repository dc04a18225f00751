"""The photographs that a config is fitted to, measured once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.config.compose import load_config
from simgen.errors import InputError
from simgen.formats.sources import open_source
from simgen.stats.gap.content import count, side_in_image
from simgen.stats.gap.measuring import Measured, measure
from simgen.stats.gap.scale import MOST_PIXELS, Scale
from simgen.stats.gap.sides import Side, Tell, open_side
from simgen.training.photographs.classes import map_classes
from simgen.training.study.scene_choice import choose_scene, synthetic_classes

_LEAST = 4
"""Minimum number of images."""
_NO_CROPS = 16


@dataclass(frozen=True)
class Target:
    """The target of a fit.

    measured: appearance at `scale`. size: width and height of the images to render. class_map:
    synthetic class to real class; empty without boxes. shares: of these real classes, among their
    boxes. overrides: of `simgen generate`, including the stage. remarks: caveats for readers.
    """

    measured: Measured
    scale: Scale
    size: tuple[int, int]
    class_map: Mapping[str, str]
    shares: Mapping[str, float]
    overrides: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def side(self) -> Side:
        return self.measured.side

    @property
    def counts(self) -> np.ndarray:
        """Return the number of objects in each image, octaves of 1 + n."""
        classes = frozenset(self.shares)
        return np.concatenate([count(one, one.of(classes)) for one in self.side.entries])

    @property
    def sizes(self) -> np.ndarray:
        """Return the size of each object, octaves relative to the image's side."""
        classes = frozenset(self.shares)
        parts = [side_in_image(one, one.of(classes)) for one in self.side.entries]
        return np.concatenate(parts)


def read_target(
    path: str,
    overrides: Sequence[str],
    *,
    renamed: Mapping[str, str],
    limit: int,
    longest: int,
    tell: Tell,
    plugins: Sequence[str] = (),
) -> Target:
    """Measure the images at a path, and choose a stage and classes that suit them.

    overrides: of `simgen generate`; without `scene=` the stage is chosen. renamed: synthetic class
    to real class, in addition to equal names. limit: maximum number of images, 0 for all. longest:
    maximum side of the images to render, pixels. Raises `InputError`.
    """
    side = open_side(path, limit, "auto", {})
    if len(side.entries) < _LEAST:
        raise InputError(f"{path}: {len(side.entries)} readable images; expected at least {_LEAST}")
    stage, remarks = _stage(path, side, overrides, plugins)
    overrides = (*stage, *overrides)
    class_map: dict[str, str] = {}
    if side.labelled:
        generated, aliases = synthetic_classes(load_config(overrides), plugins)
        class_map = map_classes(generated, aliases, side.classes, renamed)
    size, words = _size(side, longest)
    scale = Scale("area", "images of one area", area=min(size[0] * size[1], MOST_PIXELS))
    measured = measure(side, (scale,), None, _NO_CROPS, tell)
    boxes = Counter(name for entry in side.entries for name in entry.classes)
    known = {name: boxes[name] for name in set(class_map.values()) if boxes[name]}
    shares = {name: known[name] / sum(known.values()) for name in sorted(known)}
    return Target(
        measured=measured,
        scale=scale,
        size=size,
        class_map={own: real for own, real in class_map.items() if real in shares},
        shares=shares,
        overrides=overrides,
        remarks=(*remarks, *words, *_left_out(boxes, shares), *measured.side.left_out),
    )


def _stage(
    path: str, side: Side, overrides: Sequence[str], plugins: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the override that chooses a stage unless the user did, and a remark."""
    if any(word.startswith("scene=") for word in overrides):
        return (), ()
    if not side.labelled:
        remark = "no boxes, so only the appearance is fitted; choose the stage with scene=..."
        return (), (f"{side.name}: {remark}",)
    scene, why = choose_scene(list(open_source(path)), side.classes, overrides, plugins)
    return (f"scene={scene}",), (why,)


def _size(side: Side, longest: int) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Return width and height in pixels of the images to render: median area and median aspect
    ratio, even numbers, reduced if too large."""
    sizes = np.array([entry.size for entry in side.entries], float)
    area, aspect = np.median(sizes.prod(axis=1)), np.median(sizes[:, 0] / sizes[:, 1])
    middle = np.sqrt(np.array([area * aspect, area / aspect]))
    factor = min(1.0, longest / float(middle.max()))
    width, height = (max(64, 2 * round(float(one) * factor / 2)) for one in middle)
    words = []
    if factor < 1.0:
        words.append(
            f"photographs have {middle[0]:.0f} x {middle[1]:.0f} pixels, renders {width} x "
            f"{height}, so objects are scaled by {factor:.2g}; for larger images, set --longest"
        )
    other = float((np.abs(np.log2(sizes[:, 0] / sizes[:, 1] * height / width)) > 0.2).mean())
    if other > 0.05:
        words.append(
            f"{other:.0%} of the photographs have another aspect ratio than {width} x {height}; "
            "all images of a dataset have the same size"
        )
    return (width, height), tuple(words)


def _left_out(boxes: Mapping[str, int], shares: Mapping[str, float]) -> list[str]:
    others = sorted(set(boxes) - set(shares), key=lambda name: -boxes[name])
    if not others:
        return []
    shown = ", ".join(others[:8]) + (" ..." if len(others) > 8 else "")
    return [f"{sum(boxes[n] for n in others):,} boxes of classes that are not generated: {shown}"]
