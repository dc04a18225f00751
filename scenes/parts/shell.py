"""The shell of a rectangular room: walls with openings and fittings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.solids import Solid, box, to_mesh
from simgen.geometry.transforms import as_vector
from simgen.spec.scene import Vector
from simgen.stages.stage import LampPlace, StagePart

from . import walls
from .shapes import Solids, untouched
from .walls import THICKNESS, Opening

BACK, LEFT, RIGHT, FRONT = -np.pi / 2, np.pi, 0.0, np.pi / 2
"""Azimuths of a room's sides; the back is at -y."""


@dataclass(frozen=True)
class Side:
    """A wall of a room. azimuth: its direction from the room's centre.

    distance: metres from the centre. fixed: fittings on the wall, by kind of stuff.
    """

    azimuth: float
    distance: float
    width: float
    height: float
    openings: tuple[Opening, ...] = ()
    fixed: tuple[tuple[str, Solids], ...] = ()

    @property
    def heading(self) -> float:
        """Return the heading of furniture with its back to the wall and its front at its own -y:
        radians about z."""
        return self.azimuth - np.pi / 2

    def having(self, stuff: str, solids: Solids) -> Side:
        """Return the wall with additional fittings."""
        return replace(self, fixed=(*self.fixed, (stuff, solids)))

    def with_door(self, x: float, panels: int) -> Side:
        hole = Opening(x - 0.42, x + 0.42, 0.0, min(2.05, self.height - 0.1))
        opened = replace(self, openings=(*self.openings, hole))
        return opened.having("door", walls.door(hole, panels))

    def with_window(self, hole: Opening, rng: np.random.Generator) -> Side:
        opened = replace(self, openings=(*self.openings, hole))
        columns = max(1, round((hole.right - hole.left) / rng.uniform(0.5, 0.9)))
        made = walls.window(hole, columns, int(rng.integers(1, 3)))
        made += walls.casing(hole) if rng.random() < 0.4 else []
        return opened.having("window", untouched(made))

    def parts(self, name: str, middle: Vector, skirting: float) -> list[StagePart]:
        """Return the wall and its fittings as parts. middle: centre of the room's floor. skirting:
        its height, or 0."""
        shape = walls.wall(self.width, self.height, self.openings)
        found = [StagePart(name, to_mesh(self.put(shape)), middle, "wall")]
        more = list(self.fixed)
        if skirting > 0:
            foot = walls.skirting(self.width - 0.028, skirting, self.openings)
            more.append(("wall", foot))
        for number, (stuff, solids) in enumerate(more):
            part = StagePart(f"{name}_{stuff}_{number}", to_mesh(self.put(solids)), middle, stuff)
            found.append(part)
        return found

    def daylight(self, middle: Vector) -> list[LampPlace]:
        """Return a place for light in every window: behind it, shining into the room."""
        found = []
        for hole in self.openings:
            if hole.low > 0:
                x, z = (hole.left + hole.right) / 2, (hole.low + hole.high) / 2
                here, ahead = (
                    self.at(middle, x, THICKNESS + 0.02, z),
                    self.at(middle, x, -2.0, z - 1),
                )
                wide, high = hole.right - hole.left, hole.high - hole.low
                found.append(LampPlace("window", here, ahead, wide, high))
        return found

    def put(self, solids: Solids) -> Solids:
        """Move solids from the wall's axes to those with the origin at the centre of the floor."""
        return walls.against(solids, self.azimuth, self.distance)

    def at(self, middle: Vector, x: float, y: float, z: float) -> Vector:
        """Convert a point in the wall's axes to world coordinates. middle: centre of the room's
        floor."""
        out = np.array([np.cos(self.azimuth), np.sin(self.azimuth), 0.0])
        right = np.array([out[1], -out[0], 0.0])
        return as_vector(out * (self.distance + y) + right * x + [0.0, 0.0, z] + middle)


def hang_pictures(
    side: Side, stretch: tuple[float, float], low: float, rng: np.random.Generator
) -> Side:
    """Return the wall with up to three framed pictures in a stretch of it where nothing is higher
    than `low`."""
    room = stretch[1] - stretch[0]
    count = min(int(rng.integers(1, 4)), int(room / 0.6))
    if count < 1 or side.height - low < 0.8:
        return side
    tall = min(rng.uniform(0.3, 0.8), side.height - low - 0.5)
    frame, cell = rng.uniform(0.008, 0.05), room / count
    hung: Solids = []
    for number in range(count):
        wide = min(tall * rng.uniform(0.65, 1.5), cell - 0.2)
        x = stretch[0] + (number + 0.5) * cell + rng.uniform(-0.05, 0.05)
        z = max(1.55, low + 0.15 + tall / 2 + frame)
        z = min(z, side.height - 0.1 - tall / 2 - frame)
        slot = f"picture_{'ab'[number % 2]}"
        hung += walls.picture(x, z, wide, tall, frame, slot)
    return side.having("picture", hung)


def floor(width: float, depth: float) -> Solid:
    """Build a floor whose top is z = 0, centred on the origin."""
    return box((-width / 2, -depth / 2, -0.1), (width / 2, depth / 2, 0.0), "floor")


def ceiling(width: float, depth: float) -> Solid:
    """Build a ceiling whose underside is z = 0, centred on the origin."""
    return box((-width / 2, -depth / 2, 0.0), (width / 2, depth / 2, 0.1), "ceiling")


def four_walls(width: float, depth: float, height: float) -> tuple[Side, Side, Side, Side]:
    """Return the bare walls of a room: at -y, -x, +x and +y."""
    return (
        Side(BACK, depth / 2, width, height),
        Side(LEFT, width / 2, depth, height),
        Side(RIGHT, width / 2, depth, height),
        Side(FRONT, depth / 2, width, height),
    )


def free_stretch(side: Side, stretch: tuple[float, float]) -> tuple[float, float]:
    """Return the longest part of a stretch of wall without openings and their frames."""
    starts, ends = [stretch[0]], []
    for hole in sorted(side.openings, key=lambda hole: hole.left):
        ends.append(min(max(hole.left - 0.35, stretch[0]), stretch[1]))
        starts.append(min(max(hole.right + 0.35, stretch[0]), stretch[1]))
    pairs: Sequence[tuple[float, float]] = list(zip(starts, [*ends, stretch[1]], strict=True))
    return max(pairs, key=lambda pair: pair[1] - pair[0])
