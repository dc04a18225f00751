"""What grows or is eaten: fruit, baked goods, leaves, bark."""

from __future__ import annotations

from simgen.sampling.randomizers.surfaces.palette import (
    CREAM,
    DARK_WOOD,
    LEAF,
    WHITE,
    Palette,
    SurfaceRanges,
)

GROWN: dict[str, SurfaceRanges] = {
    "fruit_red": SurfaceRanges(
        main=(Palette((0.965, 1.015), (0.75, 0.92), (0.45, 0.75)),),
        second=(Palette((0.06, 0.15), (0.55, 0.78), (0.62, 0.8)),),
        roughness_range=(0.25, 0.42),
        scale_range=(0.003, 0.007),
        bump_range=(3e-5, 1e-4),
        coat_range=(0.0, 0.3),
    ),
    "fruit_yellow": SurfaceRanges(
        main=(
            Palette((0.125, 0.15), (0.72, 0.9), (0.82, 0.93)),
            Palette((0.135, 0.165), (0.65, 0.82), (0.78, 0.9)),
        ),
        second=(Palette((0.15, 0.22), (0.6, 0.8), (0.5, 0.7)), DARK_WOOD),
        roughness_range=(0.35, 0.55),
        scale_range=(0.002, 0.005),
        bump_range=(1e-4, 3e-4),
    ),
    # Ripe, hardly ever green; `scale` is the size of brown spots. The neck may be green still.
    "banana": SurfaceRanges(
        main=(
            Palette((0.132, 0.148), (0.72, 0.88), (0.84, 0.93)),
            Palette((0.135, 0.15), (0.68, 0.85), (0.8, 0.92)),
            Palette((0.138, 0.152), (0.6, 0.78), (0.84, 0.93)),
            Palette((0.13, 0.145), (0.7, 0.86), (0.82, 0.92)),
            Palette((0.13, 0.146), (0.74, 0.88), (0.86, 0.93)),
            Palette((0.155, 0.168), (0.6, 0.78), (0.74, 0.86)),
        ),
        second=(Palette((0.05, 0.08), (0.55, 0.75), (0.2, 0.34)),),
        roughness_range=(0.38, 0.55),
        scale_range=(0.004, 0.009),
        bump_range=(3e-5, 1e-4),
        motifs=("clean", "spotted", "spotted"),
    ),
    "fruit_green": SurfaceRanges(
        main=(Palette((0.2, 0.29), (0.55, 0.8), (0.38, 0.68)),),
        second=(Palette((0.14, 0.18), (0.5, 0.75), (0.7, 0.85)),),
        roughness_range=(0.25, 0.45),
        scale_range=(0.003, 0.007),
        bump_range=(3e-5, 1e-4),
        coat_range=(0.0, 0.3),
    ),
    # `scale` is the distance between oil glands.
    "orange_peel": SurfaceRanges(
        main=(Palette((0.06, 0.085), (0.85, 0.97), (0.85, 0.95)),),
        second=(Palette((0.09, 0.14), (0.7, 0.85), (0.75, 0.88)),),
        roughness_range=(0.3, 0.45),
        scale_range=(0.0015, 0.0028),
        bump_range=(1e-4, 2.5e-4),
    ),
    # Rings across the root, pale rootlets; `scale` is the distance between rings.
    "carrot": SurfaceRanges(
        main=(Palette((0.048, 0.068), (0.82, 0.94), (0.82, 0.93)),),
        second=(Palette((0.04, 0.06), (0.65, 0.8), (0.38, 0.52)),),
        roughness_range=(0.4, 0.65),
        scale_range=(0.004, 0.009),
        bump_range=(1e-4, 4e-4),
    ),
    # Crust from pale to brown; `scale` is the size of browned patches.
    "dough": SurfaceRanges(
        main=(Palette((0.075, 0.1), (0.42, 0.6), (0.72, 0.86)),),
        second=(Palette((0.05, 0.075), (0.6, 0.75), (0.4, 0.58)),),
        roughness_range=(0.55, 0.8),
        scale_range=(0.02, 0.05),
        bump_range=(2e-4, 8e-4),
    ),
    "icing": SurfaceRanges(
        main=(
            WHITE,
            CREAM,
            Palette((0.9, 0.98), (0.25, 0.5), (0.85, 0.93)),
            Palette((0.45, 0.55), (0.2, 0.4), (0.8, 0.9)),
            Palette((0.11, 0.15), (0.3, 0.55), (0.85, 0.93)),
        ),
        shade_range=(0.88, 0.96),
        roughness_range=(0.3, 0.5),
        scale_range=(0.008, 0.02),
        bump_range=(1e-4, 4e-4),
        coat_range=(0.1, 0.5),
    ),
    "chocolate": SurfaceRanges(
        main=(
            Palette((0.05, 0.07), (0.5, 0.68), (0.22, 0.34)),
            Palette((0.055, 0.075), (0.48, 0.62), (0.36, 0.5)),
        ),
        shade_range=(0.8, 0.92),
        roughness_range=(0.25, 0.45),
        scale_range=(0.008, 0.02),
        bump_range=(3e-5, 2e-4),
        coat_range=(0.0, 0.2),
    ),
    "stem": SurfaceRanges(
        main=(DARK_WOOD, Palette((0.1, 0.22), (0.4, 0.65), (0.28, 0.45))),
        roughness_range=(0.6, 0.85),
        scale_range=(0.001, 0.003),
        bump_range=(1e-4, 4e-4),
    ),
    # Leaves; `scale` is the size of the meshes between their veins.
    "foliage": SurfaceRanges(
        main=(LEAF, LEAF, Palette((0.24, 0.38), (0.45, 0.7), (0.18, 0.36))),
        second=(
            Palette((0.17, 0.24), (0.5, 0.75), (0.45, 0.65)),
            Palette((0.25, 0.32), (0.4, 0.65), (0.35, 0.5)),
        ),
        roughness_range=(0.32, 0.55),
        scale_range=(0.005, 0.012),
        bump_range=(5e-5, 2e-4),
    ),
    # `scale` is the size of clods.
    "soil": SurfaceRanges(
        main=(Palette((0.04, 0.08), (0.35, 0.55), (0.2, 0.38)),),
        second=(Palette((0.06, 0.09), (0.25, 0.45), (0.32, 0.5)),),
        roughness_range=(0.85, 1.0),
        scale_range=(0.006, 0.018),
        bump_range=(1e-3, 3e-3),
    ),
    # Furrows along z; `scale` is the distance between them.
    "bark": SurfaceRanges(
        main=(
            Palette((0.05, 0.09), (0.2, 0.42), (0.36, 0.52)),
            Palette((0.06, 0.11), (0.06, 0.14), (0.38, 0.55)),
            Palette((0.06, 0.1), (0.12, 0.25), (0.5, 0.65)),
        ),
        shade_range=(0.25, 0.4),
        roughness_range=(0.85, 1.0),
        scale_range=(0.015, 0.04),
        bump_range=(2e-3, 6e-3),
    ),
}
