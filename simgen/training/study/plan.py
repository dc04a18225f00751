"""Plans the datasets that a study needs. Arms with equal configs share a dataset."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from simgen.config import Config
from simgen.config.compose import load_config
from simgen.dataset.adaptation.adaptation import Asked
from simgen.errors import InputError
from simgen.training.study.compose import Study, adapting_of

_NOT_CONTENT = ("num_scenes", "runner", "run", "output")
"""Keys that do not change the content of scenes."""
_OURS = ("num_scenes=", "output.", "run.")
"""Overrides set by the study itself."""


@dataclass(frozen=True)
class DatasetPlan:
    """A dataset to generate. name: of its folder. overrides: without `num_scenes` and `output`.

    Its first `held` scenes are held out; each replicate then has its own `block` scenes.
    """

    name: str
    overrides: tuple[str, ...]
    config: Config
    held: int
    block: int
    replicates: int

    @property
    def num_scenes(self) -> int:
        return self.held + self.block * self.replicates

    def scenes(self, replicate: int, images: int) -> range:
        """Return the scenes that contain the first images of a replicate."""
        first = self.held + self.block * replicate
        return range(first, first + math.ceil(images / self.config.frames_per_scene))

    @property
    def all_scenes(self) -> range:
        """Return the scenes that any replicate may train on."""
        return range(self.held, self.num_scenes)

    @property
    def held_out(self) -> range:
        return range(self.held)


@dataclass(frozen=True)
class Arm:
    """A planned arm.

    dataset: name of its dataset; None without synthetic images. images: number of them per
    training. real: share of the real training images. adapt: how its synthetic images are adapted
    to the real training images; the dataset itself is unchanged, for other arms.
    """

    name: str
    overrides: tuple[str, ...]
    dataset: str | None
    images: int
    real: float
    adapt: tuple[Asked, ...] = ()


def plan(study: Study, base: Sequence[str]) -> tuple[dict[str, DatasetPlan], tuple[Arm, ...]]:
    """Return the datasets of a study by name, and its arms. base: overrides for all, including the
    scene.

    Raises `InputError` for overrides that `simgen generate` would reject.
    """
    datasets: dict[str, DatasetPlan] = {}
    arms = []
    for name, arm in study.arms.items():
        images = study.config.images if arm.images is None else arm.images
        own = tuple(arm.overrides)
        if images == 0:
            arms.append(Arm(name, own, None, 0, arm.real))
            continue
        found = _dataset(study, f"arms.{name}", (*base, *own), images)
        known = datasets.get(found.name)
        block = max(found.block, known.block if known else 0)
        datasets[found.name] = replace(found, block=block)
        arms.append(Arm(name, own, found.name, images, arm.real, adapting_of(arm)))
    return datasets, tuple(arms)


def _dataset(study: Study, where: str, overrides: tuple[str, ...], images: int) -> DatasetPlan:
    for word in overrides:
        if word.startswith(_OURS):
            raise InputError(f"{where}: {word}: is set by the study; remove it")
    try:
        config = load_config(overrides)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    frames = config.frames_per_scene
    name = f"{config.scene.name}-{_digest(config)[:10]}"
    return DatasetPlan(
        name=name,
        overrides=overrides,
        config=config,
        held=math.ceil(study.config.held_out / frames),
        block=math.ceil(images / frames),
        replicates=study.config.replicates,
    )


def _digest(config: Config) -> str:
    content: Mapping[str, Any] = {
        key: value for key, value in asdict(config).items() if key not in _NOT_CONTENT
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
