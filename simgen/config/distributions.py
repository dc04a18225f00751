"""The distributions of factors: how each is sampled, and the probabilities of its values.

`simgen.config.parse` creates them from config values. All are sampled by inversion, from one number
in [0, 1), so that `Evenly` can use a low-discrepancy sequence in place of random numbers.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from simgen.config.weights import split

Value = float | str
"""The value of a factor in a scene."""
Lookup = Callable[[str], Value]
"""Returns the value of another factor, given its config key."""
Interval = tuple[float, float]
"""(low, high), both ends included; low is above high if the interval is unknown."""

UNKNOWN: Interval = (math.inf, -math.inf)
_TAILS = 4.0
"""Standard deviations around the mean that contain nearly all of a normal distribution."""


class Distribution(ABC):
    """The distribution of a number."""

    @abstractmethod
    def quantile(self, u: float, lookup: Lookup) -> float:
        """Return the quantile of `u` in [0, 1).

        Raises `ValueError` if another factor is of the wrong kind, or matches no case.
        """

    @abstractmethod
    def cdf(self, x: float, lookup: Lookup) -> float:
        """Return the probability of values of at most `x`, 0..1. Raises like `quantile`."""

    @abstractmethod
    def support(self) -> Interval:
        """Return the lowest and highest value; `UNKNOWN` if they depend on other factors."""

    def interval(self, of_key: Callable[[str], Interval]) -> Interval:
        """Return an interval that contains nearly all samples.

        of_key: returns the interval of another factor.
        """
        return self.support()

    @property
    def parts(self) -> tuple[Distribution, ...]:
        """The components of this distribution."""
        return ()

    @property
    def even(self) -> bool:
        """Whether `u` should come from a low-discrepancy sequence over the scenes."""
        return isinstance(self, Evenly)

    def walk(self) -> Iterator[Distribution]:
        """Yield this distribution and all its components, recursively."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def needs(self) -> list[str]:
        """Return the config keys of all other factors that the distribution depends on."""
        return [part.key for part in self.walk() if isinstance(part, Linear | When)]


@dataclass(frozen=True)
class Constant(Distribution):
    value: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self.value

    def cdf(self, x: float, lookup: Lookup) -> float:
        return float(x >= self.value)

    def support(self) -> Interval:
        return self.value, self.value


@dataclass(frozen=True)
class Uniform(Distribution):
    low: float
    high: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self.low + u * (self.high - self.low)

    def cdf(self, x: float, lookup: Lookup) -> float:
        return _share_below(x, self.low, self.high)

    def support(self) -> Interval:
        return float(self.low), float(self.high)


@dataclass(frozen=True)
class WholeUniform(Uniform):
    """Whole numbers, both ends included."""

    low: int
    high: int

    def quantile(self, u: float, lookup: Lookup) -> float:
        return float(min(self.low + math.floor(u * (self.high - self.low + 1)), self.high))

    def cdf(self, x: float, lookup: Lookup) -> float:
        return _clipped((math.floor(x) - self.low + 1) / (self.high - self.low + 1))


@dataclass(frozen=True)
class LogUniform(Uniform):
    """Uniform in the logarithm."""

    def quantile(self, u: float, lookup: Lookup) -> float:
        return math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))

    def cdf(self, x: float, lookup: Lookup) -> float:
        if x <= 0:
            return 0.0
        return _share_below(math.log(x), math.log(self.low), math.log(self.high))


@dataclass(frozen=True)
class Normal(Distribution):
    """Truncated to `low..high`, either of which may be infinite."""

    mean: float
    std: float
    low: float
    high: float

    def quantile(self, u: float, lookup: Lookup) -> float:
        from scipy.special import ndtri  # slow to import

        below, above = self._normal_cdf(self.low), self._normal_cdf(self.high)
        drawn = self.mean + self.std * float(ndtri(below + u * (above - below)))
        return min(max(drawn, self.low), self.high)

    def cdf(self, x: float, lookup: Lookup) -> float:
        if x < self.low:
            return 0.0
        below, above = self._normal_cdf(self.low), self._normal_cdf(self.high)
        return _clipped((self._normal_cdf(min(x, self.high)) - below) / (above - below))

    def support(self) -> Interval:
        return self.low, self.high

    def interval(self, of_key: Callable[[str], Interval]) -> Interval:
        spread = _TAILS * self.std
        return max(self.low, self.mean - spread), min(self.high, self.mean + spread)

    def _normal_cdf(self, x: float) -> float:
        """Return the cumulative probability before truncation."""
        from scipy.special import ndtr  # slow to import

        return float(ndtr((x - self.mean) / self.std))


