"""Turns a resolved SceneSpec and its meshes into a Blender scene."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from simgen.blender.lighting import build_environment, build_lights
from simgen.blender.materials import build_material, build_surface
from simgen.geometry import quaternion_from_rotation
from simgen.mesh import MeshData
from simgen.spec import CameraSpec, MaterialSpec, ObjectSpec, SceneSpec
from simgen.stage import StagePart

CLIP = (1e-3, 1e4)
"""Metres. Cycles traces rays, so a wide range costs no precision."""


def build_scene(
    scene: bpy.types.Scene,
    spec: SceneSpec,
    stage: Sequence[StagePart],
    meshes: Sequence[MeshData],
    normalisation: float,
) -> None:
    """Fill an empty scene. Objects carry their instance id as Blender's object index; the stage
    has 0. The camera exists, but stands nowhere yet: `aim` places it frame by frame.

    meshes: one per object of the spec, in its order, unscaled.
    normalisation: brings the environment's image to unit mean radiance.
    """
    for part in stage:
        _add_part(scene, part, spec.stage.materials)
    for item, mesh in zip(spec.objects, meshes, strict=True):
        _add_object(scene, item, mesh)
    for lamp in build_lights(spec.lights):
        # A lamp is there to shine; a disk in the air has no label and no place in the picture.
        lamp.visible_camera = False
        scene.collection.objects.link(lamp)
    scene.world = build_environment(spec.environment, normalisation)
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(scene.camera)


def aim(scene: bpy.types.Scene, camera: CameraSpec) -> None:
    """Put the scene's camera where a frame's spec says."""
    item, pose = scene.camera, np.array(camera.cam_to_world)
    data = item.data
    data.type = "PERSP"
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = camera.sensor_width_mm
    data.lens = camera.focal_length_mm
    data.clip_start, data.clip_end = CLIP
    # Blender's cameras look along -z with y up; ours look along +z with y down.
    rotation = pose[:3, :3] @ np.diag([1.0, -1.0, -1.0])
    item.rotation_mode = "QUATERNION"
    item.rotation_quaternion = quaternion_from_rotation(rotation)
    item.location = pose[:3, 3]


def mesh_to_blender(mesh: MeshData, name: str) -> bpy.types.Mesh:
    """A Blender mesh with the vertices, faces, UVs, slots and sharp edges of `mesh`."""
    count = len(mesh.faces)
    made = bpy.data.meshes.new(name)
    made.vertices.add(len(mesh.vertices))
    made.vertices.foreach_set("co", mesh.vertices.astype(np.float32).ravel())
    made.loops.add(3 * count)
    made.loops.foreach_set("vertex_index", mesh.faces.astype(np.int32).ravel())
    made.polygons.add(count)
    made.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    made.polygons.foreach_set("material_index", mesh.slot.astype(np.int32))
    layer = made.uv_layers.new(name="uv", do_init=False)
    layer.uv.foreach_set("vector", mesh.uv.astype(np.float32).ravel())
    made.update(calc_edges=True)
    made.set_sharp_from_angle(angle=mesh.smooth_angle)
    return made


def _add_part(scene: bpy.types.Scene, part: StagePart, materials: dict[str, MaterialSpec]) -> None:
    mesh = mesh_to_blender(part.mesh, part.name)
    _fill_slots(mesh, part.mesh, materials)
    item = bpy.data.objects.new(part.name, mesh)
    item.location = part.position
    scene.collection.objects.link(item)


def _add_object(scene: bpy.types.Scene, item: ObjectSpec, mesh: MeshData) -> None:
    name = f"{item.instance_id:05d}_{item.class_name}"
    data = mesh_to_blender(mesh, name)
    _fill_slots(data, mesh, item.materials)
    made = bpy.data.objects.new(name, data)
    made.rotation_mode = "QUATERNION"
    made.location = item.position
    made.rotation_quaternion = item.rotation
    made.scale = (item.scale,) * 3
    made.pass_index = item.instance_id
    scene.collection.objects.link(made)


def _fill_slots(made: bpy.types.Mesh, mesh: MeshData, materials: dict[str, MaterialSpec]) -> None:
    for slot, surface in zip(mesh.slots, mesh.surfaces, strict=True):
        name = f"{made.name}.{slot}"
        if slot in materials:
            made.materials.append(build_material(materials[slot], name))
        elif surface is not None:
            made.materials.append(build_surface(surface, name))
        else:
            raise ValueError(f"slot {slot!r} of {made.name} has neither a drawn nor an own surface")
