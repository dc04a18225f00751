"""Tumbler and wine glass: thin-walled lathed vessels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Piece, curves, keypoints, pieces
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Tumbler:
    height: float = between(0.080, 0.145)
    radius: float = between(0.031, 0.042)
    taper: float = between(0.72, 1.0)  # radius at the foot over radius at the rim
    swell: float = between(-0.02, 0.07)
    wall: float = between(0.0018, 0.0028)
    floor: float = between(0.005, 0.013)
    base_round: float = between(0.002, 0.006)


@dataclass(frozen=True)
class WineGlass:
    height: float = between(0.150, 0.225)
    bowl: float = between(0.42, 0.56)  # of the height
    radius: float = between(0.180, 0.235)  # of the bowl over the height
    belly_at: float = between(0.30, 0.50)
    mouth: float = between(0.70, 0.95)  # over the radius
    pointed: float = between(0.0, 0.35)
    foot: float = between(0.88, 1.08)  # over the radius
    stem: float = between(0.0034, 0.0048)
    wall: float = between(0.0014, 0.0020)


def build_tumbler(p: Tumbler) -> MeshData:
    wall, top, floor = p.wall, p.height - p.wall / 2, p.floor
    z = np.linspace(0.0, top, 14)
    outer = np.stack([_tumbler_radius(p, z), z], axis=1)
    base = float(outer[0, 0])
    first = outer[z > 2.2 * p.base_round + 0.002]
    foot = curves.fillet(
        [(0, 0.0012), (0.72 * base, 0.0010), (0.80 * base, 0), (base, 0), first[0], first[1]],
        [0, 0.004, 0.004, p.base_round, 0.01, 0],
    )
    zi = np.linspace(top, floor + 0.010, 11)
    sides = np.stack([_tumbler_radius(p, zi) - wall, zi], axis=1)
    corner = (float(_tumbler_radius(p, floor)) - wall, floor)
    bottom = curves.fillet([sides[-1], corner, (0, floor)], [0, 0.006, 0])
    inside = np.concatenate([sides, bottom[1:]])
    profile = curves.vessel(foot[:-1], first[1:], inside)
    part = solids.lathe(profile, "body", 56)
    marks = keypoints.vessel(profile, 56)
    return solids.assemble([part], ("body",), _tumbler_pieces(p, floor, top), marks)


def _tumbler_radius(p: Tumbler, z: np.ndarray | float) -> np.ndarray:
    s = np.asarray(z) / p.height
    return p.radius * (p.taper + (1 - p.taper) * s + p.swell * np.sin(np.pi * s))


def _tumbler_pieces(p: Tumbler, floor: float, top: float) -> list[Piece]:
    z = np.linspace(floor, top, 7)
    outer = np.stack([_tumbler_radius(p, z), z], axis=1)
    inner = outer - (p.wall, 0)
    low = (float(_tumbler_radius(p, 0.0)) - 0.4 * p.base_round, 0)
    wide = float(_tumbler_radius(p, 0.4 * p.base_round))
    base = pieces.disc([low, (wide, 0.4 * p.base_round), outer[0]], 20)
    crest = (float(outer[-1, 0]) - p.wall / 2, p.height)
    return [base, *pieces.bands(inner, outer, 3, 16, crest)]


def build_wine_glass(p: WineGlass) -> MeshData:
    bowl, neck, foot = _wine_bowl(p), _wine_stem(p), _wine_foot(p)
    inner = curves.offset(bowl, -p.wall)
    below = bowl[0, 1] + 0.0045
    keep = (inner[:, 1] > below + 0.002) & (inner[:, 0] > 0.009)
    start = int(np.argmax(keep))
    end = np.array([(0.55 * inner[start, 0], below + 0.0006), (0.25 * inner[start, 0], below)])
    inside = np.concatenate([inner[start:][::-1], end, [(0.0, below)]])
    profile = curves.vessel(curves.chain(foot, neck, bowl[:1]), bowl[1:], inside)
    part = solids.lathe(profile, "body", 46)
    filling = _wine_pieces(p, bowl, inner, start)
    return solids.assemble([part], ("body",), filling, keypoints.vessel(profile, 46))


def _wine_sizes(p: WineGlass) -> tuple[float, float]:
    """Return the radius of the bowl and height of its lower end, metres."""
    return p.radius * p.height, p.height * (1 - p.bowl)


def _wine_bowl(p: WineGlass) -> np.ndarray:
    """Return the outside of the bowl (`19 x 2`) from the stem to the rim."""
    r, low = _wine_sizes(p)
    tall = p.height - p.wall / 2 - low
    at, thin = p.belly_at, p.stem * 1.25
    sharp = 1 - p.pointed
    control = [(thin, 0.0), (0.30 * r, 0.020 + 0.05 * p.pointed), (0.62 * r * sharp**0.3, 0.105)]
    control += [(0.90 * r, 0.30 * at + 0.13), (r, at + 0.05)]
    control += [(r * (0.75 + 0.25 * p.mouth), 0.5 + 0.5 * at), (r * p.mouth, 1.0)]
    return curves.catmull_rom(np.array(control) * (1, tall) + (0, low), 19)


def _wine_stem(p: WineGlass) -> np.ndarray:
    """Return the stem from the foot's flare up to the bowl (`n x 2`)."""
    _, low = _wine_sizes(p)
    thin = p.stem
    control = [(2.3 * thin, 0.0062), (1.35 * thin, 0.012), (1.02 * thin, 0.024)]
    control += [(0.92 * thin, 0.55 * low), (1.0 * thin, low - 0.012), (1.12 * thin, low - 0.004)]
    return curves.catmull_rom(control, 11)


