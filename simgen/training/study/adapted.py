"""The datasets of a study with adapted images. Adaptations are fitted to training images only."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from simgen.dataset.adaptation.adaptation import Asked
from simgen.dataset.reader import Dataset
from simgen.runs.adapt import held, write_adapted
from simgen.runs.progress import Tell, image_bar
from simgen.stats.adapt.learning import real_images
from simgen.training.adapting import learn
from simgen.training.detection import DetectionSet
from simgen.training.leaks import refuse_leaks
from simgen.training.refiner.learner import Learner
from simgen.training.sides import side_of
from simgen.training.study.plan import Arm
from simgen.training.study.schema import StudyConfig
from simgen.training.study.sets import SyntheticImages

_MOST = 200
"""Maximum number of real images to fit to, evenly spread."""

type Added = Callable[[str], Tell]
"""Adds a progress bar by name and returns its callback."""


def words_of(methods: Sequence[Asked]) -> str:
    """Format methods as on the command line."""
    return "+".join(one.method for one in methods)


def images_of_arms(
    arms: Sequence[Arm],
    made: Mapping[str, SyntheticImages],
    training: DetectionSet,
    test: DetectionSet,
    config: StudyConfig,
    folder: Path,
    console: Console,
) -> dict[str, dict[str, SyntheticImages]]:
    """Return the images of each arm by dataset: those of the dataset, or of an adapted copy.

    made: the datasets by name. training, test, folder: as in `adapted`.
    """
    used: dict[str, dict[str, SyntheticImages]] = {}
    for arm in arms:
        used[arm.name] = {name: made[name] for name in arm.datasets}
        if not arm.adapt:
            continue
        for dataset, plain in list(used[arm.name].items()):
            name = f"{plain.name}, {words_of(arm.adapt)}"
            console.print(f"dataset {name}", markup=False, highlight=False, soft_wrap=True)
            device = config.trainer.device
            with image_bar(console) as added:
                copy = adapted(
                    plain.dataset, arm.adapt, training, test, config.seed, device, folder, added
                )
            used[arm.name][dataset] = plain.of_copy(name, copy)
    return used


def adapted(
    dataset: Dataset,
    methods: Sequence[Asked],
    training: DetectionSet,
    test: DetectionSet,
    seed: int,
    device: str,
    folder: Path,
    added: Added,
) -> Dataset:
    """Return a copy of a dataset, adapted to the real training images; only missing parts are made.

    training: in the form in which detectors see photographs. test: the test images, used only to
    check that none of them is in `training`. folder: of all copies. Raises `InputError` if a test
    image is among the images to fit to.
    """
    refuse_leaks([training], test)
    real = real_images(side_of(training, _MOST))
    name = f"{dataset.root.name}-{words_of(methods)}"
    learner = Learner(
        folder / f"{name}.training", device, added("real images"), added("steps of the refiner")
    )
    adaptation = learn(methods, seed, real, dataset, learner)
    out = folder / f"{name}-{adaptation.digest[:10]}"
    with held(dataset, out) as place:
        cores = os.process_cpu_count() or 1
        return write_adapted(
            dataset, place, adaptation, copy=False, processes=cores, tell=added("scenes adapted")
        )
