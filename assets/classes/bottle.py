"""Bottle: a hollow lathed body with shoulder and neck, a label and a screw cap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Solid, curves, keypoints, pieces
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Bottle:
    height: float = between(0.15, 0.28)
    slim: float = between(0.125, 0.185)  # radius over height
    waist: float = between(-0.02, 0.06)
    neck: float = between(0.0115, 0.0150)
    neck_length: float = between(0.10, 0.26)  # of the height, with the lip
    shoulder: float = between(0.10, 0.24)  # height of the shoulder over the height
    shoulder_round: float = between(0.35, 0.85)
    base_round: float = between(0.004, 0.010)
    wall: float = between(0.0014, 0.0026)
    label_low: float = between(0.16, 0.28)  # of the straight wall
    label_high: float = between(0.70, 0.90)
    cap_height: float = between(0.012, 0.022)
    cap_lift: float = between(0.0008, 0.002)


def build(p: Bottle) -> MeshData:
    outer, label = _outer(p)
    profile = _hollow(p, outer)
    radius = p.height * p.slim
    band = ((radius * 0.85, label[0]), (radius * 2, label[1]))
    names = solids.edge_slots(profile, "body", label=band)
    # The inner wall has the same heights as the label but belongs to the body.
    inside = np.arange(len(names)) > np.argmax(profile[:, 1])
    names = ["body" if hidden else name for name, hidden in zip(names, inside, strict=True)]
    cap = _cap(p)
    parts = [_labelled(solids.lathe(profile, names, 40)), solids.lathe(cap, "cap", 28)]
    marks = _keypoints(profile, outer, cap, label[1])
    return solids.assemble(parts, ("body", "label", "cap"), _pieces(outer, cap), marks)


def _labelled(part: Solid) -> Solid:
    """Shift the label's UVs so that v = 0 at half its height, where printed designs are centred."""
    on_label = part.slot == "label"
    v = part.uv[on_label, :, 1]
    uv = part.uv.copy()
    uv[on_label, :, 1] = v - (v.min() + v.max()) / 2
    return replace(part, uv=uv)


def _keypoints(
    profile: np.ndarray, outer: np.ndarray, cap: np.ndarray, label_top: float
) -> Keypoints:
    """Return the foot, the cap, and four points at the shoulder: the last widest ring of the
    outside."""
    wall = outer[outer[:, 1] > label_top]
    radius, height = wall[int(np.max(np.nonzero(wall[:, 0] > 0.985 * wall[:, 0].max())))]
    shoulder = keypoints.around("shoulder", float(radius), float(height), 40)
    ends = {"base_centre": keypoints.on_axis(profile, 0), "cap_centre": keypoints.on_axis(cap, -1)}
    edges = keypoints.chain(*ends) + keypoints.loop(*shoulder)
    return Keypoints(ends | shoulder, edges)


def _outer(p: Bottle) -> tuple[np.ndarray, tuple[float, float]]:
    """Return the outside from the foot to the lip (`n x 2`), and the label's lowest and highest
    z."""
    height, radius, neck = p.height, p.height * p.slim, p.neck
    top = height - p.cap_lift - 0.0015
    neck_z = top - max(p.neck_length * height, p.cap_height + 0.006)
    wall_z = neck_z - max(p.shoulder * height, 0.7 * (radius - neck))
    low = p.label_low * wall_z + 0.004
    high = p.label_high * wall_z

    def side(z: np.ndarray) -> np.ndarray:
        s = np.clip(z / wall_z, 0, 1)
        return np.stack([radius * (1 - p.waist * np.sin(np.pi * s) ** 2), z], axis=1)

    foot = curves.fillet(
        [(radius - 0.012, 0.003), (radius - 0.007, 0), (radius - 0.0005, 0), (radius, 0.03)],
        [0, 0.003, p.base_round, 0],
    )[:-1]
    edge, paper = 0.0003, np.array([0.00025, 0.0])
    before = side(np.linspace(2.2 * p.base_round, low - edge, 3))
    label = side(np.linspace(low, high, 5)) + paper
    after = side(np.linspace(high + edge, wall_z, 3))
    shoulder = _shoulder(p, radius, wall_z, neck_z)
    bead = neck + 0.0018
    collar_z = top - p.cap_height - 0.0015
    collar = [(neck, collar_z - 0.003), (bead, collar_z - 0.003), (bead, collar_z)]
    corners = [shoulder[-1], *collar, (neck, collar_z), (neck, top), (neck - 0.0008, top)]
    lip = curves.fillet(corners, [0, 0.0008, 0.0008, 0.0008, 0.0008, 0.0006, 0], steps=3)
    path = curves.chain(foot, before, label, after, shoulder[1:], lip[1:])
    return path, (low - edge, high + edge)


