"""Fork and spoon, lying on a table: the handle along x, the other end at +x."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Sheet, curves, keypoints
from simgen.spec.parameters import between, cases


@dataclass(frozen=True)
class Handle:
    length: float = between(0.165, 0.210)
    neck: float = between(0.0030, 0.0042)  # half width
    end: float = between(0.0075, 0.0115)  # half width of the handle's end
    waist: float = between(0.5, 0.75)  # of the handle's middle, between neck and end
    thick: float = between(0.0021, 0.0030)
    arch: float = between(0.006, 0.012)  # height of the neck above the ground
    round: float = between(0.008, 0.022)  # length of the rounding of the handle's end


@dataclass(frozen=True)
class Fork(Handle):
    tines: int = cases(3, 4, at=(0.5,), drawn=(0.3, 1.0))
    head: float = between(0.0112, 0.0138)  # half width
    palm: float = between(0.024, 0.034)
    tine: float = between(0.038, 0.052)
    gap: float = between(0.36, 0.46)  # between tines, over their spacing
    lift: float = between(0.008, 0.014)  # of the tips


@dataclass(frozen=True)
class Spoon(Handle):
    size: float = between(0.72, 1.0)  # teaspoon to tablespoon
    bowl: float = between(0.058, 0.068)
    wide: float = between(0.60, 0.72)  # of the bowl's length
    deep: float = between(0.0070, 0.0105)
    tip: float = between(0.0, 0.25)  # pointedness


_ACROSS = 9


def build_fork(p: Fork) -> MeshData:
    root = p.length - p.tine
    body, cuts = _fork_body(p, root)
    tines = [_tine(p, root, place) for place in range(p.tines)]
    found = [body.solid("body", cuts, (0, 4, 8))]
    found += [tine.solid("body", (0, 5, 9, len(tine.lower) - 1), (0, 4)) for tine in tines]
    points = {
        "handle_end": body.upper[0, _ACROSS // 2],
        "neck": body.upper[int(np.argmin(np.ptp(body.upper[8:-6, :, 1], axis=1))) + 8, 4],
        "left_tip": tines[-1].upper[-1, 2],
        "right_tip": tines[0].upper[-1, 2],
    }
    edges = (*keypoints.chain("handle_end", "neck", "left_tip"), ("neck", "right_tip"))
    marks = Keypoints(points, edges)
    return solids.assemble(found, ("body",), keypoints=marks, centred=True)


def _fork_height(p: Fork, x: np.ndarray) -> np.ndarray:
    """Return the height of the fork's centre line: it rests on its end and on its palm, with the
    tips raised."""
    root = p.length - p.tine
    knots = [0, 0.35 * root, root - p.palm - 0.004, root - 0.3 * p.palm, p.length]
    heights = [0.0, 0.55 * p.arch, p.arch, 0.0015, p.lift]
    line = curves.catmull_rom(np.stack([knots, heights], axis=1), 200)
    return np.interp(x, line[:, 0], line[:, 1])


def _fork_body(p: Fork, root: float) -> tuple[Sheet, tuple[int, ...]]:
    """Build the handle and palm, and return where their collision pieces meet."""
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
    half = curves.monotone(x, knots, widths) * curves.rounding(x, p.round)
    body = _strip(x, half, _fork_height(p, x), p.thick)
    body.lower[-1] += (body.upper[-1] - body.lower[-1]) * 0.25
    body.upper[-1] -= (body.upper[-1] - body.lower[-1]) * 0.25
    return body, (0, 3, 7, 12, 17, 21, 25, 29, len(x) - 1)


def _tine(p: Fork, root: float, place: int) -> Sheet:
    pitch = 2 * p.head / (p.tines - p.gap)
    half = pitch * (1 - p.gap) / 2
    middle = (place - (p.tines - 1) / 2) * pitch
    s = np.array([-0.12, -0.03, 0.0, 0.03, 0.08, 0.2, 0.4, 0.6, 0.8, 0.9, 0.96, 0.99, 1.0])
    x = root + s * p.tine
    # Towards its root, a tine widens by half the gap, which makes the end of the gap round.
    flare = 0.5 * p.gap * pitch * np.exp(-np.maximum(s, 0) / 0.025) * (s >= 0)
    flare[:2] = -0.2 * half
    tip = np.sqrt(np.clip(1 - ((s - 0.88) / 0.125).clip(0, 1) ** 2, 0.05, 1))
    width = (half * (1 - 0.18 * s.clip(0, 1)) + 0.7 * flare) * tip
    y = (middle * (1 - 0.05 * s.clip(0, 1)))[:, None] + width[:, None] * np.linspace(-1, 1, 5)
    thick = p.thick * (0.94 - 0.35 * s.clip(0, 1)) * (0.5 + 0.5 * tip)
    round_edge = np.array([0.5, 0.92, 1.0, 0.92, 0.5])
    height = np.repeat(_fork_height(p, x)[:, None], 5, axis=1)
    return solids.flat_sheet(x, y, height, thick[:, None] * round_edge)


def _strip(x: np.ndarray, half: np.ndarray, z: np.ndarray, thick: float) -> Sheet:
    """Build a sheet with rounded long edges, `half` wide on both sides of y = 0."""
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
    filling = flat.pieces((0, 3, 7, 13, 19, 21), (0, 8))
    filling += flat.pieces((21, 26, 30, 34, 38, len(x) - 1), (0, 2, 4, 6, 8))
    at = 19 + 11
    points = {
        "handle_end": flat.upper[0, 4],
        "neck": flat.upper[19, 4],
        "bowl_left": flat.upper[at, -1],
        "bowl_right": flat.upper[at, 0],
        "tip": flat.upper[-1, 4],
    }
    edges = keypoints.chain("handle_end", "neck", "bowl_left", "tip", "bowl_right", "neck")
    spoon = solids.loft(flat.rings(), "body")
    return solids.assemble([spoon], ("body",), filling, Keypoints(points, edges), centred=True)


def _spoon_half(p: Spoon, x: np.ndarray, start: float, bowl: float) -> np.ndarray:
    size = p.size
    middle = p.neck + (p.end - p.neck) * p.waist * 0.6
    knots = [0.0, p.round, 0.55 * start, 0.9 * start, start + 0.1 * bowl]
    widths = [p.end, p.end, middle, p.neck, 1.05 * p.neck]
    handle = curves.monotone(x, knots, np.array(widths) * size) * curves.rounding(x, p.round)
    t = ((x - start) / bowl).clip(0, 1)
    # An egg shape: wider than an ellipse towards the handle, narrower towards the tip.
    egg = np.sqrt((t * (1 - t)).clip(0, 1)) * 2 * (1 + p.tip * (0.5 - t))
    oval = 0.5 * p.wide * bowl * egg
    return np.where(t < 0.5, np.hypot(handle * (t < 0.35), oval), oval).clip(0.0006)


CLASSES = (ParametricClass("fork", Fork, build_fork), ParametricClass("spoon", Spoon, build_spoon))
