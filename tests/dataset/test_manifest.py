"""dataset.json: which runs continue a dataset, those that are older than some keys included."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from simgen.config import Config
from simgen.config.compose import load_config
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import (
    Manifest,
    check_same,
    config_of,
    grown,
    make_manifest,
    older_defaults,
)
from simgen.errors import InputError

NEWER = {
    "scene": ("label_furnishings",),
    "distractors": ("fitted",),
    "camera": ("recognisable", "min_object_px", "gsd_range"),
    "assets": ("synonyms",),
    "placement": ("crowd",),
}
"""Keys that datasets of the first versions do not have."""


def before() -> Config:
    """A config that means what those did."""
    config = Config()
    config.scene.label_furnishings, config.distractors.fitted = "none", False
    config.camera.recognisable = 0.0
    config.sensor.effects, config.sensor.iso_range = [], [50.0, 60.0]
    return config


def manifest(config: Config) -> Manifest:
    return make_manifest(config, ("mug",), ("background",), "")


def old() -> Manifest:
    found = manifest(before())
    plain: dict[str, Any] = found.config
    for group, keys in NEWER.items():
        for key in keys:
            del plain[group][key]
    return dataclasses.replace(found, config=plain)


def test_an_older_dataset_is_continued_by_what_its_keys_meant(tmp_path: Path) -> None:
    check_same(Layout(tmp_path), old(), manifest(before()))


def test_an_older_dataset_is_not_continued_with_what_is_the_default_since(tmp_path: Path) -> None:
    config = before()
    config.scene.label_furnishings = "instances"
    with pytest.raises(InputError, match="'none' there and 'instances' in this run"):
        check_same(Layout(tmp_path), old(), manifest(config))


def test_defaults_are_what_they_were_when_an_older_dataset_was_made() -> None:
    assert older_defaults(old(), Config()) == {
        "scene.label_furnishings": "none",
        "distractors.fitted": False,
        "camera.recognisable": 0.0,
        "sensor.effects": [],
    }
    assert older_defaults(manifest(Config()), Config()) == {}


def test_a_dataset_is_continued_with_the_former_numbers_of_its_stage() -> None:
    then = load_config(
        ["scene=aerial", "objects.count_range=[16,36]", "camera.distance_range=[60,160]",
         "objects.weights=[tree:2,house:1,car:1]", "seed=4"]
    )  # fmt: skip
    found = older_defaults(manifest(then), load_config(["scene=aerial", "seed=4"]))
    assert found == {
        "objects.count_range": [16, 36],
        "objects.weights": ["tree:2", "house:1", "car:1"],
        "camera.distance_range": [60.0, 160.0],
        "camera.gsd_range": None,
    }
    asked = load_config(["scene=aerial", "objects.count_range=[3,4]"])
    assert "objects.count_range" not in older_defaults(manifest(then), asked)
    assert older_defaults(manifest(load_config(["scene=aerial"])), asked) == {}


def test_a_stage_may_have_had_several_numbers() -> None:
    words = ["scene=aerial", "camera.gsd_range=null"]
    for former in ([60.0, 160.0], [40.0, 120.0]):
        then = load_config([*words, f"camera.distance_range={former}"])
        found = older_defaults(manifest(then), load_config(["scene=aerial"]))
        assert found == {"camera.distance_range": former, "camera.gsd_range": None}


def test_an_older_dataset_stays_one_when_it_is_continued() -> None:
    continued = dataclasses.replace(manifest(before()), num_scenes=20)
    found = grown(old(), continued)
    assert found.num_scenes == found.config["num_scenes"] == 20
    assert older_defaults(found, Config()) == older_defaults(old(), Config())


def test_what_is_asked_for_is_no_default_that_was() -> None:
    config, noisy = Config(), old()
    config.camera.recognisable = 0.5
    noisy.config["sensor"]["effects"] = ["noise"]
    found = older_defaults(noisy, config)
    assert found == {"scene.label_furnishings": "none", "distractors.fitted": False}


def test_scenes_of_an_older_dataset_are_drawn_as_they_were() -> None:
    assert config_of(old()) == config_of(manifest(before()))


def test_other_content_is_another_dataset(tmp_path: Path) -> None:
    config = before()
    config.seed = 7
    with pytest.raises(InputError, match="seed is 0 there and 7 in this run"):
        check_same(Layout(tmp_path), manifest(before()), manifest(config))


@pytest.mark.parametrize("effects", [[], ["noise"]])
def test_ranges_of_effects_matter_where_there_are_any(tmp_path: Path, effects: list[str]) -> None:
    one, other = before(), before()
    one.sensor.effects = other.sensor.effects = effects
    other.sensor.iso_range = [100.0, 200.0]
    place = Layout(tmp_path)
    if effects:
        with pytest.raises(InputError, match=r"sensor\.iso_range is \[50\.0, 60\.0\] there"):
            check_same(place, manifest(one), manifest(other))
    else:
        check_same(place, manifest(one), manifest(other))
