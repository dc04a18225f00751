"""The interface of trainers, and the list of them."""

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
"""Progress callback: number of finished steps, total number of steps."""


@dataclass(frozen=True)
class Job:
    """A training. sets: to train on. shares: for each set, the probability that a training image is
    sampled from it. classes: to be detected. folder: for checkpoints and anything else the trainer
    stores. device: such as cpu or cuda. upright: whether images have an upright direction, unlike
    views from above."""

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
    """A trained detector. about: its description and initial weights, for the results."""

    about: str

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        """Return the detections in each image, at most 100, by descending score."""
        ...


class Trainer(Protocol):
    """Any module with these two functions is a trainer."""

    def check(self, config: TrainerConfig) -> None:
        """Raise `InputError`, one line, if a requirement of the trainer is missing."""
        ...

    def train(self, job: Job, tell: Tell) -> Model:
        """Train a detector, or resume an interrupted training in the job's folder. Equal jobs give
        equal detectors as far as the trainer allows."""
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
    """Return a trainer by name. Raises `InputError` for an unknown name or missing packages."""
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
    """Train a detector for testing on some images; the only way to start a training.

    Raises `InputError` if a test image, or one of its group, is among the training images.
    """
    refuse_leaks(job.sets, test)
    return trainer_of(name).train(job, tell)
