"""Vase: a lathed vessel with foot, belly, neck and lip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Piece, curves, keypoints, pieces
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Vase:
    height: float = between(0.12, 0.26)
    belly: float = between(0.22, 0.36)  # radius over the height
    belly_at: float = between(0.28, 0.62)  # of the height
    foot: float = between(0.50, 0.80)  # over the belly
    neck: float = between(0.34, 0.75)
    neck_at: float = between(0.80, 0.90)
    lip: float = between(1.05, 1.45)  # over the neck
    wall: float = between(0.0034, 0.0052)
    base_round: float = between(0.002, 0.007)


def build(p: Vase) -> MeshData:
    outer = _outer(p)
    inner = curves.offset(outer, -p.wall)
    floor = 0.002 + 1.6 * p.wall
    start = int(np.argmax(inner[:, 1] > floor + 0.010))
    base = curves.fillet(
        [(inner[start]), (inner[start - 1, 0], floor), (0, floor)], [0, 0.008, 0], steps=6
    )
    inside = np.concatenate([inner[start:][::-1], base[1:]])
    foot = float(outer[0, 0]) - 0.3 * p.base_round
    below = curves.fillet(
        [(0, 0.002), (foot - 0.009, 0.002), (foot - 0.006, 0), (foot, 0), outer[1], outer[2]],
        [0, 0.002, 0.002, p.base_round, 0.01, 0],
    )
    profile = curves.vessel(below[:-1], outer[2:], inside)
    part = solids.lathe(profile, "body", 46)
    filling = _pieces(p, outer, inner, floor)
    return solids.assemble([part], ("body",), filling, keypoints.vessel(profile, 46))


def _outer(p: Vase) -> np.ndarray:
    """Return the outer wall (`24 x 2`) from the foot to the rim."""
    h = p.height - p.wall / 2
    belly = p.belly * p.height
    neck = max(p.neck * belly, 0.0125)
    lip = min(p.lip * neck, 0.98 * belly)
    foot = p.foot * belly
    at, rise = p.belly_at, p.neck_at - p.belly_at
    control = [(foot, 0.0), (0.55 * foot + 0.45 * belly, 0.33 * at), (0.985 * belly, 0.8 * at)]
    control += [(belly, at), (0.965 * belly, at + 0.25 * rise)]
    control += [(0.5 * (belly + neck), at + 0.62 * rise), (neck, p.neck_at)]
    control += [(0.5 * neck + 0.5 * lip, 0.96), (lip, 1.0)]
    knots = np.array(control) * (1, h)
    return curves.catmull_rom(knots, 25)


def _pieces(p: Vase, outer: np.ndarray, inner: np.ndarray, floor: float) -> list[Piece]:
    start = int(np.argmax(inner[:, 1] > floor))
    foot = (float(curves.radius_at(outer, floor)), floor)
    wall_in = np.concatenate([[(inner[start, 0], floor)], inner[start + 1 :]])
    wall_out = np.concatenate([[foot], outer[start + 1 :]])
    crest = (inner[-1] + outer[-1]) / 2 + (0, p.wall / 2)
    found = pieces.bands(wall_in, wall_out, 5, 11, crest)
    low = (outer[0, 0] - 0.4 * p.base_round, 0)
    return [pieces.disc([low, (outer[0, 0], 0.4 * p.base_round), foot], 20), *found]


CLASSES = (ParametricClass("vase", Vase, build),)
