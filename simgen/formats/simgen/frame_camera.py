"""Rules for a frame's camera, and for the poses, boxes and visibility of its objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from simgen.formats.findings import Finding, finding
from simgen.formats.simgen.frame import Broken, Frame
from simgen.geometry.lens import COEFFICIENTS
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.boxes import corners_of
from simgen.labels.record import ObjectRecord

_RIGID = 1e-6


def camera(frame: Frame) -> Iterator[Finding]:
    record, k = frame.camera, frame.camera.K
    model, count = record.lens.model, len(record.lens.coefficients)
    wrong = partial(finding, "dataset/camera", frame.name, "camera")
    if not (k[0, 0] > 0 and k[1, 1] > 0 and k[0, 1] == k[1, 0] == 0 and (k[2] == [0, 0, 1]).all()):
        yield wrong(f"K {k.tolist()}", "[[f, 0, x], [0, g, y], [0, 0, 1]]")
    if not is_rigid(record.cam_to_world):
        found = f"cam_to_world {np.round(record.cam_to_world, 4).tolist()}"
        yield wrong(found, "a rotation and a translation")
    if model not in COEFFICIENTS:
        yield wrong(f"lens {model!r}", f"one of {', '.join(COEFFICIENTS)}")
    elif count != COEFFICIENTS[model]:
        yield wrong(f"{count} coefficients of {model}", COEFFICIENTS[model])
    if record.rig is not None:
        pose = record.rig.rig_to_world @ record.rig.cam_to_rig
        off = np.abs(pose - record.cam_to_world).max()
        if not (is_rigid(record.rig.cam_to_rig) and off <= 1e-6 * (1 + np.abs(pose).max())):
            yield wrong(f"rig {record.rig.name!r} off by {off:.3g}", "rig_to_world @ cam_to_rig")
    if record.stereo_baseline < 0:
        yield wrong(f"baseline {record.stereo_baseline}", "at least 0")


def is_rigid(matrix: np.ndarray) -> bool:
    turn = matrix[:3, :3]
    right = np.abs(turn @ turn.T - np.eye(3)).max() < _RIGID and np.linalg.det(turn) > 0
    return bool(right and (matrix[3] == [0, 0, 0, 1]).all())


def ids(frame: Frame, classes: Sequence[str]) -> Iterator[Finding]:
    for number, item in enumerate(frame.objects, start=1):
        wrong = partial(finding, "dataset/object-ids", frame.name, f"instance {item.instance_id}")
        if item.instance_id != number:
            yield wrong(f"id {item.instance_id}", number)
        if not is_class(classes, item.class_id, item.class_name):
            found = f"class {item.class_id} {item.class_name!r}"
            yield wrong(found, f"one of {', '.join(classes)}")


def is_class(classes: Sequence[str], number: int, name: str) -> bool:
    """Return whether the class with this 1-based id has this name."""
    return 1 <= number <= len(classes) and classes[number - 1] == name


def pose(frame: Frame, item: ObjectRecord) -> Iterator[Broken]:
    """Check an object's poses and the corners of its 3D box."""
    if not is_rigid(item.object_to_world):
        yield "dataset/pose", "object_to_world is not rigid", "a rigid pose"
        return
    wanted = invert_rigid(frame.camera.cam_to_world) @ item.object_to_world
    off = np.abs(wanted - item.object_to_camera).max()
    if off > 1e-5 * (1 + np.abs(wanted[:3, 3]).max()):
        found = f"object_to_camera is off by {off:.3g}"
        yield "dataset/pose", found, "inv(cam_to_world) @ object_to_world"
        return
    if (item.box_min > item.box_max).any():
        yield "dataset/pose", "box_min above box_max", "box_min at most box_max"
        return
    box = np.stack([item.box_min, item.box_max])
    projected = frame.camera.project(transform(item.object_to_camera, corners_of(box)))
    off = np.abs(projected - item.corners)  # NaN without an image
    if (off > 0.01 + 1e-5 * np.abs(projected)).any():
        yield "dataset/corners", f"corners off by {np.nanmax(off):.3g} pixels", "at most 0.01"


def visibility(frame: Frame, item: ObjectRecord) -> Iterator[Broken]:
    three = (item.visible_fraction, item.inside_fraction, item.unoccluded_fraction)
    visible, inside, unoccluded = three
    in_range = all(0 <= value <= 1 for value in three)
    agrees = abs(visible - inside * unoccluded) <= 1e-6
    shown = (visible > 0) == (item.visible_pixels > 0) == (unoccluded > 0)
    if not (in_range and agrees and shown):
        found = f"{visible:.6g}, {inside:.6g}, {unoccluded:.6g}, {item.visible_pixels} pixels"
        yield "dataset/visibility", found, "visible = inside x unoccluded"
