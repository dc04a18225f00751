"""A room that is open towards +y, where the cameras are: floor, ceiling, a wall at the back and one
on each side."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.geometry.solids import to_mesh
from simgen.spec.scene import Vector
from simgen.stages.stage import LampPlace, Room, StagePart

from .furnishing import Item, ceiling_lamp, parts_at
from .shell import Side, ceiling, floor


@dataclass(frozen=True)
class Alcove:
    """An open room, metres.

    middle: centre of its floor in the world. width, depth, height: inner dimensions. back, left,
    right: its walls. items: furniture at the back wall. lamps: x and y of ceiling lamps in the
    world.
    """

    middle: Vector
    width: float
    depth: float
    height: float
    back: Side
    left: Side
    right: Side
    items: tuple[Item, ...] = ()
    lamps: tuple[tuple[float, float], ...] = ()
    skirting: float = 0.08

    def parts(self) -> list[StagePart]:
        """Return the shell, the furniture at the back wall and the lamps."""
        x, y, low = self.middle
        high = low + self.height
        found = [
            StagePart("floor", to_mesh([floor(self.width, self.depth)]), self.middle, "floor"),
            StagePart(
                "ceiling", to_mesh([ceiling(self.width, self.depth)]), (x, y, high), "ceiling"
            ),
        ]
        for number, side in enumerate((self.back, self.left, self.right)):
            found += side.parts(f"wall_{number}", self.middle, self.skirting)
        for number, item in enumerate(self.items):
            found += parts_at(self.back, item, self.middle, f"{item.kind}_{number}")
        for number, (a, b) in enumerate(self.lamps):
            found.append(ceiling_lamp(f"ceiling_lamp_{number}", (a, b, high)))
        return found

    def lights(self) -> tuple[LampPlace, ...]:
        """Return the ceiling lamps, floor lamps and windows."""
        low, high = self.middle[2], self.middle[2] + self.height
        found = [LampPlace("ceiling", (a, b, high - 0.07), (a, b, low), 0.3, 0.3)
                 for a, b in self.lamps]  # fmt: skip
        for item in self.items:
            if item.bulb > 0:
                here = self.back.at(self.middle, item.x, -0.26, item.bulb)
                found.append(LampPlace("bulb", here, (here[0], here[1], low), 0.08, 0.08))
        walls = (self.back, self.left, self.right)
        return (*found, *(place for side in walls for place in side.daylight(self.middle)))

    def air(self, near: float, low: float = 0.25) -> Room:
        """Return the room for cameras: in front of `near` (y in the world), `low` above z = 0."""
        x, y, z = self.middle
        half = self.width / 2 - 0.2
        return Room(
            (x - half, near, low),
            (x + half, y + self.depth / 2 - 0.1, z + self.height - 0.25),
        )
