"""Fork, spoon and knife, lying as on a table: the handle along x, the business end at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen import solids
from simgen.assets.parametric.parametric_class import ParametricClass
from simgen.mesh import MeshData
from simgen.parameters import between, cases, flag
from simgen.solids import Keypoints, Sheet, Solid, curves, keypoints, pieces, sections


@dataclass(frozen=True)
class Handle:
    length: float = between(0.165, 0.210)
    neck: float = between(0.0030, 0.0042)  # half width
    end: float = between(0.0075, 0.0115)  # half width of the handle's end
    waist: float = between(0.5, 0.75)  # of the handle's middle, between neck and end
    thick: float = between(0.0021, 0.0030)
    arch: float = between(0.006, 0.012)  # how high the neck stands above the ground
    round: float = between(0.008, 0.022)  # length of the rounding of the handle's end


@dataclass(frozen=True)
class Fork(Handle):
    tines: int = cases(3, 4, at=(0.5,), drawn=(0.3, 1.0))  # three below a half, else four
    head: float = between(0.0112, 0.0138)  # half width
    palm: float = between(0.024, 0.034)
    tine: float = between(0.038, 0.052)
    gap: float = between(0.36, 0.46)  # between tines, of their distance
    lift: float = between(0.008, 0.014)  # of the tips


@dataclass(frozen=True)
class Spoon(Handle):
    size: float = between(0.72, 1.0)  # a tea spoon to a table spoon
    bowl: float = between(0.058, 0.068)
    wide: float = between(0.60, 0.72)  # of the bowl's length
    deep: float = between(0.0070, 0.0105)
    tip: float = between(0.0, 0.25)  # how pointed


@dataclass(frozen=True)
class Knife:
    for_table: bool = flag(below=0.45, of="kind")  # a table knife below 0.45, else a kitchen knife
    size: float = between(0.0, 1.0)
    handle: float = between(0.40, 0.47)  # of the length
    belly: float = between(0.0, 1.0)
    drop: float = between(0.0, 1.0)  # of the back towards the tip
    butt: float = between(0.0, 1.0)


_ACROSS = 9


def build_fork(p: Fork) -> MeshData:
    root = p.length - p.tine
    body, cut = _fork_body(p, root)
    count = p.tines
    tines = [_tine(p, root, place, count) for place in range(count)]
    parts = [solids.loft(item.rings(), "body") for item in (body, *tines)]
    filling = body.pieces(cut, (0, 4, 8))
    for tine in tines:
        filling += tine.pieces((0, 5, 9, len(tine.lower) - 1), (0, 4))
    marks = {
        "handle_end": body.upper[0, _ACROSS // 2],
        "neck": body.upper[int(np.argmin(np.ptp(body.upper[8:-6, :, 1], axis=1))) + 8, 4],
        "left_tip": tines[-1].upper[-1, 2],
        "right_tip": tines[0].upper[-1, 2],
    }
    edges = keypoints.chain("handle_end", "neck", "left_tip")
    points = Keypoints(marks, (*edges, ("neck", "right_tip")))
    return solids.assemble(parts, ("body",), filling, points, centred=True)


def _fork_height(p: Fork, x: np.ndarray) -> np.ndarray:
    """Height of the fork's middle: resting on its end and on its palm, tips in the air."""
    root = p.length - p.tine
    knots = [0, 0.35 * root, root - p.palm - 0.004, root - 0.3 * p.palm, p.length]
    line = curves.catmull_rom(
        np.stack([knots, [0.0, 0.55 * p.arch, p.arch, 0.0015, p.lift]], axis=1), 200
    )
    return np.interp(x, line[:, 0], line[:, 1])


