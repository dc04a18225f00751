"""Banana: a rounded pentagon swept along an arc, lying on its side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, curves, keypoints, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Banana:
    length: float = between(0.155, 0.205)  # along the arc, with stem and tip
    radius: float = between(0.0145, 0.0190)
    bend: float = between(1.2, 1.9)  # turn of the direction from end to end, radians
    bend_shift: float = between(-0.25, 0.25)  # position of the strongest bend
    ridge: float = between(0.055, 0.095)
    flat: float = between(0.92, 1.00)
    twist: float = between(0.0, 1.2566)
    stem: float = between(0.12, 0.18)  # of the length
    stem_radius: float = between(0.0036, 0.0050)
    tip: float = between(0.035, 0.055)


_RINGS = 56
_AROUND = 30
_CUTS = (0, 0.01, 0.06, 0.13, 0.19, 0.27, 0.37, 0.47, 0.57, 0.66, 0.75, 0.83, 0.9, 0.95, 0.988, 1)
"""Positions along the arc, 0..1, at which the collision pieces meet."""


def build(p: Banana) -> MeshData:
    at = _stations(p)
    rings = sections.sweep(_path(p, at), np.zeros((_AROUND, 2)), (0, 0, 1))
    rings = rings + _sections(p, at)
    middle = (rings.reshape(-1, 3).max(axis=0) + rings.reshape(-1, 3).min(axis=0)) / 2
    rings = rings - middle
    edge = (at[:-1] + at[1:]) / 2
    dark = (edge < 0.016) | (edge > 1 - 0.024)
    names = ["stem", *np.where(dark, "stem", "skin"), "stem"]
    part = solids.loft(rings, names)
    cut = np.searchsorted(at, _CUTS)
    filling = [pieces.slab(rings[[a, b]], _AROUND) for a, b in pairwise(cut)]
    return solids.assemble([part], ("skin", "stem"), filling, _keypoints(rings))


def _keypoints(rings: np.ndarray) -> Keypoints:
    """Return both ends, and the midpoints of the inside and the outside of the bend."""
    middle = rings[len(rings) // 2]
    points = {
        "stem_tip": rings[0].mean(axis=0),
        "inner_middle": middle[0],
        "outer_middle": middle[_AROUND // 2],
        "blossom_tip": rings[-1].mean(axis=0),
    }
    inner = keypoints.chain("stem_tip", "inner_middle", "blossom_tip")
    return Keypoints(points, inner + keypoints.chain("stem_tip", "outer_middle", "blossom_tip"))


def _stations(p: Banana) -> np.ndarray:
    """Return the positions of the rings along the arc, 0..1, denser where the width changes."""
    tip = p.tip
    ends = [0.0, 0.0012, 0.003, 0.006, 0.0105, 0.0115, 0.02]
    body = np.linspace(0.035, 1 - tip - 0.01, _RINGS - 19)
    last = np.linspace(1 - tip, 1 - 0.011, 6)
    close = 1 - np.array([0.0098, 0.0085, 0.006, 0.003, 0.0012, 0.0])
    return np.concatenate([ends, body, last, close])


def _path(p: Banana, at: np.ndarray) -> np.ndarray:
    """Return the points (`n x 3`) of the centre line in the plane z = 0, by summing directions."""
    fine = np.linspace(0.0, 1.0, 400)
    # The stem is straight; the bend is spread over the rest and strongest near its middle.
    weight = np.exp(-(((fine - 0.5 - p.bend_shift) / 0.38) ** 2)) * (fine > 0.06)
    angle = np.cumsum(weight)
    angle = p.bend * (angle / angle[-1] - 0.5)
    step = p.length / (len(fine) - 1)
    x, y = np.cumsum(np.cos(angle)) * step, np.cumsum(np.sin(angle)) * step
    return np.stack([np.interp(at, fine, x), np.interp(at, fine, y), np.zeros(len(at))], axis=1)


def _radius(p: Banana, at: np.ndarray) -> np.ndarray:
    """Return the mean radius along the arc, metres."""
    r, stem, tip = p.radius, p.stem_radius, p.tip
    knots = [0, 0.4 * p.stem, 0.75 * p.stem, 1.25 * p.stem, 0.34, 0.52, 0.72]
    knots += [0.86, 1 - 1.3 * tip, 1 - 0.55 * tip, 1 - 0.011, 1]
    value = [1.12 * stem, 0.92 * stem, 1.05 * stem, 0.5 * stem + 0.33 * r, 0.93 * r, r]
    value += [0.96 * r, 0.76 * r, 0.50 * r, 0.24 * r, 0.165 * r, 0.16 * r]
    fine = curves.catmull_rom(np.stack([knots, np.array(value) / r * 0.2], axis=1), 400)
    body = np.interp(at, fine[:, 0], fine[:, 1]) * r / 0.2
    end = np.minimum(at, 1 - at) / 0.006
    return body * (0.55 + 0.45 * np.sqrt(np.clip(1 - (1 - np.minimum(end, 1)) ** 2, 0, 1)))


def _sections(p: Banana, at: np.ndarray) -> np.ndarray:
    """Return the offsets of each ring's points from its point on the path, `n x m x 3`."""
    along = curves.tangents(_path(p, at))
    normal = np.stack([-along[:, 1], along[:, 0], np.zeros(len(at))], axis=1)
    angle = 2 * np.pi * np.arange(_AROUND) / _AROUND
    full = np.clip((at - 0.5 * p.stem) / p.stem, 0, 1) * np.clip((1 - at) / 0.12, 0, 1)
    # Five ridges, sharper than their valleys, that fade towards both ends.
    phase = np.abs(np.sin(2.5 * (angle + p.twist)))
    ridge = p.ridge * (1.0 - 2.0 * phase**0.9)
    girth = _radius(p, at)[:, None] * (1 + full[:, None] * ridge)
    across, up = girth * np.cos(angle), girth * np.sin(angle) * p.flat
    return across[..., None] * normal[:, None] + up[..., None] * np.array([0.0, 0.0, 1.0])


CLASSES = (ParametricClass("banana", Banana, build),)
