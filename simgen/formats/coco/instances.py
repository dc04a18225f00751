"""A COCO file of instances, written in one pass: boxes, run-length masks, categories, keypoints.

Format: https://cocodataset.org/#format-data. Image and annotation ids count from 1, `area` is the
mask's pixel count, `bbox` is `[x, y, w, h]` with w = xmax - xmin + 1, `counts` is a string.
Keypoints with v = 0 have x = y = 0; the indices in `skeleton` count from 1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgen.dataset.remote import AnyPath
from simgen.formats.coco.lists import Lists
from simgen.formats.items import Annotation, ImageKeypoint, Item


@dataclass
class Contents:
    """Counts of what was written.

    annotations, per_class: numbers of objects. ignored: number of ignore regions.
    """

    images: int = 0
    annotations: int = 0
    per_class: Counter[str] = field(default_factory=Counter)
    ignored: int = 0


def run_lengths(entry: Annotation) -> Any:
    """Return COCO's `segmentation` as run lengths; an empty list for an object without a mask."""
    return entry.mask if entry.mask is not None else []


class CocoFile(Lists):
    """A COCO file that is being written; call `add` with the images in order.

    classes: names in the order of their ids. keypoints: whether categories list their keypoints.
    segmentation: returns the `segmentation` of an object.
    """

    def __init__(
        self,
        path: AnyPath,
        scratch: Path,
        classes: Sequence[str],
        *,
        keypoints: bool,
        segmentation: Callable[[Annotation], Any] = run_lengths,
    ) -> None:
        super().__init__(path, scratch)
        self.contents = Contents()
        self._ids = {name: number for number, name in enumerate(classes, start=1)}
        self._has_keypoints = keypoints
        self._keypoints: dict[int, _ClassKeypoints] = {}
        self._segmentation = segmentation

    def add(self, item: Item, file_name: str) -> None:
        """Add an image and its annotations. file_name: the image's entry in the file."""
        self._add_image(item, file_name)
        self.contents.images += 1
        for entry in item.seen:
            self._annotate(item, entry)

    def _annotate(self, item: Item, entry: Annotation) -> None:
        number = self._ids[entry.class_name]
        plain = {
            "id": self.contents.annotations + self.contents.ignored + 1,
            "image_id": item.image_id,
            "category_id": number,
            "bbox": entry.bbox,
            "area": entry.area,
            "segmentation": self._segmentation(entry),
            "iscrowd": int(entry.crowd),
        }
        if entry.visible_fraction is not None:
            plain["visible_fraction"] = entry.visible_fraction
            plain["amodal_bbox"] = entry.amodal_bbox
        if entry.keypoints is not None:
            of_class = self._keypoints.setdefault(number, _ClassKeypoints())
            of_class.add(entry)
            plain["keypoints"] = of_class.flat(entry.keypoints)
            plain["num_keypoints"] = sum(mark.visibility > 0 for mark in entry.keypoints)
        self._add_annotation(plain)
        if entry.crowd:
            self.contents.ignored += 1
        else:
            self.contents.annotations += 1
            self.contents.per_class[entry.class_name] += 1

    def _lines(self) -> Iterable[str]:
        # A class's keypoints are complete only after the last image, so earlier annotations may
        # have to be extended.
        return map(self._completed, self._annotations) if self._keypoints else self._annotations

    def _categories(self) -> list[dict[str, Any]]:
        categories: list[dict[str, Any]] = [
            {"id": number, "name": name, "supercategory": "object"}
            for name, number in self._ids.items()
        ]
        if self._has_keypoints or self._keypoints:
            for category in categories:
                category |= self._keypoints.get(category["id"], _ClassKeypoints()).category()
        return categories

    def _completed(self, line: str) -> str:
        """Extend an annotation by the keypoints of its class that were first seen after it."""
        entry = json.loads(line)
        if "keypoints" in entry:
            wanted = 3 * len(self._keypoints[entry["category_id"]].places)
            entry["keypoints"] += [0] * (wanted - len(entry["keypoints"]))
        return json.dumps(entry, allow_nan=False)


class _ClassKeypoints:
    """The keypoints of all assets of a class, in order of first occurrence."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.edges: dict[tuple[int, int], None] = {}

    def add(self, entry: Annotation) -> None:
        keypoints = entry.keypoints or ()
        for mark in keypoints:
            self.places.setdefault(mark.name, len(self.places))
        for a, b in entry.skeleton:
            self.edges[self.places[keypoints[a].name], self.places[keypoints[b].name]] = None

    def flat(self, keypoints: tuple[ImageKeypoint, ...]) -> list[float]:
        """Return x, y, v of each of the class's keypoints known so far, as a flat list."""
        numbers: list[float] = [0] * (3 * len(self.places))
        for mark in keypoints:
            if mark.visibility:
                place = 3 * self.places[mark.name]
                numbers[place : place + 3] = [mark.x, mark.y, mark.visibility]
        return numbers

    def category(self) -> dict[str, Any]:
        return {"keypoints": [*self.places], "skeleton": [[a + 1, b + 1] for a, b in self.edges]}
