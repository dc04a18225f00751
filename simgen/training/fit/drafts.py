"""Renders scenes of a config as drafts, in several processes, and stores what they show."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.errors import AssetError, InputError, SceneError
from simgen.labels.record import FrameRecord
from simgen.pool import in_order
from simgen.runs.drafts import draft_scene
from simgen.sampling.checks import check_sampling
from simgen.stages.plugins import catalogue_of, load_plugins
from simgen.stages.resolver import Resolver, ResolverSettings, make_resolver, resolver_settings

_NOT_CONTENT = ("num_scenes", "runner", "run", "output", "fitted_to", "splits")
"""Keys that do not affect images."""
_BRIGHTEST = 6e4
"""Maximum stored radiance, in float16."""


@dataclass(frozen=True)
class Frame:
    """What an image shows. boxes: `n x 4` float64, x, y, width and height in pixels. radiance: `H x
    W x 3` float16, linear Rec.709; without pixels if it was not rendered."""

    scene: int
    frame: int
    boxes: np.ndarray
    classes: tuple[str, ...]
    radiance: np.ndarray


@dataclass(frozen=True)
class Round:
    """Scenes of one config. seconds: wall time spent. failed: why scenes failed."""

    frames: tuple[Frame, ...]
    seconds: float
    failed: tuple[str, ...]


@dataclass(frozen=True)
class _Task:
    config: Config
    catalogue: Catalogue
    settings: ResolverSettings
    scene: int
    path: Path
    threads: int
    image: bool


def make_drafts(
    config: Config,
    scenes: Sequence[int],
    folder: Path,
    *,
    image: bool,
    least_visible: float,
    workers: int,
    plugins: Sequence[str] = (),
    until: float = float("inf"),
    tell: Callable[[], None] = lambda: None,
) -> Round:
    """Draft scenes, or read the drafts that an earlier run stored.

    folder: where drafts are stored. image: whether to render them. least_visible: objects with a
    smaller visible fraction are omitted. until: time (`time.monotonic`) after which no further
    scene is started, once half of them are done. tell: called after each scene. Raises `InputError`
    for an invalid config, and if no scene can be generated.
    """
    own = load_plugins(tuple(plugins))
    catalogue = catalogue_of(config, own.classes)
    settings = resolver_settings(config, tuple(plugins))
    check_sampling(config, catalogue, make_resolver(settings).stages.get(config.scene.name))
    place = folder / _digest(config, image)
    place.mkdir(parents=True, exist_ok=True)
    threads = max(1, (os.process_cpu_count() or 1) // workers)
    tasks = [
        _Task(config, catalogue, settings, scene, place / f"{scene:06d}.npz", threads, image)
        for scene in scenes
    ]
    started = time.monotonic()
    missing = [task for task in tasks if not task.path.exists()]
    half = len(tasks) / 2 - (len(tasks) - len(missing))

    def due() -> Iterator[_Task]:
        for number, task in enumerate(missing):
            if number >= half and time.monotonic() > until:
                return
            yield task

    for _ in in_order(_draft, due(), min(workers, len(missing))):
        tell()
    kept = [_read(task.path, least_visible) for task in tasks if task.path.exists()]
    frames = tuple(frame for found, _ in kept for frame in found)
    failed = tuple(dict.fromkeys(why for _, why in kept if why))
    if not frames:
        reason = failed[0] if failed else "the time limit was reached"
        raise InputError(f"no scene could be generated: {reason}")
    return Round(frames, time.monotonic() - started, failed)


@lru_cache(maxsize=1)
def _resolver(settings: ResolverSettings) -> Resolver:
    """Cached per worker process, which drafts many scenes."""
    return make_resolver(settings)


def _draft(task: _Task) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="simgen-") as scratch:
            found = list(
                draft_scene(
                    task.config,
                    task.catalogue,
                    _resolver(task.settings),
                    task.scene,
                    Path(scratch),
                    threads=task.threads,
                    image=task.image,
                )
            )
    except (SceneError, AssetError) as error:
        _write(task.path, {"scene": task.scene, "failed": str(error), "frames": []}, [])
        return
    kept = {
        "scene": task.scene,
        "failed": "",
        "frames": [_objects(draft.record) for draft in found],
    }
    _write(task.path, kept, [draft.radiance for draft in found if draft.radiance is not None])


def _objects(record: FrameRecord) -> list[dict[str, object]]:
    return [
        {"class": one.class_name, "box": list(one.bbox), "visible": one.visible_fraction}
        for one in record.objects or ()
        if one.bbox is not None
    ]


def _write(path: Path, kept: dict[str, object], light: list[np.ndarray]) -> None:
    arrays = np.array([np.clip(one, 0, _BRIGHTEST) for one in light], np.float16)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, light=arrays, kept=np.array(json.dumps(kept)))
    partial.replace(path)


def _read(path: Path, least_visible: float) -> tuple[list[Frame], str]:
    with np.load(path, allow_pickle=False) as arrays:
        kept, light = json.loads(str(arrays["kept"])), arrays["light"]
    frames = []
    for number, objects in enumerate(kept["frames"]):
        seen = [one for one in objects if one["visible"] >= least_visible]
        frames.append(
            Frame(
                kept["scene"],
                number,
                np.array([one["box"] for one in seen], float).reshape(-1, 4),
                tuple(one["class"] for one in seen),
                light[number] if len(light) else np.zeros((0, 0, 3), np.float16),
            )
        )
    return frames, kept["failed"]


def _digest(config: Config, image: bool) -> str:
    content = {key: value for key, value in asdict(config).items() if key not in _NOT_CONTENT}
    text = json.dumps([content, image], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
