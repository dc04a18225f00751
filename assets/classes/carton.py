"""Box: a printed cardboard box with a glued flap or a separate lid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import keypoints, pieces
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Box:
    width: float = between(0.055, 0.160)
    depth: float = between(0.030, 0.095)
    height: float = between(0.045, 0.190)
    round: float = between(0.0007, 0.0016)
    lidded: bool = flag(above=0.5, of="kind")  # else a carton with a glued flap
    lid: float = between(0.22, 0.50)  # of the height
    lid_gap: float = between(0.0006, 0.0012)
    flap: float = between(0.30, 0.65)  # of the depth


_SHARED = {"flap": "print"}
"""The flap has the body's print, since both are folded from one sheet."""


def build(p: Box) -> MeshData:
    return _carton(p) if not p.lidded else _lidded(p)


def _carton(p: Box) -> MeshData:
    """Build a folding carton, whose top is one flap glued over the other, half a millimetre
    thick."""
    w, d, h = p.width, p.depth, p.height
    thick = 0.0006
    body = solids.rounded_box((w, d, h - thick), p.round, "print", (0, 0, (h - thick) / 2))
    size = (w - 2.2 * p.round, d * p.flap, 2 * thick)
    front = -d / 2 + 1.1 * p.round + size[1] / 2
    flap = solids.rounded_box(size, 0.00025, "flap", (0, front, h - thick))
    filling = [pieces.block((-w / 2, -d / 2, 0), (w / 2, d / 2, h - thick))]
    low = (-size[0] / 2, front - size[1] / 2, h - thick)
    filling.append(pieces.block(low, (size[0] / 2, front + size[1] / 2, h)))
    marks = keypoints.box_corners(body.vertices)
    return solids.assemble([body, flap], ("print", "flap"), filling, marks, _SHARED)


def _lidded(p: Box) -> MeshData:
    """Build a gift box, whose lid is wider than the body by its thickness and a small gap."""
    w, d, h, gap = p.width, p.depth, p.height, p.lid_gap
    lid, inner = p.lid * h, h - 0.002
    size = (w - 2 * gap - 0.002, d - 2 * gap - 0.002)
    body = solids.rounded_box((*size, inner), p.round, "print", (0, 0, inner / 2))
    cover = solids.rounded_box((w, d, lid), p.round, "flap", (0, 0, h - lid / 2))
    filling = [
        pieces.block((-size[0] / 2, -size[1] / 2, 0), (size[0] / 2, size[1] / 2, h - lid)),
        pieces.block((-w / 2, -d / 2, h - lid), (w / 2, d / 2, h)),
    ]
    marks = keypoints.box_corners(np.concatenate([body.vertices, cover.vertices]))
    return solids.assemble([body, cover], ("print", "flap"), filling, marks, _SHARED)


CLASSES = (ParametricClass("box", Box, build),)
