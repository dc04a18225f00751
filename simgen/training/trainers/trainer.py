"""What a trainer is, and which there are."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from simgen.errors import InputError
from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.leaks import refuse_leaks
from simgen.training.study.schema import BudgetConfig, TrainerConfig

Tell = Callable[[int, int], None]
"""Is told how many steps are done, of how many."""


@dataclass(frozen=True)
class Job:
    """A training. sets: to train on. shares: of each set, the probability that a training image is
    drawn from it. classes: what is detected. folder: for checkpoints and whatever the trainer
    keeps. device: such as cpu or cuda. upright: whether images have a side that is up, unlike views
    from above."""

    sets: tuple[DetectionSet, ...]
    shares: tuple[float, ...]
    classes: tuple[str, ...]
    budget: BudgetConfig
    config: TrainerConfig
    seed: int
    folder: Path
    device: str
    upright: bool = True


class Model(Protocol):
    """A trained detector. about: what it is and started from, for the results."""

    about: str

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        """What is found in each image, at most 100 boxes, the best first."""
        ...


class Trainer(Protocol):
    """A module with these two functions is a trainer."""

    def check(self, config: TrainerConfig) -> None:
        """Raise `InputError`, one line, for what the trainer needs and does not have."""
        ...

    def train(self, job: Job, tell: Tell) -> Model:
        """Train a detector, or continue the training that was stopped in the job's folder. Equal
        jobs give equal detectors as far as the trainer allows."""
        ...


_MODULES = {
    "small": "small",
    "torchvision": "torchvision_models",
    "ultralytics": "ultralytics_models",
    "command": "command",
    "color_blobs": "color_blobs",
}
"""Module of each trainer."""


def trainer_of(name: str) -> Trainer:
    """Raises `InputError` for an unknown name and for one whose packages are missing."""
    if name not in _MODULES:
        raise InputError(f"trainer.name={name}: expected one of {', '.join(_MODULES)}")
    try:
        module: Trainer = importlib.import_module(f"simgen.training.trainers.{_MODULES[name]}")
    except ModuleNotFoundError as error:
        extra = "ultralytics" if name == "ultralytics" else "simgen[train]"
        raise InputError(
            f"trainer.name={name}: needs {error.name}, which is not installed; "
            f"`pip install {extra}`, or `make train` in a checkout"
        ) from None
    return module


def train(name: str, job: Job, test: DetectionSet, tell: Tell) -> Model:
    """Train a detector that is to be tested on some images; the one way to start a training.

    Raises `InputError` where a test image, or one of its group, is among those to train on.
    """
    refuse_leaks(job.sets, test)
    return trainer_of(name).train(job, tell)
