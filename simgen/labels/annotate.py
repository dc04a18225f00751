"""Compute all labels of a scene from its rendered frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.labels import masks
from simgen.labels.inputs import FrameInputs, SceneInputs
from simgen.labels.label import FrameArrays, ImageFile, SceneArrays
from simgen.labels.record import FrameRecord, IgnoreRegion
from simgen.labels.registry import LABELS
from simgen.labels.view import FrameView
from simgen.spec.frame import RawFrame
from simgen.spec.scene import SceneSpec
from simgen.stages.stage import StagePart

_ENVIRONMENT = "environment"
"""Value of `part` in ignore regions that show an image of the surroundings."""
_FIELDS = frozenset(item.name for item in dataclasses.fields(FrameRecord))


@dataclass(frozen=True)
class FrameLabels:
    """All labels of a frame. images: labels stored as image files, by name. arrays: those stored as
    named arrays, likewise."""

    images: dict[str, np.ndarray]
    record: FrameRecord
    arrays: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)


SceneLabels = Mapping[str, Mapping[str, np.ndarray]]
"""Labels of an entire scene: the arrays of each, by the label's name."""


class Annotator:
    """Computes the labels of a scene's frames, in order, and holds the data that they share.

    meshes: one unscaled mesh per object of the spec, in its order. stage: parts of the stage.
    photograph: behind them, `H x W x 3` uint8 sRGB, if there is one.
    """

    def __init__(
        self,
        spec: SceneSpec,
        meshes: Sequence[MeshData],
        stage: Sequence[StagePart],
        photograph: np.ndarray | None = None,
    ) -> None:
        self._scene = SceneInputs(spec, meshes, stage, photograph)
        wanted = {*spec.labels, "camera"}
        self._labels = [label for label in LABELS.values() if label.name in wanted]
        self._collectors = {
            label.name: label.stored.start(self._scene.world)
            for label in self._labels
            if isinstance(label.stored, SceneArrays)
        }

    def frames(self, raws: Iterable[RawFrame]) -> Iterator[FrameLabels]:
        """Yield the labels of each frame."""
        for number, raw in enumerate(raws):
            yield self.annotate(raw, number)

    def scene(self) -> SceneLabels:
        """Return the labels of the entire scene; call it after annotating all frames."""
        return {name: found.arrays() for name, found in self._collectors.items()}

    def annotate(self, raw: RawFrame, frame: int) -> FrameLabels:
        """Return the labels of one frame."""
        inputs = self._scene.frame(raw, frame)
        for collector in self._collectors.values():
            collector.see(inputs.view)
        images = {
            label.name: label.make(inputs)
            for label in self._labels
            if label.make is not None and isinstance(label.stored, ImageFile)
        }
        there = {name: image for name, image in images.items() if image is not None}
        arrays = {
            label.name: label.stored.make(inputs)
            for label in self._labels
            if isinstance(label.stored, FrameArrays)
        }
        return FrameLabels(there, self._record(inputs), arrays)

    def _record(self, inputs: FrameInputs) -> FrameRecord:
        made = {name: make(inputs) for one in self._labels for name, make in one.fields.items()}
        values: dict[str, Any] = {"objects": None}
        values |= {name: made[name] for name in made if name in _FIELDS}
        return FrameRecord(
            scene=inputs.view.world.spec.index,
            frame=inputs.view.frame,
            exposure_stops=inputs.developed.exposure_stops,
            ignore_regions=_ignore_regions(inputs.view),
            more={name: made[name] for name in made if name not in _FIELDS},
            **values,
        )


def _ignore_regions(view: FrameView) -> tuple[IgnoreRegion, ...]:
    """Return the ignore regions: one for each visible stage part that shows something like a
    labelled class without an instance, in the order of the parts, then one for each class that the
    environment shows."""
    world = view.world
    parts = sorted(set(view.things) & set(world.ignored))
    found = [
        _region(view, code, world.ignored[code], world.surfaces[code - 1].name) for code in parts
    ]
    if len(view.by_code.members(0)):
        found += [_region(view, 0, name, _ENVIRONMENT) for name in world.spec.environment.shows]
    return tuple(found)


def _region(view: FrameView, code: int, class_name: str, part: str) -> IgnoreRegion:
    height, width = view.code.shape
    rows, columns = np.divmod(view.by_code.members(code), width)
    pixels = np.sort(columns * height + rows)
    return IgnoreRegion(
        class_id=view.world.spec.classes.index(class_name) + 1,
        class_name=class_name,
        part=part,
        area=len(pixels),
        bbox=masks.bounding_box(pixels, height),
        segmentation=masks.run_lengths(pixels, height, width),
    )
