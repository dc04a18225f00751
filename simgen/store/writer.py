"""Commits scenes: a scene is written beside the dataset and moved in when it is whole."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from simgen import record as records
from simgen import spec as specs
from simgen.labels.annotate import Labels, SceneLabels
from simgen.spec import SceneSpec
from simgen.store import files, layout
from simgen.store.layout import FILES, Layout, frame_file


@dataclass(frozen=True)
class LabelledScene:
    """The labels of a scene, made while they are asked for.

    frames: one set of labels per frame, in order. scene: gives the labels of the scene as a whole,
    once the frames were gone through.
    """

    frames: Iterable[Labels]
    scene: Callable[[], SceneLabels]


def commit_scene(place: Layout, spec: SceneSpec, labelled: LabelledScene) -> None:
    """Write a scene whole or not at all.

    Raises `OSError` when the disk is full or the folder cannot be written; whatever stops it,
    nothing of the scene is left behind.
    """
    staging = place.staging / layout.scene_name(spec.index)
    files.empty_folder(staging)
    try:
        write_scene(staging, spec, labelled)
        place.scenes.mkdir(parents=True, exist_ok=True)
        # A rename within a file system is all or nothing.
        os.rename(staging, place.scene(spec.index))
        files.sync_folder(place.scenes)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_scene(folder: Path, spec: SceneSpec, labelled: LabelledScene) -> None:
    """The files of one scene, into an existing folder."""
    for number, labels in enumerate(labelled.frames):
        write_frame(folder, number, labels)
    tracks = labelled.scene().tracks
    if tracks is not None:
        arrays = {f.name: getattr(tracks, f.name) for f in dataclasses.fields(tracks)}
        files.write_arrays(folder / layout.TRACKS, arrays)
    files.write_bytes(folder / layout.SPEC, specs.dumps(spec).encode())
    files.sync_folder(folder)


def write_frame(folder: Path, number: int, labels: Labels) -> None:
    """The files of one frame, into an existing folder."""
    for name, image in labels.images.items():
        file = FILES[name]
        files.write_image(folder / frame_file(number, file.suffix), image, file)
    content = records.dumps(labels.record).encode()
    files.write_bytes(folder / frame_file(number, layout.RECORD), content)
