"""Displays, keys and dials: surfaces to be read."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import INK, PAPER_WHITE, darker, gray, sheet, text


def _screen(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire dark glass; a lit screen shows icons, a page of text or a picture."""
    smear = g.noise(p, 0.03, 3.0)
    g.set(base_color=(0.02, 0.02, 0.022), roughness=g.vary(spec.roughness, smear, 0.03))
    g.bump(g.noise(p, 0.05, 0.0), spec.bump)
    if spec.emission <= 0.0:
        return
    shown = {"icons": _icons, "text": _page, "picture": _scenery}.get(spec.motif, _scenery)
    g.set(emission_color=shown(g, spec, sheet(g, spec)), emission_strength=spec.emission)


def _backdrop(g: Graph, spec: MaterialSpec, uv: Socket) -> Socket:
    glow = g.noise(uv, spec.scale * 6.0, 1.0)
    return g.mix(g.remap(glow, 0.35, 0.65), spec.color_a, spec.color_b)


def _icons(g: Graph, spec: MaterialSpec, uv: Socket) -> Socket:
    """Return rounded squares of random colours, each with a pale figure, on a soft backdrop."""
    step = 1.0 / (spec.scale * 1.5)
    u, v, _ = g.parts(g.stretch(uv, step, step, 0.0))
    tile = g.join(g.math("FLOOR", u), g.math("FLOOR", v))
    paint = g.node("TexWhiteNoise", {}, tile)
    within = g.join(g.math("FRACT", u), g.math("FRACT", v))
    centred = g.vector("ABSOLUTE", g.vector("SUBTRACT", within, (0.5, 0.5, 0.0)))
    # Within 0.33 of the centre, with corners rounded by 0.1.
    corner = g.vector("MAXIMUM", g.vector("SUBTRACT", centred, (0.23, 0.23, 0.0)), (0.0, 0.0, 0.0))
    icon = g.math("LESS_THAN", g.vector("LENGTH", corner), 0.1)
    there = g.math("MULTIPLY", icon, g.math("LESS_THAN", paint.outputs["Value"], 0.8))
    figure = g.math("LESS_THAN", g.vector("LENGTH", centred), 0.14)
    face = g.mix(g.math("MULTIPLY", figure, 0.8), paint.outputs["Color"], PAPER_WHITE)
    return g.mix(there, _backdrop(g, spec, uv), face)


def _page(g: Graph, spec: MaterialSpec, uv: Socket) -> Socket:
    """Return lines of text in paragraphs, each below a coloured bar, on white or dark."""
    _, v, _ = g.parts(uv)
    line = spec.scale * 0.3
    at = g.math("FRACT", g.math("DIVIDE", v, spec.scale * 4.0))
    bar = g.math("GREATER_THAN", at, 0.86)
    inked = g.math("MULTIPLY", text(g, uv, line), g.math("LESS_THAN", at, 0.74))
    is_dark = sum(spec.color_a) < 0.6
    ground, ink = ((0.02, 0.02, 0.03), PAPER_WHITE) if is_dark else (PAPER_WHITE, INK)
    return g.mix(bar, g.mix(inked, ground, ink), spec.color_b)


def _scenery(g: Graph, spec: MaterialSpec, uv: Socket) -> Socket:
    """Return soft shapes in two colours with highlights and shadows, like an out-of-focus
    photograph."""
    form = g.noise(uv, spec.scale * 4.0, 5.0)
    light = g.noise(g.vector("ADD", uv, (3.0, 5.0, 0.0)), spec.scale * 2.5, 4.0)
    subject = g.mix(g.remap(form, 0.47, 0.53), spec.color_a, spec.color_b)
    return g.mix(1.0, subject, gray(g, g.remap(light, 0.3, 0.7, 0.15, 1.3)), "MULTIPLY")


def _keys(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a letter on every cap: random strokes in a grid of 3 x 5, centred on its UVs.

    The UVs of a cap's face have their origin at its centre; each cap is a separate part.
    """
    dot = spec.scale / 5.0
    u, v, _ = g.parts(g.stretch(g.coordinates("UV"), 1.0 / dot, 1.0 / dot, 0.0))
    column = g.math("FLOOR", g.math("ADD", u, 1.5))
    row = g.math("FLOOR", g.math("ADD", v, 2.5))
    inside = g.math("MULTIPLY", _within(g, column, 2.0), _within(g, row, 4.0))
    cap = g.math("MULTIPLY", g.island(), 97.0)
    stroke = g.math("GREATER_THAN", g.random(g.join(column, row, cap)), 0.45)
    legend = g.math("MULTIPLY", g.math("MULTIPLY", inside, stroke), 0.9)
    is_pale = sum(spec.color_a) > 1.2
    g.set(base_color=g.mix(legend, spec.color_a, INK if is_pale else spec.color_b))
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.02, 3.0), 0.1))
    g.bump(g.noise(p, 0.0006, 1.0), spec.bump)


def _within(g: Graph, value: Socket, high: float) -> Socket:
    """Return 1 where an integer is in 0..high."""
    middle = high / 2.0
    away = g.math("ABSOLUTE", g.math("SUBTRACT", value, middle))
    return g.math("LESS_THAN", away, middle + 0.25)


def _clock_face(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a printed, slightly yellowed sheet; hands and marks are part of the mesh."""
    cloud = g.noise(p, spec.scale, 3.0)
    aged = g.mix(cloud, spec.color_a, darker(spec.color_b, 0.97))
    g.set(base_color=aged, roughness=spec.roughness)
    g.bump(g.noise(p, 0.001, 1.0), spec.bump)


def _led(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    g.set(base_color=spec.color_a, roughness=g.vary(spec.roughness, g.noise(p, 0.02, 1.0), 0.05))
    g.bump(g.noise(p, spec.scale, 1.0), spec.bump)
    g.set(emission_color=spec.color_a, emission_strength=spec.emission)


RECIPES: dict[str, Recipe] = {
    "screen": _screen,
    "keys": _keys,
    "clock_face": _clock_face,
    "led": _led,
}
