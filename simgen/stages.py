"""Stages: what stands around the objects. Each is a Python file of its own in `scenes/`."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Protocol, cast

import numpy as np

from simgen.config import SceneConfig
from simgen.errors import InputError
from simgen.resources import resource
from simgen.spec import StageSpec
from simgen.stage import StagePart, Support


class Stage(Protocol):
    """What a file in `scenes/` has to offer. Its parts follow from the spec alone."""

    STUFF: tuple[str, ...]
    """Classes of its parts in panoptic labels. `background` is there without being named."""

    def draw(self, rng: np.random.Generator, size_range: tuple[float, float]) -> StageSpec:
        """A stage, drawn."""
        ...

    def grow(self, stage: StageSpec, pile: float, reach: float) -> StageSpec:
        """The same stage with room for more, if it needs any.

        pile: radius of the objects' place, metres. reach: farthest that a camera may stand from
        the origin, metres.
        """
        ...

    def support(self, stage: StageSpec) -> Support:
        """Where objects may lie."""
        ...

    def build(self, stage: StageSpec) -> tuple[StagePart, ...]:
        """Its geometry."""
        ...


def stage_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in resource("scenes").glob("[a-z]*.py")))


@cache
def load_stage(name: str) -> Stage:
    """The stage of a name. Raises `InputError` for one that is not in `scenes/`."""
    if name not in stage_names():
        raise InputError(f"scene.name={name}: expected one of {', '.join(stage_names())}")
    path = resource("scenes") / f"{name}.py"
    found = importlib.util.spec_from_file_location(f"simgen_scenes.{name}", path)
    if found is None or found.loader is None:
        raise InputError(f"scene.name={name}: {path} cannot be loaded")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return cast(Stage, module)


def stuff_classes(name: str) -> tuple[str, ...]:
    """Classes in panoptic labels of what is no object, `background` first."""
    return ("background", *load_stage(name).STUFF)


def draw_stage(config: SceneConfig, rng: np.random.Generator) -> StageSpec:
    low, high = config.size_range
    return load_stage(config.name).draw(rng, (low, high))
