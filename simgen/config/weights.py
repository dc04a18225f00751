"""Weights: how likely one of several things is."""

from __future__ import annotations

import math
from collections.abc import Sequence


def split(u: float, weights: Sequence[float]) -> tuple[int, float]:
    """Which of some weighted things `u` in [0, 1) means, and where in its part it lies, [0, 1)."""
    at = u * sum(weights)
    for number, weight in enumerate(weights):
        if at < weight:
            return number, at / weight
        at -= weight
    last = max(number for number, weight in enumerate(weights) if weight > 0)
    return last, math.nextafter(1.0, 0.0)


def weighted(names: Sequence[str]) -> dict[str, float]:
    """Name to weight, in their order, of a list such as `[hdri:3, sky]`; a weight that is not given
    is 1.

    Raises `ValueError` for weights that are no numbers, negative or all 0, and for a name twice.
    """
    parts = [name.rpartition(":") if ":" in name else (name, "", "1") for name in names]
    try:
        found = {name: float(weight) for name, _, weight in parts}
    except ValueError:
        raise ValueError("expected names or name:weight, such as [mug:3,bowl]") from None
    check_weights([float(weight) for _, _, weight in parts])
    if len(found) < len(parts):
        raise ValueError("a name is given twice")
    return found


def check_weights(weights: Sequence[float]) -> None:
    """Raise `ValueError` for weights that are negative, not finite or all 0."""
    if any(not 0 <= weight < math.inf for weight in weights) or not sum(weights) > 0:
        raise ValueError("expected weights of at least 0, and one above 0")
