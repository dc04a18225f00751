"""Resolves the names in a spec to meshes, stages, images and code.

A `Resolver` is created once per process, from plain settings. The meshes of a scene are a plain
value, `SceneAssets`, resolved once and passed on to rendering and labelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from simgen.assets.hdris import HdriFolder, find_hdris
from simgen.assets.library import AssetKey, Library, asset_key
from simgen.assets.photographs import PhotographFolder, find_photographs
from simgen.assets.textures import Pictures, TextureFolder, find_textures
from simgen.config import Config, moments_of
from simgen.config.calibration.trajectories import Trajectory, read_trajectory
from simgen.errors import InputError
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import rotation_from_quaternion
from simgen.spec.scene import STAGE_SOURCE, AssetRef, ObjectSpec, SceneSpec
from simgen.stages.furnishings import furnishing_meshes, without_objects
from simgen.stages.plugins import Randomizer, load_plugins
from simgen.stages.registry import Stages
from simgen.stages.stage import StageContent, StagePart, without_parts


@dataclass(frozen=True)
class ResolverSettings:
    """Settings of a resolver. Plain data, so that they can be sent to workers.

    Folders and files are absolute. plugins: names of user-supplied modules.
    """

    assets: Path | None = None
    textures: Path | None = None
    hdris: Path | None = None
    blend: Path | None = None
    plugins: tuple[str, ...] = ()
    found_textures: TextureFolder | None = None
    """Contents of the texture folder when the run started."""
    found_hdris: HdriFolder | None = None
    """Contents of the HDRI folder when the run started."""
    photographs: Path | None = None
    found_photographs: PhotographFolder | None = None
    """Contents of the folder of photographs when the run started."""
    found_poses: Trajectory | None = None
    """Poses of the camera or rig, from `camera.poses`."""


@dataclass(frozen=True)
class SceneAssets:
    """The geometry of one scene."""

    objects: tuple[MeshData, ...]
    """The mesh of each object of the spec, in their order, unscaled."""
    parts: tuple[StagePart, ...]
    """Static parts of the scene: those of its stage, then distractors."""


@dataclass(frozen=True)
class Resolver:
    """Resolves the names in a spec."""

    library: Library
    stages: Stages = field(default_factory=Stages)
    pictures: Pictures = field(default_factory=Pictures)
    textures: TextureFolder | None = None
    """Images for covering surfaces."""
    hdris: HdriFolder | None = None
    """The user's own HDRI worlds."""
    photographs: PhotographFolder | None = None
    """The user's photographs, as backgrounds."""
    poses: Trajectory | None = None
    """The user's own poses of the camera or rig."""
    randomizers: Mapping[str, Randomizer] = field(default_factory=dict)

    def resolve(
        self,
        spec: SceneSpec,
        stage: StageContent | None = None,
        known: Mapping[AssetKey, MeshData] | None = None,
    ) -> SceneAssets:
        """Return the geometry of a scene.

        stage: the content of its stage; known: meshes by asset. Whatever the caller does not pass
        is loaded or built, each mesh once. Raises `AssetError` if a mesh file is missing or has
        changed, or if the scene's stage lacks the part of an object.
        """
        content = self.stages.build(spec.stage) if stage is None else stage
        if spec.background is not None:
            content = without_parts(content)
        meshes = dict(known or {})

        def mesh(asset: AssetRef) -> MeshData:
            key = asset_key(asset)
            if key not in meshes:
                meshes[key] = self.library.mesh(asset)
            return meshes[key]

        furnishings = furnishing_meshes(spec, content.parts)
        objects = (
            furnishings[one.asset.id] if one.asset.source == STAGE_SOURCE else mesh(one.asset)
            for one in spec.objects
        )
        distractors = (
            _distractor(number, one, mesh(one.asset)) for number, one in enumerate(spec.distractors)
        )
        parts = without_objects(spec, content.parts)
        return SceneAssets(tuple(objects), (*parts, *distractors))

    def photograph(self, spec: SceneSpec) -> np.ndarray | None:
        """Return what is behind the objects of a scene, `H x W x 3` uint8 sRGB, row 0 on top; None
        without a photograph. Raises `AssetError` if the file is missing or has changed."""
        if spec.background is None or not spec.background.photograph:
            return None
        return self.pictures.photograph(spec.background, spec.render.width, spec.render.height)


def _distractor(number: int, item: ObjectSpec, mesh: MeshData) -> StagePart:
    turn = item.scale * rotation_from_quaternion(item.rotation)
    placed = replace(mesh, vertices=mesh.vertices @ turn.T, pieces=())
    return StagePart(
        f"distractor_{number}",
        placed,
        item.position,
        materials=item.materials,
        class_name=item.class_name,
    )


def resolver_settings(config: Config, plugins: tuple[str, ...] = ()) -> ResolverSettings:
    """Return the settings of a run, with absolute paths.

    Raises `InputError` for a folder without usable images, and for a file without poses.
    """
    textures, hdris = _absolute(config.materials.textures), _absolute(config.lighting.hdri_dir)
    photographs = _absolute(config.background.images)
    poses = _absolute(config.camera.poses)
    return ResolverSettings(
        assets=_absolute(config.assets.dir),
        textures=textures,
        found_textures=None
        if textures is None
        else find_textures(textures, config.materials.texture_sets),
        hdris=hdris,
        found_hdris=None if hdris is None else find_hdris(hdris, config.lighting.hdri_sets),
        photographs=photographs,
        found_photographs=None if photographs is None else find_photographs(photographs),
        blend=_absolute(config.scene.blend),
        plugins=plugins,
        found_poses=None if poses is None else _trajectory(poses, config),
    )


def make_resolver(settings: ResolverSettings) -> Resolver:
    """Create the resolver of a process. Raises `InputError` for a plugin that cannot be loaded."""
    own = load_plugins(settings.plugins)
    return Resolver(
        library=Library(settings.assets, {name: kind.shape for name, kind in own.classes.items()}),
        stages=Stages(own.stages, settings.blend),
        pictures=Pictures(settings.textures, settings.hdris, settings.photographs),
        textures=settings.found_textures,
        hdris=settings.found_hdris,
        photographs=settings.found_photographs,
        poses=settings.found_poses,
        randomizers=own.randomizers,
    )


def _trajectory(path: Path, config: Config) -> Trajectory:
    found, needed = read_trajectory(path), moments_of(config)
    if len(found.poses) < needed:
        raise InputError(
            f"camera.poses={path}: {len(found.poses)} poses; frames_per_scene="
            f"{config.frames_per_scene} needs {needed} in each scene"
        )
    return found


def _absolute(path: str | None) -> Path | None:
    return None if path is None else Path(path).resolve()
