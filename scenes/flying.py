"""Objects floating around the origin: for optical flow and domain randomization.

A distant backdrop shows an arbitrary surface at any scale. Only the camera sees it, so it neither
shades nor lights the objects. Without a backdrop, the environment is the background.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import box, lathe, to_mesh
from simgen.sampling.randomizers.materials import draw_material
from simgen.spec.parameters import chance, scene_size
from simgen.spec.rng import Stream, log_uniform
from simgen.stages.stage import Materials, Stage, StageContent, StagePart

KINDS = ("pattern", "pattern", "pattern", "pattern", "wallpaper", "brick", "concrete", "fabric",
         "tablecloth", "grass", "gravel", "carpet", "marble", "terrazzo", "tiles", "floorboards",
         "rust", "print", "worn_paint", "bark", "foliage", "snow", "roof_tiles")  # fmt: skip
ENLARGED_RANGE = (3.0, 40.0)
"""Factor by which a pattern is larger than on objects, since the backdrop is metres away."""
MARGIN = 1.3


@dataclass(frozen=True)
class Flying:
    """size: radius of the backdrop, or half its width, metres. box: whether it is a cube."""

    size: float = scene_size()
    backdrop: bool = chance(0.75)
    box: bool = chance(0.4)


def materials(p: Flying, rng: Stream) -> Materials:
    """Sample one surface, with a larger pattern than on an object."""
    drawn = draw_material(str(rng.choice(KINDS)), rng)
    larger = log_uniform(rng, ENLARGED_RANGE)
    scale, bump = drawn.scale * larger, drawn.bump * larger
    return {"backdrop": replace(drawn, scale=scale, bump=bump, transmission=0.0)}


def fit(p: Flying, pile: float, reach: float) -> Flying:
    """Move the backdrop beyond objects and cameras."""
    return replace(p, size=max(p.size, MARGIN * max(pile, reach)))


def build(p: Flying) -> StageContent:
    """Build the backdrop with inward faces; without supports, objects float."""
    if not p.backdrop:
        return StageContent(())
    shape = _cube(p.size) if p.box else _sphere(p.size)
    return StageContent((StagePart("backdrop", _inward(shape), (0.0, 0.0, 0.0), backdrop=True),))


def _cube(half: float) -> MeshData:
    return to_mesh([box((-half, -half, -half), (half, half, half), "backdrop")])


def _sphere(radius: float) -> MeshData:
    angle = np.linspace(-np.pi / 2, np.pi / 2, 49)
    profile = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    return to_mesh([lathe(profile, "backdrop", 96)])


def _inward(shape: MeshData) -> MeshData:
    return replace(shape, faces=shape.faces[:, ::-1].copy(), uv=shape.uv[:, ::-1].copy(), pieces=())


STAGE = Stage(Flying, materials, build, fit)
