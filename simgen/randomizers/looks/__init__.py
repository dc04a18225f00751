"""What each kind of surface may look like: one `SurfaceRanges` per kind, in tables by theme."""

from __future__ import annotations

from simgen.randomizers.looks.built import BUILT
from simgen.randomizers.looks.drawn import DRAWN
from simgen.randomizers.looks.grown import GROWN
from simgen.randomizers.looks.made import MADE
from simgen.randomizers.looks.metals import METALS
from simgen.randomizers.looks.palette import SurfaceRanges
from simgen.randomizers.looks.patterns import PATTERNS

OBJECT_SURFACES: dict[str, SurfaceRanges] = {**MADE, **METALS, **GROWN, **DRAWN}
"""Surfaces of objects."""
STAGE_SURFACES: dict[str, SurfaceRanges] = dict(BUILT)
"""Surfaces of floors, walls, roofs and grounds."""
SURFACES: dict[str, SurfaceRanges] = {**OBJECT_SURFACES, **STAGE_SURFACES, **PATTERNS}
