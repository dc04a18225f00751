"""Rendering of asset thumbnails, many per process, all under the same light."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from simgen.assets import entries
from simgen.assets.files import read_asset
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData, SurfaceData
from simgen.rendering.blender.build import mesh_to_blender
from simgen.rendering.blender.materials import build_surface
from simgen.rendering.blender.motion import place
from simgen.rendering.blender.session import reset

SIDE = 160
"""Width and height, pixels."""
_SAMPLES = 8
_BOUNCES = 3
_CLAY = SurfaceData(base_color=(0.55, 0.53, 0.5, 1.0), roughness=0.6)
"""Surface of slots without a surface in the file."""
_FROM = np.array([0.62, -1.0, 0.52])
"""Direction from the asset to the camera."""
_FOV = math.radians(30.0)


def thumbnails(folder: Path, assets: dict[str, str], work: Path, threads: int) -> dict[str, Any]:
    """Render assets of a folder's catalogue.

    assets: id -> name of the image in `work`. A failure affects only its own asset. threads: of the
    renderer.
    Returns `{"failed": {id: reason}}`.
    """
    known = {entry.id: entry for entry in entries.read(folder)}
    scene = _studio()
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    failed = {}
    for name, picture in assets.items():
        entry = known[name]
        try:
            _shoot(scene, read_asset(folder, entry).mesh, work / picture)
        except (AssetError, ValueError, RuntimeError, OSError) as error:
            failed[name] = " ".join(str(error).split())
    return {"failed": failed}


def _studio() -> bpy.types.Scene:
    """Build ground, lamps and camera around a unit-sized asset that stands on z = 0."""
    scene = reset()
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    scene.render.image_settings.file_format = "PNG"
    scene.cycles.samples = _SAMPLES
    scene.cycles.max_bounces = _BOUNCES
    scene.cycles.transparent_max_bounces = 16
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    scene.cycles.denoising_quality = "FAST"
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.view_settings.view_transform = "Standard"
    world = bpy.data.worlds.new("world")
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.85, 0.9, 1.0, 1.0)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.55
    scene.world = world
    scene.collection.objects.link(_ground())
    for position, power, size in (((2.5, -2.0, 3.5), 130.0, 1.5), ((-3.0, -1.5, 2.0), 45.0, 2.0)):
        scene.collection.objects.link(_lamp(position, power, size))
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.angle = _FOV
    camera.data.clip_start = 0.01
    scene.collection.objects.link(camera)
    scene.camera = camera
    return scene


def _ground() -> bpy.types.Object:
    mesh = bpy.data.meshes.new("ground")
    corners = [(-40.0, -40.0, 0.0), (40.0, -40.0, 0.0), (40.0, 40.0, 0.0), (-40.0, 40.0, 0.0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    mesh.materials.append(build_surface(SurfaceData((0.72, 0.72, 0.72, 1.0), 0.9), "ground"))
    return bpy.data.objects.new("ground", mesh)


def _lamp(position: tuple[float, float, float], power: float, size: float) -> bpy.types.Object:
    lamp = bpy.data.lights.new("lamp", "AREA")
    lamp.energy, lamp.size, lamp.shape = power, size, "DISK"
    made = bpy.data.objects.new("lamp", lamp)
    place(made, _looking(np.array(position), np.zeros(3)))
    return made


def _shoot(scene: bpy.types.Scene, mesh: MeshData, picture: Path) -> None:
    low, high = mesh.bounds()
    scale = 1.0 / float((high - low).max())
    middle = (low + high) / 2
    data = mesh_to_blender(mesh, "asset")
    before = set(bpy.data.images)
    for slot, surface in zip(mesh.slots, mesh.surfaces, strict=True):
        data.materials.append(build_surface(surface or _CLAY, slot))
    item = bpy.data.objects.new("asset", data)
    item.scale = (scale,) * 3
    item.location = (-scale * middle[0], -scale * middle[1], -scale * low[2] + 1e-3)
    scene.collection.objects.link(item)
    try:
        centre = np.array([0.0, 0.0, scale * (high[2] - low[2]) / 2])
        reach = scale * float(np.linalg.norm(high - low)) / 2
        away = 1.08 * reach / math.sin(_FOV / 2)
        at = centre + away * _FROM / np.linalg.norm(_FROM)
        place(scene.camera, _looking(at, centre))
        scene.render.filepath = str(picture)
        bpy.ops.render.render(write_still=True)
    finally:
        bpy.data.objects.remove(item)
        for material in list(data.materials):
            bpy.data.materials.remove(material)
        bpy.data.meshes.remove(data)
        for image in set(bpy.data.images) - before:
            bpy.data.images.remove(image)


def _looking(position: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the `4 x 4` pose of a Blender light or camera, which looks along -z with y up."""
    back = (position - target) / np.linalg.norm(position - target)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3] = np.column_stack([right, np.cross(back, right), back, position])
    return pose