def _fork_body(p: Fork, root: float) -> tuple[Sheet, tuple[int, ...]]:
    """Handle and palm, and where its physics pieces meet."""
    neck = root - p.palm
    end = p.round * (1 - np.cos(np.linspace(0, np.pi / 2, 7)))
    x = np.concatenate([end, np.linspace(p.round + 0.006, neck, 12)[:-1]])
    x = np.concatenate([x, np.linspace(neck, root - 0.0012, 14), [root - 0.0005, root]])
    x[0] += 0.0002
    knots = [0.0, p.round, 0.55 * neck, 0.9 * neck, neck, neck + 0.30 * p.palm]
    knots += [neck + 0.62 * p.palm, root]
    middle = p.neck + (p.end - p.neck) * p.waist * 0.6
    widths = [p.end, p.end, middle, p.neck, 1.02 * p.neck, 0.62 * p.head]
    widths += [0.95 * p.head, p.head]
    half = curves.monotone(x, knots, widths) * _rounding(x, p.round)
    body = _strip(x, half, _fork_height(p, x), p.thick)
    body.lower[-1] += (body.upper[-1] - body.lower[-1]) * 0.25
    body.upper[-1] -= (body.upper[-1] - body.lower[-1]) * 0.25
    return body, (0, 3, 7, 12, 17, 21, 25, 29, len(x) - 1)


def _tine(p: Fork, root: float, place: int, count: int) -> Sheet:
    pitch = 2 * p.head / (count - (p.gap))
    half = pitch * (1 - p.gap) / 2
    middle = (place - (count - 1) / 2) * pitch
    s = np.array([-0.12, -0.03, 0.0, 0.03, 0.08, 0.2, 0.4, 0.6, 0.8, 0.9, 0.96, 0.99, 1.0])
    x = root + s * p.tine
    # Towards the root the tine widens to half the gap, which makes the gap's end round.
    flare = 0.5 * p.gap * pitch * np.exp(-np.maximum(s, 0) / 0.025) * (s >= 0)
    flare[:2] = -0.2 * half
    tip = np.sqrt(np.clip(1 - ((s - 0.88) / 0.125).clip(0, 1) ** 2, 0.05, 1))
    width = (half * (1 - 0.18 * s.clip(0, 1)) + 0.7 * flare) * tip
    y = (middle * (1 - 0.05 * s.clip(0, 1)))[:, None] + width[:, None] * np.linspace(-1, 1, 5)
    thick = p.thick * (0.94 - 0.35 * s.clip(0, 1)) * (0.5 + 0.5 * tip)
    round_edge = np.array([0.5, 0.92, 1.0, 0.92, 0.5])
    height = np.repeat(_fork_height(p, x)[:, None], 5, axis=1)
    return solids.flat_sheet(x, y, height, thick[:, None] * round_edge)


def _rounding(x: np.ndarray, length: float) -> np.ndarray:
    """Half-ellipse at the start of a handle: 0 to 1 over `length`."""
    return curves.rounding(x, length)


def _strip(x: np.ndarray, half: np.ndarray, z: np.ndarray, thick: float) -> Sheet:
    """A sheet with rounded long edges, `half` wide to both sides of y = 0."""
    across = np.sin(np.linspace(-1, 1, _ACROSS) * np.pi / 2)
    y = half[:, None] * across
    edge = np.minimum(half[:, None] * (1 - np.abs(across)) + 0.00035, thick / 2)
    lens = 2 * np.sqrt(thick / 2 * edge)
    return solids.flat_sheet(x, y, np.repeat(z[:, None], _ACROSS, axis=1), np.minimum(lens, thick))


