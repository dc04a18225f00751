"""Fittings of house roofs: dormers, skylights, solar panels, which resemble cars as seen from
above. A slope rises from the eaves at -y to the ridge at y = 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simgen.geometry import solids
from simgen.geometry.solids import Solid

TILES = 0.16
"""Thickness of a slope, metres."""
_PANEL = (1.0, 1.7)
"""Size of a solar panel along the eaves and up the slope, metres."""


@dataclass(frozen=True)
class Slope:
    """A roof slope. deep: horizontal distance from the wall to the ridge, metres. pitch: radians.
    eave: height of the slope's underside at the wall, metres."""

    deep: float
    pitch: float
    eave: float

    def top(self, y: float) -> float:
        """Return the height of the tiles at `y`."""
        return self.eave + np.tan(self.pitch) * (self.deep + y) + TILES / np.cos(self.pitch)

    def laid(self, solid: Solid, y: float) -> Solid:
        """Move a solid built at the origin in the xy plane onto the tiles."""
        return solids.translate(solids.rotate(solid, 0, self.pitch), (0.0, y, self.top(y)))


def window(wide: float, tall: float) -> Solid:
    """Build a window in a wall at y = 0 that faces the front, with its sill at z = 0."""
    x, f = wide / 2, 0.07
    frame = [
        ((-x, -0.05, 0.0), (-x + f, 0.05, tall)),
        ((x - f, -0.05, 0.0), (x, 0.05, tall)),
        ((-f / 2, -0.045, 0.01), (f / 2, 0.05, tall - 0.01)),
        ((-x, -0.052, 0.0), (x, 0.05, f)),
        ((-x, -0.052, tall - f), (x, 0.05, tall)),
        ((-x - 0.08, -0.13, -0.06), (x + 0.08, 0.05, 0.0)),
    ]
    pane = ((-x + 0.01, -0.022, 0.01), (x - 0.01, 0.04, tall - 0.01))
    glass = solids.chamfered_box(*pane, 0.004, "windows")
    return solids.decoration(solids.chamfered_boxes("frames", 0.008, frame) + glass)


def dormers(slope: Slope, places: Iterable[float]) -> Solid:
    """Build flat-roofed dormers. places: x of their centres, metres."""
    front, half = -0.72 * slope.deep, 0.95
    tall = min(1.35, 0.5 * slope.deep * np.tan(slope.pitch))
    high = slope.top(front) + tall
    back = front + tall / np.tan(slope.pitch) + 0.1
    walls = ((-half, front, high - tall - 0.1), (half, back, high))
    cover = ((-half - 0.15, front - 0.2, high), (half + 0.15, back + 0.2, high + 0.12))
    one = solids.chamfered_box(*walls, 0.01, "walls")
    one += solids.decoration(solids.chamfered_box(*cover, 0.02, "frames"))
    pane = solids.translate(window(1.3, tall - 0.35), (0.0, front, high - tall + 0.25))
    return _repeated(one + pane, places)


def skylights(slope: Slope, places: Iterable[float], y: float) -> Solid:
    """Build windows in the tiles, below the ridge. y: negative, metres."""
    frame = solids.chamfered_box((-0.48, -0.7, -0.02), (0.48, 0.7, 0.07), 0.01, "frames")
    pane = solids.chamfered_box((-0.39, -0.61, 0.0), (0.39, 0.61, 0.085), 0.005, "windows")
    return _repeated(slope.laid(solids.decoration(frame + pane), y), places)


def panels(slope: Slope, half: float, y: float) -> Solid:
    """Build two rows of solar panels centred on x = 0 that fill the slope's width. half: half of
    that width, metres. y: between the rows."""
    wide, long = _PANEL
    count = max(1, int((2 * half - 1.0) / (wide + 0.03)))
    corners = []
    for column in range(count):
        x = (column - (count - 1) / 2) * (wide + 0.03)
        for row in (-1, 0):
            low = (x - wide / 2, row * (long + 0.03), 0.04)
            corners.append((low, (x + wide / 2, low[1] + long, 0.09)))
    glass = solids.chamfered_boxes("windows", 0.008, corners)
    return slope.laid(solids.decoration(glass), y)


def _repeated(one: Solid, places: Iterable[float]) -> Solid:
    return solids.join(solids.translate(one, (x, 0.0, 0.0)) for x in places)
