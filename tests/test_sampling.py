"""Specs: the same from the same key, and no factor's draw depends on another's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simgen import spec as specs
from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.config import Config
from simgen.errors import SimgenError
from simgen.sampling import sample_scene
from simgen.spec import SceneSpec


def small() -> Config:
    config = Config(seed=3)
    config.objects.count_range = [3, 3]
    return config


def sample(config: Config, scene: int = 0) -> SceneSpec:
    return sample_scene(config, load_catalogue(config.assets), Library(None), scene)


def test_a_spec_survives_its_file_and_its_order() -> None:
    first = sample(small(), 4)
    sample(small(), 2)
    assert sample(small(), 4) == first
    assert specs.loads(specs.dumps(first)) == first


def test_other_factors_leave_the_objects_alone() -> None:
    before = sample(small())
    config = small()
    config.camera.focal_length_mm_range = [100.0, 120.0]
    config.lighting.hdris = ["night"]
    config.render.samples = 3
    config.frames_per_scene = 2
    after = sample(config)
    assert after.objects == before.objects
    assert after.cameras[0] != before.cameras[0]
    assert after.environment.hdri == "night"


def test_more_frames_and_more_objects_change_none_of_the_first() -> None:
    config = small()
    config.frames_per_scene = 3
    assert sample(config).cameras[0] == sample(small()).cameras[0]
    config.objects.count_range = [5, 5]
    few, many = sample(small()).objects, sample(config).objects
    assert [item.asset for item in many[:3]] == [item.asset for item in few]
    assert [item.materials for item in many[:3]] == [item.materials for item in few]


def test_scenes_and_seeds_differ() -> None:
    here, there = sample(small(), 0), sample(small(), 1)
    other = sample(replace(small(), seed=4), 0)
    assert len({specs.dumps(replace(spec, index=0, seed=0)) for spec in (here, there, other)}) == 3


def test_draws_stay_within_the_configs_ranges() -> None:
    config = small()
    config.objects.count_range = [2, 4]
    config.objects.scale_range = [0.5, 2.0]
    config.assets.classes = ["mug", "book"]
    for scene in range(6):
        spec = sample(config, scene)
        assert 1 <= len(spec.objects) <= 4
        assert [item.instance_id for item in spec.objects] == [*range(1, len(spec.objects) + 1)]
        assert {item.class_name for item in spec.objects} <= {"mug", "book"}
        assert all(spec.classes[item.class_id - 1] == item.class_name for item in spec.objects)
        assert all(0.5 <= item.scale <= 2.0 for item in spec.objects)
        assert 28 <= spec.cameras[0].focal_length_mm <= 70
        assert -0.3 <= spec.render.exposure <= 0.3


def test_a_scene_without_any_object_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgen.sampling.settle", lambda bodies, *_: [None] * len(bodies))
    with pytest.raises(SimgenError, match="scene 0: none of its 3 objects came to rest"):
        sample(small())
