"""From one rendered frame to all of its labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.frame import RawFrame
from simgen.geometry import intrinsics, invert_rigid, object_to_world
from simgen.labels.maps import instance_ids, planar_depth, semantic_ids
from simgen.labels.masks import VisibleMask, visible_masks
from simgen.labels.visibility import Silhouette
from simgen.mesh import MeshData
from simgen.record import CameraRecord, FrameRecord, LensRecord, ObjectRecord
from simgen.spec import ObjectSpec, SceneSpec


@dataclass(frozen=True)
class Labels:
    """All labels of a frame; those that were not asked for are None.

    rgb: `H x W x 3` uint8. depth: `H x W` float32. instances, semantic: `H x W` uint16.
    """

    rgb: np.ndarray | None
    depth: np.ndarray | None
    instances: np.ndarray | None
    semantic: np.ndarray | None
    record: FrameRecord


class Annotator:
    """Makes the labels of a scene's frames. Holds what its frames share: the objects' meshes.

    meshes: one per object of the spec, in its order, unscaled.
    """

    def __init__(self, spec: SceneSpec, meshes: list[MeshData]) -> None:
        self._spec = spec
        self._meshes = meshes
        self._silhouettes: list[Silhouette] = []

    def annotate(self, raw: RawFrame, frame: int) -> Labels:
        wanted = self._spec.labels
        instances = instance_ids(raw.index)
        classes = {item.instance_id: item.class_id for item in self._spec.objects}
        return Labels(
            rgb=raw.rgb if "rgb" in wanted else None,
            depth=planar_depth(raw.depth) if "depth" in wanted else None,
            instances=instances if "instances" in wanted else None,
            semantic=semantic_ids(instances, classes) if "semantic" in wanted else None,
            record=self._record(instances, frame),
        )

    def _record(self, instances: np.ndarray, frame: int) -> FrameRecord:
        camera = self._camera(frame)
        objects = self._objects(instances, camera) if "objects" in self._spec.labels else None
        return FrameRecord(self._spec.index, frame, camera, objects)

    def _camera(self, frame: int) -> CameraRecord:
        camera, render = self._spec.cameras[frame], self._spec.render
        return CameraRecord(
            width=render.width,
            height=render.height,
            K=intrinsics(camera, render.width, render.height),
            cam_to_world=np.array(camera.cam_to_world),
            lens=LensRecord("pinhole", camera.focal_length_mm, camera.sensor_width_mm),
        )

    def _objects(self, instances: np.ndarray, camera: CameraRecord) -> tuple[ObjectRecord, ...]:
        if not self._silhouettes:
            pairs = zip(self._spec.objects, self._meshes, strict=True)
            self._silhouettes = [
                Silhouette(mesh.vertices * item.scale, mesh.faces) for item, mesh in pairs
            ]
        masks = visible_masks(instances, [item.instance_id for item in self._spec.objects])
        return tuple(
            self._object(number, item, instances, camera, masks.get(item.instance_id))
            for number, item in enumerate(self._spec.objects)
        )

    def _object(
        self,
        number: int,
        item: ObjectSpec,
        instances: np.ndarray,
        camera: CameraRecord,
        mask: VisibleMask | None,
    ) -> ObjectRecord:
        to_world = object_to_world(item)
        to_camera = invert_rigid(camera.cam_to_world) @ to_world
        seen = self._silhouettes[number].visibility(
            to_camera, camera.K, instances == item.instance_id
        )
        low, high = self._meshes[number].bounds() * item.scale
        return ObjectRecord(
            instance_id=item.instance_id,
            class_id=item.class_id,
            class_name=item.class_name,
            asset=item.asset.id,
            scale=item.scale,
            object_to_world=to_world,
            object_to_camera=to_camera,
            box_min=low,
            box_max=high,
            visible_pixels=seen.visible,
            visible_fraction=seen.visible_fraction,
            inside_fraction=seen.inside_fraction,
            unoccluded_fraction=seen.unoccluded_fraction,
            bbox=mask.bbox if mask else None,
            segmentation=mask.rle if mask else None,
        )
