"""Boards, tiles, bricks, plaster and other materials of walls, roofs and floors."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import bricks, darker, joint, slope_plane


def _boards(length: float, gap: float) -> Recipe:
    """Return a recipe for boards `spec.scale` wide along x, each cut from another part of the
    tree."""

    def recipe(g: Graph, spec: MaterialSpec, p: Socket) -> None:
        brick = bricks(g, p, spec.scale * length, spec.scale, gap)
        chance = g.parts(brick.outputs["Color"])[0]
        tint = g.remap(chance, 0.0, 1.0, 0.85, 1.15)
        _planed(g, spec, p, chance, g.join(tint, tint, tint))
        joint(g, spec, brick.outputs["Factor"])

    return recipe


def _planed(g: Graph, spec: MaterialSpec, p: Socket, chance: Socket, tint: Socket) -> None:
    """Wire the face of a board sawn from a trunk that leans along x: arches, with lines beside
    them.

    chance: 0..1, one per board, sets the distance of the cut from the heart.
    """
    x, y, _ = g.parts(p)
    row = g.math("FRACT", g.math("DIVIDE", y, spec.scale))
    aside = g.math("MULTIPLY_ADD", chance, 2.2, -1.6)
    across = g.math("MULTIPLY", g.math("ADD", row, aside), spec.scale)
    # Every board is from another position along the trunk, which is slightly bent.
    place = g.math("MULTIPLY_ADD", chance, 57.0, x)
    wander = g.noise(g.join(g.math("MULTIPLY", place, 0.35), across, chance), 0.12, 2.0)
    deep = g.math("MULTIPLY", g.math("PINGPONG", place, 1.7), 0.03)
    deep = g.math("MULTIPLY_ADD", wander, 0.05, deep)
    radius = g.vector("LENGTH", g.join(across, deep))
    turns = g.math("DIVIDE", radius, 0.0042)
    year = g.noise(g.join(g.math("MULTIPLY", turns, 1e-3), chance), 1.5e-3, 2.0)
    late = g.math("POWER", g.math("FRACT", g.math("MULTIPLY_ADD", year, 2.0, turns)), 2.0)
    ring = g.math("MULTIPLY", late, g.remap(year, 0.3, 0.7, 0.1, 1.0))
    fibre = g.noise(g.stretch(g.join(place, y, 0.0), 0.02, 1.0, 1.0), 0.0009, 3.0)
    cloud = g.noise(g.stretch(p, 0.4, 1.0, 1.0), 0.08, 2.0)
    dark = g.math("MULTIPLY_ADD", g.remap(fibre, 0.35, 0.75), 0.35, g.math("MULTIPLY", ring, 0.5))
    dark = g.math("MULTIPLY_ADD", g.remap(cloud, 0.3, 0.8), 0.25, dark)
    color = g.mix(dark, spec.color_a, spec.color_b)
    g.set(base_color=g.mix(1.0, color, tint, "MULTIPLY"))
    g.set(roughness=g.vary(spec.roughness, fibre, 0.12))
    g.bump(g.math("SUBTRACT", 1.0, dark), spec.bump)


def _concrete(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    cloud = g.noise(p, spec.scale, 8.0)
    pore = g.remap(g.cells(p, 0.022).outputs["Distance"], 0.09, 0.05)
    color = g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, spec.color_b)
    g.set(base_color=g.mix(g.math("MULTIPLY", pore, 0.6), color, darker(spec.color_b, 0.5)))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.15))
    g.bump(g.math("SUBTRACT", cloud, pore), spec.bump)


def _tiles(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    brick = bricks(g, p, spec.scale, spec.scale, 0.002)
    brick.offset = 0.0
    joint = brick.outputs["Factor"]
    shade = g.parts(brick.outputs["Color"])[0]
    cloud = g.noise(p, 0.05, 4.0)
    tile = g.mix(g.math("MULTIPLY", shade, 0.7), spec.color_a, darker(spec.color_a, 0.8))
    tile = g.mix(g.remap(cloud, 0.4, 0.8, 0.0, 0.4), tile, darker(spec.color_a, 0.7))
    g.set(base_color=g.mix(joint, tile, spec.color_b))
    worn = g.vary(spec.roughness, cloud, 0.08)
    g.set(roughness=g.math("MAXIMUM", worn, g.math("MULTIPLY", joint, 0.8)))
    g.bump(g.math("MULTIPLY_ADD", cloud, 0.05, g.math("SUBTRACT", 1.0, joint)), spec.bump)


def _laminate(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    fleck = g.noise(p, spec.scale, 3.0)
    smudge = g.noise(p, 0.12, 4.0)
    g.set(base_color=g.mix(g.remap(fleck, 0.45, 0.62), spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, smudge, 0.15))
    g.bump(g.noise(p, 0.001, 1.0), spec.bump)


def _terrazzo(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    # Warped cells, since chips are broken stone rather than dots.
    warp = g.node("TexNoise", {}, p, None, 1.6 / spec.scale, 2.0)
    shift = g.vector("SUBTRACT", warp.outputs["Color"], (0.5, 0.5, 0.5))
    reach = spec.scale * 1.2
    cells = g.cells(g.vector("ADD", p, g.stretch(shift, reach, reach, reach)), spec.scale)
    hue, size, _ = g.parts(cells.outputs["Color"])
    chip = g.math("LESS_THAN", cells.outputs["Distance"], g.math("MULTIPLY", size, 0.5))
    shade = g.mix(g.remap(hue, 0.4, 0.6), darker(spec.color_b, 0.5), spec.color_b)
    shade = g.mix(g.math("GREATER_THAN", hue, 0.75), shade, (0.7, 0.68, 0.64))
    grit = g.remap(g.noise(p, 0.0015, 2.0), 0.3, 0.7, 0.85, 1.05)
    ground = g.mix(1.0, spec.color_a, g.join(grit, grit, grit), "MULTIPLY")
    g.set(base_color=g.mix(chip, ground, shade))
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.1, 3.0), 0.08))


def _plaster(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    cloud = g.noise(p, 0.4, 3.0)
    g.set(base_color=g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, spec.color_b))
    g.bump(g.noise(p, spec.scale, 3.0), spec.bump)


def _wallpaper(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a wallpaper with figures `spec.scale` apart, upright on walls."""
    on_wall = slope_plane(g, p)
    figure = _figure(g, on_wall, spec)
    pulp = g.noise(p, 0.003, 3.0)
    tone = g.math("MULTIPLY", figure, 0.7)
    g.set(base_color=g.mix(tone, spec.color_a, spec.color_b))
    g.bump(g.math("MULTIPLY_ADD", figure, 0.5, pulp), spec.bump)


