"""What a user's own package may look like: a class, a stage, a randomizer and a format.

docs/own-*.md show parts of it, and tests/test_plugins.py runs it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from simgen.assets.catalogue import ClassInfo
from simgen.assets.parametric import ParametricClass
from simgen.assets.parametric.shapes import assemble, rounded_box
from simgen.draws import Draws
from simgen.formats.items import Item
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.mesh import MeshData
from simgen.plugins import OwnClass, Plugin
from simgen.randomizers.materials import draw_material
from simgen.rng import Stream
from simgen.spec import SceneSpec, StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support


def draw_brick(rng: Stream) -> dict[str, float]:
    return {"length": float(rng.uniform(0.18, 0.24))}


def build_brick(p: dict[str, float]) -> MeshData:
    size = (p["length"], p["length"] / 2, p["length"] / 3)
    block = rounded_box(size, 0.004, "body")
    return assemble([block], [block.vertices], ("body",))


BRICK = OwnClass(
    ParametricClass("brick", draw_brick, build_brick),
    ClassInfo(density=1800.0, friction=0.6, slots={"body": ("stone",)}, tags=("tabletop",)),
)


class Plinth:
    """A stone slab, half a metre wide, in the open."""

    STUFF = ("plinth",)

    def draw(self, draws: Draws) -> StageSpec:
        width = draws.number("scene.size_range")
        material = draw_material("stone", draws.stream("stage"))
        return StageSpec("plinth", {"width": width}, {"top": material})

    def grow(self, stage: StageSpec, pile: float, reach: float) -> StageSpec:
        width = max(stage.params["width"], 2.3 * pile)
        return replace(stage, params={"width": width})

    def supports(self, stage: StageSpec) -> tuple[Support, ...]:
        half = stage.params["width"] / 2 - 0.01
        return (Support((half, half), round=False),)

    def build(self, stage: StageSpec) -> tuple[StagePart, ...]:
        width = stage.params["width"]
        slab = rounded_box((width, width, 0.1), 0.005, "top", (0, 0, -0.05))
        return (StagePart("slab", assemble_at(slab), (0.0, 0.0, -0.1), "plinth"),)

    def room(self, stage: StageSpec) -> Room | None:
        return None

    def lamps(self, stage: StageSpec) -> tuple[LampPlace, ...]:
        return ()


def assemble_at(slab: object) -> MeshData:
    """`assemble` puts things on z = 0; the stage part moves them down again."""
    return assemble([slab], [slab.vertices], ("top",))  # type: ignore[list-item, attr-defined]


def warmer(spec: SceneSpec, rng: Stream) -> SceneSpec:
    """All lamps and the sky a little warmer or cooler, together."""
    warm = float(rng.uniform(-0.1, 0.1))
    tint = (1.0 + warm, 1.0, 1.0 - warm)
    red, green, blue = np.multiply(spec.environment.tint, tint).tolist()
    return replace(spec, environment=replace(spec.environment, tint=(red, green, blue)))


@contextmanager
def write_csv(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    with target.path("boxes.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image", "class", "x", "y", "w", "h"])

        def add(item: Item) -> None:
            target.picture(f"images/{item.name}", item.picture)
            for entry in item.seen:
                rows.writerow([item.name, plan.class_id(entry.class_name), *(entry.bbox or ())])

        yield add


PLUGIN = Plugin(
    classes=(BRICK,),
    stages={"plinth": Plinth()},
    randomizers={"warmer": warmer},
    formats={"csv": Format("csv", "boxes as a table", frozenset(), write_csv)},
)
