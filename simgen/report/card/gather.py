"""The facts on a card, gathered in one pass over the JSON of scenes and frames, without reading
images."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from simgen.dataset import remote
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import Manifest
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.report.card.parts import Part, licensed, parts_of
from simgen.report.counting.counts import Counts, VisibleObject
from simgen.report.counting.scenes import (
    Amounts,
    Json,
    SceneJson,
    amounts_of,
    read_scenes,
    visible_objects,
)

_BINS = 25
"""Number of bins of the card's histograms of values from 0 to 1."""


@dataclass
class Facts:
    """The facts of a dataset for its card.

    counts: of images and their objects. scenes: by split. cases: scenes by rare case. ignored:
    ignore regions by class, in all images. unlabelled: furnishings without a label by class, in all
    scenes. image_size: width and height in pixels, such as
    `640 x 480`, of each camera of a rig.
    """

    manifest: Manifest
    counts: Counts
    image_size: str
    scenes: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    unlabelled: Counter[str] = field(default_factory=Counter)
    parts: tuple[Part, ...] = ()
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def splits(self) -> tuple[str, ...]:
        return self.counts.splits

    @property
    def classes(self) -> tuple[str, ...]:
        return self.manifest.classes

    def histogram(self, quantity: str) -> np.ndarray:
        """Return the number of objects in 25 bins of a quantity between 0 and 1, such as `size`."""
        return self.counts.histograms[quantity].counts.reshape(_BINS, -1).sum(axis=1)


def gather(dataset: Dataset) -> Facts:
    """Gather the facts of a dataset. Raises `InputError` for damaged files."""
    config = dataset.manifest.config
    cameras = config["camera"].get("cameras") or [config["render"]]  # older configs have no rigs
    sizes = [f"{int(one['width'])} x {int(one['height'])}" for one in cameras]
    size = " or ".join(dict.fromkeys(sizes))
    facts = Facts(dataset.manifest, Counts(dataset.classes, dataset.splits), size)
    used: Counter[tuple[str, str]] = Counter()
    for scene in read_scenes(dataset):
        try:
            _add_scene(facts, used, scene)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            folder = Layout(dataset.root).scene(scene.index)
            raise InputError(f"{folder}: damaged: unexpected content ({error!r})") from error
    facts.parts = licensed(used, _assets(dataset), dataset.manifest)
    return facts


def _add_scene(facts: Facts, used: Counter[tuple[str, str]], scene: SceneJson) -> None:
    spec = scene.spec
    facts.scenes[spec["split"]] += 1
    facts.cases[spec["case"]] += 1
    facts.amounts += amounts_of(spec, scene.frames)
    facts.unlabelled.update(spec.get("unlabelled", {}))
    used.update(parts_of(spec))
    for frame in scene.frames:
        camera = frame["camera"]
        size = camera["width"], camera["height"]
        facts.counts.add(spec["split"], size, list(map(_visible, visible_objects(frame))))
        facts.ignored.update(region["class_name"] for region in frame.get("ignore_regions", ()))


def _visible(item: Json) -> VisibleObject:
    return VisibleObject(item["class_name"], item["bbox"], item["visible_fraction"])


def _assets(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Return the entries of `assets.json`, by id."""
    path = Layout(dataset.root).assets
    if remote.size(path) < 0:
        return {}
    try:
        plain = orjson.loads(remote.read_bytes(path))
        return {str(asset["id"]): asset for asset in plain["assets"]}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged: {error!r}") from error
