"""Arms whose synthetic images are adapted: to real training images, never to those tested on."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import cast
import numpy as np
import pytest
from drawn_sets import changed, scene, write_coco
from rich.console import Console

from simgen.config import Config
from simgen.dataset.adaptation.adaptation import asked_for
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset, open_dataset
from simgen.errors import InputError
from simgen.training.detection import DetectionSet
from simgen.training.photographs.read import open_photographs, read_photographs
from simgen.training.study.adapted import images_of_arms
from simgen.training.study.compose import load_study
from simgen.training.study.experiment import Outcome, Prepared, prepare, run_study
from simgen.training.study.plan import Arm
from simgen.training.study.schema import DataConfig, StudyConfig, TrainerConfig
from simgen.training.study.sets import SyntheticImages

WORDS = (
    "study=arms", *(f"base.{word}" for word in cast.SMALL),
    "images=4", "held_out=2", "replicates=1", "trainer.name=command", "trainer.command=[none]",
    "data.group_by=image", "data.resize=1.0", "baselines=[]",
)  # fmt: skip


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    images = changed([scene(rng) for _ in range(12)], "warm", rng)
    return write_coco(tmp_path_factory.mktemp("photographs") / "real", images)


def prepared(real: Path, *arms: str) -> Prepared:
    return prepare(load_study([*WORDS, f"real={real}", *arms]))


def run(found: Prepared, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Without Blender, and with a detector that needs no PyTorch."""

    def generate(config: Config, plugins: tuple[str, ...]) -> Dataset:
        place = Layout(Path(str(config.output.dir)))
        if not place.manifest.exists():
            cast._make(config, place)
        return open_dataset(place.root)

    monkeypatch.setattr("simgen.training.study.experiment.api.generate", generate)
    return run_study(replace(found, trainer="color_blobs"), folder, Console(quiet=True))


def learnt_from(folder: Path) -> set[str]:
    """Digests of the real images that adapted datasets in a study's folder were learnt from."""
    return {
        file["sha256"]
        for path in folder.glob("adapted/*/adaptation.json")
        for file in json.loads(path.read_text())["real"]["files"]
    }


def digests(found: DetectionSet) -> set[str]:
    return {sha256(image.file.read_bytes()).hexdigest() for image in found.images}


@pytest.mark.exhaustive
def test_an_adapted_arm_splits_the_photographs_and_sees_none_that_is_tested_on(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arms = ("arms.none.images=4", "arms.colour.adapt=colour", "arms.noise.adapt=noise")
    found = prepared(real, *arms)
    test, rest = found.photographs.test, found.photographs.training
    assert len(test.images) + len(rest.images) == 12
    assert rest.images
    assert len(found.datasets) == 1  # shared by all arms
    outcome = run(found, tmp_path, monkeypatch)
    assert learnt_from(tmp_path) == digests(rest)
    assert not learnt_from(tmp_path) & digests(test)
    assert set(outcome.trained) == {"none", "colour", "noise"}
    held_out = [
        {image.source for image in outcome.held_out[name].images} for name in outcome.trained
    ]
    assert not set.intersection(*held_out)
    boxes = [[image.boxes.tolist() for image in one.images] for one in outcome.held_out.values()]
    assert boxes[0] == boxes[1] == boxes[2]
    # Arms are trainings of their own, and a study that goes on does nothing again.
    folders = sorted(path.name for path in (tmp_path / "trainings").iterdir())
    assert len(folders) == 3
    assert len({name.rsplit("-", 1)[1] for name in folders}) == 3
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("adapted/*/scenes/*/*")}
    again = run(found, tmp_path, monkeypatch)
    assert again.trained["colour"][0].seconds == outcome.trained["colour"][0].seconds
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_without_an_adapted_arm_all_photographs_are_tested_on(real: Path) -> None:
    assert len(prepared(real, "arms.none.images=4").photographs.test.images) == 12


def test_a_test_image_among_those_to_learn_from_is_refused(
    real: Path, stills_folder: Path, tmp_path: Path
) -> None:
    config = replace(DataConfig(), group_by="image")
    split = read_photographs(open_photographs(str(real)), config, ("mug",), True, 0)
    arm = Arm("colour", (), {"stills": 4}, 0.0, asked_for("colour", []))
    made = {"stills": SyntheticImages("stills", open_dataset(stills_folder), {}, ("mug",), 0.0)}
    mixed = replace(split.training, images=(*split.training.images, split.test.images[0]))
    study = StudyConfig(trainer=TrainerConfig(device="cpu"))
    with pytest.raises(InputError, match="is identical to the test image"):
        images_of_arms([arm], made, mixed, split.test, study, tmp_path, Console(quiet=True))
    assert not list(tmp_path.rglob("adaptation*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["arms.a.adapt=color"], r"arms\.a\.adapt=color: .*did you mean 'colour'"),
        (["arms.a.adapt=colour", "arms.a.options.beta=1"], "unknown option of colour"),
        (["arms.a.options.beta=1"], "require arms.a.adapt, which is not set"),
        (["arms.a.adapt=colour", "arms.a.images=0", "arms.a.real=1"], "no synthetic images"),
    ],
)
def test_what_an_arm_cannot_be_adapted_by_is_said(words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load_study(["study=arms", *words])
    assert "\n" not in str(caught.value)
