"""All that is known of each object in a frame, put together to its records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels import masks
from simgen.labels.boxes import corners_of
from simgen.labels.drawing.overlays import draw_objects, draw_outlines
from simgen.labels.keypoints import Landmarks, keypoints, landmarks_of
from simgen.labels.label import Label, Recorded
from simgen.labels.record import FrameRecord, Keypoint, ObjectRecord
from simgen.labels.silhouettes import Silhouette
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.scene import ObjectSpec


class ObjectLabels:
    """The objects of a scene, frame by frame."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._labels = world.spec.labels
        self._landmarks: tuple[Landmarks, ...] = ()
        if "keypoints" in self._labels:
            meshes = [world.surfaces[self._code(item) - 1].mesh for item in world.spec.objects]
            known = {id(mesh): landmarks_of(mesh) for mesh in {id(m): m for m in meshes}.values()}
            self._landmarks = tuple(known[id(mesh)] for mesh in meshes)

    def records(self, view: FrameView, outlines: Sequence[Silhouette]) -> tuple[ObjectRecord, ...]:
        """One per object, in their order. outlines: those of the same frame."""
        points = keypoints(view, self._landmarks)
        corners = self._corners(view)
        items = zip(self._world.spec.objects, outlines, strict=True)
        return tuple(
            self._record(view, item, outline, corners[number], points[number] if points else None)
            for number, (item, outline) in enumerate(items)
        )

    def _corners(self, view: FrameView) -> np.ndarray:
        """`N x 8 x 2`: pixels of the corners of all objects' boxes."""
        to_camera, placed = invert_rigid(view.cam_to_world), []
        for item in self._world.spec.objects:
            pose = to_camera @ self._world.pose(self._code(item), view.frame)
            placed.append(transform(pose, corners_of(self._box(item, view.frame))))
        return view.lens.project(np.array(placed).reshape(-1, 8, 3))

    def _record(
        self,
        view: FrameView,
        item: ObjectSpec,
        outline: Silhouette,
        corners: np.ndarray,
        points: tuple[Keypoint, ...] | None,
    ) -> ObjectRecord:
        height, width = view.code.shape
        to_world = self._world.pose(self._code(item), view.frame)
        to_camera = invert_rigid(view.cam_to_world) @ to_world
        box = self._box(item, view.frame)
        visible = outline.visible if len(outline.visible) else None
        whole = outline.pixels if "amodal_masks" in self._labels and len(outline.pixels) else None
        return ObjectRecord(
            instance_id=item.instance_id,
            class_id=item.class_id,
            class_name=item.class_name,
            asset=item.asset.id,
            scale=item.scale,
            object_to_world=to_world,
            object_to_camera=to_camera,
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
            keypoints=points,
            skeleton=self._skeleton(item),
        )

    def _skeleton(self, item: ObjectSpec) -> tuple[tuple[int, int], ...] | None:
        return self._landmarks[item.instance_id - 1].edges if self._landmarks else None

    def _box(self, item: ObjectSpec, frame: int) -> np.ndarray:
        """`2 x 3`: the object's own box in a frame, metres, scale included."""
        return item.scale * self._world.shape(self._code(item), frame).box

    def _code(self, item: ObjectSpec) -> int:
        return self._world.code(item.instance_id)


OBJECTS = Label[tuple[ObjectRecord, ...]](
    "objects",
    "of each instance: class, pose (metres), 2D and 3D box (pixels, metres), mask, visible part",
    Recorded(lambda record: record.objects),
    fields={
        "objects": lambda inputs: inputs.scene.objects.records(inputs.view, inputs.silhouettes)
    },
    presets=("detection", "pose"),
    overlay=lambda image, objects, record: draw_objects(image, objects, record.camera),
    note="masks, boxes and classes of what is visible",
    hub=("object-detection",),
    doc="All objects of the scene, seen in this frame or not, in the order of their ids.",
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
    "silhouettes as if nothing hid them",
    Recorded(_amodal_masks),
    needs=("objects",),
    presets=("pose",),
    overlay=lambda image, masks, _: draw_outlines(image, masks),
    hub=("mask-generation",),
    doc="`H x W` bool of each instance id: the object's silhouette within the frame, as if nothing "
    "hid it.",
)
"""Made and stored with the objects."""
