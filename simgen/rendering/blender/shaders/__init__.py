"""One small recipe per kind of material, each a Principled BSDF fed by textures.

Patterns are cut out of endless solid textures in object space, in metres, so that a feature has
its real size on whatever mesh it lies. Print, cloth and displays alone follow the mesh's UVs, which
for simgen's own shapes are in metres as well. Node counts are kept low: textures are evaluated at
every bounce, and three times over wherever they feed a bump.
"""

from __future__ import annotations

from simgen.rendering.blender.shaders.anything import ANYTHING
from simgen.rendering.blender.shaders.built import BUILT
from simgen.rendering.blender.shaders.drawn import DRAWN
from simgen.rendering.blender.shaders.ground import GROUND
from simgen.rendering.blender.shaders.grown import GROWN
from simgen.rendering.blender.shaders.hard import HARD
from simgen.rendering.blender.shaders.parts import Recipe
from simgen.rendering.blender.shaders.shown import SHOWN
from simgen.rendering.blender.shaders.soft import SOFT

RECIPES: dict[str, Recipe] = {
    **HARD, **SOFT, **GROWN, **DRAWN, **SHOWN, **BUILT, **GROUND, **ANYTHING,
}  # fmt: skip
