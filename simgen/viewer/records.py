"""Reading of a scene's spec and records, for pages, columns and the list of instances.

The files are read as plain JSON and their content is not checked; that is the task of
`simgen validate`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from simgen.config import NAMES
from simgen.dataset import layout, remote
from simgen.dataset.layout import frame_file
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.geometry.lens import STRAIGHT
from simgen.labels.drawing.edges import box_edges
from simgen.labels.record import CameraRecord, camera_of
from simgen.viewer.scene_data import INSTANCE, Plain, Recorded, packed
from simgen.viewer.titles import is_factor
from simgen.viewer.unreadable import attempted, damage_finding

_FAR = 10_000.0
"""Largest coordinate, in pixels, up to which pages draw corners of boxes themselves."""
_MOST_BYTES = 512_000_000
"""Maximum size of a JSON file, as in the validator."""


@dataclass(frozen=True)
class _Drawn:
    """The data of a spec. values: column values of all frames; views: those of each frame."""

    case: str
    factors: dict[str, Any]
    values: Plain
    views: list[Plain]


@dataclass(frozen=True)
class _Frame:
    """The data of a record. shown: content for pages. values: column values. seen: array of
    `INSTANCE`."""

    shown: dict[str, Any]
    values: Plain
    seen: np.ndarray


def read_scene(
    samples: Sequence[Sample], findings: Mapping[int, Sequence[Mapping[str, str]]], stamp: str
) -> tuple[dict[str, Any], Recorded]:
    """Return the payload for pages, and the data to cache.

    findings: of the validator, by frame. Missing or damaged files are omitted and reported.
    """
    first = samples[0]
    names = [layout.SPEC, *(frame_file(sample.frame, layout.RECORD) for sample in samples)]
    files = _Files([first.folder / name for name in names])
    nothing = _Drawn("", {}, {}, [{} for _ in samples])
    drawn, lost = files.attempted(0, lambda plain: _drawn(plain, len(samples)), nothing)
    frames, damage = [], []
    for place, sample in enumerate(samples, start=1):
        frame, line = files.attempted(place, partial(_frame, sample), _lost(sample))
        lines = [line for line in (lost, line) if line]
        complaints = [damage_finding("labels", line) for line in lines]
        shown = frame.shown | {"complaints": [*complaints, *findings.get(sample.frame, ())]}
        frames.append(replace(frame, shown=shown))
        damage.append("; ".join(lines))
    payload = {"scene": first.scene, "split": first.split, "case": drawn.case,
               "factors": drawn.factors, "frames": [frame.shown for frame in frames]}  # fmt: skip
    values: Plain = {"split": [first.split], **drawn.values}
    rows = [view | frame.values for view, frame in zip(drawn.views, frames, strict=True)]
    seen = np.concatenate([frame.seen for frame in frames])
    return payload, Recorded(stamp, values, rows, packed(seen), damage)


class _Files:
    """The JSON files of a scene, fetched concurrently from object storage."""

    def __init__(self, paths: Sequence[remote.AnyPath]) -> None:
        self._paths = paths
        self._contents: Sequence[bytes | None] = [None] * len(paths)
        if remote.is_remote(paths[0]):
            with contextlib.suppress(OSError):  # the next read names the file
                self._contents = remote.read_all(paths)

    def attempted[T](self, place: int, use: Callable[[Any], T], other: T) -> tuple[T, str]:
        """Return the result of `use` on a file's content and an empty line, or `other` and a line
        that describes the damage."""
        path = self._paths[place]
        return attempted(lambda: use(self._plain(place)), other, path, path.parent.parent.parent)

    def _plain(self, place: int) -> Any:
        path, content = self._paths[place], self._contents[place]
        if content is None:
            if isinstance(path, Path) and remote.size(path) > _MOST_BYTES:
                raise InputError(f"larger than {_MOST_BYTES} bytes")
            content = remote.read_bytes(path)
        try:
            return orjson.loads(content)
        except ValueError as error:
            raise InputError(f"not JSON: {error}") from error


def _drawn(spec: Any, frames: int) -> _Drawn:
    kinds = {
        str(material["kind"]) for item in spec["objects"] for material in item["materials"].values()
    }
    values: Plain = {"stage": [spec["stage"]["name"]], "materials": sorted(kinds)}
    if spec.get("case"):
        values["case"] = [spec["case"]]
    views: list[Plain] = [{} for _ in range(frames)]
    moments = frames // max(len(spec.get("rig", ())), 1)
    for key, drawn in spec["factors"].items():
        if not is_factor(key):
            continue
        if key.startswith("camera.") and len(drawn) == moments and frames > 1:
            for number, row in enumerate(views):
                row |= _value(key, [drawn[number % moments]])
        else:
            values |= _value(key, drawn)
    return _Drawn(spec.get("case", ""), spec["factors"], values, views)


def _value(key: str, drawn: Sequence[Any]) -> Plain:
    """Return the value of a factor's column: the mean of numbers, or the list of names."""
    if key in NAMES or any(isinstance(value, str) for value in drawn):
        return {key: [str(value) for value in drawn]}
    return {key: float(np.mean(drawn))} if drawn else {}


