"""What moves in a sequence, as Blender's animation. Frame numbers are those of the spec, from 0.

Between two frames everything moves in straight lines, which only motion blur shows: at whole frames
poses and shapes are the spec's.
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
"""Shape keys next to the shape of the frame itself, and how many frames away they are."""


def has_motion_blur(spec: SceneSpec) -> bool:
    """Whether the frames are exposed long enough to show that things move."""
    return spec.frame_rate > 0 and spec.shutter.exposure > 0


def set_up_shutter(scene: bpy.types.Scene, shutter: ShutterSpec) -> None:
    """Expose the frames of a scene, centred on the whole frames."""
    scene.render.use_motion_blur = True
    scene.render.motion_blur_shutter = shutter.exposure
    scene.render.motion_blur_position = "CENTER"
    if shutter.row_exposure < 1:
        scene.cycles.rolling_shutter_type = "TOP"
        scene.cycles.rolling_shutter_duration = shutter.row_exposure


def place(item: bpy.types.Object, pose: np.ndarray) -> None:
    """Put an object where a rigid `4 x 4` says. Its scale stays."""
    item.rotation_mode = "QUATERNION"
    item.location = pose[:3, 3]
    item.rotation_quaternion = quaternion_from_rotation(pose[:3, :3])


def move(item: bpy.types.Object, poses: Sequence[np.ndarray]) -> None:
    """Take an object along poses, `4 x 4` each, one per frame, and on in a straight line before the
    first and after the last. What stands still is placed and not animated."""
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
    """An object that changes its shape. vertices: `V x 3`, of the asset's unscaled mesh."""

    made: bpy.types.Object
    item: ObjectSpec
    vertices: np.ndarray
    frame_rate: float

    def shape(self, frame: int) -> np.ndarray:
        """`V x 3` float32, in the axes of the Blender mesh, whose object carries the scale."""
        shape = shape_at(self.item, self.vertices, frame, self.frame_rate)
        return (shape / self.item.scale).astype(np.float32)

    def take_shape(self, frame: int) -> None:
        """Give the mesh the shape of a frame."""
        _set_points(self.made.data.vertices, self.shape(frame))
        self.made.data.update()

    def take_shapes(self, frame: int) -> None:
        """Give the mesh the shape of a frame, and on both sides of that frame let it change
        linearly to the shapes of its neighbours, for motion blur."""
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
