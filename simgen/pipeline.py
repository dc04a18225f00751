"""One scene, all the way: spec to files. What a worker does for each index, and a replay again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.config import Config
from simgen.labels.annotate import Annotator
from simgen.sampling import sample_scene
from simgen.spec import SceneSpec
from simgen.stages import load_stage
from simgen.store.layout import Layout
from simgen.store.writer import LabelledScene, commit_scene


@dataclass(frozen=True)
class Job:
    """What every scene of a run shares. Plain data, so that it can travel to workers."""

    config: Config
    catalogue: Catalogue
    root: Path
    """Folder of the dataset."""
    assets_dir: Path | None
    threads: int
    """Of each worker's renderer; 0 for all cores."""


@dataclass(frozen=True)
class SceneReport:
    """What came of a committed scene."""

    scene: int
    frames: int
    instances: dict[str, int]
    """Class name to number of objects."""
    seconds: float


def make_scene(job: Job, library: Library, scene: int, scratch: Path) -> SceneReport:
    """Draw, render, label and commit one scene. library: kept from scene to scene."""
    started = time.perf_counter()
    spec = sample_scene(job.config, job.catalogue, library, scene)
    labelled = label_scene(spec, library, scratch, job.threads, job.config.render.device)
    commit_scene(Layout(job.root), spec, labelled)
    return SceneReport(
        scene=scene,
        frames=len(spec.cameras),
        instances=count_classes(spec),
        seconds=time.perf_counter() - started,
    )


def label_scene(
    spec: SceneSpec, library: Library, scratch: Path, threads: int, device: str
) -> LabelledScene:
    """Render a resolved spec and label it, frame by frame, while its frames are asked for.

    scratch: for temporary files.
    """
    # Importing bpy takes a second; whoever only reads datasets never pays it.
    from simgen.blender.make import Machine, render_frames

    meshes = [library.mesh(item.asset) for item in spec.objects]
    stage = load_stage(spec.stage.name).build(spec.stage)
    annotator = Annotator(spec, meshes, stage)
    raws = render_frames(spec, meshes, stage, Machine(scratch, threads, device))
    return LabelledScene(annotator.frames(raws), annotator.scene)


def count_classes(spec: SceneSpec) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in spec.objects:
        counts[item.class_name] = counts.get(item.class_name, 0) + 1
    return counts
