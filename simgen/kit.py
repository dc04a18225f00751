"""Kit: what stands behind the names in a spec. Built once a process, from plain settings."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from simgen.assets.hdris import HdriFolder, find_hdris
from simgen.assets.library import Library
from simgen.assets.textures import Pictures, TextureFolder, find_textures
from simgen.config import Config
from simgen.geometry import rotation_from_quaternion
from simgen.plugins import Randomizer, load_plugins
from simgen.spec import SceneSpec, StageSpec
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
    _built: deque[tuple[StageSpec, tuple[StagePart, ...]]] = field(
        default_factory=lambda: deque(maxlen=2), compare=False
    )

    def stage_parts(self, spec: SceneSpec) -> tuple[StagePart, ...]:
        """All that stands in a scene without being an object: its stage, then its distractors."""
        return (
            *self.stage(spec.stage),
            *(self._distractor(spec, number) for number in range(len(spec.distractors))),
        )

    def stage(self, spec: StageSpec) -> tuple[StagePart, ...]:
        """The parts of a stage. Building one takes a second or two, and each scene needs its own
        several times."""
        for known, parts in self._built:
            if known == spec:
                return parts
        made = self.stages.get(spec.name).build(spec)
        self._built.append((spec, made))
        return made

    def _distractor(self, spec: SceneSpec, number: int) -> StagePart:
        item = spec.distractors[number]
        mesh = self.library.mesh(item.asset)
        turn = item.scale * rotation_from_quaternion(item.rotation)
        placed = replace(mesh, vertices=mesh.vertices @ turn.T, pieces=())
        return StagePart(f"distractor_{number}", placed, item.position, materials=item.materials)


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
