"""Kitchen units along a wall: base cabinets with a worktop, sink, cooker, refrigerator, and what
hangs above them.

In the axes of `walls`: x to the right, the wall's face at y = 0, the room at y < 0, the floor at
z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simgen.assets.classes import CLASSES
from simgen.geometry.solids import box
from simgen.spec.rng import Stream, stream

from . import furniture
from .furnishing import Item, moved_along
from .shapes import Solids, from_asset, placed, untouched
from .walls import Opening

Kind = Literal["base", "sink", "oven", "refrigerator"]
PLINTH, TOP, OVERHANG = 0.1, 0.038, 0.02
"""Height of the recess at the floor, thickness of the worktop, and how far it protrudes."""
HANGING_DEPTH = 0.34
_SINK, _OVEN = 0.7, 0.6
"""Widths of the cabinet under a sink, and of a cooker, metres. A cooker of another height is scaled
as a whole to that of the worktop."""
_NARROWEST = 0.3
_COILS, _COIL_TOP = 0.4, 0.0075
"""Number of a cooker from which it has coils, and their height above the worktop, metres."""
SLOTS = {
    "oven": (
        "oven",
        ("case", "top", "panel", "window", "metal", "trim", "knobs", "digits", "inside"),
    ),
    "sink": ("sink", ("bowl", "tap", "drain")),
    "refrigerator": ("fridge", ("case", "doors", "handles", "seal")),
}
"""By kind: prefix of the stage's slots, and slots of the class."""


@dataclass(frozen=True)
class Unit:
    """A stretch of the run, x from left to right, metres."""

    kind: Kind
    left: float
    right: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Run:
    """All units side by side, and the window above them, if there is one.

    depth: of the cabinets. height: of the worktop. top: height of the cabinets' upper edge. hang:
    height of the underside of wall cabinets. looks: 0 for the cookers of older datasets.
    """

    units: tuple[Unit, ...]
    depth: float
    height: float
    hang: float
    top: float
    window: Opening | None
    looks: int = 0

    @property
    def ends(self) -> tuple[float, float]:
        """Return x of both ends of the worktop, which a refrigerator is not part of."""
        low = [unit for unit in self.units if unit.kind != "refrigerator"]
        return min(unit.left for unit in low), max(unit.right for unit in low)

    def of(self, kind: Kind) -> list[Unit]:
        return [unit for unit in self.units if unit.kind == kind]


def plan(width: float, depth: float, height: float, ceiling: float, seed: int) -> Run:
    """Divide a wall into units. width: of the wall. height: of the worktop. ceiling: its height."""
    rng = stream(seed, "run")
    cold = float(rng.uniform(0.62, 0.76)) if width > 2.2 and rng.random() < 0.65 else 0.0
    long = width - cold
    kinds: list[Kind] = ["oven"] if long > 1.5 else []
    if long > 2.1 or not kinds:
        kinds.append("sink")
    widths = {"oven": _OVEN, "sink": _SINK}
    rest = long - sum(widths[kind] for kind in kinds)
    shares = rng.dirichlet(np.full(len(kinds) + 1, 3.0)) * rest
    shares[shares < _NARROWEST] = 0.0
    shares *= rest / max(float(shares.sum()), 1e-9)
    order = [kinds[n] for n in rng.permutation(len(kinds))]
    pieces: list[tuple[Kind, float]] = [("base", float(shares[0]))]
    for kind, share in zip(order, shares[1:], strict=True):
        pieces += [(kind, widths[kind]), ("base", float(share))]
    if cold:
        pieces.append(("refrigerator", cold))
    if rng.random() < 0.5:
        pieces.reverse()
    at, units = -width / 2, []
    for kind, wide in pieces:
        if wide > 0:
            units.append(Unit(kind, at, at + wide))
            at += wide
    hang = height + float(rng.uniform(0.48, 0.58))
    top = min(hang + float(rng.uniform(0.6, 0.8)), ceiling - 0.04)
    return Run(tuple(units), depth, height, hang, top, _window(units, height, rng))


def _window(units: list[Unit], height: float, rng: Stream) -> Opening | None:
    """Return a window over the sink."""
    sinks = [unit for unit in units if unit.kind == "sink"]
    if not sinks or rng.random() < 0.4:
        return None
    half = float(rng.uniform(0.35, 0.6))
    low = height + float(rng.uniform(0.12, 0.25))
    middle = float(
        np.clip(sinks[0].middle, units[0].left + half + 0.1, units[-1].right - half - 0.1)
    )
    cold = [unit for unit in units if unit.kind == "refrigerator"]
    hidden = any(middle - half < u.right + 0.05 and middle + half > u.left - 0.05 for u in cold)
    return None if hidden else Opening(middle - half, middle + half, low, min(2.1, low + 1.1))


