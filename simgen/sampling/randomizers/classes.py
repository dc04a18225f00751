"""The classes that objects and distractors of a scene may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from omegaconf import OmegaConf

from simgen.assets.catalogue import Catalogue
from simgen.config import FACTORS, Config
from simgen.config.weights import weighted
from simgen.errors import InputError, did_you_mean
from simgen.resources import resource


def check_classes(config: Config, catalogue: Catalogue) -> None:
    """Raise `InputError` if objects or distractors have no class to choose from."""
    class_weights(config, catalogue)
    distractors = FACTORS["distractors.count_range"].parse(config.distractors.count_range)
    if distractors.support()[1] > 0:
        distractor_classes(config, catalogue)
        if config.motion.objects == "physics":
            raise InputError(
                "distractors.count_range: distractors do not move; set it to 0 with "
                "motion.objects=physics"
            )


def class_weights(config: Config, catalogue: Catalogue) -> tuple[float, ...]:
    """Return the weight of each class of the catalogue. Raises `InputError` for an unknown one, and
    if all have weight 0."""
    given = weighted(config.objects.weights) if config.objects.weights else {}
    for name in given:
        # A stage's own weights may name classes that are not in use.
        if name not in catalogue.classes and name not in catalogue.info:
            listed = ", ".join(catalogue.classes[:20])
            hint = did_you_mean(name, catalogue.classes)
            raise InputError(
                f"objects.weights: unknown class {name!r}{hint}; expected some of {listed}"
            )
    found = tuple(
        given.get(name, 1.0) if name in catalogue.usable else 0.0 for name in catalogue.classes
    )
    if not sum(found) > 0:
        raise InputError(
            f"objects.weights=[{','.join(config.objects.weights)}]: gives weight 0 to "
            f"{_and(catalogue.classes)}, all classes in use; set a weight above 0 (weights "
            f"that you did not set are those of scene={config.scene.name})"
        )
    return found


def distractor_classes(config: Config, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the classes of distractors: built-in ones, or those of the folder that no object has.
    Raises `InputError` for none or unknown ones."""
    known = catalogue.built_in(config.assets.tags)
    wanted = config.distractors.classes
    own = {asset.class_name for asset in catalogue.unlabelled}
    possible = (*catalogue.built_in(None), *sorted(own), *catalogue.classes)
    for name in wanted or ():
        if name not in possible:
            hint = did_you_mean(name, possible)
            raise InputError(
                f"distractors.classes: unknown class {name!r}{hint}; expected built-in classes, "
                "or those of assets.dir"
            )
    used = {*catalogue.own_names, *catalogue.classes}
    found = tuple(name for name in wanted or known if name in own or name not in used)
    if not found and wanted is not None:
        raise InputError(
            f"distractors.classes=[{','.join(wanted)}]: objects already use all of these "
            "classes; list others, or set the classes of the objects in assets.classes"
        )
    if not found:
        raise InputError(
            "distractors.count_range: objects already use all available classes; "
            "set their classes in assets.classes, or those of distractors in distractors.classes"
        )
    return found


def class_remarks(config: Config, catalogue: Catalogue) -> list[str]:
    """Return remarks on classes that the config names although the stage is not made for them."""
    tags = set(config.assets.tags or ())
    if not tags or config.assets.classes is None:
        return []
    others = [name for name in config.assets.classes if _apart(catalogue.tags(name), tags)]
    if not others:
        return []
    fitting = [
        name for name, held in _tags_of_stages() if not _apart(held, catalogue.tags(others[0]))
    ]
    where = f"; {others[0]} is at home in scene={' or '.join(fitting)}" if fitting else ""
    return [
        f"assets.classes: {_and(others)} may be too large or too small for "
        f"scene={config.scene.name}, which is made for {_and(sorted(tags))}{where}"
    ]


def _apart(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether both have tags, and none in common."""
    return bool(set(one) and set(other)) and not set(one) & set(other)


def _tags_of_stages() -> list[tuple[str, tuple[str, ...]]]:
    """Return the class tags that each built-in stage selects, for those that select any."""
    found = []
    for path in sorted(resource("configs").glob("scene/*.yaml")):
        tags = OmegaConf.select(OmegaConf.load(path), "assets.tags")
        if tags and path.stem != "blend":
            found.append((path.stem, tuple(tags)))
    return found


def _and(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
