"""Can: a printed cylinder with seams, necked ends, a recessed lid and a pull tab."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, count


@dataclass(frozen=True)
class Can:
    radius: float = between(0.026, 0.043)
    height: float = between(0.085, 0.135)
    neck: float = between(0.0, 0.16)  # narrowing of the ends over the radius
    neck_length: float = between(0.008, 0.014)
    recess: float = between(0.0022, 0.0036)
    rib_depth: float = between(0.0, 0.0007)
    rib_count: int = count(3, 5)
    tab_turn: float = between(0.0, 6.2831)


_RIVET = 0.0016
"""Height of the rivet above the lid, metres."""


def build(p: Can) -> MeshData:
    profile = _profile(p)
    ends = (_body_low(p) - 1e-4, p.height - _body_low(p) + 1e-4)
    inside = p.radius * (1 - p.neck) - 0.0002
    names = solids.edge_slots(profile, "lid", print=((inside, ends[0]), (1, ends[1])))
    tab = _tab(p)
    parts = [solids.lathe(profile, names, 42), solids.loft(tab, "lid"), _rivet(p)]
    filling = [*_pieces(p), pieces.slab(tab[2:-2:5], 12)]
    return solids.assemble(parts, ("print", "lid"), filling, _keypoints(p, profile))


def _keypoints(p: Can, profile: np.ndarray) -> Keypoints:
    radius, height = profile[int(np.argmax(profile[:, 1]))]
    rim = keypoints.around("rim", float(radius), float(height), 42)
    ends = {
        "base_centre": keypoints.on_axis(profile, 0),
        "top_centre": np.array([0.0, 0.0, _lid(p) + _RIVET]),
    }
    edges = keypoints.chain(*ends) + keypoints.loop(*rim)
    return Keypoints(ends | rim, edges)


def _body_low(p: Can) -> float:
    """Return the height of the printed body's lower end, metres; the upper end mirrors it."""
    return 0.0035


def _profile(p: Can) -> np.ndarray:
    r, h, seam = p.radius, p.height, 0.0011
    end = r * (1 - p.neck)
    low, neck = _body_low(p), p.neck_length
    top = [(end, low), (r, low + neck), (r, low + neck + 0.004)]
    bottom_side = curves.fillet([*top, (r, h / 2)], [0, 0.006, 0, 0], steps=4)[:-1]
    z = np.linspace(low + neck + 0.006, h - low - neck - 0.006, 21)
    belly = np.stack([r - _ribs(p, z, h), z], axis=1)
    top_side = (bottom_side * (1, -1) + (0, h))[::-1]
    edge, deep = end + seam - 0.0006, h - p.recess
    base = [(0, 0.004), (end - 0.01, 0.0025), (end - 0.0035, 0.0022), (end - 0.0022, 0)]
    base += [(edge, 0), (edge, low - 0.0008), (end, low)]
    under = curves.fillet(base, [0, 0.004, 0.0012, 0.001, 0.001, 0.0008, 0], steps=3)
    lid = [(end, h - low), (end + seam, h - low + 0.0008), (end + seam, h), (end - seam, h)]
    lid += [(end - 0.0026, deep), (end - 0.0052, deep), (end - 0.006, deep + 0.0007), (0, deep)]
    over = curves.fillet(lid, [0, 0.0008, 0.0011, 0.0011, 0.0009, 0.0006, 0.0008, 0], steps=3)
    over[-1, 1] = over[-2, 1]
    return curves.chain(under, bottom_side[1:], belly, top_side[:-1], over)


def _ribs(p: Can, z: np.ndarray, height: float) -> np.ndarray:
    """Return the depth of the ribs in the wall at heights `z`; they fade out towards the ends."""
    s = np.clip((z / height - 0.25) / 0.5, 0, 1)
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * p.rib_count * s)
    deep = p.rib_depth if p.rib_depth > 0.00035 else 0.0
    return deep * wave


def _tab(p: Can) -> np.ndarray:
    """Return the rings of the pull tab: a flat arm with round ends, just above the lid."""
    arm, half = min(0.021, 0.62 * p.radius), (0.0070, 0.00055)
    turn = np.array([np.cos(p.tab_turn), np.sin(p.tab_turn), 0.0])
    path = np.linspace(-0.25, 0.75, 7)[:, None] * arm * turn
    path = path + np.array([0.0, 0.0, _lid(p) + 0.0008])
    points, scale = sections.round_ends(path, half, 0.0004)
    along = 2 * curves.arclength(points) / arm - 1
    scale[:, 0] *= 0.25 + 0.75 * np.sqrt(np.clip(1 - along**4, 0, 1))
    return sections.sweep(points, curves.superellipse(half, 3.0, 12), (0, 0, 1), scale)


def _rivet(p: Can) -> Solid:
    """Build the rivet that holds the tab."""
    low, high = _lid(p) - 0.001, _lid(p) + _RIVET
    corners = [(0, low), (0.003, low), (0.003, high), (0, high)]
    return solids.lathe(curves.fillet(corners, [0, 0.0003, 0.0009, 0], 3), "lid", 12)


def _lid(p: Can) -> float:
    """Return the height of the lid's centre, metres."""
    return p.height - p.recess + 0.0007


def _pieces(p: Can) -> list[Piece]:
    r, h = p.radius, p.height
    end, low, neck = r * (1 - p.neck), _body_low(p), p.neck_length
    wide, deep = end + 0.0008, h - p.recess
    foot = pieces.disc([(wide - 0.0006, 0), (wide, low), (r, low + neck)], 20)
    body = pieces.disc([(r, low + neck), (r, h - low - neck)], 28)
    head = pieces.disc([(r, h - low - neck), (end, h - low), (end, deep)], 20)
    ring = [(wide, h - low), (wide, h), (end - 0.0012, h), (end - 0.0028, h - low)]
    return [foot, body, head, *pieces.sectors(ring, 16)]


CLASSES = (ParametricClass("can", Can, build),)
