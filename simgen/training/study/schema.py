"""The config of a study: every key with its type, default and help."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.config.keys import ConfigKey, key, keys_of

TRAINERS = ("auto", "small", "torchvision", "ultralytics", "command")
BASELINES = ("untrained", "color_blobs")


@dataclass
class ArmConfig:
    """One of the compared ways to assemble training data.

    overrides: of `simgen generate`, in addition to the study's `base`. scenes: stages, each of
    which provides equally many of the images; empty for the one that the overrides name. images:
    number of synthetic training images, null for the study's `images`. real: share of the real
    training images, 0..1; above 0 it is at least one image. adapt: methods of `simgen adapt`,
    joined by `+`, that adapt the synthetic images to the real training images. options: of these
    methods, by name.
    """

    overrides: list[str] = field(default_factory=list)
    scenes: list[str] = field(default_factory=list)
    images: int | None = None
    real: float = 0.0
    adapt: str | None = None
    options: dict[str, float] = field(default_factory=dict)


@dataclass
class DataConfig:
    """The real data."""

    class_map: dict[str, str] = key(
        {},
        "Synthetic class to real class, possibly many-to-one, in addition to equal names, as in "
        "data.class_map.mug=cup.",
    )
    train: str | None = key(
        None, "Real dataset to train on. Not given: the part of `real` that is not used for tests."
    )
    test_share: float = key(
        0.5,
        "Share of the real images to test on, if others are trained on and the dataset has no "
        "splits.",
        at_least=0.01,
        at_most=1.0,
    )
    group_by: str = key(
        "auto",
        "How images are grouped; a group is never on both sides of a split: image, folder, prefix "
        "(file names without the trailing number), field:NAME of a COCO file's images, or auto "
        "(images with equal size and prefix).",
    )
    resize: float | None = key(
        None,
        "Scale factor of the photographs, for training and testing. Not given: the factor, in "
        "steps of a fourth of an octave, that makes their objects about as large in pixels as the "
        "synthetic ones.",
        at_least=0.01,
        at_most=16.0,
    )
    tile: int | None = key(
        None,
        "Side in pixels of the tiles that large photographs are cut into, after data.resize.",
        at_least=64,
        at_most=8192,
    )
    tile_overlap: int = key(64, "Pixels by which tiles overlap.", at_least=0, at_most=4096)
    least_visible: float = key(
        0.1,
        "Synthetic objects with a smaller visible fraction, 0 to 1, are ignore regions in training "
        "and testing.",
        at_least=0.0,
        at_most=1.0,
    )


@dataclass
class TrainerConfig:
    """The detector."""

    name: str = key(
        "auto",
        "Trainer: small (minutes on two cores), torchvision, ultralytics, command, or auto: "
        "torchvision with a GPU, otherwise small.",
        one_of=TRAINERS,
    )
    model: str | None = key(
        None, "Model of the trainer, such as retinanet_resnet50_fpn_v2 or yolo11n.yaml."
    )
    weights: str = key(
        "auto",
        "Initial weights: a file, none, or auto (weights available on this machine; the results "
        "name them).",
    )
    device: str = key("auto", "Device to train on: auto, cpu, cuda, cuda:1 or mps.")
    learning_rate: float | None = key(
        None, "Learning rate. Not given: the trainer's own.", at_least=1e-7, at_most=1.0
    )
    freeze: int | None = key(
        None,
        "Initial blocks of the backbone that keep their initial weights (trainer small, which has "
        "16). Not given: 3.",
        at_least=0,
        at_most=16,
    )
    augment: bool = key(True, "Whether to augment training images in colour, size and sharpness.")
    command: list[str] = key(
        [],
        "Program of trainer.name=command, as a list of arguments. docs/experiments.md describes "
        "its interface.",
    )


@dataclass
class BudgetConfig:
    """Length of each training, the same for all arms."""

    steps: int = key(400, "Optimizer steps.", at_least=0, at_most=10_000_000)
    batch: int = key(8, "Images per step.", at_least=1, at_most=1024)
    side: int = key(256, "Side of the training crops in pixels.", at_least=64, at_most=4096)


@dataclass
class StudyOutputConfig:
    dir: str | None = key(None, "Folder of the study. Not given: studies/NAME.")


@dataclass
class StudyConfig:
    """All keys of `simgen experiment`."""

    about: str = key("", "The question that the study answers, for its report.")
    real: str | None = key(
        None, "Real dataset to test on: a COCO file, YOLO's data.yaml, or a folder of COCO, YOLO, "
        "VOC.",
    )  # fmt: skip
    scene: str = key(
        "auto",
        "Stage of the generated scenes, or auto: the one whose classes and scale fit the real "
        "data.",
    )
    base: list[str] = key([], "Overrides of `simgen generate` for all arms.")
    arms: Any = key({}, "The compared arms, by name: overrides, scenes, images and real of each.")
    reference: str | None = key(
        None, "Arm that the others are compared with. Not given: the first."
    )
    images: int = key(100, "Default number of synthetic images of an arm.", at_least=0,
                      at_most=10_000_000)  # fmt: skip
    held_out: int = key(
        20, "Synthetic images of each dataset held out for testing.", at_least=0,
        at_most=1_000_000,
    )  # fmt: skip
    replicates: int = key(
        3,
        "Number of repetitions of each arm, each with its own scenes and training seed.",
        at_least=1,
        at_most=100,
    )
    seed: int = key(0, "Seed of the split and of the trainings.", at_least=0)
    baselines: list[str] = key(
        list(BASELINES), "Baselines that the arms have to beat: untrained, color_blobs."
    )
    data: DataConfig = field(default_factory=DataConfig)
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    output: StudyOutputConfig = field(default_factory=StudyOutputConfig)


KEYS: dict[str, ConfigKey] = {found.name: found for found in keys_of(StudyConfig)}
"""Every key by its dotted name, in the order of the schema."""