def _lost(sample: Sample) -> _Frame:
    """Return the data of a frame whose record cannot be read."""
    shown = {"frame": sample.frame, "camera": None, "objects": None}
    return _Frame(shown, _place(sample), np.zeros(0, INSTANCE))


def _place(sample: Sample) -> Plain:
    return {"scene": float(sample.scene), "frame": float(sample.frame)}


def _frame(sample: Sample, record: Any) -> _Frame:
    """Return the data of a record. Without objects, it has neither values nor instances."""
    shown = {name: value for name, value in record.items() if name != "scene"}
    shown["frame"] = sample.frame
    camera = camera_of(record["camera"])
    place = _place(sample) | ({"camera": [camera.rig.name]} if camera.rig else {})
    if camera.width * camera.height < 1:
        raise ValueError("an image without pixels")
    if record["objects"] is None:
        return _Frame(shown, place, np.zeros(0, INSTANCE))
    shown["objects"] = [_with_edges(item, camera) for item in record["objects"]]
    items = [item for item in record["objects"] if item["visible_pixels"] > 0]
    names = {item["class_name"] for item in items}
    values: Plain = {"objects": float(len(items)), "classes": sorted(names)}
    return _Frame(shown, place | values, _seen(sample, items, camera))


def _with_edges(item: dict[str, Any], camera: CameraRecord) -> dict[str, Any]:
    """Add the edges of an object's 3D box as polylines if they are not straight lines between its
    corners: with lenses that bend lines, or if the box extends behind the camera."""
    if item["visible_pixels"] <= 0:
        return item
    corners = np.array(item["corners"], float)
    plain = np.isfinite(corners).all() and np.abs(corners).max() < _FAR
    if camera.lens.model in STRAIGHT and plain:
        return item
    pose = np.array(item["object_to_camera"], float)
    low, high = (np.array(item[name], float) for name in ("box_min", "box_max"))
    lines = box_edges(camera.project, (camera.width, camera.height), pose, low, high)
    return item | {"edges": [np.round(line.astype(float), 2).tolist() for line in lines]}


def _seen(sample: Sample, items: Sequence[Any], camera: CameraRecord) -> np.ndarray:
    """Return the objects of a frame that have a visible pixel, as an array of `INSTANCE`."""
    rows = np.zeros(len(items), INSTANCE)
    if items:
        rows["frame"] = sample.frame
        rows["instance"] = [item["instance_id"] for item in items]
        rows["class"] = [item["class_id"] for item in items]
        rows["pixels"] = [item["visible_pixels"] for item in items]
        rows["visibility"] = [item["visible_fraction"] for item in items]
        rows["distance"] = _distance(items, camera)
    return rows


def _distance(items: Sequence[Any], camera: CameraRecord) -> np.ndarray:
    """Return the distances of the box centres from the camera (for orthographic lenses, from the
    start of their rays), metres."""
    low, high = (np.array([item[name] for item in items], float) for name in ("box_min", "box_max"))
    pose = np.array([item["object_to_camera"] for item in items], float)
    middle = np.einsum("nij,nj->ni", pose[:, :3, :3], (low + high) / 2) + pose[:, :3, 3]
    return np.linalg.norm(camera.sight_lines(middle)[1], axis=1)
