"""Donut with icing and sprinkles, and a slice of layer cake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Solid, curves, keypoints, pieces, uv
from simgen.spec.parameters import between, count, flag


@dataclass(frozen=True)
class Donut:
    radius: float = between(0.038, 0.050)  # outer
    tube: float = between(0.40, 0.45)  # radius of the tube over the outer radius
    flat: float = between(0.78, 0.95)  # height of the tube over its width
    icing: float = between(0.0014, 0.0024)
    reach: float = between(0.15, 0.50)  # how far down the icing runs
    drip: float = between(0.06, 0.22)
    waves: int = count(5, 9)
    phase: float = between(0.0, 6.2831)
    sprinkles: int = count(24, 69, end=70.0)
    sprinkle: float = between(0.0034, 0.0058)
    lump: float = between(0.0, 0.035)


@dataclass(frozen=True)
class CakeSlice:
    radius: float = between(0.095, 0.130)
    angle: float = between(0.50, 0.85)
    height: float = between(0.060, 0.095)
    layers: int = count(2, 4)
    filling: float = between(0.0035, 0.0060)
    cover: float = between(0.0040, 0.0070)
    rosette: bool = flag(above=0.5, of="crown")  # in addition to a cherry
    cherry: float = between(0.0085, 0.0115)


_AROUND, _TUBE = 48, 20


def build_donut(p: Donut) -> MeshData:
    angle = 2 * np.pi * np.arange(_AROUND) / _AROUND
    tube = 2 * np.pi * np.arange(_TUBE) / _TUBE
    dough = _torus(p, angle, np.broadcast_to(tube, (_AROUND, _TUBE)), 0.0)
    icing = _icing(p, angle)
    parts = [solids.loft_loop(dough, "dough"), solids.loft_loop(icing, "icing"), *_sprinkles(p)]
    both = np.concatenate([dough[:, 10:20], icing[:, 2:14]], axis=1)
    filling = pieces.loop_slices(both, 12)
    # A hull of sampled rings may miss the lowest point, on which the donut rests.
    lowest = int(np.argmin(dough[..., 2].min(axis=1)))
    rest = dough[lowest, int(np.argmin(dough[lowest, :, 2]))]
    slice_ = lowest * len(filling) // _AROUND
    filling[slice_] = np.concatenate([filling[slice_], rest[None]])
    top = [icing[k, 8] for k in (0, 12, 24, 36)]
    names = [f"top_{side}" for side in keypoints.AROUND]
    marks = Keypoints(dict(zip(names, top, strict=True)), keypoints.loop(*names))
    order = ("dough", "icing", "sprinkles", "sprinkles_too")
    return solids.assemble(parts, order, filling, marks)


def _torus(p: Donut, angle: np.ndarray, tube: np.ndarray, out: np.ndarray | float) -> np.ndarray:
    """Return points on the dough, `n x m x 3`, `out` metres above it. tube: `n x m`, 0 is
    outermost."""
    small = p.tube * p.radius
    large = p.radius - small
    lump = 1 + p.lump * np.sin(3 * angle + p.phase) * np.cos(angle)
    thick = small * lump[:, None] + out
    reach = large + thick * np.cos(tube)
    x, y = reach * np.cos(angle)[:, None], reach * np.sin(angle)[:, None]
    z = thick * p.flat * np.sin(tube)
    # It was baked lying down, so its underside is flatter.
    z = np.where(z < 0, 0.88 * z, z)
    return np.stack([x, y, z], axis=2)


def _edges(p: Donut, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the angles on the tube at which the icing ends, outside and inside."""
    n = p.waves
    wave = np.sin(n * angle + p.phase) + 0.6 * np.sin((2 * n + 1) * angle + 2 * p.phase)
    outer = p.reach - 0.15 - p.drip * 0.6 * wave
    inner = np.pi - 0.25 - p.drip * 0.4 * np.sin((n - 1) * angle - p.phase)
    return -outer + 0.15, inner + p.reach * 0.3


