"""Materials: one table of believable ranges per kind of surface, and the draw from it.

Colours are drawn in HSV of display (sRGB) colour, where palettes are easy to think in, and handed
on as linear Rec.709 clipped to `ALBEDO_RANGE`: nothing real is blacker than soot or whiter than
fresh plaster, and a path tracer brightens without end where something is.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from simgen.color import srgb_to_linear
from simgen.rng import log_uniform
from simgen.spec import MaterialSpec, Vector

Range = tuple[float, float]

ALBEDO_RANGE: Range = (0.02, 0.85)
OFFSET_RANGE: Range = (-10.0, 10.0)
"""Metres. Far more than a feature, so that no two surfaces show the same piece of pattern."""


@dataclass(frozen=True)
class Palette:
    """A box in HSV of display colour. Hue is cyclic: (0.95, 1.05) goes through red."""

    hue_range: Range = (0.0, 1.0)
    saturation_range: Range = (0.0, 0.0)
    value_range: Range = (0.0, 1.0)


@dataclass(frozen=True)
class Look:
    """What one kind of surface may look like. A palette is picked with equal chance."""

    main: tuple[Palette, ...]
    second: tuple[Palette, ...] = ()
    """Palettes of `color_b`; where there are none, it is `color_a` times `shade_range`."""
    shade_range: Range = (0.5, 0.8)
    roughness_range: Range = (0.3, 0.6)
    metallic: float = 0.0
    transmission: float = 0.0
    scale_range: Range = (0.02, 0.06)
    """Metres, drawn with uniform logarithm."""
    bump_range: Range = (0.0, 0.0)
    """Metres, drawn with uniform logarithm unless it starts at zero."""
    coat_range: Range = (0.0, 0.0)


_ANY = (0.0, 1.0)
_VIVID = Palette(_ANY, (0.55, 0.9), (0.45, 0.9))
_MUTED = Palette(_ANY, (0.12, 0.45), (0.4, 0.85))
_DEEP = Palette(_ANY, (0.4, 0.8), (0.18, 0.4))
_WHITE = Palette((0.06, 0.16), (0.0, 0.08), (0.8, 0.9))
_CREAM = Palette((0.09, 0.14), (0.1, 0.28), (0.78, 0.92))
_GREY = Palette(_ANY, (0.0, 0.05), (0.35, 0.7))
_BLACK = Palette(_ANY, (0.0, 0.15), (0.12, 0.24))
_EARTH = Palette((0.02, 0.1), (0.3, 0.6), (0.3, 0.7))
_PALE_WOOD = Palette((0.085, 0.11), (0.28, 0.42), (0.74, 0.88))
_MID_WOOD = Palette((0.065, 0.09), (0.42, 0.6), (0.52, 0.72))
_DARK_WOOD = Palette((0.045, 0.075), (0.42, 0.62), (0.32, 0.48))
_WOODS = (_PALE_WOOD, _MID_WOOD, _DARK_WOOD)
_STEEL = Palette((0.08, 0.6), (0.0, 0.04), (0.72, 0.88))
_BRASS = Palette((0.11, 0.13), (0.35, 0.5), (0.85, 0.93))
_COPPER = Palette((0.045, 0.07), (0.35, 0.48), (0.85, 0.93))
_DARK_METAL = Palette((0.05, 0.65), (0.02, 0.12), (0.42, 0.6))

_LOOKS: dict[str, Look] = {
    # What objects are made of.
    "plastic": Look(
        main=(_VIVID, _VIVID, _MUTED, _WHITE, _BLACK),
        shade_range=(0.8, 0.95),
        roughness_range=(0.18, 0.5),
        scale_range=(0.0005, 0.0015),
        bump_range=(3e-6, 3e-5),
    ),
    "ceramic": Look(
        main=(_WHITE, _CREAM, _MUTED, _DEEP, _EARTH),
        second=(_DARK_WOOD, _CREAM, _DEEP),
        roughness_range=(0.06, 0.25),
        scale_range=(0.003, 0.012),
        bump_range=(2e-5, 1.5e-4),
        coat_range=(0.3, 1.0),
    ),
    "metal": Look(
        main=(_STEEL, _STEEL, _BRASS, _COPPER, _DARK_METAL),
        shade_range=(0.75, 0.95),
        roughness_range=(0.14, 0.42),
        metallic=1.0,
        scale_range=(0.0003, 0.0012),
        bump_range=(2e-6, 1e-5),
    ),
    "painted": Look(
        main=(_VIVID, _MUTED, _DEEP, _WHITE, _GREY),
        second=(_GREY, _MID_WOOD, _DARK_METAL),
        roughness_range=(0.22, 0.55),
        scale_range=(0.015, 0.05),
        bump_range=(2e-5, 1e-4),
        coat_range=(0.0, 0.6),
    ),
    "wood": Look(
        main=_WOODS,
        shade_range=(0.4, 0.65),
        roughness_range=(0.32, 0.6),
        scale_range=(0.003, 0.009),
        bump_range=(5e-5, 2e-4),
        coat_range=(0.0, 0.4),
    ),
    "glass": Look(
        main=(_WHITE, _WHITE, Palette((0.25, 0.55), (0.05, 0.3), (0.85, 0.93)), _CREAM),
        shade_range=(0.9, 1.0),
        roughness_range=(0.0, 0.03),
        transmission=1.0,
        scale_range=(0.02, 0.06),
        bump_range=(5e-6, 4e-5),
    ),
    "paper": Look(
        main=(_WHITE, _WHITE, _CREAM, Palette((0.07, 0.1), (0.3, 0.45), (0.6, 0.75))),
        shade_range=(0.75, 0.9),
        roughness_range=(0.75, 0.95),
        scale_range=(0.0008, 0.002),
        bump_range=(1e-5, 6e-5),
    ),
    "print": Look(
        main=(_VIVID, _DEEP, _MUTED, _CREAM, _WHITE),
        second=(_VIVID, _VIVID, _DEEP, _BLACK, _WHITE),
        roughness_range=(0.25, 0.6),
        scale_range=(0.02, 0.09),
        bump_range=(4e-6, 2e-5),
        coat_range=(0.0, 0.6),
    ),
    "fabric": Look(
        main=(_MUTED, _DEEP, _VIVID, _CREAM, _GREY),
        shade_range=(0.5, 0.9),
        roughness_range=(0.8, 1.0),
        scale_range=(0.0015, 0.004),
        bump_range=(2e-4, 6e-4),
    ),
    "rubber": Look(
        main=(_BLACK, _BLACK, _DEEP, _GREY),
        shade_range=(1.1, 1.6),
        roughness_range=(0.5, 0.8),
        scale_range=(0.0008, 0.0025),
        bump_range=(2e-5, 8e-5),
    ),
    "stone": Look(
        main=(_WHITE, _GREY, _EARTH, Palette(_ANY, (0.0, 0.2), (0.25, 0.4))),
        second=(_GREY, _CREAM, _EARTH, _BLACK),
        roughness_range=(0.15, 0.6),
        scale_range=(0.03, 0.1),
        bump_range=(2e-5, 1.5e-4),
    ),
    "fruit_red": Look(
        main=(Palette((0.965, 1.015), (0.75, 0.92), (0.45, 0.75)),),
        second=(Palette((0.08, 0.16), (0.6, 0.8), (0.65, 0.85)),),
        roughness_range=(0.25, 0.42),
        scale_range=(0.003, 0.007),
        bump_range=(3e-5, 1e-4),
        coat_range=(0.0, 0.3),
    ),
    "fruit_yellow": Look(
        main=(
            Palette((0.12, 0.155), (0.75, 0.92), (0.8, 0.93)),
            Palette((0.06, 0.09), (0.8, 0.95), (0.82, 0.93)),
        ),
        second=(Palette((0.15, 0.22), (0.6, 0.8), (0.5, 0.7)), _DARK_WOOD),
        roughness_range=(0.35, 0.55),
        scale_range=(0.002, 0.005),
        bump_range=(1e-4, 3e-4),
    ),
    "fruit_green": Look(
        main=(Palette((0.2, 0.29), (0.55, 0.8), (0.38, 0.68)),),
        second=(Palette((0.14, 0.18), (0.5, 0.75), (0.7, 0.85)),),
        roughness_range=(0.25, 0.45),
        scale_range=(0.003, 0.007),
        bump_range=(3e-5, 1e-4),
        coat_range=(0.0, 0.3),
    ),
    "stem": Look(
        main=(_DARK_WOOD, Palette((0.1, 0.22), (0.4, 0.65), (0.28, 0.45))),
        roughness_range=(0.6, 0.85),
        scale_range=(0.001, 0.003),
        bump_range=(1e-4, 4e-4),
    ),
    "wax": Look(
        main=(_CREAM, _WHITE, _MUTED, _VIVID),
        shade_range=(0.85, 0.95),
        roughness_range=(0.3, 0.5),
        scale_range=(0.01, 0.03),
        bump_range=(1e-4, 4e-4),
    ),
    # What stages are made of.
    "tabletop_wood": Look(
        main=_WOODS,
        shade_range=(0.5, 0.75),
        roughness_range=(0.28, 0.55),
        scale_range=(0.06, 0.16),
        bump_range=(1e-4, 3e-4),
        coat_range=(0.0, 0.4),
    ),
    "floorboards": Look(
        main=_WOODS,
        shade_range=(0.55, 0.8),
        roughness_range=(0.35, 0.6),
        scale_range=(0.09, 0.2),
        bump_range=(5e-4, 1.5e-3),
        coat_range=(0.0, 0.3),
    ),
    "concrete": Look(
        main=(_GREY, Palette((0.06, 0.14), (0.03, 0.12), (0.5, 0.75))),
        shade_range=(0.72, 0.88),
        roughness_range=(0.6, 0.9),
        scale_range=(0.15, 0.4),
        bump_range=(3e-4, 1e-3),
    ),
    "tiles": Look(
        main=(_WHITE, _CREAM, _GREY, _EARTH, _MUTED),
        second=(_GREY, _CREAM),
        roughness_range=(0.12, 0.5),
        scale_range=(0.07, 0.4),
        bump_range=(8e-4, 2e-3),
        coat_range=(0.0, 0.5),
    ),
    "tablecloth": Look(
        main=(_CREAM, _WHITE, _MUTED, _GREY),
        second=(_VIVID, _DEEP, _MUTED, _WHITE),
        roughness_range=(0.8, 1.0),
        scale_range=(0.02, 0.09),
        bump_range=(2e-4, 5e-4),
    ),
    "laminate": Look(
        main=(_WHITE, _GREY, _CREAM, _BLACK, _MUTED),
        shade_range=(0.7, 0.9),
        roughness_range=(0.25, 0.55),
        scale_range=(0.002, 0.006),
        bump_range=(1e-5, 5e-5),
    ),
    "terrazzo": Look(
        main=(_WHITE, _CREAM, _GREY, _BLACK),
        second=(_EARTH, _MUTED, _GREY),
        roughness_range=(0.12, 0.35),
        scale_range=(0.008, 0.025),
        bump_range=(5e-6, 2e-5),
    ),
    "plaster": Look(
        main=(_WHITE, _CREAM, _MUTED, Palette(_ANY, (0.05, 0.25), (0.65, 0.85))),
        shade_range=(0.88, 0.96),
        roughness_range=(0.75, 0.95),
        scale_range=(0.004, 0.012),
        bump_range=(3e-4, 1e-3),
    ),
}

KINDS: tuple[str, ...] = tuple(_LOOKS)
"""Every kind of surface, objects' first, then stages'."""


def draw_material(kind: str, rng: np.random.Generator) -> MaterialSpec:
    """A surface of one of `KINDS`, within the ranges of that kind's `Look`."""
    if kind not in _LOOKS:
        raise ValueError(f"no material of kind {kind!r}, expected one of {', '.join(KINDS)}")
    look = _LOOKS[kind]
    color_a = _draw_color(look.main, rng)
    shade = rng.uniform(*look.shade_range)
    color_b = _draw_color(look.second, rng) if look.second else _clip(np.multiply(color_a, shade))
    x, y, z = (float(value) for value in rng.uniform(*OFFSET_RANGE, size=3))
    return MaterialSpec(
        kind=kind,
        color_a=color_a,
        color_b=color_b,
        roughness=float(rng.uniform(*look.roughness_range)),
        metallic=look.metallic,
        transmission=look.transmission,
        scale=log_uniform(rng, look.scale_range),
        bump=log_uniform(rng, look.bump_range),
        coat=float(rng.uniform(*look.coat_range)),
        offset=(x, y, z),
    )


def _draw_color(palettes: tuple[Palette, ...], rng: np.random.Generator) -> Vector:
    palette = palettes[rng.integers(len(palettes))]
    hue = rng.uniform(*palette.hue_range) % 1.0
    saturation = rng.uniform(*palette.saturation_range)
    value = rng.uniform(*palette.value_range)
    return _clip(srgb_to_linear(np.array(colorsys.hsv_to_rgb(hue, saturation, value))))


def _clip(linear: np.ndarray) -> Vector:
    red, green, blue = np.clip(linear, *ALBEDO_RANGE)
    return float(red), float(green), float(blue)
