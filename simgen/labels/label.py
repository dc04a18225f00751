"""The entry of a label in the registry: its type, storage and attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, Self, overload

import numpy as np

from simgen.labels.record import SUFFIX, FrameRecord

if TYPE_CHECKING:
    from simgen.labels.inputs import FrameInputs
    from simgen.labels.registry import LabelledFrame
    from simgen.labels.view import FrameView
    from simgen.labels.world import World


class Codec(Enum):
    """A lossless encoding of an array as a file."""

    RGB = "H x W x 3 uint8 as 8-bit RGB PNG"
    RGBA = "H x W x 4 uint8 as 8-bit RGBA PNG, not premultiplied"
    IDS = "H x W uint16 as 16-bit grey PNG, or uint32 as ID_COLOURS"
    ID_COLOURS = "H x W uint32 as 8-bit RGB PNG, with id = R + 256 G + 65536 B"
    MILLIMETRES = "H x W uint16 as 16-bit grey PNG, millimetres"
    MASK = "H x W bool as 8-bit grey PNG: 0 or 255"
    FLOATS = "H x W or H x W x C float32 as EXR; NaN and infinity are kept"


_DTYPES = {
    Codec.RGB: ("uint8",),
    Codec.RGBA: ("uint8",),
    Codec.IDS: ("uint16",),
    Codec.ID_COLOURS: ("uint32",),
    Codec.MILLIMETRES: ("uint16",),
    Codec.MASK: ("bool",),
    Codec.FLOATS: ("float32",),
}


@dataclass(frozen=True)
class ImageFile:
    """Storage as an image file of the frame.

    suffix: suffix of its name, after the frame's. channels: channels of an EXR, in the order of the
    array's last axis; an array with a single channel has no such axis. noisy: whether the last
    digits of an EXR's values vary from pixel to pixel, so that compression is slow and ineffective.
    wide_ids: whether ids may also be uint32.
    """

    suffix: str
    codec: Codec
    channels: tuple[str, ...] = ()
    noisy: bool = False
    wide_ids: bool = False

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The permitted dtypes of the array."""
        return (*_DTYPES[self.codec], *(("uint32",) if self.wide_ids else ()))

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        """Return the shape of the array for an image of this size."""
        depth = {Codec.RGB: 3, Codec.RGBA: 4}.get(self.codec, len(self.channels))
        return (height, width, depth) if depth > 1 else (height, width)


@dataclass(frozen=True)
class Recorded[T]:
    """Storage in the JSON record of the frame. read: returns the value in a record, or None if it
    is missing, in a damaged record."""

    read: Callable[[FrameRecord], T | None]


@dataclass(frozen=True)
class SceneArrays[T]:
    """Storage as named arrays in a file of the scene.

    start: creates the collector of a scene. read: converts the arrays to the label's value; raises
    `TypeError` for arrays with other names.
    """

    file: str
    start: Callable[[World], Collector]
    read: Callable[[Mapping[str, np.ndarray]], T]


@dataclass(frozen=True)
class FrameArrays[T]:
    """Storage as named arrays in an `.npz` file of the frame.

    suffix: suffix of its name, after the frame's. make: computes the arrays. read: converts them to
    the label's value; raises `TypeError` for arrays with other names.
    """

    suffix: str
    make: Callable[[FrameInputs], dict[str, np.ndarray]]
    read: Callable[[Mapping[str, np.ndarray]], T]


class Collector(Protocol):
    """Computes a label of an entire scene."""

    def see(self, view: FrameView) -> None:
        """Process a frame; frames come in order."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the label's arrays, after the last frame."""


@dataclass(frozen=True)
class DatasetFile:
    """Storage in a file of the entire dataset, written when all scenes are complete. path: within
    the dataset."""

    path: str


@dataclass(frozen=True)
class Values:
    """The permitted values of an array: from `low` to `high`, within `slack`; NaN and infinity only
    if they have a meaning."""

    low: float = -np.inf
    high: float = np.inf
    nan: bool = False
    infinite: bool = False
    slack: float = 0.0

    def wrong(self, array: np.ndarray) -> str:
        """Describe the invalid values of an array, or return an empty text."""
        if not np.issubdtype(array.dtype, np.floating):
            return self._outside(array)
        for name, allowed, found in (
            ("NaN", self.nan, np.isnan(array)),
            ("infinite", self.infinite, np.isinf(array)),
        ):
            if not allowed and found.any():
                return f"{int(found.sum())} values {name}"
        return self._outside(array[np.isfinite(array)])

    def _outside(self, values: np.ndarray) -> str:
        if not values.size or not np.isfinite([self.low, self.high]).any():
            return ""
        low, high = values.min(), values.max()
        within = low >= self.low - self.slack and high <= self.high + self.slack
        return "" if within else f"{low:.4g} to {high:.4g}"

    def __str__(self) -> str:
        text = "numbers"
        if np.isfinite([self.low, self.high]).any():
            text = f"{self.low:g} to {self.high:g}"
        return text + " or NaN" * self.nan + " or infinity" * self.infinite


ANY = Values(nan=True, infinite=True)


