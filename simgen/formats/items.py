"""An image with its labels, and the datasets that such images come from. The same for simgen's
datasets and for external ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from simgen.dataset import files, remote
from simgen.dataset.remote import AnyPath
from simgen.dataset.sample import Sample
from simgen.dataset.whole_image import damage
from simgen.labels.record import ObjectRecord

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
"""Of images, the usual ones first."""

KNOWS_OBJECTS = frozenset({"objects", "instances", "panoptic"})
"""Labels of simgen's from any of which boxes, masks and classes of objects follow."""

RLE = dict[str, Any]
"""A mask in COCO's compressed run lengths: `size` is `[H, W]`, `counts` a str."""


@dataclass(frozen=True)
class Picture:
    """The file of an image, and how it is exported.

    width, height: pixels, as exported. path: the original. resized: whether the original has
    another size. quality: of the JPEG that it becomes; 0 keeps the kind of file. change: what is
    done to the pixels of the original, `H x W x 3` uint8, RGB, before all else.
    """

    width: int
    height: int
    path: AnyPath
    resized: bool = False
    quality: int = 0
    change: Callable[[np.ndarray], np.ndarray] | None = None

    @property
    def suffix(self) -> str:
        """Of the exported file, e.g. `.png`."""
        return ".jpg" if self.quality else PurePosixPath(self.path.name).suffix.lower()

    @property
    def untouched(self) -> bool:
        """Whether the exported file is the original, byte for byte."""
        is_jpeg = PurePosixPath(self.path.name).suffix.lower() in (".jpg", ".jpeg")
        return not self.resized and self.change is None and (not self.quality or is_jpeg)

    def content(self) -> bytes:
        """The exported file. Raises `OSError` where the original cannot be read as an image."""
        original = remote.read_bytes(self.path)
        if self.untouched:
            self._check(io.BytesIO(original))
            return original
        options = (cv2.IMWRITE_JPEG_QUALITY, self.quality) if self.quality else ()
        done, buffer = cv2.imencode(self.suffix, self._scaled(original), options)
        if not done:
            raise OSError(f"{self.path}: cannot be written as {self.suffix}")
        return buffer.tobytes()

    def check(self) -> None:
        """That the original, a file of this machine that is not touched, is whole. Raises
        `OSError`."""
        assert isinstance(self.path, Path)
        with self.path.open("rb") as file:
            self._check(file)

    def _check(self, file: BinaryIO) -> None:
        # Without an image of its own, a dataset's picture is some label, maybe an EXR.
        if PurePosixPath(self.path.name).suffix.lower() in SUFFIXES:
            wrong = damage(file, (self.width, self.height))
            if wrong:
                raise OSError(f"{self.path}: damaged: {wrong}")

    def pixels(self) -> np.ndarray:
        """`H x W x 3` uint8, RGB, as exported but for losses of JPEG. Raises `OSError`."""
        return cv2.cvtColor(self._scaled(remote.read_bytes(self.path)), cv2.COLOR_BGR2RGB)

    def _scaled(self, content: bytes) -> np.ndarray:
        """`H x W x 3` uint8, BGR."""
        image = files.decoded(content, cv2.IMREAD_COLOR)
        if image is None:
            raise OSError(f"{self.path}: not readable as an image")
        if self.change is not None:
            rgb = self.change(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            image = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        return scaled(image, self.width, self.height) if self.resized else image


def scaled(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """A colour image in another size."""
    smaller = width < image.shape[1] or height < image.shape[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=way)


@dataclass(frozen=True)
class ImageKeypoint:
    """A keypoint in an image: pixels, continuous, and COCO's visibility: 0 not labelled, 1 hidden,
    2 visible. Of those with 0, x and y are 0."""

    name: str
    x: float
    y: float
    visibility: int


@dataclass(frozen=True)
class Annotation:
    """One object in an image.

    class_name: as exported. bbox: `[x, y, w, h]` in continuous pixels, of what is visible; None
    when nothing is. mask: of what is visible, None when nothing is or the source has boxes alone.
    area: pixels of the mask, or of the box where there is none. crowd: COCO's `iscrowd`, a region
    to be ignored. oriented_box: `4 x 2`, pixels.
    keypoints: None without any. skeleton: pairs of places among the keypoints.
    amodal_bbox, visible_fraction, inside_fraction, unoccluded_fraction: as in `ObjectRecord`; of
    other datasets than simgen's None.
    record: all that simgen knows, poses included, in pixels of the exported size; None without the
    label `objects`. instance_id: of an object of simgen's.
    """

    class_name: str
    bbox: tuple[float, float, float, float] | None
    mask: RLE | None = None
    area: float = 0.0
    crowd: bool = False
    oriented_box: np.ndarray | None = None
    keypoints: tuple[ImageKeypoint, ...] | None = None
    skeleton: tuple[tuple[int, int], ...] = ()
    amodal_bbox: tuple[float, float, float, float] | None = None
    visible_fraction: float | None = None
    record: ObjectRecord | None = None
    instance_id: int | None = None

    def decoded(self) -> np.ndarray:
        """`H x W` bool. Raises `ValueError` without a mask."""
        if self.mask is None:
            raise ValueError(f"an object of class {self.class_name!r} has no mask")
        return coco_mask.decode(self.mask).astype(bool)


@dataclass(frozen=True)
class Item:
    """One image.

    name: unique in the export, fit for a file name, without a dot. split: train, val, ...
    image_id: unique in the export, from 1.
    annotations: all objects of its scene that were not left out, seen or not, in order; behind them
    the regions to be ignored that are no object.
    sample: simgen's frame, in the exported size; None of other datasets.
    things, stuff: what the category ids in `sample` mean, things first, counted from 1: the names
    of classes as exported, empty for those that were left out.
    """

    name: str
    split: str
    image_id: int
    picture: Picture
    annotations: tuple[Annotation, ...]
    sample: Sample | None = None
    things: tuple[str, ...] = ()
    stuff: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return self.picture.width

    @property
    def height(self) -> int:
        return self.picture.height

    @cached_property
    def seen(self) -> tuple[Annotation, ...]:
        """Those of which something is visible."""
        return tuple(item for item in self.annotations if item.bbox is not None)

    @cached_property
    def objects(self) -> tuple[Annotation, ...]:
        """Those of which something is visible, without regions to be ignored."""
        return tuple(item for item in self.seen if not item.crowd)

    @cached_property
    def regions(self) -> tuple[Annotation, ...]:
        """The regions to be ignored that are no object of the scene's."""
        return tuple(item for item in self.seen if item.crowd and item.instance_id is None)

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """Of each of those seen a number that is unique in the image: of simgen's objects the
        instance id, of others one above all of these."""
        free = count(1 + max((item.instance_id or 0 for item in self.annotations), default=0))
        return tuple(item.instance_id or next(free) for item in self.seen)

    @property
    def frame(self) -> Sample:
        """`sample`, where the format was checked to have one."""
        assert self.sample is not None
        return self.sample


class Source(Protocol):
    """A dataset that can be exported.

    name: for messages. classes, stuff_classes: in the order of their ids. splits: names. labels:
    those of its items' samples, empty for a dataset that is not simgen's. digest: SHA-256 of what
    is in it, as far as can be told without reading all of it. remarks: what had to be repaired in
    the images that were read last.
    """

    name: str
    classes: tuple[str, ...]
    stuff_classes: tuple[str, ...]
    splits: tuple[str, ...]
    labels: frozenset[str]
    digest: str

    @property
    def remarks(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item]:
        """All images, in the same order each time; each is read when it is asked for."""
        ...
