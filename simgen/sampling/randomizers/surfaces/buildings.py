"""What floors, walls, roofs and grounds are made of."""

from __future__ import annotations

from simgen.sampling.randomizers.surfaces.palette import (
    ANY,
    BLACK,
    CREAM,
    DEEP,
    EARTH,
    GREY,
    MID_WOOD,
    MUTED,
    NAVY,
    PALE_WOOD,
    VIVID,
    WHITE,
    WOODS,
    Palette,
    SurfaceRanges,
)

_DULL = Palette((0.08, 0.62), (0.06, 0.22), (0.4, 0.8))
"""Sage, sand, dove blue."""

BUILT: dict[str, SurfaceRanges] = {
    "stone": SurfaceRanges(
        main=(
            GREY,
            GREY,
            Palette((0.06, 0.12), (0.05, 0.2), (0.6, 0.8)),
            Palette((0.02, 0.06), (0.15, 0.35), (0.45, 0.62)),
            Palette(ANY, (0.0, 0.1), (0.2, 0.35)),
        ),
        second=(GREY, CREAM, BLACK),
        roughness_range=(0.12, 0.55),
        scale_range=(0.03, 0.1),
        bump_range=(2e-5, 1.5e-4),
    ),
    # Polished; `scale` is the distance between veins.
    "marble": SurfaceRanges(
        main=(
            WHITE,
            WHITE,
            CREAM,
            Palette((0.06, 0.12), (0.05, 0.18), (0.6, 0.75)),
            Palette((0.3, 0.5), (0.1, 0.4), (0.15, 0.25)),
            BLACK,
        ),
        second=(GREY, Palette((0.06, 0.11), (0.2, 0.4), (0.5, 0.65)), WHITE),
        roughness_range=(0.06, 0.25),
        scale_range=(0.1, 0.35),
        bump_range=(2e-6, 1e-5),
        coat_range=(0.0, 0.3),
    ),
    "tabletop_wood": SurfaceRanges(
        main=WOODS,
        shade_range=(0.5, 0.75),
        roughness_range=(0.28, 0.55),
        scale_range=(0.06, 0.16),
        bump_range=(8e-6, 5e-5),
        coat_range=(0.0, 0.4),
    ),
    "floorboards": SurfaceRanges(
        main=WOODS,
        shade_range=(0.55, 0.8),
        roughness_range=(0.35, 0.6),
        scale_range=(0.09, 0.2),
        bump_range=(5e-5, 2e-4),
        coat_range=(0.0, 0.3),
    ),
    "concrete": SurfaceRanges(
        main=(GREY, Palette((0.06, 0.14), (0.03, 0.12), (0.5, 0.75))),
        shade_range=(0.72, 0.88),
        roughness_range=(0.6, 0.9),
        scale_range=(0.15, 0.4),
        bump_range=(3e-4, 1e-3),
    ),
    "tiles": SurfaceRanges(
        main=(WHITE, CREAM, GREY, EARTH, MUTED),
        second=(GREY, CREAM),
        roughness_range=(0.12, 0.5),
        scale_range=(0.07, 0.4),
        bump_range=(8e-4, 2e-3),
        coat_range=(0.0, 0.5),
    ),
    "tablecloth": SurfaceRanges(
        main=(CREAM, WHITE, MUTED, GREY),
        second=(*VIVID, DEEP, NAVY, MUTED, WHITE),
        roughness_range=(0.8, 1.0),
        scale_range=(0.02, 0.09),
        bump_range=(2e-4, 5e-4),
    ),
    "laminate": SurfaceRanges(
        main=(WHITE, WHITE, WHITE, GREY, GREY, CREAM, BLACK, PALE_WOOD, _DULL),
        shade_range=(0.8, 0.93),
        roughness_range=(0.25, 0.55),
        scale_range=(0.002, 0.006),
        bump_range=(3e-6, 1.5e-5),
    ),
    # Lacquer of tables and cupboards: white, grey, and colours that people live with.
    "furniture_paint": SurfaceRanges(
        main=(WHITE, WHITE, WHITE, CREAM, GREY, BLACK, _DULL, _DULL, NAVY),
        second=(MID_WOOD, GREY),
        roughness_range=(0.25, 0.5),
        scale_range=(0.03, 0.08),
        bump_range=(5e-6, 2e-5),
        coat_range=(0.0, 0.3),
    ),
    "terrazzo": SurfaceRanges(
        main=(WHITE, CREAM, GREY, BLACK),
        second=(EARTH, MUTED, GREY),
        roughness_range=(0.12, 0.35),
        scale_range=(0.008, 0.025),
        bump_range=(5e-6, 2e-5),
    ),
    "plaster": SurfaceRanges(
        main=(WHITE, CREAM, MUTED, Palette(ANY, (0.05, 0.25), (0.65, 0.85))),
        shade_range=(0.88, 0.96),
        roughness_range=(0.75, 0.95),
        scale_range=(0.004, 0.012),
        bump_range=(3e-4, 1e-3),
    ),
    # `scale` is the width of a stripe, or the distance between figures.
    "wallpaper": SurfaceRanges(
        main=(WHITE, CREAM, MUTED, Palette(ANY, (0.08, 0.25), (0.6, 0.85))),
        second=(CREAM, WHITE, MUTED, DEEP),
        roughness_range=(0.6, 0.9),
        scale_range=(0.04, 0.12),
        bump_range=(2e-5, 1e-4),
        motifs=("stripes", "dots", "damask", "plain"),
    ),
    # Pile of loops, `scale` across.
    "carpet": SurfaceRanges(
        main=(MUTED, GREY, EARTH, CREAM, DEEP, NAVY),
        shade_range=(0.55, 0.75),
        roughness_range=(0.9, 1.0),
        scale_range=(0.004, 0.01),
        bump_range=(8e-4, 2e-3),
    ),
    # Courses in metres: bricks are `scale` long, 0.19 to 0.25, and a third as high.
    "brick": SurfaceRanges(
        main=(
            Palette((0.01, 0.05), (0.45, 0.65), (0.42, 0.62)),
            Palette((0.03, 0.07), (0.35, 0.55), (0.5, 0.68)),
            Palette((0.07, 0.11), (0.25, 0.42), (0.62, 0.78)),
        ),
        second=(Palette((0.06, 0.12), (0.02, 0.15), (0.5, 0.75)),),
        roughness_range=(0.8, 0.95),
        scale_range=(0.19, 0.25),
        bump_range=(3e-3, 7e-3),
    ),
    # Interlocking tiles, `scale` wide; rows go up the slope of the roof.
    "roof_tiles": SurfaceRanges(
        main=(
            Palette((0.02, 0.05), (0.5, 0.7), (0.45, 0.65)),
            Palette((0.01, 0.04), (0.4, 0.6), (0.3, 0.42)),
            Palette((0.55, 0.65), (0.03, 0.1), (0.25, 0.4)),
        ),
        second=(Palette((0.1, 0.2), (0.1, 0.3), (0.2, 0.35)),),
        roughness_range=(0.55, 0.85),
        scale_range=(0.2, 0.3),
        bump_range=(0.02, 0.04),
    ),
    # `scale` is the size of chippings.
    "asphalt": SurfaceRanges(
        main=(Palette((0.05, 0.6), (0.0, 0.06), (0.26, 0.42)),),
        second=(Palette((0.06, 0.12), (0.02, 0.12), (0.45, 0.62)),),
        roughness_range=(0.75, 0.95),
        scale_range=(0.006, 0.014),
        bump_range=(1e-3, 3e-3),
    ),
    # `scale` is the width of a tuft.
    "grass": SurfaceRanges(
        main=(
            Palette((0.2, 0.27), (0.5, 0.72), (0.28, 0.45)),
            Palette((0.23, 0.31), (0.45, 0.65), (0.3, 0.45)),
        ),
        second=(
            Palette((0.14, 0.19), (0.4, 0.6), (0.5, 0.62)),
            Palette((0.18, 0.23), (0.5, 0.7), (0.45, 0.58)),
        ),
        roughness_range=(0.6, 0.85),
        scale_range=(0.025, 0.05),
        bump_range=(5e-3, 0.012),
    ),
    # `scale` is the size of a pebble.
    "gravel": SurfaceRanges(
        main=(GREY, Palette((0.06, 0.11), (0.08, 0.25), (0.5, 0.72))),
        second=(Palette((0.04, 0.1), (0.15, 0.35), (0.35, 0.6)), WHITE),
        roughness_range=(0.7, 0.95),
        scale_range=(0.015, 0.035),
        bump_range=(3e-3, 7e-3),
    ),
    # `scale` is the length of drifts.
    "snow": SurfaceRanges(
        main=(Palette((0.55, 0.62), (0.0, 0.03), (0.9, 0.93)),),
        shade_range=(0.9, 0.97),
        roughness_range=(0.5, 0.7),
        scale_range=(0.2, 0.6),
        bump_range=(0.01, 0.04),
    ),
    # Clear and calm, `scale` from wave to wave.
    "water": SurfaceRanges(
        main=(
            Palette((0.45, 0.58), (0.08, 0.3), (0.8, 0.92)),
            Palette((0.3, 0.45), (0.1, 0.3), (0.7, 0.85)),
        ),
        shade_range=(0.9, 1.0),
        roughness_range=(0.0, 0.03),
        transmission=1.0,
        scale_range=(0.05, 0.3),
        bump_range=(3e-4, 3e-3),
    ),
    # Panes seen from outside by day: dark rooms behind a mirror; `scale` is a pane's warp.
    "window_glass": SurfaceRanges(
        main=(Palette((0.5, 0.62), (0.0, 0.3), (0.15, 0.22)),),
        shade_range=(1.1, 1.5),
        roughness_range=(0.01, 0.04),
        scale_range=(0.3, 0.5),
        bump_range=(1e-4, 4e-4),
        coat_range=(0.5, 1.0),
    ),
}
