"""Anything anywhere: what domain randomization covers things with."""

from __future__ import annotations

from simgen.sampling.randomizers.surfaces.palette import ANY, Palette, SurfaceRanges

_ALL = Palette(ANY, ANY, ANY)

PATTERNS: dict[str, SurfaceRanges] = {
    # `scale` is the period: of two stripes, from dot to dot, of a gradient's way and back.
    "pattern": SurfaceRanges(
        main=(_ALL,),
        second=(_ALL,),
        roughness_range=(0.02, 1.0),
        metallic=(0.0, 0.0, 0.0, 1.0),
        scale_range=(0.01, 0.2),
        bump_range=(1e-5, 3e-4),
        coat_range=(0.0, 1.0),
        motifs=("plain", "stripes", "checks", "dots", "gradient", "noise", "cells"),
    ),
}
