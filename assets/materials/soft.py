"""Cloth, leather, fur, paper and board."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import INK, PAPER_WHITE, darker, gray, only, sheet, text, weave

THREAD = 0.0012
"""Distance between the threads of a tablecloth, metres."""

FLUTE = 0.0065
"""Distance between the flutes of corrugated board, metres (flute C has 39 to 43 per 30 cm)."""


def _paper(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    # Sheets lie in xy: thin lines show only where a stack is seen from its side.
    _, _, z = g.parts(p)
    layer = g.random(g.join(g.math("FLOOR", g.math("DIVIDE", z, spec.scale * 0.3)), 0.0))
    pulp = g.noise(p, spec.scale, 4.0)
    g.set(base_color=g.mix(g.math("MULTIPLY", layer, pulp), spec.color_a, spec.color_b))
    g.bump(pulp, spec.bump)


def _pages(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire the edges of a book's pages as lines along z, in sections of 2 mm."""
    _, _, z = g.parts(p)
    leaf = g.random(g.join(g.math("FLOOR", g.math("DIVIDE", z, 0.0004)), 0.0))
    section = g.random(g.join(g.math("FLOOR", g.math("DIVIDE", z, 0.002)), 1.0))
    line = g.math("MULTIPLY_ADD", section, 0.4, g.math("MULTIPLY", leaf, 0.6))
    pulp = g.noise(p, spec.scale, 4.0)
    tone = g.remap(g.math("MULTIPLY_ADD", pulp, 0.3, line), 0.45, 1.15)
    g.set(base_color=g.mix(tone, spec.color_a, spec.color_b), specular_ior_level=0.2)
    g.bump(leaf, spec.bump)


