"""The path of one scene from its index to its files, as used by workers and by replay."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from simgen.dataset.reports import SceneReport, WorkerInfo
from simgen.dataset.writer import LabelledScene, commit_scene, keep_spec
from simgen.errors import SceneError
from simgen.labels.annotate import Annotator
from simgen.labels.registry import render_passes
from simgen.labels.selection import label_names
from simgen.pool import one_ahead
from simgen.rendering.stopwatch import Stopwatch
from simgen.runs.job import Job
from simgen.sampling.scenes import draw_scene
from simgen.spec.scene import SceneSpec
from simgen.stages.resolver import Resolver, SceneAssets

_PURE = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""Errors that only depend on the code and its inputs. Others (of files, memory or threads) may be
due to the machine."""


def make_scene(
    job: Job, resolver: Resolver, scene: int, attempt: int, info: WorkerInfo, scratch: Path
) -> SceneReport:
    """Sample, render, label and commit one scene. resolver: kept from scene to scene."""
    report = _make_scene(job, resolver, scene, attempt, info, scratch)
    trim()  # here, since by now only Blender holds data of the scene
    return replace(report, memory_mb=resident_mb())


def _make_scene(
    job: Job, resolver: Resolver, scene: int, attempt: int, info: WorkerInfo, scratch: Path
) -> SceneReport:
    watch, started, cpu = Stopwatch(), time.perf_counter(), time.process_time()
    with watch.stage("sample"):
        with _drawing():
            drawn = draw_scene(job.config, job.catalogue, resolver, scene, label_names(job.config))
        spec = drawn.spec
        keep_spec(job.place, spec)
    device = job.config.render.device
    labelled = label_scene(
        spec, resolver, scratch, job.threads, device, watch, info.number, drawn.assets
    )
    with watch.stage("write"):
        commit_scene(job.place, spec, labelled)
    return SceneReport(
        scene=scene,
        frames=len(spec.cameras),
        samples=spec.render.samples,
        instances=count_classes(spec),
        seconds=time.perf_counter() - started,
        stages=watch.seconds,
        cpu_seconds=time.process_time() - cpu,
        memory_mb=resident_mb(),
        device=_kind_in_use(device, spec),
        worker=info.name,
        attempt=attempt,
    )


@contextmanager
def _drawing() -> Iterator[None]:
    """Replace errors of sampling by `SceneError`: sampling and settling depend on config and index
    alone, so every further attempt would fail in the same way."""
    try:
        yield
    except _PURE as error:
        raise SceneError(f"{type(error).__name__}: {error}") from error


def _kind_in_use(wanted: str, spec: SceneSpec) -> str:
    from simgen.rendering.blender.devices import kind_in_use  # imports Blender

    return kind_in_use(wanted, spec.lens_model)


def label_scene(
    spec: SceneSpec,
    resolver: Resolver,
    scratch: Path,
    threads: int,
    device: str,
    watch: Stopwatch | None = None,
    number: int = 0,
    assets: SceneAssets | None = None,
) -> LabelledScene:
    """Render a resolved spec and label it lazily, frame by frame. A frame is labelled while the
    next one renders.

    scratch: folder for temporary files. watch: records the time of each stage. number: of the
    worker, by which it is assigned a GPU. assets: of the scene; resolved here by default.
    """
    watch = watch or Stopwatch()
    with watch.stage("prepare"):
        # Importing bpy takes a second, which reading a dataset should not.
        from simgen.rendering.blender.make import Machine, render_frames

        assets = assets or resolver.resolve(spec)
        annotator = Annotator(spec, assets.objects, assets.parts, resolver.photograph(spec))
        machine = Machine(scratch, threads, device, resolver.pictures, number)
    passes = render_passes(spec.labels)
    raws = render_frames(spec, assets.objects, assets.parts, machine, passes, watch)
    frames = one_ahead(lambda number, raw: annotator.annotate(raw, number), raws)
    return LabelledScene(watch.each("label", frames), annotator.scene)


def count_classes(spec: SceneSpec) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in spec.objects:
        counts[item.class_name] = counts.get(item.class_name, 0) + 1
    return counts


def trim() -> None:
    """Return free memory to the system, if the C library supports it.

    Blender allocates and frees blocks of all sizes in many threads. glibc keeps free memory between
    blocks that are still in use, which adds up over some hundred scenes; returning it takes
    milliseconds (docs/scale.md).
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):  # not in all C libraries
            libc.malloc_trim(0)


def resident_mb() -> float:
    """Return the resident memory of this process in mebibytes."""
    return psutil.Process().memory_info().rss / 2**20
