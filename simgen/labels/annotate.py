"""From the rendered frames of a scene to all of their labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.labels.ignored import ignore_regions
from simgen.labels.inputs import FrameInputs, SceneInputs
from simgen.labels.label import ImageFile, SceneArrays
from simgen.labels.record import FrameRecord
from simgen.labels.registry import LABELS
from simgen.spec.frame import RawFrame
from simgen.spec.scene import SceneSpec
from simgen.stages.stage import StagePart

_FIELDS = frozenset(item.name for item in dataclasses.fields(FrameRecord))


@dataclass(frozen=True)
class Labels:
    """All labels of a frame. images: those that are image files, by name."""

    images: dict[str, np.ndarray]
    record: FrameRecord


@dataclass(frozen=True)
class SceneLabels:
    """Labels that belong to a scene as a whole: the arrays of each, by the label's name."""

    arrays: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


class Annotator:
    """Makes the labels of a scene's frames, in their order. Holds what the frames share.

    meshes: one per object of the spec, in its order, unscaled. stage: its parts.
    """

    def __init__(
        self, spec: SceneSpec, meshes: Sequence[MeshData], stage: Sequence[StagePart]
    ) -> None:
        self._scene = SceneInputs(spec, meshes, stage)
        wanted = {*spec.labels, "camera"}
        self._labels = [label for label in LABELS.values() if label.name in wanted]
        self._collectors = {
            label.name: label.stored.start(self._scene.world)
            for label in self._labels
            if isinstance(label.stored, SceneArrays)
        }

    def frames(self, raws: Iterable[RawFrame]) -> Iterator[Labels]:
        """The labels of each frame."""
        for number, raw in enumerate(raws):
            yield self.annotate(raw, number)

    def scene(self) -> SceneLabels:
        """The labels of the whole scene, once all frames were annotated."""
        return SceneLabels({name: found.arrays() for name, found in self._collectors.items()})

    def annotate(self, raw: RawFrame, frame: int) -> Labels:
        """The labels of one frame."""
        inputs = self._scene.frame(raw, frame)
        for collector in self._collectors.values():
            collector.see(inputs.view)
        images = {
            label.name: label.make(inputs)
            for label in self._labels
            if label.make is not None and isinstance(label.stored, ImageFile)
        }
        there = {name: image for name, image in images.items() if image is not None}
        return Labels(there, self._record(inputs))

    def _record(self, inputs: FrameInputs) -> FrameRecord:
        made = {name: make(inputs) for one in self._labels for name, make in one.fields.items()}
        values: dict[str, Any] = {"objects": None}
        values |= {name: made[name] for name in made if name in _FIELDS}
        return FrameRecord(
            scene=inputs.view.world.spec.index,
            frame=inputs.view.frame,
            exposure_stops=inputs.developed.exposure_stops,
            ignore_regions=ignore_regions(inputs.view),
            more={name: made[name] for name in made if name not in _FIELDS},
            **values,
        )
