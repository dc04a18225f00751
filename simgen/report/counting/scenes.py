"""Reading of a dataset's scenes as plain JSON, and counts per scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from simgen.dataset import remote
from simgen.dataset.layout import RECORD, SPEC, Layout, frame_file
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.spec.scene import STAGE_SOURCE

_AHEAD = 64
"""Number of files fetched together."""

type Json = Mapping[str, Any]


@dataclass(frozen=True)
class SceneJson:
    """The content of a scene's `spec.json` and of the records of its frames, in order."""

    index: int
    spec: Json
    frames: Sequence[Json]


def read_scenes(dataset: Dataset, with_frames: bool = True) -> Iterator[SceneJson]:
    """Yield all scenes of a dataset in order, without reading images.

    with_frames: if false, `frames` is empty. Raises `InputError` for a file that is not JSON.
    """
    layout = Layout(dataset.root)
    count = dataset.manifest.frames_per_scene if with_frames else 0
    names = [SPEC, *(frame_file(number, RECORD) for number in range(count))]
    step = max(1, _AHEAD // len(names))
    for start in range(0, len(dataset.scenes), step):
        indices = dataset.scenes[start : start + step]
        paths = [layout.scene(index) / name for index in indices for name in names]
        contents = list(map(_parsed, paths, remote.read_all(paths)))
        for number, index in enumerate(indices):
            spec, *frames = contents[number * len(names) : (number + 1) * len(names)]
            yield SceneJson(index, spec, frames)


def _parsed(path: remote.AnyPath, content: bytes) -> Json:
    try:
        return orjson.loads(content)
    except ValueError as error:
        raise InputError(f"{path}: damaged: not JSON: {error}") from error


def placed_objects(spec: Json) -> list[Json]:
    """Return the objects of a spec without the furnishings of its stage."""
    items = spec["objects"]
    return [item for item in items if item.get("asset", {}).get("source") != STAGE_SOURCE]


def visible_objects(frame: Json) -> list[Json]:
    """Return the objects of a frame's record with at least one visible pixel."""
    return [item for item in frame["objects"] or () if item["bbox"] is not None]


@dataclass(frozen=True)
class Amounts:
    """Numbers of objects in all scenes, each object counted once per scene. Furnishings of a stage
    are excluded.

    asked: number requested by the config. placed: number that fitted into their scenes. visible:
    number visible in at least one frame; None without object labels. refused: replaced assets that
    the physics engine could not simulate.
    """

    asked: int = 0
    placed: int = 0
    visible: int | None = 0
    refused: tuple[str, ...] = ()

    def __add__(self, other: Amounts) -> Amounts:
        unknown = self.visible is None or other.visible is None
        return Amounts(
            self.asked + other.asked,
            self.placed + other.placed,
            None if unknown else (self.visible or 0) + (other.visible or 0),
            tuple(sorted({*self.refused, *other.refused})),
        )

    def __str__(self) -> str:
        seen = "" if self.visible is None else f", {self.visible:,} visible"
        return f"{self.asked:,} requested, {self.placed:,} placed{seen}"


def amounts_of(spec: Json, frames: Sequence[Json]) -> Amounts:
    """Return the amounts of one scene, from the JSON of its spec and frames."""
    placed = {int(item["instance_id"]) for item in placed_objects(spec)}
    asked = spec["factors"].get("objects.count_range", [len(placed)])
    seen = {int(item["instance_id"]) for frame in frames for item in visible_objects(frame)}
    labelled = all(frame["objects"] is not None for frame in frames)
    visible = len(placed & seen) if labelled else None
    return Amounts(round(asked[0]), len(placed), visible, tuple(spec.get("refused", ())))
