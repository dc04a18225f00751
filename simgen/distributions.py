"""Distributions as they are written in a config, and their quantile functions.

A factor's config value is one of

    3.5                                  always that number
    [a, b]  or  [uniform, a, b]          uniform, both ends included
    [log_uniform, a, b]                  uniform logarithm
    [normal, mean, std]                  normal, cut off where the key's own bounds are
    [normal, mean, std, low, high]       truncated normal
    [choice, v, w, ...]                  one of some numbers, each as likely
    [choice, [v, weight], [w, weight]]   one of some numbers, by weight
    [mixture, [weight, D], ...]          one of some distributions
    [evenly, D]                          D, spread evenly over the scenes of a dataset
    [same, KEY]                          what the factor KEY is in this scene
    [linear, KEY, slope, intercept, D]   slope * KEY + intercept + a draw from D, cut at the bounds
    [when, KEY, [match, D], ..., [else, D]]   D by what KEY is: a name, or a pair [low, high]

Everything is drawn by inversion, from one number in [0, 1): that is what lets `evenly` hand in a
low-discrepancy sequence instead of random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Value = float | str
"""What a factor is in a scene."""
Lookup = Callable[[str], Value]
"""The value of another factor, by its config key."""
Bounds = tuple[float | None, float | None]


class Distribution(Protocol):
    """How a number is drawn."""

    def quantile(self, u: float, lookup: Lookup) -> float:
        """The number that a part `u` in [0, 1) of all draws stays below."""
        ...

    def support(self) -> tuple[float, float]:
        """Lowest and highest number there can be, as far as that is known without other factors;
        (inf, -inf) if nothing is."""
        ...

    def needs(self) -> Iterator[str]:
        """Factors that it depends on."""
        ...


_UNKNOWN = (math.inf, -math.inf)


@dataclass(frozen=True)
class Constant:
    value: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self.value

    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def needs(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Uniform:
    low: float
    high: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self.low + u * (self.high - self.low)

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def needs(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class WholeUniform:
    """Whole numbers, both ends included."""

    low: int
    high: int

    def quantile(self, u: float, lookup: Lookup) -> float:
        return float(min(self.low + math.floor(u * (self.high - self.low + 1)), self.high))

    def support(self) -> tuple[float, float]:
        return float(self.low), float(self.high)

    def needs(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class LogUniform:
    low: float
    high: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        return math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def needs(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Normal:
    """Truncated to `low..high`, either of which may be infinite."""

    mean: float
    std: float
    low: float
    high: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        from scipy.special import ndtri

        below, above = (_below((end - self.mean) / self.std) for end in (self.low, self.high))
        drawn = self.mean + self.std * float(ndtri(below + u * (above - below)))
        return min(max(drawn, self.low), self.high)

    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def needs(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Mixture:
    """One of `parts`, by weight. What is left of `u` draws from it."""

    parts: tuple[Distribution, ...]
    weights: tuple[float, ...]

    def quantile(self, u: float, lookup: Lookup) -> float:
        number, rest = split(u, self.weights)
        return self.parts[number].quantile(rest, lookup)

    def support(self) -> tuple[float, float]:
        return _union(part.support() for part in self.parts)

    def needs(self) -> Iterator[str]:
        return (key for part in self.parts for key in part.needs())


@dataclass(frozen=True)
class Evenly:
    """Marks that `u` is to come from a low-discrepancy sequence over the scenes."""

    of: Distribution

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self.of.quantile(u, lookup)

    def support(self) -> tuple[float, float]:
        return self.of.support()

    def needs(self) -> Iterator[str]:
        return self.of.needs()


@dataclass(frozen=True)
class Linear:
    """slope * KEY + intercept + a draw from `noise`."""

    key: str
    slope: float
    intercept: float
    noise: Distribution

    def quantile(self, u: float, lookup: Lookup) -> float:
        value = lookup(self.key)
        if not isinstance(value, float):
            raise ValueError(f"{self.key} is {value!r}, expected a number to reckon with")
        return self.slope * value + self.intercept + self.noise.quantile(u, lookup)

    def support(self) -> tuple[float, float]:
        return _UNKNOWN

    def needs(self) -> Iterator[str]:
        yield self.key
        yield from self.noise.needs()


@dataclass(frozen=True)
class When:
    """The first of `cases` that KEY matches: a name, or `(low, high)`; None matches everything."""

    key: str
    cases: tuple[tuple[str | tuple[float, float] | None, Distribution], ...]

    def quantile(self, u: float, lookup: Lookup) -> float:
        return matching(self, lookup).quantile(u, lookup)

    def support(self) -> tuple[float, float]:
        return _union(of.support() for _, of in self.cases)

    def needs(self) -> Iterator[str]:
        yield self.key
        yield from (key for _, of in self.cases for key in of.needs())


def matching(when: When, lookup: Lookup) -> Distribution:
    """The distribution that holds in a scene. Raises `ValueError` where there is none."""
    value = lookup(when.key)
    for match, of in when.cases:
        if _matches(match, value):
            return of
    raise ValueError(f"{when.key} is {value!r}, for which there is no case and no else")


def parse(written: Any, bounds: Bounds = (None, None), whole: bool = False) -> Distribution:
    """The distribution that a config value describes.

    bounds: what the key allows; draws never leave them. whole: `[a, b]` are whole numbers.
    Raises `ValueError`, without the key's name, for what describes none or leaves the bounds.
    """
    found = _parse(written, bounds, whole)
    low, high = found.support()
    if not low > high and not (_inside(low, bounds) and _inside(high, bounds)):
        raise ValueError(f"expected both ends {describe(bounds)}")
    return found


def split(u: float, weights: Sequence[float]) -> tuple[int, float]:
    """Which of some weighted things `u` in [0, 1) means, and where in its part it lies, [0, 1)."""
    at = u * sum(weights)
    for number, weight in enumerate(weights):
        if at < weight:
            return number, at / weight
        at -= weight
    last = max(number for number, weight in enumerate(weights) if weight > 0)
    return last, math.nextafter(1.0, 0.0)


def weighted(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Names and weights of a list such as `[hdri:3, sky]`; a weight that is not given is 1.

    Raises `ValueError` for weights that are no numbers, negative or all 0, and for a name twice.
    """
    parts = [name.rpartition(":") if ":" in name else (name, "", "1") for name in names]
    found = tuple(name for name, _, _ in parts)
    try:
        weights = tuple(float(weight) for _, _, weight in parts)
    except ValueError:
        raise ValueError("expected names or name:weight, such as [mug:3,bowl]") from None
    if any(not 0 <= weight < math.inf for weight in weights) or not sum(weights) > 0:
        raise ValueError("expected weights of at least 0, and one above 0")
    if len(set(found)) < len(found):
        raise ValueError("a name is there twice")
    return found, weights


