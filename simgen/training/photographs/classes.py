"""Maps synthetic classes to the classes of a real dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simgen.assets.synonyms import built_in_names
from simgen.errors import InputError, did_you_mean


def map_classes(
    synthetic: Sequence[str],
    aliases: Mapping[str, Sequence[str]],
    real: Sequence[str],
    given: Mapping[str, str],
) -> dict[str, str]:
    """Return synthetic class -> real class, without classes that have no counterpart.

    synthetic: classes of the generated datasets. aliases: other names of the built-in classes.
    real: classes of the photographs. given: the user's own mapping, possibly many-to-one, which
    takes precedence over equal names. Raises `InputError` for names that are in neither dataset,
    and if no class is left.
    """
    for own, other in given.items():
        if own not in synthetic:
            raise InputError(
                f"data.class_map.{own}: not a class of the generated datasets"
                + did_you_mean(own, synthetic)
            )
        if other not in real:
            raise InputError(
                f"data.class_map.{own}={other}: not a class of the real data"
                + did_you_mean(other, real)
            )
    known = {name: tuple(aliases.get(name, ())) for name in synthetic}
    found = built_in_names(real, known, {}) | dict(given)
    if not found:
        raise InputError(
            f"real: none of its classes {_listed(real)} is generated; map them with "
            f"data.class_map.SYNTHETIC=REAL, where SYNTHETIC is one of {_listed(synthetic)}"
        )
    return {name: found[name] for name in synthetic if name in found}


def target_classes(class_map: Mapping[str, str], real: Sequence[str]) -> tuple[str, ...]:
    """Return the real classes that a map leads to, in their original order."""
    return tuple(name for name in real if name in set(class_map.values()))


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
