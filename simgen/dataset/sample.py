"""One frame of a dataset with lazily loaded labels. Needs no Blender."""

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
from simgen.labels.label import FrameArrays, ImageFile, Label, Recorded, SceneArrays
from simgen.labels.record import FrameRecord, IgnoreRegion, Segment
from simgen.labels.registry import LABELS, LabelledFrame


class Sample(LabelledFrame):
    """One frame, with an attribute for each label, such as `depth`. Labels are read from disk on
    first access and then cached.

    Raises `InputError` for a label that the dataset was generated without. docs/labels.md defines
    all labels; H and W are the image's height and width.
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
        """Number of frames of its scene."""
        self.labels = labels
        self.split = split
        """Split of the dataset: train, val, test, or another name from its config."""

    @property
    def image_id(self) -> int:
        """Id of this frame in COCO files. Computed from scene and frame instead of counted, so that
        ids stay the same when a dataset grows."""
        return self.scene * self.frames + self.frame + 1

    def __repr__(self) -> str:
        return f"Sample(scene={self.scene}, frame={self.frame}, labels={self.labels})"

    def _repr_html_(self) -> str:
        """Return HTML for a notebook: the image with its labels, and a table of the objects."""
        import simgen  # deferred: figures and notebooks are in packages that import this one

        return simgen.to_html(self)

    def _repr_png_(self) -> bytes | None:
        """Return the image with its labels as PNG; None without the label rgb."""
        import simgen  # deferred as above

        return simgen.to_png(self)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments that the ids in `panoptic` refer to."""
        self._check("panoptic")
        if self.record.segments is None:
            raise InputError(f"{self.path('panoptic')}: damaged: the frame has no segments")
        return self.record.segments

    @property
    def ignore_regions(self) -> tuple[IgnoreRegion, ...]:
        """Regions that show something like a labelled class without an instance label."""
        return self.record.ignore_regions

    @cached_property
    def record(self) -> FrameRecord:
        """Content of the frame's JSON file: camera and objects."""
        path = self.path("camera")
        return read_record(remote.read_bytes(path), path)

    def path(self, label: str) -> AnyPath:
        """Return the file that stores a label of this frame. Numeric labels are in the frame's JSON
        file, tracks in a file of the scene."""
        self._check(label)
        stored = LABELS[label].stored
        if isinstance(stored, SceneArrays):
            return self.folder / stored.file
        return self.folder / frame_file(self.frame, LABELS[label].suffix)

    def change_of(self, label: str) -> Callable[[np.ndarray], np.ndarray] | None:
        """Return the function applied to the pixels of a label's file, `H x W x 3` uint8, on
        reading; None unless the dataset was opened with an adaptation."""
        return None

    def reaches(self, label: Label[Any]) -> bool:
        """Return whether the frame that a label refers to exists: the next or the previous one of
        the same camera. True for labels of a single frame."""
        if not label.neighbour:
            return True
        rig = self.record.camera.rig
        return label.exists_in(*((self.frame, self.frames) if rig is None else rig.place))

    def load[T](self, label: Label[T]) -> T:
        """Load the value of a label from its file. Attributes such as `depth` cache the result.

        Raises `InputError` for a label that the dataset was generated without, and `OSError` for a
        missing or damaged file.
        """
        path, stored = self.path(label.name), label.stored
        value: Any = None
        if isinstance(stored, ImageFile):
            if self.reaches(label):
                value = files.read_image(path, stored)
            return value
        if isinstance(stored, FrameArrays | SceneArrays):
            try:
                return stored.read(files.read_arrays(path))
            except TypeError as error:
                raise InputError(f"{path}: not valid {label.name}: {error}") from error
        if isinstance(stored, Recorded):
            value = stored.read(self.record)
        if value is None:
            raise InputError(f"{path}: damaged: it lacks {label.name!r}")
        return value

    def _check(self, label: str) -> None:
        if label not in self.labels:
            raise InputError(
                f"{self.folder.parent.parent}: has no {label!r}; it was generated with "
                f"labels=[{','.join(self.labels)}]"
            )
        if label not in LABELS:
            raise InputError(
                f"{self.folder.parent.parent}: {label!r} is not a built-in label; import the "
                "module that registers it"
            )


def read_record(content: bytes, path: AnyPath) -> FrameRecord:
    """Parse a frame's JSON. path: its file. Raises `OSError` if it is damaged."""
    try:
        return records.loads(content.decode())
    except Exception as error:  # numpy and cattrs raise various errors for invalid values
        raise OSError(f"{path}: not a valid frame record: {records.reason(error)}") from error
