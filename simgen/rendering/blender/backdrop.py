"""Scenes with a background of their own: a transparent film, an invisible floor that catches
shadows, and light estimated from the photograph."""

from __future__ import annotations

import bpy
import numpy as np

from simgen.assets.textures import Pictures
from simgen.rendering.blender.lighting import WorldGraph
from simgen.rendering.sensor.panorama import panorama_of
from simgen.spec.scene import SceneSpec

COVER_PASS = {"cover": "Combined.A"}
"""Channel of the share of a pixel that surfaces cover."""
SHADE_PASSES = {f"shade.{axis}": f"Shadow Catcher.{axis}" for axis in "RGB"}
"""Channels of the factor by which objects change the floor's light."""
_FLOOR_SIZE = 400.0
"""Metres. Long enough for the shadows of a low sun."""
_FLOOR_COLOR = (0.3, 0.3, 0.3, 1.0)
"""Reflectance, as of many grounds. Shadows hardly depend on it."""


def clear_film(scene: bpy.types.Scene, spec: SceneSpec) -> None:
    """Make the film transparent, and add the floor if the background has one.

    The floor belongs to this scene alone: labels have no code for it.
    """
    assert spec.background is not None
    scene.render.film_transparent = True
    if spec.background.ground is None:
        return
    scene.collection.objects.link(_floor(spec.background.ground))
    scene.view_layers[0].cycles.use_pass_shadow_catcher = True


def backdrop_channels(spec: SceneSpec) -> dict[str, str]:
    """Return the argument `wanted` for `read_passes`."""
    if spec.background is None:
        return {}
    return COVER_PASS | ({} if spec.background.ground is None else SHADE_PASSES)


def _floor(height: float) -> bpy.types.Object:
    half = _FLOOR_SIZE / 2
    mesh = bpy.data.meshes.new("floor")
    corners = [(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    material = bpy.data.materials.new("floor")
    tree = material.node_tree
    surface = tree.nodes.new("ShaderNodeBsdfDiffuse")
    surface.inputs["Color"].default_value = _FLOOR_COLOR
    output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    tree.links.new(surface.outputs[0], output.inputs["Surface"])
    mesh.materials.append(material)
    floor = bpy.data.objects.new("floor", mesh)
    floor.location = (0.0, 0.0, height)
    floor.is_shadow_catcher = True
    return floor


def photo_world(spec: SceneSpec, pictures: Pictures) -> bpy.types.World:
    """Create the world whose light is estimated from the photograph, without assigning it. Raises
    `AssetError` if the photograph is missing or has changed."""
    assert spec.background is not None
    picture = pictures.photograph(spec.background, spec.render.width, spec.render.height)
    light = panorama_of(picture, spec.sensor.contrast)
    graph = WorldGraph("photograph")
    mapping = graph.node("Mapping", {}, graph.coordinates("Generated"))
    # The middle of a Blender panorama is at x; the texture turns against its coordinates.
    mapping.inputs["Rotation"].default_value[2] = -spec.environment.rotation
    texture = graph.node("TexEnvironment", {"image": _float_image(light)}, mapping.outputs[0])
    graph.feed(graph.background.inputs["Color"], texture.outputs["Color"])
    graph.feed(graph.background.inputs["Strength"], spec.environment.strength)
    graph.world.cycles.sampling_method = "MANUAL"
    graph.world.cycles.sample_map_resolution = light.shape[1]
    return graph.world


def _float_image(light: np.ndarray) -> bpy.types.Image:
    """Create an image of linear light, `H x W x 3`, row 0 on top."""
    height, width = light.shape[:2]
    image = bpy.data.images.new("photograph", width, height, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = light[::-1]
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    return image
