"""Commits scenes: a scene is written beside the dataset and moved in when it is complete."""

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
from simgen.labels.label import ImageFile, SceneArrays
from simgen.labels.registry import LABELS
from simgen.pool import one_ahead
from simgen.spec import scene as specs
from simgen.spec.scene import SceneSpec


@dataclass(frozen=True)
class LabelledScene:
    """The labels of a scene, made while they are asked for.

    frames: one set of labels per frame, in order. scene: gives the labels of the scene as a whole,
    once the frames were gone through.
    """

    frames: Iterable[FrameLabels]
    scene: Callable[[], SceneLabels]


def keep_spec(place: Layout, spec: SceneSpec) -> None:
    """Leave the spec in the staging folder, to help to find the reason if the scene fails.
    Raises `OSError`."""
    drop_staged(place, spec.index)
    staging = place.stage(spec.index)
    staging.mkdir(parents=True)
    (staging / layout.SPEC).write_text(specs.dumps(spec), encoding="utf-8")


def commit_scene(place: Layout, spec: SceneSpec, labelled: LabelledScene) -> None:
    """Write a scene completely or not at all.

    Raises `OSError` when the disk is full or the folder cannot be written, and `DiskError` when
    object storage cannot. Whatever stops it, the dataset knows nothing of the scene; its spec stays
    in the staging folder.
    """
    drop_staged(place, spec.index)  # of processes that died
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
    """Give a complete scene its place in a dataset in a folder. Raises `OSError`."""
    assert isinstance(scene, Path)
    scene.parent.mkdir(parents=True, exist_ok=True)
    try:
        # A rename within a file system is all or nothing.
        os.rename(staging, scene)
    except OSError:
        if not scene.is_dir():
            raise
        # Another worker was first, with the same bytes.
        shutil.rmtree(staging, ignore_errors=True)
    files.sync_folder(scene.parent)


def drop_staged(place: Layout, scene: int) -> None:
    """Remove what processes have begun of a scene. One that is not dead yet cannot commit it any
    more, or has committed it."""
    for old in place.staged(scene):
        trash = place.scratch / f"dropped-{old.name}"
        trash.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Emptied in place, it could be half empty when its process moves it to the scenes.
            os.rename(old, trash)
        except OSError:  # gone
            continue
        shutil.rmtree(trash, ignore_errors=True)


def _empty_but_spec(staging: Path) -> None:
    """A full disk needs the room, and the search for the reason needs the spec."""
    for path in list(staging.glob("*")):
        if path.name != layout.SPEC:
            path.unlink(missing_ok=True)


def write_scene(folder: Path, spec: SceneSpec, labelled: LabelledScene) -> None:
    """The files of one scene, into an existing folder. The spec comes first. A frame is written
    while the next one is made."""
    files.write_bytes(folder / layout.SPEC, specs.dumps(spec).encode())
    for _ in one_ahead(partial(write_frame, folder), labelled.frames):
        pass
    for name, arrays in labelled.scene().items():
        stored = LABELS[name].stored
        assert isinstance(stored, SceneArrays)
        files.write_arrays(folder / stored.file, dict(arrays))
    files.sync_folder(folder)


def write_frame(folder: Path, number: int, labels: FrameLabels) -> None:
    """The files of one frame, into an existing folder."""
    for name, image in labels.images.items():
        stored = LABELS[name].stored
        assert isinstance(stored, ImageFile)
        files.write_image(folder / frame_file(number, stored.suffix), image, stored)
    content = records.dumps(labels.record).encode()
    files.write_bytes(folder / frame_file(number, layout.RECORD), content)
