"""Teddy bear: a plush bear that sits with its legs to the front (-y)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints
from simgen.spec.parameters import between


@dataclass(frozen=True)
class TeddyBear:
    height: float = between(0.20, 0.38)
    head: float = between(0.215, 0.25)  # half width over the height
    plump: float = between(0.20, 0.25)  # half width of the body over the height
    ear: float = between(0.075, 0.105)
    ear_spread: float = between(0.75, 0.95)  # radians from upright
    muzzle: float = between(0.095, 0.125)
    snout: float = between(0.6, 0.95)  # protrusion of the muzzle
    eye: float = between(0.016, 0.024)
    arm_raise: float = between(-0.1, 0.5)
    arm: float = between(0.070, 0.090)
    leg: float = between(0.080, 0.105)
    leg_spread: float = between(0.35, 0.62)
    tilt: float = between(-0.12, 0.12)
    nod: float = between(-0.08, 0.12)


SLOTS = ("fur", "patches", "eyes")


def build(p: TeddyBear) -> MeshData:
    wide = p.plump
    trunk = solids.ellipsoid((0, 0, 0.26), (wide, 0.88 * wide, 0.27), "fur", 32, 17)
    belly = (0.72 * wide, 0.68 * wide, 0.20)
    trunk += solids.ellipsoid((0, -0.26 * wide, 0.24), belly, "patches", 24, 13)
    body = trunk + _head(p) + solids.with_mirror(_arm(p) + _leg(p))
    tall = float(np.ptp(body.vertices[:, 2]))
    body = solids.scale(body, p.height / tall)
    edges = keypoints.chain("left_ear", "left_eye", "nose", "right_eye", "right_ear")
    return solids.finished(body, SLOTS, body.keypoints, edges)


def _head(p: TeddyBear) -> Solid:
    """Build the head at its position on the trunk, with approximate keypoints."""
    r, centre = p.head, np.array([0.0, -0.03, 0.645])
    half = r * np.array([1.0, 0.9, 0.88])
    found = [solids.ellipsoid(centre, half, "fur", 32, 17)]
    m, out = p.muzzle, 0.62 * half[1] + 0.35 * p.snout * p.muzzle
    snout = centre + np.array([0.0, -out, -0.28 * r])
    found.append(solids.ellipsoid(snout, (m, m * p.snout, 0.78 * m), "patches", 24, 13))
    nose = snout + np.array([0.0, -0.88 * m * p.snout, 0.34 * m])
    found.append(solids.ellipsoid(nose, (0.34 * m, 0.22 * m, 0.24 * m), "eyes", 18, 11))
    found.append(_mouth(snout, m, p.snout))
    marks = {"nose": nose - (0.0, 0.4 * m, 0.0)}
    for side, name in ((-1, "left"), (1, "right")):
        way = curves.unit(np.array([side * 0.44, -0.86, 0.18]))
        eye = centre + way * half * 0.94
        ball = solids.ellipsoid(eye, p.eye, "eyes", 16, 11)
        found.append(solids.decoration(ball))
        marks[f"{name}_eye"] = eye - (0.0, 2 * p.eye, 0.0)
        found.append(_ear(p, centre, half, side))
        out_way = np.array([side * np.sin(p.ear_spread), 0.0, np.cos(p.ear_spread)])
        marks[f"{name}_ear"] = centre + out_way * (half * 0.93) + out_way * 1.3 * p.ear
    head = solids.with_keypoints(solids.join(found), marks)
    return solids.rotate(solids.rotate(head, 1, p.tilt, centre), 0, p.nod, centre)


def _mouth(snout: np.ndarray, m: float, out: float) -> Solid:
    """Build a seam from the nose downwards that forks to both sides."""
    x = np.array([-0.42, -0.22, 0.0, 0.22, 0.42])
    z = np.array([-0.10, -0.26, -0.16, -0.26, -0.10])
    y = -np.sqrt(np.maximum(1 - x**2 - (z / 0.78) ** 2, 0.0)) * out
    line = snout + m * np.stack([x, y, z], axis=1)
    return solids.decoration(solids.rod(line, 0.045 * m, "eyes", (0, 1, 0), 8))


def _ear(p: TeddyBear, centre: np.ndarray, half: np.ndarray, side: int) -> Solid:
    r = p.ear
    way = np.array([side * np.sin(p.ear_spread), 0.0, np.cos(p.ear_spread)])
    at = centre + way * half * 0.93
    outer = solids.ellipsoid(at, (r, 0.45 * r, r), "fur", 24, 13)
    inner = solids.ellipsoid(
        at - (0.0, 0.22 * r, 0.0), (0.66 * r, 0.36 * r, 0.66 * r), "patches", 20, 11
    )
    return outer + solids.decoration(inner)


def _arm(p: TeddyBear) -> Solid:
    """Build the right arm, from the shoulder forwards and down."""
    r = p.arm
    start = np.array([0.80 * p.plump, -0.02, 0.42])
    lift = p.arm_raise
    way = curves.unit(np.array([0.62, -0.62, -0.55 + lift]))
    line = np.array([start + way * s for s in (0.0, 0.08, 0.16, 0.25)])
    line[2:] += np.array([[-0.005, -0.01, 0.0], [-0.03, -0.035, 0.0]])
    return _limb(line, np.array([0.85, 1.0, 0.98, 1.0]) * r, "fur")


def _leg(p: TeddyBear) -> Solid:
    """Build the right leg, lying on the ground, with a separate sole."""
    r = p.leg
    way = np.array([np.sin(p.leg_spread), -np.cos(p.leg_spread), 0.0])
    start = np.array([0.52 * p.plump, -0.30 * p.plump, 0.98 * r])
    line = np.array([start + way * s for s in (0.0, 0.09, 0.18, 0.27)])
    leg = _limb(line, np.array([1.05, 1.0, 0.92, 0.95]) * r, "fur")
    foot = line[-1] + way * 0.35 * r + np.array([0.0, 0.0, 0.18 * r])
    turn = p.leg_spread
    sole = solids.ellipsoid((0, 0, 0), (0.95 * r, 0.50 * r, 1.16 * r), "fur", 24, 15)
    pad = solids.ellipsoid((0, -0.26 * r, 0), (0.66 * r, 0.30 * r, 0.82 * r), "patches", 20, 11)
    both = solids.rotate(sole + solids.decoration(pad), 2, turn)
    return leg + solids.translate(both, foot)


def _limb(line: np.ndarray, radius: np.ndarray, slot: str) -> Solid:
    """Build a round limb with hemispherical ends, and one piece."""
    along = curves.arclength(line)
    turn = np.linspace(0, np.pi / 2, 6)[:-1]
    start, end = radius[0], radius[-1]
    inner = np.linspace(0, along[-1], 7)
    at = np.concatenate([-start * np.cos(turn), inner, along[-1] + end * np.cos(turn[::-1])])
    caps = (start * np.sin(turn).clip(0.08), end * np.sin(turn[::-1]).clip(0.08))
    wide = np.concatenate([caps[0], np.interp(inner, along, radius), caps[1]])
    first, last = curves.unit(line[1] - line[0]), curves.unit(line[-1] - line[-2])
    points = np.stack([np.interp(at, along, axis) for axis in line.T], axis=1)
    points += np.minimum(at, 0)[:, None] * first + np.maximum(at - along[-1], 0)[:, None] * last
    side = np.cross(line[-1] - line[0], (0.0, 0.0, 1.0))
    return solids.filled(solids.rod(points, wide, slot, side, 20))


CLASSES = (ParametricClass("teddy_bear", TeddyBear, build),)
