"""Keys that set the same quantity in different ways, and which of them is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from simgen.config.keys import value_of
from simgen.config.schema import KEYS, Config
from simgen.errors import InputError


@dataclass(frozen=True)
class _Rivals:
    """Keys of `camera` of which only one is used: the first, unless another one is set."""

    what: str
    keys: tuple[str, ...]


_RIVALS = (
    _Rivals("the camera's height", ("elevation_deg_range", "height_range")),
    _Rivals(
        "the camera's distance",
        ("fill_range", "distance_range", "gsd_range", "object_px_range"),
    ),
)


def is_settled(config: Config) -> bool:
    """Return whether no keys contradict each other, so `settle_rivals` would change nothing."""
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
    """Return a copy of the config in which the user's settings override those of the stage.

    Of keys that set the same quantity, the one of the highest rank is used, and the others become
    null. Classes that the user names lose a weight of 0 set by the stage.

    ranks: precedence by key: 2 for the command line, 1 for an experiment or a group's file, 0 or
    missing for the stage's settings and defaults.
    Raises `InputError` for two keys of the same rank above 0 that set the same quantity.
    """
    config = replace(config, camera=replace(config.camera), objects=replace(config.objects))
    for rivals in _RIVALS:
        _settle(config, rivals, ranks)
    if config.camera.aim == "sphere" and ranks.get("camera.aim", 0) > ranks.get(
        "camera.height_range", 0
    ):
        config.camera.height_range = None
    if config.camera.model == "orthographic" and not ranks.get("camera.height_range"):
        config.camera.height_range = None  # set by a stage, for cameras with a projection centre
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
        raise InputError(f"{first}: both this and {others[0]} set {rivals.what}; leave one out")
    for key in given:
        if KEYS[key].optional and key != first:
            setattr(config.camera, key.removeprefix("camera."), None)


def _name(word: str) -> str:
    return word.rpartition(":")[0]


def _is_zero(word: str) -> bool:
    """Return whether a `name:weight` has weight 0."""
    return re.fullmatch(r".*:(0+\.?0*|\.0+)", word) is not None