def _icing(p: Donut, angle: np.ndarray) -> np.ndarray:
    """Return a closed surface: over the dough from one edge to the other, and back inside it."""
    start, end = _edges(p, angle)
    half = np.array([0.0, 0.012, 0.05, 0.12, 0.22, 0.32, 0.42])
    t = np.array([*half, 0.5, 0.58, 0.68, 0.78, 0.88, 0.95, 0.988, 1.0])
    rise = np.sqrt(np.minimum(1, np.minimum(t, 1 - t) / 0.05)) * 1.0
    tube = start[:, None] + (end - start)[:, None] * t
    upper = _torus(p, angle, tube, p.icing * rise - 0.0001)
    back = np.array([0.93, 0.7, 0.5, 0.3, 0.07])
    under = _torus(p, angle, start[:, None] + (end - start)[:, None] * back, -0.0030)
    return np.concatenate([upper, under], axis=1)


def _sprinkles(p: Donut) -> list[Solid]:
    """Build short rods, distributed over the icing by a low-discrepancy sequence."""
    found = []
    for k in range(p.sprinkles):
        turn = 2 * np.pi * ((k * 0.7548776662 + p.phase) % 1.0)
        up = 0.55 + 2.0 * ((k * 0.5698402909 + p.phase) % 1.0)
        spot = _torus(p, np.array([turn]), np.array([[up]]), p.icing + 0.0004)[0, 0]
        out = np.array([np.cos(turn) * np.cos(up), np.sin(turn) * np.cos(up), np.sin(up)])
        lie = curves.unit(np.cross(out, (np.cos(9.1 * k), np.sin(9.1 * k), 0.31)))
        half = p.sprinkle / 2
        path = spot + np.array([-1.0, -0.82, 0.82, 1.0])[:, None] * half * lie
        radius = 0.00075 * np.array([0.55, 1.0, 1.0, 0.55])
        slot = "sprinkles" if k % 2 else "sprinkles_too"
        found.append(solids.rod(path, radius, slot, out, 6))
    return found


def build_cake_slice(p: CakeSlice) -> MeshData:
    """Build layers of sponge and filling with cream on top and behind; the slice points to -y."""
    high, cover = p.height, p.cover
    count = p.layers
    sponge = (high - cover - (count - 1) * p.filling) / count
    parts = []
    z = 0.0
    for k in range(count):
        # Layers are cut slightly differently, which shows as shadow lines on the sides.
        out = 0.0005 * np.sin(7.3 * k + 20 * p.angle)
        parts.append(_wedge(p, z, z + sponge, 0.0 + out, cover, "sponge"))
        z += sponge
        if k < count - 1:
            parts.append(_wedge(p, z - 0.0003, z + p.filling + 0.0003, 0.0006, cover, "filling"))
            z += p.filling
    parts.append(_wedge(p, high - cover, high, 0.0007, 0.0, "cover"))
    parts.append(_rind(p))
    parts += _crown(p)
    outline = _outline(p, 0.0007, 0.0)
    hull = np.concatenate([np.column_stack([outline, np.full(len(outline), h)]) for h in (0, high)])
    filling = [hull[::2] if len(hull) > 64 else hull]
    filling += [pieces.hull(part.vertices) for part in parts[count * 2 + 1 :]]
    marks = _cake_marks(p, parts[2 * count - 1])
    order = ("sponge", "filling", "cover", "cherry")
    return solids.assemble(parts, order, filling, marks, centred=True)


def _cake_marks(p: CakeSlice, cover: Solid) -> Keypoints:
    top = cover.vertices
    points = {
        "tip": keypoints.extreme(top, (0, -1, 0.2)),
        "back_left": keypoints.extreme(top, (-1, 0.2, 0.2)),
        "back_right": keypoints.extreme(top, (1, 0.2, 0.2)),
    }
    return Keypoints(points, keypoints.loop("tip", "back_right", "back_left"))


