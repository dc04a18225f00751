"""Potted plant: sword-shaped leaves, a tuft of arching leaves on a trunk, or broad leaves on stems,
in a flower pot with soil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Sheet, Solid, curves, keypoints, noise
from simgen.spec.parameters import between, cases, flag

Kind = Literal["swords", "tuft", "broad"]


@dataclass(frozen=True)
class PottedPlant:
    kind: Kind = cases("swords", "tuft", "broad", at=(0.25, 0.6))
    pot_radius: float = between(0.070, 0.130)
    pot_height: float = between(0.80, 1.15)  # over its diameter
    pot_taper: float = between(0.62, 0.90)
    pot_rim: bool = flag(above=0.4)  # whether it has a collar
    tall: float = between(1.2, 2.0)  # of the plant over the pot's diameter
    leaves: float = between(0.0, 1.0)
    leaf_wide: float = between(0.85, 1.2)
    order: float = between(0.0, 1000.0)  # varies the position of each leaf


SLOTS = ("pot", "soil", "stems", "leaves")
_GOLDEN = np.pi * (3 - 5**0.5)


def build(p: PottedPlant) -> MeshData:
    r = p.pot_radius
    high = 2 * r * p.pot_height
    body = _pot(p, high) + _soil(r, high)
    plant, tip = {"swords": _swords, "tuft": _tuft, "broad": _broad}[p.kind](p, r, 2 * r * p.tall)
    body += solids.translate(plant, (0, 0, 0.93 * high))
    low = r * p.pot_taper - 0.004
    marks: dict[str, ArrayLike] = {
        "pot_left": (-r, 0.0, high),
        "pot_right": (r, 0.0, high),
        "base_left": (-low, 0.0, 0.0),
        "base_right": (low, 0.0, 0.0),
        "leaf_tip": np.asarray(tip) + (0, 0, 0.93 * high),
    }
    around = keypoints.loop("pot_left", "pot_right", "base_right", "base_left")
    return solids.finished(body, SLOTS, marks, (*around, ("pot_right", "leaf_tip")))


def _pot(p: PottedPlant, high: float) -> Solid:
    r, wall = p.pot_radius, 0.006 + 0.03 * p.pot_radius
    foot = r * p.pot_taper
    inner = high - 0.09 * high
    profile = [(0, 0), (foot - 0.004, 0), (foot, 0.004)]
    if p.pot_rim:
        below = high - 0.2 * high
        at = foot + (r - foot) * 0.78
        profile += [(at - 0.3 * wall, below - 0.003), (at + 0.9 * wall, below), (r, high - 0.003)]
    else:
        bulge = foot + (r - foot) * 0.6 + 0.02 * r
        profile += [(bulge, 0.5 * high), (r, high - 0.003)]
    profile += [(r - 0.004, high), (r - wall + 0.003, high), (r - wall, high - 0.003)]
    profile += [(r - wall, inner), (0, inner)]
    return solids.convex_lathe(profile, "pot", 48)


def _soil(r: float, high: float) -> Solid:
    """Build a convex layer of soil within the pot."""
    edge = r - 0.006 - 0.03 * r + 0.001
    profile = [(0, 0.89 * high), (edge, 0.89 * high), (edge, 0.93 * high)]
    profile += [(0.75 * edge, 0.945 * high), (0.35 * edge, 0.955 * high), (0, 0.95 * high)]
    return solids.decoration(solids.convex_lathe(profile, "soil", 32))


def leaf(path: np.ndarray, wide: np.ndarray, slot: str, cup: float = 0.15, cuts: int = 1) -> Solid:
    """Build a thin leaf along a path (`n x 3`, in a vertical plane), pointed where `wide` (`n`) is
    small.

    cup: rise of its edges over its width. cuts: number of pieces along it.
    """
    along = curves.tangents(path)
    side = curves.unit(np.cross(along[len(path) // 2], (0.0, 0.0, 1.0)))
    normal = np.cross(side, along)
    across = np.array([-0.5, 0.0, 0.5])
    middle = path[:, None] + (wide[:, None] * across)[..., None] * side
    lift = (wide[:, None] * cup * np.abs(across) * 2)[..., None] * normal[:, None]
    thick = np.array([0.15, 1.0, 0.15])[:, None] * 0.0006 * normal[:, None]
    sheet = Sheet(middle + lift - thick, middle + lift + thick)
    cut = np.round(np.linspace(0, len(path) - 1, cuts + 1)).astype(int).tolist()
    return solids.loft(sheet.rings(), slot, cuts=cut)


def _swords(p: PottedPlant, r: float, tall: float) -> tuple[Solid, np.ndarray]:
    """Build stiff upright leaves, as of a snake plant."""
    count = 7 + int(9 * p.leaves)
    found, tip = [], np.zeros(3)
    s = np.linspace(0, 1, 9)
    wide = np.interp(s, [0, 0.2, 0.6, 0.85, 1], [0.6, 0.95, 1.0, 0.65, 0.06])
    for place in range(count):
        turn = _GOLDEN * place + 0.4 * noise.signed(p.order, place, 0)
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        reach = tall * (1.0 - 0.35 * place / count + 0.15 * noise.signed(p.order, place, 1))
        root = 0.48 * r * np.sqrt(place / count) * out
        lean = (0.10 + 0.25 * place / count) * reach
        path = root + s[:, None] * (0, 0, reach) + (s**1.6)[:, None] * lean * out
        sword = leaf(path, 0.52 * r * p.leaf_wide * wide, "leaves", 0.3)
        twist = 1.2 * noise.signed(p.order, place, 2)
        found.append(solids.rotate(sword, 2, twist, root))
        if place == 0:
            tip = path[-1] + (0, 0, 0.05)
    base = solids.ellipsoid((0, 0, 0), (0.45 * r, 0.45 * r, 0.06 * r), "stems", 20, 11)
    return solids.join(found) + solids.decoration(base), tip


def _tuft(p: PottedPlant, r: float, tall: float) -> tuple[Solid, np.ndarray]:
    """Build arching leaves from the top of a trunk, as of a dragon tree."""
    count = 18 + int(8 * p.leaves)
    trunk = tall * 0.35
    line = np.array([[0, 0, -0.05 * r], [0.03 * r, 0, 0.5 * trunk], [0, 0, trunk]])
    found = [solids.rod(line, (0.13 * r, 0.11 * r, 0.10 * r), "stems", (0, 1, 0))]
    s = np.linspace(0, 1, 9)
    wide = np.interp(s, [0, 0.25, 0.55, 0.85, 1], [0.35, 0.9, 1.0, 0.5, 0.05])
    tip = np.zeros(3)
    for place in range(count):
        turn = _GOLDEN * place
        rise = 1.45 - 1.35 * place / count + 0.15 * noise.signed(p.order, place, 0)
        bend = rise - s * (0.75 + 0.5 * place / count)
        length = tall * (0.62 + 0.12 * noise.signed(p.order, place, 1))
        step = length / (len(s) - 1)
        flat = np.concatenate([[0], np.cumsum(np.cos(bend[1:]) * step)])
        high = np.concatenate([[0], np.cumsum(np.sin(bend[1:]) * step)])
        path = np.stack([flat * np.cos(turn), flat * np.sin(turn), trunk * 0.96 + high], axis=1)
        path[:, 2] -= 0.05 * trunk * place / count
        width = 0.36 * r * p.leaf_wide
        found.append(leaf(path, width * wide, "leaves", 0.25, 2))
        if place == 0:
            tip = path[-1] + (0, 0, 0.05)
    return solids.join(found), tip


def _broad(p: PottedPlant, r: float, tall: float) -> tuple[Solid, np.ndarray]:
    """Build broad leaves on stalks along a few stems, as of a rubber plant."""
    stems = 3
    count = 33 + int(12 * p.leaves)
    found, tip = [], np.zeros(3)
    tops = []
    for stem in range(stems):
        turn = 2 * np.pi * stem / stems + 0.5 * noise.signed(p.order, stem, 5)
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        high = tall * (0.88 + 0.12 * noise.signed(p.order, stem, 6))
        end = 0.45 * r * out + (0, 0, high)
        start, middle = 0.1 * r * out - (0, 0, 0.05 * r), 0.30 * r * out + (0, 0, 0.5 * high)
        tops.append((start, end))
        side = np.cross(out, (0, 0, 1))
        line, radii = np.array([start, middle, end]), (0.045 * r, 0.035 * r, 0.02 * r)
        found.append(solids.rod(line, radii, "stems", side, 8))
    s = np.linspace(0, 1, 9)
    wide = np.interp(s, [0, 0.18, 0.2, 0.4, 0.6, 0.85, 1], [0.03, 0.03, 0.10, 0.85, 1.0, 0.5, 0.04])
    for place in range(count):
        low, end = tops[place % stems]
        at = 1.0 - 0.78 * (place // stems) / (count // stems)
        turn = _GOLDEN * place + 0.5 * noise.signed(p.order, place, 0)
        rise = 0.25 + 0.9 * at**3 + 0.25 * noise.signed(p.order, place, 1)
        length = r * (1.45 - 0.35 * at + 0.15 * noise.signed(p.order, place, 2))
        way = np.array([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])
        path = low + at * (end - low) + s[:, None] * length * way
        path[:, 2] -= 0.25 * length * s**2
        found.append(leaf(path, 0.55 * length * p.leaf_wide * wide, "leaves", 0.12))
        if place == 0:
            tip = path[-1]
    return solids.join(found), tip


CLASSES = (ParametricClass("potted_plant", PottedPlant, build),)
