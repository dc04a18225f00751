"""Gardens, fields and roads from above, as a drone sees them.

Objects stand on plots, flat at z = 0; roads between them stay free. Hedges and bushes grow along
the plots' rims.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.draws import Draws
from simgen.randomizers.materials import draw_material
from simgen.rng import stream
from simgen.scenery import vegetation
from simgen.scenery.plots import Plot, district, ground_parts
from simgen.scenery.solids import mesh, placed, untouched
from simgen.scenery.surfaces import calm, pale, sunlit, trodden
from simgen.spec import StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support

NAME = "aerial"
STUFF = ("grass", "road", "pavement", "yard", "garden", "vegetation")
GROUND_SIZE = 900.0
MARGIN = 2.0
"""Metres along a plot's rim that objects leave to hedges."""
USED = 50.0
"""Metres from the middle within which plots carry objects."""
GARDEN_TAGS = ("garden",)
YARD_TAGS = ("vehicle",)
HEDGE = 5.0
_HEDGED = 95.0

KINDS = {
    "lawn_a": ("grass",),
    "lawn_b": ("grass",),
    "lawn_c": ("grass",),
    "field_a": ("grass",),
    "field_b": ("grass", "soil"),
    "soil": ("soil",),
    "road": ("asphalt",),
    "mark": ("worn_paint",),
    "pavement": ("concrete", "gravel", "asphalt", "stone"),
    "yard": ("asphalt", "gravel", "concrete", "stone"),
    "terrace": ("stone", "concrete", "gravel", "tiles"),
    "leaves": ("foliage",),
}
GROUND = ("lawn_a", "lawn_b", "lawn_c", "field_a", "field_b", "soil", "road", "pavement", "yard",
          "terrace")  # fmt: skip
_CALM = ("pavement", "yard", "terrace")
LEAF_LIGHT = 1.7
SMALLEST_BLOCK = 25.0
"""Metres. Smaller ones have no room for a plot."""


def draw(draws: Draws) -> StageSpec:
    """A district whose blocks are about `scene.size_range` metres wide."""
    rng = draws.stream("stage")
    params = {
        "layout_seed": float(rng.integers(2**31)),
        "block": max(SMALLEST_BLOCK, draws.number("scene.size_range")),
        "ground": GROUND_SIZE,
        "hedges": rng.uniform(0.1, 0.6),
        "bushes": float(rng.integers(40, 140)),
    }
    materials = {slot: draw_material(str(rng.choice(some)), rng) for slot, some in KINDS.items()}
    for slot in _CALM:
        materials[slot] = calm(materials[slot], rng)
        materials[slot] = trodden(materials[slot])
    materials["mark"] = pale(materials["mark"], rng)
    materials["leaves"] = sunlit(materials["leaves"], LEAF_LIGHT)
    return StageSpec(NAME, {key: float(value) for key, value in params.items()}, materials)


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The same with more ground around, where cameras fly higher."""
    p = dict(stage.params)
    p["ground"] = max(p["ground"], 6.0 * reach)
    return replace(stage, params=p)


def supports(stage: StageSpec) -> tuple[Support, ...]:
    """Plots around the middle: gardens, then yards."""
    found = []
    for number, plot in enumerate(_plots(stage)):
        half = plot.half - MARGIN
        if np.linalg.norm(plot.middle) > USED or min(half) < 4.0:
            continue
        x, y = (float(value) for value in plot.middle)
        yard = plot.slot == "yard"
        tags = YARD_TAGS if yard else GARDEN_TAGS
        size = (float(half[0]), float(half[1]))
        found.append(Support(size, False, (x, y, 0.0), tags=tags, name=f"{plot.slot}_{number}"))
    return tuple(sorted(found, key=lambda support: support.tags))


def room(stage: StageSpec) -> Room | None:
    return None


def lamps(stage: StageSpec) -> tuple[LampPlace, ...]:
    return ()


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The parts of a drawn stage."""
    p = stage.params
    seed = int(p["layout_seed"])
    plan = district(seed, GROUND_SIZE, p["block"])
    parts = ground_parts(plan, p["ground"], seed)
    return (*parts, *_hedges(stage), *_bushes(stage))


def _plots(stage: StageSpec) -> tuple[Plot, ...]:
    p = stage.params
    return district(int(p["layout_seed"]), GROUND_SIZE, p["block"]).plots


def _hedges(stage: StageSpec) -> list[StagePart]:
    """Along some of the plots' sides, pieces of the same two hedges."""
    rng = stream(int(stage.params["layout_seed"]), "hedges")
    one = vegetation.hedge(HEDGE, float(rng.uniform(0.9, 1.9)), 0.9, 0.22, rng)
    shapes = [mesh(untouched(placed(one, (0.0, 0.0, 0.0), turn))) for turn in (0.0, np.pi / 2)]
    found = []
    for plot in _plots(stage):
        for axis, sign in ((0, -1), (0, 1), (1, -1), (1, 1)):
            count = int((2 * plot.half[axis] - 1.5) / HEDGE)
            kept, start = rng.random() < stage.params["hedges"], rng.uniform(-0.5, 0.5)
            if not kept or np.linalg.norm(plot.middle) > _HEDGED:
                continue
            for step in range(count):
                at = plot.middle.copy()
                at[axis] += (step - (count - 1) / 2) * (HEDGE - 0.1) + start
                at[1 - axis] += sign * (plot.half[1 - axis] - 0.6)
                place = (float(at[0]), float(at[1]), 0.0)
                name = f"hedge_{len(found)}"
                found.append(vegetation.shrub(name, shapes[axis], place))
    return found


def _bushes(stage: StageSpec) -> list[StagePart]:
    """Of three sizes, in the corners and along the rims of plots."""
    rng = stream(int(stage.params["layout_seed"]), "bushes")
    shapes = [
        mesh(untouched(vegetation.bush(wide, 1.5 * wide, 0.3, rng))) for wide in (0.5, 0.62, 0.75)
    ]
    plots = [plot for plot in _plots(stage) if np.linalg.norm(plot.middle) < 1.5 * _HEDGED]
    found = []
    for number in range(int(stage.params["bushes"])):
        plot = plots[int(rng.integers(len(plots)))]
        axis, sign = int(rng.integers(2)), int(rng.choice([-1, 1]))
        at = plot.middle + rng.uniform(-0.9, 0.9, 2) * plot.half
        at[axis] = plot.middle[axis] + sign * (plot.half[axis] - 0.8)
        place = (float(at[0]), float(at[1]), 0.0)
        found.append(vegetation.shrub(f"bush_{number}", shapes[number % 3], place))
    return found
