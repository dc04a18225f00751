"""Apple, pear and orange: a deformed lathed profile, with a stem or its star on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, nested

_SEGMENTS = 52


@dataclass(frozen=True)
class Lumps:
    lobes: float = between(0.005, 0.025)  # of the five bulges, over the radius
    lobes_turn: float = between(0.0, 6.2831)
    oval: float = between(0.0, 0.030)
    oval_turn: float = between(0.0, 6.2831)
    lean: float = between(-0.10, 0.10)
    slant: float = between(-0.07, 0.07)
    stem: float = between(0.012, 0.022)
    stem_radius: float = between(0.0010, 0.0016)
    stem_bend: float = between(-0.7, 0.7)
    stem_turn: float = between(0.0, 6.2831)


@dataclass(frozen=True)
class Apple:
    radius: float = between(0.031, 0.043)
    height: float = between(0.82, 0.98)  # over the diameter
    shoulder: float = between(0.55, 0.64)  # height of the widest place
    narrow: float = between(0.50, 0.66)  # radius of the lower end over the radius
    dimple: float = between(0.13, 0.20)
    lumps: Lumps = nested(Lumps)


@dataclass(frozen=True)
class Pear:
    radius: float = between(0.029, 0.037)
    height: float = between(1.25, 1.62)
    shoulder: float = between(0.32, 0.38)
    neck: float = between(0.44, 0.58)  # radius of the neck over the radius
    top: float = between(0.30, 0.40)
    lumps: Lumps = nested(Lumps)


@dataclass(frozen=True)
class Orange:
    radius: float = between(0.032, 0.044)
    height: float = between(0.90, 1.02)  # over the diameter
    crown: float = between(0.01, 0.045)  # depth of the dimple around the stalk, over the radius
    pinch: float = between(0.0, 0.05)  # extension towards the stalk
    lobes: float = between(0.002, 0.012)
    oval: float = between(0.0, 0.02)
    turn: float = between(0.0, 6.2831)
    stalk: float = between(0.0022, 0.0034)


def build_apple(p: Apple) -> MeshData:
    wide, low, deep = p.shoulder, p.narrow, p.dimple
    control = [(0, 0.11), (0.10, 0.085), (0.24, 0.02), (0.37, 0.0), (low, 0.035)]
    control += [(0.45 * low + 0.56, 0.20), (0.962, 0.39), (1.0, wide), (0.93, 0.80)]
    control += [(0.74, 0.945), (0.50, 1.0), (0.30, 0.985), (0.14, 0.93), (0.05, 1.02 - deep)]
    control += [(0, 1.0 - deep)]
    return _fruit(p, control)


def build_pear(p: Pear) -> MeshData:
    wide, neck, top = p.shoulder, p.neck, p.top
    control = [(0, 0.05), (0.10, 0.035), (0.22, 0.006), (0.34, 0.0), (0.60, 0.032)]
    control += [(0.87, 0.14), (1.0, wide), (0.90, 0.50), (0.5 + 0.38 * neck, 0.63)]
    control += [(neck, 0.80), (top, 0.93), (0.62 * top, 0.985), (0.3 * top, 0.99), (0, 0.965)]
    return _fruit(p, control)


def _fruit(p: Apple | Pear, control: Sequence[Sequence[float]]) -> MeshData:
    """Build a fruit whose profile interpolates `control` (radius over radius, z over height)."""
    size = np.array([p.radius, p.height * 2 * p.radius])
    profile = curves.catmull_rom(np.array(control) * size, 46)
    profile[[0, -1], 0] = 0.0
    part = solids.lathe(profile, "skin", _SEGMENTS)
    body = _bent(p, part.vertices, size)
    skin = replace(part, vertices=body)
    stem = _stem(p, body[-1], 0.05 * size[1])
    filling = _wedges(body, 12) + pieces.slices(stem[2:], 2, around=6)
    ends = {"bottom": body[-2], "stem_tip": stem[-1].mean(axis=0)}
    marks = Keypoints(ends, keypoints.chain(*ends))
    return solids.assemble([skin, solids.loft(stem, "stem")], ("skin", "stem"), filling, marks)


def _bent(p: Apple | Pear, points: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return points (`n x 3`) deformed with lobes, an oval cross-section, a lean and a slanting
    top."""
    x, y, z = points.T
    angle, s = np.arctan2(y, x), z / size[1]
    lobes = p.lumps.lobes * np.cos(5 * angle + p.lumps.lobes_turn) * (0.35 + np.abs(2 * s - 1) ** 2)
    oval = p.lumps.oval * np.cos(2 * angle + p.lumps.oval_turn)
    factor = 1 + lobes + oval
    x, y = x * factor, y * factor
    lifted = (
        z * (1 + p.lumps.slant * x / size[0]) + 0.5 * p.lumps.lobes * size[0] * lobes / 0.03 * 0.1
    )
    return np.stack([x + p.lumps.lean * size[0] * s * s, y, lifted], axis=1)


