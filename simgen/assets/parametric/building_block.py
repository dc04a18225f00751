"""Building block: a toy brick of plastic with studs in rows."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import bodies, landmarks, shapes
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "long": (2.0, 6.99),  # studs
    "wide": (1.3, 2.99),
    "unit": (0.008, 0.0165),  # metres from stud to stud
    "flat": (0.0, 1.0),  # a third as high above 0.85
}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def build(p: dict[str, float]) -> MeshData:
    unit, long, wide = p["unit"], int(p["long"]), int(p["wide"])
    high = (0.4 if p["flat"] > 0.85 else 1.2) * unit
    half = np.array([long, wide]) * unit / 2 - 0.0001
    body = bodies.block((-half[0], -half[1], 0.0), (half[0], half[1], high), 0.03 * unit, "brick")
    r, stud = 0.30 * unit, 0.21 * unit
    profile = [
        (0, -0.02 * unit),
        (r, -0.02 * unit),
        (r, stud - 0.04 * unit),
        (r - 0.04 * unit, stud),
        (0, stud),
    ]
    around = 28
    for i in range(long):
        for j in range(wide):
            at = ((i + 0.5 - long / 2) * unit, (j + 0.5 - wide / 2) * unit, high)
            body += bodies.moved(bodies.turning(profile, "brick", around), at)
    marks = {}
    for level, z in (("bottom", 0.0), ("top", high)):
        for name, x, y in (
            ("front_left", -1, -1),
            ("front_right", 1, -1),
            ("back_right", 1, 1),
            ("back_left", -1, 1),
        ):
            marks[f"{level}_{name}"] = (x * half[0], y * half[1], z)
    names = list(marks)
    edges = landmarks.loop(*names[:4]) + landmarks.loop(*names[4:])
    return bodies.built(body, ("brick",), marks, edges)
