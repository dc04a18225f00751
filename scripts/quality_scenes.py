"""The scenes of `bench_quality.py`, as specs that depend only on code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from bench_overhead import make_spec

TABLEWARE = {
    "wine_glass": "glass",
    "tumbler": "glass",
    "mug": "ceramic",
    "bottle": "glass",
    "apple": "fruit_red",
    "can": "metal",
    "bowl": "ceramic",
    "book": "print",
    "vase": "ceramic",
}
"""Class to the material of its first slot."""


@dataclass(frozen=True)
class Size:
    """width, height: pixels. reference: samples of the reference."""

    width: int
    height: int
    reference: int


def primitives(size: Size) -> Any:
    """Return the `SceneSpec` of `bench_overhead.py`, without labels."""
    spec = make_spec(frames=1, samples=1, denoise=False)
    return replace(
        spec,
        labels=("rgb",),
        render=replace(spec.render, width=size.width, height=size.height),
    )


def table(size: Size) -> Any:
    """Return a `SceneSpec` of refracting and reflecting objects, lit by lamps and a dim room."""
    from simgen.assets.environments import normalisation
    from simgen.spec.scene import LightSpec

    spec = primitives(size)
    angles = (0.5, 2.2, 4.0)
    lamps = tuple(
        LightSpec(
            kind="area",
            position=(1.2 * float(np.cos(angle)), 1.2 * float(np.sin(angle)), 1.3),
            target=(0.0, 0.0, 0.0),
            color=(1.0, 0.9, 0.7),
            power=5.0,
            size=0.3,
        )
        for angle in angles
    )
    dim = replace(
        spec.environment,
        hdri="interior",
        rotation=1.0,
        strength=0.25,
        normalisation=normalisation("interior"),
    )
    walls = replace(spec.stage, params={**spec.stage.params, "walls": 1.0})
    return replace(
        spec,
        objects=_tableware(),
        stage=walls,
        environment=dim,
        lights=lamps,
    )


def _tableware() -> tuple[Any, ...]:
    """Return three rows of three upright objects."""
    from simgen.assets.classes import CLASSES
    from simgen.sampling.randomizers.materials import draw_material
    from simgen.spec.rng import stream
    from simgen.spec.scene import AssetRef, ObjectSpec

    items = []
    for number, (name, kind) in enumerate(TABLEWARE.items()):
        rng = stream(0, "bench", "table", name)
        asset = AssetRef("parametric", name, CLASSES[name].draw(rng))
        first, *others = CLASSES[name].build(asset.params).slots
        kinds = {first: kind, **dict.fromkeys(others, "plastic")}
        items.append(
            ObjectSpec(
                instance_id=number + 1,
                class_name=name,
                class_id=1,
                asset=asset,
                scale=1.0,
                position=(0.22 * (number % 3) - 0.22, 0.2 * (number // 3) - 0.2, 0.0),
                rotation=(1.0, 0.0, 0.0, 0.0),
                materials={slot: draw_material(kind, rng) for slot, kind in kinds.items()},
            )
        )
    return tuple(items)


SCENES: dict[str, Callable[[Size], Any]] = {"primitives": primitives, "table": table}
