"""What factors that depend on others expect of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simgen.distributions import (
    Distribution,
    Evenly,
    Linear,
    Mixture,
    When,
    weighted,
)


def check_links(
    found: Distribution, names: Mapping[str, list[str]], choices: Mapping[str, Sequence[str]]
) -> None:
    """Raise `ValueError`, without the key's name, for a link that cannot work.

    names: the keys that are names, and which ones the config lists for each, with weights. choices:
    which ones there are at all. Other keys are numbers.
    """
    for link in _links(found):
        if isinstance(link, Linear) and link.key in names:
            raise ValueError(f"{link.key} is a name, expected a key that is a number")
        if isinstance(link, When):
            _check_cases(link, names.get(link.key), choices.get(link.key, ()))


def _check_cases(link: When, written: list[str] | None, choices: Sequence[str]) -> None:
    """written: the names that the config lists for the key; None for a number."""
    matches = [match for match, _ in link.cases if match is not None]
    if written is None:
        for match in matches:
            if isinstance(match, str):
                raise ValueError(f"{link.key} is a number, expected a pair [low,high], not {match}")
        return
    # A name that is not listed here may be in a case, or in another config that shares this one.
    for match in matches:
        if match not in choices:
            expected = ", ".join((*choices, "else"))
            raise ValueError(f"{link.key} is never {_shown(match)}; expected some of {expected}")
    known, weights = weighted(written) if written else ((), ())
    possible = [name for name, weight in zip(known, weights, strict=True) if weight > 0]
    open_ones = [name for name in possible if name not in matches]
    if open_ones and len(matches) == len(link.cases):
        raise ValueError(f"no case for {link.key}={open_ones[0]} and no else")


def _shown(match: str | tuple[float, float]) -> str:
    return match if isinstance(match, str) else f"[{match[0]:g},{match[1]:g}]"


def _links(found: Distribution) -> Iterator[Linear | When]:
    """All parts of a distribution that depend on another factor."""
    parts: tuple[Distribution, ...] = ()
    if isinstance(found, Linear | When):
        yield found
    if isinstance(found, Mixture):
        parts = found.parts
    elif isinstance(found, Evenly):
        parts = (found.of,)
    elif isinstance(found, Linear):
        parts = (found.noise,)
    elif isinstance(found, When):
        parts = tuple(of for _, of in found.cases)
    for part in parts:
        yield from _links(part)
