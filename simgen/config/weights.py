"""Weights: relative probabilities of alternatives."""

from __future__ import annotations

import math
from collections.abc import Sequence


def split(u: float, weights: Sequence[float]) -> tuple[int, float]:
    """Return the index of the alternative that `u` in [0, 1) selects, and the position of `u`
    within that alternative's interval, [0, 1)."""
    at = u * sum(weights)
    for number, weight in enumerate(weights):
        if at < weight:
            return number, at / weight
        at -= weight
    last = max(number for number, weight in enumerate(weights) if weight > 0)
    return last, math.nextafter(1.0, 0.0)


def weighted(names: Sequence[str]) -> dict[str, float]:
    """Return a mapping from name to weight for a list such as `[hdri:3, sky]`, in its order.

    A missing weight is 1. Raises `ValueError` for weights that are not numbers, negative or all 0,
    and for duplicate names.
    """
    parts = [name.rpartition(":") if ":" in name else (name, "", "1") for name in names]
    try:
        found = {name: float(weight) for name, _, weight in parts}
    except ValueError:
        raise ValueError("expected names or name:weight, such as [mug:3,bowl]") from None
    check_weights([float(weight) for _, _, weight in parts])
    if len(found) < len(parts):
        raise ValueError("duplicate name")
    return found


def check_weights(weights: Sequence[float]) -> None:
    """Raise `ValueError` for weights that are negative, not finite or all 0."""
    if any(not 0 <= weight < math.inf for weight in weights) or not sum(weights) > 0:
        raise ValueError("expected weights of at least 0, with at least one above 0")
