"""Materials in Blender: those of a spec, by recipe, and those of mesh files.

A recipe is a function in `assets/materials` that wires textures to a Principled BSDF. Patterns are
solid textures in object space, in metres, so that features have their real size on every mesh. Only
print, cloth and displays follow the mesh's UVs, which for simgen's own shapes are in metres as
well. Node counts are kept low, because textures are evaluated at every bounce, and three times for
bump mapping.
"""

from __future__ import annotations

from functools import cache

import bpy

from simgen.assets.textures import NO_PICTURES, Pictures
from simgen.geometry.mesh import SurfaceData
from simgen.rendering.blender.image_surface import wire_image
from simgen.rendering.blender.images import pack
from simgen.rendering.blender.nodes import Graph, Recipe
from simgen.resources import module, module_names
from simgen.spec.scene import MaterialSpec

IMAGE = "image"
"""Kind of a surface with a user's image. It has no recipe, since it needs the pixels."""
_FOLDER = "assets/materials"


@cache
def recipes() -> dict[str, Recipe]:
    """Return the recipe of each kind of material."""
    found: dict[str, Recipe] = {}
    for name in module_names(_FOLDER):
        found |= getattr(module(_FOLDER, name), "RECIPES", {})
    return found


def build_material(
    spec: MaterialSpec, name: str, pictures: Pictures = NO_PICTURES
) -> bpy.types.Material:
    """Create the material of a spec. pictures: has the folder of its image, if any.

    Raises `ValueError` for a kind without a recipe, `AssetError` for a missing image.
    """
    if spec.kind not in recipes() and spec.kind != IMAGE:
        known = ", ".join((*recipes(), IMAGE))
        raise ValueError(f"material kind {spec.kind!r} has no recipe; expected one of {known}")
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
        wire_image(graph, spec, coordinates, pictures)
    else:
        recipes()[spec.kind](graph, spec, coordinates)
    return graph.material


LEAST_ALPHA = 0.02
"""Minimum alpha of a file's material, so that labels still show the surface."""


def build_surface(surface: SurfaceData, name: str) -> bpy.types.Material:
    """Create the material of a mesh file.

    A texture's alpha is a cut-out mask: a texel exists or not, in both image and labels. An alpha
    of the entire material makes it translucent; it remains a surface that labels show.
    """
    graph = Graph(name)
    *color, alpha = surface.base_color
    alpha = max(alpha, LEAST_ALPHA)
    if surface.transmission > 0:
        alpha = 1.0  # the glass already transmits the light
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
    """Add glass that transmits light without caustics: shadow and diffuse rays pass unrefracted.

    A solid refracts; a single sheet reflects as a pane and transmits without refraction.
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