def _outline(p: CakeSlice, out: float, less: float) -> np.ndarray:
    """Return the wedge in plan view, `n x 2`, tip first. out: outward offset. less: reduction of
    the radius."""
    half = p.angle / 2
    r = p.radius - less
    arc = np.linspace(-half, half, 13)
    back = np.stack([r * np.sin(arc), r * np.cos(arc)], axis=1)
    tip = 0.004
    left = np.linspace(0.0, 1.0, 5)[1:-1, None] * (back[0] - (0.0, tip)) + (0.0, tip)
    line = np.concatenate(
        [[(-0.0006, tip), (0.0006, tip)], (left * (-1, 1)), back[::-1], left[::-1]]
    )
    centre = np.array([0.0, 0.6 * p.radius])
    return line + out * np.sign(line - centre) * (1.0, 0.0)


def _wedge(p: CakeSlice, low: float, high: float, out: float, less: float, slot: str) -> Solid:
    soft = 0.0012 if slot == "sponge" else 0.0010
    soft = min(soft, 0.3 * (high - low))
    rings = []
    steps = [(soft, low), (0.0, low + soft), (0.0, high - soft)]
    for inset, z in (*steps, (0.3 * soft, high - 0.3 * soft), (soft, high)):
        line = _outline(p, out - inset, less + inset)
        rings.append(np.column_stack([line, np.full(len(line), z)]))
    return uv.from_above(solids.loft(np.array(rings), slot))


def _rind(p: CakeSlice) -> Solid:
    """Build the cream on the outside of the cake, behind the layers."""
    half = p.angle / 2
    arc = np.linspace(-half, half, 17)
    low, high, thick = 0.0, p.height - 0.5 * p.cover, p.cover
    corners = curves.rounded_rectangle((thick / 2 + 0.0002, (high - low) / 2), 0.0015, 2)
    rings = []
    for a in arc:
        r = p.radius - thick / 2 + corners[:, 0]
        z = (low + high) / 2 + corners[:, 1]
        rings.append(np.column_stack([r * np.sin(a), r * np.cos(a), z]))
    return solids.loft(np.array(rings), "cover")


def _crown(p: CakeSlice) -> list[Solid]:
    """Build a rosette of cream with a cherry on it."""
    y, top = 0.74 * p.radius, p.height
    turns, wide = (4, 1.7 * p.cherry) if p.rosette else (3, 1.35 * p.cherry)
    s = np.linspace(0, 1, 15 * turns)
    angle = 2 * np.pi * turns * s
    reach = wide * (1 - 0.72 * s)
    rise = 0.45 * wide * (0.25 + 1.3 * s)
    path = np.stack([reach * np.cos(angle), reach * np.sin(angle), rise], axis=1)
    radius = 0.36 * wide * (1 - 0.35 * s) * np.sqrt((np.minimum(s, 1 - s) / 0.03).clip(0.04, 1))
    along = curves.tangents(path)
    out = curves.unit(path * (1, 1, 0))
    out = curves.unit(out - along * np.einsum("ij,ij->i", out, along)[:, None])
    up = np.cross(along, out)
    turn = 2 * np.pi * np.arange(10) / 10
    flat = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    section = flat[None, :, :1] * out[:, None] + flat[None, :, 1:] * up[:, None]
    cream = solids.loft(path[:, None] + radius[:, None, None] * section, "cover")
    r = p.cherry
    lat = np.linspace(-np.pi / 2, np.pi / 2, 13)
    ball = np.stack([r * np.cos(lat), 0.92 * r * np.sin(lat)], axis=1)
    ball[:, 1] -= 0.12 * r * np.exp(-((lat - np.pi / 2) ** 2) / 0.1)
    ball[[0, -1], 0] = 0.0
    seat = top + 0.45 * wide * 1.55 + 0.62 * r
    cherry = solids.translate(solids.lathe(ball, "cherry", 20), (0, y, seat))
    return [solids.translate(cream, (0, y, top)), cherry]


CLASSES = (
    ParametricClass("cake_slice", CakeSlice, build_cake_slice),
    ParametricClass("donut", Donut, build_donut),
)
