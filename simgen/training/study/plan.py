"""Plans the datasets that a study needs. Arms with equal configs share a dataset."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    overrides, scenes: as requested. datasets: the number of images per training from each dataset,
    by its name. real: share of the real training images. adapt: how its synthetic images are
    adapted to the real training images; the datasets themselves are unchanged, for other arms.
    """

    name: str
    overrides: tuple[str, ...]
    datasets: Mapping[str, int]
    real: float
    adapt: tuple[Asked, ...] = ()
    scenes: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        return sum(self.datasets.values())


type Suited = Callable[[Sequence[str]], Sequence[str]]
"""Returns additional overrides for a dataset, given its overrides."""


def plan(
    study: Study, base: Sequence[str], suited: Suited = lambda _: ()
) -> tuple[dict[str, DatasetPlan], tuple[Arm, ...]]:
    """Return the datasets of a study by name, and its arms. base: overrides for all.

    Raises `InputError` for overrides that `simgen generate` would reject.
    """
    datasets: dict[str, DatasetPlan] = {}
    arms = []
    for name, arm in study.arms.items():
        used: dict[str, int] = {}
        for words, images in requested(study, name, base):
            found = _dataset(study, name, words, images, suited)
            known = datasets.get(found.name)
            block = max(found.block, known.block if known else 0)
            datasets[found.name] = replace(found, block=block)
            used[found.name] = images
        own = tuple(arm.overrides)
        arms.append(Arm(name, own, used, arm.real, adapting_of(arm), tuple(arm.scenes)))
    return datasets, tuple(arms)


def requested(
    study: Study, name: str, base: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the overrides of each dataset of an arm and its number of images, those that do not
    divide evenly from the first ones."""
    arm = study.arms[name]
    images = study.config.images if arm.images is None else arm.images
    stages = [[f"scene={scene}"] for scene in arm.scenes] or [[]]
    for place, stage in enumerate(stages):
        share = images // len(stages) + (place < images % len(stages))
        if share:
            yield (*base, *stage, *arm.overrides), share


def configured(arm: str, overrides: Sequence[str]) -> Config:
    """Return the config of a dataset. Raises `InputError` that names the arm."""
    for word in overrides:
        if word.startswith(_OURS):
            raise InputError(f"arms.{arm}: {word}: is set by the study; remove it")
    try:
        return load_config(overrides)
    except InputError as error:
        raise InputError(f"arms.{arm}: {error}") from None


def _dataset(
    study: Study, arm: str, overrides: tuple[str, ...], images: int, suited: Suited
) -> DatasetPlan:
    overrides = (*overrides, *suited(overrides))
    config = configured(arm, overrides)
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
