"""The meshes of a scene are built once and handed on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simgen.assets.catalogue import load_catalogue
from simgen.assets.classes import CLASSES
from simgen.assets.library import Library
from simgen.config import Config
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData
from simgen.sampling.scenes import draw_scene
from simgen.stages.registry import Stages, load_stage
from simgen.stages.resolver import Resolver
from simgen.stages.stage import StageContent

MANY = 70
"""Objects: more than the meshes that stay in memory from scene to scene."""


def counting(built: Counter[str], stage: str) -> Resolver:
    """A resolver that counts the balls and the stages that it builds."""
    ball, surroundings = CLASSES["ball"], load_stage(stage)

    def shape(params: object) -> MeshData:
        built["ball"] += 1
        return ball.shape(params)

    def build(params: object) -> StageContent:
        built["stage"] += 1
        return surroundings.build(params)

    library = Library(None, {"ball": replace(ball, shape=shape)})
    return Resolver(library, Stages({stage: replace(surroundings, build=build)}))


def config(stage: str, count: int) -> Config:
    made = Config(seed=3)
    made.scene.name, made.assets.classes = stage, ["ball"]
    made.objects.count_range = [count, count]
    made.placement.methods = ["float"]
    return made


def test_every_mesh_of_a_scene_is_built_once() -> None:
    built: Counter[str] = Counter()
    resolver, made = counting(built, "flying"), config("flying", MANY)
    drawn = draw_scene(made, load_catalogue(made.assets), resolver, 0, ())
    assert built["ball"] == len(drawn.assets.objects) == MANY
    resolved = resolver.resolve(drawn.spec)
    assert built["ball"] <= 2 * MANY
    for one, other in zip(drawn.assets.objects, resolved.objects, strict=True):
        assert np.array_equal(one.vertices, other.vertices)


@pytest.mark.exhaustive
def test_a_stage_is_built_again_only_where_cameras_need_more_room() -> None:
    near, far = Counter[str](), Counter[str]()
    for built, distance in ((near, [1.0, 1.0]), (far, [9.0, 9.0])):
        made = config("tabletop", 2)
        made.camera.distance_range = distance
        drawn = draw_scene(made, load_catalogue(made.assets), counting(built, "tabletop"), 0, ())
        assert drawn.assets.parts
    assert (near["stage"], far["stage"]) == (1, 2)


def test_equal_assets_of_a_scene_share_their_mesh() -> None:
    resolver, made = counting(Counter(), "flying"), config("flying", 1)
    spec = draw_scene(made, load_catalogue(made.assets), resolver, 0, ()).spec
    first, second = resolver.resolve(replace(spec, objects=spec.objects * 2)).objects
    assert first is second


@pytest.mark.parametrize("missing", ["round", "wall_distance"])
def test_a_stage_that_lacks_a_parameter_names_it(missing: str) -> None:
    resolver, made = counting(Counter(), "tabletop"), config("tabletop", 1)
    spec = draw_scene(made, load_catalogue(made.assets), resolver, 0, ()).spec
    params = {name: value for name, value in spec.stage.params.items() if name != missing}
    with pytest.raises(AssetError, match=f"stage 'tabletop': .*'{missing}' is missing"):
        resolver.resolve(replace(spec, stage=replace(spec.stage, params=params)))
