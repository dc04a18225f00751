"""Commit scenes: write a scene to a staging folder and move it into the dataset when complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simgen.dataset import commits, files, layout
from simgen.dataset.layout import Layout, frame_file
from simgen.dataset.remote import AnyPath
from simgen.labels import record as records
from simgen.labels.annotate import FrameLabels, SceneLabels
from simgen.labels.label import FrameArrays, ImageFile, SceneArrays
from simgen.labels.registry import LABELS
from simgen.pool import one_ahead
from simgen.spec import scene as specs
from simgen.spec.scene import SceneSpec


@dataclass(frozen=True)
class LabelledScene:
    """The labels of a scene, computed lazily.

    frames: one set of labels per frame, in order. scene: returns the labels of the entire scene;
    call it after iterating over the frames.
    """

    frames: Iterable[FrameLabels]
    scene: Callable[[], SceneLabels]


def keep_spec(place: Layout, spec: SceneSpec) -> None:
    """Write the spec to the staging folder, for diagnosis if the scene fails. Raises `OSError`."""
    drop_staged(place, spec.index)
    staging = place.stage(spec.index)
    staging.mkdir(parents=True)
    (staging / layout.SPEC).write_text(specs.dumps(spec), encoding="utf-8")


def commit_scene(place: Layout, spec: SceneSpec, labelled: LabelledScene) -> None:
    """Write a scene atomically.

    Raises `OSError` if the disk is full or the folder cannot be written to, and `DiskError` for
    object storage. After any error the dataset does not contain the scene, and its spec stays in
    the staging folder.
    """
    drop_staged(place, spec.index)  # left by dead processes
    staging = place.stage(spec.index)
    files.empty_folder(staging)
    try:
        write_scene(staging, spec, labelled)
        if place.has_markers:
            commits.publish(place, staging, spec.index)
    except BaseException:
        _empty_but_spec(staging)
        raise
    if place.has_markers:
        shutil.rmtree(staging, ignore_errors=True)
    else:
        move_in(staging, place.scene(spec.index))


def move_in(staging: Path, scene: AnyPath) -> None:
    """Move a complete scene into a dataset in a folder. Raises `OSError`."""
    assert isinstance(scene, Path)
    scene.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Renaming within a file system is atomic.
        os.rename(staging, scene)
    except OSError:
        if not scene.is_dir():
            raise
        # Another worker has committed the same bytes.
        shutil.rmtree(staging, ignore_errors=True)
    files.sync_folder(scene.parent)


def drop_staged(place: Layout, scene: int) -> None:
    """Remove all staging folders of a scene. A process that is still alive can then no longer
    commit it, unless it already has."""
    for old in place.staged(scene):
        trash = place.scratch / f"dropped-{old.name}"
        trash.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Rename it first: its process could otherwise commit a half-emptied folder.
            os.rename(old, trash)
        except OSError:  # removed meanwhile
            continue
        shutil.rmtree(trash, ignore_errors=True)


def _empty_but_spec(staging: Path) -> None:
    """Remove all files but the spec, which is kept for diagnosis, to free space on a full disk."""
    for path in list(staging.glob("*")):
        if path.name != layout.SPEC:
            path.unlink(missing_ok=True)


def write_scene(folder: Path, spec: SceneSpec, labelled: LabelledScene) -> None:
    """Write the files of one scene to an existing folder, the spec first. Each frame is written
    while the next one is computed."""
    files.write_bytes(folder / layout.SPEC, specs.dumps(spec).encode())
    for _ in one_ahead(partial(write_frame, folder), labelled.frames):
        pass
    for name, arrays in labelled.scene().items():
        stored = LABELS[name].stored
        assert isinstance(stored, SceneArrays)
        files.write_arrays(folder / stored.file, dict(arrays))
    files.sync_folder(folder)


def write_frame(folder: Path, number: int, labels: FrameLabels) -> None:
    """Write the files of one frame to an existing folder."""
    for name, image in labels.images.items():
        stored = LABELS[name].stored
        assert isinstance(stored, ImageFile)
        files.write_image(folder / frame_file(number, stored.suffix), image, stored)
    for name, arrays in labels.arrays.items():
        stored_so = LABELS[name].stored
        assert isinstance(stored_so, FrameArrays)
        path = folder / frame_file(number, stored_so.suffix)
        files.write_arrays(path, arrays, compressed=True)
    content = records.dumps(labels.record).encode()
    files.write_bytes(folder / frame_file(number, layout.RECORD), content)