def describe(bounds: Bounds) -> str:
    low, high = bounds
    if high is None:
        return "" if low is None else f"of at least {low:g}"
    return f"from {low:.15g} to {high:.15g}"


def _parse(written: Any, bounds: Bounds, whole: bool) -> Distribution:
    if _is_number(written):
        if whole and float(written) % 1:
            raise ValueError("expected a whole number")
        return Constant(float(written))
    if not isinstance(written, (list, tuple)) or not written:
        raise ValueError("expected a number, a pair [min,max] or one such as [normal,2,1]")
    if all(_is_number(item) for item in written):
        if len(written) != 2:
            raise ValueError(f"expected a pair [min,max], found {len(written)} numbers")
        return _uniform(written, whole)
    name, *rest = written
    if not isinstance(name, str) or name not in _PARSERS:
        raise ValueError(f"unknown distribution {name!r}; expected one of {', '.join(_PARSERS)}")
    return _PARSERS[name](rest, bounds, whole)


def _uniform(rest: Sequence[Any], whole: bool) -> Distribution:
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


def _below(deviations: float) -> float:
    """The part of a normal distribution that lies below its mean plus so many deviations."""
    from scipy.special import ndtr  # takes a while to load

    return float(ndtr(deviations))


def _share(low: float, high: float) -> float:
    """The part of a normal distribution between two numbers of deviations, to 15 digits: enough to
    tell whether there is any, and every run checks its config."""
    return (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2


def _normal(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    if len(rest) == 2:
        low, high = bounds
        rest = [*rest, -math.inf if low is None else low, math.inf if high is None else high]
    mean, std, low, high = _numbers(rest, 4, "[normal,mean,std] or [normal,mean,std,min,max]")
    if not std > 0 or not low <= high:
        raise ValueError("expected [normal,mean,std,min,max] with std above 0 and min <= max")
    if _share((low - mean) / std, (high - mean) / std) <= 1e-9:
        raise ValueError("next to nothing of the normal distribution lies between min and max")
    return Normal(mean, std, low, high)


def _choice(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    pairs = [item if isinstance(item, (list, tuple)) else (item, 1.0) for item in rest]
    if not pairs:
        raise ValueError("expected [choice,value,...] or [choice,[value,weight],...]")
    numbers = [_numbers(pair, 2, "[value,weight]") for pair in pairs]
    values = tuple(_parse(value, bounds, whole) for value, _ in numbers)
    return Mixture(values, _weights([weight for _, weight in numbers]))


def _mixture(rest: Sequence[Any], bounds: Bounds, whole: bool) -> Distribution:
    if not rest or not all(isinstance(item, (list, tuple)) and len(item) == 2 for item in rest):
        raise ValueError("expected [mixture,[weight,distribution],...]")
    weights = [_numbers(item[:1], 1, "a weight")[0] for item in rest]
    return Mixture(tuple(_part(item[1], bounds, whole) for item in rest), _weights(weights))


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
        raise ValueError("what comes after else is never reached; put else last")
    return When(rest[0], tuple(cases))


def _part(written: Any, bounds: Bounds, whole: bool) -> Distribution:
    found = _parse(written, bounds, whole)
    if isinstance(found, Evenly):
        # Of one part of the draws, the scenes of a sequence are no longer even.
        raise ValueError("evenly has to be outermost, as in [evenly,[mixture,...]]")
    return found


def _match(written: Any) -> str | tuple[float, float] | None:
    if isinstance(written, str):
        return None if written == "else" else written
    low, high = _numbers(written, 2, "a name or a pair [low,high] to match")
    return low, high


def _matches(match: str | tuple[float, float] | None, value: Value) -> bool:
    if match is None:
        return True
    if isinstance(match, str):
        return match == value
    return isinstance(value, float) and match[0] <= value <= match[1]


_PARSERS: dict[str, Callable[[Sequence[Any], Bounds, bool], Distribution]] = {
    "uniform": lambda rest, bounds, whole: _uniform(rest, whole),
    "log_uniform": _log_uniform,
    "normal": _normal,
    "choice": _choice,
    "mixture": _mixture,
    "evenly": _evenly,
    "same": _same,
    "linear": _linear,
    "when": _when,
}


def _numbers(written: Any, count: int, what: str) -> list[float]:
    right = isinstance(written, (list, tuple)) and len(written) == count
    if not right or not all(_is_number(item) for item in written):
        raise ValueError(f"expected {what}")
    if any(math.isnan(item) for item in written):
        raise ValueError(f"expected {what}, found nan")
    return [float(item) for item in written]


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)


def _weights(weights: Sequence[float]) -> tuple[float, ...]:
    if any(not 0 <= weight < math.inf for weight in weights) or not sum(weights) > 0:
        raise ValueError("expected weights of at least 0, and one above 0")
    return tuple(weights)


def _inside(value: float, bounds: Bounds) -> bool:
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def _union(supports: Iterator[tuple[float, float]]) -> tuple[float, float]:
    pairs = list(supports)
    return min(low for low, _ in pairs), max(high for _, high in pairs)