def items(run: Run, seed: int, aside: float) -> list[Item]:
    """Return the units as furniture, each with its class's kind. aside: x of the run's centre."""
    found = []
    design = int(stream(seed, "fronts").integers(2**31))
    for unit in run.units:
        made = _MAKERS[unit.kind](run, unit, stream(seed, unit.kind), stream(design, "fronts"))
        kind, solids, high = made
        item = Item(
            kind, "furniture", solids, (unit.width, run.depth, high), top=unit.kind == "base"
        )
        found.append(moved_along(item, unit.middle + aside))
    found += [
        moved_along(_sink(run, unit, stream(seed, "sink")), unit.middle + aside)
        for unit in run.of("sink")
    ]
    return found


Made = tuple[str, Solids, float]


def _cabinet(run: Run, wide: float, rng: Stream, *, body: float) -> Solids:
    """Build the carcass and doors of a base cabinet. body: height of the carcass."""
    found: Solids = [
        box((-wide / 2, -run.depth + 0.02, PLINTH), (wide / 2, 0.0, body), "body", 0.001),
        box((-wide / 2, -run.depth + 0.07, 0.0), (wide / 2, 0.0, PLINTH), "plinth"),
    ]
    return [*found, *furniture.fronts(wide, (PLINTH, run.height - TOP), -run.depth, rng)]


def _base(run: Run, unit: Unit, rng: Stream, fronts: Stream) -> Made:
    low = run.height - TOP
    half = unit.width / 2
    top = box((-half, -run.depth - OVERHANG, low), (half, 0.0, run.height), "top", 0.002)
    return "counter", [top, *_cabinet(run, unit.width, fronts, body=low)], run.height


def _under_sink(run: Run, unit: Unit, rng: Stream, fronts: Stream) -> Made:
    """Build the cabinet and the worktop around the bowl."""
    half, low = unit.width / 2, run.height - TOP
    hole = _hole(run, unit)
    strips = [
        ((-half, -run.depth - OVERHANG, low), (half, hole[0], run.height)),
        ((-half, hole[1], low), (half, 0.0, run.height)),
        ((-half, hole[0], low), (-hole[2], hole[1], run.height)),
        ((hole[2], hole[0], low), (half, hole[1], run.height)),
    ]
    found = [box(a, b, "top") for a, b in strips]
    deep = _sink_numbers(unit, rng)["bowl"] + 0.06
    return (
        "counter",
        [*found, *_cabinet(run, unit.width, fronts, body=run.height - deep)],
        run.height,
    )


def _hole(run: Run, unit: Unit) -> tuple[float, float, float]:
    """Return the front and back of the hole for a sink, y, and half its width, metres."""
    middle = -run.depth / 2 - 0.01
    return middle - 0.225, middle + 0.225, unit.width / 2 - 0.065


def _sink(run: Run, unit: Unit, rng: Stream) -> Item:
    """Return a sink whose rim lies on the worktop and covers the hole."""
    numbers = _sink_numbers(unit, rng)
    mesh = CLASSES["sink"].build(numbers)
    high = float(np.ptp(mesh.vertices[:, 2]))
    rim = numbers["bowl"] + 0.004
    made = from_asset(mesh, high, _names("sink"))
    shift = (0.0, -run.depth / 2 - 0.01, run.height + 0.002 - rim)
    return Item("sink", "furniture", placed([made], shift), (unit.width, run.depth, 1.0))


def _oven(run: Run, unit: Unit, rng: Stream, fronts: Stream) -> Made:
    drawn = _oven_numbers(run, rng)
    factor = run.height / drawn["height"]
    mesh = CLASSES["oven"].build(dict(drawn, width=(unit.width - 0.006) / factor))
    made = from_asset(mesh, factor * float(np.ptp(mesh.vertices[:, 2])), _names("oven"))
    back = float(made.vertices[:, 1].max())
    return "oven", placed([made], (0.0, -back - 0.01, 0.0)), run.height


def burners(run: Run, unit: Unit, seed: int) -> list[tuple[float, float, float]]:
    """Return the centres of a cooker's burners, at the height at which pans stand on them."""
    drawn = _oven_numbers(run, stream(seed, "oven"))
    factor = run.height / drawn["height"]
    grate = 0.020 if drawn["burner"] > 0.5 else -0.0018
    if grate < 0 and drawn["design"] > 0 and drawn["coils"] > _COILS:
        grate = _COIL_TOP
    return [
        (
            unit.middle + x * (unit.width - 0.006),
            -0.01 - factor * drawn["depth"] * (0.5 + y),
            run.height + factor * grate,
        )
        for x in (-0.24, 0.24)
        for y in (-0.22, 0.22)
    ]


