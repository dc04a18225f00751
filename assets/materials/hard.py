"""Plastics, metals, paint, glass, ceramic."""

from __future__ import annotations

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import darker, see_through, sheet


def _plastic(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    smudge = g.noise(p, 0.03, 3.0)
    g.set(roughness=g.vary(spec.roughness, smudge, 0.12))
    g.bump(g.noise(p, spec.scale, 1.0), spec.bump)


def _ceramic(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    speckle = g.remap(g.noise(p, spec.scale * 0.3, 2.0), 0.66, 0.7)
    cloud = g.noise(p, spec.scale * 6.0, 3.0)
    glaze = g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, darker(spec.color_a, 0.86))
    g.set(base_color=g.mix(speckle, glaze, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.05))
    g.bump(g.noise(p, spec.scale, 2.0), spec.bump)


def _tableware(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire white glaze with lines, dots or a broad rim in the second colour, around the z axis."""
    x, y, _ = g.parts(g.vector("SUBTRACT", g.coordinates("Generated"), (0.5, 0.5, 0.5)))
    radius = g.math("MULTIPLY", g.vector("LENGTH", g.join(x, y)), 2.0)
    cloud = g.noise(p, spec.scale * 6.0, 3.0)
    glaze = g.mix(g.remap(cloud, 0.3, 0.7), spec.color_a, darker(spec.color_a, 0.93))
    if spec.motif in _AROUND_RIM:
        inked = g.math("LESS_THAN", g.math("ABSOLUTE", g.math("SUBTRACT", radius, 0.98)), 0.012)
        for middle, half in _AROUND_RIM[spec.motif]:
            away = g.math("ABSOLUTE", g.math("SUBTRACT", radius, middle))
            band = g.math("LESS_THAN", away, half)
            if spec.motif == "dots":
                turn = g.math("MULTIPLY", g.math("ARCTAN2", y, x), 36.0 / 6.2832)
                along = g.math("SUBTRACT", g.math("FRACT", turn), 0.5)
                dot = g.vector("LENGTH", g.join(g.math("MULTIPLY", along, 0.14), away))
                band = g.math("LESS_THAN", dot, half)
            inked = g.math("MAXIMUM", inked, band)
        glaze = g.mix(inked, glaze, spec.color_b)
    g.set(base_color=glaze, roughness=g.vary(spec.roughness, cloud, 0.03))
    g.bump(g.noise(p, spec.scale, 2.0), spec.bump)


_AROUND_RIM = {
    "line": (),
    "lines": ((0.93, 0.012), (0.74, 0.008)),
    "rim": ((0.88, 0.09),),
    "dots": ((0.87, 0.035),),
}
"""Centres and half widths of rings, as fractions of the outer radius, besides that at the rim."""


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


def _glass(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    g.bump(g.noise(p, spec.scale, 0.0), spec.bump)
    see_through(g, spec, 1.47)


def _clear_plastic(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire PET and acrylic: softer reflections than glass, with fingerprints."""
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.03, 3.0), 0.04))
    g.bump(g.noise(p, spec.scale, 1.0), spec.bump)
    see_through(g, spec, 1.52)


