"""Environments and lamps in Blender."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import bpy
from mathutils import Vector

from simgen.spec import EnvironmentSpec, LightSpec

IMPORTANCE_MAP_WIDTH = 512
"""Pixels. Blender's automatic choice takes 2 s longer to set up and shows no less noise."""


def environment_path(hdri: str) -> Path:
    """The file of one of the HDRI worlds that come with Blender, e.g. `studio`."""
    folder = Path(bpy.utils.resource_path("LOCAL"), "datafiles", "studiolights", "world")
    path = folder / f"{hdri}.exr"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.exr")))
        raise ValueError(f"no environment {hdri!r} in {folder}, expected one of {known}")
    return path


def build_environment(spec: EnvironmentSpec, normalisation: float) -> bpy.types.World:
    """A world lit by an image. It is returned, not yet made the scene's.

    normalisation: what brings the image to unit mean radiance; see `assets/environments.yaml`.
    """
    world = bpy.data.worlds.new("environment")
    tree = world.node_tree
    background = tree.nodes["Background"]
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    image = tree.nodes.new("ShaderNodeTexEnvironment")
    image.image = bpy.data.images.load(str(environment_path(spec.hdri)), check_existing=True)
    mapping.inputs["Rotation"].default_value[2] = spec.rotation
    background.inputs["Strength"].default_value = spec.strength * normalisation
    tree.links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], image.inputs["Vector"])
    tree.links.new(image.outputs["Color"], background.inputs["Color"])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = IMPORTANCE_MAP_WIDTH
    return world


def build_lights(specs: Iterable[LightSpec]) -> list[bpy.types.Object]:
    """Lamp objects in the order of the specs. The caller links them to a collection."""
    return [_build_light(spec, f"light_{index}") for index, spec in enumerate(specs)]


def _build_light(spec: LightSpec, name: str) -> bpy.types.Object:
    kinds = {"area": "AREA", "sun": "SUN"}
    if spec.kind not in kinds:
        raise ValueError(f"no light of kind {spec.kind!r}, expected one of {', '.join(kinds)}")
    light = bpy.data.lights.new(name, kinds[spec.kind])
    light.color = spec.color
    light.energy = spec.power
    if spec.kind == "area":
        light.shape = "DISK"
        light.size = spec.size
    else:
        light.angle = spec.size
    lamp = bpy.data.objects.new(name, light)
    lamp.location = spec.position
    direction = Vector(spec.target) - Vector(spec.position)
    lamp.rotation_euler = direction.to_track_quat("-Z", "Y").to_euler()
    return lamp
