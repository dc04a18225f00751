"""Motion in a sequence, as Blender animation. Frame numbers are those of the spec, from 0.

Between two frames, motion is linear, which is only visible in motion blur: at integer frames, poses
and shapes are those of the spec.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from simgen.geometry.motion import shape_at
from simgen.geometry.transforms import continuous, quaternion_from_rotation
from simgen.spec.scene import ObjectSpec, SceneSpec, ShutterSpec

_NEIGHBOURS = {"before": -1, "after": 1}
"""Shape keys besides that of the frame itself, and their frame offsets."""


def has_motion_blur(spec: SceneSpec) -> bool:
    """Return whether the exposure is long enough to show motion."""
    return spec.frame_rate > 0 and spec.shutter.exposure > 0


def set_up_shutter(scene: bpy.types.Scene, shutter: ShutterSpec) -> None:
    """Set up motion blur of a scene, with exposures centred on integer frames."""
    scene.render.use_motion_blur = True
    scene.render.motion_blur_shutter = shutter.exposure
    scene.render.motion_blur_position = "CENTER"
    if shutter.row_exposure < 1:
        scene.cycles.rolling_shutter_type = "TOP"
        scene.cycles.rolling_shutter_duration = shutter.row_exposure


def place(item: bpy.types.Object, pose: np.ndarray) -> None:
    """Set an object's pose to a rigid `4 x 4`, keeping its scale."""
    item.rotation_mode = "QUATERNION"
    item.location = pose[:3, 3]
    item.rotation_quaternion = quaternion_from_rotation(pose[:3, :3])


def move(item: bpy.types.Object, poses: Sequence[np.ndarray]) -> None:
    """Animate an object along poses, `4 x 4` each, one per frame, extrapolated linearly before the
    first and after the last. An object that does not move is placed without animation."""
    place(item, poses[0])
    if all(np.array_equal(pose, poses[0]) for pose in poses[1:]):
        return
    positions = np.array([pose[:3, 3] for pose in poses])
    turns = continuous([quaternion_from_rotation(pose[:3, :3]) for pose in poses])
    action = _new_action(item)
    for path, values in (("location", positions), ("rotation_quaternion", turns)):
        for axis, track in enumerate(values.T):
            curve = action.fcurve_ensure_for_datablock(item, path, index=axis)
            _set_keys(curve, np.arange(len(track)), track)


@dataclass(frozen=True)
class Deforming:
    """A deforming object. vertices: `V x 3`, of the asset's unscaled mesh."""

    made: bpy.types.Object
    item: ObjectSpec
    vertices: np.ndarray
    frame_rate: float

    def shape(self, frame: int) -> np.ndarray:
        """Return the vertices in a frame, `V x 3` float32, in the axes of the Blender mesh, whose
        object has the scale."""
        shape = shape_at(self.item, self.vertices, frame, self.frame_rate)
        return (shape / self.item.scale).astype(np.float32)

    def take_shape(self, frame: int) -> None:
        """Set the mesh to the shape of a frame."""
        _set_points(self.made.data.vertices, self.shape(frame))
        self.made.data.update()

    def take_shapes(self, frame: int) -> None:
        """Set the mesh to the shape of a frame, changing linearly to the shapes of the previous and
        next frame, for motion blur."""
        mesh = self.made.data
        if mesh.shape_keys is None:
            for name in ("now", *_NEIGHBOURS):
                self.made.shape_key_add(name=name, from_mix=False)
            _new_action(mesh.shape_keys)
        keys = mesh.shape_keys
        _set_points(keys.key_blocks["now"].data, self.shape(frame))
        for name, away in _NEIGHBOURS.items():
            _set_points(keys.key_blocks[name].data, self.shape(frame + away))
            curve = keys.animation_data.action.fcurve_ensure_for_datablock(
                keys, f'key_blocks["{name}"].value'
            )
            times = frame + np.array([-1, 0, 1])
            _set_keys(curve, times, (times == frame + away).astype(float))
        keys.update_tag()
        mesh.update_tag()


def _new_action(block: bpy.types.ID) -> bpy.types.Action:
    action = bpy.data.actions.new(block.name)
    block.animation_data_create().action = action
    return action


def _set_keys(curve: bpy.types.FCurve, frames: np.ndarray, values: np.ndarray) -> None:
    points = curve.keyframe_points
    points.clear()
    points.add(len(frames))
    points.foreach_set("co", np.stack([frames, values], axis=1).astype(np.float32).ravel())
    linear = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items["LINEAR"].value
    points.foreach_set("interpolation", np.full(len(frames), linear, np.int32))
    curve.extrapolation = "LINEAR"
    curve.update()


def _set_points(data: bpy.types.bpy_prop_collection, points: np.ndarray) -> None:
    data.foreach_set("co", np.ascontiguousarray(points, np.float32).ravel())
