"""Parsing of a factor's config value into a distribution.

A factor's config value is one of

    3.5                                  always this number
    [a, b]  or  [uniform, a, b]          uniform, both ends included
    [log_uniform, a, b]                  uniform logarithm
    [normal, mean, std]                  normal, truncated to the key's own bounds
    [normal, mean, std, low, high]       truncated normal
    [choice, v, w, ...]                  one of these numbers, equally likely
    [choice, [v, weight], [w, weight]]   one of these numbers, by weight
    [mixture, [weight, D], ...]          one of these distributions, by weight
    [evenly, D]                          D, spread evenly over the scenes of a dataset
    [same, KEY]                          the value of the factor KEY
    [linear, KEY, slope, intercept, D]   slope * KEY + intercept + a sample of D, clipped
    [when, KEY, [match, D], ..., [else, D]]   the D whose match, a name or a pair, fits KEY
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from simgen.config.distributions import (
    Constant,
    Distribution,
    Evenly,
    Linear,
    LogUniform,
    Match,
    Mixture,
    Normal,
    Uniform,
    When,
    WholeUniform,
)
from simgen.config.weights import check_weights

Bounds = tuple[float | None, float | None]
"""(lowest, highest), both allowed. None means no bound."""


def parse(written: Any, bounds: Bounds = (None, None), whole: bool = False) -> Distribution:
    """Return the distribution that a config value describes.

    bounds: the limits of the key; samples never exceed them. whole: `[a, b]` are whole numbers.
    Raises `ValueError`, without the key's name, for an invalid value or one outside the bounds.
    """
    found = _parse(written, bounds, whole)
    low, high = found.support()
    if not low > high and not (within(low, bounds) and within(high, bounds)):
        raise ValueError(f"expected both ends {describe(bounds)}")
    return found


def describe(bounds: Bounds) -> str:
    """Describe the bounds, as in "from 1 to 3"; empty without a lower and an upper bound."""
    low, high = bounds
    if high is None:
        return "" if low is None else f"of at least {low:g}"
    return f"from {low:.15g} to {high:.15g}"


def within(value: float, bounds: Bounds) -> bool:
    """Return whether a number is within the bounds; NaN never is if there is a bound."""
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def _parse(written: Any, bounds: Bounds, whole: bool) -> Distribution:
    if _is_number(written):
        if whole and float(written) % 1:
            raise ValueError("expected a whole number")
        return Constant(float(written))
    if not isinstance(written, (list, tuple)) or not written:
        raise ValueError(
            "expected a number, a pair [min,max] or a distribution such as [normal,2,1]"
        )
    if all(_is_number(item) for item in written):
        if len(written) != 2:
            raise ValueError(f"expected a pair [min,max], found {len(written)} numbers")
        return _uniform(written, bounds, whole)
    name, *rest = written
    if not isinstance(name, str) or name not in _PARSERS:
        raise ValueError(f"unknown distribution {name!r}; expected one of {', '.join(_PARSERS)}")
    return _PARSERS[name](rest, bounds, whole)


def _uniform(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    low, high = _numbers(rest, 2, "[uniform,min,max]")
    if low > high:
        raise ValueError("min is greater than max; expected [min,max]")
    if not math.isfinite(high - low):
        raise ValueError("expected finite numbers")
    if not whole:
        return Uniform(low, high)
    if low != int(low) or high != int(high):
        raise ValueError("expected whole numbers")
    return WholeUniform(int(low), int(high))


def _log_uniform(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    low, high = _numbers(rest, 2, "[log_uniform,min,max]")
    if not 0 < low <= high:
        raise ValueError("expected [log_uniform,min,max] with 0 < min <= max")
    return LogUniform(low, high)


def _normal(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    if len(rest) == 2:
        low, high = bounds
        rest = [*rest, -math.inf if low is None else low, math.inf if high is None else high]
    mean, std, low, high = _numbers(rest, 4, "[normal,mean,std] or [normal,mean,std,min,max]")
    if not std > 0 or not low <= high:
        raise ValueError("expected [normal,mean,std,min,max] with std above 0 and min <= max")
    if _normal_share((low - mean) / std, (high - mean) / std) <= 1e-9:
        raise ValueError("almost none of the normal distribution is between min and max")
    return Normal(mean, std, low, high)


def _normal_share(low: float, high: float) -> float:
    """Return the fraction of a normal distribution between two limits in standard deviations.

    It is accurate to 15 digits, enough to tell whether it is 0, and avoids importing scipy at
    start-up.
    """
    return (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2


def _choice(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    pairs = [item if isinstance(item, (list, tuple)) else (item, 1.0) for item in rest]
    if not pairs:
        raise ValueError("expected [choice,value,...] or [choice,[value,weight],...]")
    numbers = [_numbers(pair, 2, "[value,weight]") for pair in pairs]
    values = [_parse(value, bounds, whole) for value, _ in numbers]
    return _weighted_mixture(values, [weight for _, weight in numbers])


def _mixture(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    if not rest or not all(isinstance(item, (list, tuple)) and len(item) == 2 for item in rest):
        raise ValueError("expected [mixture,[weight,distribution],...]")
    weights = [_numbers(item[:1], 1, "a weight")[0] for item in rest]
    return _weighted_mixture([_part(item[1], bounds, whole) for item in rest], weights)


def _weighted_mixture(parts: Sequence[Distribution], weights: Sequence[float]) -> Distribution:
    check_weights(weights)
    return Mixture(tuple(parts), tuple(weights))


def _evenly(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    of = rest[0] if len(rest) == 1 else rest
    return Evenly(_part(of, bounds, whole))


def _same(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    if len(rest) != 1 or not isinstance(rest[0], str):
        raise ValueError("expected [same,KEY]")
    return Linear(rest[0], 1.0, 0.0, Constant(0.0))


def _linear(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    if len(rest) not in (3, 4) or not isinstance(rest[0], str):
        raise ValueError("expected [linear,KEY,slope,intercept,distribution]")
    slope, intercept = _numbers(rest[1:3], 2, "slope and intercept")
    if not math.isfinite(slope) or not math.isfinite(intercept):
        raise ValueError("expected finite numbers")
    noise = _part(rest[3], (None, None), False) if len(rest) == 4 else Constant(0.0)
    return Linear(rest[0], slope, intercept, noise)


def _when(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    what = "expected [when,KEY,[match,distribution],...,[else,distribution]]"
    if len(rest) < 2 or not isinstance(rest[0], str):
        raise ValueError(what)
    cases = []
    for item in rest[1:]:
        if not isinstance(item, (list, tuple)) or len(item) != 2:
            raise ValueError(what)
        cases.append((_match(item[0]), _part(item[1], bounds, whole)))
    if any(match is None for match, _ in cases[:-1]):
        raise ValueError("cases after else are never reached; put else last")
    return When(rest[0], tuple(cases))


def _part(written: Any, bounds: Bounds, whole: bool) -> Distribution:
    found = _parse(written, bounds, whole)
    if found.even:
        # The scenes that use only one component would not be spread evenly.
        raise ValueError("evenly must be outermost, as in [evenly,[mixture,...]]")
    return found


def _match(written: Any) -> Match:
    if isinstance(written, str):
        return None if written == "else" else written
    low, high = _numbers(written, 2, "a name or a pair [low,high] to match")
    return low, high


_PARSERS: dict[str, Callable[[Sequence[Any], Bounds, bool], Distribution]] = {
    "uniform": _uniform,
    "log_uniform": _log_uniform,
    "normal": _normal,
    "choice": _choice,
    "mixture": _mixture,
    "evenly": _evenly,
    "same": _same,
    "linear": _linear,
    "when": _when,
}
DISTRIBUTIONS = tuple(_PARSERS)
"""The names with which a config value may begin."""


def _numbers(written: Any, count: int, what: str) -> list[float]:
    right = isinstance(written, (list, tuple)) and len(written) == count
    if not right or not all(_is_number(item) for item in written):
        raise ValueError(f"expected {what}")
    if any(math.isnan(item) for item in written):
        raise ValueError(f"expected {what}, found nan")
    return [float(item) for item in written]


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)
