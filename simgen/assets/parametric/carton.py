"""Box: a printed cardboard box, with anything from a glued flap to a lid of its own."""

from __future__ import annotations

import numpy as np

from simgen.assets.parametric import landmarks, pieces, shapes
from simgen.mesh import MeshData

RANGES: shapes.Ranges = {
    "width": (0.055, 0.160),
    "depth": (0.030, 0.095),
    "height": (0.045, 0.190),
    "round": (0.0007, 0.0016),
    "kind": (0.0, 1.0),  # below a half a carton with a glued flap, else a box with a lid
    "lid": (0.22, 0.50),  # of the height
    "lid_gap": (0.0006, 0.0012),
    "flap": (0.30, 0.65),  # of the depth
}

_SHARED = {"flap": "print"}
"""One sheet of board is printed, then folded."""


def draw(rng: np.random.Generator) -> dict[str, float]:
    return shapes.draw_ranges(rng, RANGES)


def build(p: dict[str, float]) -> MeshData:
    return _carton(p) if p["kind"] < 0.5 else _lidded(p)


def _carton(p: dict[str, float]) -> MeshData:
    """A folding carton: its top is one flap glued over the other, half a millimetre thick."""
    w, d, h = p["width"], p["depth"], p["height"]
    thick = 0.0006
    body = shapes.rounded_box((w, d, h - thick), p["round"], "print", (0, 0, (h - thick) / 2))
    size = (w - 2.2 * p["round"], d * p["flap"], 2 * thick)
    front = -d / 2 + 1.1 * p["round"] + size[1] / 2
    flap = shapes.rounded_box(size, 0.00025, "flap", (0, front, h - thick))
    solid = [pieces.block((-w / 2, -d / 2, 0), (w / 2, d / 2, h - thick))]
    low = (-size[0] / 2, front - size[1] / 2, h - thick)
    solid.append(pieces.block(low, (size[0] / 2, front + size[1] / 2, h)))
    marks = landmarks.corners(body.vertices)
    return shapes.assemble([body, flap], solid, ("print", "flap"), marks, _SHARED)


def _lidded(p: dict[str, float]) -> MeshData:
    """A gift box: the lid is wider than the body by its board and a small gap."""
    w, d, h, gap = p["width"], p["depth"], p["height"], p["lid_gap"]
    lid, inner = p["lid"] * h, h - 0.002
    size = (w - 2 * gap - 0.002, d - 2 * gap - 0.002)
    body = shapes.rounded_box((*size, inner), p["round"], "print", (0, 0, inner / 2))
    cover = shapes.rounded_box((w, d, lid), p["round"], "flap", (0, 0, h - lid / 2))
    solid = [
        pieces.block((-size[0] / 2, -size[1] / 2, 0), (size[0] / 2, size[1] / 2, h - lid)),
        pieces.block((-w / 2, -d / 2, h - lid), (w / 2, d / 2, h)),
    ]
    marks = landmarks.corners(np.concatenate([body.vertices, cover.vertices]))
    return shapes.assemble([body, cover], solid, ("print", "flap"), marks, _SHARED)
