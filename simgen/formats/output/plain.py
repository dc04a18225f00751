"""Images and their annotations as plain data, for formats that store JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simgen.formats.items import KNOWS_OBJECTS, Annotation, Item
from simgen.formats.plan import Plan
from simgen.labels.record import CameraRecord


def plain_image(item: Item, plan: Plan) -> dict[str, Any]:
    """Return an image as JSON data.

    `objects` are its visible objects, see `plain_object`; absent if they are unknown. simgen's
    frames also have scene, frame and camera.
    """
    ids = {name: number for number, name in enumerate(plan.classes, start=1)}
    plain = {
        "image_id": item.image_id,
        "split": item.split,
        "width": item.width,
        "height": item.height,
    }
    if item.sample is None or KNOWS_OBJECTS.intersection(item.sample.labels):
        plain["objects"] = [plain_object(item, number, ids) for number in range(len(item.seen))]
    if item.sample is not None:
        plain |= {
            "scene": item.sample.scene,
            "frame": item.sample.frame,
            "camera": _camera(item.sample.camera),
        }
    return plain


def plain_object(item: Item, number: int, ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the visible object with index `number` as JSON data.

    Keys are COCO's where COCO defines one: boxes are `[x, y, w, h]` in pixels, a mask is run
    lengths or null, keypoints are a list of `[x, y, v]`. `id` is unique in the image; for simgen's
    objects it is the instance id. ids: of the classes, by name.
    """
    entry = item.seen[number]
    plain = {
        "id": item.ids[number],
        "category_id": ids[entry.class_name],
        "category": entry.class_name,
        "bbox": entry.bbox,
        "area": entry.area,
        "segmentation": entry.mask,
        "iscrowd": int(entry.crowd),
    }
    if entry.keypoints is not None:
        plain["keypoints"] = [[mark.x, mark.y, mark.visibility] for mark in entry.keypoints]
        plain["keypoint_names"] = [mark.name for mark in entry.keypoints]
    if entry.visible_fraction is not None:
        plain["visible_fraction"] = entry.visible_fraction
        plain["amodal_bbox"] = entry.amodal_bbox
    return plain | _pose(entry)


def left_out(plan: Plan, held: frozenset[str]) -> list[str]:
    """Return a remark that names the labels that a format cannot store, if any.

    held: the labels that it stores. `instances` and `semantic` follow from the objects' masks.
    """
    missing = sorted(plan.labels - held - {"instances", "semantic", "coco"})
    return [f"omitted labels that the format cannot store: {', '.join(missing)}"] * bool(missing)


def _pose(entry: Annotation) -> dict[str, Any]:
    record = entry.record
    if record is None:
        return {}
    return {
        "object_to_camera": record.object_to_camera.tolist(),
        "scale": record.scale,
        "box_min": record.box_min.tolist(),
        "box_max": record.box_max.tolist(),
    }


def _camera(camera: CameraRecord) -> dict[str, Any]:
    return {
        "K": camera.K.tolist(),
        "cam_to_world": camera.cam_to_world.tolist(),
        "model": camera.lens.model,
        "coefficients": camera.lens.coefficients,
    }