def build_spoon(p: Spoon) -> MeshData:
    size = p.size
    length, bowl = p.length * size, p.bowl * size
    start = length - bowl
    end = p.round * (1 - np.cos(np.linspace(0, np.pi / 2, 7)))
    x = np.concatenate([end, np.linspace(p.round + 0.006, start - 0.008, 13)])
    s = curves.dense_ends(1.0, 22)
    x = np.concatenate([x, start + s * bowl])
    x[0] += 0.0002
    half = _spoon_half(p, x, start, bowl)
    t = ((x - start) / bowl).clip(0, 1)
    depth = p.deep * size * np.sqrt((1 - (2 * t - 1) ** 2).clip(0, 1)) * (t > 0)
    rim = 1.05 * p.deep * size + p.thick / 2
    knots = [0.0, 0.4 * start, start - 0.006, start + 0.3 * bowl, length]
    heights = [p.thick / 2, 0.5 * (p.arch + rim), rim + 0.45 * p.arch, rim, 1.04 * rim]
    flat = _strip(x, half, curves.monotone(x, knots, heights), p.thick)
    across = np.sin(np.linspace(-1, 1, _ACROSS) * np.pi / 2)
    dent = depth[:, None] * (1 - np.abs(across) ** 2.2)
    for side in (flat.lower, flat.upper):
        side[..., 2] -= dent
    n = len(x) - 1
    filling = flat.pieces((0, 3, 7, 13, 19, 21), (0, 8))
    filling += flat.pieces((21, 26, 30, 34, 38, n), (0, 2, 4, 6, 8))
    at = 19 + 11
    marks = {
        "handle_end": flat.upper[0, 4],
        "neck": flat.upper[19, 4],
        "bowl_left": flat.upper[at, -1],
        "bowl_right": flat.upper[at, 0],
        "tip": flat.upper[-1, 4],
    }
    edges = keypoints.chain("handle_end", "neck", "bowl_left", "tip", "bowl_right", "neck")
    points = Keypoints(marks, edges)
    return solids.assemble(
        [solids.loft(flat.rings(), "body")], ("body",), filling, points, centred=True
    )


def _spoon_half(p: Spoon, x: np.ndarray, start: float, bowl: float) -> np.ndarray:
    size = p.size
    middle = p.neck + (p.end - p.neck) * p.waist * 0.6
    knots = [0.0, p.round, 0.55 * start, 0.9 * start, start + 0.1 * bowl]
    widths = [p.end, p.end, middle, p.neck, 1.05 * p.neck]
    handle = curves.monotone(x, knots, np.array(widths) * size) * _rounding(x, p.round)
    t = ((x - start) / bowl).clip(0, 1)
    # An egg: wider than an ellipse towards the handle, narrower towards the tip.
    egg = np.sqrt((t * (1 - t)).clip(0, 1)) * 2 * (1 + p.tip * (0.5 - t))
    oval = 0.5 * p.wide * bowl * egg
    return np.where(t < 0.5, np.hypot(handle * (t < 0.35), oval), oval).clip(0.0006)


