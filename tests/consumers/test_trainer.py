"""The trainer `ultralytics` of a study: it learns, repeats itself, and goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.evaluation.matching import matches
from simgen.training.study.schema import BudgetConfig, TrainerConfig
from simgen.training.trainers.trainer import Job, Tell, train

STEPS = 120


class KilledError(Exception):
    """A training that is stopped."""


@pytest.fixture(scope="module")
def discs(tmp_path_factory: pytest.TempPathFactory) -> DetectionSet:
    """Images of one white disc each on a dark ground."""
    folder = tmp_path_factory.mktemp("discs")
    rng = np.random.default_rng(0)
    images = []
    for number in range(24):
        pixels = rng.integers(20, 70, (96, 96, 3)).astype(np.uint8)
        x, y, r = (int(value) for value in rng.integers((24, 24, 12), (72, 72, 22)))
        cv2.circle(pixels, (x, y), r, (255, 255, 255), -1)
        file = folder / f"{number}.png"
        cv2.imwrite(str(file), pixels)
        box = np.array([[x - r, y - r, x + r + 1, y + r + 1]], np.float32)
        kind, ignore = np.zeros(1, np.int64), np.zeros(1, bool)
        images.append(LabelledImage(file, 96, 96, box, kind, ignore, file.stem, file.stem))
    return DetectionSet("discs", ("disc",), tuple(images), real=False)


def job(folder: Path, discs: DetectionSet, steps: int) -> Job:
    budget, config = BudgetConfig(steps, 8, 96), TrainerConfig(name="ultralytics")
    return Job((discs,), (1.0,), discs.classes, budget, config, 0, folder, "cpu")


def ap50(folder: Path, discs: DetectionSet, steps: int, tell: Tell) -> float:
    nothing = DetectionSet("test", discs.classes, (), real=True)
    model = train("ultralytics", job(folder, discs, steps), nothing, tell)
    return matches(discs, model.predict(discs.images)).scores().ap50


def test_it_learns_and_repeats_itself(discs: DetectionSet, tmp_path: Path) -> None:
    told: list[int] = []
    first = ap50(tmp_path / "first", discs, STEPS, lambda done, of: told.append(done))
    assert first > ap50(tmp_path / "less", discs, 3, lambda done, of: None) + 0.3
    assert first == ap50(tmp_path / "second", discs, STEPS, lambda done, of: None)
    assert told == sorted(told)
    assert told[-1] == STEPS


def test_a_training_that_was_stopped_goes_on(discs: DetectionSet, tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        if done >= 30:
            raise KilledError

    with pytest.raises(KilledError):
        ap50(tmp_path, discs, STEPS, stop)
    told: list[int] = []
    ap50(tmp_path, discs, STEPS, lambda done, of: told.append(done))
    assert told[0] >= 27  # an epoch of three steps is lost
