"""What each kind of surface may look like: one `SurfaceRanges` per kind, in tables by theme."""

from __future__ import annotations

from simgen.sampling.randomizers.surfaces.buildings import BUILT
from simgen.sampling.randomizers.surfaces.manufactured import MADE
from simgen.sampling.randomizers.surfaces.metals import METALS
from simgen.sampling.randomizers.surfaces.organic import GROWN
from simgen.sampling.randomizers.surfaces.palette import SurfaceRanges
from simgen.sampling.randomizers.surfaces.patterns import PATTERNS
from simgen.sampling.randomizers.surfaces.printed import DRAWN

OBJECT_SURFACES: dict[str, SurfaceRanges] = {**MADE, **METALS, **GROWN, **DRAWN}
"""Surfaces of objects."""
STAGE_SURFACES: dict[str, SurfaceRanges] = dict(BUILT)
"""Surfaces of floors, walls, roofs and grounds."""
SURFACES: dict[str, SurfaceRanges] = {**OBJECT_SURFACES, **STAGE_SURFACES, **PATTERNS}
