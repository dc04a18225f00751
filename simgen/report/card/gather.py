"""Facts from a dataset: one pass over the JSON of its scenes and frames, and no image."""

from __future__ import annotations

from typing import Any

import orjson

from simgen.dataset import remote
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.report.card.facts import Facts
from simgen.report.card.parts import PartCounts, licensed
from simgen.report.counting.counts import Counts, VisibleObject
from simgen.report.counting.scenes import Json, SceneJson, amounts_of, read_scenes, visible_objects


def gather(dataset: Dataset) -> Facts:
    """The facts of a dataset. Raises `InputError` for damaged files."""
    render = dataset.manifest.config["render"]
    size = int(render["width"]), int(render["height"])
    facts = Facts(dataset.manifest, Counts(dataset.classes, dataset.splits), size)
    used = PartCounts()
    for scene in read_scenes(dataset):
        try:
            _add_scene(facts, used, scene)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            folder = Layout(dataset.root).scene(scene.index)
            raise InputError(f"{folder}: damaged: not the files of a scene ({error!r})") from error
    facts.parts = licensed(used, _assets(dataset), dataset.manifest)
    return facts


def _add_scene(facts: Facts, used: PartCounts, scene: SceneJson) -> None:
    spec = scene.spec
    facts.scenes[spec["split"]] += 1
    facts.cases[spec["case"]] += 1
    facts.amounts += amounts_of(spec, scene.frames)
    facts.unlabelled.update(spec.get("unlabelled", {}))
    used.add(spec)
    for frame in scene.frames:
        camera = frame["camera"]
        size = camera["width"], camera["height"]
        facts.counts.add(spec["split"], size, list(map(_visible, visible_objects(frame))))
        facts.ignored.update(region["class_name"] for region in frame.get("ignore_regions", ()))


def _visible(item: Json) -> VisibleObject:
    return VisibleObject(item["class_name"], item["bbox"], item["visible_fraction"])


def _assets(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """The entries of `assets.json`, by id."""
    path = Layout(dataset.root).assets
    if remote.size(path) < 0:
        return {}
    try:
        plain = orjson.loads(remote.read_bytes(path))
        return {str(asset["id"]): asset for asset in plain["assets"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged: {error!r}") from error
