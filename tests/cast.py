"""Datasets without Blender: scenes are sampled and labelled by the real code, and in between rays
are cast where Blender would render. The picture is a pattern that sticks to the surfaces.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simgen.assets.catalogue import load_catalogue
from simgen.commands import generate as hydra_app
from simgen.config import Config
from simgen.dataset import manifest
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import files_digest
from simgen.dataset.reader import Dataset
from simgen.dataset.writer import LabelledScene, commit_scene
from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import transform
from simgen.labels.annotate import Annotator
from simgen.labels.registry import render_passes
from simgen.labels.selection import label_names
from simgen.labels.world import World
from simgen.runs.finish import finish
from simgen.sampling.scenes import draw_scene
from simgen.spec.frame import RawFrame
from simgen.spec.scene import SceneSpec
from simgen.stages.placed import placed_meshes
from simgen.stages.registry import stuff_classes
from simgen.stages.resolver import SceneAssets, make_resolver, resolver_settings

SMALL = (
    "scene=flying",
    "assets.classes=[ball,box,mug]",
    "objects.count_range=[3,5]",
    "render.width=96",
    "render.height=72",
)
"""Overrides for scenes that are made in half a second."""
MOVING = (
    *SMALL,
    "labels=[all,lidar,sensor_depth]",
    "lidar.azimuth_step_deg=1.5",
    "frames_per_scene=3",
    "camera.path=orbit",
    "motion.objects=keyframed",
    "camera.stereo_baseline=0.05",
)
"""Overrides for sequences with all labels."""


def cast_dataset(root: Path, *words: str) -> Path:
    """Make a dataset from config overrides. Returns its folder."""

    def task(config: Config, _: Path) -> int:
        _make(config, Layout(root))
        return 0

    assert hydra_app.run([*words, f"output.dir={root}"], task) == 0
    return root


def _make(config: Config, place: Layout) -> None:
    settings = resolver_settings(config)
    catalogue, resolver = load_catalogue(config.assets, {}), make_resolver(settings)
    stuff = stuff_classes(resolver.stages.get(config.scene.name))
    digest = files_digest(catalogue, settings)
    manifest.write(place, manifest.make_manifest(config, catalogue.classes, stuff, digest))
    assets = {
        "classes": catalogue.classes,
        "assets": [dataclasses.asdict(asset) for asset in catalogue.assets],
        "skipped": [dataclasses.asdict(asset) for asset in catalogue.skipped],
    }
    place.assets.write_text(json.dumps(assets) + "\n")
    for scene in range(config.num_scenes):
        drawn = draw_scene(config, catalogue, resolver, scene, label_names(config))
        spec, assets = drawn.spec, drawn.assets
        annotator = Annotator(spec, assets.objects, assets.parts, resolver.photograph(spec))
        frames = annotator.frames(cast_frames(spec, assets))
        commit_scene(place, spec, LabelledScene(frames, annotator.scene))
    finish(place, Dataset(place.root))


def cast_frames(spec: SceneSpec, assets: SceneAssets) -> Iterator[RawFrame]:
    world = World(spec, assets.objects, assets.parts)
    for frame in range(len(spec.cameras)):
        things = placed_meshes(spec, assets, frame)
        codes = np.repeat(np.arange(1, len(things) + 1), [len(thing.faces) for thing in things])
        corners = np.concatenate([thing.vertices[thing.faces] for thing in things])
        caster = Caster(corners.reshape(-1, 3), np.arange(3 * len(corners)).reshape(-1, 3))
        rays, origins = world.lens(frame).pixel_rays(), world.lens(frame).pixel_origins()
        pose = world.camera(frame)
        distance, code, radiance = _seen(caster, codes, corners, rays, origins, pose)
        cover = None
        if spec.background is not None:
            cover = (code > 0).astype(np.float32)
            radiance = radiance * cover[..., None]
        beside = pose.copy()
        beside[:3, 3] += spec.stereo_baseline * pose[:3, 0]
        yield RawFrame(
            radiance if {"rgb", "rgba"} & set(spec.labels) else None,
            distance,
            code,
            dict.fromkeys(render_passes(spec.labels) - {"radiance", "radiance_right"}, radiance),
            _seen(caster, codes, corners, rays, origins, beside)[2]
            if "rgb_right" in spec.labels
            else None,
            cover,
        )


def _seen(
    caster: Caster,
    codes: np.ndarray,
    corners: np.ndarray,
    rays: np.ndarray,
    origins: np.ndarray,
    pose: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance, code and radiance of each pixel."""
    directions = rays.reshape(-1, 3) @ pose[:3, :3].T
    starts = transform(pose, origins.reshape(-1, 3))
    hits = caster.first(starts, directions)
    met = hits.triangle >= 0
    code = np.where(met, codes[hits.triangle], 0).astype(np.int32)
    distance = np.where(met, hits.distance.astype(np.float64), np.inf)
    # What the pattern sticks to, whatever moves: a place on its triangle.
    place = hits.weights.astype(np.float64) * 3 + hits.triangle[:, None] % 7
    waves = 0.35 + 0.25 * np.sin(place * 6 + code[:, None] * np.array([1.0, 2.0, 3.0]))
    sky = 0.4 + 0.2 * directions
    radiance = np.where(met[:, None], waves, sky).astype(np.float32)
    shape = rays.shape[:2]
    return distance.reshape(shape), code.reshape(shape), radiance.reshape(*shape, 3)
