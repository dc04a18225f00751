"""Scenes without labelled objects."""

from __future__ import annotations

import numpy as np

from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.config import Config
from simgen.config.compose import load_config
from simgen.geometry.lens import lens_of
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.selection import label_names
from simgen.sampling.scenes import sample_scene
from simgen.spec.scene import SceneSpec
from simgen.stages.resolver import Resolver


def sample(config: Config, scene: int = 0) -> SceneSpec:
    catalogue = load_catalogue(config.assets)
    return sample_scene(config, catalogue, Resolver(Library(None)), scene, label_names(config))


def test_a_scene_without_objects_is_framed_like_the_scene_of_one() -> None:
    words = ["scene=tabletop", "frames_per_scene=2"]
    one = sample(load_config([*words, "objects.count_range=1"]))
    none = sample(load_config([*words, "objects.count_range=0"]))
    assert len(one.placed) == 1
    assert not none.placed
    assert not none.distractors
    assert none.cameras == one.cameras
    assert none.stage == one.stage


def test_cameras_look_at_the_distractors_where_there_are_no_objects() -> None:
    spec = sample(
        load_config(
            [
                *("objects.count_range=0", "distractors.count_range=3"),
                *("assets.classes=[ball]", "distractors.classes=[mug,bottle]"),
            ]
        )
    )
    assert not spec.placed
    assert len(spec.distractors) == 3
    width, height = spec.render.width, spec.render.height
    for camera in spec.cameras:
        centres = np.array([item.position for item in spec.distractors])
        local = transform(invert_rigid(np.array(camera.cam_to_world)), centres)
        pixels = lens_of(camera.lens, width, height).project(local)
        assert ((pixels >= 0) & (pixels < (width, height))).all(axis=1).any()


def test_a_range_from_zero_mixes_images_with_and_without_objects() -> None:
    config = load_config(["objects.count_range=[0,1]", "assets.classes=[ball]", "scene=flying"])
    counts = [len(sample(config, scene).placed) for scene in range(12)]
    assert set(counts) == {0, 1}


def test_a_rare_case_has_its_object_whatever_the_count() -> None:
    config = load_config(["objects.count_range=0", "assets.classes=[ball,mug]"])
    config.cases = [{"name": "lying", "share": 1.0, "object": {"class": "mug"}}]
    assert [item.class_name for item in sample(config).placed] == ["mug"]
