"""A tote, box, crate or basket full of objects, on a table, on the floor or on a conveyor.

Its inner floor is z = 0, with the origin at its centre.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simgen.geometry.solids import box, to_mesh
from simgen.sampling.randomizers.materials import draw_by_slot
from simgen.spec.parameters import between, choice, constant, layout_seed, scene_size, share_of
from simgen.spec.rng import Stream, stream
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

from .parts import containers, furniture
from .parts.containers import FLOOR
from .parts.shapes import Solids, rod, untouched
from .parts.shell import floor, four_walls
from .parts.surfaces import like, toned

Style = Literal["tote", "metal", "cardboard", "crate", "basket"]
CLASSES: dict[Style, str] = {
    "tote": "bin",
    "metal": "bin",
    "cardboard": "box",
    "crate": "box",
    "basket": "bin",
}
"""Built-in class that each style resembles; none is actually a waste bin or a closed carton."""
PILE_MARGIN = 1.05
CAMERA_MARGIN = 1.15
EDGE = 0.012
"""Width of the strip along the walls that is not part of the support, metres."""

BIN_KINDS: dict[Style, tuple[str, ...]] = {
    "tote": ("plastic", "plastic", "plastic", "dark_plastic", "clear_plastic"),
    "metal": ("brushed_metal", "painted", "worn_paint", "rust"),
    "cardboard": ("cardboard",),
    "crate": ("tabletop_wood",),
    "basket": ("chrome", "metal", "painted"),
}
KINDS = {
    "upright": ("wood",),
    "top": ("tabletop_wood", "laminate", "brushed_metal", "painted", "concrete"),
    "legs": ("metal", "wood", "painted"),
    "belt": ("rubber",),
    "rail": ("brushed_metal", "painted", "worn_paint"),
    "floor": ("concrete", "concrete", "tiles", "terrazzo", "floorboards", "asphalt", "laminate"),
    "wall": ("plaster", "concrete", "brick", "worn_paint"),
    "trim": ("painted",),
}
_CALM = ("top", "floor", "wall", "trim")


@dataclass(frozen=True)
class Bin:
    """width, depth, height: inner dimensions, metres; a deep bin would hide its contents. taper:
    outward offset of a wall at its rim. corner: radius of upright edges. wall: thickness. flap:
    length of a cardboard box's flaps, relative to its depth. raised: height of the table or
    conveyor."""

    style: Style = choice("tote", "tote", "metal", "cardboard", "cardboard", "crate", "basket")
    layout_seed: int = layout_seed()
    place: Literal["table", "floor", "conveyor"] = choice("table", "floor", "conveyor")
    width: float = scene_size()
    depth: float = share_of("width", 0.6, 0.85)
    height: float = share_of("width", 0.28, 0.55)
    taper: float = between(0.005, 0.03)
    corner: float = between(0.008, 0.03)
    wall: float = between(0.003, 0.005)
    flap: float = between(0.3, 0.5)
    raised: float = between(0.7, 0.95)
    floor_size: float = constant(12.0)


def materials(p: Bin, rng: Stream) -> Materials:
    """Sample the surfaces. The uprights of a crate have the same wood as its boards."""
    found = draw_by_slot({"bin": BIN_KINDS[p.style], **KINDS}, rng)
    found = toned(found, rng, _CALM)
    return {**found, "upright": like(found["upright"], found["bin"])}


def fit(p: Bin, pile: float, reach: float) -> Bin:
    """Widen the bin for the pile, and the floor for the cameras."""
    factor = max(1.0, PILE_MARGIN * 2.0 * pile / min(p.width, p.depth))
    return replace(
        p,
        width=p.width * factor,
        depth=p.depth * factor,
        height=float(p.height * np.sqrt(factor)),
        floor_size=max(p.floor_size, 4.0 * CAMERA_MARGIN * reach),
    )


def build(p: Bin) -> StageContent:
    """Build the bin, its base, and a floor with two distant walls."""
    kind = CLASSES[p.style]
    parts = [
        StagePart(
            "bin", to_mesh(_container(p)), (0.0, 0.0, 0.0), "bin", class_name=kind, crowd=True
        )
    ]
    down = -FLOOR
    if p.place == "table":
        shape, at = to_mesh(_table(p)), (0.0, 0.0, down - p.raised)
        parts.append(StagePart("table", shape, at, "table", class_name="table"))
        down -= p.raised
    if p.place == "conveyor":
        parts.append(StagePart("conveyor", to_mesh(_conveyor(p)), (0.0, 0.0, down), "conveyor"))
        down -= p.raised
    size = p.floor_size
    parts.append(StagePart("floor", to_mesh([floor(size, size)]), (0.0, 0.0, down), "floor"))
    sides = four_walls(0.9 * size, 0.9 * size, 3.0)
    for number in (0, 1):
        parts += sides[number].parts(f"wall_{number}", (0.0, 0.0, down), 0.1)
    return StageContent(tuple(parts), (_support(p),))


def _support(p: Bin) -> Support:
    """Return the floor of the bin."""
    # Round corners cost (1 - 1 / sqrt 2) of their radius along each axis.
    edge = EDGE + 0.3 * p.corner
    return Support((p.width / 2 - edge, p.depth / 2 - edge), False, name="bin")


def _container(p: Bin) -> Solids:
    style, rng = p.style, stream(p.layout_seed, "bin")
    size = (p.width, p.depth, p.height)
    if style == "cardboard":
        return containers.cardboard(size, p.flap * p.depth, rng)
    if style == "crate":
        return containers.crate(size, rng)
    if style == "basket":
        return containers.wire_basket(size, rng)
    taper = p.taper if style == "tote" else 0.3 * p.taper
    made = containers.tote(size, taper, p.corner, p.wall)
    return made + (containers.tote_ribs(size, taper, p.wall, rng) if style == "tote" else [])


def _reach(p: Bin) -> tuple[float, float]:
    """Return half sizes of the bin including everything that protrudes from it."""
    out = p.taper + 0.05 + (p.flap * p.depth if p.style == "cardboard" else 0.0)
    return p.width / 2 + out, p.depth / 2 + out


def _table(p: Bin) -> Solids:
    rng = stream(p.layout_seed, "table")
    half = _reach(p)
    wide, deep = 2 * half[0] + rng.uniform(0.1, 0.9), 2 * half[1] + rng.uniform(0.1, 0.6)
    return furniture.table(wide, deep, p.raised, False, rng)


def _conveyor(p: Bin) -> Solids:
    """Build a belt along x between two rails, on legs; the belt's top is z = 0."""
    rng = stream(p.layout_seed, "conveyor")
    # Flaps and rims extend over the rails, so only the body has to fit between them.
    half = p.depth / 2 + p.taper + 0.04 + rng.uniform(0.0, 0.15)
    length, rail = p.floor_size * 0.4, rng.uniform(0.03, 0.05)
    high = min(rng.uniform(0.0, 0.04), 0.3 * p.height)
    found = [box((-length, -half, -0.004), (length, half, 0.0), "belt")]
    for sign in (-1, 1):
        y = sorted((sign * half, sign * (half + rail)))
        found.append(box((-length, y[0], -0.12), (length, y[1], high), "rail", 0.003))
    under = [
        rod((x, -half, -0.045), (x, half, -0.045), 0.03, "rail")
        for x in np.arange(-length, length, 0.25)
    ]
    for x in np.arange(-length + 0.1, length, 1.2):
        for sign in (-1, 1):
            at = sign * (half + rail / 2)
            low, leg = (x - 0.02, at - 0.02, -p.raised), (x + 0.02, at + 0.02, -0.12)
            under.append(box(low, leg, "legs", 0.002))
    return [*found, *untouched(under)]


STAGE = Stage(Bin, materials, build, fit, stuff=("bin", "table", "conveyor", "floor", "wall"))
