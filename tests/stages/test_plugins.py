"""A package and a config folder of one's own, without forking."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

import simgen
from simgen.assets.catalogue import load_catalogue
from simgen.config import Config
from simgen.errors import InputError
from simgen.formats.registry import format_of
from simgen.sampling.scenes import sample_scene
from simgen.stages.plugins import load_plugins
from simgen.stages.resolver import ResolverSettings, make_resolver
from tests.conftest import TINY

FOLDER = Path(__file__).parents[1] / "plugin"
WORDS = (*TINY, "scene.name=plinth", "scene.size_range=[0.5,0.5]", "num_scenes=2",
         "assets.classes=[brick,ball]", "labels=[rgb,instances,objects,panoptic]")  # fmt: skip


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, called in the folder of the user's package."""
    command = [str(Path(sys.executable).parent / "simgen"), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("on_path")
def test_own_classes_stages_and_randomizers_make_specs() -> None:
    config = Config(seed=1)
    config.scene.name, config.scene.size_range = "plinth", [0.5, 0.5]
    config.assets.classes = ["brick"]
    own = load_plugins(["my_things"])
    catalogue = load_catalogue(config.assets, {name: o.info for name, o in own.classes.items()})
    resolver = make_resolver(ResolverSettings(plugins=("my_things",)))
    spec = sample_scene(config, catalogue, resolver, 0, ())
    assert {item.class_name for item in spec.objects} == {"brick"}
    assert spec.stage.name == "plinth"
    assert spec.stuff == ("background", "plinth")
    plain = sample_scene(config, catalogue, make_resolver_without_randomizer(), 0, ())
    assert spec.environment.tint != plain.environment.tint
    assert spec.objects == plain.objects


def make_resolver_without_randomizer() -> simgen.stages.resolver.Resolver:
    from dataclasses import replace

    return replace(make_resolver(ResolverSettings(plugins=("my_things",))), randomizers={})


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_run_uses_them_and_a_replay_asks_for_them(tmp_path: Path) -> None:
    made = tmp_path / "made"
    done = run("generate", "--plugin", "my_things", *WORDS, "runner.workers=2",
               f"output.dir={made}", folder=FOLDER)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    dataset = simgen.open(made)
    assert dataset.classes == ("ball", "brick")
    assert dataset.stuff_classes == ("background", "plinth")
    assert dataset.manifest.plugins == ("my_things",)
    refused = run("replay", str(made), "--scene", "1", folder=FOLDER)
    assert refused.returncode == 2
    assert "--plugin my_things" in refused.stderr
    again = run("replay", str(made), "--scene", "1", "--plugin", "my_things", folder=FOLDER)
    assert again.returncode == 0, again.stdout + again.stderr
    other = run("generate", *WORDS, "scene.name=tabletop", "assets.classes=[ball]",
                f"output.dir={made}", folder=FOLDER)  # fmt: skip
    assert other.returncode == 2


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_config_folder_of_ones_own(tmp_path: Path) -> None:
    groups = tmp_path / "mine" / "experiment"
    groups.mkdir(parents=True)
    (groups / "pair.yaml").write_text(
        "# @package _global_\nnum_scenes: 2\nobjects: {count_range: [2, 2]}\nlabels: [objects]\n"
    )
    done = run("generate", "--config-dir", str(tmp_path / "mine"), "experiment=pair", *TINY[:4],
               "assets.classes=[ball]", f"output.dir={tmp_path / 'made'}",
               folder=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [len(sample.objects) for sample in simgen.open(tmp_path / "made")] == [2, 2]


def test_a_format_of_ones_own(stills_folder: Path, tmp_path: Path) -> None:
    done = run("export", "csv,coco", str(stills_folder), str(tmp_path / "out"),
               "--plugin", "my_things", folder=FOLDER)  # fmt: skip
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out/csv/boxes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    seen = [o for sample in simgen.open(stills_folder) for o in sample.objects if o.bbox]
    assert [int(row["class"]) for row in rows] == [item.class_id for item in seen]
    assert [float(row["w"]) for row in rows] == [item.bbox[2] for item in seen if item.bbox]
    assert len(list((tmp_path / "out/csv/images").iterdir())) == 12
    assert (tmp_path / "out/coco/annotations").is_dir()


@pytest.mark.parametrize(
    ("formats", "message"),
    [({"csv": 3}, "format 'csv': found a int, expected"), ({"coco": None}, "exists already")],
)
def test_what_is_no_format_is_refused(formats: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        format_of(next(iter(formats)), formats)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be imported"),
        ("x = 1", "found no PLUGIN"),
        ("PLUGIN = {}", "PLUGIN of type dict"),
        ("1 / 0", "error during import: ZeroDivisionError"),
        ("from simgen.stages.plugins import Plugin\nPLUGIN = Plugin(stages={'tabletop': None})",
         "another stage is already named 'tabletop'"),
        ("from simgen.stages.plugins import Plugin\nPLUGIN = Plugin(stages={'parlour': object()})",
         "the stage 'parlour' is of type object; expected simgen.stages.stage.Stage"),
        ("import my_things\nPLUGIN = my_things.PLUGIN", "another class is already named 'brick'"),
    ],
)  # fmt: skip
def test_what_is_no_plugin_is_refused(
    text: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"thing_{abs(hash(text))}"
    if text is not None:
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(FOLDER))
    with pytest.raises(InputError, match=message):
        load_plugins(["my_things", name])


@pytest.mark.parametrize("order", [("one_half", "another"), ("another", "one_half")])
@pytest.mark.exhaustive
def test_several_modules_offer_their_things_together(
    order: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Randomizers run in the order of their names, whatever the order of their modules."""
    text = (
        "from dataclasses import replace\n"
        "from simgen.stages.plugins import Plugin\n"
        "def change(spec, rng):\n"
        "    said = f'{{spec.case}} {name}:{{rng.integers(10**9)}}'\n"
        "    return replace(spec, case=said)\n"
        "PLUGIN = Plugin(randomizers={{{name!r}: change}})\n"
    )
    (tmp_path / "one_half.py").write_text(text.format(name="second"))
    (tmp_path / "another.py").write_text(text.format(name="first"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(FOLDER))
    config = Config(seed=1)
    config.assets.classes = ["ball"]

    def told(*modules: str) -> list[str]:
        resolver = make_resolver(ResolverSettings(plugins=modules))
        return sample_scene(config, load_catalogue(config.assets), resolver, 0, ()).case.split()

    both = told(*order, "my_things")
    assert [word.split(":")[0] for word in both] == ["first", "second"]
    assert told("another") == both[:1]
    assert told("one_half") == both[1:]
    assert "brick" in load_plugins([*order, "my_things"]).classes


def test_a_config_names_no_code() -> None:
    """A config file alone must not be able to load code: there is no key for it."""
    from simgen.config.help import all_keys

    assert not [key.name for key in all_keys() if "plugin" in key.name or "target" in key.name]
    assert os.sep not in "".join(key.name for key in all_keys())
