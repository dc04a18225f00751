"""Truck: a cab over engine, with a box or a flat bed behind it; its front is at -y."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid
from simgen.spec.parameters import between, flag

from . import vehicle_parts as parts

SLOTS = ("body", "cargo", "windows", "tyres", "rims", "trim", "headlights", "tail_lights")
_FLOOR = 1.0


@dataclass(frozen=True)
class Truck:
    length: float = between(6.2, 9.6)
    width: float = between(2.2, 2.5)
    cab: float = between(1.75, 2.3)  # length
    cab_height: float = between(2.35, 2.9)
    flat: bool = flag(below=0.25)  # a bed with low boards, else a box
    cargo: float = between(2.9, 3.7)  # height of a box
    wheel: float = between(0.44, 0.5)


def build(p: Truck) -> MeshData:
    half, front, back = p.width / 2, -p.length / 2, p.length / 2
    end, top, low = front + p.cab, p.cab_height, 0.4
    cab = [(front + 0.05, low), (end, low), (end, top - 0.1), (end - 0.15, top),
           (front + 0.5, top), (front + 0.28, top - 0.12), (front, 1.35)]  # fmt: skip
    body = parts.hull(cab, half - 0.03, "body")
    rise = (top - 0.12 - 1.35) / 0.28
    body += parts.pane((front + 0.02, 1.35 + 0.02 * rise), (front + 0.24, 1.35 + 0.24 * rise),
                       half - 0.15)  # fmt: skip
    body += parts.side_panes(half - 0.03, [(front + 0.4, front + 1.25)], 1.45, top - 0.35)
    body += parts.box((-0.5, front + 0.3, 0.5), (0.5, back - 0.05, _FLOOR), "trim")
    body += _bed(p, half, end + 0.12, back) if p.flat else _box(p, half, end + 0.12, back)
    axles = [front + 1.25, back - 1.5] + ([back - 2.75] if p.length > 8.2 else [])
    body += parts.wheels(half - 0.03, axles, p.wheel)
    body += parts.lamps(half - 0.05, front, back, 0.72)
    body += parts.mirrors(half - 0.03, front + 0.18, 1.7, 0.1)
    size = (half, back, max(top, 0.0 if p.flat else p.cargo))
    return parts.finished(body, SLOTS, size, (axles[0], axles[1]), p.wheel)


def _box(p: Truck, half: float, start: float, back: float) -> Solid:
    body = parts.box((-half, start, _FLOOR), (half, back, p.cargo), "cargo", 0.04)
    skirt = parts.box((0.1 - half, start + 0.9, 0.55), (half - 0.1, back - 2.4, _FLOOR), "trim")
    return body + skirt


def _bed(p: Truck, half: float, start: float, back: float) -> Solid:
    """Build a floor with boards around it."""
    made = [parts.box((-half, start, _FLOOR - 0.05), (half, back, _FLOOR + 0.08), "cargo")]
    for x in (-half, half - 0.05):
        made.append(parts.box((x, start, _FLOOR), (x + 0.05, back, _FLOOR + 0.5), "cargo", 0.01))
    for y, high in ((start, 1.0), (back - 0.05, 0.5)):
        made.append(parts.box((-half, y, _FLOOR), (half, y + 0.05, _FLOOR + high), "cargo", 0.01))
    return solids.join(made)


CLASSES = (ParametricClass("truck", Truck, build),)
