"""Building blocks shared by recipes: weave, grain, bricks, text, planes."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Node, Socket
from simgen.spec.scene import MaterialSpec

PAPER_WHITE = (0.76, 0.75, 0.71)
INK = (0.025, 0.025, 0.03)


def darker(color: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    red, green, blue = (channel * factor for channel in color)
    return red, green, blue


def grain(g: Graph, spec: MaterialSpec, p: Socket, ring: float, tint: Socket | None = None) -> None:
    """Wire growth rings `ring` metres apart around the x axis, with fibres and pores along it."""
    warp = g.noise(g.stretch(p, 0.12, 1.0, 1.0), ring * 20.0, 2.0)
    _, y, z = g.parts(p)
    radius = g.vector("LENGTH", g.join(y, z))
    turns = g.math("MULTIPLY_ADD", warp, 4.0, g.math("DIVIDE", radius, ring))
    # Early wood darkens gradually into late wood and then ends abruptly: a sawtooth, not a sine.
    saw = g.math("POWER", g.math("FRACT", turns), 2.5)
    # Years differ: some rings are faint.
    year = g.noise(g.join(g.math("MULTIPLY", turns, 1e-3), 0.0), 2.2e-3, 1.0)
    saw = g.math("MULTIPLY", saw, g.remap(year, 0.3, 0.7, 0.15, 1.0))
    fibre = g.noise(g.stretch(p, 0.03, 1.0, 1.0), 0.0012, 3.0)
    dark = g.math("MULTIPLY_ADD", g.remap(fibre, 0.35, 0.75), 0.45, g.math("MULTIPLY", saw, 0.6))
    color = g.mix(dark, spec.color_a, spec.color_b)
    g.set(base_color=g.mix(0.5, color, tint, "MULTIPLY") if tint else color)
    g.set(roughness=g.vary(spec.roughness, fibre, 0.15))
    g.bump(g.math("SUBTRACT", 1.0, dark), spec.bump)


def bricks(g: Graph, p: Socket, width: float, height: float, gap: float) -> Node:
    """Return bricks in xy: `Color` is a random grey per brick, `Factor` is 1 in the joints."""
    brick = g.node("TexBrick", {"offset": 0.37}, p, (0, 0, 0), (1, 1, 1), (0, 0, 0), 1.0)
    brick.inputs["Mortar Size"].default_value = gap
    brick.inputs["Mortar Smooth"].default_value = 0.2
    brick.inputs["Brick Width"].default_value = width
    brick.inputs["Row Height"].default_value = height
    return brick


def joint(g: Graph, spec: MaterialSpec, joint: Socket) -> None:
    """Darken the joints of the material wired so far."""
    color = g.bsdf.inputs["Base Color"].links[0].from_socket
    g.set(base_color=g.mix(g.math("MULTIPLY", joint, 0.75), color, darker(spec.color_b, 0.3)))


def only(g: Graph, shape: Socket, chance: Socket, low: float, high: float) -> Socket:
    """Return `shape` where `chance` is in `low..high`, else 0."""
    distance = g.math("ABSOLUTE", g.math("SUBTRACT", chance, (low + high) / 2.0))
    return g.math("MULTIPLY", shape, g.math("LESS_THAN", distance, (high - low) / 2.0))


def text(g: Graph, sheet: Socket, height: float) -> Socket:
    """Return 1 where there is ink of text lines `height` metres apart."""
    u, v, _ = g.parts(g.stretch(sheet, 1.0 / height, 1.0 / height, 0.0))
    line = g.math("FLOOR", v)
    letter = g.join(g.math("FLOOR", g.math("MULTIPLY", u, 3.0)), line)
    word = g.join(g.math("FLOOR", g.math("MULTIPLY", u, 0.7)), line, 0.5)
    inked = g.math("GREATER_THAN", g.random(letter), 0.35)
    inked = g.math("MULTIPLY", inked, g.math("GREATER_THAN", g.random(word), 0.15))
    return g.math("MULTIPLY", inked, g.math("GREATER_THAN", g.math("FRACT", v), 0.5))


def weave(g: Graph, sheet: Socket, thread: float) -> tuple[Socket, Socket]:
    """Return a plain weave in UVs: the height of the cloth, and 1 where the warp is on top."""
    scaled = g.stretch(sheet, 1.0 / thread, 1.0 / thread, 0.0)
    u, v, _ = g.parts(scaled)
    over = g.math("FLOORED_MODULO", g.math("ADD", g.math("FLOOR", u), g.math("FLOOR", v)), 2.0)
    across, along = g.math("PINGPONG", u, 0.5), g.math("PINGPONG", v, 0.5)
    height = g.node("Mix", {"data_type": "FLOAT"}, over, None, across, along).outputs[0]
    return g.math("MULTIPLY", height, 2.0), over


def sheet(g: Graph, spec: MaterialSpec) -> Socket:
    """Return the mesh's UVs, in metres, shifted by the spec's offset."""
    return g.vector("ADD", g.coordinates("UV"), spec.offset)


def see_through(g: Graph, spec: MaterialSpec, ior: float) -> None:
    """Make the material transparent to shadow rays: without caustics, it would block light."""
    g.feed(g.bsdf.inputs["IOR"], ior)
    clear = g.node("BsdfTransparent", {}, darker(spec.color_a, 0.9))
    path = g.node("LightPath", {})
    cheap = g.math("MAXIMUM", path.outputs["Is Shadow Ray"], path.outputs["Is Diffuse Ray"])
    mixed = g.node("MixShader", {}, cheap, g.bsdf.outputs[0], clear.outputs[0])
    g.feed(g.output.inputs["Surface"], mixed.outputs[0])


def slope_plane(g: Graph, p: Socket) -> Socket:
    """Return coordinates on flat walls, roofs and floors, metres: horizontal, and up the slope.

    Seen from outside. Horizontal faces have x and y.
    """
    normal = g.coordinates("Normal")
    # The small term makes x the horizontal direction of level faces, which have none.
    level = g.vector("ADD", g.vector("CROSS_PRODUCT", (0.0, 0.0, 1.0), normal), (1e-4, 0.0, 0.0))
    across = g.vector("NORMALIZE", level)
    up = g.vector("CROSS_PRODUCT", normal, across)
    return g.join(g.vector("DOT_PRODUCT", p, across), g.vector("DOT_PRODUCT", p, up))


def face_plane(g: Graph, p: Socket) -> Socket:
    """Return coordinates on any surface, metres: the two axes that it faces least, with z up on
    sides."""
    x, y, z = g.parts(p)
    nx, ny, nz = g.parts(g.vector("ABSOLUTE", g.coordinates("Normal")))
    is_flat = g.math("GREATER_THAN", nz, g.math("MAXIMUM", nx, ny))
    is_side = g.math("GREATER_THAN", nx, ny)
    return g.join(g.either(is_flat, g.either(is_side, x, y), x), g.either(is_flat, z, y))


def gray(g: Graph, value: Socket) -> Socket:
    return g.join(value, value, value)