def _wine_foot(p: WineGlass) -> np.ndarray:
    """Return the foot from the axis at the bottom, around its rim and up to the stem (`n x 2`)."""
    r, _ = _wine_sizes(p)
    wide, thin = r * p.foot, p.stem
    corners = [(0, 0.0012), (0.8 * wide, 0.0008), (0.9 * wide, 0), (wide, 0), (wide, 0.0018)]
    corners += [(0.55 * wide, 0.0032), (2.3 * thin, 0.0062)]
    return curves.fillet(corners, [0, 0.004, 0.004, 0.0008, 0.0008, 0.03, 0], steps=4)


def _wine_pieces(p: WineGlass, bowl: np.ndarray, inner: np.ndarray, start: int) -> list[Piece]:
    r, low = _wine_sizes(p)
    wide, thin = r * p.foot, p.stem
    found = [
        pieces.disc([(wide, 0), (wide, 0.0016), (0.5 * wide, 0.0034)], 20),
        pieces.disc([(0.5 * wide, 0.0030), (2.3 * thin, 0.0062), (1.35 * thin, 0.012)], 16),
        pieces.disc([(1.3 * thin, 0.012), (1.02 * thin, 0.024)], 12),
        pieces.disc([(1.0 * thin, 0.024), (0.95 * thin, 0.55 * low)], 12),
        pieces.disc([(0.95 * thin, 0.55 * low), (1.25 * thin, low)], 12),
    ]
    floor = low + 0.0045
    edge = (float(curves.radius_at(bowl, floor)), floor)
    found.append(pieces.disc([bowl[0], edge], 20))
    wall_in = np.concatenate([[(inner[start, 0], floor + 0.0006)], inner[start + 1 :]])
    wall_out = np.concatenate([[edge], bowl[start + 1 :]])
    crest = (float(bowl[-1, 0]) - p.wall / 2, p.height)
    return found + pieces.bands(wall_in, wall_out, 3, 16, crest)


CLASSES = (
    ParametricClass("tumbler", Tumbler, build_tumbler),
    ParametricClass("wine_glass", WineGlass, build_wine_glass),
)
