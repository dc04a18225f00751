"""Construction of a Blender scene from a resolved `SceneSpec` and its meshes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import bpy
import numpy as np

from simgen.assets.textures import NO_PICTURES, Pictures
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import pose_matrix
from simgen.rendering.blender.backdrop import photo_world
from simgen.rendering.blender.codes import mark_low
from simgen.rendering.blender.lighting import build_environment, build_lights
from simgen.rendering.blender.materials import build_material, build_surface
from simgen.rendering.blender.motion import place
from simgen.rendering.blender.updates import updated_once
from simgen.spec.scene import MaterialSpec, ObjectSpec, SceneSpec
from simgen.stages.stage import StagePart

THINGS = "things"
"""Name of the collection of all objects and parts with a code."""


def build_things(
    scene: bpy.types.Scene,
    spec: SceneSpec,
    stage: Sequence[StagePart],
    meshes: Sequence[MeshData],
    pictures: Pictures = NO_PICTURES,
) -> tuple[bpy.types.Object, ...]:
    """Add the stage's parts and the objects, posed as in the first frame, to an empty scene.

    meshes: one per object of the spec, in its order, unscaled. pictures: the image files that the
    spec names. Returns them in the order of their codes (see `RawFrame`), which are their object
    indices in Blender; `simgen.rendering.blender.codes` handles large numbers.
    """
    collection = bpy.data.collections.new(THINGS)
    scene.collection.children.link(collection)
    shared = SharedMeshes(pictures)

    def made() -> tuple[bpy.types.Object, ...]:
        parts = [_add_part(part, shared, spec.stage.materials) for part in stage]
        pairs = zip(spec.objects, meshes, strict=True)
        return (*parts, *(_add_object(item, mesh, shared) for item, mesh in pairs))

    things = updated_once(made)
    for thing in things:
        collection.objects.link(thing)
    mark_low(things)
    return things


def build_light(scene: bpy.types.Scene, spec: SceneSpec, pictures: Pictures = NO_PICTURES) -> None:
    """Add lamps and environment. pictures: has the folder of the user's HDRI worlds."""
    for lamp in build_lights(spec.lights):
        # Lamps are invisible: a visible disk in the air would have no label.
        lamp.visible_camera = False
        scene.collection.objects.link(lamp)
    if spec.environment.kind == "photo":
        scene.world = photo_world(spec, pictures)
    else:
        scene.world = build_environment(spec.environment, pictures)


def dark_copy(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Create another scene with the same objects, without light and sky."""
    copy = bpy.data.scenes.new("labels")
    copy.collection.children.link(scene.collection.children[THINGS])
    return copy


def add_camera(scene: bpy.types.Scene, name: str) -> bpy.types.Object:
    """Add a camera to a scene, without a pose yet."""
    camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    scene.collection.objects.link(camera)
    return camera


class SharedMeshes:
    """The Blender meshes of a scene, shared by objects with equal mesh and materials, and its
    materials, shared by surfaces with equal specs.

    An object with an existing mesh takes 0.3 ms, and the renderer keeps one copy of the mesh.
    """

    def __init__(self, pictures: Pictures = NO_PICTURES) -> None:
        self._pictures = pictures
        self._made: dict[Hashable, bpy.types.Mesh] = {}
        self._materials: dict[MaterialSpec, bpy.types.Material] = {}
        self._alive: list[MeshData] = []

    def get(self, mesh: MeshData, materials: dict[str, MaterialSpec], name: str) -> bpy.types.Mesh:
        """Return a mesh with its materials. name: of the mesh, if it is created."""
        key = (id(mesh), tuple(sorted(materials.items(), key=lambda entry: entry[0])))
        if key not in self._made:
            self._made[key] = self.single(mesh, materials, name)
            self._alive.append(mesh)  # ids are unique only while their objects exist
        return self._made[key]

    def single(
        self, mesh: MeshData, materials: dict[str, MaterialSpec], name: str
    ) -> bpy.types.Mesh:
        """Create a mesh with its materials that is not shared."""
        made = mesh_to_blender(mesh, name)
        for slot, surface in zip(mesh.slots, mesh.surfaces, strict=True):
            if slot in materials:
                made.materials.append(self._material(materials[slot], f"{name}.{slot}"))
            elif surface is not None:
                made.materials.append(build_surface(surface, f"{name}.{slot}"))
            else:
                raise ValueError(f"slot {slot!r} of {name} has no sampled or own surface")
        return made

    def _material(self, spec: MaterialSpec, name: str) -> bpy.types.Material:
        if spec not in self._materials:
            self._materials[spec] = build_material(spec, name, self._pictures)
        return self._materials[spec]


def mesh_to_blender(mesh: MeshData, name: str) -> bpy.types.Mesh:
    """Create a Blender mesh with the vertices, faces, UVs, slots and sharp edges of `mesh`."""
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


def _add_part(
    part: StagePart, shared: SharedMeshes, materials: dict[str, MaterialSpec]
) -> bpy.types.Object:
    own = materials if part.materials is None else part.materials
    made = bpy.data.objects.new(part.name, shared.get(part.mesh, own, part.name))
    made.location = part.position
    if part.backdrop:
        made.visible_diffuse = made.visible_glossy = made.visible_shadow = False
    return made


def _add_object(item: ObjectSpec, mesh: MeshData, shared: SharedMeshes) -> bpy.types.Object:
    name = f"{item.instance_id:05d}_{item.class_name}"
    if item.deformation is None:
        data = shared.get(mesh, item.materials, name)
    else:
        data = shared.single(mesh, item.materials, name)
    made = bpy.data.objects.new(name, data)
    place(made, pose_matrix(item.position, item.rotation))
    made.scale = (item.scale,) * 3
    return made
