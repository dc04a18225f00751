"""Detectors that need PyTorch: they learn, go on where they were stopped, and repeat themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from simgen.errors import InputError
from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.evaluation.matching import matches
from simgen.training.study.schema import BudgetConfig, TrainerConfig
from simgen.training.trainers import centers
from simgen.training.trainers.crops import Crop
from simgen.training.trainers.trainer import Job, Model, train, trainer_of


class Killed(BaseException):
    """A training that is stopped."""


def shapes(folder: Path, name: str, count: int, seed: int) -> DetectionSet:
    """Images of discs and squares of any colour, with their boxes, and how far they stand out."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    images = []
    for number in range(count):
        pixels = rng.normal(rng.uniform(60, 190, 3), 8, (128, 160, 3)).clip(0, 255).astype(np.uint8)
        boxes, classes = [], []
        for column in range(4):
            x, y, r = 20 + 40 * column, int(rng.integers(20, 108)), int(rng.integers(8, 16))
            kind, colour = int(rng.integers(2)), tuple(map(int, rng.integers(0, 255, 3)))
            if kind == 0:
                cv2.circle(pixels, (x, y), r, colour, -1)
            else:
                cv2.rectangle(pixels, (x - r, y - r), (x + r, y + r), colour, -1)
            boxes.append([x - r, y - r, x + r + 1, y + r + 1])
            classes.append(kind)
        file = folder / f"{name}{number}.png"
        cv2.imwrite(str(file), pixels)
        images.append(
            LabelledImage(
                file,
                160,
                128,
                np.array(boxes, np.float32),
                np.array(classes, np.int64),
                np.zeros(4, bool),
                f"{name}{number}",
                f"{name}{number}",
            )
        )
    return DetectionSet(name, ("disc", "square"), tuple(images), real=False)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[DetectionSet, DetectionSet]:
    folder = tmp_path_factory.mktemp("shapes")
    return shapes(folder, "a", 40, 0), shapes(folder, "b", 10, 1)


def job(folder: Path, found: DetectionSet, steps: int, **keys: object) -> Job:
    budget, config = BudgetConfig(steps, 4, 128), TrainerConfig(**keys)
    return Job((found,), (1.0,), found.classes, budget, config, 0, folder, "auto")


def quiet(done: int, of: int) -> None:
    pass


def ap50(model: Model, test: DetectionSet) -> float:
    return matches(test, model.predict(test.images)).scores().ap50


def test_the_small_detector_learns_what_an_untrained_one_does_not_know(
    sets: tuple[DetectionSet, DetectionSet], tmp_path: Path
) -> None:
    training, test = sets
    none = ap50(train("small", job(tmp_path / "none", training, 0), test, quiet), test)
    some = ap50(train("small", job(tmp_path / "some", training, 150), test, quiet), test)
    assert none < 0.05
    assert some > 0.5


@pytest.mark.parametrize(("freeze", "learned"), [(16, 0), (15, 1), (0, 16)])
def test_frozen_blocks_keep_their_weights(
    sets: tuple[DetectionSet, DetectionSet], tmp_path: Path, freeze: int, learned: int
) -> None:
    training, test = sets
    train("small", job(tmp_path / "none", training, 0), test, quiet)
    train("small", job(tmp_path / "some", training, 3, freeze=freeze), test, quiet)
    before, after = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["net"]
        for name in ("none", "some")
    )
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    blocks = {name.split(".")[2] for name in changed if name.startswith("backbone._blocks.")}
    assert len(blocks) == learned
    assert ("backbone._conv_stem.weight" in changed) == (freeze == 0)
    assert "centre.1.weight" in changed


@pytest.mark.parametrize("name", ["small", "torchvision"])
def test_a_training_that_is_killed_goes_on_to_the_same_detector(
    sets: tuple[DetectionSet, DetectionSet],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    training, test = sets
    monkeypatch.setattr("simgen.training.trainers.loop.SAVED_EVERY", 0.0)
    model = None if name == "small" else "ssdlite320_mobilenet_v3_large"

    def killed_at(step: int) -> Callable[[int, int], None]:
        def tell(done: int, of: int) -> None:
            if done == step:
                raise Killed

        return tell

    whole = train(name, job(tmp_path / "whole", training, 6, model=model), test, quiet)
    parts = job(tmp_path / "parts", training, 6, model=model)
    for step in (2, 5):
        with pytest.raises(Killed):
            train(name, parts, test, killed_at(step))
    for one, other in zip(
        whole.predict(test.images),
        train(name, parts, test, quiet).predict(test.images),
        strict=True,
    ):
        np.testing.assert_array_equal(one.boxes, other.boxes)
        np.testing.assert_array_equal(one.scores, other.scores)


@pytest.mark.parametrize(
    "model", ["fasterrcnn_mobilenet_v3_large_320_fpn", "retinanet_resnet50_fpn"]
)
def test_torchvisions_detectors_are_trained_and_say_what_they_start_from(
    sets: tuple[DetectionSet, DetectionSet], tmp_path: Path, model: str
) -> None:
    training, test = sets
    asked = job(tmp_path, training, 2, model=model, weights="none")
    trained = train("torchvision", asked, test, quiet)
    found = trained.predict(test.images[:2])
    assert trained.about == f"{model}, from scratch"
    assert all(one.boxes.shape == (len(one.scores), 4) for one in found)


@pytest.mark.parametrize(
    ("name", "keys", "said"),
    [
        ("small", {"model": "yolo"}, "trainer small has only the model"),
        ("small", {"device": "cuda:7"}, "trainer.device=cuda:7: not available"),
        ("small", {"freeze": 3, "weights": "none"}, "trainer.freeze=3: would keep random weights"),
        ("torchvision", {"model": "fasterrcnn_resnet50"}, "did you mean 'fasterrcnn_resnet50_fpn'"),
        ("torchvision", {"weights": "nowhere.pt"}, "no such file"),
    ],
)
def test_what_a_trainer_does_not_have_is_said_before_anything_is_made(
    name: str, keys: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        trainer_of(name).check(TrainerConfig(**keys))


def test_boxes_survive_the_way_to_maps_and_back() -> None:
    boxes = np.array([[10, 20, 40, 44], [60, 60, 66, 90], [80, 8, 120, 40]], np.float32)
    crop = Crop(np.zeros((128, 128, 3), np.uint8), boxes, np.array([0, 1, 1]), np.zeros(3, bool))
    wanted = centers.target(crop, 2)
    out = np.full((6, 32, 32), -9.0, np.float32)
    out[:2] = np.where(wanted.heat == 1, 5.0, -9.0)
    out[-4:, wanted.rows, wanted.columns] = wanted.box.T
    found, scores, classes = centers.decode(out, 0.05)
    order = np.argsort(found[:, 0])
    np.testing.assert_allclose(found[order], boxes, atol=1e-3)
    assert classes[order].tolist() == [0, 1, 1]
    assert (scores > 0.9).all()
    perfect = centers.loss(torch.from_numpy(out)[None], [wanted])
    assert float(perfect) < 0.1
    moved = replace(wanted, box=wanted.box + 1)
    assert float(centers.loss(torch.from_numpy(out)[None], [moved])) > 1
