"""What each kind of surface may look like: one `Look` of ranges per kind, in tables by theme."""

from __future__ import annotations

from simgen.randomizers.looks.built import BUILT
from simgen.randomizers.looks.drawn import DRAWN
from simgen.randomizers.looks.grown import GROWN
from simgen.randomizers.looks.made import MADE
from simgen.randomizers.looks.metals import METALS
from simgen.randomizers.looks.palette import Look
from simgen.randomizers.looks.patterns import PATTERNS

OBJECT_LOOKS: dict[str, Look] = {**MADE, **METALS, **GROWN, **DRAWN}
"""Surfaces of things that stand around."""
STAGE_LOOKS: dict[str, Look] = dict(BUILT)
"""Surfaces of floors, walls, roofs and grounds."""
LOOKS: dict[str, Look] = {**OBJECT_LOOKS, **STAGE_LOOKS, **PATTERNS}
