"""Views of very many images in seconds: the real columns, instances and index, over scenes that
there is but one of. One thumbnail is linked again and again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import simgen
from simgen.dataset.layout import scene_name
from simgen.dataset.reader import Dataset
from simgen.viewer import assemble
from simgen.viewer.findings import Findings
from simgen.viewer.index import index_payload, index_script, write_columns, write_instances
from simgen.viewer.packing import script
from simgen.viewer.paths import ViewPaths, make_folder, prepare, write
from simgen.viewer.pictures import measured, thumbnail
from simgen.viewer.records import read_scene
from simgen.viewer.scene_data import INSTANCE, Instances, Plain
from simgen.viewer.writer import columns_of, settings_of

_LINKS = 30_000
"""To one file. File systems allow little more than twice as many."""
_WHOLE = 40
"""Scenes at either end whose records and pictures are there, so that they can be opened."""


def stub_view(folder: Path, template: Path, images: int = 100_000, instances: int = 10) -> Path:
    """Make a view of stubs in a new folder. Returns its page.

    template: a dataset, whose first scene all scenes are copies of, but for the values in columns
    and instances, which are spread as those of a large dataset are. images: about so many, whole
    scenes. instances: in each image.
    """
    paths, dataset = ViewPaths(folder), simgen.open(template)
    prepare(paths)
    samples = dataset[: dataset.manifest.frames_per_scene]
    count = max(1, images // len(samples))
    _write_thumbs(paths, thumbnail(samples[0].rgb), count, len(samples))
    for scene in sorted({*range(min(_WHOLE, count)), *range(max(0, count - _WHOLE), count)}):
        payload, _ = read_scene(samples, {}, "")
        write(paths.scene(scene), script(f"scene:{scene}", payload | {"scene": scene}))
        make_folder(paths.images / scene_name(scene))
        for sample in samples:
            name = f"{scene_name(scene)}/{sample.frame:04d}.png"
            (paths.images / name).symlink_to(Path(str(sample.path("rgb"))).resolve())
    columns = columns_of(dataset, validated=True)
    for row in _rows(dataset, count):
        columns.add(row)
    written = write_columns(paths, columns.all())
    listed = Instances()
    listed.add(0, _instances(columns.images, instances, len(dataset.classes)))
    write_instances(paths, listed.columns())
    write(paths.page, assemble.page())
    settings = settings_of(dataset, folder, arrays=False)
    payload = index_payload(dataset, settings, columns.images, written, Findings(), stats=False)
    write(paths.index, index_script(payload))
    return paths.page


def _write_thumbs(paths: ViewPaths, content: bytes, scenes: int, frames: int) -> None:
    for scene in range(scenes):
        folder = f"{paths.thumbs}/{scene_name(scene)}"
        os.mkdir(folder)
        for frame in range(frames):
            path = f"{folder}/{frame:04d}.jpg"
            if (scene * frames + frame) % _LINKS == 0:
                Path(path).write_bytes(content)
                original = path
            else:
                os.link(original, path)


def _rows(dataset: Dataset, scenes: int) -> Iterator[Plain]:
    samples = dataset[: dataset.manifest.frames_per_scene]
    _, recorded = read_scene(samples, {}, "")
    looks = [measured(sample.rgb, "rgb") for sample in samples]
    rng = np.random.default_rng(0)
    numbers = [name for name, value in recorded.values.items() if isinstance(value, float)]
    for scene in range(scenes):
        drawn: Plain = dict(zip(numbers, rng.random(len(numbers)).tolist(), strict=True))
        drawn["split"] = [dataset.splits[scene % len(dataset.splits)]]
        for frame, look in enumerate(looks):
            spread = rng.random(len(look)) + 0.5
            pairs = zip(look.items(), spread.tolist(), strict=True)
            own = {name: value * by for (name, value), by in pairs}
            place = {"scene": float(scene), "frame": float(frame)}
            complaints = {"complaints": float(scene % 50 == 0)}
            yield recorded.values | recorded.frames[frame] | drawn | own | place | complaints


def _instances(images: int, each: int, classes: int) -> np.ndarray:
    """Array of `INSTANCE`; `frame` is the image."""
    rng, count = np.random.default_rng(1), images * each
    rows = np.zeros(count, INSTANCE)
    rows["frame"] = np.repeat(np.arange(images), each)
    rows["instance"] = np.tile(np.arange(1, each + 1), images)
    rows["class"] = rng.integers(1, classes + 1, count)
    rows["pixels"] = rng.integers(1, 20_000, count)
    rows["visibility"] = rng.random(count)
    rows["distance"] = rng.uniform(0.3, 4, count)
    return rows
