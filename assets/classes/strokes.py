"""Digits and letters of straight strokes, for dials and signs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves

Line = tuple[tuple[float, float], ...]

_ROUND: Line = ((0.12, 0), (0, 0.2), (0, 0.8), (0.12, 1), (0.45, 1), (0.57, 0.8), (0.57, 0.2),
                (0.45, 0), (0.12, 0))  # fmt: skip
GLYPHS: dict[str, tuple[Line, ...]] = {
    "0": (_ROUND,),
    "1": (((0.1, 0.8), (0.3, 1), (0.3, 0)),),
    "2": (((0, 0.8), (0.12, 1), (0.45, 1), (0.57, 0.75), (0, 0), (0.6, 0)),),
    "3": (((0, 1), (0.55, 1), (0.25, 0.58), (0.5, 0.48), (0.57, 0.22), (0.42, 0), (0, 0)),),
    "4": (((0.6, 0.28), (0, 0.28), (0.42, 1), (0.42, 0)),),
    "5": (((0.55, 1), (0.06, 1), (0.02, 0.55), (0.4, 0.6), (0.57, 0.3), (0.4, 0), (0, 0)),),
    "6": (((0.5, 1), (0.1, 0.6), (0, 0.2), (0.15, 0), (0.45, 0), (0.57, 0.25), (0.42, 0.52),
           (0.06, 0.42)),),
    "7": (((0, 1), (0.58, 1), (0.2, 0)),),
    "8": (((0.28, 0.53), (0.05, 0.75), (0.15, 1), (0.42, 1), (0.52, 0.75), (0.28, 0.53),
           (0, 0.22), (0.12, 0), (0.45, 0), (0.57, 0.22), (0.28, 0.53)),),
    "9": (((0.07, 0), (0.47, 0.4), (0.57, 0.8), (0.42, 1), (0.12, 1), (0, 0.75), (0.15, 0.48),
           (0.51, 0.58)),),
    "S": (((0.55, 0.8), (0.42, 1), (0.12, 1), (0, 0.78), (0.1, 0.57), (0.47, 0.43), (0.57, 0.22),
           (0.45, 0), (0.12, 0), (0, 0.2)),),
    "T": (((0, 1), (0.6, 1)), ((0.3, 1), (0.3, 0))),
    "O": (_ROUND,),
    "P": (((0, 0), (0, 1), (0.42, 1), (0.57, 0.86), (0.57, 0.6), (0.42, 0.45), (0, 0.45)),),
}  # fmt: skip
"""Glyph -> its lines: x to the right, y up, 1 tall and about 0.6 wide."""
ADVANCE = 0.82
"""Width of a glyph and the space after it, relative to its height."""


def stroke(
    start: np.ndarray, end: np.ndarray, width: float, low: float, high: float, slot: str
) -> Solid:
    """Build a straight bar between two points (2) in the plane z = 0, from height `low` to
    `high`."""
    along = curves.unit(end - start)
    reach = along * 0.35 * width
    across = np.array([-along[1], along[0]]) * width / 2
    corners = (start - reach - across, end + reach - across, end + reach + across)
    outline = np.array([*corners, start - reach + across])
    return solids.decoration(solids.extrude(outline, low, high, slot))


def text(letters: str, height: float, width: float, low: float, high: float, slot: str) -> Solid:
    """Build letters in the plane z = 0, centred on the origin. width: of a stroke, metres."""
    span = (len(letters) - 1) * ADVANCE + 0.58
    found = []
    for place, letter in enumerate(letters):
        for line in GLYPHS[letter]:
            points = (np.array(line) + (place * ADVANCE - span / 2, -0.5)) * height
            # Strokes that meet have slightly different heights, so that no faces coincide.
            for number, (start, end) in enumerate(pairwise(points)):
                lift = (number % 2) * 0.06 * (high - low)
                found.append(stroke(start, end, width, low, high - lift, slot))
    return solids.join(found)


def upright(body: Solid) -> Solid:
    """Turn a solid built face up in the plane z = 0 to face the front (-y), with its top up."""
    return solids.rotate(body, 0, np.pi / 2)
