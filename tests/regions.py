"""Regions to be ignored, painted onto the stage of a finished dataset: every one is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import simgen
from simgen.dataset import files
from simgen.dataset.layout import Layout
from simgen.dataset.sample import Sample
from simgen.labels import IGNORE, masks
from simgen.labels import record as records
from simgen.labels.record import FrameRecord, IgnoreRegion, Segment
from simgen.labels.registry import image_files
from simgen.runs.finish import finish, forget

WINDOWS = (slice(0, 30), slice(2, 20)), (slice(40, 70), slice(60, 90))
"""Rows and columns of the two regions of each frame, as far as no object is there."""


def add_regions(folder: Path, names: tuple[str, str] = ("box", "mug")) -> None:
    """names: classes of the two regions."""
    place = Layout(folder)
    data = simgen.open(folder)
    ids = [data.classes.index(name) + 1 for name in names]
    for sample in data:
        free = sample.instances == 0
        shown = []
        for window in WINDOWS:
            mask = np.zeros_like(free)
            mask[window] = free[window]
            shown.append(mask)
        _paint(sample, shown, ids, names)
    forget(place)
    finish(place, simgen.open(folder))


def _paint(sample: Sample, shown: list[np.ndarray], ids: list[int], names: tuple[str, str]) -> None:
    height, width = shown[0].shape
    regions = []
    for number, (mask, class_id, name) in enumerate(zip(shown, ids, names, strict=True)):
        pixels = np.flatnonzero(mask.T)
        regions.append(
            IgnoreRegion(
                class_id, name, f"part {number}", len(pixels), masks.bounding_box(pixels, height),
                masks.run_lengths(pixels, height, width),
            )
        )  # fmt: skip
    changed: dict[str, object] = {"ignore_regions": tuple(regions)}
    if "semantic" in sample.labels:
        semantic = sample.semantic.copy()
        semantic[shown[0] | shown[1]] = IGNORE
        files.write_image(_path(sample, "semantic"), semantic, image_files()["semantic"])
    if "panoptic" in sample.labels:
        panoptic = sample.panoptic.copy()
        crowds = {}
        for mask, class_id in zip(shown, ids, strict=True):
            panoptic[mask] = 1000 + class_id
            crowds[1000 + class_id] = class_id
        files.write_image(_path(sample, "panoptic"), panoptic, image_files()["panoptic"])
        changed["segments"] = _segments(panoptic, sample.record, crowds)
    record = FrameRecord(**{**vars(sample.record), **changed})
    _path(sample, "camera").write_text(records.dumps(record))


def _segments(
    panoptic: np.ndarray, record: FrameRecord, crowds: dict[int, int]
) -> tuple[Segment, ...]:
    known = {segment.id: segment for segment in record.segments or ()}
    made = []
    for number, pixels in sorted(masks.visible_pixels(panoptic).items()):
        crowd = number in crowds
        category = crowds[number] if crowd else known[number].category_id
        thing = crowd or known[number].is_thing
        box = masks.bounding_box(pixels, panoptic.shape[0])
        made.append(Segment(number, category, thing, len(pixels), box, crowd))
    return tuple(made)


def _path(sample: Sample, label: str) -> Path:
    path = sample.path(label)
    assert isinstance(path, Path)
    return path


def stored(sample: Sample) -> list[dict]:
    """The regions as they stand in a frame's JSON."""
    regions: list[dict] = json.loads(_path(sample, "camera").read_text())["ignore_regions"]
    return regions
