"""What `simgen generate` accepts, and how it refuses the rest: key, value, expectation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simgen.assets.catalogue import load_catalogue
from simgen.commands import generate as hydra_app
from simgen.config import HDRIS, KEYS, CameraConfig, Config, check, value_of
from simgen.config import help as config_help
from simgen.config.compose import load_config
from simgen.config.keys import ConfigKey
from simgen.errors import InputError
from simgen.labels.registry import LABELS
from simgen.labels.selection import label_names, labels_help
from simgen.sampling.randomizers.classes import class_remarks, class_weights
from simgen.stages.registry import stage_names


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
        label_names(config)
        return 0

    with pytest.raises(InputError) as refused:
        hydra_app.run(words, checked)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_without_arguments_it_is_the_quickstart() -> None:
    expected = Config()
    expected.assets.tags = ["tabletop"]  # those of the stage
    assert compose() == expected


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_defaults_are_allowed_by_their_own_rule(key: ConfigKey) -> None:
    if key.default is not None or not key.optional:
        key.rule.check(key.name, key.default)
    assert value_of(Config(), key.name) == key.default


def test_configs_do_not_share_their_defaults() -> None:
    changed = Config()
    changed.sensor.effects.append("dust")
    assert "dust" not in Config().sensor.effects


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("scene=aerial", "experiment=fisheye"),
        ("scene=outdoor", "camera.aim=sphere"),
        ("scene=outdoor", "assets.classes=[tree,bench]"),
        ("runner=slurm", "runner.slurm.options.qos=high"),
        ("lighting=night", "seed=4", "camera.height_range=[1,2]"),
    ],
)
@pytest.mark.corpus(2)
def test_python_composes_what_the_command_composes(words: tuple[str, ...]) -> None:
    assert load_config(words) == compose(*words)


def test_the_default_sensor_is_that_of_its_file() -> None:
    assert compose("sensor=camera") == compose()
    assert compose("sensor=perfect").sensor.effects == []


SHIPPED = [path for folder in config_help.group_folders() for path in sorted(folder.glob("*.yaml"))]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}={path.stem}")
@pytest.mark.corpus(3)
def test_every_shipped_config_composes(path: Path) -> None:
    # The light of a photograph needs photographs.
    needs = ["background.images=photographs"] if path.stem == "photo" else []
    assert compose(f"{path.parent.name}={path.stem}", *needs).num_scenes > 0


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
        ("scene=moon", "scene=moon: expected one of "),
        ("runner=k8s", "runner=k8s: expected one of local, ray, slurm"),
        ("labels=[a", "labels=[a: cannot be parsed as key=value"),
        ("objects.count_range=x", "objects.count_range=x: expected a number, a pair"),
        ("objects.count_range=[a,b]", "objects.count_range=['a', 'b']: unknown distribution 'a'"),
        ("objects.count_range=[9,3]", "objects.count_range=[9, 3]: min is greater than max"),
        ("objects.count_range=[-1,3]", "objects.count_range=[-1, 3]: expected both ends from 0"),
        ("objects.count_range=[1,2,3]", "expected a pair [min,max], found 3 numbers"),
        ("objects.count_range=[1,2000000]", "expected both ends from 0 to 1000000"),
        ("scene.size_range=[.nan,1]", "scene.size_range"),
        (
            "scene.size_range=[nan,1]",
            "scene.size_range=[nan, 1]: expected [uniform,min,max], found nan",
        ),
        ("lighting.strength_range=[0.1,inf]", "lighting.strength_range=[0.1, inf]: expected"),
        ("num_scenes=0", "num_scenes=0: expected a number from 1"),
        ("num_scenes=-3", "num_scenes=-3: expected a number from 1"),
        ("frames_per_scene=0", "frames_per_scene=0: expected a number from 1"),
        ("render.width=3", "render.width=3: expected a number from 4 to 16384"),
        ("render.height=-480", "render.height=-480: expected a number from 4"),
        ("render.samples=0", "render.samples=0: expected a number from 1"),
        ("camera.sensor_width_mm=nan", "camera.sensor_width_mm=nan: expected a number"),
        ("runner.workers=0", "runner.workers=0: expected a number from 1"),
        ("runner.scene_timeout=inf", "runner.scene_timeout=inf: expected a number of at least 1"),
        ("render.device=tpu", "render.device=tpu: expected one of auto, cpu"),
        ("lighting.hdris=[moon]", "lighting.hdris=moon: expected one of city"),
        ("lighting.hdris=[]", "lighting.hdris=[]: expected at least one of"),
        ("labels=[rgb,smell]", "labels: unknown label 'smell'; expected one of rgb, "),
        ("labels=[]", "labels=[]: expected a list of"),
        ("labels=7", "labels=7: expected a list of"),
        ("labels=[[rgb]]", "labels: unknown label ['rgb']; expected one of rgb, "),
        ("assets.classes=[]", "assets.classes=[]: expected at least one name"),
        ("assets.classes=mug", "assets.classes: expected a list in brackets"),
        ("camera.path=zigzag", "camera.path=zigzag: expected one of views, static, orbit"),
        ("camera.model=pinhol", "camera.model=pinhol: expected one of pinhole, brown_conrady"),
        ("camera.distortion=[0.1]", "camera.model=pinhole has no coefficients"),
        ("camera.principal_point=[0.5]", "camera.principal_point=[0.5]: expected [x,y]"),
        ("camera.principal_point=[0.5,9]", "camera.principal_point=[0.5, 9.0]: expected [x,y]"),
        ("camera.f_stop_range=[0,8]", "camera.f_stop_range=[0, 8]: expected both ends from"),
        ("camera.f_stop_range=[8,2]", "min is greater than max"),
        ("camera.shutter=1.5", "camera.shutter=1.5: expected a number from 0 to 1"),
        ("camera.shutter=0.5", "camera.shutter=0.5: needs a sequence in time; set camera.path"),
        ("camera.row_exposure=0.1", "a rolling shutter needs camera.shutter above 0"),
        ("camera.stereo_baseline=-1", "camera.stereo_baseline=-1.0: expected a number from 0"),
        ("motion.objects=explode", "motion.objects=explode: expected one of none, keyframed"),
        ("motion.objects=physics", "motion.objects=physics: needs a sequence in time"),
        ("motion.deform_probability=0.5", "needs a sequence in time"),
        ("motion.deform_kinds=[melt]", "motion.deform_kinds=melt: expected one of twist, bend"),
        ("motion.frame_rate=0", "motion.frame_rate=0.0: expected a number from 0.1"),
        ("tracks.count=0", "tracks.count=0: expected a number from 1"),
        ("labels=[flow_forward]", "'flow_forward' needs frames_per_scene of at least 2"),
        ("labels=flow", "'flow' needs frames_per_scene of at least 2"),
        ("labels=[disparity]", "'disparity' needs camera.stereo_baseline above 0"),
        ("assets.up=x", "assets.up=x: expected one of auto, y, z"),
    ],
)
@pytest.mark.corpus(5)
def test_what_is_wrong_is_refused_in_one_line(word: str, expected: str) -> None:
    assert expected in refuse(word)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("camera.model=kannala_brandt camera.stereo_baseline=0.1", "needs camera.model=pinhole"),
        ("camera.model=kannala_brandt camera.distortion=[0,0,0,0,0]", "has at most 4"),
        ("camera.model=brown_conrady camera.distortion=[nan]", "camera.distortion=[nan]: expected"),
        ("camera.model=equirectangular camera.f_stop_range=[2,4]", "has no depth of field"),
        (
            "camera.aim=sphere camera.azimuth_deg_range=[same,lighting.sky.hour_range]",
            "camera.aim=sphere needs fixed limits",
        ),
        (
            "camera.aim=object camera.object_px_range=[30,60] camera.distance_range=[1,2]",
            "set the camera's distance",
        ),
        ("camera.gsd_range=0.01 camera.distance_range=[1,2]", "set the camera's distance"),
        ("camera.gsd_range=0.01", "set camera.elevation_deg_range to 30 degrees or more"),
        (
            "camera.gsd_range=0.01 camera.height_range=[1,2]",
            "instead of camera.height_range=[1, 2]",
        ),
        ("camera.model=orthographic camera.height_range=[1,2]", "has no single height"),
        ("camera.model=orthographic camera.stereo_baseline=0.1", "needs camera.model=pinhole"),
        ("camera.model=orthographic camera.distortion=[0.1]", "has no coefficients"),
        ("scene=tabletop scene.blend=mine.blend", "not used with scene=tabletop"),
        ("objects.weights={mug:5}", "expected a list in brackets"),
        ("camera.path=orbit motion.objects=keyframed", "needs frames_per_scene of at least 2"),
        ("camera.path=orbit camera.shutter=0.5", "needs frames_per_scene of at least 2, found 1"),
        ("camera.path=orbit frames_per_scene=2 camera.row_exposure=0.5", "needs camera.shutter"),
        (
            "camera.path=static frames_per_scene=2 motion.objects=physics "
            "placement.methods=[drop,float]",
            "placement.methods=float keeps objects in the air",
        ),
    ],
)
@pytest.mark.corpus(5)
def test_what_does_not_go_together_is_refused_in_one_line(words: str, expected: str) -> None:
    assert expected in refuse(*words.split())


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("scene=outdoor camera.elevation_deg_range=[30,40]", "height_range"),
        ("scene=outdoor camera.elevation_deg_range=[18,65]", "height_range"),
        ("scene=outdoor camera.aim=sphere", "height_range"),
        ("scene=outdoor camera.model=orthographic", "height_range"),
        ("scene=aerial camera.fill_range=[0.5,0.7]", "gsd_range"),
        ("scene=aerial experiment=fisheye", "gsd_range"),
        ("scene=aerial camera.distance_range=[60,160]", "gsd_range"),
        ("scene=aerial camera.aim=object camera.object_px_range=[50,60]", "gsd_range"),
    ],
)
@pytest.mark.corpus(1)
def test_what_the_user_gives_is_not_outdone_by_the_stage(words: str, lost: str) -> None:
    stage, *_ = words.split()
    assert getattr(compose(stage).camera, lost) is not None
    assert getattr(compose(*words.split()).camera, lost) is None


@pytest.mark.exhaustive
def test_the_command_line_outdoes_recipes() -> None:
    near = compose("experiment=fisheye", "camera.distance_range=[1,2]").camera
    assert near.distance_range == [1, 2]
    both = "camera.elevation_deg_range=[30,40]", "camera.height_range=[1,2]"
    assert "set the camera's height" in refuse(*both)
    assert "set the camera's distance" in refuse("camera.fill_range=1", "camera.distance_range=1")
    assert "camera.aim=sphere already determines" in refuse("camera.aim=sphere", both[1])
    assert compose("camera.height_range=null", both[0]).camera.height_range is None


def test_classes_that_are_named_are_used_whatever_the_stage_says_of_them() -> None:
    config = compose("scene=outdoor", "assets.classes=[tree,bench]")
    assert config.objects.weights == [
        word for word in compose("scene=outdoor").objects.weights if word != "tree:0"
    ]
    catalogue = load_catalogue(config.assets)
    assert class_weights(config, catalogue) == (1.0, 1.0)
    own = "objects.weights=[tree:0,car:1]"
    config = compose("scene=outdoor", "assets.classes=[tree,bench]", own)
    assert class_weights(config, catalogue) == (1.0, 0.0)
    config.objects.weights = ["bench:0", "tree:0", "car:1"]
    with pytest.raises(InputError, match="weight 0 to bench and tree, all classes"):
        class_weights(config, catalogue)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("assets.classes=[car,stop_sign,mug]", "car and stop_sign"),
        ("scene=bin assets.classes=[couch]", "couch"),
        ("scene=outdoor assets.classes=[car,stop_sign]", None),
        ("assets.classes=[mug]", None),
        ("assets.classes=[car] assets.tags=null", None),
        ("scene=room assets.tags=[furniture]", None),
    ],
)
@pytest.mark.corpus(2)
def test_classes_that_do_not_fit_the_stage_are_named(words: str, said: str | None) -> None:
    config = compose(*words.split())
    remarks = class_remarks(config, load_catalogue(config.assets))
    assert len(remarks) == (said is not None)
    if said is not None:
        assert remarks[0].startswith(f"assets.classes: {said} ")
        assert "scene=" in remarks[0]


@pytest.mark.parametrize(
    "words",
    [
        "camera.path=orbit",
        "camera.path=handheld frames_per_scene=2 camera.shutter=0.5 camera.row_exposure=0.1",
        "camera.path=static frames_per_scene=2 motion.objects=physics labels=flow",
        "camera.path=static frames_per_scene=2 motion.objects=physics "
        "placement.methods=[float:0,scatter]",
        "camera.model=equirectangular frames_per_scene=3",
        "camera.elevation_deg_range=[-90,90]",
        "camera.gsd_range=[0.01,0.05] camera.elevation_deg_range=[80,90]",
        "camera.model=brown_conrady camera.distortion=[-0.1,0.01,0,0,0,0,0,0]",
        "camera.stereo_baseline=0.1 labels=all",
        "objects.count_range=[1,100000]",
    ],
)
@pytest.mark.corpus(4)
def test_what_goes_together_is_accepted(words: str) -> None:
    assert label_names(compose(*words.split()))


def test_the_config_class_knows_what_ships() -> None:
    assert Config().scene.name in stage_names()
    assert list(HDRIS) == Config().lighting.hdris


def names(labels: Any, **values: Any) -> tuple[str, ...]:
    return label_names(Config(labels=labels, **values))


def test_labels_come_in_one_order_with_what_they_need() -> None:
    assert names(["depth", "rgb"]) == ("rgb", "depth", "camera")
    assert names(["coco"]) == ("rgb", "objects", "camera", "coco")
    assert names(["normals", "detection"]) == (
        "rgb", "depth", "normals", "instances", "semantic", "objects", "camera", "coco",
    )  # fmt: skip


def test_a_preset_leaves_out_what_the_scene_cannot_have() -> None:
    several = {name for name, label in LABELS.items() if label.several_frames}
    stereo = {name for name, label in LABELS.items() if label.stereo}
    alone = set(names("all"))
    own_sensor = {name for name, label in LABELS.items() if not label.in_all}
    assert alone == set(LABELS) - several - stereo - own_sensor
    assert set(names("all", frames_per_scene=2)) == alone | several
    pair = names("all", frames_per_scene=2, camera=CameraConfig(stereo_baseline=0.1))
    assert pair == tuple(name for name in LABELS if name not in own_sensor)
    assert several < set(names("flow", frames_per_scene=2))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--seed 3", "found '--seed 3', expected key=value: write seed=3"),
        ("--seed=3", "write seed=3"),
        ("--num-scenes 5 seed=1", "write num_scenes=5"),
        ("--render.samples seed=1", "found '--render.samples', expected key=value: write render.s"),
        ("--experiment smoke", "write experiment=smoke"),
        ("--sede 3", "write seed=3"),
        ("seed 3", "found 'seed 3', expected key=value: write seed=3"),
        ("--confg-dir mine", "unknown option '--confg-dir'; did you mean '--config-dir'?"),
        ("--verbosely", "unknown option '--verbosely'; settings are written as key=value"),
        ("-x", "unknown option '-x'"),
        ("--config-dir seed --seed=3", "write seed=3"),
        ("--config-name mine", "--config-name mine: config not found"),
    ],
)
def test_words_of_other_programs_are_answered_with_ours(words: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        hydra_app.run(words.split(), lambda config, folder: 0)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "# @package _global_\nseed: [1,\nrender: }\n",
            "{file}, line 3: invalid YAML: expected the",
        ),
        ("# @package _global_\n\tseed: 1\n", "{file}, line 2: invalid YAML: found character"),
        (
            "# @package _global_\nseed: 1\nseed: 2\n",
            "{file}, line 3: invalid YAML: found duplicate",
        ),
        ("# @package _global_\nseed: many\n", "experiment/mine.yaml: seed=many: expected a whole"),
        (
            "# @package _global_\nrender: {sampels: 3}\n",
            "experiment/mine.yaml: unknown key 'render.sampels'; did you mean 'render.samples'?",
        ),
        ("# @package _global_\nscene: outdoor\n", "experiment/mine.yaml: scene: expected keys"),
        ("# @package _global_\nseed: ${nope}\n", "seed: Interpolation key 'nope' not found"),
        ("seed: 1\n", "experiment/mine.yaml: missing first line '# @package _global_'"),
        ("# @package _globl_\nseed: 1\n", "missing first line '# @package _global_'"),
        ("", "missing first line '# @package _global_'"),
    ],
)
@pytest.mark.corpus(4)
def test_what_is_wrong_in_a_config_file_is_found_there(
    content: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "experiment" / "mine.yaml"
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        hydra_app.run([f"--config-dir={tmp_path}", "experiment=mine"], lambda config, folder: 0)
    message = str(caught.value)
    assert expected.format(file=file) in message if "{file}" in expected else expected in message
    assert "\n" not in message
    assert capsys.readouterr() == ("", "")


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
    text = config_help.help_text(labels_help())
    recipes = "experiment: fisheye, sequence, smoke, stereo"
    assert max(len(line) for line in text.splitlines()) <= 100
    lines = {line.strip() for line in text.splitlines()}
    assert {"runner: local, ray, slurm", "render: draft, fast, high, standard", recipes} <= lines
    # What it says can be typed as it stands.
    words = [f"{key.name}={key.default}" for key in keys]
    typed = compose(*[word for word in words if "name=" not in word])
    assert typed == Config()
