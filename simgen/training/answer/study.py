"""The raw results of a study, as plain data, before comparison."""

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

    seed: of its scenes and its training. matches, errors: on the real test images. synthetic: on
    held-out synthetic images. images, real_images: number of training images.
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
    """One way to assemble training data, with at least one replicate.

    overrides: of the config. baseline: whether it uses no data from simgen. series: arms with the
    same non-empty series differ only in their number of training images. note: a remark such as
    "weights: none". gap: distances of its synthetic images to the real test images, by measure;
    empty if not measured.
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
    """A test image with the detections in it. name: displayed instead of its path."""

    name: str
    image: LabelledImage
    found: Detections


@dataclass(frozen=True)
class RealData:
    """The photographs used for testing. class_map: pairs of a real class and the class that it
    counts as. remarks: sentences."""

    name: str
    images: int
    boxes: int
    classes: tuple[str, ...]
    units: Units
    class_map: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """The raw results of a study.

    reference: name of the arm that the others are compared with. best, worst: test images with the
    detections of the arm `examples_of`. config, versions, seconds: for the record, as plain JSON
    values; only `seconds` changes when a study is repeated.
    """

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
