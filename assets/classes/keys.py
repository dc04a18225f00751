"""Keys of keyboards: their layout and their caps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid

MAIN = (
    (1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -0.5, 1.0, 1.0, 1.0, 1.0, -0.5, 1.0, 1.0, 1.0, 1.0),
    (1.0,) * 13 + (2.0,),
    (1.5, *(1.0,) * 12, 1.5),
    (1.75, *(1.0,) * 11, 2.25),
    (2.25, *(1.0,) * 10, 2.75),
    (1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 1.25, 1.25),
)
"""Rows from back to front: widths in units, negative for gaps. 15 units in total."""
NAVIGATION = (
    (1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0),
    (-3.0,),
    (-1.0, 1.0, -1.0),
    (1.0, 1.0, 1.0),
)
NUMBERS = (
    (-4.0,),
    (1.0, 1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0, 1.0),
    (2.0, 1.0, 1.0),
)
LAPTOP = (
    (15 / 14,) * 14,
    (1.0,) * 13 + (2.0,),
    (1.5, *(1.0,) * 12, 1.5),
    (1.75, *(1.0,) * 11, 2.25),
    (2.25, *(1.0,) * 10, 2.75),
    (1.0, 1.0, 1.0, 1.25, 5.5, 1.25, 1.0, 1.0, 1.0, 1.0),
)


def places(
    rows: tuple[tuple[float, ...], ...], left: float, depths: tuple[float, ...]
) -> list[tuple[float, float, float, float]]:
    """Return the keys as (centre x, centre y, width, depth), in units, with the front edge at y =
    0.

    depths: of each row, from the back.
    """
    found = []
    y = sum(depths)
    for row, depth in zip(rows, depths, strict=True):
        x = left
        y -= depth
        for width in row:
            if width > 0:
                found.append((x + width / 2, y + depth / 2, width, depth))
            x += abs(width)
    return found


def cap(
    middle: tuple[float, float],
    half: tuple[float, float],
    height: tuple[float, float],
    inset: float,
    slot: str,
) -> Solid:
    """Build a key's cap, narrower at the top by `inset`, with bevelled edges. The UVs of its top
    have their origin, in metres, at the centre of the key, for printed legends."""
    low, high = height
    edge = min(0.0006, 0.3 * (high - low))
    cut = 0.16 * min(half)
    rings = []
    for shrink, z in ((0.0, low), (inset, high - edge), (inset + edge, high)):
        x, y = half[0] - shrink, half[1] - shrink
        ring = [(x, y - cut), (x - cut, y), (cut - x, y), (-x, y - cut)]
        ring += [(-x, cut - y), (cut - x, -y), (x - cut, -y), (x, cut - y)]
        rings.append([(u, v, z) for u, v in ring])
    part = solids.loft(np.array(rings), slot)
    uv = part.uv.copy()
    uv[-8:] = part.vertices[part.faces[-8:]][..., :2]
    vertices = part.vertices + (middle[0], middle[1], 0.0)
    return replace(part, vertices=vertices, uv=uv)
