"""Surfaces with one design each: jackets, packages, labels, displays, balls.

What is drawn is in `simgen/rendering/blender/designs`; here are its colours and motifs.
"""

from __future__ import annotations

from simgen.sampling.randomizers.surfaces.palette import (
    BLACK,
    BLUE,
    CREAM,
    DEEP,
    GREEN,
    GREY,
    KRAFT,
    MUTED,
    NAVY,
    PURPLE,
    RED,
    TEAL,
    VIVID,
    WHITE,
    YELLOW,
    Palette,
    SurfaceRanges,
)

_GOLD = Palette((0.1, 0.13), (0.4, 0.6), (0.75, 0.9))

DRAWN: dict[str, SurfaceRanges] = {
    # `scale` is the grain of the board.
    "book_cover": SurfaceRanges(
        main=(NAVY, DEEP, DEEP, RED, BLUE, TEAL, GREEN, MUTED, CREAM, WHITE, BLACK),
        second=(_GOLD, CREAM, YELLOW, RED, TEAL, MUTED, DEEP),
        roughness_range=(0.25, 0.6),
        scale_range=(0.0005, 0.001),
        bump_range=(5e-6, 2e-5),
        coat_range=(0.0, 0.4),
        motifs=("picture", "picture", "framed", "framed", "plain"),
    ),
    "package_print": SurfaceRanges(
        main=(WHITE, WHITE, CREAM, *VIVID, NAVY, MUTED),
        second=(*VIVID, NAVY, DEEP, YELLOW),
        roughness_range=(0.3, 0.55),
        scale_range=(0.0008, 0.002),
        bump_range=(3e-6, 1.5e-5),
        coat_range=(0.0, 0.4),
    ),
    "shipping_carton": SurfaceRanges(
        main=(KRAFT, KRAFT, KRAFT, Palette((0.08, 0.12), (0.02, 0.08), (0.78, 0.88))),
        second=(BLACK, BLACK, NAVY, RED),
        roughness_range=(0.7, 0.9),
        scale_range=(0.003, 0.006),
        bump_range=(3e-5, 1e-4),
    ),
    # `scale` is the height of the design between its edges.
    "label_print": SurfaceRanges(
        main=(WHITE, WHITE, CREAM, CREAM, *VIVID, BLACK, NAVY),
        second=(*VIVID, DEEP, NAVY, _GOLD),
        roughness_range=(0.25, 0.55),
        scale_range=(0.07, 0.1),
        bump_range=(2e-6, 1e-5),
        coat_range=(0.0, 0.5),
    ),
    "phone_screen": SurfaceRanges(
        main=(BLUE, NAVY, DEEP, MUTED, PURPLE, TEAL),
        second=(*VIVID, MUTED),
        roughness_range=(0.03, 0.12),
        scale_range=(0.01, 0.03),
        bump_range=(1e-6, 3e-6),
        motifs=("off", "home", "home", "home", "chat", "list"),
        emission_range=(0.5, 1.2),
    ),
    "computer_screen": SurfaceRanges(
        main=(BLUE, NAVY, DEEP, MUTED, PURPLE, TEAL),
        second=(*VIVID, MUTED),
        roughness_range=(0.05, 0.25),
        scale_range=(0.01, 0.03),
        bump_range=(1e-6, 3e-6),
        motifs=("off", "windows", "windows", "page", "code"),
        emission_range=(0.5, 1.2),
    ),
    # Of balls, `scale` is the size of the ball's grain and `bump` the depth of its seams.
    "football": SurfaceRanges(
        main=(WHITE, WHITE, WHITE, YELLOW),
        second=(BLACK, BLACK, NAVY, RED),
        roughness_range=(0.25, 0.5),
        scale_range=(0.002, 0.004),
        bump_range=(3e-4, 8e-4),
        coat_range=(0.0, 0.3),
    ),
    "basketball": SurfaceRanges(
        main=(Palette((0.045, 0.065), (0.7, 0.85), (0.65, 0.82)),),
        second=(BLACK,),
        roughness_range=(0.5, 0.75),
        scale_range=(0.002, 0.004),
        bump_range=(3e-4, 8e-4),
    ),
    "tennis_ball": SurfaceRanges(
        main=(Palette((0.18, 0.21), (0.62, 0.8), (0.8, 0.92)),),
        second=(WHITE,),
        roughness_range=(0.9, 1.0),
        scale_range=(0.002, 0.004),
        bump_range=(3e-4, 7e-4),
    ),
    "beach_ball": SurfaceRanges(
        main=(RED, BLUE, YELLOW),
        second=(BLUE, GREEN, YELLOW, RED, GREY),
        roughness_range=(0.12, 0.35),
        scale_range=(0.002, 0.004),
        bump_range=(1e-4, 2e-4),
        coat_range=(0.2, 0.8),
    ),
}
