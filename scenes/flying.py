"""Objects in the air around the origin: for optical flow and domain randomization.

A backdrop far behind them shows any surface, at any size; the camera alone sees it, so that it
neither shades the objects nor lights them. Without one, the environment itself is the background.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.assets.parametric import shapes
from simgen.draws import Draws
from simgen.mesh import MeshData
from simgen.randomizers.materials import draw_material
from simgen.rng import log_uniform
from simgen.scenery.solids import box, mesh
from simgen.spec import StageSpec
from simgen.stage import LampPlace, Room, StagePart, Support

NAME = "flying"
STUFF = ()
BACKDROP_PROBABILITY = 0.75
BOX_PROBABILITY = 0.4
KINDS = ("pattern", "pattern", "pattern", "pattern", "wallpaper", "brick", "concrete", "fabric",
         "tablecloth", "grass", "gravel", "carpet", "marble", "terrazzo", "tiles", "floorboards",
         "rust", "print", "worn_paint", "bark", "foliage", "snow", "roof_tiles")  # fmt: skip
ENLARGED_RANGE = (3.0, 40.0)
"""How many times larger a pattern is than on things at hand: the backdrop is metres away."""
MARGIN = 1.3


def draw(draws: Draws) -> StageSpec:
    """A backdrop, or none. `scene.size_range` is its radius, or half of its width, metres."""
    rng = draws.stream("stage")
    params = {
        "size": draws.number("scene.size_range"),
        "backdrop": float(rng.random() < BACKDROP_PROBABILITY),
        "box": float(rng.random() < BOX_PROBABILITY),
    }
    drawn = draw_material(str(rng.choice(KINDS)), rng)
    larger = log_uniform(rng, ENLARGED_RANGE)
    material = replace(
        drawn, scale=drawn.scale * larger, bump=drawn.bump * larger, transmission=0.0
    )
    return StageSpec(NAME, {k: float(v) for k, v in params.items()}, {"backdrop": material})


def grow(stage: StageSpec, pile: float, reach: float) -> StageSpec:
    """The backdrop, as far away as it needs to be."""
    size = max(stage.params["size"], MARGIN * max(pile, reach))
    return replace(stage, params={**stage.params, "size": size})


def supports(stage: StageSpec) -> tuple[Support, ...]:
    return ()


def room(stage: StageSpec) -> Room | None:
    return None


def lamps(stage: StageSpec) -> tuple[LampPlace, ...]:
    return ()


def build(stage: StageSpec) -> tuple[StagePart, ...]:
    """The backdrop, its faces turned inward."""
    p = stage.params
    if not p["backdrop"]:
        return ()
    shape = _cube(p["size"]) if p["box"] else _sphere(p["size"])
    return (StagePart("backdrop", _inward(shape), (0.0, 0.0, 0.0), backdrop=True),)


def _cube(half: float) -> MeshData:
    return mesh([box((-half, -half, -half), (half, half, half), "backdrop")])


def _sphere(radius: float) -> MeshData:
    angle = np.linspace(-np.pi / 2, np.pi / 2, 49)
    profile = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    part = shapes.lathe(profile, "backdrop", 96)
    faces = part.faces.astype(np.int32)
    slot = np.zeros(len(faces), np.int32)
    return MeshData(part.vertices, faces, part.uv.astype(np.float32), slot, ("backdrop",))


def _inward(shape: MeshData) -> MeshData:
    return replace(shape, faces=shape.faces[:, ::-1].copy(), uv=shape.uv[:, ::-1].copy(), pieces=())
