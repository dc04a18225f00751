"""Bus: a city bus with two axles, its front at -y and its doors at -x, on the right."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid
from simgen.spec.parameters import between, count

from . import vehicle_parts as parts

SLOTS = ("body", "roof", "windows", "tyres", "rims", "trim", "headlights", "tail_lights")
_SILL = 1.15


@dataclass(frozen=True)
class Bus:
    length: float = between(10.2, 12.4)
    width: float = between(2.45, 2.55)
    height: float = between(2.85, 3.15)
    wheel: float = between(0.46, 0.5)
    panes: int = count(6, 8)
    doors: int = count(2, 3)
    hatches: int = count(1, 3)
    cooler: float = between(1.6, 3.2)  # length of the air conditioner
    cooler_at: float = between(-0.6, 0.5)  # over half of its length


def build(p: Bus) -> MeshData:
    half, front, back, top = p.width / 2, -p.length / 2, p.length / 2, p.height
    side = [(front + 0.06, 0.28), (back, 0.28), (back, top - 0.15), (back - 0.12, top),
            (front + 0.3, top), (front + 0.1, top - 0.2), (front, 1.0)]  # fmt: skip
    body = parts.hull(side, half, "body", 0.08)
    rise = (top - 1.2) / 0.1
    body += parts.pane((front + 0.005, 1.0 + 0.005 * rise), (front + 0.08, 1.0 + 0.08 * rise),
                       half - 0.14)  # fmt: skip
    spans = parts.along(front + 0.5, back - 0.5, p.panes, 0.09)
    body += parts.side_panes(half, spans, _SILL, top - 0.5)
    rear = ((0.3 - half, back - 0.02, 1.6), (half - 0.3, back + 0.006, top - 0.5))
    body += solids.decoration(solids.chamfered_box(*rear, 0.004, "windows"))
    axles = (front + 2.65, back - 3.1)
    body += _doors(p, half, front, axles) + parts.wheels(half, axles, p.wheel)
    body += parts.lamps(half, front, back, 0.72) + _roof(p)
    body += parts.mirrors(half, front + 0.05, 1.75, 0.14)
    return parts.finished(body, SLOTS, (half, back, top), axles, p.wheel)


def _doors(p: Bus, half: float, front: float, axles: tuple[float, float]) -> Solid:
    """Build glass doors before the first axle, between the axles, and behind the second."""
    starts = (front + 0.7, (axles[0] + axles[1]) / 2 - 0.6, axles[1] + 0.8)[: p.doors]
    boxes = [
        ((-half - 0.01, y + 0.62 * leaf, 0.4), (0.03 - half, y + 0.62 * leaf + 0.56, _SILL + 0.9))
        for y in starts
        for leaf in (0, 1)
    ]
    return solids.decoration(solids.chamfered_boxes("windows", 0.004, boxes))


def _roof(p: Bus) -> Solid:
    """Build an air conditioner and hatches."""
    top, at = p.height, p.cooler_at * (p.length / 2 - p.cooler)
    made = [parts.box((-0.75, at - p.cooler / 2, top - 0.02),
                      (0.75, at + p.cooler / 2, top + 0.22), "roof", 0.05)]  # fmt: skip
    spans = parts.along(-p.length / 2 + 0.8, p.length / 2 - 0.6, p.hatches + 1, 0.9)
    for start, _ in spans:
        if abs(start + 0.4 - at) > p.cooler / 2 + 0.5:
            low, high = (-0.4, start, top - 0.02), (0.4, start + 0.8, top + 0.05)
            made.append(parts.box(low, high, "roof", 0.01))
    return solids.join(made)


CLASSES = (ParametricClass("bus", Bus, build),)
