"""Materials in Blender: those of a spec, by recipe, and those that mesh files bring along."""

from __future__ import annotations

import bpy
import numpy as np

from simgen.blender.nodes import Graph
from simgen.blender.recipes import RECIPES
from simgen.mesh import SurfaceData
from simgen.spec import MaterialSpec


def build_material(spec: MaterialSpec, name: str) -> bpy.types.Material:
    """The material of a spec. Raises `ValueError` for a kind without a recipe."""
    if spec.kind not in RECIPES:
        known = ", ".join(RECIPES)
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
    RECIPES[spec.kind](graph, spec, coordinates)
    return graph.material


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
    graph.set(roughness=surface.roughness, metallic=surface.metallic)
    if surface.image is None:
        graph.set(base_color=color, alpha=alpha)
        return graph.material
    texture = graph.node("TexImage", {"image": _pack(surface.image, name)})
    graph.set(base_color=graph.mix(1.0, texture.outputs["Color"], color, "MULTIPLY"), alpha=alpha)
    if surface.image[..., 3].min() < 255:
        there = graph.math("GREATER_THAN", texture.outputs["Alpha"], 0.5)
        graph.set(alpha=graph.math("MULTIPLY", there, alpha))
    return graph.material


def _pack(pixels: np.ndarray, name: str) -> bpy.types.Image:
    """An sRGB image inside Blender from `H x W x 4` uint8, row 0 on top."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=True)
    image.colorspace_settings.name = "sRGB"
    # Colour under transparent texels is meant as it is: no premultiplication on the way.
    image.alpha_mode = "CHANNEL_PACKED"
    flipped = np.ascontiguousarray(pixels[::-1]).astype(np.float32) / 255.0
    image.pixels.foreach_set(flipped.ravel())
    image.update()
    image.pack()
    return image
