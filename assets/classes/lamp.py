"""Lamp with a fabric shade: a table lamp or a floor lamp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, cases, flag

Form = Literal["vase", "ball", "column"]


@dataclass(frozen=True)
class Lamp:
    for_table: bool = flag(below=0.65, of="kind")  # else for the floor
    table: float = between(0.38, 0.62)  # heights
    floor: float = between(1.40, 1.68)
    shade: float = between(0.36, 0.46)  # height of the shade over a table lamp's
    wide: float = between(0.14, 0.20)
    cone: float = between(0.45, 0.95)  # radius at the top over radius at the bottom
    belly: float = between(0.055, 0.095)
    form: Form = cases("vase", "ball", "column", at=(1 / 2.999, 2 / 2.999))


SLOTS = ("base", "stem", "shade", "bulb")


def build(p: Lamp) -> MeshData:
    small = p.for_table
    tall = p.table if small else p.floor
    r = p.wide if small else 1.15 * p.wide
    shade = p.shade * p.table * (1.0 if small else 1.25)
    low = tall - shade
    body = _foot(p, low) if small else _stand(low)
    body += solids.cylinder((0, 0, low - 0.02), (0, 0, tall - 0.35 * shade), 0.006, "stem", 12)
    body += _shade(r, p.cone * r, low, tall)
    body += solids.ellipsoid((0, 0, low + 0.5 * shade), (0.03, 0.03, 0.038), "bulb", 20, 13)
    for turn in range(3):
        a = 2 * np.pi * turn / 3
        reach = r + (p.cone - 1) * r * 0.66
        end = (reach * np.cos(a), reach * np.sin(a), low + 0.66 * shade)
        body += solids.decoration(
            solids.cylinder((0, 0, low + 0.66 * shade), end, 0.0022, "stem", 6)
        )
    marks = {
        "base_left": (-r, 0.0, 0.0),
        "base_right": (r, 0.0, 0.0),
        "shade_low_left": (-r - 0.1, 0.0, low),
        "shade_low_right": (r + 0.1, 0.0, low),
        "shade_top_left": (-p.cone * r - 0.02, 0.0, tall + 0.1),
        "shade_top_right": (p.cone * r + 0.02, 0.0, tall + 0.1),
    }
    edges = keypoints.loop("shade_low_left", "shade_low_right", "shade_top_right", "shade_top_left")
    return solids.finished(body, SLOTS, marks, (*edges, ("base_left", "base_right")))


def _shade(low_r: float, high_r: float, low: float, high: float) -> Solid:
    """Build a thin cone, open at both ends."""
    t = 0.0016
    s = np.linspace(0, 1, 7)
    outer = np.stack([low_r + s * (high_r - low_r), low + s * (high - low)], axis=1)
    inner = outer - (t, 0.0)
    loop = np.concatenate([outer, inner[::-1]])
    rings = sections.lathe(loop, 48).transpose(1, 0, 2)
    part = solids.loft_loop(rings, "shade")
    crest = (high_r - t / 2, high)
    return solids.filled(part, pieces.bands(inner, outer, 1, 20, crest))


def _foot(p: Lamp, low: float) -> Solid:
    """Build a table lamp's lathed base: a vase, a ball or a slim column."""
    b = p.belly
    knots = {
        "vase": [(0.75, 0.0), (0.8, 0.06), (1.1, 0.35), (0.9, 0.65), (0.3, 0.88), (0.18, 1.0)],
        "ball": [
            *((0.7, 0.0), (0.6, 0.07), (0.95, 0.2), (1.2, 0.42)),
            *((0.95, 0.66), (0.22, 0.84), (0.15, 1.0)),
        ],
        "column": [(1.1, 0.0), (1.05, 0.06), (0.35, 0.12), (0.24, 0.5), (0.3, 0.8), (0.16, 1.0)],
    }[p.form]
    line = curves.catmull_rom(np.array(knots) * (b, low), 24)
    profile = np.concatenate([[(0, 0)], line, [(0, low)]])
    part = solids.lathe(profile, "base", 40)
    cuts = [line[a : b_ + 1] for a, b_ in ((0, 4), (4, 9), (9, 14), (14, 19), (19, 23))]
    filling = tuple(pieces.disc(np.concatenate([cut[:1], cut[2:3], cut[-1:]]), 16) for cut in cuts)
    return solids.filled(part, filling)


def _stand(low: float) -> Solid:
    """Build a floor lamp's heavy disc and pole."""
    disc = [(0, 0), (0.135, 0), (0.14, 0.006), (0.138, 0.018), (0.03, 0.028), (0, 0.03)]
    pole = solids.cylinder((0, 0, 0.02), (0, 0, low), 0.011, "stem", 16)
    return solids.convex_lathe(disc, "base", 48) + pole


CLASSES = (ParametricClass("lamp", Lamp, build),)
