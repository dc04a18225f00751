"""A COCO panoptic file: the segment of each pixel, and the category of each segment.

Format: https://cocodataset.org/#format-data, "Panoptic Segmentation". A segment's id is
R + 256 G + 65536 B of its pixels' colour in the PNG `file_name`. Pixels of omitted classes have
the id 0, which means no segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset import files, remote
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import AnyPath
from simgen.formats.coco.lists import Lists
from simgen.formats.items import Item, Picture
from simgen.formats.output.target import Target
from simgen.formats.simgen.read import SimgenSource
from simgen.labels.record import Segment
from simgen.labels.registry import image_files


class PanopticFile(Lists):
    """A COCO panoptic file that is being written.

    classes, stuff_classes: names in the order of their ids.
    """

    def __init__(
        self, path: AnyPath, scratch: Path, classes: Sequence[str], stuff_classes: Sequence[str]
    ) -> None:
        super().__init__(path, scratch)
        self.count = 0
        self._things = {name: number for number, name in enumerate(classes, start=1)}
        first = len(classes) + 1
        self._stuff = {name: number for number, name in enumerate(stuff_classes, start=first)}

    def add(self, item: Item, file_name: str, png: str) -> None:
        """Add an image and its segments. file_name, png: their entries in the file."""
        self._add_image(item, file_name)
        segments = [
            self._segment(segment, number, crowd) for segment, number, crowd in self._kept(item)
        ]
        self._add_annotation(
            {"image_id": item.image_id, "file_name": png, "segments_info": segments}
        )
        self.count += 1

    def write_png(self, item: Item, target: Target, name: str) -> None:
        """Write the PNG of an item's segments as `name`."""
        sample, original = item.frame, item.frame.path("panoptic")
        kept = [segment.id for segment, _, _ in self._kept(item)]
        whole = len(kept) == len(sample.segments)
        if whole and not item.picture.resized and isinstance(original, Path):
            picture = Picture(item.width, item.height, original)
            target.picture(name.removesuffix(picture.suffix), picture)
            return
        ids = sample.panoptic
        left = np.where(np.isin(ids, kept), ids, 0).astype(np.uint32)
        files.write_image(target.path(name), left, image_files()["panoptic"])

    def _kept(self, item: Item) -> list[tuple[Segment, int, bool]]:
        """Return the exported segments with their category id and whether they are a crowd."""
        entries = {
            entry.record.instance_id: entry
            for entry in item.annotations
            if entry.record is not None
        }
        has_objects = "objects" in item.frame.labels
        kept = []
        for segment in item.frame.segments:
            entry = entries.get(segment.id) if segment.is_thing else None
            is_object = segment.is_thing and not segment.crowd
            left_out = is_object and has_objects and entry is None
            number = self._category(item, segment)
            if number and not left_out:
                crowd = segment.crowd or (entry is not None and entry.crowd)
                kept.append((segment, number, crowd))
        return kept

    def _category(self, item: Item, segment: Segment) -> int:
        """Return the category id of a segment; 0 if its class is omitted."""
        if segment.is_thing:
            return self._things.get(item.things[segment.category_id - 1], 0)
        return self._stuff[item.stuff[segment.category_id - 1 - len(item.things)]]

    def _segment(self, segment: Segment, number: int, crowd: bool) -> dict[str, Any]:
        return {
            "id": segment.id,
            "category_id": number,
            "area": segment.area,
            "bbox": segment.bbox,
            "iscrowd": int(crowd),
        }

    def _categories(self) -> list[dict[str, Any]]:
        """Return the categories: things are classes of objects, stuff classes of the stage."""
        things = [(number, name, "object", 1) for name, number in self._things.items()]
        stuff = [(number, name, "stage", 0) for name, number in self._stuff.items()]
        return [
            {"id": number, "name": name, "supercategory": group, "isthing": is_thing}
            for number, name, group, is_thing in things + stuff
        ]


def write_panoptic(dataset: Dataset, path: AnyPath, scratch: Path) -> int:
    """Write the panoptic labels of all frames as one COCO file, in one pass and constant memory.

    File names are relative to the dataset's folder, the PNGs are those of the frames, and image ids
    are those in `annotations/instances.json`. scratch: folder for temporary files, on the file
    system of `path`. Returns the number of images.
    """
    # A dataset without rgb has no other image than the panoptic PNG.
    label = "rgb" if "rgb" in dataset.manifest.labels else "panoptic"
    with PanopticFile(path, scratch, dataset.classes, dataset.stuff_classes) as file:
        for item in SimgenSource(dataset):
            image, png = (
                remote.relative(item.frame.path(name), dataset.root) for name in (label, "panoptic")
            )
            file.add(item, image, png)
    return file.count
