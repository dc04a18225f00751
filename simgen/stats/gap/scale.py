"""Scales at which images are compared: equal image area, and equal object size in pixels.

A photograph of 12 megapixels is not sharper than a render of 640 x 480 just because its pixels are
smaller. But the right common scale is ambiguous: a set with objects of half the size may have been
taken from farther away, or with fewer pixels. Appearance is therefore measured at both scales, and
the smaller difference counts (`simgen.stats.gap.ranking`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.stats.gap.sides import Entry, Side

MOST_PIXELS = 2**20
"""Maximum number of pixels of a measured image."""
_LEAST_OBJECT = 8.0
"""Minimum size of objects after scaling, pixels."""
_ALIKE = 1.15
"""Ratio of factors below which two scales count as equal."""


@dataclass(frozen=True)
class Scale:
    """One way to make two sets comparable.

    id: `area`, `objects` or `metres`. words: description. area: maximum number of pixels of an
    image; 0 to use `factor`. factor: on all images, at most 1.
    """

    id: str
    words: str
    area: float = 0.0
    factor: float = 1.0

    def of(self, size: tuple[int, int]) -> float:
        """Return the factor for an image of a size."""
        pixels = max(1, size[0] * size[1])
        factor = min(1.0, (self.area / pixels) ** 0.5) if self.area else self.factor
        return min(factor, (MOST_PIXELS / pixels) ** 0.5)


def scales(
    synthetic: Side,
    real: Side,
    classes: frozenset[str] | None,
    gsd: tuple[float, float] | None = None,
) -> tuple[tuple[Scale, ...], tuple[Scale, ...]]:
    """Return the scales of both sets, equally many for each, equal area first.

    classes: of the objects to bring to equal size. gsd: metres per pixel of both sets, if known; it
    then replaces object size.
    """
    areas = [float(np.median([w * h for w, h in _sizes(side)])) for side in (synthetic, real)]
    area = min(*areas, MOST_PIXELS)
    plain = Scale("area", f"images of {area / 1e6:.2g} megapixels", area=area)
    other = _by_metres(gsd) if gsd else _by_objects(synthetic, real, classes)
    if other is None or all(
        _alike(scale, side, plain) for scale, side in zip(other, (synthetic, real), strict=True)
    ):
        return (plain,), (plain,)
    return (plain, other[0]), (plain, other[1])


def object_side(entries: tuple[Entry, ...], classes: frozenset[str] | None) -> float:
    """Return the median square root of the box area, pixels; NaN without objects."""
    boxes = np.concatenate([entry.of(classes) for entry in entries])
    sides = np.sqrt(np.maximum(boxes[:, 2] * boxes[:, 3], 0))
    return float(np.median(sides)) if len(sides) else float("nan")


def _sizes(side: Side) -> list[tuple[int, int]]:
    return [entry.size for entry in side.entries]


def _by_objects(
    synthetic: Side, real: Side, classes: frozenset[str] | None
) -> tuple[Scale, Scale] | None:
    sides = [object_side(side.entries, classes) for side in (synthetic, real)]
    if not all(np.isfinite(sides)) or min(sides) <= 0:
        return None
    wanted = max(min(sides), min(_LEAST_OBJECT, *sides))
    words = f"objects of {wanted:.3g} pixels"
    first, second = (Scale("objects", words, factor=min(1.0, wanted / one)) for one in sides)
    return first, second


def _by_metres(gsd: tuple[float, float]) -> tuple[Scale, Scale]:
    coarse = max(gsd)
    words = f"{coarse:.3g} m per pixel"
    first, second = (Scale("metres", words, factor=one / coarse) for one in gsd)
    return first, second


def _alike(scale: Scale, side: Side, plain: Scale) -> bool:
    sizes = _sizes(side)
    ratio = float(np.median([scale.of(size) / plain.of(size) for size in sizes]))
    return 1 / _ALIKE < ratio < _ALIKE
