"""What a config asks for, as cumulative distribution functions: the other side of the quantile
functions in `simgen.distributions`, by which everything is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.special import ndtr

from simgen.distributions import (
    Bounds,
    Constant,
    Distribution,
    Evenly,
    Linear,
    LogUniform,
    Lookup,
    Mixture,
    Normal,
    Uniform,
    When,
    WholeUniform,
    matching,
)

_TAILS = 4.0
"""Standard deviations after which little of a normal distribution is left."""


def below(how: Distribution, x: float, lookup: Lookup) -> float:
    """The probability of at most `x`, 0..1. lookup: other factors of the scene.

    Raises `ValueError` where another factor is of the wrong kind, as drawing does.
    """
    if isinstance(how, Constant):
        return float(x >= how.value)
    if isinstance(how, Uniform):
        return _part(x, how.low, how.high)
    if isinstance(how, WholeUniform):
        return _clipped((math.floor(x) - how.low + 1) / (how.high - how.low + 1))
    if isinstance(how, LogUniform):
        return _part(math.log(x), math.log(how.low), math.log(how.high)) if x > 0 else 0.0
    if isinstance(how, Normal):
        return _normal(how, x)
    if isinstance(how, Mixture):
        parts = zip(how.parts, how.weights, strict=True)
        return sum(w * below(part, x, lookup) for part, w in parts) / sum(how.weights)
    if isinstance(how, Evenly):
        return below(how.of, x, lookup)
    if isinstance(how, Linear):
        return _linear(how, x, lookup)
    if isinstance(how, When):
        return below(matching(how, lookup), x, lookup)
    raise ValueError(f"unknown distribution {type(how).__name__}")


def reach(how: Distribution, of_key: Callable[[str], tuple[float, float]]) -> tuple[float, float]:
    """Between which numbers all but a little of the draws lies. of_key: the same of another
    factor."""
    if isinstance(how, Evenly):
        return reach(how.of, of_key)
    if isinstance(how, Normal):
        spread = _TAILS * how.std
        return max(how.low, how.mean - spread), min(how.high, how.mean + spread)
    if isinstance(how, Mixture):
        return _union([reach(part, of_key) for part in how.parts])
    if isinstance(how, When):
        return _union([reach(of, of_key) for _, of in how.cases])
    if isinstance(how, Linear):
        ends = [how.slope * end + how.intercept for end in of_key(how.key)]
        low, high = reach(how.noise, of_key)
        return min(ends) + low, max(ends) + high
    return how.support()


def within(x: float, bounds: Bounds) -> tuple[bool, bool]:
    """Whether `x` has reached the lower and the upper bound."""
    low, high = bounds
    return low is not None and x <= low, high is not None and x >= high


def _linear(how: Linear, x: float, lookup: Lookup) -> float:
    value = lookup(how.key)
    if not isinstance(value, float):
        raise ValueError(f"{how.key} is {value!r}, expected a number to reckon with")
    return below(how.noise, x - how.slope * value - how.intercept, lookup)


def _normal(how: Normal, x: float) -> float:
    low, at, high = (
        float(ndtr((end - how.mean) / how.std))
        for end in (how.low, min(max(x, how.low), how.high), how.high)
    )
    return 0.0 if x < how.low else _clipped((at - low) / (high - low))


def _part(x: float, low: float, high: float) -> float:
    return _clipped((x - low) / (high - low)) if high > low else float(x >= low)


def _clipped(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def _union(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return min(low for low, _ in pairs), max(high for _, high in pairs)
