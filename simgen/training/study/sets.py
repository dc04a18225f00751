"""Images of generated datasets as training and test sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simgen.dataset.reader import Dataset
from simgen.formats.simgen.read import SimgenSource
from simgen.spec.rng import stream
from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.labelled import labelled_image


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
        images = [image for images in self._by_scene.values() for image in images]
        return DetectionSet(self.name, self._classes, tuple(images), real=False)

    def of_scenes(self, scenes: range, most: int | None = None) -> DetectionSet:
        """Return the first images of some scenes, without failed ones. most: maximum number."""
        images = [image for scene in scenes for image in self._by_scene.get(scene, [])]
        return DetectionSet(self.name, self._classes, tuple(images[:most]), real=False)


def real_share(training: DetectionSet, share: float, seed: int) -> DetectionSet:
    """Return a random share of the real training images; a smaller share is part of a larger."""
    count = min(len(training.images), max(1, round(share * len(training.images))))
    order = stream(seed, "real").permutation(len(training.images))
    chosen = sorted(order[:count].tolist())
    return replace(training, images=tuple(training.images[place] for place in chosen))
