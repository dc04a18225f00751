"""Boxes of colour that several kinds of surface share, and what a kind's ranges are made of."""

from __future__ import annotations

from dataclasses import dataclass

type Range = tuple[float, float]


@dataclass(frozen=True)
class Palette:
    """A box in HSV of display colour. Hue is cyclic: (0.95, 1.05) goes through red."""

    hue_range: Range = (0.0, 1.0)
    saturation_range: Range = (0.0, 0.0)
    value_range: Range = (0.0, 1.0)


@dataclass(frozen=True)
class SurfaceRanges:
    """The ranges of one kind of surface. Its palettes are equally likely."""

    main: tuple[Palette, ...]
    second: tuple[Palette, ...] = ()
    """Palettes of `color_b`; where there are none, it is `color_a` times `shade_range`."""
    shade_range: Range = (0.5, 0.8)
    roughness_range: Range = (0.3, 0.6)
    metallic: tuple[float, ...] = (0.0,)
    """One of these; more than one where a surface may as well be metal as not."""
    transmission: float = 0.0
    scale_range: Range = (0.02, 0.06)
    """Metres, drawn with uniform logarithm. The shader of the kind says what it measures."""
    bump_range: Range = (0.0, 0.0)
    """Metres, drawn with uniform logarithm unless it starts at zero."""
    coat_range: Range = (0.0, 0.0)
    motifs: tuple[str, ...] = ("",)
    """One of these patterns."""
    emission_range: Range = (0.0, 0.0)
    """Radiance of lit parts; a motif of `off` gives no light."""


ANY: Range = (0.0, 1.0)
RED = Palette((0.97, 1.02), (0.75, 0.95), (0.55, 0.85))
ORANGE = Palette((0.04, 0.08), (0.75, 0.95), (0.75, 0.95))
YELLOW = Palette((0.11, 0.15), (0.7, 0.92), (0.8, 0.95))
GREEN = Palette((0.25, 0.42), (0.5, 0.85), (0.3, 0.7))
BLUE = Palette((0.55, 0.65), (0.6, 0.92), (0.4, 0.85))
PINK = Palette((0.88, 0.96), (0.4, 0.75), (0.75, 0.92))
PURPLE = Palette((0.72, 0.83), (0.35, 0.7), (0.35, 0.7))
TEAL = Palette((0.45, 0.53), (0.5, 0.85), (0.4, 0.75))
VIVID = (RED, RED, BLUE, BLUE, GREEN, YELLOW, ORANGE, PINK, PURPLE, TEAL)
"""As often as they are bought, more or less: red and blue lead, purple and teal are rare."""
MUTED = Palette(ANY, (0.12, 0.45), (0.4, 0.85))
DEEP = Palette(ANY, (0.4, 0.8), (0.18, 0.4))
NAVY = Palette((0.58, 0.67), (0.45, 0.8), (0.18, 0.38))
WHITE = Palette((0.06, 0.16), (0.0, 0.08), (0.8, 0.9))
CREAM = Palette((0.09, 0.14), (0.1, 0.28), (0.78, 0.92))
GREY = Palette(ANY, (0.0, 0.05), (0.35, 0.7))
BLACK = Palette(ANY, (0.0, 0.15), (0.12, 0.24))
EARTH = Palette((0.02, 0.1), (0.3, 0.6), (0.3, 0.7))
KRAFT = Palette((0.07, 0.1), (0.32, 0.48), (0.58, 0.75))
PALE_WOOD = Palette((0.085, 0.11), (0.28, 0.42), (0.74, 0.88))
MID_WOOD = Palette((0.065, 0.09), (0.42, 0.6), (0.52, 0.72))
DARK_WOOD = Palette((0.045, 0.075), (0.42, 0.62), (0.32, 0.48))
WOODS = (PALE_WOOD, MID_WOOD, DARK_WOOD)
STEEL = Palette((0.08, 0.6), (0.0, 0.04), (0.72, 0.88))
BRASS = Palette((0.11, 0.13), (0.35, 0.5), (0.85, 0.93))
COPPER = Palette((0.045, 0.07), (0.35, 0.48), (0.85, 0.93))
DARK_METAL = Palette((0.05, 0.65), (0.02, 0.12), (0.42, 0.6))
LEAF = Palette((0.2, 0.33), (0.5, 0.8), (0.22, 0.5))