def _stem(p: Apple | Pear, root: np.ndarray, sunk: float) -> np.ndarray:
    """Return the rings of the stem, which starts inside the fruit and widens towards its upper
    end."""
    away = np.array([np.cos(p.lumps.stem_turn), np.sin(p.lumps.stem_turn), 0.0])
    side = np.array([-away[1], away[0], 0.0])
    long, bend = p.lumps.stem, p.lumps.stem_bend
    up = np.array([0.0, 0.0, 1.0])
    control = [root - sunk * up, root + 0.4 * long * up]
    control.append(root + long * (up + 0.6 * bend * away))
    r = p.lumps.stem_radius
    path = curves.bezier(control, 12)
    section = curves.superellipse((r, r), 2.3, 10)
    points, scale = sections.round_ends(path, (r, r), 0.5 * r)
    s = np.linspace(0, 1, len(points))[:, None]
    return sections.sweep(points, section, side, scale * (0.9 + 0.15 * s + 0.5 * s**6))


def build_orange(p: Orange) -> MeshData:
    r, high = p.radius, p.height * p.radius
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 44)
    profile = np.stack([r * np.cos(latitude), high * np.sin(latitude)], axis=1)
    up = np.exp(-((latitude - np.pi / 2) ** 2) / 0.030)
    below = np.exp(-((latitude + np.pi / 2) ** 2) / 0.012)
    near = np.exp(-((latitude - np.pi / 2) ** 2) / 0.25)
    profile[:, 1] += r * (p.pinch * near - p.crown * 1.6 * up + 0.020 * below)
    profile[[0, -1], 0] = 0.0
    part = solids.lathe(profile, "skin", _SEGMENTS)
    x, y, _ = part.vertices.T
    angle = np.arctan2(y, x)
    s = part.vertices[:, 2] / high
    factor = 1 + p.oval * np.cos(2 * angle + p.turn)
    factor += p.lobes * np.cos(7 * angle + p.turn) * s.clip(0, 1) ** 3
    body = part.vertices * np.stack([factor, factor, np.ones_like(factor)], axis=1)
    stalk = _calyx(p, body[-1])
    ends = {"bottom": body[-2], "stalk": stalk.vertices[-1]}
    skin = solids.filled(replace(part, vertices=body), _wedges(body, 8))
    marks = Keypoints(ends, keypoints.chain(*ends))
    return solids.assemble([skin, stalk], ("skin", "stalk"), keypoints=marks)


def _wedges(body: np.ndarray, count: int) -> list[Piece]:
    """Return the pieces of a lathed fruit (`n x 3`, its two tips last)."""
    found = pieces.wedges(body[:-2].reshape(-1, _SEGMENTS, 3), body[-2:], count, rows=15)
    # A hull of sampled rows may miss the lowest point, on which the fruit rests.
    lowest = body[body[:, 2] < body[:, 2].min() + 1e-9][:1]
    found[0] = np.concatenate([found[0], lowest])
    return found


def _calyx(p: Orange, root: np.ndarray) -> Solid:
    """Build the green star left by the stalk."""
    r = p.stalk
    profile = [(0, -0.002), (1.1 * r, -0.001), (1.25 * r, 0.0006), (0.9 * r, 0.0012)]
    profile += [(0.55 * r, 0.0010), (0.45 * r, 0.0006), (0, 0.0005)]
    part = solids.lathe(profile, "stalk", 20)
    x, y, z = part.vertices.T
    star = 1 + 0.28 * np.cos(5 * np.arctan2(y, x) + p.turn) * (np.hypot(x, y) > 0.8 * r)
    return solids.translate(replace(part, vertices=np.stack([x * star, y * star, z], axis=1)), root)


CLASSES = (
    ParametricClass("apple", Apple, build_apple),
    ParametricClass("orange", Orange, build_orange),
    ParametricClass("pear", Pear, build_pear),
)