def _oven_numbers(run: Run, rng: Stream) -> dict[str, float]:
    drawn = CLASSES["oven"].draw(rng)
    return drawn if run.looks else dict(drawn, design=0.0)


def bowl(run: Run, unit: Unit, seed: int) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Return half sizes and centre of the bottom of a sink's bowl."""
    numbers = _sink_numbers(unit, stream(seed, "sink"))
    rim, ledge = numbers["rim"], numbers["ledge"]
    half = (numbers["width"] / 2 - rim, (numbers["depth"] - rim - ledge) / 2)
    y = -run.depth / 2 - 0.01 + (rim - ledge) / 2
    return half, (unit.middle, y, run.height + 0.002 - numbers["bowl"])


def _sink_numbers(unit: Unit, rng: Stream) -> dict[str, float]:
    return dict(CLASSES["sink"].draw(rng), bowls=0.0, depth=0.46, width=unit.width - 0.12)


def _refrigerator(run: Run, unit: Unit, rng: Stream, fronts: Stream) -> Made:
    numbers = dict(CLASSES["refrigerator"].draw(rng), side_by_side=0.0, width=unit.width - 0.03)
    mesh = CLASSES["refrigerator"].build(numbers)
    high = float(np.ptp(mesh.vertices[:, 2]))
    made = from_asset(mesh, high, _names("refrigerator"))
    back = float(made.vertices[:, 1].max())
    return "refrigerator", placed([made], (0.0, -back - 0.03, 0.0)), high


def _names(kind: str) -> dict[str, str]:
    prefix, slots = SLOTS[kind]
    return {slot: f"{prefix}_{slot}" for slot in slots}


_MAKERS = {"base": _base, "sink": _under_sink, "oven": _oven, "refrigerator": _refrigerator}


@dataclass(frozen=True)
class Board:
    """An open shelf, in the axes of `walls`: x of its ends, and z of its upper side, metres."""

    left: float
    right: float
    height: float


def above(run: Run, seed: int) -> tuple[Solids, list[Board]]:
    """Return tiles, cabinets, shelves and a hood above the worktop, and the shelves' boards."""
    rng = stream(seed, "above")
    found: Solids = []
    boards: list[Board] = []
    style = str(rng.choice(("cabinets", "cabinets", "cabinets", "shelf", "bare")))
    for left, right in _stretches(run):
        splash = box((left, -0.008, run.height), (right, 0.0, run.hang), "splash")
        found += untouched([splash])
    for left, right, kind in _hung(run):
        if kind == "oven":
            found += _hood(left, right, run)
        elif style == "cabinets" and right - left > 0.34:
            made = furniture.wall_cabinets(right - left, HANGING_DEPTH, run.hang, run.top, rng)
            found += placed(made, ((left + right) / 2, 0.0, 0.0))
        elif style == "shelf" and right - left > 0.4:
            for level in (run.hang, run.hang + 0.34):
                boards.append(Board(left + 0.03, right - 0.03, level))
                found.append(
                    box((left + 0.03, -0.24, level - 0.022), (right - 0.03, 0.0, level), "body")
                )
    return found, boards


def _stretches(run: Run) -> list[tuple[float, float]]:
    """Return the stretches of wall above the worktop, without the window."""
    low, high = run.ends
    if run.window is None or run.window.low > run.hang:
        return [(low, high)]
    return [(low, run.window.left - 0.02), (run.window.right + 0.02, high)]


def _hung(run: Run) -> list[tuple[float, float, str]]:
    """Return where something hangs: over the cooker its own width, else between openings."""
    cuts = [(unit.left, unit.right) for unit in run.of("oven")]
    if run.window is not None:
        cuts.append((run.window.left - 0.08, run.window.right + 0.08))
    found = [(left, right, "oven") for left, right in cuts[: len(run.of("oven"))]]
    low, high = run.ends
    at = low
    for left, right in [*sorted(cuts), (high, high)]:
        if left > at:
            found.append((at, min(left, high), "base"))
        at = max(at, right)
    return found


def _hood(left: float, right: float, run: Run) -> Solids:
    """Build an extractor hood with its chimney."""
    low = run.hang + 0.1
    x = (left + right) / 2
    return [
        box((left + 0.02, -0.42, low), (right - 0.02, 0.0, low + 0.06), "hood", 0.003),
        box((x - 0.13, -0.26, low + 0.05), (x + 0.13, 0.0, run.top + 0.1), "hood", 0.003),
    ]
