"""Laptop: a slim base with keys and a trackpad, and a lid with its screen, open at an angle.

Its user sits at -y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Solid, curves, keypoints, pieces
from simgen.spec.parameters import between

from . import keys


@dataclass(frozen=True)
class Laptop:
    width: float = between(0.290, 0.375)
    depth: float = between(0.64, 0.72)  # over the width
    base: float = between(0.011, 0.019)
    lid: float = between(0.0045, 0.0075)
    corner: float = between(0.006, 0.014)
    open: float = between(1.60, 2.20)  # angle between lid and base
    bezel: float = between(0.006, 0.013)
    chin: float = between(0.012, 0.026)
    keys_wide: float = between(0.80, 0.88)  # of the width
    pad_wide: float = between(0.28, 0.42)
    pad_deep: float = between(0.24, 0.31)  # of the depth
    pitch_ratio: float = between(0.90, 1.0)  # keys' depth over their width


def build(p: Laptop) -> MeshData:
    half = (p.width / 2, p.width * p.depth / 2)
    base = _base(p, half)
    lid = _lid(p, half)
    swing = np.pi - p.open
    hinge = (0.0, half[1] - 0.006, p.base)
    lid = [solids.rotate(part, 0, swing, hinge) for part in lid]
    barrel = _barrel(p, half)
    block = pieces.block((-half[0], -half[1], 0.0), (half[0], half[1], p.base))
    cover = pieces.block(
        (-half[0], half[1] - 0.006, p.base), (half[0], 3 * half[1] - 0.012, p.base + p.lid)
    )
    filling = [block, solids.rotate_points(cover, 0, swing, hinge)]
    marks = _keypoints(base[0], lid[0])
    order = ("case", "keys", "pad", "screen", "bezel")
    return solids.assemble([*base, *barrel, *lid], order, filling, marks, centred=True)


def _keypoints(base: Solid, lid: Solid) -> Keypoints:
    top = base.vertices[base.vertices[:, 2] > 0.6 * base.vertices[:, 2].max()]
    points = {
        "front_left": keypoints.extreme(top, (-1, -1, 0)),
        "front_right": keypoints.extreme(top, (1, -1, 0)),
        "hinge_right": keypoints.extreme(lid.vertices, (1, 0, -1)),
        "hinge_left": keypoints.extreme(lid.vertices, (-1, 0, -1)),
        "lid_left": keypoints.extreme(lid.vertices, (-1, 0, 1)),
        "lid_right": keypoints.extreme(lid.vertices, (1, 0, 1)),
    }
    edges = keypoints.loop("front_left", "front_right", "hinge_right", "hinge_left")
    edges += keypoints.chain("hinge_left", "lid_left", "lid_right", "hinge_right")
    return Keypoints(points, edges)


def _base(p: Laptop, half: tuple[float, float]) -> list[Solid]:
    """Build the case, the dark well under the keys, the keys and the trackpad."""
    top = p.base
    parts = [solids.rounded_slab(half, p.corner, (0.0, top), 0.0022, "case")]
    pitch = p.keys_wide * p.width / 15
    deep = pitch * p.pitch_ratio
    depths = (0.62, 1.0, 1.0, 1.0, 1.0, 1.0)
    wide, tall = 15 * pitch / 2, sum(depths) * deep
    back = half[1] - 0.022
    field = (wide + 0.002, tall / 2 + 0.002)
    well = solids.rounded_slab(field, 0.003, (0.0, 0.0005), 0.0002, "bezel")
    parts.append(solids.translate(well, (0.0, back - tall / 2, top - 0.0003)))
    for x, y, w, d in keys.places(keys.LAPTOP, 0.0, depths):
        middle = (x * pitch - wide, back - tall + y * deep)
        size = (w * pitch / 2 - 0.0012, d * deep / 2 - 0.0012)
        parts.append(keys.cap(middle, size, (top - 0.001, top + 0.0011), 0.0002, "keys"))
    pad = (p.pad_wide * half[0], p.pad_deep * half[1])
    front = -half[1] + 0.006 + pad[1]
    front = max(front, -half[1] + 0.5 * (back - tall + half[1]))
    pad = (pad[0], min(pad[1], (back - tall) - front - 0.004))
    around = (pad[0] + 0.0008, pad[1] + 0.0008)
    frame = solids.rounded_slab(around, 0.004, (0.0, 0.0004), 0.0001, "bezel")
    plate = solids.rounded_slab(pad, 0.0035, (0.0, 0.0006), 0.0002, "pad")
    return [*parts, solids.translate(frame + plate, (0.0, front, top - 0.0003))]


def _lid(p: Laptop, half: tuple[float, float]) -> list[Solid]:
    """Build the cover, bezel, screen and camera of the lid, as if open by 180 degrees."""
    tall = half[1] - 0.003
    low, high = p.base, p.base + p.lid
    middle = (0.0, half[1] - 0.006 + tall, 0.0)
    cover = solids.rounded_slab((half[0], tall), p.corner, (low, high), 0.0018, "case")
    inner, heights = (half[0] - 0.002, tall - 0.002), (high - 0.0005, high + 0.0003)
    frame = solids.rounded_slab(inner, p.corner - 0.002, heights, 0.0003, "bezel")
    screen_half = (half[0] - p.bezel, tall - (p.bezel + p.chin) / 2)
    screen = solids.rounded_slab(screen_half, 0.0012, (high, high + 0.0005), 0.0001, "screen")
    screen = solids.translate(screen, (0.0, (p.chin - p.bezel) / 2, 0.0))
    eye = solids.lathe(curves.cylinder(0.0013, 0, 0.0006), "pad", 12)
    eye = solids.translate(eye, (0.0, tall - 0.5 * p.bezel - 0.0005, high))
    return [solids.translate(part, middle) for part in (cover, frame, screen, eye)]


def _barrel(p: Laptop, half: tuple[float, float]) -> list[Solid]:
    """Build the cylinder of the hinge along the back edge."""
    r = 0.5 * p.lid + 0.0008
    wide = 0.78 * half[0]
    profile = np.array([(0, -wide), (r - 0.0004, -wide), (r, 0.0004 - wide), (r, wide - 0.0004)])
    profile = np.concatenate([profile, [(r - 0.0004, wide), (0, wide)]])
    part = solids.lathe(profile, "bezel", 16, axis=0)
    return [solids.translate(part, (0.0, half[1] - 0.006, p.base + 0.3 * r))]


CLASSES = (ParametricClass("laptop", Laptop, build),)
