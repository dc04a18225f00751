"""An image with its labels, and the datasets that provide such images: simgen's and external."""

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
"""Suffixes of image files, the most common first."""

KNOWS_OBJECTS = frozenset({"objects", "instances", "panoptic"})
"""simgen's labels any one of which is enough to derive boxes, masks and classes of objects."""

RLE = dict[str, Any]
"""A mask in COCO's compressed run lengths: `size` is `[H, W]`, `counts` a str."""


@dataclass(frozen=True)
class Picture:
    """An image file and how to export it.

    width, height: exported size in pixels. path: the original file. resized: whether the original
    has another size. quality: JPEG quality of the export; 0 keeps the original's file type.
    change: function applied to the original's pixels, `H x W x 3` uint8, RGB, before resizing.
    """

    width: int
    height: int
    path: AnyPath
    resized: bool = False
    quality: int = 0
    change: Callable[[np.ndarray], np.ndarray] | None = None

    @property
    def suffix(self) -> str:
        """Return the suffix of the exported file, e.g. `.png`."""
        return ".jpg" if self.quality else PurePosixPath(self.path.name).suffix.lower()

    @property
    def untouched(self) -> bool:
        """Return whether the exported file equals the original byte for byte."""
        is_jpeg = PurePosixPath(self.path.name).suffix.lower() in (".jpg", ".jpeg")
        return not self.resized and self.change is None and (not self.quality or is_jpeg)

    def content(self) -> bytes:
        """Return the exported file's bytes. Raises `OSError` if the original is unreadable."""
        original = remote.read_bytes(self.path)
        if self.untouched:
            self._check(io.BytesIO(original))
            return original
        options = (cv2.IMWRITE_JPEG_QUALITY, self.quality) if self.quality else ()
        done, buffer = cv2.imencode(self.suffix, self._scaled(original), options)
        if not done:
            raise OSError(f"{self.path}: cannot encode the image as {self.suffix}")
        return buffer.tobytes()

    def check(self) -> None:
        """Check that the original, a local file that is exported unchanged, is complete.

        Raises `OSError` if it is damaged.
        """
        assert isinstance(self.path, Path)
        with self.path.open("rb") as file:
            self._check(file)

    def _check(self, file: BinaryIO) -> None:
        # The picture of a dataset without `rgb` is another label's file, possibly an EXR.
        if PurePosixPath(self.path.name).suffix.lower() in SUFFIXES:
            wrong = damage(file, (self.width, self.height))
            if wrong:
                raise OSError(f"{self.path}: damaged: {wrong}")

    def pixels(self) -> np.ndarray:
        """Return the exported image before JPEG compression: `H x W x 3` uint8, RGB.

        Raises `OSError` if the original is unreadable.
        """
        return cv2.cvtColor(self._scaled(remote.read_bytes(self.path)), cv2.COLOR_BGR2RGB)

    def _scaled(self, content: bytes) -> np.ndarray:
        """Return the changed and resized image: `H x W x 3` uint8, BGR."""
        image = files.decoded(content, cv2.IMREAD_COLOR)
        if image is None:
            raise OSError(f"{self.path}: cannot decode the file as an image")
        if self.change is not None:
            rgb = self.change(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            image = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        return scaled(image, self.width, self.height) if self.resized else image


def scaled(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a colour image resized to `width` x `height`."""
    smaller = width < image.shape[1] or height < image.shape[0]
    interpolation = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=interpolation)


@dataclass(frozen=True)
class ImageKeypoint:
    """A keypoint in an image.

    x, y: continuous pixels; 0 if visibility is 0. visibility: COCO's; 0 not labelled, 1 hidden,
    2 visible.
    """

    name: str
    x: float
    y: float
    visibility: int


@dataclass(frozen=True)
class Annotation:
    """One object in an image.

    class_name: exported name. bbox: `[x, y, w, h]` of the visible pixels, continuous; None if no
    pixel is visible. mask: visible pixels; None if there are none or the source has only boxes.
    area: pixels of the mask, or of the box without a mask. crowd: COCO's `iscrowd`; marks an ignore
    region. oriented_box: `4 x 2`, pixels.
    keypoints: None if the class has none. skeleton: pairs of indices into the keypoints.
    amodal_bbox, visible_fraction: as in `ObjectRecord`; None in external datasets.
    record: simgen's full record, poses included, in pixels of the exported size; None without the
    label `objects`. instance_id: simgen's; None in external datasets.
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
        """Return the mask as `H x W` bool. Raises `ValueError` without a mask."""
        if self.mask is None:
            raise ValueError(f"an object of class {self.class_name!r} has no mask")
        return coco_mask.decode(self.mask).astype(bool)


@dataclass(frozen=True)
class Item:
    """One image with its annotations.

    name: unique in the export, valid as a file name, without a dot. split: train, val, ...
    image_id: unique in the export, from 1.
    annotations: all selected objects of the scene in order, visible or not, followed by the ignore
    regions that are not objects.
    sample: simgen's frame in the exported size; None in external datasets.
    source_id: the id in the COCO file that it was read from; None for other sources.
    things, stuff: exported class names of the category ids in `sample`, things first, ids from 1;
    an empty name if the class is omitted.
    """

    name: str
    split: str
    image_id: int
    picture: Picture
    annotations: tuple[Annotation, ...]
    sample: Sample | None = None
    things: tuple[str, ...] = ()
    stuff: tuple[str, ...] = ()
    source_id: int | None = None

    @property
    def width(self) -> int:
        return self.picture.width

    @property
    def height(self) -> int:
        return self.picture.height

    @cached_property
    def seen(self) -> tuple[Annotation, ...]:
        """Return the annotations with visible pixels."""
        return tuple(item for item in self.annotations if item.bbox is not None)

    @cached_property
    def objects(self) -> tuple[Annotation, ...]:
        """Return the annotations with visible pixels, without ignore regions."""
        return tuple(item for item in self.seen if not item.crowd)

    @cached_property
    def regions(self) -> tuple[Annotation, ...]:
        """Return the ignore regions that are not objects of the scene."""
        return tuple(item for item in self.seen if item.crowd and item.instance_id is None)

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """Return an id for each visible annotation, unique in the image.

        simgen's objects have their instance id, others a number above all instance ids.
        """
        free = count(1 + max((item.instance_id or 0 for item in self.annotations), default=0))
        return tuple(item.instance_id or next(free) for item in self.seen)

    @property
    def frame(self) -> Sample:
        """Return `sample`, for formats that only accept simgen's datasets."""
        assert self.sample is not None
        return self.sample


class Source(Protocol):
    """A dataset that can be exported.

    name: for messages. classes, stuff_classes: names in the order of their ids. splits: names.
    labels: the labels of its items' samples, empty for external datasets. digest: SHA-256 of its
    content, without reading every file. remarks: the repairs made during the latest iteration.
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
        """Yield all images, in the same order each time, each read on demand."""
        ...