def _print(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire blocks in the two colours and white; some have a disc, stripes or lines of "text"."""
    uv = sheet(g, spec)
    u, v, _ = g.parts(g.stretch(uv, 1.0 / spec.scale, 0.6 / spec.scale, 0.0))
    block = g.join(g.math("FLOOR", u), g.math("FLOOR", v))
    paint, what, other = g.parts(g.node("TexWhiteNoise", {}, block).outputs["Color"])
    ground = g.mix(g.math("LESS_THAN", paint, 0.4), spec.color_a, spec.color_b)
    ground = g.mix(g.math("LESS_THAN", other, 0.25), ground, PAPER_WHITE)
    # White is invisible on white, as is ink on a dark ground, so both occur at random.
    figure = g.mix(g.math("LESS_THAN", other, 0.5), PAPER_WHITE, INK)
    within = g.join(g.math("FRACT", u), g.math("FRACT", v))
    centred = g.vector("ABSOLUTE", g.vector("SUBTRACT", within, (0.5, 0.5, 0.0)))
    disc = g.math("LESS_THAN", g.vector("LENGTH", centred), 0.36)
    stripe = g.math("LESS_THAN", g.math("FRACT", g.math("MULTIPLY", u, 5.0)), 0.4)
    shapes = [
        only(g, disc, what, 0.0, 0.14),
        only(g, stripe, what, 0.14, 0.24),
        only(g, text(g, uv, spec.scale * 0.22), what, 0.24, 0.5),
        only(g, text(g, uv, 0.0035), what, 0.5, 0.8),
    ]
    anything = g.math("MAXIMUM", *shapes[:2])
    for shape in shapes[2:]:
        x, y, _ = g.parts(centred)
        inside = g.math("LESS_THAN", g.math("MAXIMUM", x, y), 0.42)
        anything = g.math("MAXIMUM", anything, g.math("MULTIPLY", shape, inside))
    g.set(base_color=g.mix(anything, ground, figure))
    g.bump(g.noise(p, 0.0008, 1.0), spec.bump)


def _cardboard(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire corrugated board with faint lines of its flutes, and some fields of text in one ink."""
    uv = sheet(g, spec)
    u, v, _ = g.parts(uv)
    flute = g.math("PINGPONG", u, FLUTE / 2.0)
    line = g.math("MULTIPLY", flute, 2.0 / FLUTE)
    pulp = g.noise(p, 0.004, 5.0)
    tone = g.math("MULTIPLY_ADD", line, 0.25, g.remap(pulp, 0.3, 0.7, 0.0, 0.6))
    board = g.mix(tone, spec.color_a, darker(spec.color_a, 0.75))
    if spec.motif == "print":
        ink = g.math("MULTIPLY", _stamp(g, uv, u, v, spec.scale), g.remap(pulp, 0.25, 0.4))
        board = g.mix(ink, board, spec.color_b)
    g.set(base_color=board, specular_ior_level=0.3)
    g.bump(line, spec.bump)


def _stamp(g: Graph, uv: Socket, u: Socket, v: Socket, width: float) -> Socket:
    """Return 1 where a field `width` wide is printed: large letters, small ones or a framed box."""
    a, b = (g.math("DIVIDE", axis, size) for axis, size in ((u, width), (v, width * 0.5)))
    field = g.join(g.math("FLOOR", a), g.math("FLOOR", b), 0.7)
    chance = g.random(field)
    x, y = (g.math("ABSOLUTE", g.math("SUBTRACT", g.math("FRACT", c), 0.5)) for c in (a, b))
    outer = g.math("MAXIMUM", x, y)
    inside = g.math("LESS_THAN", outer, 0.36)
    frame = g.math("MULTIPLY", inside, g.math("GREATER_THAN", outer, 0.32))
    letters = g.math("MULTIPLY", text(g, uv, width * 0.14), inside)
    lines = g.math("MULTIPLY", text(g, uv, 0.008), inside)
    found = g.math("ADD", only(g, letters, chance, 0.0, 0.2), only(g, lines, chance, 0.2, 0.35))
    return g.math("ADD", found, only(g, frame, chance, 0.35, 0.45))


def _fabric(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire plain weave, dyed in one colour or with stripes or checks of undyed yarn."""
    uv = sheet(g, spec)
    height, over = weave(g, uv, spec.scale)
    cloud = g.noise(p, 0.03, 4.0)
    color = g.mix(over, spec.color_a, spec.color_b)
    if spec.motif:
        ways = g.parts(uv)[: 1 if spec.motif == "stripes" else 2]
        pale = [_stripe(g, axis, spec.scale * 24.0) for axis in ways]
        undyed = pale[0] if len(pale) == 1 else g.math("MULTIPLY", g.math("ADD", *pale), 0.5)
        color = g.mix(undyed, color, PAPER_WHITE)
    color = g.mix(1.0, color, gray(g, g.remap(height, 0.0, 0.5, 0.55, 1.0)), "MULTIPLY")
    g.set(base_color=g.mix(g.remap(cloud, 0.4, 0.8, 0.0, 0.4), color, spec.color_b))
    g.set(sheen_weight=0.15, sheen_roughness=0.4, specular_ior_level=0.25)
    g.bump(g.math("MULTIPLY_ADD", cloud, 1.5, height), spec.bump)


def _tablecloth(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire gingham, `spec.scale` wide, darkest where both warp and weft are coloured."""
    height, _ = weave(g, g.coordinates("UV"), THREAD)
    x, y, _ = g.parts(p)
    ways = [
        g.math("LESS_THAN", g.math("FLOORED_MODULO", axis, spec.scale * 2.0), spec.scale)
        for axis in (x, y)
    ]
    stripes = g.math("MULTIPLY", g.math("ADD", *ways), 0.5)
    crease = g.noise(p, 0.12, 3.0)
    g.set(base_color=g.mix(stripes, spec.color_a, spec.color_b), sheen_weight=0.2)
    g.bump(g.math("MULTIPLY_ADD", crease, 6.0, height), spec.bump)


def _stripe(g: Graph, axis: Socket, period: float) -> Socket:
    """Return 1 on a third of every `period` metres."""
    return g.math("LESS_THAN", g.math("FLOORED_MODULO", axis, period), period / 3.0)


def _leather(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire pebbled grain with varying creases, worn paler or darker."""
    warp = g.noise(p, spec.scale * 3.0, 2.0)
    bent = g.vector("ADD", p, g.stretch(gray(g, warp), spec.scale, spec.scale, spec.scale))
    seam = g.cells(bent, spec.scale, "DISTANCE_TO_EDGE").outputs["Distance"]
    grain = g.remap(seam, 0.0, 0.22)
    wear = g.noise(p, 0.05, 4.0)
    tone = g.math("MULTIPLY_ADD", g.math("SUBTRACT", 1.0, grain), 0.6, g.remap(wear, 0.3, 0.9))
    g.set(base_color=g.mix(tone, spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, wear, 0.12))
    g.bump(g.math("MULTIPLY_ADD", wear, 2.0, grain), spec.bump)


def _plush(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire tufts with dark gaps, and a bright rim as of fur against the light."""
    tuft = g.noise(p, spec.scale, 1.0)
    hair = g.noise(p, spec.scale * 0.25, 2.0)
    pile = g.math("MULTIPLY_ADD", hair, 0.5, tuft)
    g.set(base_color=g.mix(g.remap(pile, 0.9, 0.5), spec.color_a, spec.color_b))
    g.set(sheen_weight=0.6, sheen_roughness=0.35, sheen_tint=spec.color_a, specular_ior_level=0.1)
    g.bump(pile, spec.bump)


def _carpet(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    loop = g.cells(p, spec.scale)
    worn = g.noise(p, 0.5, 4.0)
    height = g.remap(loop.outputs["Distance"], 0.0, 0.8, 1.0, 0.0)
    shade, _, _ = g.parts(loop.outputs["Color"])
    deep = g.math("MULTIPLY_ADD", shade, 0.4, g.math("SUBTRACT", 0.8, height))
    yarn = g.mix(deep, spec.color_a, spec.color_b)
    g.set(base_color=g.mix(g.remap(worn, 0.4, 0.7, 0.0, 0.35), yarn, spec.color_b))
    g.set(sheen_weight=0.2, specular_ior_level=0.15)
    g.bump(height, spec.bump)


RECIPES: dict[str, Recipe] = {
    "paper": _paper,
    "pages": _pages,
    "print": _print,
    "cardboard": _cardboard,
    "fabric": _fabric,
    "linen": _fabric,
    "tablecloth": _tablecloth,
    "leather": _leather,
    "plush": _plush,
    "carpet": _carpet,
}
