"""Read a dataset as a sequence of samples with lazily loaded labels. Needs no Blender."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from simgen.dataset import layout, manifest, remote
from simgen.dataset.adaptation.adaptation import Adaptation
from simgen.dataset.adaptation.adaptation import read as read_adaptation
from simgen.dataset.adaptation.sample import AdaptedSample
from simgen.dataset.layout import Layout
from simgen.dataset.remote import AnyPath
from simgen.dataset.sample import Sample, read_record
from simgen.errors import InputError
from simgen.sampling.splits import Splits
from simgen.spec import scene as specs
from simgen.spec.scene import SceneSpec

if TYPE_CHECKING:
    from simgen.labels.tracks import Tracks
    from simgen.stages.placed import PlacedMesh


_AHEAD = 64
"""Frames whose records are fetched together."""


class Dataset(Sequence[Sample]):
    """The frames of a dataset in order of scene and frame, without failed scenes and without
    scenes that are committed after it is opened.

    adaptation: applied to images when they are read. Raises `InputError` if there is no dataset at
    the folder or URI, or if an adaptation is given and the images are already adapted.
    """

    def __init__(self, root: AnyPath, adaptation: Adaptation | None = None) -> None:
        self._layout = Layout(root)
        self.manifest = manifest.read(self._layout)
        self._adaptation = adaptation
        if adaptation is not None:
            refuse_adapted(root, self.manifest)
            self.manifest = replace(self.manifest, adaptation=adaptation.summary)
        self.scenes: tuple[int, ...] = tuple(self._layout.committed())
        self._there = frozenset(self.scenes)

    @property
    def root(self) -> AnyPath:
        return self._layout.root

    @property
    def digest(self) -> str:
        """SHA-256 over `dataset.json`, scene indices and adaptation, which determine all else."""
        content = remote.read_bytes(self._layout.manifest)
        if self._adaptation is not None:
            content += self._adaptation.digest.encode()
        scenes = " ".join(map(str, self.scenes))
        return hashlib.sha256(content + scenes.encode()).hexdigest()

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names; the id of a class is its 1-based position."""
        return self.manifest.classes

    @property
    def stuff_classes(self) -> tuple[str, ...]:
        """Classes of the stage in panoptic labels; the id of the first is `len(classes) + 1`."""
        return self.manifest.stuff_classes

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        return self._splits.names

    def split_of(self, scene: int) -> str:
        """Return the split of a scene."""
        return self._splits.of(scene)

    def split(self, name: str) -> Dataset:
        """Return the scenes of one split as a dataset. Raises `InputError` for an unknown name."""
        if name not in self.splits:
            raise InputError(f"unknown split {name!r}; expected one of {', '.join(self.splits)}")
        part = copy.copy(self)
        part.scenes = tuple(scene for scene in self.scenes if self._splits.of(scene) == name)
        return part

    @cached_property
    def _splits(self) -> Splits:
        config = self.manifest.config
        shares = [float(case["share"]) for case in config["cases"]]
        return Splits.read(config["seed"], config["splits"], shares)

    def spec(self, scene: int) -> SceneSpec:
        """Return the spec of a scene: all sampled values. Raises `InputError` if it is missing."""
        path = self._folder(scene) / layout.SPEC
        try:
            return specs.loads(remote.read_bytes(path).decode())
        except ValueError as error:
            raise InputError(f"{path}: {error}") from error

    def tracks(self, scene: int) -> Tracks:
        """Return the points tracked through the frames of a scene. Raises `InputError`."""
        return self._sample(scene, 0).tracks

    def meshes(
        self,
        scene: int,
        assets_dir: str | Path | None = None,
        frame: int = 0,
        plugins: Sequence[str] = (),
    ) -> list[PlacedMesh]:
        """Return the geometry of a scene at a frame, stage included, in world coordinates.

        assets_dir: folder of the mesh files, if they have moved. plugins: user-supplied modules
        that the dataset was generated with.
        Raises `InputError` for a missing scene or a changed mesh file, and `IndexError` for a
        missing frame.
        """
        # Importing stages and physics takes a second, so it is deferred until needed.
        from simgen.stages.placed import placed_meshes
        from simgen.stages.resolver import make_resolver

        resolver = make_resolver(manifest.stored_settings(self.manifest, assets_dir, plugins))
        spec = self.spec(scene)
        return placed_meshes(spec, resolver.resolve(spec), frame)

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
            raise IndexError(f"sample {index} is out of range for a dataset of {len(self)} samples")
        place, frame = divmod(index % len(self), self.manifest.frames_per_scene)
        return self._sample(self.scenes[place], frame)

    def __iter__(self) -> Iterator[Sample]:
        if not remote.is_remote(self.root):
            return (self[index] for index in range(len(self)))
        return self._with_records()

    def _with_records(self) -> Iterator[Sample]:
        """Yield all frames, fetching their records in batches to reduce network latency."""
        for start in range(0, len(self), _AHEAD):
            samples = self[start : start + _AHEAD]
            contents = remote.read_all([sample.path("camera") for sample in samples])
            for sample, content in zip(samples, contents, strict=True):
                sample.record = read_record(content, sample.path("camera"))
                yield sample

    def _sample(self, scene: int, frame: int) -> Sample:
        frames = self.manifest.frames_per_scene
        labels, split = self.manifest.labels, self._splits.of(scene)
        if self._adaptation is not None:
            return AdaptedSample(
                self._folder(scene), scene, frame, frames, labels, split, self._adaptation
            )
        return Sample(self._folder(scene), scene, frame, frames, labels, split)

    def _folder(self, scene: int) -> AnyPath:
        if scene not in self._there:
            raise InputError(
                f"{self.root}: has no scene {scene}; it holds {len(self.scenes)} scenes"
                + (f" from {self.scenes[0]} to {self.scenes[-1]}" if self.scenes else "")
            )
        return self._layout.scene(scene)

    def __repr__(self) -> str:
        return f"Dataset({str(self.root)!r}, {len(self)} samples, {len(self.classes)} classes)"

    def _repr_html_(self) -> str:
        """Return HTML for a notebook: some images, and the number of objects of each class."""
        import simgen  # deferred: figures and notebooks are in packages that import this one

        return simgen.to_html(self)


def open_dataset(path: str | AnyPath, adapt: str | AnyPath | Adaptation | None = None) -> Dataset:
    """Open the dataset in a folder or at a URI, such as s3://bucket/prefix, as a sequence of
    `Sample`s.

    adapt: an adaptation to apply to images when they are read: a file written by `simgen adapt
    --learn`, or a dataset created by `simgen adapt`.
    Raises `InputError`.
    """
    if adapt is not None and not isinstance(adapt, Adaptation):
        adapt = read_adaptation(remote.locate(adapt))
    return Dataset(remote.locate(path), adapt)


def refuse_adapted(root: AnyPath, found: manifest.Manifest) -> None:
    """Raise `InputError` for a dataset whose images are already adapted."""
    if found.adaptation is not None:
        raise InputError(
            f"{root}: its images are already adapted; use the original dataset, and combine "
            "methods as in --method colour+noise"
        )
