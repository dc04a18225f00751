"""Weather in Blender: water, snow and fog, added to the materials of all surfaces and to the sky.

Fog is not a volume, which would need many samples. Instead, each surface emits towards the camera
the share of its light that the air transmits, and the air's light for the rest. This is exact for
every ray of a pixel, also at edges and out of focus, and free of noise. Reflections and the light
on surfaces are not affected by fog.
"""

from __future__ import annotations

from typing import Any

import bpy

from simgen.rendering.blender.nodes import Tree
from simgen.spec.scene import WeatherSpec

FOG_HEIGHT = 150.0
"""Height of the fog above the camera, metres."""
_DARKER = 0.45
"""Share of its albedo that a soaked porous surface loses: Lekner and Dorf, Why some things are
darker when wet, Applied Optics 27 (1988)."""
_PUDDLE, _PATCH = 1.3, 3.0
"""Sizes of puddles and of patches of snow, metres."""
_SNOW = (0.86, 0.88, 0.91, 1.0)
_STANDS_ON = (0.35, 0.75)
"""Vertical component of the unit normal above which water and snow begin to stay on a surface,
and above which they stay completely."""
_LEVEL = (0.985, 0.998)


def cover(weather: WeatherSpec) -> None:
    """Apply the weather to all existing materials."""
    if not (weather.wetness or weather.snow or weather.extinction):
        return
    for material in bpy.data.materials:
        tree = Tree(material.node_tree)
        if weather.wetness:
            for bsdf in [n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED"]:
                _wet(tree, bsdf, weather.wetness)
        output = next((n for n in material.node_tree.nodes if n.type == "OUTPUT_MATERIAL"), None)
        if output is None or not output.inputs["Surface"].links:
            continue
        surface = output.inputs["Surface"].links[0].from_socket
        alpha = _alpha(material.node_tree)
        if weather.snow:
            surface = _snowy(tree, surface, alpha, weather.snow)
        if weather.extinction:
            surface = _foggy(tree, surface, alpha, weather)
            # Otherwise, Cycles would treat fog on surfaces as light sources.
            material.cycles.emission_sampling = "NONE"
        tree.feed(output.inputs["Surface"], surface)


def dim(world: bpy.types.World, weather: WeatherSpec) -> None:
    """Apply the fog to the sky as seen by the camera. The light from the sky is unchanged."""
    if not weather.extinction:
        return
    tree = Tree(world.node_tree)
    output = next(n for n in world.node_tree.nodes if n.type == "OUTPUT_WORLD")
    open_sky = output.inputs["Surface"].links[0].from_socket
    height = tree.parts(tree.coordinates("Generated"))[2]
    path = tree.math("DIVIDE", FOG_HEIGHT, tree.math("MAXIMUM", height, 1e-3))
    hidden = _hidden(tree, path, weather.extinction)
    air = tree.node("Background", {}, (*weather.airlight, 1.0), 1.0).outputs[0]
    tree.feed(output.inputs["Surface"], tree.blend(hidden, open_sky, air))


def _foggy(tree: Tree, surface: Any, alpha: Any, weather: WeatherSpec) -> Any:
    distance = tree.node("CameraData", {}).outputs["View Distance"]
    hidden = _hidden(tree, distance, weather.extinction)
    if alpha is not None:
        hidden = tree.math("MULTIPLY", hidden, alpha)
    air = tree.node("Emission", {}, (*weather.airlight, 1.0), 1.0).outputs[0]
    return tree.blend(hidden, surface, air)


def _hidden(tree: Tree, distance: Any, extinction: float) -> Any:
    """Return the share of the air's light in camera rays at a distance; 0 for other rays."""
    left = tree.math("EXPONENT", tree.math("MULTIPLY", distance, -extinction))
    seen = tree.node("LightPath", {}).outputs["Is Camera Ray"]
    return tree.math("MULTIPLY", seen, tree.math("SUBTRACT", 1.0, left))


def _snowy(tree: Tree, surface: Any, alpha: Any, amount: float) -> Any:
    place = tree.node("NewGeometry", {}).outputs["Position"]
    patches = tree.noise(place, _PATCH, detail=7.0)
    # Fractal noise lies in 0.3..0.7, so the amount is roughly the covered share of level ground.
    lies = tree.remap(patches, 0.7 - 0.45 * amount, 0.76 - 0.45 * amount)
    there = tree.math("MULTIPLY", lies, _facing_up(tree, *_STANDS_ON))
    if alpha is not None:
        there = tree.math("MULTIPLY", there, alpha)
    snow = tree.node("BsdfPrincipled", {}, _SNOW)
    snow.inputs["Roughness"].default_value = 0.75
    bump = tree.node("Bump", {})
    bump.inputs["Distance"].default_value = 0.03
    tree.feed(bump.inputs["Height"], tree.noise(place, 0.25, detail=6.0))
    tree.feed(snow.inputs["Normal"], bump.outputs[0])
    return tree.blend(there, surface, snow.outputs[0])


def _wet(tree: Tree, bsdf: Any, wetness: float) -> None:
    """Add a film of water to surfaces that face up, and puddles to level ground."""
    place = tree.node("NewGeometry", {}).outputs["Position"]
    pools = tree.noise(place, _PUDDLE, detail=3.0)
    pools = tree.remap(pools, 0.7 - 0.13 * wetness, 0.72 - 0.13 * wetness)
    pools = tree.math("MULTIPLY", pools, _facing_up(tree, *_LEVEL))
    soaked = tree.math("MULTIPLY", _facing_up(tree, *_STANDS_ON), wetness)
    film = tree.math("MAXIMUM", tree.math("MULTIPLY", soaked, 0.35), pools)
    dark = tree.math("MULTIPLY", tree.math("MAXIMUM", soaked, pools), _DARKER)
    color = bsdf.inputs["Base Color"]
    before = color.links[0].from_socket if color.links else tuple(color.default_value)
    kept = tree.math("SUBTRACT", 1.0, dark)
    tree.feed(color, tree.mix(1.0, before, tree.join(kept, kept, kept), "MULTIPLY"))
    tree.feed(bsdf.inputs["Coat Weight"], film)
    tree.feed(bsdf.inputs["Coat Roughness"], tree.remap(pools, 0.0, 1.0, 0.25, 0.02))
    bsdf.inputs["Coat IOR"].default_value = 1.33


def _facing_up(tree: Tree, low: float, high: float) -> Any:
    normal = tree.node("NewGeometry", {}).outputs["True Normal"]
    return tree.remap(tree.parts(normal)[2], low, high)


def _alpha(nodes: bpy.types.NodeTree) -> Any:
    """Return the alpha of a surface with cut-outs, or None for a surface without."""
    bsdf = next((n for n in nodes.nodes if n.type == "BSDF_PRINCIPLED"), None)
    if bsdf is None:
        return None
    alpha = bsdf.inputs["Alpha"]
    if alpha.links:
        return alpha.links[0].from_socket
    return None if alpha.default_value == 1.0 else alpha.default_value