def build_knife(p: Knife) -> MeshData:
    table = p.for_table
    length = (0.200 + 0.035 * p.size) if table else (0.205 + 0.130 * p.size)
    grip = p.handle * length if table else 0.085 + p.handle * 0.08
    blade = _table_blade(p, length, grip) if table else _kitchen_blade(p, length, grip)
    handle = _knife_handle(p, grip, table)
    parts = [solids.loft(blade.rings(), "blade"), solids.loft(handle, "handle")]
    if not table:
        parts += [_rivet(x * grip, handle) for x in (0.22, 0.52, 0.80)]
    n = len(blade.lower) - 1
    filling = blade.pieces((0, n // 4, n // 2, 3 * n // 4, n), (0, 6))
    filling += pieces.slices(handle, 3, around=14)
    marks = {
        "handle_end": handle[0].mean(axis=0),
        "heel": blade.upper[3, 0],
        "back": blade.upper[3, -1],
        "tip": blade.upper[-1, 3],
    }
    edges = keypoints.chain("handle_end", "back", "tip", "heel", "handle_end")
    return solids.assemble(
        parts, ("blade", "handle"), filling, Keypoints(marks, edges), centred=True
    )


_WEDGE = np.array([0.16, 0.38, 0.68, 0.9, 1.0, 1.0, 0.86])
"""Thickness across a blade from edge to back, over the back's."""


def _blade(x: np.ndarray, edge: np.ndarray, back: np.ndarray, thick: np.ndarray) -> Sheet:
    s = np.array([0.0, 0.05, 0.2, 0.45, 0.75, 0.96, 1.0])
    y = edge[:, None] + (back - edge)[:, None] * s
    return solids.flat_sheet(x, y, np.zeros_like(y), thick[:, None] * _WEDGE)


def _table_blade(p: Knife, length: float, grip: float) -> Sheet:
    x = np.concatenate([[grip - 0.012], grip + (length - grip) * curves.dense_ends(1.0, 24)])
    s = ((x - grip) / (length - grip)).clip(0, 1)
    wide = 0.0085 + 0.002 * p.belly
    edge = curves.monotone(
        s,
        [0, 0.06, 0.14, 0.55, 0.8, 1],
        [-0.0045, -0.0045, -0.8 * wide, -wide] + [-1.05 * wide, 0.55 * wide],
    )
    back = curves.monotone(
        s, [0, 0.1, 0.6, 0.93, 1], [0.0045, 0.75 * wide, 0.85 * wide, 0.95 * wide] + [0.75 * wide]
    )
    tip = (1 - s) < 0.18
    edge = np.where(tip, 0.72 * wide - 1.77 * wide * np.sqrt((1 - s) / 0.18), edge)
    edge = np.minimum(edge, back - 0.0006)
    return _blade(x, edge, back, 0.0016 + 0.0035 * np.exp(-s / 0.05))


def _kitchen_blade(p: Knife, length: float, grip: float) -> Sheet:
    s = np.concatenate([np.linspace(0, 0.85, 18), [0.9, 0.94, 0.97, 0.985, 0.995, 1.0]])
    x = np.concatenate([[grip - 0.02, grip - 0.002, grip], grip + 0.001 + (length - grip) * s])
    s = np.concatenate([[0, 0, 0], s])
    wide = (0.018 + 0.010 * p.belly) + 0.08 * (length - 0.2)
    top = 0.0125
    back = top - (0.25 + 0.55 * p.drop) * wide * s**2.6
    tip = back[-1] - 0.0005
    heel = top - wide
    low = heel + (tip - heel) * s ** (2.2 + 2.0 * (1 - p.belly))
    edge = np.where(np.arange(len(s)) < 3, -0.009, low)
    thick = (0.0021 - 0.0011 * s) * (1 - 0.5 * (s > 0.99))
    return _blade(x, np.minimum(edge, back - 0.0004), back, thick)


def _knife_handle(p: Knife, grip: float, table: bool) -> np.ndarray:
    s = np.concatenate([[0, 0.012, 0.035, 0.07], np.linspace(0.13, 0.93, 13), [0.97, 0.99, 1.0]])
    soft = curves.rounding(s, 0.07) * 0.55 + 0.45
    front = curves.rounding(1 - s, 0.04) * 0.25 + 0.75
    if table:
        half = curves.monotone(
            s, [0, 0.2, 0.7, 1], [0.0088 + 0.002 * p.butt, 0.0092, 0.0070, 0.0058]
        )
        deep = curves.monotone(s, [0, 0.3, 1], [0.0036, 0.0038, 0.0032])
        y = np.stack([-half, half], axis=1)
        power = 2.4
    else:
        top = 0.0125 - 0.002 * np.sin(np.pi * s)
        low = curves.monotone(
            s,
            [0, 0.12, 0.45, 0.75, 1],
            [-0.0130 - 0.005 * p.butt, -0.0120 - 0.003 * p.butt, -0.0105, -0.0120, -0.0100],
        )
        deep = curves.monotone(s, [0, 0.3, 1], [0.0085, 0.0090, 0.0075])
        y = np.stack([low, top], axis=1)
        power = 3.2
    y = (
        y.mean(axis=1, keepdims=True)
        + (y - y.mean(axis=1, keepdims=True)) * (soft * front)[:, None]
    )
    z = np.stack([-deep, deep], axis=1) * (soft * front)[:, None]
    return sections.bar(s * grip, y, z, curves.superellipse((1.0, 1.0), power, 22))


def _rivet(x: float, handle: np.ndarray) -> Solid:
    """A pin through the handle, showing a hair on both sides."""
    ring = handle[int(np.argmin(np.abs(handle[:, 0, 0] - x)))]
    high = float(ring[:, 2].max()) + 0.0002
    y = float((ring[:, 1].max() + ring[:, 1].min()) / 2)
    profile = np.array([(0, -high), (0.0026, -high), (0.0030, -high + 0.0003)])
    profile = np.concatenate([profile, profile[::-1] * (1, -1)])
    return solids.translate(solids.lathe(profile, "blade", 12), (x, y, 0.0))


CLASSES = (
    ParametricClass("fork", Fork, build_fork),
    ParametricClass("knife", Knife, build_knife),
    ParametricClass("spoon", Spoon, build_spoon),
)
