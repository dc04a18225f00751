"""Perimeter blocks: tall terraced houses around a courtyard, which line the streets of towns.

Their fronts are at the edge of the pavement, and the courtyard is z = 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.geometry.solids import Solid, box, extrude, rotate, uv
from simgen.spec.rng import Stream

from .plots import Plot
from .shapes import Solids, placed, untouched

DEPTH = (10.5, 13.5)
"""Depth of a house from front to back, metres."""
SLOTS = {
    "facade_a": ("plaster",),
    "facade_b": ("plaster", "plaster", "brick"),
    "roof_tile": ("roof_tiles",),
    "roof_flat": ("concrete", "gravel", "asphalt"),
    "panes": ("window_glass",),
    "roof_metal": ("painted", "brushed_metal", "concrete"),
}
_STOREY = 3.2
_LONG = (13.0, 24.0)
"""Width of a house along the street, metres."""
_EAVES = 0.35
_GLAZED = 75.0
"""Distance from the centre of the district up to which blocks have windows, metres."""


@dataclass(frozen=True)
class _Style:
    """Shared properties of the houses of a block. kind: `gable`, `mansard` or `flat` roofs.
    columns: spacing of windows, metres; 0 for no windows."""

    depth: float
    storeys: int
    kind: str
    pitch: float
    dormers: float
    columns: float


def perimeter(block: Plot, rng: Stream) -> Solids:
    """Build the houses around a block, without collision pieces, since no object gets there. Only
    blocks near the centre of the district have windows."""
    near = float(np.linalg.norm(block.middle)) < _GLAZED
    style = _Style(
        float(rng.uniform(*DEPTH)),
        int(rng.integers(3, 6)),
        str(rng.choice(["gable", "gable", "gable", "mansard", "flat"])),
        float(rng.uniform(0.45, 0.75)),
        float(rng.uniform(0.0, 1.0)),
        float(rng.uniform(2.4, 3.4)) if near else 0.0,
    )
    return untouched(_around(block, style, rng))


def courtyard(block: Plot, slot: str) -> Plot:
    """Return the part of a block inside the houses of `perimeter`, whether or not each of them
    exists."""
    deep = DEPTH[1] + 0.4
    low, high = np.array(block.low) + deep, np.array(block.high) - deep
    return Plot((float(low[0]), float(low[1])), (float(high[0]), float(high[1])), slot)


def takes(block: Plot) -> bool:
    """Return whether a block is wide enough for houses around a courtyard."""
    return float(min(block.half)) > DEPTH[1] + 5.0


def _around(block: Plot, style: _Style, rng: Stream) -> Iterator[Solid]:
    """Yield houses along x from corner to corner, and along y between these."""
    x, y = block.half
    sides = (
        (np.array([0.0, -y]), 0.0, x),
        (np.array([0.0, y]), np.pi, x),
        (np.array([-x, 0.0]), -np.pi / 2, y - style.depth),
        (np.array([x, 0.0]), np.pi / 2, y - style.depth),
    )
    for shift, turn, half in sides:
        at = -half
        while at < half - 1.0:
            long = float(rng.uniform(*_LONG))
            long = 2 * half if long > 1.6 * half else long
            end = half if at + 1.4 * long > half else at + long
            made = placed(list(_house(at, end, style, rng)), (0.0, 0.0, 0.0), turn)
            yield from placed(made, (*(block.middle + shift), 0.0))
            at = end


def _house(start: float, end: float, style: _Style, rng: Stream) -> Iterator[Solid]:
    """Yield one house from `start` to `end` along x, with its front at y = 0."""
    storeys = style.storeys + int(rng.choice([-1, 0, 0, 0, 1]))
    high = storeys * _STOREY + 0.8
    wall = str(rng.choice(["facade_a", "facade_a", "facade_b"]))
    yield box((start, 0.0, -0.02), (end, style.depth, high), wall)
    if style.columns:
        yield from _windows(start, end, style, storeys)
    if style.kind == "flat":
        yield from _flat(start, end, style.depth, high, rng)
    else:
        yield from _pitched(start, end, style, high, rng)


def _windows(start: float, end: float, style: _Style, storeys: int) -> Iterator[Solid]:
    """Yield windows to the street and to the courtyard."""
    columns = max(1, int((end - start) / style.columns))
    for x in start + (np.arange(columns) + 0.5) * (end - start) / columns:
        for storey in range(storeys):
            low = storey * _STOREY + 1.5
            for y in (-0.03, style.depth + 0.01):
                yield box((x - 0.6, y, low), (x + 0.6, y + 0.02, low + 1.6), "panes")


def _flat(start: float, end: float, deep: float, high: float, rng: Stream) -> Iterator[Solid]:
    """Yield a parapet, and the equipment on a flat roof."""
    yield box((start, 0.3, high), (end, deep - 0.3, high + 0.06), "roof_flat")
    for y in (0.0, deep - 0.3):
        yield box((start, y, high), (end, y + 0.3, high + 0.5), "roof_metal")
    for _ in range(int(rng.integers(1, 5))):
        half = rng.uniform(0.4, 1.6, 2)
        room = np.maximum([(end - start) / 2 - half[0], deep / 2 - half[1] - 0.5], 0.0)
        x, y = np.array([(start + end) / 2, deep / 2]) + rng.uniform(-1.0, 1.0, 2) * room
        low = (float(x - half[0]), float(y - half[1]), high)
        top = (float(x + half[0]), float(y + half[1]), high + float(rng.uniform(0.4, 2.4)))
        yield box(low, top, "roof_metal")


def _pitched(start: float, end: float, style: _Style, high: float, rng: Stream) -> Iterator[Solid]:
    """Yield a gable or mansard roof along x with dormers, skylights and chimneys."""
    deep, rise = style.depth, np.tan(style.pitch)
    if style.kind == "mansard":
        steep, top = 1.6, high + 2.6
        ridge = top + (deep / 2 - steep) * 0.35
        line = [(-_EAVES, high), (deep + _EAVES, high), (deep - steep, top), (deep / 2, ridge),
                (steep, top)]  # fmt: skip
    else:
        ridge = high + (deep / 2 + _EAVES) * rise
        line = [(-_EAVES, high), (deep + _EAVES, high), (deep / 2, ridge)]
    slot = "roof_flat" if style.kind == "mansard" and rng.random() < 0.4 else "roof_tile"
    yield uv.box_projection(extrude(np.array(line), start, end, slot, axis=0))
    count = int((end - start - 2.0) / rng.uniform(2.8, 4.2))
    dormers, lights, far = rng.random(3) < (style.dormers, 0.6, 0.5)
    spots = start + (np.arange(count) + 0.5) * (end - start) / max(count, 1)
    for x in (float(spot) for spot in spots):
        if dormers:
            yield from _dormer(x, high, rise if style.kind == "gable" else 1.6)
        if lights and style.kind == "gable":
            yield _skylight(x, 0.68, high, style)
        if far and style.kind == "gable":
            yield _back(_skylight(-x, 0.5, high, style), deep)
    for x in (start + 0.4, (start + end) / 2):
        y = deep / 2 + float(rng.choice([-0.9, 0.7]))
        yield box((x - 0.3, y - 0.5, ridge - 1.5), (x + 0.4, y + 0.5, ridge + 0.7), "roof_metal")


def _dormer(x: float, high: float, rise: float) -> Iterator[Solid]:
    """Yield a box with a flat roof that protrudes from the front slope."""
    front, top = 0.7, high + 0.7 * rise + 1.3
    back = front + 2.6 / max(rise, 0.8)
    yield box((x - 0.75, front, high), (x + 0.75, back, top), "facade_a")
    yield box((x - 0.9, front - 0.15, top), (x + 0.9, back, top + 0.1), "roof_metal")
    yield box((x - 0.5, front - 0.02, top - 1.2), (x + 0.5, front + 0.01, top - 0.2), "panes")


def _skylight(x: float, share: float, high: float, style: _Style) -> Solid:
    """Build a skylight on the front slope, at a fraction of the way from eaves to ridge."""
    run = share * (style.depth / 2 + _EAVES)
    pane = box((x - 0.4, -0.6, 0.0), (x + 0.4, 0.6, 0.06), "panes")
    place = (0.0, run - _EAVES, high + run * np.tan(style.pitch))
    return placed([rotate(pane, 0, style.pitch)], place)[0]


def _back(made: Solid, deep: float) -> Solid:
    """Mirror a solid to the other side of a house."""
    return placed(placed([made], (0.0, 0.0, 0.0), np.pi), (0.0, deep, 0.0))[0]
