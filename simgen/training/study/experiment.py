"""Runs a study, from its config to the detections of its detectors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from simgen.config.compose import load_config
from simgen.errors import InputError
from simgen.runs import api
from simgen.training import adapting
from simgen.training.answer.predictors import LEAST
from simgen.training.detection import DetectionSet
from simgen.training.photographs.classes import map_classes, target_classes
from simgen.training.photographs.read import Photographs, open_photographs, read_photographs
from simgen.training.photographs.scale import matching_scale
from simgen.training.photographs.tiles import Tiles, cut
from simgen.training.results_files import read_json, write_json
from simgen.training.study.adapted import images_of_arms
from simgen.training.study.compose import Study, adapting_of
from simgen.training.study.gaps import gaps_of
from simgen.training.study.plan import Arm, DatasetPlan, plan
from simgen.training.study.progress import training_bar
from simgen.training.study.run import Trained, Training, run_training
from simgen.training.study.scene_choice import (
    choose_scene,
    classes_of_arms,
    scenes_are_given,
    suited,
)
from simgen.training.study.sets import ArmImages, Part, SyntheticImages, real_share
from simgen.training.trainers.choice import chosen_trainer


@dataclass(frozen=True)
class Prepared:
    """A study whose configs and real data have been read, before anything is generated or trained.

    classes: the real ones that are tested. class_map: synthetic class to real class. photographs:
    the real data.
    """

    study: Study
    trainer: str
    datasets: Mapping[str, DatasetPlan]
    arms: tuple[Arm, ...]
    classes: tuple[str, ...]
    class_map: Mapping[str, str]
    photographs: Photographs
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """The raw outcome of a study. test: the test images. trained: the replicates of each arm and
    baseline. held_out: held-out images of each arm with synthetic images. generate_seconds: wall
    time of each dataset, by name, over all runs. gaps: distances of each arm's synthetic images to
    the test images, by measure. remarks: caveats for readers."""

    prepared: Prepared
    test: Tiles
    trained: Mapping[str, tuple[Trained, ...]]
    held_out: Mapping[str, DetectionSet]
    generate_seconds: Mapping[str, float]
    gaps: Mapping[str, Mapping[str, float]]
    remarks: tuple[str, ...]


def prepare(study: Study, plugins: Sequence[str] = ()) -> Prepared:
    """Read everything that a study needs, so that errors are reported before any work starts.

    plugins: user-supplied modules. Raises `InputError`.
    """
    config = study.config
    if config.real is None:
        raise InputError("real: not given; expected photographs with boxes, as in real=FOLDER")
    trainer = chosen_trainer(config.trainer)
    for arm in study.arms.values():
        adapting.check(adapting_of(arm))
    source = open_photographs(config.real)
    base, remarks = list(config.base), []
    if config.scene != "auto":
        base = [f"scene={config.scene}", *base]
    elif not scenes_are_given(study, base):
        scene, why = choose_scene(list(source), source.classes, base, plugins)
        base = [f"scene={scene}", *base]
        remarks.append(why)
    generated, aliases = classes_of_arms(study, base, plugins)
    class_map = map_classes(generated, aliases, source.classes, config.data.class_map)
    classes = target_classes(class_map, source.classes)
    own = [word for arm in study.arms.values() for word in arm.overrides]

    def suit(overrides: Sequence[str]) -> Sequence[str]:
        content = suited(overrides, own, class_map, plugins)
        if content and content[1] not in remarks:
            remarks.append(content[1])
        return content[:1] if content else ()

    datasets, arms = plan(study, base, suit)
    # Adaptations are fitted to photographs outside the test set.
    wanted = any(arm.real > 0 or arm.adapt for arm in arms)
    photographs = read_photographs(source, config.data, classes, wanted, config.seed)
    if wanted and not photographs.training.images:
        raise InputError("real: no images are left to train on; set data.test_share or data.train")
    return Prepared(
        study=study,
        trainer=trainer,
        datasets=datasets,
        arms=arms,
        classes=classes,
        class_map=class_map,
        photographs=photographs,
        remarks=(*remarks, *photographs.remarks),
    )


def run_study(
    prepared: Prepared, folder: Path, console: Console, plugins: Sequence[str] = ()
) -> Outcome:
    """Generate, train and predict, resuming an earlier run of the study.

    Raises `InputError` and `SimgenError`; finished work is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            return _run(prepared, folder, console, plugins)
    except Timeout:
        raise InputError(f"{folder}: another process is running this study; wait for it") from None


def _run(prepared: Prepared, folder: Path, console: Console, plugins: Sequence[str]) -> Outcome:
    made = {
        name: _generated(dataset, prepared, folder, console, plugins)
        for name, dataset in prepared.datasets.items()
    }
    scale, remarks = _scale(prepared, made)
    for line in remarks:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    real = _Real(
        _cut(prepared.photographs.test, prepared, folder, scale),
        _cut(prepared.photographs.training, prepared, folder, scale).parts,
    )
    by_dataset = images_of_arms(
        prepared.arms, made, real.training, real.test.parts, prepared.study.config,
        folder / "adapted", console,
    )  # fmt: skip
    used = {arm.name: _images(prepared, arm, by_dataset[arm.name]) for arm in prepared.arms}
    jobs = list(_trainings(prepared, used, real))
    trained: dict[str, list[Trained]] = {}
    with training_bar(console, len(jobs)) as begin:
        for job in jobs:
            tell = begin(f"{job.name}, replicate {job.replicate + 1}", job.config.budget.steps)
            device = prepared.study.config.trainer.device
            result = run_training(job, real.test, device, folder / "trainings", tell)
            trained.setdefault(job.name, []).append(result)
    held_out = {name: images.held_out for name, images in used.items() if images.parts}
    return Outcome(
        prepared,
        real.test,
        {name: tuple(found) for name, found in trained.items()},
        {name: found for name, found in held_out.items() if found.images},
        {name: _seconds(folder, name) for name in prepared.datasets},
        _gaps(prepared, used, real.test.parts, folder, console),
        (*prepared.remarks, *remarks),
    )