def _shoulder(p: Bottle, radius: float, low: float, high: float) -> np.ndarray:
    bend = p.shoulder_round * (high - low)
    control = [(radius, low), (radius, low + bend), (p.neck, high - 0.7 * bend)]
    return curves.bezier([*control, (p.neck, high)], 11)


def _hollow(p: Bottle, outer: np.ndarray) -> np.ndarray:
    """Return the complete profile: the punt at the bottom, the outside, and the inside down to its
    floor."""
    radius, wall = p.height * p.slim, p.wall
    punt = 0.0025 + 0.08 * radius
    below = np.array([(0, punt), (0.45 * radius, 0.8 * punt)])
    z = outer[:, 1]
    smooth = (z > 1.5 * p.base_round + wall) & (np.arange(len(z)) < len(z) - 24)
    inside = curves.offset(outer[smooth], -wall)[::3][::-1]
    mouth = np.array([(p.neck - wall, outer[-1, 1]), (p.neck - wall, inside[0, 1] + 0.004)])
    floor = punt + wall
    foot = curves.fillet(
        [inside[-1], (inside[-1, 0], floor), (0, floor)], [0, p.base_round + 0.002, 0], steps=4
    )
    return curves.chain(below, outer, mouth, inside, foot[1:])


def _cap(p: Bottle) -> np.ndarray:
    """Return an inverted cup, slightly wider than the neck that it covers."""
    inner, outer, top = p.neck + 0.0003, p.neck + 0.0019, p.height
    low = top - p.cap_lift - p.cap_height
    roof = top - p.cap_lift - 0.0008
    ridge = low + 0.24 * p.cap_height
    corners = [(0, roof), (inner, roof), (inner, low), (outer, low), (outer, ridge)]
    corners += [(outer - 0.0006, ridge + 0.0006), (outer - 0.0006, top), (0, top)]
    radii = [0, 0.0005, 0.0004, 0.0005, 0.0004, 0.0004, 0.0014, 0]
    return curves.fillet(corners, radii, steps=3)


def _pieces(outer: np.ndarray, cap: np.ndarray) -> list[Piece]:
    """Return slices of the filled bottle, since no object reaches its inside."""
    z = outer[:, 1]
    wide = outer[:, 0].max()
    wall_end = int(np.max(np.nonzero(outer[:, 0] > 0.985 * wide)))
    neck = int(np.argmax((z > z[wall_end]) & (outer[:, 0] < 1.01 * outer[-1, 0] + 0.0008)))
    cut = np.round(np.linspace(wall_end, neck, 5)).astype(int)
    line = curves.standing(outer[: wall_end + 1])
    foot = [(float(curves.radius_at(line, h)), h) for h in (0.0, 0.0015, 0.007)]
    middle = int(np.argmin(np.abs(z - z[wall_end] / 2)))
    found = [
        pieces.disc(foot, 20),
        pieces.disc([foot[-1], outer[middle]], 24),
        pieces.disc([outer[middle], outer[wall_end]], 24),
    ]
    found += [pieces.disc([outer[a], outer[b]], 20) for a, b in pairwise(cut)]
    found += _neck_pieces(outer[neck:], float(cap[:, 1].min()))
    widest = cap[:, 0].max()
    cap_low, cap_top = cap[:, 1].min(), cap[:, 1].max()
    cap_ring = [(widest, cap_low), (widest - 0.0006, cap_top - 0.001)]
    return [*found, pieces.disc([*cap_ring, (widest - 0.0016, cap_top)], 16)]


def _neck_pieces(line: np.ndarray, top: float) -> list[Piece]:
    """Return the pieces of the neck below the cap (outside `n x 2`), with its bead."""
    thin = line[0, 0]
    bead = line[line[:, 0] > thin + 0.0005, 1]
    steps = [(thin, line[0, 1], bead.min()), (line[:, 0].max(), bead.min(), bead.max())]
    steps.append((thin, bead.max(), top))
    return [pieces.disc([(radius, low), (radius, high)], 16) for radius, low, high in steps]


CLASSES = (ParametricClass("bottle", Bottle, build),)