def _figure(g: Graph, on_wall: Socket, spec: MaterialSpec) -> Socket | float:
    """Return 1 where the wallpaper has its second colour."""
    one = 1.0 / spec.scale
    u, v, _ = g.parts(g.stretch(on_wall, one, one, 0.0))
    if spec.motif == "stripes":
        return g.math("LESS_THAN", g.math("FRACT", u), 0.5)
    if spec.motif == "plain":
        return 0.0
    # Alternate rows are shifted by half a step.
    row = g.math("FLOORED_MODULO", g.math("FLOOR", v), 2.0)
    x = g.math("SUBTRACT", g.math("FRACT", g.math("MULTIPLY_ADD", row, 0.5, u)), 0.5)
    y = g.math("SUBTRACT", g.math("FRACT", v), 0.5)
    radius = g.vector("LENGTH", g.join(x, y))
    if spec.motif == "dots":
        return g.math("LESS_THAN", radius, 0.14)
    petals = g.math("COSINE", g.math("MULTIPLY", g.math("ARCTAN2", y, x), 6.0))
    edge = g.math("MULTIPLY_ADD", petals, 0.12, 0.3)
    bloom = g.math("LESS_THAN", radius, edge)
    return g.math("MULTIPLY", bloom, g.math("GREATER_THAN", radius, 0.1))


def _brick(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire bricks in running bond with joints of 10 mm and a random tone per brick."""
    wall = slope_plane(g, p)
    brick = bricks(g, wall, spec.scale, spec.scale * 0.32, 0.005)
    brick.offset = 0.5
    mortar = brick.outputs["Factor"]
    tone, _, _ = g.parts(brick.outputs["Color"])
    grit = g.noise(p, 0.004, 4.0)
    burnt = g.math("MULTIPLY_ADD", g.math("SUBTRACT", grit, 0.5), 0.7, tone)
    clay = g.mix(g.remap(burnt, 0.0, 1.0), spec.color_a, darker(spec.color_a, 0.5))
    dirt = g.remap(g.noise(p, 0.8, 5.0), 0.45, 0.75, 0.0, 0.3)
    joints = g.mix(g.remap(grit, 0.3, 0.7), spec.color_b, darker(spec.color_b, 0.75))
    g.set(base_color=g.mix(dirt, g.mix(mortar, clay, joints), darker(spec.color_a, 0.3)))
    g.set(specular_ior_level=0.25)
    g.bump(g.math("MULTIPLY_ADD", grit, 0.25, g.math("SUBTRACT", 1.0, mortar)), spec.bump)


def _roof_tiles(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire rows of tiles that overlap the row below, each tile one wave across, with moss and
    soot."""
    roof = slope_plane(g, p)
    course = spec.scale * 1.25
    u, v, _ = g.parts(roof)
    across = g.math("DIVIDE", u, spec.scale)
    along = g.math("FRACT", g.math("DIVIDE", v, course))
    tile = g.join(g.math("FLOOR", across), g.math("FLOOR", g.math("DIVIDE", v, course)))
    tone = g.random(tile)
    round_ = g.math("SINE", g.math("MULTIPLY", g.math("FRACT", across), 3.14159))
    # Each row is highest at its lower edge, where it rests on the row below.
    step = g.math("SUBTRACT", 1.0, along)
    shadow = g.remap(along, 0.9, 1.0, 0.0, 0.75)
    gutter = g.math("MAXIMUM", shadow, g.remap(round_, 0.35, 0.0, 0.0, 0.6))
    clay = g.mix(tone, spec.color_a, darker(spec.color_a, 0.55))
    moss = g.remap(g.noise(p, 0.5, 6.0), 0.52, 0.7, 0.0, 0.7)
    worn = g.mix(moss, clay, spec.color_b)
    g.set(base_color=g.mix(gutter, worn, darker(spec.color_a, 0.15)))
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.1, 3.0), 0.1))
    g.bump(g.math("MULTIPLY_ADD", step, 0.4, round_), spec.bump)


RECIPES: dict[str, Recipe] = {
    "tabletop_wood": _boards(length=14.0, gap=0.0004),
    "floorboards": _boards(length=10.0, gap=0.0015),
    "concrete": _concrete,
    "tiles": _tiles,
    "laminate": _laminate,
    "terrazzo": _terrazzo,
    "plaster": _plaster,
    "wallpaper": _wallpaper,
    "brick": _brick,
    "roof_tiles": _roof_tiles,
}
