"""Keys that set the same thing in different ways, and which of them is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from simgen.config.keys import value_of
from simgen.config.schema import KEYS, Config
from simgen.errors import InputError


@dataclass(frozen=True)
class _Rivals:
    """Keys of `camera` of which one is used: the first, unless another one is given."""

    what: str
    keys: tuple[str, ...]


_RIVALS = (
    _Rivals("how high the camera stands", ("elevation_deg_range", "height_range")),
    _Rivals(
        "how far away the camera stands",
        ("fill_range", "distance_range", "gsd_range", "object_px_range"),
    ),
)


def is_settled(config: Config) -> bool:
    """Whether no key can contradict another one, so that `settle_rivals` would change nothing."""
    given = [
        [key for key in rivals.keys if getattr(config.camera, key) is not None]
        for rivals in _RIVALS
    ]
    return (
        all(len(keys) == 1 for keys in given)
        and not (config.camera.aim == "sphere" and config.camera.height_range is not None)
        and not (config.assets.classes and any(map(_is_zero, config.objects.weights)))
    )


def settle_rivals(config: Config, ranks: Mapping[str, int]) -> Config:
    """The config, in which what the user set wins over what the stage sets.

    Of keys that set the same thing, the one of the highest rank is used, and the others are null.
    Classes that are named lose a weight of 0 that a stage gives them.

    ranks: how near to the user a key was given: 1 for a recipe (an experiment, a group's file), 2
    for the command line, and 0, or not named, for a stage's own or a default.
    Raises `InputError` for two keys that say the same at the same rank above 0.
    """
    config = replace(config, camera=replace(config.camera), objects=replace(config.objects))
    for rivals in _RIVALS:
        _settle(config, rivals, ranks)
    if config.camera.aim == "sphere" and ranks.get("camera.aim", 0) > ranks.get(
        "camera.height_range", 0
    ):
        config.camera.height_range = None
    if config.camera.model == "orthographic" and not ranks.get("camera.height_range"):
        config.camera.height_range = None  # of a stage, for eyes from which rays spread
    if ranks.get("assets.classes", 0) > ranks.get("objects.weights", 0):
        named = set(config.assets.classes or ())
        config.objects.weights = [
            word for word in config.objects.weights if not (_is_zero(word) and _name(word) in named)
        ]
    return config


def _settle(config: Config, rivals: _Rivals, ranks: Mapping[str, int]) -> None:
    keys = [f"camera.{key}" for key in rivals.keys]
    given = {key: ranks.get(key, 0) for key in keys if value_of(config, key) is not None}
    highest = max(given.values())
    if not highest:
        return
    first, *others = [key for key, rank in given.items() if rank == highest]
    if others:
        raise InputError(f"{first}: and {others[0]} both say {rivals.what}; leave one out")
    for key in given:
        if KEYS[key].optional and key != first:
            setattr(config.camera, key.removeprefix("camera."), None)


def _name(word: str) -> str:
    return word.rpartition(":")[0]


def _is_zero(word: str) -> bool:
    """Whether a `name:weight` has weight 0."""
    return re.fullmatch(r".*:(0+\.?0*|\.0+)", word) is not None
