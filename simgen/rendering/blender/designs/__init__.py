"""Printed and shown designs, drawn as images: covers, packages, labels, displays, balls.

A design is a pure function of a material's spec: its colours, its motif, and a random stream that
its offset is the seed of. What is drawn here has a place for everything, which endless solid
textures have not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgen.rendering.blender.designs.balls import basketball, beach_ball, football, tennis_ball
from simgen.rendering.blender.designs.covers import jacket
from simgen.rendering.blender.designs.displays import desktop, phone
from simgen.rendering.blender.designs.packages import label, package, shipping_carton
from simgen.spec.scene import MaterialSpec

DESIGNS: dict[str, Callable[[MaterialSpec], np.ndarray]] = {
    "book_cover": jacket,
    "package_print": package,
    "shipping_carton": shipping_carton,
    "label_print": label,
    "phone_screen": phone,
    "computer_screen": desktop,
    "football": football,
    "basketball": basketball,
    "tennis_ball": tennis_ball,
    "beach_ball": beach_ball,
}
"""Kind of material to its design, `H x W x 4` uint8, sRGB; alpha is relief, 255 the highest."""
