"""YOLO for Ultralytics: https://docs.ultralytics.com/datasets/

images/train/000000_0000.png    images
labels/train/000000_0000.txt    one row per object; an empty file if there are none
data.yaml                       folders of the splits, names of the classes

Rows begin with the class, from 0; all coordinates are divided by the image's width or height and
lie in [0, 1].

yolo        class, centre x, centre y, width, height
yolo-seg    class, then x, y of the corners of one polygon
yolo-pose   as yolo, then x, y, visibility (0, 1, 2) of each keypoint
yolo-obb    class, then x, y of the four corners of an oriented box, in order along its outline
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import yaml
from pycocotools import mask as coco_mask

from simgen.formats.items import Annotation, Item
from simgen.formats.output.polygons import Loss, joined, outlines
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.formats.yolo.pose import Skeleton
from simgen.labels import masks

_DIGITS = 8
"""Decimal places: enough for a thousandth of a pixel in any image."""


class _Detect:
    """The rows of boxes of an export; base class of the other kinds of rows."""

    def __init__(self, plan: Plan) -> None:
        pass

    def row(self, entry: Annotation, item: Item) -> Sequence[float]:
        """Return the columns after the class: coordinates in [0, 1]."""
        return box_row(entry, item)

    def described(self, classes: int) -> dict[str, Any]:
        """Return additional entries of `data.yaml`. classes: number of classes."""
        return {}

    def remarks(self) -> list[str]:
        return []


class _Segment(_Detect):
    def __init__(self, plan: Plan) -> None:
        self._loss = Loss()
        self._boxes = 0

    def row(self, entry: Annotation, item: Item) -> Sequence[float]:
        if entry.mask is None:
            self._boxes += 1
            return _flat(_corners(entry), item)
        # YOLO has one polygon per object; Ultralytics joins several parts in the same way.
        polygon = joined(outlines(entry.mask))
        self._loss.add(entry.mask, [polygon])
        return _flat(polygon, item)

    def remarks(self) -> list[str]:
        boxes = f"{self._boxes} objects without a mask: wrote their boxes as polygons"
        return self._loss.remarks() + ([boxes] if self._boxes else [])


class _Oriented(_Detect):
    def __init__(self, plan: Plan) -> None:
        self._clipped = 0

    def row(self, entry: Annotation, item: Item) -> Sequence[float]:
        corners = _rectangle(entry)
        beyond = (corners < 0) | (corners > [item.width, item.height])
        self._clipped += bool(beyond.any())
        return _flat(corners, item)

    def remarks(self) -> list[str]:
        if not self._clipped:
            return []
        return [f"{self._clipped} oriented boxes: moved corners outside the image to its border"]


class _Pose(_Detect):
    def __init__(self, plan: Plan) -> None:
        self._skeleton = Skeleton.of(plan.items())

    def row(self, entry: Annotation, item: Item) -> Sequence[float]:
        return [*box_row(entry, item), *self._skeleton.row(entry, item)]

    def described(self, classes: int) -> dict[str, Any]:
        return self._skeleton.described(classes)

    def remarks(self) -> list[str]:
        return self._skeleton.remarks()


def box_row(entry: Annotation, item: Item) -> Sequence[float]:
    """Return centre x, y, width, height of an object's box within the image, in [0, 1]."""
    assert entry.bbox is not None
    x, y, w, h = entry.bbox
    left, right = np.clip([x / item.width, (x + w) / item.width], 0, 1).tolist()
    top, bottom = np.clip([y / item.height, (y + h) / item.height], 0, 1).tolist()
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def _flat(corners: np.ndarray, item: Item) -> list[float]:
    return np.clip(corners / [item.width, item.height], 0, 1).reshape(-1).tolist()


def _corners(entry: Annotation) -> np.ndarray:
    """Return the corners of the axis-aligned box, `4 x 2`."""
    assert entry.bbox is not None
    x, y, w, h = entry.bbox
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])


def _rectangle(entry: Annotation) -> np.ndarray:
    """Return the corners of the smallest known box, `4 x 2`."""
    if entry.oriented_box is not None:
        return entry.oriented_box
    if entry.mask is None:
        return _corners(entry)
    mask = coco_mask.decode(entry.mask)
    return masks.oriented_box(np.flatnonzero(mask.T), mask.shape[0])


@contextmanager
def _folders(
    target: Target, plan: Plan, task_of: Callable[[Plan], _Detect]
) -> Iterator[Callable[[Item], None]]:
    task = task_of(plan)
    images, ignored, regions = Counter[str](), 0, 0
    numbers = {name: number for number, name in enumerate(plan.classes)}

    def add(item: Item) -> None:
        nonlocal ignored, regions
        place = f"{item.split}/{item.name}"
        target.picture(f"images/{place}", item.picture)
        # YOLO cannot store ignore regions.
        rows = [_line(numbers[entry.class_name], task.row(entry, item)) for entry in item.objects]
        target.write(f"labels/{place}.txt", "".join(rows))
        images[item.split] += 1
        ignored += len(item.seen) - len(item.objects)
        regions += len(item.regions) if item.sample is not None else 0

    yield add
    target.write("data.yaml", _yaml(plan, images, task.described(len(plan.classes))))
    target.remarks += task.remarks()
    if ignored:
        advice = "; generate with scene.label_furnishings=instances for fewer" if regions else ""
        target.remarks.append(
            f"omitted {ignored} ignore regions, which YOLO cannot store: detectors learn them as "
            f"background{advice}"
        )
    if not (images["train"] and images["val"]):
        target.remarks.append(
            "Ultralytics requires the splits train and val; data.yaml names another split in place "
            "of a missing one; --splits train:0.9,val:0.1 creates both"
        )


def _line(number: int, values: Sequence[float]) -> str:
    return " ".join([str(number), *(_decimal(value) for value in values)]) + "\n"


def _decimal(value: float) -> str:
    text = f"{value:.{_DIGITS}f}"
    return text.rstrip("0").rstrip(".")


def _yaml(plan: Plan, images: Counter[str], described: dict[str, Any]) -> str:
    # Without `path`, Ultralytics searches beside the file, even after it was moved; a relative
    # `path` would refer to the working directory.
    folders = {name: f"images/{name}" for name in plan.splits if images[name]}
    wanted = {name: folders.get(name, f"images/{_other(name, folders)}") for name in _WANTED}
    content = wanted | folders if folders else {}
    content |= {"names": dict(enumerate(plan.classes))} | described
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


_WANTED = ("train", "val")
"""Splits without which Ultralytics does not read a dataset."""


def _other(name: str, folders: dict[str, str]) -> str:
    """Return the split to use in place of a missing one."""
    others = [other for other in ("val", "test", "train") if other in folders and other != name]
    return next(iter([*others, *folders]), name)


def _format(name: str, about: str, task_of: Callable[[Plan], _Detect]) -> Format:
    write = partial(_folders, task_of=task_of)
    return Format(name, about, frozenset(), write, lists_objects=True)


YOLO = _format("yolo", "YOLO boxes (Ultralytics detect)", _Detect)
YOLO_SEG = _format("yolo-seg", "YOLO polygons (Ultralytics segment)", _Segment)
YOLO_POSE = _format("yolo-pose", "YOLO keypoints (Ultralytics pose)", _Pose)
YOLO_OBB = _format("yolo-obb", "YOLO oriented boxes (Ultralytics obb)", _Oriented)
