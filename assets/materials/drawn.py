"""Surfaces with a drawn design: jackets, packages, labels, displays, balls.

`designs/` draws a design as a pure function of the material's spec: its colours, its motif, and a
random stream seeded by its offset. The recipes here map it onto surfaces. A design that goes once
around an object follows the object's box (Blender's generated coordinates), so that it fits any
size; displays follow UVs, which are in metres with their origin at the centre.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from simgen.rendering.blender.images import shared_image
from simgen.rendering.blender.nodes import Graph, Node, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .designs import balls, covers, displays, packages

type Layout = Callable[[Graph, MaterialSpec], Socket]
"""Returns the coordinates in the design (0..1, v up) of points of the surface."""


DESIGNS: dict[str, Callable[[MaterialSpec], np.ndarray]] = {
    "book_cover": covers.jacket,
    "package_print": packages.package,
    "shipping_carton": packages.shipping_carton,
    "label_print": packages.label,
    "phone_screen": displays.phone,
    "computer_screen": displays.desktop,
    "football": balls.football,
    "basketball": balls.basketball,
    "tennis_ball": balls.tennis_ball,
    "beach_ball": balls.beach_ball,
}
"""Kind of material -> its design, `H x W x 4` uint8, sRGB; alpha is relief, 255 is highest."""


def _show(g: Graph, spec: MaterialSpec, at: Socket) -> Node:
    """Return a texture node with the design of a spec, drawn once per Blender session."""
    name = f"artwork.{hashlib.sha256(repr(spec).encode()).hexdigest()[:40]}"
    image = shared_image(name, lambda: DESIGNS[spec.kind](spec))
    return g.node("TexImage", {"image": image, "extension": "EXTEND"}, at)


def _printed(layout: Layout) -> Recipe:
    """Return a recipe for ink on paper or board, with slightly uneven gloss."""

    def recipe(g: Graph, spec: MaterialSpec, p: Socket) -> None:
        shown = _show(g, spec, layout(g, spec))
        worn = g.noise(p, 0.05, 3.0)
        g.set(base_color=shown.outputs["Color"], roughness=g.vary(spec.roughness, worn, 0.08))
        g.bump(g.noise(p, spec.scale, 1.0), spec.bump)

    return recipe


def _ball(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire the map of a ball; its alpha is relief."""
    x, y, z = g.parts(g.vector("SUBTRACT", g.coordinates("Generated"), (0.5, 0.5, 0.5)))
    flat = g.vector("LENGTH", g.join(x, y))
    u = g.math("MULTIPLY_ADD", g.math("ARCTAN2", y, x), 0.1591549, 0.5)
    v = g.math("MULTIPLY_ADD", g.math("ARCTAN2", z, flat), 0.3183099, 0.5)
    shown = _show(g, spec, g.join(u, v))
    scuff = g.noise(p, 0.02, 4.0)
    dirt = g.remap(scuff, 0.5, 0.8, 0.0, 0.25)
    g.set(base_color=g.mix(dirt, shown.outputs["Color"], (0.12, 0.10, 0.08)))
    g.set(roughness=g.vary(spec.roughness, scuff, 0.1))
    if spec.kind == "tennis_ball":
        g.set(sheen_weight=0.4, sheen_roughness=0.5, specular_ior_level=0.1)
    g.bump(shown.outputs["Alpha"], spec.bump)


def _display(width: float, height: float) -> Recipe:
    """Return a recipe for glass over an image of `width` x `height` metres; dark when off."""

    def recipe(g: Graph, spec: MaterialSpec, p: Socket) -> None:
        smear = g.noise(p, 0.03, 3.0)
        g.set(base_color=(0.02, 0.02, 0.022), roughness=g.vary(spec.roughness, smear, 0.03))
        if spec.emission <= 0.0:
            return
        uv = g.stretch(g.coordinates("UV"), 1.0 / width, 1.0 / height, 0.0)
        shown = _show(g, spec, g.vector("ADD", uv, (0.5, 0.5, 0.0)))
        g.set(emission_color=shown.outputs["Color"], emission_strength=spec.emission)

    return recipe


def _jacket(g: Graph, spec: MaterialSpec) -> Socket:
    """Return the layout of a book lying on its back: spine at -x, front on top."""
    x, y, z = g.parts(g.coordinates("Generated"))
    nx, _, nz = g.parts(g.coordinates("Normal"))
    board, spine = covers.BOARD / covers.WIDTH, covers.SPINE / covers.WIDTH
    front = g.math("MULTIPLY_ADD", x, board, board + spine)
    back = g.math("MULTIPLY_ADD", x, -board, board)
    edge = g.math("MULTIPLY_ADD", z, spine, board)
    flat = g.either(g.math("GREATER_THAN", nz, 0.0), back, front)
    return g.join(g.either(g.math("LESS_THAN", nx, -0.6), flat, edge), y)


def _panels(g: Graph, spec: MaterialSpec) -> Socket:
    """Return the layout of a box: front and back (y), sides (x), and top and bottom, on three
    upright panels in a row, none mirrored as seen from outside. Without the motif `legible`, which
    specs of older datasets lack, the bottom is mirrored, as it was then."""
    x, y, z = g.parts(g.vector("SUBTRACT", g.coordinates("Generated"), (0.5, 0.5, 0.5)))
    normal = g.coordinates("Normal")
    sx, sy, sz = g.parts(g.vector("SIGN", normal))
    nx, ny, nz = g.parts(g.vector("ABSOLUTE", normal))
    is_flat = g.math("GREATER_THAN", nz, g.math("MAXIMUM", nx, ny))
    is_side = g.math("GREATER_THAN", nx, ny)
    front = g.math("MULTIPLY", x, g.math("MULTIPLY", sy, -1.0))
    across = g.either(is_side, front, g.math("MULTIPLY", y, sx))
    u = g.either(is_flat, across, g.math("MULTIPLY", x, sz) if spec.motif == "legible" else x)
    panel = g.either(is_flat, is_side, 2.0)
    atlas = g.math("DIVIDE", g.math("ADD", g.math("ADD", u, 0.5), panel), 3.0)
    return g.join(atlas, g.math("ADD", g.either(is_flat, z, y), 0.5))


def _around(g: Graph, spec: MaterialSpec) -> Socket:
    """Return the layout of a label once around the z axis, `spec.scale` high, centred on v = 0."""
    x, y, _ = g.parts(g.vector("SUBTRACT", g.coordinates("Generated"), (0.5, 0.5, 0.5)))
    _, v, _ = g.parts(g.coordinates("UV"))
    u = g.math("MULTIPLY_ADD", g.math("ARCTAN2", y, x), 0.1591549, 0.5)
    return g.join(u, g.math("MULTIPLY_ADD", v, 1.0 / spec.scale, 0.5))


RECIPES: dict[str, Recipe] = {
    "book_cover": _printed(_jacket),
    "package_print": _printed(_panels),
    "shipping_carton": _printed(_panels),
    "label_print": _printed(_around),
    "phone_screen": _display(0.080, 0.168),
    "computer_screen": _display(0.34, 0.231),
    "football": _ball,
    "basketball": _ball,
    "tennis_ball": _ball,
    "beach_ball": _ball,
}
