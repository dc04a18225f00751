"""The records of a frame's objects, and the amodal masks stored with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from pycocotools import mask as coco_mask

from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels import masks
from simgen.labels.boxes import corners_of
from simgen.labels.drawing.overlays import draw_objects, draw_outlines
from simgen.labels.keypoints import Landmarks, keypoints, landmarks_of
from simgen.labels.label import Label, Recorded
from simgen.labels.record import FrameRecord, ObjectRecord
from simgen.labels.silhouettes import Silhouette
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.scene import ObjectSpec


def landmarks(world: World) -> tuple[Landmarks, ...]:
    """Return the landmarks of each object, in their order; empty without the label `keypoints`."""
    if "keypoints" not in world.spec.labels:
        return ()
    meshes = [surface.mesh for surface in world.surfaces[world.stage_count :]]
    known = {id(mesh): landmarks_of(mesh) for mesh in {id(m): m for m in meshes}.values()}
    return tuple(known[id(mesh)] for mesh in meshes)


def object_records(
    view: FrameView, outlines: Sequence[Silhouette], marks: tuple[Landmarks, ...]
) -> tuple[ObjectRecord, ...]:
    """Return one record per object of the scene, in their order.

    outlines: silhouettes of the same frame. marks: from `landmarks`.
    """
    world, items = view.world, view.world.spec.objects
    codes = [world.code(item.instance_id) for item in items]
    poses = [world.pose(code, view.frame) for code in codes]
    boxes = [
        item.scale * world.shape(code, view.frame).box
        for item, code in zip(items, codes, strict=True)
    ]
    to_camera = invert_rigid(view.cam_to_world)
    placed = [
        transform(to_camera @ pose, corners_of(box)) for pose, box in zip(poses, boxes, strict=True)
    ]
    corners = view.lens.project(np.array(placed).reshape(-1, 8, 3))
    found = zip(items, outlines, poses, boxes, corners, strict=True)
    records = [_record(view, *parts) for parts in found]
    points = keypoints(view, marks)
    return tuple(
        replace(record, keypoints=points[i], skeleton=marks[i].edges) if marks else record
        for i, record in enumerate(records)
    )


def _record(
    view: FrameView,
    item: ObjectSpec,
    outline: Silhouette,
    to_world: np.ndarray,
    box: np.ndarray,
    corners: np.ndarray,
) -> ObjectRecord:
    """Return a record without keypoints. box: `2 x 3`, metres, scaled. corners: `8 x 2` pixels."""
    height, width = view.code.shape
    visible = outline.visible if len(outline.visible) else None
    with_whole = "amodal_masks" in view.world.spec.labels and len(outline.pixels)
    whole = outline.pixels if with_whole else None
    return ObjectRecord(
        instance_id=item.instance_id,
        class_id=item.class_id,
        class_name=item.class_name,
        asset=item.asset.id,
        scale=item.scale,
        object_to_world=to_world,
        object_to_camera=invert_rigid(view.cam_to_world) @ to_world,
        box_min=box[0],
        box_max=box[1],
        corners=corners,
        visible_pixels=len(outline.visible),
        visible_fraction=outline.visible_fraction,
        inside_fraction=outline.inside_fraction,
        unoccluded_fraction=outline.unoccluded_fraction,
        bbox=None if visible is None else masks.bounding_box(visible, height),
        oriented_box=None if visible is None else masks.oriented_box(visible, height),
        segmentation=None if visible is None else masks.run_lengths(visible, height, width),
        amodal_bbox=outline.bbox,
        amodal_segmentation=None if whole is None else masks.run_lengths(whole, height, width),
    )


OBJECTS = Label[tuple[ObjectRecord, ...]](
    "objects",
    "per instance: class, pose (metres), 2D and 3D box (pixels, metres), mask, visible fraction",
    Recorded(lambda record: record.objects),
    fields={
        "objects": lambda inputs: object_records(
            inputs.view, inputs.silhouettes, inputs.scene.landmarks
        )
    },
    presets=("detection", "pose"),
    overlay=lambda image, objects, record: draw_objects(image, objects, record.camera),
    note="masks, boxes and classes of visible objects",
    hub=("object-detection",),
    doc="All objects of the scene, visible in this frame or not, in the order of their ids.",
)


def _amodal_masks(record: FrameRecord) -> dict[int, np.ndarray] | None:
    if record.objects is None:
        return None
    empty = np.zeros((record.camera.height, record.camera.width), bool)
    runs = {item.instance_id: item.amodal_segmentation for item in record.objects}
    return {
        number: empty if rle is None else coco_mask.decode(rle).astype(bool)
        for number, rle in runs.items()
    }


AMODAL_MASKS = Label[dict[int, np.ndarray]](
    "amodal_masks",
    "silhouettes without occlusion",
    Recorded(_amodal_masks),
    needs=("objects",),
    presets=("pose",),
    overlay=lambda image, masks, _: draw_outlines(image, masks),
    hub=("mask-generation",),
    doc="`H x W` bool by instance id: the object's silhouette within the frame, including occluded "
    "pixels.",
)
"""Computed and stored with the objects."""
