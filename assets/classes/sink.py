"""A kitchen sink with its tap. Its front is at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, keypoints, sections
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Sink:
    width: float = between(0.48, 0.62)  # of a bowl with its rim
    depth: float = between(0.42, 0.50)
    bowl: float = between(0.14, 0.20)  # depth of a bowl
    two_bowls: bool = flag(above=0.72, of="bowls")
    rim: float = between(0.014, 0.030)
    ledge: float = between(0.055, 0.085)  # depth of the rim behind the bowl, under the tap
    neck: float = between(0.18, 0.34)  # height of the tap
    reach: float = between(0.14, 0.20)  # of the tap, forwards
    bend: float = between(0.35, 0.95)  # radius of the tap's bend over half its reach
    tap: float = between(0.010, 0.014)


_STEEL = 0.004


def build_sink(p: Sink) -> MeshData:
    """Build the rim as the highest surface but for the tap; the bowl hangs below it."""
    high = p.bowl + _STEEL
    bowls = 2 if p.two_bowls else 1
    half = p.width * (0.86 if bowls == 2 else 0.5)
    walls = np.linspace(-half, half, bowls + 1)
    front, back = -p.depth / 2, p.depth / 2
    inner = back - p.ledge
    found = [
        solids.chamfered_box(
            (-half, front, high - _STEEL), (half, front + p.rim, high), 1e-3, "bowl"
        ),
        solids.chamfered_box((-half, inner, high - _STEEL), (half, back, high), 1e-3, "bowl"),
    ]
    ends = [(-half, -half + p.rim), (half - p.rim, half)]
    ends += [(x - p.rim, x + p.rim) for x in walls[1:-1]]
    for left, right in ends:
        low, top = (left, front + p.rim, high - _STEEL), (right, inner, high)
        found.append(solids.chamfered_box(low, top, 1e-3, "bowl"))
    for left, right in pairwise(walls):
        found += _bowl((left + p.rim, front + p.rim), (right - p.rim, inner), high)
    marks = keypoints.plan_corners("rim", 1.1 * half, 1.1 * back, high)
    edges = keypoints.loop(*marks)
    marks["tap_end"] = (0.0, back - p.ledge / 2 - p.reach, high + p.neck / 2)
    body = solids.join([*found, *_tap(p, high, back)])
    return solids.finished(body, ("bowl", "tap", "drain"), marks, edges)


def _bowl(low: tuple[float, float], high: tuple[float, float], top: float) -> list[Solid]:
    """Build the walls, the bottom and the drain of a bowl. low, high: corners of its opening."""
    (x0, y0), (x1, y1) = low, high
    t = _STEEL
    corners = [
        ((x0 - t, y0 - t, 0.0), (x0, y1 + t, top - 0.001)),
        ((x1, y0 - t, 0.0), (x1 + t, y1 + t, top - 0.001)),
        ((x0, y0 - t, 0.0), (x1, y0, top - 0.001)),
        ((x0, y1, 0.0), (x1, y1 + t, top - 0.001)),
        ((x0 - t, y0 - t, 0.0), (x1 + t, y1 + t, t)),
    ]
    found = [solids.chamfered_boxes("bowl", 5e-4, corners)]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    drain = solids.cylinder((x, y, t - 0.001), (x, y, t + 0.003), 0.042, "drain", 24)
    return [*found, solids.decoration(drain)]


def _tap(p: Sink, top: float, back: float) -> list[Solid]:
    """Build a tap that rises behind the bowl and bends forwards, and its lever."""
    y = back - p.ledge / 2
    bend = p.bend * p.reach / 2
    angle = np.linspace(0.0, np.pi / 2, 8)
    high = top + p.neck
    up = [(0.0, y, top - 0.001), (0.0, y, top + 0.03), (0.0, y, high - bend)]
    over = np.stack(
        [0 * angle, y - bend * (1 - np.cos(angle)), high - bend * (1 - np.sin(angle))], 1
    )
    end = y - p.reach
    down = np.stack(
        [0 * angle, end + bend * (1 - np.sin(angle)), high - bend * (1 - np.cos(angle))], 1
    )
    path = np.array(
        [*up, *over[1:], *down[:-1], (0.0, end, high - bend), (0.0, end, high - bend - 0.03)]
    )
    rings = sections.tube(path, p.tap, (1, 0, 0), 14)
    foot = solids.cylinder((0, y, top - 0.001), (0, y, top + 0.05), 1.9 * p.tap, "tap", 20)
    side = (2.0 * p.tap, y, top + 0.035)
    lever = solids.cylinder(side, (side[0] + 0.07, y - 0.01, top + 0.06), 0.006, "tap", 10)
    pieces = [rings[n : n + 4].reshape(-1, 3) for n in range(0, len(rings) - 1, 3)]
    neck = solids.filled(solids.loft(rings, "tap"), pieces)
    return [neck, foot, lever]


CLASSES = (ParametricClass("sink", Sink, build_sink),)
