"""What a study did and found, as plain data, before it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simgen.training.detection import Detections, LabelledImage
from simgen.training.evaluation.errors import Errors
from simgen.training.evaluation.intervals import Units
from simgen.training.evaluation.matching import Matches
from simgen.training.evaluation.scores import Scores


@dataclass(frozen=True)
class Replicate:
    """A detector that was trained and tested once.

    seed: of its scenes and of its training. matches, errors: on the real test images. synthetic: on
    held-out synthetic images. images, real_images: those trained on.
    """

    seed: int
    images: int
    real_images: int
    matches: Matches
    errors: Errors
    synthetic: Scores | None = None
    train_seconds: float = 0.0
    generate_seconds: float = 0.0


@dataclass(frozen=True)
class Arm:
    """One way to make training data, with its replicates, at least one.

    overrides: of the config. baseline: whether it trains on no data of simgen's. series: arms with
    the same one, unless empty, differ only in how many images they train on. note: a remark such
    as "weights: none". gap: how far its synthetic images are from the real test images, by the
    titles of measures; empty where it was not measured.
    """

    name: str
    replicates: tuple[Replicate, ...]
    overrides: tuple[str, ...] = ()
    baseline: bool = False
    series: str = ""
    note: str = ""
    gap: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """A test image with what a detector found in it. name: shown instead of its path."""

    name: str
    image: LabelledImage
    found: Detections


@dataclass(frozen=True)
class RealData:
    """The photographs that detectors were tested on. class_map: pairs of a class of theirs and the
    class that it counts as. remarks: sentences."""

    name: str
    images: int
    boxes: int
    classes: tuple[str, ...]
    units: Units
    class_map: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """reference: name of the arm with which the others are compared. best, worst: test images with
    what the arm `examples_of` finds in them. config, versions, seconds: for the record, plain
    values as JSON has them; only what is in `seconds` differs when a study is repeated."""

    name: str
    about: str
    real: RealData
    arms: tuple[Arm, ...]
    reference: str
    trainer: str
    trainer_about: str = ""
    budget: str = ""
    best: tuple[Example, ...] = ()
    worst: tuple[Example, ...] = ()
    examples_of: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
