"""Kit: what stands behind the names in a spec. Built once a process, from plain settings."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from simgen.assets.hdris import HdriFolder, find_hdris
from simgen.assets.library import Library
from simgen.assets.textures import Pictures, TextureFolder, find_textures
from simgen.config import Config
from simgen.errors import AssetError
from simgen.furnishings import furnishing_meshes, without_objects
from simgen.geometry import rotation_from_quaternion
from simgen.mesh import MeshData
from simgen.plugins import Randomizer, load_plugins
from simgen.spec import STAGE_SOURCE, ObjectSpec, SceneSpec, StageSpec
from simgen.stage import StagePart
from simgen.stages import Stages


@dataclass(frozen=True)
class Settings:
    """What a kit is made from. Plain data, so that it can travel to workers.

    Folders and files are absolute. plugins: names of the user's modules.
    """

    assets: Path | None = None
    textures: Path | None = None
    hdris: Path | None = None
    blend: Path | None = None
    plugins: tuple[str, ...] = ()
    found_textures: TextureFolder | None = None
    """What was in the folder of textures when the run began."""
    found_hdris: HdriFolder | None = None
    """And in that of HDRI worlds."""


@dataclass(frozen=True)
class _BuiltStage:
    spec: StageSpec
    parts: tuple[StagePart, ...]

    @cached_property
    def furnishings(self) -> dict[str, MeshData]:
        return furnishing_meshes(self.spec, self.parts)


@dataclass(frozen=True)
class Kit:
    """Meshes, stages, images and code that specs name."""

    library: Library
    stages: Stages = field(default_factory=Stages)
    pictures: Pictures = field(default_factory=Pictures)
    textures: TextureFolder | None = None
    """Images that surfaces may be covered with."""
    hdris: HdriFolder | None = None
    """The user's own HDRI worlds."""
    randomizers: Mapping[str, Randomizer] = field(default_factory=dict)
    _built: deque[_BuiltStage] = field(default_factory=lambda: deque(maxlen=2), compare=False)

    def stage_parts(self, spec: SceneSpec) -> tuple[StagePart, ...]:
        """All that stands in a scene without being an object: its stage, then its distractors."""
        return (
            *without_objects(spec, self.stage(spec.stage)),
            *(self._distractor(spec, number) for number in range(len(spec.distractors))),
        )

    def object_meshes(self, spec: SceneSpec) -> list[MeshData]:
        """The mesh of each object of a scene, in their order, unscaled. Raises as `object_mesh`."""
        return [self.object_mesh(spec, item) for item in spec.objects]

    def object_mesh(self, spec: SceneSpec, item: ObjectSpec) -> MeshData:
        """The mesh of one object of a scene, unscaled.

        Raises `AssetError` when a mesh file is missing or not the one that was drawn, or when the
        scene's stage has no such part.
        """
        if item.asset.source != STAGE_SOURCE:
            return self.library.mesh(item.asset)
        found = self._stage(spec.stage).furnishings.get(item.asset.id)
        if found is None:
            raise AssetError(f"{item.asset.id}: the stage of the scene has no such part")
        return found

    def stage(self, spec: StageSpec) -> tuple[StagePart, ...]:
        """The parts of a stage. Building one takes a second or two, and each scene needs its own
        several times."""
        return self._stage(spec).parts

    def _stage(self, spec: StageSpec) -> _BuiltStage:
        for known in self._built:
            if known.spec == spec:
                return known
        made = _BuiltStage(spec, self.stages.get(spec.name).build(spec))
        self._built.append(made)
        return made

    def _distractor(self, spec: SceneSpec, number: int) -> StagePart:
        item = spec.distractors[number]
        mesh = self.library.mesh(item.asset)
        turn = item.scale * rotation_from_quaternion(item.rotation)
        placed = replace(mesh, vertices=mesh.vertices @ turn.T, pieces=())
        return StagePart(
            f"distractor_{number}",
            placed,
            item.position,
            materials=item.materials,
            class_name=item.class_name,
        )


def settings_of(config: Config, plugins: tuple[str, ...] = ()) -> Settings:
    """The settings of a run, with absolute paths.

    Raises `InputError` for a folder of images without any that can be used.
    """
    textures, hdris = _absolute(config.materials.textures), _absolute(config.lighting.hdri_dir)
    return Settings(
        assets=_absolute(config.assets.dir),
        textures=textures,
        found_textures=None if textures is None else find_textures(textures),
        hdris=hdris,
        found_hdris=None if hdris is None else find_hdris(hdris),
        blend=_absolute(config.scene.blend),
        plugins=plugins,
    )


def make_kit(settings: Settings) -> Kit:
    """Raises `InputError` for a plugin that cannot be loaded."""
    own = load_plugins(settings.plugins)
    return Kit(
        library=Library(settings.assets, {name: kind.shape for name, kind in own.classes.items()}),
        stages=Stages(own.stages, settings.blend),
        pictures=Pictures(settings.textures, settings.hdris),
        textures=settings.found_textures,
        hdris=settings.found_hdris,
        randomizers=own.randomizers,
    )


def _absolute(path: str | None) -> Path | None:
    return None if path is None else Path(path).resolve()