@dataclass(frozen=True, eq=False, repr=False)
class Label[T]:
    """An entry of the registry, and the descriptor of a sample's attribute with the label's value.

    about: one line, with its unit. stored: where and how it is stored. make: computes the array of
    an `ImageFile` from the inputs of a frame; returns None in frames without the label. fields:
    functions that compute values of the frame's JSON record, by field of `FrameRecord` or key of
    its `more`. needs: labels without which it is meaningless. passes: required render passes
    besides distance and ids: `radiance`, `radiance_right` or names in `RawFrame.passes`.
    several_frames, stereo: whether it requires a scene of several frames, or a stereo pair.
    neighbour: 1 or -1 for labels that refer to the next or previous frame, which the last or first
    frame lacks. presets: presets of `labels=` that include it; `all` does unless in_all is false.
    values: permitted values of its array. draw: converts its array to a picture, `H x W x 3` uint8.
    overlay: draws it onto the frame's image, `H x W x 3` uint8, given its value and the frame's
    record. unit: of its numbers, `m` or `px`; pixels are scaled with a resized image. note: how to
    read the picture. doc: docstring for readers, if that of `make` does not apply. hub: tasks and
    tags under which the Hugging Face Hub lists datasets with it. on_pages: whether the viewer has
    its values.
    """

    name: str
    about: str
    stored: ImageFile | Recorded[T] | FrameArrays[T] | SceneArrays[T] | DatasetFile
    make: Callable[[FrameInputs], np.ndarray | None] | None = None
    fields: Mapping[str, Callable[[FrameInputs], Any]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    several_frames: bool = False
    stereo: bool = False
    neighbour: int = 0
    presets: tuple[str, ...] = ()
    in_all: bool = True
    values: Values = ANY
    draw: Callable[[np.ndarray], np.ndarray] | None = None
    overlay: Callable[[np.ndarray, T, FrameRecord], np.ndarray] | None = None
    unit: str = ""
    note: str = ""
    doc: str = ""
    hub: tuple[str, ...] = ()
    on_pages: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.doc or (self.make and self.make.__doc__))

    @property
    def suffix(self) -> str:
        """Suffix of its file's name, after the frame's."""
        if isinstance(self.stored, ImageFile | FrameArrays):
            return self.stored.suffix
        return SUFFIX

    @property
    def drawn(self) -> bool:
        """Whether `picture` can draw it."""
        return self.draw is not None or self.overlay is not None

    def exists_in(self, frame: int, frames: int) -> bool:
        """Return whether a frame at this position of the sequence has the label."""
        return 0 <= frame + self.neighbour < frames

    def picture(self, sample: LabelledFrame) -> np.ndarray | None:
        """Return a picture for people, `H x W x 3` uint8; None if the frame lacks the label."""
        value: Any = self.__get__(sample)
        if value is None:
            return None
        if self.overlay is not None:
            return self.overlay(_canvas(sample), value, sample.record)
        assert self.draw is not None
        return self.draw(value)

    # --- as an attribute of samples ---

    @overload
    def __get__(self, sample: None, owner: type) -> Self: ...
    @overload
    def __get__(self, sample: LabelledFrame, owner: type | None = None) -> T: ...
    def __get__(self, sample: LabelledFrame | None, owner: type | None = None) -> Self | T:
        if sample is None:
            return self
        kept = vars(sample)
        if self.name not in kept:
            kept[self.name] = sample.load(self)
        return kept[self.name]

    def __set__(self, sample: LabelledFrame, value: T) -> None:
        vars(sample)[self.name] = value

    def __repr__(self) -> str:
        return f"Label({self.name!r}: {self.about})"


def floats(name: str, channels: str, *, noisy: bool = False) -> ImageFile:
    """Return the storage as an EXR file. channels: one letter each."""
    return ImageFile(f"{name}.exr", Codec.FLOATS, tuple(channels), noisy)


def png(name: str, codec: Codec, *, wide_ids: bool = False) -> ImageFile:
    """Return the storage as a PNG file."""
    return ImageFile(f"{name}.png", codec, wide_ids=wide_ids)


def pixel_label(
    about: str, stored: str | Codec, *, wide_ids: bool = False, **entry: Any
) -> Callable[[Callable[[FrameView], np.ndarray | None]], Label[np.ndarray]]:
    """Decorate a function of the frame's view: turn it into the label that it computes and names.

    stored: channels of an EXR file, one letter each, or the codec of a PNG file. entry: further
    fields of the label.
    """

    def entered(make: Callable[[FrameView], np.ndarray | None]) -> Label[np.ndarray]:
        name = make.__name__
        if isinstance(stored, Codec):
            file = png(name, stored, wide_ids=wide_ids)
        else:
            file = floats(name, stored)
        return Label[np.ndarray](name, about, file, of_view(make), **entry)

    return entered


def of_view[T](make: Callable[[FrameView], T]) -> Callable[[FrameInputs], T]:
    """Adapt a function of the frame's view to a label's `make`."""

    def made(inputs: FrameInputs) -> T:
        return make(inputs.view)

    made.__doc__ = make.__doc__
    return made


def _canvas(sample: LabelledFrame) -> np.ndarray:
    """Return a darkened copy of the image to draw on, or a grey one without the label rgb."""
    if "rgb" not in sample.labels:
        return np.full((sample.camera.height, sample.camera.width, 3), 60, np.uint8)
    return (sample.rgb * 0.6).astype(np.uint8)
