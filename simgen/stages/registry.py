"""Stages by name: sampled, fitted and built. Each is a file in `scenes/`, a .blend file, or part of
a plugin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from simgen.config import FURNISHING_LABELS
from simgen.config.draws import Draws
from simgen.errors import AssetError, InputError
from simgen.resources import module, module_names
from simgen.spec import parameters
from simgen.spec.scene import StageSpec
from simgen.stages.stage import Stage, StageContent, StagePart

AnyStage = Stage[Any]


def draw_stage(name: str, stage: AnyStage, draws: Draws) -> StageSpec:
    """Sample a stage, before it is fitted to the objects."""
    rng = draws.stream("stage")
    stored = parameters.draw(stage.params, rng, lambda: draws.number("scene.size_range"))
    drawn = parameters.read(stage.params, stored)
    params = stage.adjust(drawn, rng)
    numbers = parameters.changed(stored, drawn, params)
    materials = stage.materials(params, rng)
    whole = draws.config.scene.label_furnishings != FURNISHING_LABELS[-1]
    return StageSpec(name, numbers, materials, stage.file_sha256, whole)


def fit_stage(stage: AnyStage, spec: StageSpec, pile: float, reach: float) -> StageSpec:
    """Return the stage, enlarged if necessary.

    pile: radius of the area that the objects need, metres. reach: maximum distance of a camera from
    the origin, metres.
    """
    before = parameters.read(stage.params, spec.params)
    after = stage.fit(before, pile, reach)
    return replace(
        spec,
        params=parameters.changed(spec.params, before, after),
        materials=stage.recover(after, spec.materials),
    )


def build_stage(stage: AnyStage, spec: StageSpec) -> StageContent:
    """Return the content of a stage. Raises `AssetError` if its file has changed since it was
    sampled, or if a stored parameter is missing."""
    if spec.file_sha256 != stage.file_sha256:
        raise AssetError(
            f"{stage.file}: the file or its textures changed since the scene was sampled; "
            "restore the original file, or generate into a new folder"
        )
    try:
        params = parameters.read(stage.params, spec.params)
    except ValueError as error:
        raise AssetError(f"stage {spec.name!r}: {error}") from error
    content = stage.build(params)
    return content if spec.whole else replace(content, parts=_apart(content.parts))


def _apart(parts: tuple[StagePart, ...]) -> tuple[StagePart, ...]:
    return tuple(one for part in parts for one in ((part,) if part.apart is None else part.apart()))


def stuff_classes(stage: AnyStage) -> tuple[str, ...]:
    """Return the stuff classes in panoptic labels, `background` first."""
    return ("background", *stage.stuff)


def stage_names() -> tuple[str, ...]:
    """Return the names of the files in `scenes/`."""
    return module_names("scenes")


@dataclass(frozen=True)
class Stages:
    """The stages available to a run: those in `scenes/`, of plugins, and a .blend file."""

    own: Mapping[str, AnyStage] = field(default_factory=dict)
    """Of plugins, by name."""
    blend: Path | None = None
    """The .blend file behind the stage `blend`."""

    def get(self, name: str) -> AnyStage:
        """Return a stage by name. Raises `InputError` for an unknown one."""
        if name in self.own:
            return self.own[name]
        if name == "blend":
            return self._blend()
        if name in stage_names():
            return load_stage(name)
        known = sorted({*stage_names(), *self.own, "blend"})
        raise InputError(f"scene.name={name}: expected one of {', '.join(known)}")

    def build(self, spec: StageSpec) -> StageContent:
        """Return the content of a scene's stage. Raises like `get` and `build_stage`."""
        return build_stage(self.get(spec.name), spec)

    def _blend(self) -> AnyStage:
        if self.blend is None:
            raise InputError("scene.name=blend: no file given; set scene.blend=FILE.blend")
        from simgen.stages.blend_stage import blend_stage  # imports the reader of .blend files

        return blend_stage(self.blend)


@cache
def load_stage(name: str) -> AnyStage:
    """Return the stage of a file in `scenes/`, one of `stage_names`."""
    stage = module("scenes", name).STAGE
    assert isinstance(stage, Stage)
    return stage
