"""Config files of the user's among the overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.config.compose import load_config
from simgen.errors import InputError

TEXT = """\
# @package _global_
defaults:
  - override /scene: bin
objects:
  count_range: [3, 5]
num_scenes: 7
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "my config.yaml"
    path.write_text(TEXT)
    return path


def test_a_file_is_an_override_that_others_follow(own: Path) -> None:
    found = load_config([str(own), "num_scenes=2"])
    assert found.scene.name == "bin"
    assert found.objects.count_range == [3, 5]
    assert found.num_scenes == 2
    assert load_config(["num_scenes=2", str(own)]) == found


def test_own_folders_of_configs_work_beside_it(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    (folder / "camera").mkdir(parents=True)
    (folder / "camera" / "mine.yaml").write_text("elevation_deg_range: [1, 2]\n")
    found = load_config([str(own), "camera=mine"], config_dir=folder)
    assert found.camera.elevation_deg_range == [1, 2]
    assert found.objects.count_range == [3, 5]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["missing.yaml"],
            "missing.yaml: config file not found; expected key=value or a YAML file",
        ),
        (["OWN", "other.yml"], "other.yml: expected one config file, found OWN before it"),
        (["OWN", "experiment=small"], "experiment=small: cannot be combined with the config file"),
        (["OWN", "hydra.searchpath=[]"], "hydra.searchpath=.*: cannot be combined"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(own: Path, words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("OWN", str(own))) as caught:
        load_config([str(own) if word == "OWN" else word for word in words])
    assert "\n" not in str(caught.value)


def test_a_key_that_simgen_does_not_know_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("# @package _global_\nobjects:\n  cuont_range: 3\n")
    with pytest.raises(InputError, match="cuont_range"):
        load_config([str(path)])
