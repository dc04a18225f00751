"""Assembles the results of a study."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib import metadata

import simgen
from simgen.training.answer.findings import Findings, choose_examples, compare
from simgen.training.answer.study import Arm, RealData, Replicate, Study
from simgen.training.evaluation.errors import errors
from simgen.training.evaluation.intervals import resampling_units
from simgen.training.evaluation.matching import matches
from simgen.training.study.adapted import words_of
from simgen.training.study.experiment import Outcome
from simgen.training.study.plan import Arm as PlannedArm
from simgen.training.study.run import Trained

_PACKAGES = ("bpy", "numpy", "pycocotools", "torch", "torchvision", "ultralytics")


def findings(outcome: Outcome) -> Findings:
    """Compute all scores and their intervals."""
    prepared = outcome.prepared
    config, truth = prepared.study.config, outcome.test.whole
    arms = tuple(_arm(outcome, name) for name in outcome.trained)
    best = max(arms, key=lambda arm: arm.replicates[0].matches.scores().ap50)
    threshold = best.replicates[0].errors.threshold
    shown = choose_examples(truth, outcome.trained[best.name][0].found, threshold)
    budget = config.budget
    study = Study(
        name=prepared.study.name,
        about=config.about,
        real=_real(outcome),
        arms=arms,
        reference=prepared.study.reference,
        trainer=prepared.trainer,
        trainer_about=outcome.trained[prepared.study.reference][0].about,
        budget=f"{budget.steps:,} steps of {budget.batch} crops of {budget.side} pixels",
        best=shown[0],
        worst=shown[1],
        examples_of=best.name,
        config=asdict(config),
        versions=_versions(),
        seconds=dict(outcome.generate_seconds),
    )
    return compare(study)


def _arm(outcome: Outcome, name: str) -> Arm:
    prepared = outcome.prepared
    trained = outcome.trained[name]
    planned = next((arm for arm in prepared.arms if arm.name == name), None)
    replicates = tuple(_replicate(outcome, name, number, planned) for number in range(len(trained)))
    if planned is None:
        return Arm(name, replicates, baseline=True, note=trained[0].about)
    adapted = f", {words_of(planned.adapt)}" if planned.adapt else ""
    made = " and ".join(planned.datasets)
    series = f"{made}{adapted}, real {planned.real:g}" if made else ""
    alone = sum(_series(arm) == _series(planned) for arm in prepared.arms) < 2
    return Arm(
        name,
        replicates,
        overrides=_overrides(planned),
        series="" if alone else series,
        note=trained[0].about,
        gap=outcome.gaps.get(name, {}),
    )


def _overrides(arm: PlannedArm) -> tuple[str, ...]:
    """Format overrides as on the command line."""
    scenes = (f"scenes=[{','.join(arm.scenes)}]",) if arm.scenes else ()
    adapt = (f"adapt={words_of(arm.adapt)}",) if arm.adapt else ()
    return (*scenes, *arm.overrides, *adapt)


def _series(arm: PlannedArm) -> tuple[tuple[str, ...], float, str]:
    """Return what is common to arms that differ only in their number of images."""
    return tuple(arm.datasets), arm.real, repr(arm.adapt)


def _replicate(outcome: Outcome, name: str, number: int, planned: PlannedArm | None) -> Replicate:
    prepared, trained = outcome.prepared, outcome.trained[name][number]
    truth = outcome.test.whole
    held_out = outcome.held_out.get(name)
    synthetic = None
    if held_out is not None and trained.held_out is not None:
        synthetic = matches(held_out, trained.held_out).scores()
    return Replicate(
        seed=prepared.study.config.seed * 1000 + number,
        images=trained.images,
        real_images=trained.real_images,
        matches=matches(truth, trained.found),
        errors=errors(truth, trained.found),
        synthetic=synthetic,
        train_seconds=trained.seconds,
        generate_seconds=_generating(outcome, trained, planned),
    )


def _generating(outcome: Outcome, trained: Trained, planned: PlannedArm | None) -> float:
    """Return the time to generate as many images as were used for training, seconds."""
    if planned is None or not planned.datasets:
        return 0.0
    plans = outcome.prepared.datasets
    total = sum(
        outcome.generate_seconds.get(name, 0.0)
        * images
        / (plans[name].num_scenes * plans[name].config.frames_per_scene)
        for name, images in planned.datasets.items()
    )
    return total * trained.images / planned.images


def _real(outcome: Outcome) -> RealData:
    prepared, truth = outcome.prepared, outcome.test.whole
    return RealData(
        name=str(prepared.study.config.real),
        images=len(truth.images),
        boxes=sum(int((~image.ignore).sum()) for image in truth.images),
        classes=truth.classes,
        units=resampling_units(truth),
        class_map=tuple(prepared.class_map.items()),
        remarks=outcome.remarks,
    )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "simgen": simgen.__version__}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
