"""A tote, box, crate or basket full of things, on a table, on the floor or on a conveyor.

Its inner floor is z = 0 and the origin is in its middle.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.draws import Draws
from simgen.randomizers.materials import draw_material
from simgen.rng import stream
from simgen.scenery import containers, furniture
from simgen.scenery.containers import FLOOR
from simgen.scenery.shell import four_walls
from simgen.scenery.solids import Solids, box, mesh, rod, untouched
from simgen.scenery.surfaces import calm, like
from simgen.spec import StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support

NAME = "bin"
STUFF = ("bin", "table", "conveyor", "floor", "wall")

STYLES = ("tote", "tote", "metal", "cardboard", "cardboard", "crate", "basket")
PLACES = ("table", "floor", "conveyor")
CLASSES = {
    "tote": "bin",
    "metal": "bin",
    "cardboard": "box",
    "crate": "box",
    "basket": "bin",
}
"""Built-in class that each style would be taken for: none is a closed carton or a waste bin."""
HEIGHT_RANGE = (0.28, 0.55)
"""Of the walls, in widths of the bin: deeper ones would hide what lies in them."""
PROPORTION_RANGE = (0.6, 0.85)
PILE_MARGIN = 1.05
CAMERA_MARGIN = 1.15
EDGE = 0.012
"""Metres along the walls that are left out of the support."""

BIN_KINDS = {
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


def draw(draws: Draws) -> StageSpec:
    """A bin `scene.size_range` metres wide inside."""
    rng = draws.stream("stage")
    width = draws.number("scene.size_range")
    style = int(rng.integers(len(STYLES)))
    params = {
        "layout_seed": float(rng.integers(2**31)),
        "style": float(style),
        "place": float(rng.integers(len(PLACES))),
        "width": width,
        "depth": width * rng.uniform(*PROPORTION_RANGE),
        "height": width * rng.uniform(*HEIGHT_RANGE),
        "taper": rng.uniform(0.005, 0.03),
        "corner": rng.uniform(0.008, 0.03),
        "wall": rng.uniform(0.003, 0.005),
        "flap": rng.uniform(0.3, 0.5),
        "raised": rng.uniform(0.7, 0.95),
        "floor_size": 12.0,
    }
    kinds = {"bin": BIN_KINDS[STYLES[style]], **KINDS}
    materials = {slot: draw_material(str(rng.choice(some)), rng) for slot, some in kinds.items()}
    for slot in _CALM:
        materials[slot] = calm(materials[slot], rng)
    materials["upright"] = like(materials["upright"], materials["bin"])
    return StageSpec(NAME, {key: float(value) for key, value in params.items()}, materials)


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The same bin, wide enough for a pile, in a room wide enough for cameras."""
    p = dict(stage.params)
    factor = max(1.0, PILE_MARGIN * 2.0 * pile / min(p["width"], p["depth"]))
    p["width"] *= factor
    p["depth"] *= factor
    p["height"] *= np.sqrt(factor)
    p["floor_size"] = max(p["floor_size"], 4.0 * CAMERA_MARGIN * reach)
    return replace(stage, params={key: float(value) for key, value in p.items()})


def supports(stage: StageSpec) -> tuple[Support, ...]:
    """The floor of the bin."""
    p = stage.params
    # Round corners take away (1 - 1 / sqrt 2) of their radius along each axis.
    edge = EDGE + 0.3 * p["corner"]
    return (Support((p["width"] / 2 - edge, p["depth"] / 2 - edge), False, name="bin"),)


def room(stage: StageSpec) -> Room | None:
    return None


def lamps(stage: StageSpec) -> tuple[LampPlace, ...]:
    return ()


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The bin, what it stands on, and a floor with two walls in the distance."""
    p = stage.params
    place = PLACES[int(p["place"])]
    shape, kind = mesh(_container(p)), CLASSES[STYLES[int(p["style"])]]
    parts = [StagePart("bin", shape, (0.0, 0.0, 0.0), "bin", class_name=kind, crowd=True)]
    down = -FLOOR
    if place == "table":
        shape, at = mesh(_table(p)), (0.0, 0.0, down - p["raised"])
        parts.append(StagePart("table", shape, at, "table", class_name="table"))
        down -= p["raised"]
    if place == "conveyor":
        parts.append(StagePart("conveyor", mesh(_conveyor(p)), (0.0, 0.0, down), "conveyor"))
        down -= p["raised"]
    size = p["floor_size"]
    floor = box((-size / 2, -size / 2, -0.1), (size / 2, size / 2, 0.0), "floor")
    parts.append(StagePart("floor", mesh([floor]), (0.0, 0.0, down), "floor"))
    sides = four_walls(0.9 * size, 0.9 * size, 3.0)
    for number in (0, 1):
        parts += sides[number].parts(f"wall_{number}", (0.0, 0.0, down), 0.1)
    return tuple(parts)


def _container(p: dict[str, float]) -> Solids:
    style, rng = STYLES[int(p["style"])], stream(int(p["layout_seed"]), "bin")
    size = (p["width"], p["depth"], p["height"])
    if style == "cardboard":
        return containers.cardboard(size, p["flap"] * p["depth"], rng)
    if style == "crate":
        return containers.crate(size, rng)
    if style == "basket":
        return containers.wire_basket(size, rng)
    taper = p["taper"] if style == "tote" else 0.3 * p["taper"]
    made = containers.tote(size, taper, p["corner"], p["wall"])
    return made + (containers.tote_ribs(size, taper, p["wall"], rng) if style == "tote" else [])


def _reach(p: dict[str, float]) -> tuple[float, float]:
    """Half sizes of the bin with all that sticks out of it."""
    out = p["taper"] + 0.05 + (p["flap"] * p["depth"] if _is(p, "cardboard") else 0.0)
    return p["width"] / 2 + out, p["depth"] / 2 + out


def _is(p: dict[str, float], style: str) -> bool:
    return STYLES[int(p["style"])] == style


def _table(p: dict[str, float]) -> Solids:
    rng = stream(int(p["layout_seed"]), "table")
    half = _reach(p)
    wide, deep = 2 * half[0] + rng.uniform(0.1, 0.9), 2 * half[1] + rng.uniform(0.1, 0.6)
    return furniture.table(wide, deep, p["raised"], False, rng)


def _conveyor(p: dict[str, float]) -> Solids:
    """A belt along x between two rails, on legs; the belt's upper side is z = 0."""
    rng = stream(int(p["layout_seed"]), "conveyor")
    # Flaps and rims hang over the rails, so only the body has to fit between them.
    half = p["depth"] / 2 + p["taper"] + 0.04 + rng.uniform(0.0, 0.15)
    length, rail = p["floor_size"] * 0.4, rng.uniform(0.03, 0.05)
    high = min(rng.uniform(0.0, 0.04), 0.3 * p["height"])
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
            y = sign * (half + rail / 2)
            low, leg = (x - 0.02, y - 0.02, -p["raised"]), (x + 0.02, y + 0.02, -0.12)
            under.append(box(low, leg, "legs", 0.002))
    return [*found, *untouched(under)]
