"""Chooses a stage and objects that suit a real dataset, unless the user did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from simgen.config import Config
from simgen.config.compose import load_config
from simgen.config.keys import read_weights
from simgen.config.schema import FACTORS
from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.stages.plugins import catalogue_of, load_plugins
from simgen.training.photographs.classes import map_classes
from simgen.training.study.compose import Study
from simgen.training.study.plan import configured, requested

_FROM_ABOVE = ("aerial", "forest")
_STAGES = (*_FROM_ABOVE, "tabletop", "meal", "kitchen", "desk", "room", "outdoor", "shelf")
"""In order of preference among ties."""
_SMALL_FROM_ABOVE = 0.1
"""Views from above show many small objects: their median side is below this share of the image's
shorter side."""


def synthetic_classes(
    config: Config, plugins: Sequence[str] = ()
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the classes that a config can generate, and their aliases."""
    own = load_plugins(tuple(plugins)).classes
    catalogue = catalogue_of(config, own)
    placed = config.assets.classes or catalogue.classes
    if config.assets.classes is None and config.assets.tags is not None:
        wanted = {
            *catalogue.built_in(config.assets.tags),
            *(a.class_name for a in catalogue.assets),
        }
        placed = [name for name in catalogue.classes if name in wanted]
    aliases = {name: info.aliases for name, info in catalogue.info.items()}
    return tuple(placed), aliases


def scenes_are_given(study: Study, base: Sequence[str]) -> bool:
    """Return whether the user named the stage of each dataset. base: overrides for all."""
    given = [
        any(word.startswith("scene=") for word in words)
        for name in study.arms
        for words, _ in requested(study, name, base)
    ]
    return bool(given) and all(given)


def classes_of_arms(
    study: Study, base: Sequence[str], plugins: Sequence[str] = ()
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the classes that any arm of a study can generate, and their aliases. If no arm has
    synthetic images, those of the base."""
    configs = [
        configured(name, words) for name in study.arms for words, _ in requested(study, name, base)
    ] or [load_config(base)]
    found: dict[str, None] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for config in configs:
        classes, names = synthetic_classes(config, plugins)
        found |= dict.fromkeys(classes)
        aliases |= names
    return tuple(found), aliases


def suited(
    overrides: Sequence[str],
    arms: Iterable[str],
    tested: Collection[str],
    plugins: Sequence[str] = (),
) -> tuple[str, str] | None:
    """Return an override for a dataset of a study that suits its test classes, and the reason;
    None if the user's own overrides decide.

    overrides: of the dataset. arms: those of all arms. tested: synthetic classes.
    """
    config = load_config(overrides)
    generated, _ = synthetic_classes(config, plugins)
    count = FACTORS["distractors.count_range"].parse(config.distractors.count_range)
    distracted = count.support()[1] > 0 or any(
        word.startswith("distractors.count_range=") for word in arms
    )
    if distracted and config.assets.classes is None and not config.distractors.classes:
        word = f"assets.classes=[{','.join(name for name in generated if name in tested)}]"
        return word, (
            f"{word}: objects belong to tested classes, distractors to others; to change this, "
            "set base.assets.classes or base.distractors.classes"
        )
    weights = half_tested(config.objects.weights, generated, tested)
    if weights is None or any(word.startswith("objects.weights=") for word in overrides):
        return None
    return weights, (
        f"{weights}: half of the objects belong to tested classes; to change this, set "
        "base.objects.weights"
    )


def half_tested(
    written: Sequence[str], generated: Sequence[str], tested: Collection[str]
) -> str | None:
    """Return an override by which half of the objects are of tested classes; None if they already
    are, or if all are. The relative weights of other classes do not change.

    written: weights, as in `objects.weights`. generated, tested: synthetic classes.
    """
    given = read_weights("objects.weights", written)
    weights = {name: given.get(name, 1.0) for name in generated}
    ours = sum(weight for name, weight in weights.items() if name in tested)
    others = sum(weights.values()) - ours
    if not 0 < ours < others:
        return None
    weights |= {name: weights[name] * others / ours for name in weights if name in tested}
    words = (f"{name}:{weight:.4g}" for name, weight in weights.items() if weight != 1)
    return f"objects.weights=[{','.join(words)}]"


def choose_scene(
    items: Sequence[Item], classes: Sequence[str], base: Sequence[str], plugins: Sequence[str] = ()
) -> tuple[str, str]:
    """Return the stage whose classes cover most of the boxes, and the reason.

    Among stages that cover equally many, it is the one whose objects are mostly of these classes.

    items: of the real dataset. classes: its classes. Raises `InputError` if no stage covers any.
    """
    boxes = Counter(one.class_name for item in items for one in item.objects)
    small = _median_size(items) < _SMALL_FROM_ABOVE
    covered = {}
    for stage in _STAGES:
        if stage in _FROM_ABOVE and not small:
            continue
        config = load_config([f"scene={stage}", *base])
        placed, aliases = synthetic_classes(config, plugins)
        try:
            found = map_classes(placed, aliases, classes, {})
        except InputError:
            continue
        share = _share(config, placed, found)
        covered[stage] = sum(boxes[name] for name in set(found.values())), share
    best = max(covered, key=lambda name: covered[name], default="")
    if not best or not covered[best][0]:
        raise InputError(
            "scene=auto: no stage has classes of the real data; set scene and data.class_map"
        )
    total = sum(boxes.values())
    return best, (
        f"scene={best} chosen: its classes cover {covered[best][0]:,} of {total:,} real boxes; "
        "choose another with scene=..."
    )


def _share(config: Config, placed: Sequence[str], matched: Collection[str]) -> float:
    """Return the share of a stage's objects that are of some classes. placed: all its classes."""
    given = read_weights("objects.weights", config.objects.weights)
    weights = {name: given.get(name, 1.0) for name in placed}
    total = sum(weights.values())
    return sum(weights[name] for name in matched) / total if total else 0.0


def _median_size(items: Sequence[Item]) -> float:
    """Return the median side of the objects, as a share of the shorter side of their images."""
    sizes = [
        np.sqrt(one.bbox[2] * one.bbox[3]) / min(item.width, item.height)
        for item in items
        for one in item.objects
        if one.bbox is not None
    ]
    return float(np.median(sizes)) if sizes else 1.0
