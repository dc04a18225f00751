"""Teapot: a lathed body and lid, a swept handle and a tapered spout with a mouth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, curves, keypoints, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Teapot:
    radius: float = between(0.046, 0.066)
    height: float = between(1.30, 1.75)  # of the body over its radius
    belly_at: float = between(0.36, 0.55)
    foot: float = between(0.55, 0.72)  # over the radius
    mouth: float = between(0.46, 0.62)
    lid: float = between(0.16, 0.34)  # rise of the lid over its radius
    knob: float = between(0.0065, 0.0105)
    handle_reach: float = between(0.024, 0.036)
    handle_thick: float = between(0.0036, 0.0052)
    handle_wide: float = between(0.0052, 0.0078)
    handle_square: float = between(2.0, 3.2)
    spout_reach: float = between(0.034, 0.050)
    spout_root: float = between(0.30, 0.45)  # of the height
    spout_top: float = between(0.86, 1.02)
    spout_radius: float = between(0.0060, 0.0078)
    spout_swing: float = between(0.25, 0.75)


def build(p: Teapot) -> MeshData:
    outer = _outer(p)
    body, lid, spout, handle = _body(outer), _lid(p), _spout(p, outer), _handle(p, outer)
    parts = [
        solids.lathe(body, "body", 42),
        solids.lathe(lid, "lid", 26),
        solids.loft(spout, "body"),
        solids.loft(handle, "handle"),
    ]
    filling = _body_pieces(outer, lid) + pieces.slices(handle, 6, around=14)
    filling += pieces.slices(spout[: _SPOUT_RINGS + 1], 5, around=18)
    marks = keypoints.joined(_keypoints(body, lid, spout), keypoints.handle(handle, (6, 11, 16)))
    shared = {"lid": "body", "handle": "body"}
    return solids.assemble(parts, ("body", "lid", "handle"), filling, marks, shared)


def _keypoints(body: np.ndarray, lid: np.ndarray, spout: np.ndarray) -> Keypoints:
    # The lip turns over halfway through its six rings.
    lip = spout[_SPOUT_RINGS + 2]
    points = {
        "base_centre": keypoints.on_axis(body, 0),
        "knob_top": keypoints.on_axis(lid, -1),
        "spout_tip": keypoints.extreme(lip, (1, 0, 0)),
    }
    return Keypoints(points, keypoints.chain(*points))


def _tall(p: Teapot) -> float:
    return p.height * p.radius


def _outer(p: Teapot) -> np.ndarray:
    """Return the outside of the body (`22 x 2`) from the foot to the edge of the opening."""
    r, h, at = p.radius, _tall(p), p.belly_at
    foot, mouth = p.foot, p.mouth
    control = [(foot, 0.045), (0.45 * foot + 0.55, 0.40 * at), (0.985, 0.82 * at + 0.02)]
    control += [(1.0, at + 0.04), (0.95, 0.35 + 0.65 * at), (0.5 * mouth + 0.44, 0.86)]
    control += [(mouth + 0.05, 0.985)]
    return curves.catmull_rom(np.array(control) * (r, h), 22)


def _body(outer: np.ndarray) -> np.ndarray:
    """Return the profile of the closed body, whose lack of an inside the lid hides."""
    foot, (edge, top) = outer[0], outer[-1]
    base = [(0, 0.0015), (foot[0] - 0.008, 0.0015), (foot[0] - 0.006, 0), (foot[0] + 0.001, 0)]
    base += [(foot[0] + 0.001, foot[1] - 0.001), outer[1]]
    under = curves.fillet(base, [0, 0.002, 0.0016, 0.0016, 0.002, 0], steps=3)
    mouth = [outer[-1], (edge - 0.001, top + 0.003), (edge - 0.0045, top + 0.003)]
    mouth += [(edge - 0.005, top - 0.001), (0, top - 0.001)]
    collar = curves.fillet(mouth, [0, 0.0013, 0.0013, 0.0008, 0], steps=3)
    return curves.chain(under[:-1], outer[1:], collar[1:])


def _lid(p: Teapot) -> np.ndarray:
    """Return the profile of the lid with its knob."""
    edge, top = _outer(p)[-1]
    r, low = edge - 0.0058, top - 0.0015
    seat = low + 0.0055
    rise, knob = p.lid * r, p.knob
    dome = [(r * np.cos(a), seat + rise * np.sin(a)) for a in np.linspace(0.12, 1.25, 7)]
    neck = seat + rise + 0.0005
    ball = neck + 0.002 + 0.85 * knob
    stalk = [(0.58 * knob, neck + 0.0004), (0.55 * knob, neck + 0.0022)]
    cap = [(knob * np.cos(a), ball + 0.85 * knob * np.sin(a)) for a in np.linspace(-0.75, 1.45, 9)]
    corners = [(0, low), (r, low), *dome, *stalk, *cap, (0, ball + 0.85 * knob)]
    radii = np.zeros(len(corners))
    radii[1], radii[2], radii[9] = 0.0012, 0.0016, 0.002
    return curves.fillet(corners, radii, steps=4)


def _inside(outer: np.ndarray, z: float, deep: float) -> float:
    """Return a radius `deep` metres inside the body's surface at height `z`."""
    return float(np.interp(z, outer[:, 1], outer[:, 0])) - deep