class _OneOf(Distribution):
    """A distribution that samples from one of its components."""

    def support(self) -> Interval:
        return _union(part.support() for part in self.parts)

    def interval(self, of_key: Callable[[str], Interval]) -> Interval:
        return _union(part.interval(of_key) for part in self.parts)


@dataclass(frozen=True)
class Mixture(_OneOf):
    """One of `components`, by weight; the remainder of `u` samples from it."""

    components: tuple[Distribution, ...]
    weights: tuple[float, ...]

    def quantile(self, u: float, lookup: Lookup) -> float:
        number, rest = split(u, self.weights)
        return self.components[number].quantile(rest, lookup)

    def cdf(self, x: float, lookup: Lookup) -> float:
        pairs = zip(self.components, self.weights, strict=True)
        return sum(weight * part.cdf(x, lookup) for part, weight in pairs) / sum(self.weights)

    @property
    def parts(self) -> tuple[Distribution, ...]:
        return self.components


@dataclass(frozen=True)
class Evenly(_OneOf):
    """`of`, spread evenly over the scenes of a dataset."""

    of: Distribution

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self.of.quantile(u, lookup)

    def cdf(self, x: float, lookup: Lookup) -> float:
        return self.of.cdf(x, lookup)

    @property
    def parts(self) -> tuple[Distribution, ...]:
        return (self.of,)


@dataclass(frozen=True)
class Linear(Distribution):
    """slope * KEY + intercept + a sample of `noise`."""

    key: str
    slope: float
    intercept: float
    noise: Distribution

    def quantile(self, u: float, lookup: Lookup) -> float:
        line = self.slope * self._value(lookup) + self.intercept
        return line + self.noise.quantile(u, lookup)

    def cdf(self, x: float, lookup: Lookup) -> float:
        return self.noise.cdf(x - self.slope * self._value(lookup) - self.intercept, lookup)

    def support(self) -> Interval:
        return UNKNOWN

    def interval(self, of_key: Callable[[str], Interval]) -> Interval:
        ends = [self.slope * end + self.intercept for end in of_key(self.key)]
        low, high = self.noise.interval(of_key)
        return min(ends) + low, max(ends) + high

    @property
    def parts(self) -> tuple[Distribution, ...]:
        return (self.noise,)

    def _value(self, lookup: Lookup) -> float:
        value = lookup(self.key)
        if not isinstance(value, float):
            raise ValueError(f"{self.key} is {value!r}, expected a number to calculate with")
        return value


Match = str | Interval | None
"""The condition of a case of `When`: a name or an interval; None matches everything."""


@dataclass(frozen=True)
class When(_OneOf):
    """The distribution of the first of `cases` that the factor `key` matches."""

    key: str
    cases: tuple[tuple[Match, Distribution], ...]

    def quantile(self, u: float, lookup: Lookup) -> float:
        return self._case(lookup).quantile(u, lookup)

    def cdf(self, x: float, lookup: Lookup) -> float:
        return self._case(lookup).cdf(x, lookup)

    @property
    def parts(self) -> tuple[Distribution, ...]:
        return tuple(of for _, of in self.cases)

    def _case(self, lookup: Lookup) -> Distribution:
        value = lookup(self.key)
        for match, of in self.cases:
            if _matches(match, value):
                return of
        raise ValueError(f"{self.key} is {value!r}, which matches no case; add one, or an else")


def _matches(match: Match, value: Value) -> bool:
    if match is None or isinstance(match, str):
        return match is None or match == value
    return isinstance(value, float) and match[0] <= value <= match[1]


def _share_below(x: float, low: float, high: float) -> float:
    """Return the fraction of a uniform distribution below `x`."""
    return _clipped((x - low) / (high - low)) if high > low else float(x >= low)


def _clipped(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _union(intervals: Iterable[Interval]) -> Interval:
    pairs = list(intervals)
    return min(low for low, _ in pairs), max(high for _, high in pairs)
