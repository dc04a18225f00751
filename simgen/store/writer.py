"""Commits scenes: a scene is written beside the dataset and moved in when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from simgen import record as records
from simgen import spec as specs
from simgen.labels.annotate import Labels
from simgen.spec import SceneSpec
from simgen.store import files, layout
from simgen.store.layout import Layout, frame_file


def commit_scene(place: Layout, spec: SceneSpec, frames: Iterable[Labels]) -> None:
    """Write a scene whole or not at all.

    frames: one set of labels per frame, made while they are written.
    Raises `OSError` when the disk is full or the folder cannot be written; whatever stops it,
    nothing of the scene is left behind.
    """
    staging = place.staging / layout.scene_name(spec.index)
    files.empty_folder(staging)
    try:
        write_scene(staging, spec, frames)
        place.scenes.mkdir(parents=True, exist_ok=True)
        # A rename within a file system is all or nothing.
        os.rename(staging, place.scene(spec.index))
        files.sync_folder(place.scenes)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_scene(folder: Path, spec: SceneSpec, frames: Iterable[Labels]) -> None:
    """The files of one scene, into an existing folder."""
    for number, labels in enumerate(frames):
        write_frame(folder, number, labels)
    files.write_bytes(folder / layout.SPEC, specs.dumps(spec).encode())
    files.sync_folder(folder)


def write_frame(folder: Path, number: int, labels: Labels) -> None:
    """The files of one frame, into an existing folder."""
    if labels.rgb is not None:
        files.write_rgb(folder / frame_file(number, layout.RGB), labels.rgb)
    if labels.depth is not None:
        files.write_depth(folder / frame_file(number, layout.DEPTH), labels.depth)
    if labels.instances is not None:
        files.write_ids(folder / frame_file(number, layout.INSTANCES), labels.instances)
    if labels.semantic is not None:
        files.write_ids(folder / frame_file(number, layout.SEMANTIC), labels.semantic)
    content = records.dumps(labels.record).encode()
    files.write_bytes(folder / frame_file(number, layout.RECORD), content)
