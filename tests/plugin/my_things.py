"""What a user's own package may look like: a class, a stage, a randomizer and a format.

docs/own-*.md show parts of it, and tests/stages/test_plugins.py runs it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.catalogue import ClassInfo
from simgen.assets.parametric import ParametricClass
from simgen.formats.items import Item
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.sampling.randomizers.materials import draw_material
from simgen.spec.parameters import between, scene_size
from simgen.spec.rng import Stream
from simgen.spec.scene import SceneSpec
from simgen.stages.plugins import OwnClass, Plugin
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support


@dataclass(frozen=True)
class Brick:
    length: float = between(0.18, 0.24)


def build_brick(p: Brick) -> MeshData:
    size = (p.length, p.length / 2, p.length / 3)
    block = solids.rounded_box(size, 0.004, "body")
    return solids.assemble([block], ("body",), [block.vertices])


BRICK = OwnClass(
    ParametricClass("brick", Brick, build_brick),
    ClassInfo(density=1800.0, friction=0.6, slots={"body": ("stone",)}, tags=("tabletop",)),
)


@dataclass(frozen=True)
class Plinth:
    """A stone slab, half a metre wide, in the open."""

    width: float = scene_size()


def stone(p: Plinth, rng: Stream) -> Materials:
    return {"top": draw_material("stone", rng)}


def fit(p: Plinth, pile: float, reach: float) -> Plinth:
    return replace(p, width=max(p.width, 2.3 * pile))


def build(p: Plinth) -> StageContent:
    slab = solids.rounded_box((p.width, p.width, 0.1), 0.005, "top", (0, 0, -0.05))
    part = StagePart(
        "slab", solids.to_mesh([solids.filled(slab, [slab.vertices])]), (0.0, 0.0, 0.0), "plinth"
    )
    half = p.width / 2 - 0.01
    return StageContent((part,), (Support((half, half), round=False),))


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
    stages={"plinth": Stage(Plinth, stone, build, fit, stuff=("plinth",))},
    randomizers={"warmer": warmer},
    formats={"csv": Format("csv", "boxes as a table", frozenset(), write_csv)},
)
