"""Facts from a dataset: one pass over the JSON of its frames and scenes, and no image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from simgen.card.facts import GRID, SIZES, Amounts, Facts
from simgen.card.parts import PartCounts, licensed
from simgen.errors import InputError
from simgen.spec import STAGE_SOURCE
from simgen.store import remote
from simgen.store.layout import RECORD, SPEC, Layout, frame_file
from simgen.store.reader import Dataset
from simgen.store.remote import AnyPath

_AHEAD = 64
"""Files that are read together."""


def gather(dataset: Dataset) -> Facts:
    """The facts of a dataset. Raises `InputError` for damaged files."""
    render = dataset.manifest.config["render"]
    facts = Facts(dataset.manifest, dataset.splits)
    facts.image_size = (int(render["width"]), int(render["height"]))
    used = PartCounts()
    for scene, spec, frames in _scenes(dataset):
        try:
            _add_scene(facts, used, spec, frames)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            folder = Layout(dataset.root).scene(scene)
            raise InputError(f"{folder}: damaged: not the files of a scene ({error!r})") from error
    facts.parts = licensed(used, _assets(dataset), dataset.manifest)
    return facts


def _add_scene(
    facts: Facts, used: PartCounts, spec: dict[str, Any], frames: list[dict[str, Any]]
) -> None:
    split = spec["split"]
    facts.split_scenes[split] += 1
    facts.cases[spec["case"]] += 1
    facts.amounts += amounts_of(spec, frames)
    used.add(spec)
    facts.unlabelled.update(spec.get("unlabelled", {}))
    for frame in frames:
        _add_frame(facts, split, frame)


def amounts_of(spec: dict[str, Any], frames: list[dict[str, Any]]) -> Amounts:
    """Of one scene, from the JSON of its spec and of its frames."""
    placed = {
        int(item["instance_id"])
        for item in spec["objects"]
        if item["asset"]["source"] != STAGE_SOURCE
    }
    asked = spec["factors"].get("objects.count_range", [len(placed)])
    seen = {
        int(item["instance_id"])
        for frame in frames
        for item in frame["objects"] or ()
        if item["bbox"] is not None
    }
    told = all(frame["objects"] is not None for frame in frames)
    visible = len(placed & seen) if told else None
    return Amounts(round(asked[0]), len(placed), visible, tuple(spec.get("refused", ())))


def _add_frame(facts: Facts, split: str, frame: dict[str, Any]) -> None:
    facts.split_images[split] += 1
    camera = frame["camera"]
    width, height = camera["width"], camera["height"]
    facts.ignored.update(region["class_name"] for region in frame.get("ignore_regions", ()))
    seen: set[str] = set()
    for item in frame["objects"] or ():
        if item["bbox"] is None:
            continue
        name = item["class_name"]
        seen.add(name)
        facts.objects[split, name] += 1
        x, y, w, h = item["bbox"]
        facts.sizes[_bin((w * h / (width * height)) ** 0.5, SIZES)] += 1
        row, column = _bin((y + h / 2) / height, GRID), _bin((x + w / 2) / width, GRID)
        facts.positions[row, column] += 1
        facts.visibility[_bin(item["visible_fraction"], SIZES)] += 1
    facts.images.update((split, name) for name in seen)


def _bin(part: float, bins: int) -> int:
    return min(max(int(part * bins), 0), bins - 1)


def _scenes(dataset: Dataset) -> Iterator[tuple[int, dict[str, Any], list[dict[str, Any]]]]:
    """Number, spec and frames of each scene. Raises `InputError` for a file that is no JSON."""
    place = Layout(dataset.root)
    names = [SPEC, *(frame_file(n, RECORD) for n in range(dataset.manifest.frames_per_scene))]
    together = max(1, _AHEAD // len(names))
    for start in range(0, len(dataset.scenes), together):
        part = dataset.scenes[start : start + together]
        folders = [place.scene(scene) for scene in part]
        plain = _read([folder / name for folder in folders for name in names])
        for number, scene in enumerate(part):
            spec, *frames = plain[number * len(names) : (number + 1) * len(names)]
            yield scene, spec, frames


def _read(paths: list[AnyPath]) -> list[dict[str, Any]]:
    found = []
    for path, content in zip(paths, remote.read_all(paths), strict=True):
        try:
            found.append(orjson.loads(content))
        except ValueError as error:
            raise InputError(f"{path}: damaged: not readable as JSON: {error}") from error
    return found


def _assets(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """What `assets.json` says of each mesh, by id."""
    path = Layout(dataset.root).assets
    if remote.size(path) < 0:
        return {}
    try:
        plain = orjson.loads(remote.read_bytes(path))
        return {str(asset["id"]): asset for asset in plain["assets"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged: {error!r}") from error
