"""Environments and lamps in Blender."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from simgen.assets.hdris import check_unchanged
from simgen.assets.textures import NO_PICTURES, Pictures
from simgen.rendering.blender.nodes import Socket, Tree
from simgen.spec.scene import EnvironmentSpec, LightSpec

IMPORTANCE_MAP_WIDTH = 1024
"""Pixels. Blender's automatic choice takes 2 s longer to set up for a gain of 0.1 to 0.5 dB; half
this width loses as much (docs/decisions.md)."""
_HORIZON = 0.02
"""Sine of the elevation up to which the ground blends into the sky."""
_SHAPES = {"area": "DISK", "rectangle": "RECTANGLE"}
_KINDS = {"area": "AREA", "rectangle": "AREA", "point": "POINT", "sun": "SUN"}


class WorldGraph(Tree):
    """A world's node tree with a Background node."""

    def __init__(self, name: str) -> None:
        self.world = bpy.data.worlds.new(name)
        super().__init__(self.world.node_tree)
        self.background = self.tree.nodes["Background"]


def environment_path(hdri: str) -> Path:
    """Return the file of an HDRI world included in Blender, such as `studio`."""
    folder = Path(bpy.utils.resource_path("LOCAL"), "datafiles", "studiolights", "world")
    path = folder / f"{hdri}.exr"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.exr")))
        raise ValueError(f"environment {hdri!r}: not found in {folder}; expected one of {known}")
    return path


def build_environment(spec: EnvironmentSpec, pictures: Pictures = NO_PICTURES) -> bpy.types.World:
    """Create the world of a spec, without assigning it to a scene.

    pictures: has the folder of the user's HDRI worlds. Raises `AssetError` if the spec's HDRI is
    missing or has changed, and `ValueError` for an unknown kind.
    """
    if spec.kind not in _COLORS:
        raise ValueError(f"environment kind {spec.kind!r}: expected one of {', '.join(_COLORS)}")
    graph = WorldGraph("environment")
    color = _COLORS[spec.kind](graph, spec, pictures)
    tinted = graph.vector("MULTIPLY", color, spec.tint) if color else (*spec.tint, 1.0)
    graph.feed(graph.background.inputs["Color"], tinted)
    graph.feed(graph.background.inputs["Strength"], spec.strength * _unit(spec))
    graph.world.cycles.sampling_method = "MANUAL"
    graph.world.cycles.sample_map_resolution = IMPORTANCE_MAP_WIDTH
    return graph.world


def _unit(spec: EnvironmentSpec) -> float:
    return spec.normalisation if spec.kind == "hdri" else 1.0


def _hdri(graph: WorldGraph, spec: EnvironmentSpec, pictures: Pictures) -> Socket:
    if spec.hdri_sha256:
        path = pictures.hdri(spec.hdri)
        check_unchanged(path, spec.hdri_sha256)
    else:
        path = environment_path(spec.hdri)
    mapping = graph.node("Mapping", {}, graph.coordinates("Generated"))
    mapping.inputs["Rotation"].default_value[2] = spec.rotation
    image = bpy.data.images.load(str(path), check_existing=True)
    return graph.node("TexEnvironment", {"image": image}, mapping.outputs[0]).outputs["Color"]


def _sky(graph: WorldGraph, spec: EnvironmentSpec, pictures: Pictures) -> Socket:
    """Return a clear sky with clouds above the horizon, and ground below it."""
    assert spec.sky is not None
    sky = spec.sky
    settings = {
        "sky_type": "MULTIPLE_SCATTERING",
        "sun_disc": sky.sun_strength > 0.0,
        "sun_intensity": sky.sun_strength,
        "sun_elevation": sky.sun_elevation,
        # Blender measures rotation from y, clockwise as seen from above.
        "sun_rotation": (np.pi / 2.0 - sky.sun_azimuth) % (2.0 * np.pi),
        "air_density": sky.air,
        "aerosol_density": sky.aerosol,
        "ozone_density": sky.ozone,
        "altitude": sky.altitude,
    }
    color = graph.node("TexSky", settings).outputs[0]
    height = graph.parts(graph.coordinates("Generated"))[2]
    if sky.clouds > 0.0:
        # CIE overcast sky: (1 + 2 sin elevation) / 3 times the zenith's luminance.
        fall = graph.math("MULTIPLY_ADD", graph.math("MAXIMUM", height, 0.0), 2.0 / 3.0, 1.0 / 3.0)
        dome = graph.math("MULTIPLY", fall, sky.cloud_radiance)
        color = graph.mix(sky.clouds, color, graph.join(dome, dome, dome))
    above = graph.math("DIVIDE", height, _HORIZON)
    return graph.mix(above, graph.join(*sky.ground), color)


def _plain(graph: WorldGraph, spec: EnvironmentSpec, pictures: Pictures) -> None:
    return None


_COLORS: dict[str, Callable[[WorldGraph, EnvironmentSpec, Pictures], Socket | None]] = {
    "hdri": _hdri,
    "sky": _sky,
    "plain": _plain,
}


def build_lights(specs: Iterable[LightSpec]) -> list[bpy.types.Object]:
    """Create the lamp objects, in the order of the specs. The caller links them to a collection."""
    return [_build_light(spec, f"light_{index}") for index, spec in enumerate(specs)]


def _build_light(spec: LightSpec, name: str) -> bpy.types.Object:
    if spec.kind not in _KINDS:
        raise ValueError(f"light kind {spec.kind!r}: expected one of {', '.join(_KINDS)}")
    light = bpy.data.lights.new(name, _KINDS[spec.kind])
    light.color = spec.color
    light.energy = spec.power
    if spec.kind in _SHAPES:
        light.shape = _SHAPES[spec.kind]
        light.size = spec.size
        if spec.kind == "rectangle":
            light.size_y = spec.height
    elif spec.kind == "point":
        light.shadow_soft_size = spec.size
    else:
        light.angle = spec.size
    lamp = bpy.data.objects.new(name, light)
    lamp.location = spec.position
    direction = Vector(spec.target) - Vector(spec.position)
    # Keep a rectangle's width horizontal: its local y axis points up.
    lamp.rotation_euler = direction.to_track_quat("-Z", "Y").to_euler()
    return lamp
