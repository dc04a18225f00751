"""One small recipe per kind of material, each a Principled BSDF fed by textures.

Patterns are cut out of endless solid textures in object space, in metres, so that a feature has
its real size on whatever mesh it lies. Print, cloth and displays alone follow the mesh's UVs, which
for simgen's own shapes are in metres as well. Node counts are kept low: textures are evaluated at
every bounce, and three times over wherever they feed a bump.
"""

from __future__ import annotations

from simgen.blender.recipes.anything import ANYTHING
from simgen.blender.recipes.built import BUILT
from simgen.blender.recipes.drawn import DRAWN
from simgen.blender.recipes.ground import GROUND
from simgen.blender.recipes.grown import GROWN
from simgen.blender.recipes.hard import HARD
from simgen.blender.recipes.parts import Recipe
from simgen.blender.recipes.shown import SHOWN
from simgen.blender.recipes.soft import SOFT

RECIPES: dict[str, Recipe] = {
    **HARD, **SOFT, **GROWN, **DRAWN, **SHOWN, **BUILT, **GROUND, **ANYTHING,
}  # fmt: skip