def _handle(p: Teapot, outer: np.ndarray) -> np.ndarray:
    """Return the rings of the handle at -x, with both ends sunk into the body."""
    h = _tall(p)
    high, low = 0.84 * h, 0.28 * h
    reach = p.radius + 1.33 * p.handle_reach
    control = [(-_inside(outer, high, 0.006), high), (-reach, 1.12 * h)]
    control += [(-reach, 0.16 * h), (-_inside(outer, low, 0.005), low)]
    path = curves.in_xz(curves.resample(curves.bezier(control, 80), 23))
    section = curves.superellipse((p.handle_thick, p.handle_wide), p.handle_square, 14)
    return sections.sweep(path, section, (0, 1, 0))


_SPOUT_RINGS = 18


def _spout(p: Teapot, outer: np.ndarray) -> np.ndarray:
    """Return the rings of the S-shaped spout at +x, over its lip and back into its mouth."""
    h, tip = _tall(p), p.spout_radius
    root, top = p.spout_root * h, p.spout_top * h
    start = _inside(outer, root, 0.012)
    end = p.radius + p.spout_reach
    swing = p.spout_swing
    control = [(start, root), (start + 0.75 * (end - start), root + 0.05 * h)]
    control += [(end - 0.30 * (end - start) * swing - 0.008, top - 0.35 * h), (end, top)]
    path = curves.in_xz(curves.resample(curves.bezier(control, 80), _SPOUT_RINGS))
    s = np.linspace(0, 1, _SPOUT_RINGS)
    wide = tip * (1.0 + 1.35 * (1 - s) ** 1.3)
    rings = sections.tube(path, wide, (0, 1, 0), 18)
    return np.concatenate([rings, _mouth(rings[-1], path[-1] - path[-2], tip)])


def _mouth(ring: np.ndarray, along: np.ndarray, radius: float) -> np.ndarray:
    """Return the rings that close the spout: a round lip of 2 mm and a hole of 12 mm depth."""
    centre, ahead = ring.mean(axis=0), curves.unit(along)
    wall = 0.0020
    angle = np.linspace(0, np.pi, 7)[1:]
    shrink = [wall / 2 * (1 - np.cos(a)) for a in angle] + [wall, wall]
    shift = [wall / 2 * np.sin(a) for a in angle] + [-0.002, -0.012]
    steps = zip(shrink, shift, strict=True)
    return np.array([centre + (ring - centre) * (1 - a / radius) + ahead * b for a, b in steps])


def _body_pieces(outer: np.ndarray, lid: np.ndarray) -> list[Piece]:
    cut = np.round(np.linspace(0, len(outer) - 1, 6)).astype(int)
    foot = outer[0, 0] + 0.001
    found = [pieces.disc([(foot, 0), outer[0], outer[1]], 20)]
    for low, high in pairwise(cut):
        found.append(pieces.disc([outer[low], outer[(low + high) // 2], outer[high]], 20))
    edge, top = outer[-1]
    found.append(pieces.disc([(edge, top), (edge - 0.001, top + 0.003)], 20))
    seat = top + 0.003
    neck = int(np.argmax((lid[:, 1] > seat) & (lid[:, 0] < 0.26 * edge + 0.004)))
    dome = lid[(lid[:, 1] >= seat) & (np.arange(len(lid)) <= neck)]
    knob = lid[neck:]
    pick = np.round(np.linspace(0, len(dome) - 1, 3)).astype(int)
    ball = np.round(np.linspace(0, len(knob) - 2, 4)).astype(int)
    peak = (0.0, float(knob[-1, 1]))
    return [*found, pieces.disc(dome[pick], 20), pieces.disc([*knob[ball], peak], 15)]


CLASSES = (ParametricClass("teapot", Teapot, build),)
