"""Reading a dataset: a sequence of samples, loaded when they are looked at. Needs no Blender."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np

from simgen import record as records
from simgen import spec as specs
from simgen.errors import InputError
from simgen.record import CameraRecord, FrameRecord, ObjectRecord
from simgen.spec import SceneSpec
from simgen.store import files, layout, manifest
from simgen.store.layout import Layout, frame_file

if TYPE_CHECKING:
    from simgen.placed import PlacedMesh


class Sample:
    """One frame. Arrays are read from disk when they are first asked for, and then kept.

    Raises `InputError` for a label that the dataset was generated without.
    """

    def __init__(self, folder: Path, scene: int, frame: int, labels: tuple[str, ...]) -> None:
        self.folder = folder
        self.scene = scene
        self.frame = frame
        self.labels = labels

    def __repr__(self) -> str:
        return f"Sample(scene={self.scene}, frame={self.frame}, labels={self.labels})"

    @cached_property
    def rgb(self) -> np.ndarray:
        """`H x W x 3` uint8."""
        return files.read_rgb(self.path("rgb", layout.RGB))

    @cached_property
    def depth(self) -> np.ndarray:
        """`H x W` float32, planar z in metres; infinity where there is nothing."""
        return files.read_depth(self.path("depth", layout.DEPTH))

    @cached_property
    def instances(self) -> np.ndarray:
        """`H x W` uint16 instance ids; 0 is stage and background."""
        return files.read_ids(self.path("instances", layout.INSTANCES))

    @cached_property
    def semantic(self) -> np.ndarray:
        """`H x W` uint16 class ids; 0 is stage and background."""
        return files.read_ids(self.path("semantic", layout.SEMANTIC))

    @property
    def objects(self) -> tuple[ObjectRecord, ...]:
        """All objects of the scene, seen in this frame or not, in the order of their ids."""
        if self.record.objects is None:
            raise self._missing("objects")
        return self.record.objects

    @property
    def camera(self) -> CameraRecord:
        """K, pose and lens."""
        return self.record.camera

    @cached_property
    def record(self) -> FrameRecord:
        """Camera and objects, as they stand in the frame's JSON file."""
        path = self.path("camera", layout.RECORD)
        return records.loads(path.read_text(encoding="utf-8"))

    def path(self, label: str, kind: str) -> Path:
        """The file of a label, e.g. `sample.path("rgb", "rgb.png")`."""
        if label not in self.labels:
            raise self._missing(label)
        return self.folder / frame_file(self.frame, kind)

    def _missing(self, label: str) -> InputError:
        return InputError(
            f"{self.folder.parent.parent}: has no {label!r}; it was generated with "
            f"labels=[{','.join(self.labels)}]"
        )


class Dataset(Sequence[Sample]):
    """The frames of a dataset in order of scene and frame. Scenes that were given up are absent.

    Raises `InputError` when the folder holds no dataset.
    """

    def __init__(self, root: Path) -> None:
        self._layout = Layout(root)
        self.manifest = manifest.read(self._layout)
        self.scenes: tuple[int, ...] = tuple(self._layout.committed())

    @property
    def root(self) -> Path:
        return self._layout.root

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names; the id of a class is its place here, counted from 1."""
        return self.manifest.classes

    def spec(self, scene: int) -> SceneSpec:
        """Everything that was decided about a scene. Raises `InputError` if it is not there."""
        path = self._layout.scene(scene) / layout.SPEC
        if not path.is_file():
            raise InputError(
                f"{self.root}: has no scene {scene}; it holds {len(self.scenes)} scenes"
                + (f" from {self.scenes[0]} to {self.scenes[-1]}" if self.scenes else "")
            )
        try:
            return specs.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{path}: {error}") from error

    def meshes(self, scene: int, assets_dir: str | Path | None = None) -> list[PlacedMesh]:
        """The geometry of a scene in world coordinates, stage included.

        assets_dir: where the mesh files are, if not where the dataset was made from.
        Raises `InputError` for a scene that is not there or a mesh file that is not what it was.
        """
        from simgen.assets.library import Library
        from simgen.placed import placed_meshes

        return placed_meshes(self.spec(scene), Library(assets_dir or self.manifest.assets_dir))

    def __len__(self) -> int:
        return len(self.scenes) * self.manifest.frames_per_scene

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} of a dataset of {len(self)}")
        place, frame = divmod(index % len(self), self.manifest.frames_per_scene)
        scene = self.scenes[place]
        return Sample(self._layout.scene(scene), scene, frame, self.manifest.labels)

    def __iter__(self) -> Iterator[Sample]:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        return f"Dataset({str(self.root)!r}, {len(self)} samples, {len(self.classes)} classes)"


def open_dataset(path: str | Path) -> Dataset:
    """The dataset in a folder, as a sequence of `Sample`s. Raises `InputError`."""
    return Dataset(Path(path))
