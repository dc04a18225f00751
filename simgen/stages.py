"""Stages: what stands around the objects. Each is a Python file of its own in `scenes/`, or comes
from a package of the user's."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from simgen.draws import Draws
from simgen.errors import InputError
from simgen.resources import resource
from simgen.spec import StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support


class Stage(Protocol):
    """What a file in `scenes/` has to offer. Everything but `draw` follows from the spec alone."""

    STUFF: tuple[str, ...]
    """Classes of its parts in panoptic labels. `background` is there without being named."""

    def draw(self, draws: Draws) -> StageSpec:
        """A stage, drawn: from factors, and from `draws.stream("stage", ...)`."""
        ...

    def grow(self, stage: StageSpec, pile: float, reach: float) -> StageSpec:
        """The same stage with room for more, if it needs any and can.

        pile: radius of the objects' place, metres. reach: farthest that a camera may stand from
        the origin, metres.
        """
        ...

    def supports(self, stage: StageSpec) -> tuple[Support, ...]:
        """Where objects may lie, the main place first. None: they float in the air around the
        origin."""
        ...

    def build(self, stage: StageSpec) -> tuple[StagePart, ...]:
        """Its geometry."""
        ...

    def room(self, stage: StageSpec) -> Room | None:
        """Where cameras may be; None where `grow` makes room for any."""
        ...

    def lamps(self, stage: StageSpec) -> tuple[LampPlace, ...]:
        """Places for lamps and daylight. None: lamps may stand anywhere above the objects."""
        ...


def stage_names() -> tuple[str, ...]:
    """Names of the files in `scenes/`."""
    return tuple(sorted(path.stem for path in resource("scenes").glob("[a-z]*.py")))


@dataclass(frozen=True)
class Stages:
    """The stages that a run may use: those in `scenes/`, and the user's own."""

    own: Mapping[str, Stage] = field(default_factory=dict)
    """From the user's package, by name."""
    blend: Path | None = None
    """The .blend file behind the stage `blend`."""

    def get(self, name: str) -> Stage:
        """The stage of a name. Raises `InputError` where there is none."""
        if name in self.own:
            return self.own[name]
        if name == "blend":
            return self._blend()
        if name not in stage_names():
            known = sorted({*stage_names(), *self.own, "blend"})
            raise InputError(f"scene.name={name}: expected one of {', '.join(known)}")
        return load_stage(name)

    def _blend(self) -> Stage:
        if self.blend is None:
            raise InputError("scene.name=blend: needs a file of your own, scene.blend=FILE.blend")
        from simgen.blend_stage import BlendStage

        return BlendStage(self.blend)


@cache
def load_stage(name: str) -> Stage:
    """The stage of a file in `scenes/`. Raises `InputError` where there is none."""
    if name not in stage_names():
        raise InputError(f"scene.name={name}: expected one of {', '.join(stage_names())}")
    path = resource("scenes") / f"{name}.py"
    found = importlib.util.spec_from_file_location(f"simgen_scenes.{name}", path)
    if found is None or found.loader is None:
        raise InputError(f"scene.name={name}: {path} cannot be loaded")
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # dataclasses look their own module up
    found.loader.exec_module(module)
    return cast(Stage, module)


def stuff_classes(stage: Stage) -> tuple[str, ...]:
    """Classes in panoptic labels of what is no object, `background` first."""
    return ("background", *stage.STUFF)
