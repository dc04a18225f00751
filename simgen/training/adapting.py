"""Fits an adaptation with any of the methods: image statistics or a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from simgen.dataset.adaptation.adaptation import Adaptation, Asked
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.stats.adapt import learning
from simgen.stats.adapt.learning import RealImages
from simgen.training.refiner.learner import Learner


def learn(
    methods: Sequence[Asked],
    seed: int,
    real: RealImages,
    dataset: Dataset | None,
    learner: Learner,
) -> Adaptation:
    """Fit the adaptation of images to real ones. dataset: the one to be adapted; refiners are
    trained on it.

    Raises `InputError` if a refiner is requested without a dataset or without PyTorch, or if it
    would move objects away from their labels.
    """
    area = None if dataset is None else _area(dataset)
    if not learning.is_trained(methods):
        return learning.learn(methods, seed, real, area, learner.images)
    if dataset is None:
        raise InputError(
            "method refine: also needs synthetic images for training; name DATASET as in simgen "
            "adapt DATASET --to REAL --method refine --learn FILE"
        )
    train = _trainer()
    found = Adaptation((), seed, real.real, ())
    for one in methods:
        if learning.is_trained([one]):
            found = train(found, one, real, dataset, learner)
        else:
            part = learning.learn([one], seed, real, area, learner.images)
            found = replace(
                found,
                methods=(*found.methods, *part.methods),
                arrays=(*found.arrays, *part.arrays),
            )
    return found


def check(methods: Sequence[Asked]) -> None:
    """Raise `InputError` if PyTorch is needed but not installed."""
    if learning.is_trained(methods):
        _trainer()


def _trainer() -> Callable[[Adaptation, Asked, RealImages, Dataset, Learner], Adaptation]:
    try:
        # Only trainings load PyTorch.
        from simgen.training.refiner.train import train_refiner
    except ModuleNotFoundError as error:
        raise InputError(
            f"method refine: needs {error.name}, which is not installed; `pip install "
            "simgen[train]`, or `make train` in a checkout"
        ) from None
    return train_refiner


def _area(dataset: Dataset) -> float:
    """Return the median area of its images, pixels."""
    cameras = [dataset[int(place)].camera for place in _spread(len(dataset))]
    return float(np.median([camera.width * camera.height for camera in cameras]))


def _spread(count: int) -> np.ndarray:
    if not count:
        raise InputError("the dataset has no scenes yet, so there is nothing to adapt")
    return np.unique(np.linspace(0, count - 1, min(count, 9)).round())
