"""The time of day in seven-segment digits, for the displays of appliances with fronts at -y."""

from __future__ import annotations

from collections.abc import Sequence

from simgen.geometry import solids
from simgen.geometry.solids import Solid

_SEGMENTS = (
    *("abcdef", "bc", "abged", "abgcd", "fgbc"),
    *("afgcd", "afgedc", "abc", "abcdefg", "abcdfg"),
)
"""Lit segments of each digit: a on top, then clockwise to f, and g in the middle."""
_PITCH, _WIDE, _TALL, _THICK = 0.24, 0.15, 0.27, 0.035
"""Distance of digits, their width and height, and the width of a segment, over the total width."""
_DEEP = 0.0008


def clock(minutes: float, middle: Sequence[float], width: float, slot: str) -> Solid:
    """Build a time of day. middle: of its back, metres. width: from the first to the last digit."""
    hours, rest = divmod(int(minutes) % 1440, 60)
    found = []
    for place, digit in enumerate(f"{hours:2d}{rest:02d}"):
        x = ((place - 1.5) * _PITCH + (-0.03 if place < 2 else 0.03)) * width
        if digit != " ":
            found += [_segment(name, x, middle, width, slot) for name in _SEGMENTS[int(digit)]]
    found += [_bar((0.0, z * width), (_THICK, _THICK), middle, width, slot) for z in (-0.07, 0.07)]
    return solids.decoration(solids.join(found))


def _segment(name: str, x: float, middle: Sequence[float], width: float, slot: str) -> Solid:
    if name in "adg":
        z = {"a": 1.0, "g": 0.0, "d": -1.0}[name] * _TALL * width / 2
        return _bar((x, z), (_WIDE - 0.02, _THICK), middle, width, slot)
    side = 1 if name in "bc" else -1
    z = (1 if name in "bf" else -1) * _TALL * width / 4
    size = (_THICK, _TALL / 2 - 0.02)
    return _bar((x + side * _WIDE * width / 2, z), size, middle, width, slot)


def _bar(
    at: tuple[float, float],
    size: tuple[float, float],
    middle: Sequence[float],
    width: float,
    slot: str,
) -> Solid:
    """Build a rectangle. at: x and z of its centre, metres. size: over the total width."""
    x, y, z = middle[0] + at[0], middle[1], middle[2] + at[1]
    u, v = (side * width / 2 for side in size)
    return solids.box((x - u, y - _DEEP, z - v), (x + u, y + 0.001, z + v), slot)
