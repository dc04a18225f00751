"""One small recipe per kind of material, each a Principled BSDF fed by textures.

Patterns are cut out of endless solid textures in object space, in metres, so that a feature has
its real size on whatever mesh it lies. Print and cloth alone follow the mesh's UVs, which for
simgen's own shapes are in metres as well. Node counts are kept low: textures are evaluated at
every bounce, and three times over wherever they feed a bump.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy

from simgen.blender.nodes import Graph, Socket
from simgen.spec import MaterialSpec

THREAD = 0.0012
"""Metres between the threads of a tablecloth."""

_PAPER_WHITE = (0.76, 0.75, 0.71)
_INK = (0.025, 0.025, 0.03)

type Recipe = Callable[[Graph, MaterialSpec, Socket], None]
"""Wires colour, roughness and relief. The socket is the pattern's coordinates, in metres."""


# -- what objects are made of ----------------------------------------------------------------


def _plastic(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    smudge = g.noise(p, 0.03, 3.0)
    g.set(roughness=g.vary(spec.roughness, smudge, 0.12))
    g.bump(g.noise(p, spec.scale, 1.0), spec.bump)


def _ceramic(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    speckle = g.remap(g.noise(p, spec.scale * 0.3, 2.0), 0.66, 0.7)
    cloud = g.noise(p, spec.scale * 6.0, 3.0)
    glaze = g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, _darker(spec.color_a, 0.86))
    g.set(base_color=g.mix(speckle, glaze, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.05))
    g.bump(g.noise(p, spec.scale, 2.0), spec.bump)


def _metal(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    brush = g.noise(g.stretch(p, 1.0, 1.0, 0.02), spec.scale, 2.0)
    stain = g.noise(p, 0.04, 3.0)
    g.set(base_color=g.mix(stain, spec.color_a, spec.color_b), anisotropic=0.4)
    g.set(
        roughness=g.vary(spec.roughness, g.math("ADD", brush, g.math("SUBTRACT", stain, 0.5)), 0.3)
    )
    g.bump(brush, spec.bump)


def _painted(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    wear = g.noise(p, spec.scale, 6.0)
    chipped = g.remap(wear, 0.7, 0.705)
    g.set(base_color=g.mix(chipped, spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, wear, 0.15))
    peel = g.noise(p, 0.0025, 1.0)
    g.bump(g.math("SUBTRACT", peel, chipped), spec.bump)


def _wood(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    # Trees grow along z; the offset puts their heart somewhere outside of the object.
    x, y, z = g.parts(p)
    _grain(g, spec, g.join(z, x, y), spec.scale)


def _grain(
    g: Graph, spec: MaterialSpec, p: Socket, ring: float, tint: Socket | None = None
) -> None:
    """Growth rings `ring` metres apart around the x axis, with fibres and pores along it."""
    warp = g.noise(g.stretch(p, 0.12, 1.0, 1.0), ring * 8.0, 2.0)
    _, y, z = g.parts(p)
    radius = g.vector("LENGTH", g.join(y, z))
    turns = g.math("MULTIPLY_ADD", warp, 5.0, g.math("DIVIDE", radius, ring))
    # Early wood darkens slowly into late wood, then breaks off: a saw, not a sine.
    saw = g.math("POWER", g.math("FRACT", turns), 2.5)
    fibre = g.noise(g.stretch(p, 0.03, 1.0, 1.0), 0.0012, 3.0)
    dark = g.math("MULTIPLY_ADD", g.remap(fibre, 0.35, 0.75), 0.45, g.math("MULTIPLY", saw, 0.6))
    color = g.mix(dark, spec.color_a, spec.color_b)
    g.set(base_color=g.mix(0.5, color, tint, "MULTIPLY") if tint else color)
    g.set(roughness=g.vary(spec.roughness, fibre, 0.15))
    g.bump(g.math("SUBTRACT", 1.0, dark), spec.bump)


def _glass(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Clear to shadow rays: without caustics, light could not get through it otherwise."""
    g.feed(g.bsdf.inputs["IOR"], 1.47)
    g.bump(g.noise(p, spec.scale, 0.0), spec.bump)
    clear = g.node("BsdfTransparent", {}, _darker(spec.color_a, 0.9))
    path = g.node("LightPath", {})
    cheap = g.math("MAXIMUM", path.outputs["Is Shadow Ray"], path.outputs["Is Diffuse Ray"])
    mixed = g.node("MixShader", {}, cheap, g.bsdf.outputs[0], clear.outputs[0])
    g.feed(g.output.inputs["Surface"], mixed.outputs[0])


def _paper(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    # Sheets lie in xy: thin lines show where a stack is seen from its side, and only there.
    _, _, z = g.parts(p)
    sheet = g.random(g.join(g.math("FLOOR", g.math("DIVIDE", z, spec.scale * 0.3)), 0.0))
    pulp = g.noise(p, spec.scale, 4.0)
    g.set(base_color=g.mix(g.math("MULTIPLY", sheet, pulp), spec.color_a, spec.color_b))
    g.bump(pulp, spec.bump)


def _print(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Blocks in the two colours and white; some carry a disc, stripes or lines of "text"."""
    sheet = g.vector("ADD", g.coordinates("UV"), spec.offset)
    u, v, _ = g.parts(g.stretch(sheet, 1.0 / spec.scale, 0.6 / spec.scale, 0.0))
    block = g.join(g.math("FLOOR", u), g.math("FLOOR", v))
    paint, what, other = g.parts(g.node("TexWhiteNoise", {}, block).outputs["Color"])
    ground = g.mix(g.math("LESS_THAN", paint, 0.4), spec.color_a, spec.color_b)
    ground = g.mix(g.math("LESS_THAN", other, 0.25), ground, _PAPER_WHITE)
    # White does not show on white, nor ink on a dark ground: both are there by chance.
    figure = g.mix(g.math("LESS_THAN", other, 0.5), _PAPER_WHITE, _INK)
    within = g.join(g.math("FRACT", u), g.math("FRACT", v))
    centred = g.vector("ABSOLUTE", g.vector("SUBTRACT", within, (0.5, 0.5, 0.0)))
    disc = g.math("LESS_THAN", g.vector("LENGTH", centred), 0.36)
    stripe = g.math("LESS_THAN", g.math("FRACT", g.math("MULTIPLY", u, 5.0)), 0.4)
    shapes = [
        _only(g, disc, what, 0.0, 0.14),
        _only(g, stripe, what, 0.14, 0.24),
        _only(g, _text(g, sheet, spec.scale * 0.22), what, 0.24, 0.5),
        _only(g, _text(g, sheet, 0.0035), what, 0.5, 0.8),
    ]
    anything = g.math("MAXIMUM", *shapes[:2])
    for shape in shapes[2:]:
        x, y, _ = g.parts(centred)
        inside = g.math("LESS_THAN", g.math("MAXIMUM", x, y), 0.42)
        anything = g.math("MAXIMUM", anything, g.math("MULTIPLY", shape, inside))
    g.set(base_color=g.mix(anything, ground, figure))
    g.bump(g.noise(p, 0.0008, 1.0), spec.bump)


def _only(g: Graph, shape: Socket, chance: Socket, low: float, high: float) -> Socket:
    """`shape` where `chance` lies in `low..high`, else 0."""
    distance = g.math("ABSOLUTE", g.math("SUBTRACT", chance, (low + high) / 2.0))
    return g.math("MULTIPLY", shape, g.math("LESS_THAN", distance, (high - low) / 2.0))


def _text(g: Graph, sheet: Socket, height: float) -> Socket:
    """1 where lines of words `height` metres apart have ink."""
    u, v, _ = g.parts(g.stretch(sheet, 1.0 / height, 1.0 / height, 0.0))
    line = g.math("FLOOR", v)
    letter = g.join(g.math("FLOOR", g.math("MULTIPLY", u, 3.0)), line)
    word = g.join(g.math("FLOOR", g.math("MULTIPLY", u, 0.7)), line, 0.5)
    inked = g.math("GREATER_THAN", g.random(letter), 0.35)
    inked = g.math("MULTIPLY", inked, g.math("GREATER_THAN", g.random(word), 0.15))
    return g.math("MULTIPLY", inked, g.math("GREATER_THAN", g.math("FRACT", v), 0.5))


def _fabric(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    height, over = _weave(g, g.vector("ADD", g.coordinates("UV"), spec.offset), spec.scale)
    cloud = g.noise(p, 0.03, 4.0)
    color = g.mix(over, spec.color_a, spec.color_b)
    hollow = g.remap(height, 0.0, 0.5, 0.55, 1.0)
    color = g.mix(1.0, color, g.join(hollow, hollow, hollow), "MULTIPLY")
    g.set(base_color=g.mix(g.remap(cloud, 0.4, 0.8, 0.0, 0.4), color, spec.color_b))
    g.set(sheen_weight=0.3)
    g.bump(height, spec.bump)


def _weave(g: Graph, sheet: Socket, thread: float) -> tuple[Socket, Socket]:
    """Plain weave in UVs: the height of the cloth, and 1 where the warp lies on top."""
    scaled = g.stretch(sheet, 1.0 / thread, 1.0 / thread, 0.0)
    u, v, _ = g.parts(scaled)
    over = g.math("FLOORED_MODULO", g.math("ADD", g.math("FLOOR", u), g.math("FLOOR", v)), 2.0)
    across, along = g.math("PINGPONG", u, 0.5), g.math("PINGPONG", v, 0.5)
    height = g.node("Mix", {"data_type": "FLOAT"}, over, None, across, along).outputs[0]
    return g.math("MULTIPLY", height, 2.0), over


def _rubber(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    dust = g.noise(p, 0.03, 4.0)
    g.set(base_color=g.mix(g.remap(dust, 0.4, 0.75), spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, dust, 0.15))
    g.bump(g.noise(p, spec.scale, 2.0), spec.bump)


def _stone(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    cloud = g.noise(p, spec.scale, 6.0)
    # A vein runs where strongly warped noise crosses its mean.
    bend = g.math("MULTIPLY_ADD", cloud, 0.35, g.noise(p, spec.scale * 1.7, 2.0))
    vein = g.math("ABSOLUTE", g.math("SUBTRACT", bend, 0.675))
    color = g.mix(g.remap(cloud, 0.25, 0.8, 0.0, 0.5), spec.color_a, spec.color_b)
    faint = g.math("MULTIPLY", g.remap(vein, 0.02, 0.0), g.remap(cloud, 0.3, 0.55))
    g.set(base_color=g.mix(faint, color, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.1))
    g.bump(g.noise(p, 0.002, 3.0), spec.bump)


def _fruit(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Skin that turns to its second colour towards the poles, with lenticels."""
    _, _, height = g.parts(g.coordinates("Generated"))
    pole = g.math("ABSOLUTE", g.math("SUBTRACT", height, 0.45))
    streak = g.noise(g.stretch(p, 1.0, 1.0, 0.25), 0.012, 4.0)
    turn = g.remap(g.math("MULTIPLY_ADD", streak, 0.6, pole), 0.45, 0.95)
    skin = g.mix(turn, spec.color_a, spec.color_b)
    dot = g.remap(g.cells(p, spec.scale).outputs["Distance"], 0.16, 0.1)
    g.set(base_color=g.mix(g.math("MULTIPLY", dot, 0.6), skin, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, streak, 0.1))
    g.bump(g.noise(p, spec.scale * 0.5, 2.0), spec.bump)


def _peel(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Skin of lemons, oranges and bananas: pitted, spotted, its ends in the second colour."""
    _, _, height = g.parts(g.coordinates("Generated"))
    end = g.remap(g.math("ABSOLUTE", g.math("SUBTRACT", height, 0.5)), 0.4, 0.5)
    spot = g.remap(g.noise(p, 0.012, 4.0), 0.62, 0.72, 0.0, 0.5)
    g.set(base_color=g.mix(g.math("MULTIPLY_ADD", end, 0.5, spot), spec.color_a, spec.color_b))
    pit = g.cells(p, spec.scale, "SMOOTH_F1").outputs["Distance"]
    g.bump(g.remap(pit, 0.0, 0.6), spec.bump)


def _stem(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    fibre = g.noise(g.stretch(p, 1.0, 1.0, 0.15), spec.scale, 4.0)
    g.set(base_color=g.mix(g.remap(fibre, 0.3, 0.7), spec.color_b, spec.color_a))
    g.bump(fibre, spec.bump)


def _wax(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    drip = g.noise(g.stretch(p, 1.0, 1.0, 0.4), spec.scale, 2.0)
    g.set(base_color=g.mix(drip, spec.color_a, spec.color_b), subsurface_weight=0.4)
    g.set(subsurface_radius=(1.0, 0.6, 0.4), subsurface_scale=0.006)
    g.bump(drip, spec.bump)


# -- what stages are made of -----------------------------------------------------------------


def _boards(length: float, gap: float) -> Recipe:
    """Boards `spec.scale` wide along x, each cut from another place of the tree."""

    def recipe(g: Graph, spec: MaterialSpec, p: Socket) -> None:
        brick = _bricks(g, p, spec.scale * length, spec.scale, gap)
        board = g.stretch(brick.outputs["Color"], 7.0, 7.0, 7.0)
        tint = g.remap(g.parts(brick.outputs["Color"])[0], 0.0, 1.0, 0.7, 1.25)
        _grain(g, spec, g.vector("ADD", p, board), 0.008, g.join(tint, tint, tint))
        _joint(g, spec, brick.outputs["Factor"])

    return recipe


def _bricks(g: Graph, p: Socket, width: float, height: float, gap: float) -> bpy.types.Node:
    """Bricks in xy: `Color` is a random grey per brick, `Factor` is 1 in the joints."""
    brick = g.node("TexBrick", {"offset": 0.37}, p, (0, 0, 0), (1, 1, 1), (0, 0, 0), 1.0)
    brick.inputs["Mortar Size"].default_value = gap
    brick.inputs["Mortar Smooth"].default_value = 0.2
    brick.inputs["Brick Width"].default_value = width
    brick.inputs["Row Height"].default_value = height
    return brick


def _joint(g: Graph, spec: MaterialSpec, joint: Socket) -> None:
    """Darken the joints of what is wired already."""
    color = g.bsdf.inputs["Base Color"].links[0].from_socket
    g.set(base_color=g.mix(g.math("MULTIPLY", joint, 0.75), color, _darker(spec.color_b, 0.3)))


def _concrete(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    cloud = g.noise(p, spec.scale, 8.0)
    pore = g.remap(g.cells(p, 0.022).outputs["Distance"], 0.09, 0.05)
    color = g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, spec.color_b)
    g.set(base_color=g.mix(g.math("MULTIPLY", pore, 0.6), color, _darker(spec.color_b, 0.5)))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.15))
    g.bump(g.math("SUBTRACT", cloud, pore), spec.bump)


def _tiles(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    brick = _bricks(g, p, spec.scale, spec.scale, 0.002)
    brick.offset = 0.0
    joint = brick.outputs["Factor"]
    shade = g.parts(brick.outputs["Color"])[0]
    cloud = g.noise(p, 0.05, 4.0)
    tile = g.mix(g.math("MULTIPLY", shade, 0.7), spec.color_a, _darker(spec.color_a, 0.8))
    tile = g.mix(g.remap(cloud, 0.4, 0.8, 0.0, 0.4), tile, _darker(spec.color_a, 0.7))
    g.set(base_color=g.mix(joint, tile, spec.color_b))
    worn = g.vary(spec.roughness, cloud, 0.08)
    g.set(roughness=g.math("MAXIMUM", worn, g.math("MULTIPLY", joint, 0.8)))
    g.bump(g.math("MULTIPLY_ADD", cloud, 0.05, g.math("SUBTRACT", 1.0, joint)), spec.bump)


def _tablecloth(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Gingham, `spec.scale` wide: where both ways of thread are coloured, it is darkest."""
    height, _ = _weave(g, g.coordinates("UV"), THREAD)
    x, y, _ = g.parts(p)
    ways = [
        g.math("LESS_THAN", g.math("FLOORED_MODULO", axis, spec.scale * 2.0), spec.scale)
        for axis in (x, y)
    ]
    stripes = g.math("MULTIPLY", g.math("ADD", *ways), 0.5)
    crease = g.noise(p, 0.12, 3.0)
    g.set(base_color=g.mix(stripes, spec.color_a, spec.color_b), sheen_weight=0.2)
    g.bump(g.math("MULTIPLY_ADD", crease, 6.0, height), spec.bump)


def _laminate(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    fleck = g.noise(p, spec.scale, 3.0)
    smudge = g.noise(p, 0.12, 4.0)
    g.set(base_color=g.mix(g.remap(fleck, 0.45, 0.62), spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, smudge, 0.15))
    g.bump(g.noise(p, 0.001, 1.0), spec.bump)


def _terrazzo(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    # Warped cells: chips are broken stone, not dots.
    warp = g.node("TexNoise", {}, p, None, 1.6 / spec.scale, 2.0)
    shift = g.vector("SUBTRACT", warp.outputs["Color"], (0.5, 0.5, 0.5))
    reach = spec.scale * 1.2
    cells = g.cells(g.vector("ADD", p, g.stretch(shift, reach, reach, reach)), spec.scale)
    hue, size, _ = g.parts(cells.outputs["Color"])
    chip = g.math("LESS_THAN", cells.outputs["Distance"], g.math("MULTIPLY", size, 0.5))
    shade = g.mix(g.remap(hue, 0.4, 0.6), _darker(spec.color_b, 0.5), spec.color_b)
    shade = g.mix(g.math("GREATER_THAN", hue, 0.75), shade, (0.7, 0.68, 0.64))
    grit = g.remap(g.noise(p, 0.0015, 2.0), 0.3, 0.7, 0.85, 1.05)
    ground = g.mix(1.0, spec.color_a, g.join(grit, grit, grit), "MULTIPLY")
    g.set(base_color=g.mix(chip, ground, shade))
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.1, 3.0), 0.08))


def _plaster(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    cloud = g.noise(p, 0.4, 3.0)
    g.set(base_color=g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, spec.color_b))
    g.bump(g.noise(p, spec.scale, 3.0), spec.bump)


def _darker(color: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    red, green, blue = (channel * factor for channel in color)
    return red, green, blue


RECIPES: dict[str, Recipe] = {
    "plastic": _plastic,
    "ceramic": _ceramic,
    "metal": _metal,
    "painted": _painted,
    "wood": _wood,
    "glass": _glass,
    "paper": _paper,
    "print": _print,
    "fabric": _fabric,
    "rubber": _rubber,
    "stone": _stone,
    "fruit_red": _fruit,
    "fruit_yellow": _peel,
    "fruit_green": _fruit,
    "stem": _stem,
    "wax": _wax,
    "tabletop_wood": _boards(length=14.0, gap=0.0004),
    "floorboards": _boards(length=10.0, gap=0.0015),
    "concrete": _concrete,
    "tiles": _tiles,
    "tablecloth": _tablecloth,
    "laminate": _laminate,
    "terrazzo": _terrazzo,
    "plaster": _plaster,
}
