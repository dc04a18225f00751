"""Building block: a plastic toy brick with rows of studs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import keypoints
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class BuildingBlock:
    long: int = count(2, 6)  # studs
    wide: int = count(1, 2, start=1.3)
    unit: float = between(0.008, 0.0165)  # metres from stud to stud
    flat: bool = flag(above=0.85)  # a third as high


def build(p: BuildingBlock) -> MeshData:
    unit, long, wide = p.unit, p.long, p.wide
    high = (0.4 if p.flat else 1.2) * unit
    half = np.array([long, wide]) * unit / 2 - 0.0001
    body = solids.chamfered_box(
        (-half[0], -half[1], 0.0), (half[0], half[1], high), 0.03 * unit, "brick"
    )
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
            body += solids.translate(solids.convex_lathe(profile, "brick", around), at)
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
    edges = keypoints.loop(*names[:4]) + keypoints.loop(*names[4:])
    return solids.finished(body, ("brick",), marks, edges)


CLASSES = (ParametricClass("building_block", BuildingBlock, build),)
