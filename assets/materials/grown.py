"""Fruit, baked goods, leaves, wood and bark."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import darker, grain, gray


def _wood(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    # Trees grow along z; the offset moves their heart beside the object, so that rings are curved.
    near = g.vector("ADD", g.coordinates(), tuple(0.03 * value for value in spec.offset))
    x, y, z = g.parts(near)
    grain(g, spec, g.join(z, x, y), spec.scale)


def _fruit(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire skin that changes to its second colour towards the poles, with lenticels."""
    _, _, height = g.parts(g.coordinates("Generated"))
    pole = g.math("ABSOLUTE", g.math("SUBTRACT", height, 0.45))
    streak = g.noise(g.stretch(p, 1.0, 1.0, 0.25), 0.012, 4.0)
    turn = g.remap(g.math("MULTIPLY_ADD", streak, 0.6, pole), 0.52, 1.05)
    skin = g.mix(turn, spec.color_a, spec.color_b)
    dot = g.remap(g.cells(p, spec.scale).outputs["Distance"], 0.16, 0.1)
    g.set(base_color=g.mix(g.math("MULTIPLY", dot, 0.6), skin, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, streak, 0.1))
    g.bump(g.noise(p, spec.scale * 0.5, 2.0), spec.bump)


def _peel(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire the peel of lemons, oranges and bananas: pitted and spotted, with ends in the second
    colour."""
    _, _, height = g.parts(g.coordinates("Generated"))
    end = g.remap(g.math("ABSOLUTE", g.math("SUBTRACT", height, 0.5)), 0.4, 0.5)
    spot = g.remap(g.noise(p, 0.012, 4.0), 0.62, 0.72, 0.0, 0.5)
    g.set(base_color=g.mix(g.math("MULTIPLY_ADD", end, 0.5, spot), spec.color_a, spec.color_b))
    pit = g.cells(p, spec.scale, "SMOOTH_F1").outputs["Distance"]
    g.bump(g.remap(pit, 0.0, 0.6), spec.bump)


def _banana(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a yellow peel, greener towards the neck (v = 0), freckled and bruised."""
    u, v, _ = g.parts(g.coordinates("UV"))
    tone = g.noise(p, 0.03, 3.0)
    red, green, blue = spec.color_a
    unripe = (0.62 * red, 0.8 * green, blue)
    neck = g.math("MULTIPLY", g.remap(v, 0.035, 0.010), g.remap(tone, 0.3, 0.6, 0.1, 0.6))
    skin = g.mix(neck, spec.color_a, unripe)
    streak = g.noise(g.stretch(g.join(u, v), 1.0, 0.12, 0.0), 0.0035, 3.0)
    skin = g.mix(g.remap(streak, 0.6, 0.75, 0.0, 0.35), skin, spec.color_b)
    bruise = g.remap(g.noise(p, 0.02, 5.0), 0.62, 0.68, 0.0, 0.75)
    if spec.motif == "spotted":
        size, _, _ = g.parts(g.cells(p, spec.scale).outputs["Color"])
        away = g.cells(p, spec.scale).outputs["Distance"]
        freckle = g.math("LESS_THAN", away, g.math("MULTIPLY_ADD", size, 0.4, -0.18))
        bruise = g.math("MAXIMUM", bruise, g.math("MULTIPLY", freckle, 0.7))
    g.set(base_color=g.mix(bruise, skin, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, tone, 0.08))
    g.bump(streak, spec.bump)


def _orange_peel(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    gland = g.remap(g.cells(p, spec.scale, "SMOOTH_F1").outputs["Distance"], 0.05, 0.5)
    patch = g.noise(p, 0.03, 3.0)
    skin = g.mix(g.remap(patch, 0.4, 0.75, 0.0, 0.5), spec.color_a, spec.color_b)
    g.set(base_color=g.mix(1.0, skin, gray(g, g.remap(gland, 0.0, 0.4, 0.8, 1.0)), "MULTIPLY"))
    g.set(subsurface_weight=0.1, subsurface_radius=(1.0, 0.4, 0.1), subsurface_scale=0.003)
    g.bump(gland, spec.bump)


def _carrot(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire broken rings around the root: short dark scars across v."""
    uv = g.vector("ADD", g.coordinates("UV"), spec.offset)
    scar = g.noise(g.stretch(uv, 0.15, 1.0, 0.0), spec.scale, 3.0)
    tone = g.noise(p, 0.02, 3.0)
    skin = g.mix(g.remap(tone, 0.3, 0.8, 0.0, 0.35), spec.color_a, spec.color_b)
    g.set(base_color=g.mix(g.remap(scar, 0.6, 0.72, 0.0, 0.8), skin, spec.color_b))
    g.bump(g.remap(scar, 0.75, 0.5), spec.bump)


def _dough(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a crust, browned most where it protrudes, with pores and crumbs."""
    patch = g.noise(p, spec.scale, 4.0)
    crumb = g.noise(p, 0.0025, 4.0)
    brown = g.math("MULTIPLY_ADD", g.math("SUBTRACT", crumb, 0.5), 0.3, patch)
    g.set(base_color=g.mix(g.remap(brown, 0.3, 0.8), spec.color_a, spec.color_b))
    g.set(subsurface_weight=0.1, subsurface_radius=(1.0, 0.6, 0.3), subsurface_scale=0.003)
    g.set(roughness=g.vary(spec.roughness, patch, 0.1))
    g.bump(g.math("MULTIPLY_ADD", crumb, 0.4, patch), spec.bump)


def _food(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire cooked food: patches of both colours, and another tone for each piece; of the motif
    `sorts`, each piece is of one colour."""
    patch = g.noise(p, spec.scale, 4.0)
    own = g.island()
    if spec.motif == "sorts":
        sort = g.remap(own, 0.48, 0.52)
        fleck = g.remap(patch, 0.45, 0.75, 0.0, 0.12)
        tone = g.math("MULTIPLY_ADD", sort, 0.88, fleck)
    else:
        tone = g.math("MULTIPLY_ADD", own, 0.35, g.remap(patch, 0.42, 0.72, 0.0, 0.65))
    shade = g.remap(g.math("FRACT", g.math("MULTIPLY", own, 7.0)), 0.0, 1.0, 0.8, 1.0)
    color = g.mix(tone, spec.color_a, spec.color_b)
    g.set(base_color=g.mix(1.0, color, gray(g, shade), "MULTIPLY"))
    g.set(subsurface_weight=0.12, subsurface_radius=(1.0, 0.6, 0.3), subsurface_scale=0.003)
    g.set(roughness=g.vary(spec.roughness, patch, 0.1))
    g.bump(patch, spec.bump)


def _melted(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire melted cheese with brown blisters."""
    melt = g.noise(p, spec.scale * 2.0, 3.0)
    blister = g.cells(g.vector("ADD", p, g.stretch(gray(g, melt), 0.01, 0.01, 0.0)), spec.scale)
    ragged = g.noise(p, spec.scale * 0.4, 3.0)
    away = g.math("MULTIPLY_ADD", ragged, 0.5, blister.outputs["Distance"])
    some, _, _ = g.parts(blister.outputs["Color"])
    burnt = g.math("MULTIPLY", g.remap(away, 0.75, 0.4), g.remap(some, 0.45, 0.75))
    soft = g.remap(melt, 0.45, 0.75, 0.0, 0.4)
    g.set(base_color=g.mix(g.math("MAXIMUM", burnt, soft), spec.color_a, spec.color_b))
    g.set(subsurface_weight=0.15, subsurface_radius=(1.0, 0.7, 0.4), subsurface_scale=0.003)
    g.bump(g.math("MULTIPLY_ADD", burnt, 0.6, melt), spec.bump)


def _icing(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    swirl = g.noise(p, spec.scale, 2.0)
    g.set(base_color=g.mix(swirl, spec.color_a, spec.color_b))
    g.set(subsurface_weight=0.2, subsurface_radius=(1.0, 0.8, 0.6), subsurface_scale=0.003)
    g.bump(swirl, spec.bump)


def _chocolate(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    melt = g.noise(p, spec.scale, 2.0)
    g.set(base_color=g.mix(melt, spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.02, 3.0), 0.1))
    g.bump(melt, spec.bump)


def _stem(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    fibre = g.noise(g.stretch(p, 1.0, 1.0, 0.15), spec.scale, 4.0)
    g.set(base_color=g.mix(g.remap(fibre, 0.3, 0.7), spec.color_b, spec.color_a))
    g.bump(fibre, spec.bump)


def _wax(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    drip = g.noise(g.stretch(p, 1.0, 1.0, 0.4), spec.scale, 2.0)
    g.set(base_color=g.mix(drip, spec.color_a, spec.color_b), subsurface_weight=0.4)
    g.set(subsurface_radius=(1.0, 0.6, 0.4), subsurface_scale=0.006)
    g.bump(drip, spec.bump)


def _foliage(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire leaves, each with a different green; transmitted light is yellower than reflected
    light."""
    vein = g.cells(p, spec.scale, "DISTANCE_TO_EDGE").outputs["Distance"]
    tone = g.noise(p, 0.05, 3.0)
    own = g.math("MULTIPLY_ADD", g.island(), 0.6, g.math("MULTIPLY", tone, 0.4))
    leaf = g.mix(own, darker(spec.color_a, 0.75), g.mix(0.35, spec.color_a, spec.color_b))
    green = g.mix(g.remap(vein, 0.06, 0.0, 0.0, 0.45), leaf, spec.color_b)
    g.set(base_color=green)
    g.bump(g.remap(vein, 0.0, 0.2), spec.bump)
    through = g.node("BsdfTranslucent", {}, g.mix(0.6, green, spec.color_b))
    mixed = g.node("MixShader", {}, 0.3, g.bsdf.outputs[0], through.outputs[0])
    g.feed(g.output.inputs["Surface"], mixed.outputs[0])


def _bark(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire plates between furrows along the trunk."""
    warp = g.noise(p, spec.scale * 2.0, 3.0)
    bent = g.vector("ADD", g.stretch(p, 1.0, 1.0, 0.22), g.stretch(gray(g, warp), 0.03, 0.03, 0.0))
    plate = g.cells(bent, spec.scale, "DISTANCE_TO_EDGE").outputs["Distance"]
    rough = g.noise(g.stretch(p, 1.0, 1.0, 0.4), spec.scale * 0.3, 6.0)
    height = g.math("MULTIPLY_ADD", rough, 1.2, g.remap(plate, 0.0, 0.3))
    g.set(base_color=g.mix(g.remap(height, 1.7, 0.5), spec.color_a, spec.color_b))
    g.set(specular_ior_level=0.2)
    g.bump(height, spec.bump)


RECIPES: dict[str, Recipe] = {
    "wood": _wood,
    "fruit_red": _fruit,
    "fruit_yellow": _peel,
    "banana": _banana,
    "fruit_green": _fruit,
    "orange_peel": _orange_peel,
    "carrot": _carrot,
    "dough": _dough,
    "icing": _icing,
    "chocolate": _chocolate,
    "stem": _stem,
    "wax": _wax,
    "foliage": _foliage,
    "bark": _bark,
    "cheese": _dough,
    "broccoli": _dough,
    **dict.fromkeys(
        ("sauce", "tomato_sauce", "meat", "sausage", "starch", "vegetables"), _food
    ),  # fmt: skip,
    "lettuce": _foliage,
    "melted_cheese": _melted,
}