def _images(prepared: Prepared, arm: Arm, found: Mapping[str, SyntheticImages]) -> ArmImages:
    return ArmImages(
        tuple(
            Part(prepared.datasets[name], found[name], images)
            for name, images in arm.datasets.items()
        )
    )


def _gaps(
    prepared: Prepared,
    used: Mapping[str, ArmImages],
    test: DetectionSet,
    folder: Path,
    console: Console,
) -> dict[str, dict[str, float]]:
    """Measure the gaps of the arms that can be ranked, if there are enough of them."""
    alike: dict[tuple[int, float], dict[str, DetectionSet]] = {}
    for arm in prepared.arms:
        if arm.datasets:
            same = alike.setdefault((arm.images, arm.real), {})
            same[arm.name] = used[arm.name].all_training
    most = max(alike.values(), key=_different, default={})
    return gaps_of(most, test, folder / "gaps", console) if _different(most) >= LEAST else {}


def _different(sets: Mapping[str, DetectionSet]) -> int:
    return len({found.digest for found in sets.values()})


def _generated(
    dataset: DatasetPlan, prepared: Prepared, folder: Path, console: Console, plugins: Sequence[str]
) -> SyntheticImages:
    """Return the images of a dataset, generating what is missing."""
    place = folder / "datasets" / dataset.name
    console.print(
        f"dataset {dataset.name}: {dataset.num_scenes} scenes, {' '.join(dataset.overrides)}",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    config = load_config(
        [*dataset.overrides, f"num_scenes={dataset.num_scenes}", f"output.dir={place}"]
    )
    started, before = time.perf_counter(), _seconds(folder, dataset.name)
    try:
        found = api.generate(config, tuple(plugins))
    finally:
        taken = before + time.perf_counter() - started
        write_json(_timing(folder, dataset.name), {"seconds": round(taken, 1)})
    least = prepared.study.config.data.least_visible
    return SyntheticImages(dataset.name, found, prepared.class_map, prepared.classes, least)


def _timing(folder: Path, dataset: str) -> Path:
    return folder / "datasets" / f"{dataset}.time.json"


def _seconds(folder: Path, dataset: str) -> float:
    """Return the total time spent on generating a dataset."""
    kept = read_json(_timing(folder, dataset))
    return 0.0 if kept is None else float(kept["seconds"])


@dataclass(frozen=True)
class _Real:
    """The photographs in the form that detectors receive. training: the training images."""

    test: Tiles
    training: DetectionSet


def _scale(
    prepared: Prepared, made: Mapping[str, SyntheticImages]
) -> tuple[float, tuple[str, ...]]:
    """Return the scale factor on photographs, and a remark if it was chosen automatically. It
    follows from the objects in real training images, if there are any."""
    given = prepared.study.config.data.resize
    if given is not None:
        return given, ()
    real = prepared.photographs.training
    if not real.images:
        real = prepared.photographs.test
    images = [image for found in made.values() for image in found.all.images]
    scale = matching_scale(real, replace(real, images=tuple(images)))
    if scale == 1.0:
        return scale, ()
    return scale, (
        f"photographs are scaled by {scale:.2g}, so that the median size of their objects is about "
        "that of synthetic ones; to change this, set data.resize",
    )


def _trainings(
    prepared: Prepared, used: Mapping[str, ArmImages], real: _Real
) -> Iterator[Training]:
    """Yield the trainings of all arms and baselines replicate by replicate, so that an interrupted
    study has compared all arms equally often."""
    config = prepared.study.config
    largest = max(prepared.arms, key=lambda arm: (arm.images, arm.real))
    for replicate in range(config.replicates):
        for arm in prepared.arms:
            yield _training(prepared, used, real, arm, replicate, arm.name, prepared.trainer)
        for baseline in config.baselines:
            trainer = prepared.trainer if baseline == "untrained" else baseline
            yield _training(prepared, used, real, largest, replicate, baseline, trainer)


def _training(
    prepared: Prepared,
    used: Mapping[str, ArmImages],
    real: _Real,
    arm: Arm,
    replicate: int,
    name: str,
    trainer: str,
) -> Training:
    config = prepared.study.config
    sets: list[DetectionSet] = []
    held_out, upright = None, True
    if arm.datasets:
        images = used[arm.name]
        sets.append(images.training(replicate))
        held_out, upright = images.held_out, images.upright
    if arm.real > 0:
        sets.append(real_share(real.training, arm.real, config.seed * 1000 + replicate))
    for found in sets:
        if not found.images:
            raise InputError(f"arms.{arm.name}: {found.name} has no images to train on")
    return Training(
        name=name,
        replicate=replicate,
        trainer=trainer,
        sets=tuple(sets),
        # Half of the training samples are real, however few the photographs are.
        shares=(1.0 / len(sets),) * len(sets),
        held_out=held_out if held_out and held_out.images else None,
        config=config,
        upright=upright,
    )


def _cut(found: DetectionSet, prepared: Prepared, folder: Path, scale: float) -> Tiles:
    data = prepared.study.config.data
    return cut(found, folder / "real", data.tile, data.tile_overlap, scale)
