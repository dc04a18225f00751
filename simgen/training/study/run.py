"""Runs a study, from its datasets to its predictions. Finished work is stored and reused."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from simgen.training.detection import Detections, DetectionSet
from simgen.training.photographs.tiles import Tiles
from simgen.training.results_files import as_rows, from_rows, read_json, write_json
from simgen.training.study.schema import StudyConfig
from simgen.training.trainers.trainer import Job, Model, Tell, train

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A training and the detections of its detector. found: on the real test images. held_out: on
    held-out synthetic images; None if there are none. seconds: of training and prediction."""

    about: str
    images: int
    real_images: int
    found: list[Detections]
    held_out: list[Detections] | None
    seconds: float


@dataclass(frozen=True)
class Training:
    """A training to be run. name: of its arm. trainer: its name. held_out: additional synthetic
    test images."""

    name: str
    replicate: int
    trainer: str
    sets: tuple[DetectionSet, ...]
    shares: tuple[float, ...]
    held_out: DetectionSet | None
    config: StudyConfig
    upright: bool

    @property
    def seed(self) -> int:
        return self.config.seed * 1000 + self.replicate


def run_training(training: Training, tiles: Tiles, device: str, root: Path, tell: Tell) -> Trained:
    """Train, and predict on the test images; or load the stored results of an earlier run.

    root: folder of all trainings. Raises `InputError` for test images among the training images,
    and whatever the trainer raises.
    """
    key = _key(training, tiles)
    folder = root / f"{training.name}-{training.replicate}-{key[:10]}"
    kept = read_json(folder / "result.json")
    if kept is not None and kept["key"] == key:
        return _read(kept)
    started = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    job = Job(
        sets=training.sets,
        shares=training.shares,
        classes=tiles.whole.classes,
        budget=training.config.budget,
        config=training.config.trainer,
        seed=training.seed,
        folder=folder,
        device=device,
        upright=training.upright,
    )
    if training.name == "untrained":
        job = replace(job, budget=replace(job.budget, steps=0))
    model = train(training.trainer, job, tiles.parts, tell)
    result = _tested(model, training, tiles)
    seconds = time.perf_counter() - started
    write_json(folder / "result.json", result | {"key": key, "seconds": seconds})
    (folder / "checkpoint.pt").unlink(missing_ok=True)
    return _read(result | {"seconds": seconds})


def _tested(model: Model, training: Training, tiles: Tiles) -> dict[str, Any]:
    found = tiles.merged(model.predict(tiles.parts.images))
    held_out = training.held_out
    return {
        "about": model.about,
        "images": _count(training.sets, real=False),
        "real_images": _count(training.sets, real=True),
        "found": as_rows(found),
        "held_out": as_rows(model.predict(held_out.images)) if held_out else None,
    }


def _read(kept: dict[str, Any]) -> Trained:
    held_out = kept["held_out"]
    return Trained(
        about=kept["about"],
        images=kept["images"],
        real_images=kept["real_images"],
        found=from_rows(kept["found"]),
        held_out=None if held_out is None else from_rows(held_out),
        seconds=kept["seconds"],
    )


def _count(sets: Sequence[DetectionSet], *, real: bool) -> int:
    return sum(len(found.images) for found in sets if found.real == real)


def _key(training: Training, tiles: Tiles) -> str:
    """Return a digest of everything that determines the result. Images count by their pixels, after
    adaptation."""
    digest = hashlib.sha256()
    held_out = (training.held_out,) if training.held_out else ()
    for found in (*training.sets, tiles.parts, *held_out):
        digest.update(found.digest.encode())
    config = training.config
    plain: list[object] = [asdict(config.trainer), asdict(config.budget), training.trainer]
    plain += [training.name, list(training.shares), training.seed, training.upright]
    digest.update(json.dumps(plain, sort_keys=True).encode())
    return digest.hexdigest()
