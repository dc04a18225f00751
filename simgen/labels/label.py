"""What a label is: the form of its entry in the registry."""

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
    """How an array becomes a file, without loss."""

    RGB = "H x W x 3 uint8 as 8-bit RGB PNG"
    IDS = "H x W uint16 as 16-bit grey PNG, or uint32 as ID_COLOURS"
    ID_COLOURS = "H x W uint32 as 8-bit RGB PNG, with id = R + 256 G + 65536 B"
    MASK = "H x W bool as 8-bit grey PNG: 0 or 255"
    FLOATS = "H x W or H x W x C float32 as EXR; NaN and infinity are kept"


_DTYPES = {
    Codec.RGB: ("uint8",),
    Codec.IDS: ("uint16",),
    Codec.ID_COLOURS: ("uint32",),
    Codec.MASK: ("bool",),
    Codec.FLOATS: ("float32",),
}


@dataclass(frozen=True)
class ImageFile:
    """Stored as an image file of the frame.

    suffix: end of its name, after the frame's. channels: of an EXR, in the order of the array's
    last axis; an array with a single one has no such axis. noisy: whether the last digits of an
    EXR's values differ from pixel to pixel, so that compression costs much and gains little.
    wide_ids: whether ids may also be uint32.
    """

    suffix: str
    codec: Codec
    channels: tuple[str, ...] = ()
    noisy: bool = False
    wide_ids: bool = False

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The dtypes that the array may have."""
        return (*_DTYPES[self.codec], *(("uint32",) if self.wide_ids else ()))

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        """Of the array of an image of some size."""
        depth = 3 if self.codec is Codec.RGB else len(self.channels)
        return (height, width, depth) if depth > 1 else (height, width)


@dataclass(frozen=True)
class Recorded[T]:
    """Stored in the JSON record of the frame. read: the value in a record; None where it is
    missing, which is damage."""

    read: Callable[[FrameRecord], T | None]


@dataclass(frozen=True)
class SceneArrays[T]:
    """Stored as named arrays in a file of the scene.

    start: makes the collector of a scene. read: the label's value from the arrays; raises
    `TypeError` for arrays of other names.
    """

    file: str
    start: Callable[[World], Collector]
    read: Callable[[Mapping[str, np.ndarray]], T]


class Collector(Protocol):
    """Makes a label of a whole scene."""

    def see(self, view: FrameView) -> None:
        """Process a frame; frames come in order."""

    def arrays(self) -> dict[str, np.ndarray]:
        """The label, after the last frame."""


@dataclass(frozen=True)
class DatasetFile:
    """Stored in a file of the whole dataset, which is made when all scenes are. path: within the
    dataset."""

    path: str


@dataclass(frozen=True)
class Values:
    """Which values an array may hold: from `low` to `high`, to `slack`; NaN and infinity only where
    they have a meaning."""

    low: float = -np.inf
    high: float = np.inf
    nan: bool = False
    infinite: bool = False
    slack: float = 0.0

    def wrong(self, array: np.ndarray) -> str:
        """What is wrong with an array, or an empty text."""
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
    """An entry of the registry, and the attribute of a sample that gives the label's value.

    about: one line, with its unit. stored: where and how. make: from what is known of a frame to
    the array that an `ImageFile` stores; it gives None in frames that have no such label. fields:
    the same for values in the frame's JSON record, by the field of `FrameRecord`, or a key of its
    `more`. needs: labels without which it means nothing. passes: what it takes from the renderer
    beside distance and ids: `radiance`, `radiance_right` or names in `RawFrame.passes`.
    several_frames, stereo: whether it takes a scene of several frames, or a
    stereo pair. neighbour: 1 or -1 for what leads to the next frame or the one before, which the
    last or the first frame does not have. presets: names that `labels=` takes for it among others.
    values: which values its array may hold. draw: from its array to a picture, `H x W x 3` uint8.
    overlay: draws it onto the frame's image, `H x W x 3` uint8, given its value and the frame's
    record. unit: of its numbers, `m` or `px`; pixels follow an image that is resized. note: how to
    read the picture. doc: what readers get, where `make` does not say it. hub: tasks and tags under
    which the Hugging Face Hub lists datasets with it. on_pages: the viewer has its values.
    """

    name: str
    about: str
    stored: ImageFile | Recorded[T] | SceneArrays[T] | DatasetFile
    make: Callable[[FrameInputs], np.ndarray | None] | None = None
    fields: Mapping[str, Callable[[FrameInputs], Any]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    several_frames: bool = False
    stereo: bool = False
    neighbour: int = 0
    presets: tuple[str, ...] = ()
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
        """What its file's name ends with, after the frame's."""
        return self.stored.suffix if isinstance(self.stored, ImageFile) else SUFFIX

    @property
    def drawn(self) -> bool:
        """Whether `picture` can draw it."""
        return self.draw is not None or self.overlay is not None

    def exists_in(self, frame: int, frames: int) -> bool:
        """Whether a frame of a scene has it, by its place in the sequence."""
        return 0 <= frame + self.neighbour < frames

    def picture(self, sample: LabelledFrame) -> np.ndarray | None:
        """`H x W x 3` uint8, for people; None where the frame has no such label."""
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
    """An EXR file. channels: a letter each."""
    return ImageFile(f"{name}.exr", Codec.FLOATS, tuple(channels), noisy)


def png(name: str, codec: Codec, *, wide_ids: bool = False) -> ImageFile:
    """A PNG file."""
    return ImageFile(f"{name}.png", codec, wide_ids=wide_ids)


def pixel_label(
    about: str, stored: str | Codec, *, wide_ids: bool = False, **entry: Any
) -> Callable[[Callable[[FrameView], np.ndarray | None]], Label[np.ndarray]]:
    """A decorator: the label that a function of the frame's view makes, and is the name of.

    stored: channels of an EXR file, a letter each, or the codec of a PNG file. entry: further
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
    """A function of the frame's view, as a label's `make`."""

    def made(inputs: FrameInputs) -> T:
        return make(inputs.view)

    made.__doc__ = make.__doc__
    return made


def _canvas(sample: LabelledFrame) -> np.ndarray:
    """The image, darker, to draw on; grey where there is none."""
    if "rgb" not in sample.labels:
        return np.full((sample.camera.height, sample.camera.width, 3), 60, np.uint8)
    return (sample.rgb * 0.6).astype(np.uint8)