def _brushed_metal(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire metal with scratches along x."""
    brush = g.noise(g.stretch(p, 0.01, 1.0, 1.0), spec.scale, 3.0)
    smudge = g.noise(p, 0.06, 3.0)
    g.set(base_color=g.mix(brush, spec.color_a, spec.color_b), anisotropic=0.6)
    uneven = g.math("MULTIPLY_ADD", g.math("SUBTRACT", smudge, 0.5), 0.6, brush)
    g.set(roughness=g.vary(spec.roughness, uneven, 0.12))
    g.bump(brush, spec.bump)


def _polished(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire chrome or gold: a mirror with slight smudges."""
    smudge = g.noise(p, 0.04, 4.0)
    g.set(base_color=g.mix(smudge, spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, smudge, 0.04))
    g.bump(g.noise(p, spec.scale, 1.0), spec.bump)


def _rust(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    patch = g.noise(p, spec.scale, 8.0)
    grit = g.noise(p, 0.002, 4.0)
    orange = g.mix(g.remap(grit, 0.35, 0.65), spec.color_a, darker(spec.color_a, 0.55))
    bare = g.remap(g.math("MULTIPLY_ADD", grit, 0.15, patch), 0.6, 0.64)
    g.set(base_color=g.mix(bare, orange, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, patch, 0.2))
    g.bump(g.math("MULTIPLY_ADD", grit, 0.5, patch), spec.bump)


def _worn_paint(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire paint that flakes at edges first, with stains around each hole."""
    edge = g.remap(g.node("NewGeometry", {}).outputs["Pointiness"], 0.51, 0.6, 0.0, 0.2)
    wear = g.math("ADD", g.noise(p, spec.scale, 9.0), edge)
    chip = g.remap(wear, 0.615, 0.625)
    stain = g.remap(wear, 0.5, 0.62, 0.0, 0.7)
    faded = g.mix(g.noise(p, 0.15, 3.0), spec.color_a, _faded(spec.color_a))
    paint = g.mix(stain, faded, darker(spec.color_b, 0.8))
    bare = g.mix(g.noise(p, 0.004, 4.0), spec.color_b, darker(spec.color_b, 0.5))
    g.set(base_color=g.mix(chip, paint, bare))
    if max(spec.color_b) < 1.3 * min(spec.color_b):  # grey: the bare metal shows
        g.set(metallic=g.math("MULTIPLY", chip, 0.8))
    g.set(roughness=g.vary(spec.roughness, wear, 0.2))
    g.bump(g.math("SUBTRACT", 1.0, chip), spec.bump)


def _faded(color: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the colour of a paint after sun and chalking."""
    mean = sum(color) / 3.0
    red, green, blue = (0.7 * part + 0.3 * mean + 0.03 for part in color)
    return red, green, blue


def _car_paint(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire nearly flat flakes under a clear coat, with a lacquer that darkens at grazing angles."""
    tilt = g.vector("SUBTRACT", g.cells(p, spec.scale).outputs["Color"], (0.5, 0.5, 0.5))
    reach = 0.12 if spec.metallic else 0.0
    normal = g.node("NewGeometry", {}).outputs["Normal"]
    flake = g.vector("NORMALIZE", g.vector("ADD", normal, g.stretch(tilt, reach, reach, reach)))
    shade = g.math("POWER", g.facing(), 1.5)
    g.set(base_color=g.mix(shade, spec.color_a, spec.color_b), normal=flake, coat_roughness=0.02)


def _tyre(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    dust = g.noise(p, spec.scale, 5.0)
    g.set(base_color=g.mix(g.remap(dust, 0.4, 0.8), spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, dust, 0.1), specular_ior_level=0.3)
    g.bump(g.noise(p, 0.002, 3.0), spec.bump)


def _sign(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire enamel with streaks left by rain."""
    streak = g.noise(g.stretch(p, 1.0, 1.0, 0.2), spec.scale, 5.0)
    g.set(base_color=g.mix(g.remap(streak, 0.52, 0.8, 0.0, 0.5), spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, streak, 0.1))
    g.bump(g.noise(p, 0.01, 1.0), spec.bump)


def _window_glass(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire the dark of a room behind each pane, with a slightly distorted reflection."""
    g.set(base_color=g.mix(g.island(), spec.color_a, spec.color_b))
    g.bump(g.noise(p, spec.scale, 0.0), spec.bump)


def _glazed(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire one even colour under a clear coat: enamel, sanitary ware, black glass."""
    cloud = g.noise(p, spec.scale, 2.0)
    g.set(base_color=g.mix(cloud, spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.02))
    g.bump(g.noise(p, 0.02, 1.0), spec.bump)


def _perforated(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire holes on a square grid in the mesh's UVs."""
    uv = sheet(g, spec)
    u, v, _ = g.parts(g.stretch(uv, 1.0 / spec.scale, 1.0 / spec.scale, 0.0))
    away = g.join(*(g.math("SUBTRACT", g.math("FRACT", axis), 0.5) for axis in (u, v)))
    hole = g.math("LESS_THAN", g.vector("LENGTH", away), 0.36)
    g.set(base_color=g.mix(hole, spec.color_a, spec.color_b), roughness=spec.roughness)
    g.bump(g.math("SUBTRACT", 1.0, hole), spec.bump)


def _water(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    wave = g.noise(p, spec.scale, 3.0)
    g.bump(g.math("MULTIPLY_ADD", g.noise(p, spec.scale * 5.0, 1.0), 2.0, wave), spec.bump)
    see_through(g, spec, 1.333)


def _rubber(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    dust = g.noise(p, 0.03, 4.0)
    g.set(base_color=g.mix(g.remap(dust, 0.4, 0.75), spec.color_a, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, dust, 0.15))
    g.bump(g.noise(p, spec.scale, 2.0), spec.bump)


def _stone(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire granite: crystals of a few millimetres, some in the second colour, some dark."""
    cloud = g.noise(p, spec.scale, 4.0)
    crystal = g.cells(p, 0.05 * spec.scale)
    tone, other, _ = g.parts(crystal.outputs["Color"])
    grit = g.noise(p, 0.02 * spec.scale, 2.0)
    light = g.mix(g.remap(grit, 0.3, 0.7, 0.0, 0.3), spec.color_a, darker(spec.color_a, 0.6))
    rest = g.mix(g.math("LESS_THAN", tone, 0.22), light, spec.color_b)
    dark = g.math("LESS_THAN", g.math("MULTIPLY_ADD", cloud, 0.25, other), 0.26)
    g.set(base_color=g.mix(dark, rest, darker(spec.color_a, 0.25)))
    g.set(roughness=g.vary(spec.roughness, cloud, 0.1))
    g.bump(g.noise(p, 0.002, 3.0), spec.bump)


def _marble(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a few sharp and many faint veins, at the mean crossings of warped noise."""
    warp = g.noise(p, spec.scale, 7.0)
    bend = g.math("MULTIPLY_ADD", warp, 0.5, g.noise(p, spec.scale * 2.0, 1.0))
    line = g.math("ABSOLUTE", g.math("SUBTRACT", bend, 0.75))
    sharp = g.math("MULTIPLY", g.remap(line, 0.02, 0.0), g.remap(warp, 0.35, 0.6))
    cloud = g.remap(line, 0.16, 0.0, 0.0, 0.3)
    body = g.mix(cloud, spec.color_a, spec.color_b)
    g.set(base_color=g.mix(g.math("MULTIPLY", sharp, 0.8), body, spec.color_b))
    g.set(roughness=g.vary(spec.roughness, g.noise(p, 0.1, 3.0), 0.04))


def _terracotta(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    bloom = g.noise(p, spec.scale, 6.0)
    g.set(base_color=g.mix(g.remap(bloom, 0.35, 0.85, 0.0, 0.45), spec.color_a, spec.color_b))
    g.set(roughness=spec.roughness, specular_ior_level=0.3)
    g.bump(g.math("MULTIPLY_ADD", g.noise(p, 0.0015, 3.0), 0.3, bloom), spec.bump)


RECIPES: dict[str, Recipe] = {
    "plastic": _plastic,
    "dark_plastic": _plastic,
    "clear_plastic": _clear_plastic,
    "ceramic": _ceramic,
    "tableware": _tableware,
    "terracotta": _terracotta,
    "metal": _metal,
    "chrome": _polished,
    "gold": _polished,
    "brushed_metal": _brushed_metal,
    "rust": _rust,
    "painted": _painted,
    "furniture_paint": _painted,
    "worn_paint": _worn_paint,
    "car_paint": _car_paint,
    "sign_red": _sign,
    "glass": _glass,
    "clear_glass": _glass,
    "bottle_glass": _glass,
    "window_glass": _window_glass,
    "water": _water,
    "rubber": _rubber,
    "tyre": _tyre,
    "stone": _stone,
    "marble": _marble,
    "enamel": _glazed,
    "sanitary": _glazed,
    "black_glass": _glazed,
    "perforated": _perforated,
}
