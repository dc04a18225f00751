"""Matching of built-in classes to a dataset's classes under other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simgen.errors import InputError


def read_synonyms(written: Sequence[str], built_in: Iterable[str]) -> dict[str, str]:
    """Parse `assets.synonyms` into a mapping from the user's classes to built-in classes.

    Raises `InputError` for an item not of the form `OWN:BUILT_IN`, or without a built-in class.
    """
    known, found = set(built_in), {}
    for text in written:
        own, sign, name = text.rpartition(":")
        if not (own and sign and name):
            raise InputError(f"assets.synonyms: {text!r}: expected OWN:BUILT_IN, as in Stuhl:chair")
        if name not in known:
            raise InputError(f"assets.synonyms: {text!r}: {name!r} is not a built-in class")
        found[own] = name
    return found


def built_in_names(
    classes: Sequence[str], aliases: Mapping[str, Sequence[str]], synonyms: Mapping[str, str]
) -> dict[str, str]:
    """Map the built-in classes that a dataset has to its classes.

    classes: of the dataset. aliases: common synonyms of each built-in class. synonyms: from users;
    they take precedence. Next is the exact name, then a plural, an alias or another spelling.
    """
    spelled: dict[str, str] = {}
    for name in sorted(classes, reverse=True):
        spelled[_plain(name)] = name
    declared = {name: own for own, name in synonyms.items() if own in classes}
    found = {}
    for name, others in aliases.items():
        if name in declared:
            found[name] = declared[name]
        elif name in classes:
            found[name] = name
        else:
            near = (spelled.get(_plain(other)) for other in (name, *others))
            own = next((own for own in near if own is not None), None)
            if own is not None and own not in synonyms and own not in aliases:
                found[name] = own
    return found


def _plain(name: str) -> str:
    """Normalise case, hyphens, spaces and a plural s."""
    words = name.casefold().replace("-", "_").replace(" ", "_")
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words
