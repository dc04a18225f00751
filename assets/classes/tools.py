"""Hammer, screwdriver and wrench, lying along x with their working end at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints, pieces, sections, uv
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Hammer:
    length: float = between(0.26, 0.34)
    grip: float = between(0.0135, 0.0170)  # half the width of the handle
    neck: float = between(0.68, 0.85)  # width at the head over that
    head: float = between(0.105, 0.135)  # from face to claw
    face: float = between(0.0125, 0.0160)  # radius
    claw: float = between(0.020, 0.034)  # downward bend
    sleeve: float = between(0.35, 0.48)  # length of the grip over the handle


@dataclass(frozen=True)
class Screwdriver:
    length: float = between(0.16, 0.28)
    handle: float = between(0.40, 0.50)  # of the length
    radius: float = between(0.0125, 0.0180)
    flutes: float = between(0.06, 0.14)
    shaft: float = between(0.0026, 0.0042)
    blade: bool = flag(below=0.5, of="tip")  # else a cross
    waist: float = between(0.55, 0.75)


@dataclass(frozen=True)
class Wrench:
    length: float = between(0.14, 0.26)
    wide: float = between(0.065, 0.085)  # half width of the jaw's head over the length
    shank: float = between(0.40, 0.52)  # over that
    thick: float = between(0.030, 0.042)  # over the length
    gap: float = between(0.50, 0.58)  # half the jaw over the head
    jaw_turn: float = between(0.20, 0.30)
    ring: float = between(0.80, 0.95)  # radius of the ring over the head's
    bore: float = between(0.56, 0.66)


def build_hammer(p: Hammer) -> MeshData:
    half, head = p.length / 2, p.head
    body = solids.translate(_handle(p) + _hammer_head(p), (-0.5 * p.length, 0, 0))
    points = {
        "handle_end": (-half - 0.05, 0.0, p.face),
        "head_top": (half + 0.1, 0.0, p.face),
        "face": (half - 0.015, -0.45 * head - 0.1, p.face),
        "claw": (half - 0.02 - p.claw, 0.7 * head, p.face),
    }
    edges = (("handle_end", "head_top"), ("face", "head_top"), ("head_top", "claw"))
    return solids.finished(body, ("head", "handle", "grip"), points, edges)


def _handle(p: Hammer) -> Solid:
    """Build the shaft, flattened towards the head, and the grip on its end."""
    shaft, sleeve = _handle_rings(p, 0.03, 1.0, 0.0), _handle_rings(p, 0.0, p.sleeve, 0.0022)
    return solids.sliced_loft(shaft, "handle", 3) + solids.sliced_loft(sleeve, "grip", 2)


def _handle_rings(p: Hammer, first: float, last: float, more: float) -> np.ndarray:
    """Return the rings between two positions (0..1) of the handle, `more` metres outside its
    surface."""
    s = np.array([0.0, 0.004, 0.02, 0.08, 0.25, 0.45, 0.7, 0.9, 1.0])
    widths = [0.6, 0.85, 1.0, 1.05, 0.92, 1.0 * p.neck, 0.92 * p.neck, 0.9 * p.neck, 0.9 * p.neck]
    middle = np.linspace(first + 0.02, last - 0.02, 8)
    at = np.array([first, first + 0.003, *middle, last - 0.002, last])
    half = np.interp(at, s, p.grip * np.array(widths)) + more
    half[[0, -1]] -= 0.35 * more + 0.001
    section = curves.superellipse((1.0, 1.0), 2.4, 18)
    rings = sections.levels(section, at * (p.length - 0.004), half, axis=0)
    rings[..., 2] = rings[..., 2] * 0.72 + p.face
    return rings


def _hammer_head(p: Hammer) -> Solid:
    """Build the face, the neck, the block around the handle and two claws."""
    head, r = p.head, p.face
    end = -0.45 * head
    line = [(0, end), (r - 0.002, end), (r, end + 0.002), (r, end + 0.014)]
    line += [(0.72 * r, end + 0.022), (0.70 * r, -0.18 * head), (0.85 * r, -0.12 * head)]
    face = solids.convex_lathe([*line, (0, -0.12 * head)], "head", 24, axis=0)
    block = ((-0.016, -0.16 * head, -0.9 * r), (0.017, 0.16 * head, 0.9 * r))
    found = [
        solids.rotate(face, 2, np.pi / 2),
        solids.superellipsoid(*block, "head", (4.0, 6.0)),
    ]
    s = np.linspace(0, 1, 9)
    y = 0.10 * head + s * 0.45 * head
    bend = -p.claw * s**1.8
    thick = np.interp(s, [0, 0.3, 1], [0.0135, 0.0085, 0.0016])
    gap = 0.0012 + 0.0045 * s**0.8
    wide = np.interp(s, [0, 0.4, 1], [0.70 * r, 0.80 * r, 0.62 * r])
    left, right = bend - thick / 2, bend + thick / 2
    for side in (-1, 1):
        near, far = side * gap, side * (gap + wide)
        corners = [(left, near), (right, near), (right, far), (left, far)]
        rings = np.stack([np.column_stack([x, y, z]) for x, z in corners], axis=1)
        found.append(uv.box_projection(solids.loft(rings, "head", cuts=(0, 4, 8))))
    # The far end of the claws curves towards the handle, as does the outline of the head.
    return solids.translate(solids.join(found), (p.length - 0.016, 0.0, r))


def build_screwdriver(p: Screwdriver) -> MeshData:
    r, long, w = p.radius, p.length, p.waist
    grip = p.handle * long
    s = np.array([0.0, 0.01, 0.035, 0.09, 0.2, 0.5, 0.72, 0.80, 0.87, 0.94, 0.985, 1.0])
    widths = [0.35, 0.62, 0.82, 0.96, 1.0, 1.0, 0.95, 0.80 * w / 0.65, w, w + 0.1, w + 0.08, 0.45]
    angle = 2 * np.pi * np.arange(36) / 36
    deep = p.flutes * np.interp(s, [0.05, 0.15, 0.70, 0.80], [0, 1, 1, 0])[:, None]
    girth = (r * np.array(widths))[:, None] * (1 - deep * (0.5 + 0.5 * np.cos(6 * angle)) ** 2)
    x = np.broadcast_to((s * grip)[:, None], girth.shape)
    rings = np.stack([x, girth * np.cos(angle), girth * np.sin(angle)], axis=2)
    cap = ["cap" if k < 3 else "handle" for k in range(len(s) + 1)]
    handle = solids.loft(rings, cap, cuts=(0, 6, 8, 11))
    x = np.array([grip - 0.006, grip, long - 0.024, long - 0.014, long - 0.004, long])
    flat = np.array([1, 1, 1, 0.8, 0.30, 0.16] if p.blade else [1, 1, 1, 1, 0.55, 0.2])
    broad = np.array([1, 1, 1, 1.25, 1.25, 1.2]) if p.blade else flat
    section = curves.superellipse((p.shaft, p.shaft), 2.2, 16)
    steel = sections.levels(section, x, np.stack([broad, flat], axis=1), axis=0)
    body = handle + solids.sliced_loft(steel, "shaft", 2)
    points = {
        "handle_end": (-long, 0.0, r),
        "shaft_start": (grip - long / 2 + 0.001, 0.0, r + p.shaft),
        "tip": (long, 0.0, r),
    }
    body = solids.translate(body, (-long / 2, 0, r))
    return solids.finished(body, ("handle", "cap", "shaft"), points, keypoints.chain(*points))


def build_wrench(p: Wrench) -> MeshData:
    half, r, t = p.length / 2, p.wide * p.length, p.thick * p.length
    ring_r = p.ring * r
    jaw, ring = half - 0.8 * r, -half + ring_r
    body = _shank(p, r, t, ring + 0.8 * ring_r, jaw - 0.55 * r)
    body += solids.translate(solids.rotate(_jaw(p, r, t), 2, p.jaw_turn), (jaw, 0.0, 0.0))
    body += solids.translate(_ring(p, ring_r, t), (ring, 0.0, 0.0))
    points = {
        "ring_end": (-half - 0.05, 0.0, 0.9 * t),
        "shank_left": (0.0, 0.3 * r, t),
        "shank_right": (0.0, -0.3 * r, t),
        "jaw_tip": (half + 0.05, r, t),
    }
    edges = keypoints.chain("ring_end", "shank_left", "jaw_tip")
    return solids.finished(body, ("steel", "shank"), points, (*edges, ("ring_end", "shank_right")))


def _shank(p: Wrench, r: float, t: float, low: float, high: float) -> Solid:
    wide = p.shank * r * (0.85 + 0.15 * np.abs(np.linspace(-1, 1, 9)) ** 2)
    section = curves.rounded_rectangle((1.0, 1.0), 0.45, 3)
    factors = np.stack([wide, np.full(9, 0.32)], axis=1)
    rings = sections.levels(section, np.linspace(low, high, 9), factors, axis=0)
    rings[..., 2] = rings[..., 2] * t + 0.5 * t
    return solids.sliced_loft(rings, "shank", 2)


def _jaw(p: Wrench, r: float, t: float) -> Solid:
    """Build the open end about the origin, opening to +x: a hub and two prongs, swept as one
    curve."""
    gap, depth = p.gap * r, -0.15 * r
    turn = np.linspace(np.radians(38), np.radians(322), 27)
    outer = np.stack([r * np.cos(turn), r * np.sin(turn)], axis=1)
    outer[:, 0] *= 1.08
    y = np.clip(outer[:, 1] * 2.0, -gap, gap)
    prong = np.abs(outer[:, 1]) * 2.0 > gap
    bottom = depth - 0.25 * (gap - np.abs(y))
    x = np.where(prong, np.maximum(outer[:, 0] * 0.98, depth), bottom)
    flank = np.abs(np.sin(turn)) * r
    x = np.where((outer[:, 0] < depth) & (flank * 2 > gap), depth, x)
    y -= np.linspace(-1, 1, 27) * 1e-4 * r * 8
    inner = np.stack([x, y], axis=1)
    b = 0.1 * t
    arm = curves.unit(inner - outer) * b
    flat = [(outer + arm, 0.0), (outer, b), (outer, t - b), (outer + arm, t)]
    flat += [(inner - arm, t), (inner, t - b), (inner, b), (inner - arm, 0.0)]
    rings = np.stack([np.column_stack([line, np.full(27, z)]) for line, z in flat], axis=1)
    cuts = np.round(np.linspace(0, 26, 9)).astype(int).tolist()
    return uv.box_projection(solids.loft(rings, "steel", cuts=cuts))


def _ring(p: Wrench, r: float, t: float) -> Solid:
    """Build the ring end about the origin: a hoop with a twelve-sided hole."""
    turn = 2 * np.pi * np.arange(36) / 36
    bore = p.bore * r * (1 + 0.06 * np.cos(6 * turn) ** 2)
    b, c = 0.12 * t, 0.08 * t
    rings = []
    for angle, inner in zip(turn, bore, strict=True):
        way = np.array([np.cos(angle), np.sin(angle)])
        flat = [(r - b, 0), (r, b), (r, t - b), (r - b, t)]
        flat += [(inner + c, t), (inner, t - c), (inner, c), (inner + c, 0)]
        rings.append([(*(way * radius), z) for radius, z in flat])
    hoop = np.array(rings)
    return solids.filled(solids.loft_loop(hoop, "steel"), pieces.loop_slices(hoop, 12))


CLASSES = (
    ParametricClass("hammer", Hammer, build_hammer),
    ParametricClass("screwdriver", Screwdriver, build_screwdriver),
    ParametricClass("wrench", Wrench, build_wrench),
)
