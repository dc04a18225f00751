"""simgen's own datasets as a source of exports."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from simgen.dataset.reader import Dataset
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.items import Annotation, ImageKeypoint, Item, Picture
from simgen.labels import masks
from simgen.labels.record import IgnoreRegion, Keypoint, ObjectRecord


class SimgenSource:
    """A source of items from a simgen dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.name = str(dataset.root)
        self.classes = dataset.classes
        # Formats identify classes by name, and a stage may have stuff named like a class.
        self.stuff_classes = tuple(
            f"{name}_stage" if name in dataset.classes else name for name in dataset.stuff_classes
        )
        self.splits = dataset.splits
        self.labels = frozenset(dataset.manifest.labels)
        self.digest = dataset.digest
        self._classes_in = lru_cache(1)(self._read_classes)

    @property
    def remarks(self) -> tuple[str, ...]:
        """A remark if the dataset is incomplete."""
        there, wanted = len(self.dataset.scenes), self.dataset.manifest.num_scenes
        if there >= wanted:
            return ()
        return (
            f"{self.name}: incomplete, with {there} of {wanted} scenes; run simgen generate to "
            "continue it",
        )

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[Item]:
        return map(self.item, self.dataset)

    def item(self, sample: Sample) -> Item:
        """Return a frame as an item.

        Without the label `rgb`, the picture is that of the dataset's first label. Without
        `objects`, annotations are derived from the ids of visible pixels.
        """
        label = "rgb" if "rgb" in sample.labels else sample.labels[0]
        camera = sample.camera
        if "objects" in sample.labels:
            objects = [annotation_of(item) for item in sample.objects]
        else:
            objects = [*self._shown(sample)]
        return Item(
            f"{sample.scene:06d}_{sample.frame:04d}",
            sample.split,
            sample.image_id,
            Picture(
                camera.width, camera.height, sample.path(label), change=sample.change_of(label)
            ),
            (*objects, *map(_ignored, sample.record.ignore_regions)),
            sample,
            self.classes,
            self.stuff_classes,
        )

    def _shown(self, sample: Sample) -> Iterator[Annotation]:
        if "instances" in sample.labels:
            ids, classes = sample.instances, self._classes_in(sample.scene)
        elif "panoptic" in sample.labels:
            things = [s for s in sample.segments if s.is_thing and not s.crowd]
            classes = {thing.id: self.classes[thing.category_id - 1] for thing in things}
            ids = np.where(np.isin(sample.panoptic, [*classes]), sample.panoptic, 0)
        else:
            return
        height, width = ids.shape
        for number, pixels in masks.visible_pixels(ids).items():
            if number not in classes:
                raise InputError(
                    f"{sample.folder}: frame {sample.frame}: instance {number} is not an object of "
                    "the scene; run `simgen validate` to find all errors"
                )
            yield Annotation(
                classes[number],
                masks.bounding_box(pixels, height),
                masks.run_lengths(pixels, height, width),
                len(pixels),
                instance_id=number,
            )

    def _read_classes(self, scene: int) -> dict[int, str]:
        """Read the class names of a scene's objects, by instance id."""
        return {item.instance_id: item.class_name for item in self.dataset.spec(scene).objects}


def annotation_of(item: ObjectRecord) -> Annotation:
    points = item.keypoints
    return Annotation(
        class_name=item.class_name,
        bbox=item.bbox,
        mask=item.segmentation,
        area=item.visible_pixels,
        oriented_box=item.oriented_box,
        keypoints=None if points is None else tuple(_keypoint(point) for point in points),
        skeleton=item.skeleton or (),
        amodal_bbox=item.amodal_bbox,
        visible_fraction=item.visible_fraction,
        record=item,
        instance_id=item.instance_id,
    )


def _ignored(region: IgnoreRegion) -> Annotation:
    return Annotation(region.class_name, region.bbox, region.segmentation, region.area, crowd=True)


def _keypoint(point: Keypoint) -> ImageKeypoint:
    x, y = point.pixel.tolist() if point.visibility else (0, 0)
    return ImageKeypoint(point.name, x, y, point.visibility)
