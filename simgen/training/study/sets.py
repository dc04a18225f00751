"""Images of generated datasets as training and test sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from simgen.config import Config
from simgen.config.schema import FACTORS
from simgen.dataset.reader import Dataset
from simgen.formats.simgen.read import SimgenSource
from simgen.spec.rng import stream
from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.labelled import labelled_image
from simgen.training.study.plan import DatasetPlan

_FROM_ABOVE = 45.0
"""Elevation in degrees from which on images have no upright direction."""


class SyntheticImages:
    """The images of a generated dataset, read once.

    class_map: synthetic class to real class. classes: the real ones, in order.
    """

    def __init__(
        self,
        name: str,
        dataset: Dataset,
        class_map: Mapping[str, str],
        classes: Sequence[str],
        least_visible: float,
    ) -> None:
        self.name, self.dataset = name, dataset
        self._class_map, self._classes, self._least = class_map, tuple(classes), least_visible
        places = {own: classes.index(real) for own, real in class_map.items()}
        source = SimgenSource(dataset)
        self._by_scene: dict[int, list[LabelledImage]] = {}
        for sample in dataset:
            image = labelled_image(source.item(sample), places, least_visible)
            image = replace(image, group=f"{name}/{sample.scene:06d}")
            self._by_scene.setdefault(sample.scene, []).append(image)

    def of_copy(self, name: str, dataset: Dataset) -> SyntheticImages:
        """Return the images of another dataset with the same classes."""
        return SyntheticImages(name, dataset, self._class_map, self._classes, self._least)

    @property
    def all(self) -> DetectionSet:
        return self.of_scenes(self._by_scene)

    def of_scenes(self, scenes: Iterable[int], most: int | None = None) -> DetectionSet:
        """Return the first images of some scenes, without failed ones. most: maximum number."""
        images = [image for scene in scenes for image in self._by_scene.get(scene, [])]
        return DetectionSet(self.name, self._classes, tuple(images[:most]), real=False)


@dataclass(frozen=True)
class Part:
    """The images of an arm from one dataset. most: per training."""

    plan: DatasetPlan
    images: SyntheticImages
    most: int


@dataclass(frozen=True)
class ArmImages:
    """The synthetic images of an arm, from one or several datasets."""

    parts: tuple[Part, ...]

    @property
    def upright(self) -> bool:
        """Whether any of them have an upright direction."""
        return any(_is_upright(part.plan.config) for part in self.parts)

    def training(self, replicate: int) -> DetectionSet:
        return _joined(
            part.images.of_scenes(part.plan.scenes(replicate, part.most), part.most)
            for part in self.parts
        )

    @property
    def all_training(self) -> DetectionSet:
        """Those that any replicate may train on."""
        return _joined(part.images.of_scenes(part.plan.all_scenes) for part in self.parts)

    @property
    def held_out(self) -> DetectionSet:
        return _joined(part.images.of_scenes(part.plan.held_out) for part in self.parts)


def _joined(sets: Iterable[DetectionSet]) -> DetectionSet:
    first, *others = sets
    images = sum((found.images for found in others), first.images)
    return replace(first, name=" and ".join(s.name for s in (first, *others)), images=images)


def _is_upright(config: Config) -> bool:
    elevation = FACTORS["camera.elevation_deg_range"].parse(config.camera.elevation_deg_range)
    return elevation.support()[0] < _FROM_ABOVE


def real_share(training: DetectionSet, share: float, seed: int) -> DetectionSet:
    """Return a random share of the real training images; a smaller share is part of a larger."""
    count = min(len(training.images), max(1, round(share * len(training.images))))
    order = stream(seed, "real").permutation(len(training.images))
    chosen = sorted(order[:count].tolist())
    return replace(training, images=tuple(training.images[place] for place in chosen))
