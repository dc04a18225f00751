"""Outdoor ground, for views from a distance of one to thirty metres."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import darker, gray

_AGEING = {"even": 0.2, "worn": 0.6}
"""Variation of a road's age between positions. Specs of older versions have no motif and use 1.0,
which from above resembles camouflage more than a road."""


def _asphalt(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire chippings in bitumen, with lanes and repairs of different ages, and oil stains."""
    ageing = _AGEING.get(spec.motif, 1.0)
    chip = g.cells(p, spec.scale)
    tone, _, _ = g.parts(chip.outputs["Color"])
    age = g.noise(p, 2.5, 5.0)
    older = g.remap(age, 0.35, 0.65, 0.5 - 0.5 * ageing, 0.5 + 0.5 * ageing)
    bitumen = g.mix(older, spec.color_a, darker(spec.color_a, 0.6))
    least, most = 0.5 - 0.3 * ageing, 0.5 + 0.3 * ageing
    bare = g.math("MULTIPLY", g.remap(tone, 0.6, 1.0), g.remap(age, 0.7, 0.3, least, most))
    stain = g.remap(g.noise(p, 0.6, 4.0), 0.62, 0.75, 0.0, 0.5 * ageing)
    road = g.mix(bare, bitumen, spec.color_b)
    g.set(base_color=g.mix(stain, road, darker(spec.color_a, 0.3)))
    g.set(roughness=g.vary(spec.roughness, age, 0.1), specular_ior_level=0.3)
    g.bump(g.remap(chip.outputs["Distance"], 0.1, 0.7, 1.0, 0.0), spec.bump)


def _grass(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire blades that lean in all directions, tufts with dark gaps, and dry and lush patches."""
    patch = g.noise(p, 2.2, 5.0)
    tuft = g.noise(p, spec.scale * 2.0, 2.0)
    lean = g.vector("ADD", p, g.stretch(gray(g, g.noise(p, spec.scale * 3.0, 1.0)), 0.1, -0.1, 0.0))
    ways = [
        g.noise(g.stretch(lean, *stretch, 1.0), spec.scale * 0.22, 2.0)
        for stretch in ((1.0, 0.2), (0.2, 1.0))
    ]
    blade = g.math("MAXIMUM", *ways)
    height = g.math("MULTIPLY_ADD", tuft, 0.6, blade)
    lush = g.mix(g.remap(blade, 0.45, 0.75), darker(spec.color_a, 0.6), spec.color_a)
    dry = g.math("MULTIPLY", g.remap(patch, 0.42, 0.68), g.remap(blade, 0.4, 0.7, 0.3, 1.0))
    turf = g.mix(g.math("MULTIPLY", dry, 0.55), lush, spec.color_b)
    gap = g.remap(height, 0.88, 0.66, 0.0, 0.7)
    g.set(base_color=g.mix(gap, turf, darker(spec.color_a, 0.12)))
    # Blades are upright: at grazing angles they hide the reflection that flat ground would have.
    g.set(specular_ior_level=0.03)
    g.bump(height, spec.bump)


def _gravel(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire pebbles with dust and shadows between them."""
    pebble = g.cells(p, spec.scale)
    tone, other, _ = g.parts(pebble.outputs["Color"])
    gap = g.cells(p, spec.scale, "DISTANCE_TO_EDGE").outputs["Distance"]
    grain = g.noise(p, spec.scale * 0.2, 3.0)
    stone = g.mix(g.remap(tone, 0.5, 0.9), spec.color_a, spec.color_b)
    stone = g.mix(g.remap(other, 0.0, 1.0, 0.0, 0.6), stone, darker(spec.color_a, 0.5))
    stone = g.mix(g.remap(grain, 0.4, 0.7, 0.0, 0.3), stone, darker(spec.color_b, 0.6))
    g.set(base_color=g.mix(g.remap(gap, 0.12, 0.0), stone, darker(spec.color_a, 0.2)))
    g.bump(g.math("MULTIPLY_ADD", other, 0.5, g.remap(gap, 0.0, 0.3)), spec.bump)


def _snow(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire drifts and crust, with bluish hollows, as light is after a long path through ice."""
    drift = g.noise(p, spec.scale, 4.0)
    crust = g.noise(p, 0.01, 3.0)
    g.set(base_color=g.mix(g.remap(drift, 0.65, 0.3), spec.color_a, spec.color_b))
    g.set(subsurface_weight=0.3, subsurface_radius=(0.6, 0.8, 1.0), subsurface_scale=0.01)
    g.bump(g.math("MULTIPLY_ADD", crust, 0.05, drift), spec.bump)


def _soil(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire clods, crumbs and a few pale fragments."""
    clod = g.noise(p, spec.scale, 5.0)
    damp = g.noise(p, 0.3, 3.0)
    bit = g.math("LESS_THAN", g.cells(p, spec.scale * 0.9).outputs["Distance"], 0.12)
    earth = g.mix(g.remap(clod, 0.35, 0.7), darker(spec.color_a, 0.5), spec.color_a)
    earth = g.mix(g.remap(damp, 0.4, 0.7, 0.0, 0.6), earth, spec.color_b)
    g.set(base_color=g.mix(g.math("MULTIPLY", bit, 0.5), earth, spec.color_b))
    g.set(specular_ior_level=0.2)
    g.bump(clod, spec.bump)


RECIPES: dict[str, Recipe] = {
    "asphalt": _asphalt,
    "grass": _grass,
    "gravel": _gravel,
    "snow": _snow,
    "soil": _soil,
}
