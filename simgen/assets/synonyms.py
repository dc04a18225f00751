"""Which class of a dataset a built-in class is, whatever the dataset calls it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simgen.errors import InputError


def read_synonyms(written: Sequence[str], built_in: Iterable[str]) -> dict[str, str]:
    """`assets.synonyms`: the built-in class of each class of the user's.

    Raises `InputError` for what is not written as `OWN:BUILT_IN`, or names no built-in class.
    """
    known, found = set(built_in), {}
    for text in written:
        own, sign, name = text.rpartition(":")
        if not (own and sign and name):
            raise InputError(f"assets.synonyms: {text!r}: expected OWN:BUILT_IN, as in Stuhl:chair")
        if name not in known:
            raise InputError(f"assets.synonyms: {text!r}: there is no built-in class {name!r}")
        found[own] = name
    return found


def built_in_names(
    classes: Sequence[str], aliases: Mapping[str, Sequence[str]], synonyms: Mapping[str, str]
) -> dict[str, str]:
    """Built-in class -> class of a dataset, for those of the built-in classes that it has.

    classes: of the dataset. aliases: of each built-in class, other names of it. synonyms: the
    user's own, which go first; then the very name comes before a plural, an alias or another
    spelling of it.
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
    """A name without regard to case, hyphens, spaces and a plural's s."""
    words = name.casefold().replace("-", "_").replace(" ", "_")
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words
