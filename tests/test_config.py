"""What `simgen generate` accepts, and how it refuses the rest: key, value, expectation."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen import config_help, hydra_app
from simgen.config import HDRIS, Config, check, label_names
from simgen.errors import InputError
from simgen.labels import LABELS
from simgen.resources import resource
from simgen.stages import stage_names


def compose(*words: str) -> Config:
    """The checked config of a command line, and nothing run."""
    seen: list[Config] = []

    def keep(config: Config, folder: Path) -> int:
        check(config)
        seen.append(config)
        return 0

    assert hydra_app.run(words, keep) == 0
    return seen[0]


def refuse(*words: str) -> str:
    """The message for a command line that is wrong, from whichever check finds it."""

    def checked(config: Config, folder: Path) -> int:
        check(config)
        return 0

    with pytest.raises(InputError) as refused:
        hydra_app.run(words, checked)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_without_arguments_it_is_the_quickstart() -> None:
    assert compose() == Config()


@pytest.mark.parametrize("path", sorted(resource("configs").rglob("*.yaml")), ids=str)
def test_every_shipped_config_composes(path: Path) -> None:
    group = path.relative_to(resource("configs")).parent.as_posix()
    if group in (".", "hydra/help"):
        return
    assert compose(f"{group}={path.stem}").num_scenes > 0


def test_the_contracts_keys() -> None:
    config = compose(
        "seed=7", "num_scenes=20", "frames_per_scene=2", "scene=tabletop", "render.width=320",
        "render.height=240", "render.samples=64", "labels=[rgb,depth]", "assets.dir=somewhere",
        "assets.classes=[mug,bowl]", "output.dir=there", "runner=local", "runner.workers=2",
    )  # fmt: skip
    assert (config.seed, config.num_scenes, config.frames_per_scene) == (7, 20, 2)
    assert (config.render.width, config.render.height, config.render.samples) == (320, 240, 64)
    assert (config.assets.dir, config.assets.classes) == ("somewhere", ["mug", "bowl"])
    assert (config.output.dir, config.runner.workers) == ("there", 2)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("render.widht=3", "unknown key 'render.widht'; did you mean 'render.width'?"),
        ("+render.foo=3", "unknown key 'render.foo'"),
        ("foo=1", "unknown key 'foo'"),
        ("render.width=abc", "render.width=abc: expected a whole number"),
        ("render.width=1.5", "render.width=1.5: expected a whole number"),
        ("seed=null", "seed=null: expected a value"),
        ("seed=true", "seed=True: expected a whole number"),
        ("render.denoise=7.5", "render.denoise=7.5: expected true or false"),
        ("scene=moon", "scene=moon: expected one of tabletop"),
        ("runner=ray", "runner=ray: expected one of local"),
        ("labels=[a", "labels=[a: not readable as key=value"),
        ("objects.count_range=5", "objects.count_range: expected a list in brackets"),
        ("objects.count_range=[a,b]", "objects.count_range[0]=a: expected a whole number"),
        ("objects.count_range=[9,3]", "objects.count_range=[9, 3]: min is greater than max"),
        ("objects.count_range=[-1,3]", "objects.count_range=[-1, 3]: expected both ends from 1"),
        ("objects.count_range=[1,2,3]", "expected a pair [min,max], found 3 numbers"),
        ("objects.count_range=[1,40000]", "expected both ends from 1 to 32767"),
        ("scene.size_range=[.nan,1]", "scene.size_range"),
        ("scene.size_range=[nan,1]", "scene.size_range=[nan, 1.0]: expected both ends"),
        ("lighting.strength_range=[0.1,inf]", "lighting.strength_range=[0.1, inf]: expected"),
        ("num_scenes=0", "num_scenes=0: expected a number from 1"),
        ("num_scenes=-3", "num_scenes=-3: expected a number from 1"),
        ("frames_per_scene=0", "frames_per_scene=0: expected a number from 1"),
        ("render.width=0", "render.width=0: expected a number from 1 to 16384"),
        ("render.height=-480", "render.height=-480: expected a number from 1"),
        ("render.samples=0", "render.samples=0: expected a number from 1"),
        ("camera.sensor_width_mm=nan", "camera.sensor_width_mm=nan: expected a number"),
        ("runner.workers=0", "runner.workers=0: expected a number from 1"),
        ("runner.scene_timeout=inf", "runner.scene_timeout=inf: expected a number of at least 1"),
        ("render.device=tpu", "render.device=tpu: expected one of auto, cpu"),
        ("lighting.hdris=[moon]", "lighting.hdris=moon: expected one of city"),
        ("lighting.hdris=[]", "lighting.hdris=[]: expected at least one of"),
        ("labels=[rgb,smell]", "labels: unknown label 'smell'; expected one of rgb, depth"),
        ("labels=[]", "labels=[]: expected a list of"),
        ("labels=7", "labels=7: expected a list of"),
        ("assets.classes=[]", "assets.classes=[]: expected at least one class"),
        ("assets.classes=mug", "assets.classes: expected a list in brackets"),
        ("assets.up=x", "assets.up=x: expected one of auto, y, z"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(word: str, expected: str) -> None:
    assert expected in refuse(word)


def test_the_config_class_knows_what_ships() -> None:
    assert Config().scene.name in stage_names()
    assert list(HDRIS) == Config().lighting.hdris


def test_labels_come_in_one_order_with_what_they_need() -> None:
    assert label_names("all") == LABELS
    assert label_names(["depth", "rgb"]) == ("rgb", "depth", "camera")
    assert label_names(["coco"]) == ("rgb", "objects", "camera", "coco")
    assert label_names(["semantic", "detection"]) == LABELS


def test_a_multirun_makes_a_folder_for_each_config(tmp_path: Path) -> None:
    folders: list[Path] = []

    def keep(config: Config, folder: Path) -> int:
        folders.append(folder)
        return config.seed

    words = ["render.samples=2", "-m", "seed=1,3", f"hydra.sweep.dir={tmp_path}"]
    assert hydra_app.run(words, keep) == 3, "the highest exit code counts"
    assert [folder.as_posix() for folder in folders] == [
        "datasets/multirun/render.samples=2,seed=1",
        "datasets/multirun/render.samples=2,seed=3",
    ]


def test_the_default_folder_names_scene_and_seed() -> None:
    folders: list[Path] = []

    def keep(config: Config, folder: Path) -> int:
        folders.append(folder)
        return 0

    hydra_app.run(["seed=4"], keep)
    assert folders == [Path("datasets/tabletop-seed4")]


def test_the_help_explains_every_key() -> None:
    keys = config_help.all_keys()
    assert [key.name for key in keys if not key.meaning] == []
    text = config_help.help_text()
    assert max(len(line) for line in text.splitlines()) <= 100
    assert {"scene: tabletop", "runner: local", "experiment: smoke"} <= {
        line.strip() for line in text.splitlines()
    }
    # What it says can be typed as it stands.
    words = [f"{key.name}={key.default}" for key in keys]
    assert compose(*[word for word in words if "name=" not in word]) == Config()
