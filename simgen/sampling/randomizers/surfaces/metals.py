"""Metals, bare and rusty. Colours are reflectances at normal incidence."""

from __future__ import annotations

from simgen.sampling.randomizers.surfaces.palette import (
    BRASS,
    COPPER,
    DARK_METAL,
    STEEL,
    Palette,
    SurfaceRanges,
)

METALS: dict[str, SurfaceRanges] = {
    "metal": SurfaceRanges(
        main=(STEEL, STEEL, BRASS, COPPER, DARK_METAL),
        shade_range=(0.75, 0.95),
        roughness_range=(0.14, 0.42),
        metallic=(1.0,),
        scale_range=(0.0003, 0.0012),
        bump_range=(2e-6, 1e-5),
    ),
    # Chromium reflects 0.55, linear; it is hard and hardly ever scratched.
    "chrome": SurfaceRanges(
        main=(Palette((0.55, 0.65), (0.0, 0.03), (0.75, 0.82)),),
        shade_range=(0.9, 1.0),
        roughness_range=(0.02, 0.08),
        metallic=(1.0,),
        scale_range=(0.02, 0.06),
        bump_range=(2e-6, 1e-5),
    ),
    # Steel or aluminium; `scale` is the distance between scratches.
    "brushed_metal": SurfaceRanges(
        main=(STEEL, STEEL, STEEL, Palette((0.05, 0.1), (0.05, 0.15), (0.7, 0.85)), DARK_METAL),
        shade_range=(0.75, 0.9),
        roughness_range=(0.22, 0.4),
        metallic=(1.0,),
        scale_range=(0.0003, 0.0008),
        bump_range=(2e-6, 8e-6),
    ),
    # Gold reflects (1.0, 0.77, 0.34), linear; here as bright as albedos may be.
    "gold": SurfaceRanges(
        main=(Palette((0.105, 0.125), (0.42, 0.58), (0.9, 0.93)),),
        shade_range=(0.8, 0.9),
        roughness_range=(0.08, 0.3),
        metallic=(1.0,),
        scale_range=(0.01, 0.04),
        bump_range=(2e-6, 2e-5),
    ),
    # Iron oxide over what is left of the steel; `scale` is the size of patches.
    "rust": SurfaceRanges(
        main=(Palette((0.045, 0.075), (0.65, 0.85), (0.38, 0.58)),),
        second=(Palette((0.03, 0.06), (0.45, 0.65), (0.2, 0.3)), DARK_METAL),
        roughness_range=(0.7, 0.95),
        scale_range=(0.02, 0.08),
        bump_range=(1e-4, 5e-4),
    ),
}
