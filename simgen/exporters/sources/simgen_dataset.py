"""Datasets of simgen's own."""

from __future__ import annotations

from collections.abc import Iterator

from simgen.exporters.items import Annotation, Item, Mark, Picture
from simgen.record import IgnoreRegion, Keypoint, ObjectRecord
from simgen.store.reader import Dataset
from simgen.store.sample import Sample


class SimgenSource:
    """A dataset of simgen's."""

    remarks: tuple[str, ...] = ()

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.name = str(dataset.root)
        self.classes = dataset.classes
        self.stuff_classes = dataset.stuff_classes
        self.splits = dataset.splits
        self.labels = frozenset(dataset.manifest.labels)
        self.digest = dataset.digest

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[Item]:
        things, stuff = self.dataset.classes, self.dataset.stuff_classes
        return (item_of(sample, things, stuff) for sample in self.dataset)


def item_of(sample: Sample, things: tuple[str, ...], stuff: tuple[str, ...]) -> Item:
    """A frame as an item. Where the dataset has no `rgb`, its picture is that of the first label
    that it has."""
    label = "rgb" if "rgb" in sample.labels else sample.labels[0]
    camera = sample.camera
    objects = sample.objects if "objects" in sample.labels else ()
    return Item(
        f"{sample.scene:06d}_{sample.frame:04d}",
        sample.split,
        sample.image_id,
        Picture(camera.width, camera.height, sample.path(label)),
        (
            *(annotation_of(item) for item in objects),
            *(_ignored(region) for region in sample.record.ignore_regions),
        ),
        sample,
        things,
        stuff,
    )


def annotation_of(item: ObjectRecord) -> Annotation:
    points = item.keypoints
    return Annotation(
        class_name=item.class_name,
        bbox=item.bbox,
        mask=item.segmentation,
        area=item.visible_pixels,
        oriented_box=item.oriented_box,
        marks=None if points is None else tuple(_mark(point) for point in points),
        bones=item.skeleton or (),
        amodal_bbox=item.amodal_bbox,
        visible_fraction=item.visible_fraction,
        record=item,
    )


def _ignored(region: IgnoreRegion) -> Annotation:
    return Annotation(region.class_name, region.bbox, region.segmentation, region.area, crowd=True)


def _mark(point: Keypoint) -> Mark:
    x, y = point.pixel.tolist() if point.visibility else (0, 0)
    return Mark(point.name, x, y, point.visibility)
