"""Stapler: a base with an anvil, below a steel magazine and a rounded arm hinged at the back. Its
mouth is at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Solid, curves, keypoints, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Stapler:
    length: float = between(0.110, 0.165)
    width: float = between(0.0130, 0.0175)  # half, of the base
    arm_wide: float = between(0.0085, 0.0105)  # half
    arm_high: float = between(0.020, 0.028)
    arm_back: float = between(0.45, 0.75)  # height of the arm's back over its front
    base_high: float = between(0.009, 0.013)
    open: float = between(0.10, 0.19)
    square: float = between(2.6, 4.5)
    crest: float = between(0.45, 0.75)  # position of the arm's highest point


def build(p: Stapler) -> MeshData:
    base, arm = _base(p), _arm(p)
    hinge = (0.012, 0.0, p.base_high + 0.002)
    low = p.base_high + 0.0015
    rail = ((0.05 * p.length, -0.0068, low), (0.988 * p.length, 0.0068, low + 0.0095))
    magazine = solids.filled(solids.beveled_box(*rail, 0.0006, "steel"))
    lifted = solids.sliced_loft(arm, "arm", 5, around=14) + magazine
    found = [
        solids.sliced_loft(base, "base", 3),
        solids.rotate(lifted, 1, -p.open, hinge),
        _fittings(p, hinge),
    ]
    arm = solids.rotate_points(arm, 1, -p.open, hinge)
    ends = {"back": arm[0], "arm_front": arm[-1], "base_front": base[-1]}
    points = {name: ring.mean(axis=0) for name, ring in ends.items()}
    marks = Keypoints(points, keypoints.loop(*points))
    slots, shared = ("base", "arm", "steel"), {"arm": "base"}
    return solids.assemble(found, slots, keypoints=marks, shared=shared, centred=True)


def _base(p: Stapler) -> np.ndarray:
    """Return a flat base, rounded in plan, that thickens towards the hinge."""
    ends = 1 - np.cos(np.linspace(0, np.pi / 2, 6))
    s = np.concatenate([0.07 * ends, np.linspace(0.12, 0.86, 12), 1 - 0.10 * ends[::-1]])
    plan = curves.rounding(s, 0.07).clip(0.12)
    plan = plan * curves.rounding(1 - s, 0.10).clip(0.12)
    widths = curves.monotone(s, [0, 0.35, 0.6, 0.85, 1], [0.92, 0.86, 0.86, 1.0, 1.0])
    half = p.width * widths * plan
    high = p.base_high * curves.monotone(s, [0, 0.15, 0.4, 1], [1.0, 1.0, 0.62, 0.50])
    high = high * (0.8 + 0.2 * plan)
    z = np.stack([0 * high, high], axis=1)
    y = half[:, None] * (-1, 1)
    return sections.bar(s * p.length, y, z, curves.superellipse((1.0, 1.0), 4.5, 20))


def _arm(p: Stapler) -> np.ndarray:
    """Return the closed arm, with a flat underside."""
    low = p.base_high + 0.0085
    ends = 1 - np.cos(np.linspace(0, np.pi / 2, 6))
    s = np.concatenate([0.06 * ends, np.linspace(0.10, 0.92, 15), 1 - 0.05 * ends[::-1]])
    soft = curves.rounding(s, 0.06).clip(0.1)
    nose = curves.rounding(1 - s, 0.05).clip(0.1)
    wide = p.arm_wide * curves.monotone(s, [0, 0.3, 0.8, 1], [0.92, 0.95, 1.0, 0.92])
    back, front = p.arm_back, 0.62
    top = p.arm_high * curves.monotone(s, [0, p.crest, 0.92, 1], [back, 1.0, 0.86, front])
    y = (wide * (0.55 + 0.45 * soft) * (0.6 + 0.4 * nose))[:, None] * (-1, 1)
    z = low + np.stack([0.12 * top * (1 - soft * nose), top * (0.45 + 0.55 * soft * nose)], axis=1)
    section = curves.superellipse((1.0, 1.0), p.square, 22)
    section[:, 1] = np.where(section[:, 1] < 0, -(np.abs(section[:, 1]) ** 0.45), section[:, 1])
    return sections.bar(s * p.length * 0.985 + 0.001, y, z, section)


def _fittings(p: Stapler, hinge: tuple[float, float, float]) -> Solid:
    """Build the anvil in the base, and the pin and cheeks of the hinge."""
    length, top, wide = p.length, 0.53 * p.base_high, p.arm_wide + 0.0022
    plate = ((0.86 * length, -0.0075, top - 0.002), (0.955 * length, 0.0075, top + 0.0008))
    line = np.array([(0, -wide), (0.0026, -wide), (0.0030, 0.0004 - wide)])
    line = np.concatenate([line, line[::-1] * (1, -1)])
    pin = solids.rotate(solids.lathe(line, "steel", 14, axis=0), 2, np.pi / 2)
    found = [
        solids.decoration(solids.beveled_box(*plate, 0.0004, "steel")),
        solids.translate(pin, np.array(hinge) + (0.002, 0.0, 0.008)),
    ]
    for side in (-1, 1):
        near = side * (p.arm_wide + 0.0002)
        left, right = sorted((near, near + side * 0.0014))
        low, high = (0.004, left, 0.6 * p.base_high), (0.026, right, p.base_high + 0.017)
        found.append(solids.filled(solids.beveled_box(low, high, 0.0006, "base")))
    return solids.join(found)


CLASSES = (ParametricClass("stapler", Stapler, build),)
