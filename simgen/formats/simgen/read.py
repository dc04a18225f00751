"""Datasets of simgen's own."""

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
    """A dataset of simgen's."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.name = str(dataset.root)
        self.classes = dataset.classes
        # Formats tell classes apart by their names, and a stage may have trees of its own.
        self.stuff_classes = tuple(
            f"{name}_stage" if name in dataset.classes else name for name in dataset.stuff_classes
        )
        self.splits = dataset.splits
        self.labels = frozenset(dataset.manifest.labels)
        self.digest = dataset.digest
        self._classes_in = lru_cache(1)(self._read_classes)

    @property
    def remarks(self) -> tuple[str, ...]:
        """That the dataset is not what its run was to make, if so."""
        there, wanted = len(self.dataset.scenes), self.dataset.manifest.num_scenes
        if there >= wanted:
            return ()
        return (
            f"{self.name}: has {there} of the {wanted} scenes that it is to have; simgen generate "
            "goes on with it",
        )

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[Item]:
        return map(self.item, self.dataset)

    def item(self, sample: Sample) -> Item:
        """A frame as an item. Where the dataset has no `rgb`, its picture is that of the first
        label that it has. Without `objects`, what is seen of the objects follows from their ids."""
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
                    f"{sample.folder}: frame {sample.frame}: instance {number} is none of the "
                    "scene's objects; `simgen validate` says what else is wrong there"
                )
            yield Annotation(
                classes[number],
                masks.bounding_box(pixels, height),
                masks.run_lengths(pixels, height, width),
                len(pixels),
                instance_id=number,
            )

    def _read_classes(self, scene: int) -> dict[int, str]:
        """By instance id."""
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
