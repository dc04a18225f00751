"""Van: a panel van or a minibus, its front at -y."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid
from simgen.spec.parameters import between, cases

from . import vehicle_parts as parts

SLOTS = ("body", "windows", "tyres", "rims", "trim", "headlights", "tail_lights")


@dataclass(frozen=True)
class Van:
    length: float = between(4.7, 6.3)
    width: float = between(1.88, 1.98)
    height: float = between(1.9, 2.65)
    nose: float = between(0.75, 1.0)  # length of the hood
    hood: float = between(1.0, 1.12)  # height of its rear end
    rake: float = between(0.38, 0.5)  # of the windscreen, metres a metre
    wheel: float = between(0.32, 0.36)
    rows: int = cases(0, 1, 3, at=(0.55, 0.75))  # rows of windows behind the front doors


def build(p: Van) -> MeshData:
    half, front, back = p.width / 2, -p.length / 2, p.length / 2
    cowl, low, top = front + p.nose, 0.2, p.height
    slope = p.rake * (top - p.hood)
    nose = [(front + 0.03, low), (cowl + 0.4, low), (cowl + 0.4, p.hood), (cowl, p.hood),
            (front + 0.22, p.hood - 0.2), (front, 0.62)]  # fmt: skip
    cabin = [(cowl, low), (back, low), (back, top - 0.15), (back - 0.08, top),
             (cowl + slope + 0.14, top), (cowl + slope, top - 0.05), (cowl, p.hood)]  # fmt: skip
    body = parts.hull(nose, half, "body") + parts.hull(cabin, half, "body", 0.07)
    start, end = (cowl, p.hood), (cowl + slope, top - 0.05)
    foot, head = (_between(start, end, share) for share in (0.06, 0.88 if top < 2.2 else 0.7))
    body += parts.pane(foot, head, half - 0.13)
    axles = (front + 0.95, back - 1.0)
    body += parts.wheels(half, axles, p.wheel) + _windows(p, half, cowl, back)
    body += parts.lamps(half, front, back, 0.66) + _ribs(p, half, cowl + slope, back)
    body += parts.mirrors(half, cowl + 0.35, p.hood + 0.03, 0.1)
    return parts.finished(body, SLOTS, (half, back, top), axles, p.wheel)


def _between(start: parts.Point, end: parts.Point, share: float) -> parts.Point:
    return (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))


def _windows(p: Van, half: float, cowl: float, back: float) -> Solid:
    """Build the windows of the front doors, of the rows behind them, and of the rear doors."""
    low, high = p.hood + 0.06, min(p.height - 0.3, p.hood + 0.62)
    doors = (cowl + 0.3, cowl + 1.15)
    spans = [doors]
    if p.rows:
        end = back - 0.25 if p.rows > 1 else cowl + 2.3
        spans += parts.along(doors[1] + 0.12, end, p.rows, 0.08)
    pane = ((0.05, back - 0.02, low), (half - 0.18, back + 0.006, high))
    rear = solids.chamfered_box(*pane, 0.004, "windows")
    return parts.side_panes(half, spans, low, high) + solids.with_mirror(solids.decoration(rear))


def _ribs(p: Van, half: float, start: float, back: float) -> Solid:
    """Build ribs across the roof, as on long sheet-metal roofs."""
    ribs = [((0.2 - half, a, p.height - 0.02), (half - 0.2, b, p.height + 0.002))
            for a, b in parts.along(start + 0.4, back - 0.3, 6, 0.3)]  # fmt: skip
    return solids.decoration(solids.chamfered_boxes("body", 0.002, ribs))


CLASSES = (ParametricClass("van", Van, build),)
