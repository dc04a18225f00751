"""Materials in Blender: those of a spec, by recipe, and those that mesh files bring along."""

from __future__ import annotations

import bpy
import numpy as np

from simgen.assets.textures import NO_PICTURES, Pictures
from simgen.geometry.mesh import SurfaceData
from simgen.rendering.blender.images import pack
from simgen.rendering.blender.nodes import Graph
from simgen.rendering.blender.shaders import RECIPES
from simgen.rendering.blender.shaders.anything import IMAGE, wire_image
from simgen.spec.scene import MaterialSpec


def build_material(
    spec: MaterialSpec, name: str, pictures: Pictures = NO_PICTURES
) -> bpy.types.Material:
    """The material of a spec. pictures: where its image is, if it has one.

    Raises `ValueError` for a kind without a recipe, `AssetError` for an image that is not there.
    """
    if spec.kind not in RECIPES and spec.kind != IMAGE:
        known = ", ".join((*RECIPES, IMAGE))
        raise ValueError(f"no recipe for material kind {spec.kind!r}, expected one of {known}")
    graph = Graph(name)
    graph.set(
        base_color=spec.color_a,
        roughness=spec.roughness,
        metallic=spec.metallic,
        transmission_weight=spec.transmission,
        coat_weight=spec.coat,
        coat_roughness=0.08,
    )
    coordinates = graph.vector("ADD", graph.coordinates(), spec.offset)
    if spec.kind == IMAGE:
        wire_image(graph, spec, coordinates, _texture(spec, pictures))
    else:
        RECIPES[spec.kind](graph, spec, coordinates)
    return graph.material


def _texture(spec: MaterialSpec, pictures: Pictures) -> bpy.types.Image:
    """The image of a spec, made once in a Blender session however many surfaces show it."""
    name = f"texture.{spec.texture_sha256[:40]}"
    known = bpy.data.images.get(name)
    if known is not None:
        return known
    pixels = pictures.texture(spec.texture, spec.texture_sha256)
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return pack(np.concatenate([pixels, opaque], axis=2), name)


LEAST_ALPHA = 0.02
"""Alpha of the clearest surface of a file that still counts as a surface."""


def build_surface(surface: SurfaceData, name: str) -> bpy.types.Material:
    """The material that a mesh file brought along.

    A texture's alpha cuts: a texel is there or not, in the image and in the labels alike. An alpha
    of the whole material makes it see-through; it stays a surface, and the labels show it.
    """
    graph = Graph(name)
    *color, alpha = surface.base_color
    alpha = max(alpha, LEAST_ALPHA)
    if surface.transmission > 0:
        alpha = 1.0  # what is clear about it goes through the glass
    graph.set(roughness=surface.roughness, metallic=surface.metallic, base_color=color, alpha=alpha)
    if surface.image is not None:
        texture = graph.node("TexImage", {"image": pack(surface.image, name)})
        graph.set(base_color=graph.mix(1.0, texture.outputs["Color"], color, "MULTIPLY"))
        if surface.image[..., 3].min() < 255:
            there = graph.math("GREATER_THAN", texture.outputs["Alpha"], 0.5)
            graph.set(alpha=graph.math("MULTIPLY", there, alpha))
    _add_maps(graph, surface, name)
    if any(surface.emission):
        strongest = max(surface.emission)
        hue = [channel / strongest for channel in surface.emission]
        graph.set(emission_color=hue, emission_strength=strongest)
    if surface.transmission > 0:
        _add_glass(graph, surface)
    return graph.material


def _add_maps(graph: Graph, surface: SurfaceData, name: str) -> None:
    if surface.rough_metal_image is not None:
        image = pack(surface.rough_metal_image, f"{name}.maps", "Non-Color")
        texture = graph.node("TexImage", {"image": image})
        _, rough, metal = graph.parts(texture.outputs["Color"])
        graph.set(roughness=rough, metallic=metal)
    if surface.normal_image is not None:
        image = pack(surface.normal_image, f"{name}.normals", "Non-Color")
        texture = graph.node("TexImage", {"image": image})
        bent = graph.node("NormalMap", {"uv_map": "uv"}, 1.0, texture.outputs["Color"])
        graph.set(normal=bent.outputs[0])


def _add_glass(graph: Graph, surface: SurfaceData) -> None:
    """Glass that light gets through without caustics: it is clear to shadow and diffuse rays.

    A solid refracts; a sheet, which has no back, reflects as a pane and is straight through
    otherwise.
    """
    graph.set(transmission_weight=surface.transmission, base_color=surface.tint)
    rough = surface.roughness if surface.glass_roughness is None else surface.glass_roughness
    graph.set(roughness=rough)
    graph.feed(graph.bsdf.inputs["IOR"], 1.47)
    clear = graph.node("BsdfTransparent", {}, surface.tint)
    path = graph.node("LightPath", {})
    cheap = graph.math("MAXIMUM", path.outputs["Is Shadow Ray"], path.outputs["Is Diffuse Ray"])
    seen = graph.bsdf.outputs[0]
    if surface.thin:
        gloss = graph.node("BsdfGlossy", {})
        gloss.inputs["Roughness"].default_value = rough
        mirror = graph.node("Fresnel", {})
        mirror.inputs["IOR"].default_value = 1.47
        pane = graph.node("MixShader", {}, mirror.outputs[0], clear.outputs[0], gloss.outputs[0])
        graph.set(transmission_weight=0.0)
        mixed = graph.node(
            "MixShader", {}, surface.transmission, graph.bsdf.outputs[0], pane.outputs[0]
        )
        seen = mixed.outputs[0]
    light = graph.math("MULTIPLY", cheap, surface.transmission)
    shaded = graph.node("MixShader", {}, light, seen, clear.outputs[0])
    graph.feed(graph.output.inputs["Surface"], shaded.outputs[0])
