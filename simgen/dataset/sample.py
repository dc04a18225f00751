"""One frame of a dataset. Its labels are loaded when they are first used. Needs no Blender."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from simgen.dataset import files, remote
from simgen.dataset.layout import frame_file
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.labels import record as records
from simgen.labels.label import ImageFile, Label, Recorded, SceneArrays
from simgen.labels.record import FrameRecord, IgnoreRegion, Segment
from simgen.labels.registry import LABELS, LabelledFrame


class Sample(LabelledFrame):
    """One frame, with an attribute for each label, such as `depth`. Labels are read from disk when
    they are first asked for, and then kept.

    Raises `InputError` for a label that the dataset was generated without. docs/labels.md says what
    each label means; H and W are the image's height and width.
    """

    def __init__(
        self,
        folder: AnyPath,
        scene: int,
        frame: int,
        frames: int,
        labels: tuple[str, ...],
        split: str = "train",
    ) -> None:
        self.folder = folder
        self.scene = scene
        self.frame = frame
        self.frames = frames
        """Of its scene."""
        self.labels = labels
        self.split = split
        """Of the dataset: train, val, test, or what else its config calls them."""

    @property
    def image_id(self) -> int:
        """Of this frame in COCO files. From scene and frame, not from a counter: growing a dataset
        changes no image's id."""
        return self.scene * self.frames + self.frame + 1

    def __repr__(self) -> str:
        return f"Sample(scene={self.scene}, frame={self.frame}, labels={self.labels})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the image with its labels, and a table of the objects."""
        # Drawing stands above reading; the package as a whole has both.
        import simgen  # figures and notebooks lie above this room

        return simgen.to_html(self)

    def _repr_png_(self) -> bytes | None:
        """Likewise, where only a picture can be shown; None without the label rgb."""
        import simgen  # likewise

        return simgen.to_png(self)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What the ids in `panoptic` are."""
        self._check("panoptic")
        if self.record.segments is None:
            raise InputError(f"{self.path('panoptic')}: damaged: its frame has no segments")
        return self.record.segments

    @property
    def ignore_regions(self) -> tuple[IgnoreRegion, ...]:
        """What looks like a member of a labelled class and is not labelled as one."""
        return self.record.ignore_regions

    @cached_property
    def record(self) -> FrameRecord:
        """Camera and objects, as they stand in the frame's JSON file."""
        path = self.path("camera")
        return read_record(remote.read_bytes(path), path)

    def path(self, label: str) -> AnyPath:
        """The file that a label of this frame is in. Of labels that are numbers it is the frame's
        JSON file, of tracks the scene's."""
        self._check(label)
        stored = LABELS[label].stored
        if isinstance(stored, SceneArrays):
            return self.folder / stored.file
        return self.folder / frame_file(self.frame, LABELS[label].suffix)

    def change_of(self, label: str) -> Callable[[np.ndarray], np.ndarray] | None:
        """What is done to the pixels of a label's file when it is read, `H x W x 3` uint8; None
        for nothing, as everywhere but in datasets that are opened with an adaptation."""
        return None

    def load[T](self, label: Label[T]) -> T:
        """The value of a label, from its file. Attributes such as `depth` keep what they load.

        Raises `InputError` for a label that the dataset was generated without, and `OSError` for a
        file that is missing or damaged.
        """
        path, stored = self.path(label.name), label.stored
        value: Any = None
        if isinstance(stored, ImageFile):
            if label.exists_in(self.frame, self.frames):
                value = files.read_image(path, stored)
            return value
        if isinstance(stored, SceneArrays):
            try:
                return stored.read(files.read_arrays(path))
            except TypeError as error:
                raise InputError(f"{path}: not the {label.name} of a scene: {error}") from error
        if isinstance(stored, Recorded):
            value = stored.read(self.record)
        if value is None:
            raise InputError(f"{path}: damaged: holds no {label.name!r}")
        return value

    def _check(self, label: str) -> None:
        if label not in self.labels:
            raise InputError(
                f"{self.folder.parent.parent}: has no {label!r}; it was generated with "
                f"labels=[{','.join(self.labels)}]"
            )
        if label not in LABELS:
            raise InputError(
                f"{self.folder.parent.parent}: {label!r} is not a label of simgen's own; "
                "import the module that registers it"
            )


def read_record(content: bytes, path: AnyPath) -> FrameRecord:
    """The record in a file's content. path: of the file. Raises `OSError` for a damaged one."""
    try:
        return records.loads(content.decode())
    except Exception as error:  # NumPy and cattrs raise all kinds for what is no number
        raise OSError(f"{path}: not the record of a frame: {records.reason(error)}") from error
