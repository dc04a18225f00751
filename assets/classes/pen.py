"""Ballpoint pen with a clip and a button, lying along x with its tip at +x."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Pen:
    length: float = between(0.132, 0.150)
    radius: float = between(0.0042, 0.0060)
    cone: float = between(0.012, 0.024)
    swollen_grip: bool = flag(above=0.5, of="grip")
    grip_long: float = between(0.032, 0.045)
    waist: float = between(0.0, 0.10)
    clip_long: float = between(0.034, 0.044)
    clip_wide: float = between(0.0016, 0.0026)  # half
    button: bool = flag(below=0.6, of="cap")  # else a plain end
    turn: float = between(-0.9, 0.9)  # direction of the clip


def build(p: Pen) -> MeshData:
    profile, slots = _profile(p)
    body = solids.lathe(profile, slots, 28, axis=0)
    clip = _clip(p)
    parts = [solids.rotate(part, 0, p.turn) for part in (body, solids.loft(clip, "trim"))]
    filling = _pieces(p, profile)
    highest = int(np.argmax(clip[..., 2].max(axis=1)))
    filling.append(solids.rotate_points(pieces.slab(clip[[0, highest, -1]], 12), 0, p.turn))
    marks = Keypoints(
        {
            "end": np.array([profile[0, 1], 0.0, 0.0]),
            "clip_end": solids.rotate_points(clip[-3, 0], 0, p.turn),
            "tip": np.array([profile[-1, 1], 0.0, 0.0]),
        },
        keypoints.chain("end", "clip_end", "tip"),
    )
    return solids.assemble(parts, ("barrel", "trim", "grip"), filling, marks, centred=True)


def _profile(p: Pen) -> tuple[np.ndarray, list[str]]:
    """Return radius and position along the pen, from end to tip, and the slot of each edge."""
    r, length, cone = p.radius, p.length, p.cone
    nose, grip = length - cone, length - cone - p.grip_long
    runs: list[tuple[str, list[tuple[float, float]]]] = []
    start = 0.0
    if p.button:
        knob = 0.48 * r
        runs.append(("trim", [(0, 0), (0.8 * knob, 0.0003), (knob, 0.0012), (knob, 0.0088)]))
        start = 0.009
        first = [(0.72 * r, start), (0.86 * r, start + 0.0006)]
    else:
        first = [(0, 0), (0.6 * r, 0.0004), (0.9 * r, 0.0016)]
    runs.append(("trim", [*first, (0.97 * r, start + 0.003), (0.97 * r, start + 0.008)]))
    middle, waist = start + 0.0082, []
    for share in np.linspace(0, 1, 9):
        radius = r * (1 - p.waist * np.sin(np.pi * share))
        waist.append((float(radius), float(middle + share * (grip - middle))))
    runs.append(("barrel", waist))
    swell = 1.10 if p.swollen_grip else 1.0
    waves = []
    for k, s in enumerate(np.linspace(0.015, 0.985, 15)):
        groove = 0.95 if k % 2 else 1.0
        waves.append((float(r * swell * groove * (1 - 0.1 * s)), float(grip + s * (nose - grip))))
    runs.append(("grip", waves))
    tip = [(0.90 * r, nose), (0.62 * r, nose + 0.5 * cone), (0.30 * r, nose + 0.80 * cone)]
    tip += [(0.00125, nose + 0.84 * cone), (0.0010, length - 0.0008), (0.0004, length - 0.0001)]
    runs.append(("trim", [*tip, (0, length)]))
    points = np.array([point for _, run in runs for point in run])
    names = [name for name, run in runs for _ in run]
    return points, names[1:]


def _clip(p: Pen) -> np.ndarray:
    """Return the rings of the clip, which starts at the end, runs along the barrel and touches
    it."""
    r, long = p.radius, p.clip_long
    x0 = 0.0125 if p.button else 0.004
    corners = [(x0, 0.6 * r), (x0, 1.55 * r + 0.0006), (x0 + 0.86 * long, 1.42 * r + 0.0004)]
    corners += [(x0 + 0.95 * long, 1.06 * r + 0.0004), (x0 + long, 1.32 * r + 0.0006)]
    path = curves.in_xz(curves.fillet(corners, [0, 0.0016, 0.004, 0.002, 0], 4))
    half = (0.00055, p.clip_wide)
    section = curves.superellipse(half, 4.0, 12)
    return sections.sweep_rounded(path, section, (0, 1, 0), half, 0.0008, 3)


def _pieces(p: Pen, profile: np.ndarray) -> list[Piece]:
    cuts = np.linspace(profile[0, 1], profile[-1, 1] - p.cone, 4)
    found = []
    for low, high in [*pairwise(cuts), (cuts[-1], profile[-1, 1])]:
        inside = (profile[:, 1] >= low - 1e-9) & (profile[:, 1] <= high + 1e-9)
        run = profile[inside & (profile[:, 0] > 0)]
        ends = run[[0, int(np.argmax(run[:, 0])), -1]]
        ends[0, 1], ends[-1, 1] = low, high
        found.append(pieces.disc(ends, 16)[:, [2, 0, 1]])
    return found


CLASSES = (ParametricClass("pen", Pen, build),)
