"""Stapler: a base with its anvil, a steel magazine and a rounded arm above, hinged at the back.
Its mouth is at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between
from simgen.solids import Keypoints, Solid, curves, keypoints, pieces, sections


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
    crest: float = between(0.45, 0.75)  # place of the arm's highest point


def build(p: Stapler) -> MeshData:
    base, arm, magazine = _base(p), _arm(p), _magazine(p)
    hinge = (0.012, 0.0, p.base_high + 0.002)
    lifted = [
        solids.rotate(part, 1, -p.open, hinge) for part in (solids.loft(arm, "arm"), magazine)
    ]
    fittings = _fittings(p, hinge)
    parts = [solids.loft(base, "base"), *lifted, *fittings]
    filling = pieces.slices(base, 3, around=12)
    filling += [
        solids.rotate_points(piece, 1, -p.open, hinge) for piece in pieces.slices(arm, 5, around=14)
    ]
    filling.append(solids.rotate_points(pieces.hull(magazine.vertices), 1, -p.open, hinge))
    filling += [pieces.hull(cheek.vertices) for cheek in fittings[-2:]]
    turned_arm = solids.rotate_points(arm, 1, -p.open, hinge)
    marks = Keypoints(
        {
            "back": turned_arm[0].mean(axis=0),
            "arm_front": turned_arm[-1].mean(axis=0),
            "base_front": base[-1].mean(axis=0),
        },
        keypoints.loop("back", "arm_front", "base_front"),
    )
    return solids.assemble(
        parts, ("base", "arm", "steel"), filling, marks, {"arm": "base"}, centred=True
    )


def _base(p: Stapler) -> np.ndarray:
    """A flat foot, rounded in plan, that thickens towards the hinge."""
    ends = 1 - np.cos(np.linspace(0, np.pi / 2, 6))
    s = np.concatenate([0.07 * ends, np.linspace(0.12, 0.86, 12), 1 - 0.10 * ends[::-1]])
    plan = curves.rounding(s, 0.07).clip(0.12)
    plan = plan * curves.rounding(1 - s, 0.10).clip(0.12)
    half = (
        p.width * curves.monotone(s, [0, 0.35, 0.6, 0.85, 1], [0.92, 0.86, 0.86, 1.0, 1.0]) * plan
    )
    high = p.base_high * curves.monotone(s, [0, 0.15, 0.4, 1], [1.0, 1.0, 0.62, 0.50])
    high = high * (0.8 + 0.2 * plan)
    z = np.stack([0 * high, high], axis=1)
    y = half[:, None] * (-1, 1)
    return sections.bar(s * p.length, y, z, curves.superellipse((1.0, 1.0), 4.5, 20))


def _arm(p: Stapler) -> np.ndarray:
    """The arm, closed; its underside is flat."""
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


def _magazine(p: Stapler) -> Solid:
    """The steel rail with the staples, under the arm."""
    low = p.base_high + 0.0015
    return solids.beveled_box(
        (0.05 * p.length, -0.0068, low), (0.988 * p.length, 0.0068, low + 0.0095), 0.0006, "steel"
    )


def _fittings(p: Stapler, hinge: tuple[float, float, float]) -> list[Solid]:
    """The anvil in the base, the hinge's pin and its cheeks."""
    length = p.length
    top = 0.53 * p.base_high
    anvil = solids.beveled_box(
        (0.86 * length, -0.0075, top - 0.002),
        (0.955 * length, 0.0075, top + 0.0008),
        0.0004,
        "steel",
    )
    wide = p.arm_wide + 0.0022
    pin = np.array([(0, -wide), (0.0026, -wide), (0.0030, 0.0004 - wide)])
    pin = np.concatenate([pin, pin[::-1] * (1, -1)])
    part = solids.rotate(solids.lathe(pin, "steel", 14, axis=0), 2, np.pi / 2)
    at = np.array(hinge) + (0.002, 0.0, 0.008)
    found = [anvil, solids.translate(part, at)]
    for side in (-1, 1):
        y = side * (p.arm_wide + 0.0002)
        low = (0.004, min(y, y + side * 0.0014), 0.6 * p.base_high)
        high = (0.026, max(y, y + side * 0.0014), p.base_high + 0.017)
        found.append(solids.beveled_box(low, high, 0.0006, "base"))
    return found


CLASSES = (ParametricClass("stapler", Stapler, build),)
