"""Rules for a frame's camera, and for the poses, boxes and visibility of its objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simgen.formats.findings import Finding, finding
from simgen.formats.simgen.frame import Frame
from simgen.geometry.lens import COEFFICIENTS
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.boxes import corners_of
from simgen.labels.record import ObjectRecord

_AGAIN = "render the scene again: remove its folder and run simgen generate"

_RIGID = 1e-6


def camera(frame: Frame) -> Iterator[Finding]:
    record = frame.camera
    k = record.K
    if not (k[0, 0] > 0 and k[1, 1] > 0 and k[0, 1] == k[1, 0] == 0 and (k[2] == [0, 0, 1]).all()):
        yield finding(
            "dataset/camera",
            frame.name,
            "camera",
            f"K {k.tolist()}",
            "[[f, 0, x], [0, g, y], [0, 0, 1]]",
        )
    if not is_rigid(record.cam_to_world):
        found = f"cam_to_world {np.round(record.cam_to_world, 4).tolist()}"
        yield finding("dataset/camera", frame.name, "camera", found, "a rotation and a translation")
    model, count = record.lens.model, len(record.lens.coefficients)
    if model not in COEFFICIENTS:
        yield finding(
            "dataset/camera",
            frame.name,
            "camera",
            f"lens {model!r}",
            "one of " + ", ".join(COEFFICIENTS),
        )
    elif count != COEFFICIENTS[model]:
        found = f"{count} coefficients of {model}"
        yield finding("dataset/camera", frame.name, "camera", found, f"{COEFFICIENTS[model]}")
    if record.stereo_baseline < 0:
        yield finding(
            "dataset/camera",
            frame.name,
            "camera",
            f"baseline {record.stereo_baseline}",
            "at least 0",
        )


def is_rigid(matrix: np.ndarray) -> bool:
    turn = matrix[:3, :3]
    right = np.abs(turn @ turn.T - np.eye(3)).max() < _RIGID and np.linalg.det(turn) > 0
    return bool(right and (matrix[3] == [0, 0, 0, 1]).all())


def ids(frame: Frame, classes: Sequence[str]) -> Iterator[Finding]:
    for number, item in enumerate(frame.objects, start=1):
        place = f"instance {item.instance_id}"
        if item.instance_id != number:
            yield finding(
                "dataset/object-ids", frame.name, place, f"id {item.instance_id}", f"{number}"
            )
        right = 1 <= item.class_id <= len(classes) and classes[item.class_id - 1] == item.class_name
        if not right:
            found = f"class {item.class_id} {item.class_name!r}"
            yield finding(
                "dataset/object-ids", frame.name, place, found, f"one of {', '.join(classes)}"
            )


def poses(frame: Frame) -> Iterator[Finding]:
    world_to_camera = invert_rigid(frame.camera.cam_to_world)
    for item in frame.objects:
        place = f"instance {item.instance_id}"
        if not is_rigid(item.object_to_world):
            yield finding(
                "dataset/pose",
                frame.name,
                place,
                "object_to_world that is not rigid",
                "a rigid pose",
            )
            continue
        wanted = world_to_camera @ item.object_to_world
        off = np.abs(wanted - item.object_to_camera).max()
        if off > 1e-5 * (1 + np.abs(wanted[:3, 3]).max()):
            yield finding(
                "dataset/pose", frame.name, place, f"object_to_camera is off by {off:.3g}",
                "inv(cam_to_world) @ object_to_world",
            )  # fmt: skip
        elif (item.box_min > item.box_max).any():
            yield finding(
                "dataset/pose", frame.name, place, "box_min above box_max", "the lowest corner"
            )
        else:
            yield from _corners(frame, item)


def _corners(frame: Frame, item: ObjectRecord) -> Iterator[Finding]:
    box = np.stack([item.box_min, item.box_max])
    wanted = frame.camera.project(transform(item.object_to_camera, corners_of(box)))
    there = np.isfinite(wanted).all(axis=1) & np.isfinite(item.corners).all(axis=1)
    off = np.abs(wanted - item.corners)[there]
    allowed = 0.01 + 1e-5 * np.abs(wanted[there])
    if (off > allowed).any():
        found = f"corners off by {off.max():.3g} pixels"
        yield finding(
            "dataset/corners", frame.name, f"instance {item.instance_id}", found, "at most 0.01"
        )


def visibility(frame: Frame) -> Iterator[Finding]:
    for item in frame.objects:
        three = (item.visible_fraction, item.inside_fraction, item.unoccluded_fraction)
        visible, inside, unoccluded = three
        in_range = all(0 <= value <= 1 for value in three)
        agrees = abs(visible - inside * unoccluded) <= 1e-6
        shown = (visible > 0) == (item.visible_pixels > 0) == (unoccluded > 0)
        if not (in_range and agrees and shown):
            found = f"{visible:.6g}, {inside:.6g}, {unoccluded:.6g}, {item.visible_pixels} pixels"
            yield finding(
                "dataset/visibility",
                frame.name,
                f"instance {item.instance_id}",
                found,
                "visible = inside x unoccluded",
            )
