"""The factors of one scene: each is sampled once, from its keyed stream, and kept for the spec."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from simgen.config import FACTORS, NAMES, PROBABILITIES, Config, moments_of, value_of
from simgen.config.distributions import Distribution, Value
from simgen.config.keys import Per
from simgen.config.weights import split, weighted
from simgen.errors import InputError
from simgen.spec.rng import Stream, stream


class Draws:
    """The factors of a scene, by config key.

    A factor is looked up by its key, and by an index if a scene has several values of it (the
    number of an object, of a view). The first look-up samples it, later ones return the same value.
    attempt: numbers above 0 change every random number.
    """

    def __init__(self, config: Config, scene: int, attempt: int = 0) -> None:
        self.config = config
        self.scene = scene
        self._distributions: dict[str, Distribution] = {
            key: rule.parse(value)
            for key, rule in FACTORS.items()
            if (value := value_of(config, key)) is not None
        }
        self._weights = {key: weighted(value) for key in NAMES if (value := value_of(config, key))}
        self._key: tuple[int | str, ...] = ("attempt", attempt) if attempt else ()
        self._tries: dict[tuple[str, int], int] = {}
        self._drawn: dict[tuple[str, tuple[int, ...]], Value | tuple[str, ...]] = {}

    @property
    def frame_rate(self) -> float:
        """Frames per second; 0 if the frames are views of the same moment."""
        camera, motion = self.config.camera, self.config.motion
        return 0.0 if camera.path == "views" else float(motion.frame_rate)

    @property
    def moments(self) -> int:
        """Number of poses of the camera or rig."""
        return moments_of(self.config)

    def stream(self, *key: int | str) -> Stream:
        """Return random numbers for everything except factors: shapes, positions, noise."""
        return stream(self.config.seed, self.scene, *self._key, *self._try_of(key), *key)

    def redraw(self, group: str, index: int, number: int | None = None) -> None:
        """Discard the values of one index of a group of keys, such as view 2 of `camera`, so that
        they are sampled again.

        number: the try to switch to, 0 for the first; by default the next one.
        """
        tries = self._tries.pop((group, index), 0) + 1 if number is None else number
        if tries:
            self._tries[group, index] = tries
        for place in [p for p in self._drawn if _is_of(p[0], group) and p[1][:1] == (index,)]:
            del self._drawn[place]

    def _try_of(self, key: Sequence[int | str]) -> tuple[int | str, ...]:
        for (group, index), number in self._tries.items():
            if _is_of(str(key[0]), group) and tuple(key[1:2]) == (index,):
                return ("try", number)
        return ()

    def number(self, key: str, *index: int) -> float:
        """Return the value of a key of `FACTORS` in this scene."""
        place = (key, index)
        if place not in self._drawn:
            self._drawn[place] = self._number(key, index)
        drawn = self._drawn[place]
        assert isinstance(drawn, float)
        return drawn

    def whole(self, key: str, *index: int) -> int:
        """Return the value of a key of `FACTORS` that samples whole numbers."""
        return round(self.number(key, *index))

    def pick(self, key: str, *index: int) -> str:
        """Return one of the names that a key of `NAMES` lists, sampled by weight."""
        place = (key, index)
        if place not in self._drawn:
            weights = self._weights[key]
            number, _ = split(self._chance(key, index), tuple(weights.values()))
            self._drawn[place] = tuple(weights)[number]
        drawn = self._drawn[place]
        assert isinstance(drawn, str)
        return drawn

    def some(self, key: str, count: int, *index: int) -> tuple[str, ...]:
        """Return up to `count` distinct names that a key of `NAMES` lists, in their order.

        They are sampled by weight, without replacement.
        """
        place = (key, index)
        if place not in self._drawn:
            weights = self._weights.get(key, {})
            self._drawn[place] = _some(weights, count, self.stream(key, *index)) if weights else ()
        drawn = self._drawn[place]
        assert isinstance(drawn, tuple)
        return drawn

    def flag(self, key: str, *index: int) -> bool:
        """Return whether the event of a key of `PROBABILITIES` occurs.

        The result is kept as `yes` or `no`; with probability 0 nothing is sampled or kept.
        """
        assert key in PROBABILITIES
        probability = float(value_of(self.config, key))
        if probability <= 0:
            return False
        happens = self._chance(key, index) < probability
        self._drawn[key, index] = _YES if happens else _NO
        return happens

    def weights(self, key: str) -> Mapping[str, float]:
        """Return the names that a key of `NAMES` lists, with their weights."""
        return self._weights.get(key, {})

    def support(self, key: str) -> tuple[float, float]:
        """Return the lowest and highest possible value of a key of `FACTORS`."""
        return self._distributions[key].support()

    def factors(self) -> dict[str, tuple[str | float, ...]]:
        """Return all values sampled so far: key to values, in the order of their indices."""
        found: dict[str, tuple[str | float, ...]] = {}
        for (key, _), drawn in sorted(self._drawn.items()):
            values = drawn if isinstance(drawn, tuple) else (drawn,)
            found[key] = (*found.get(key, ()), *values)
        return found

    def _number(self, key: str, index: tuple[int, ...]) -> float:
        how = self._distributions[key]
        u = self._even_chance(key, index) if how.even else self._chance(key, index)
        try:
            drawn = how.quantile(u, lambda other: self._lookup(other, key, index))
        except ValueError as error:
            raise InputError(f"{key}={value_of(self.config, key)}: {error}") from error
        return FACTORS[key].fit(drawn)

    def _lookup(self, key: str, asking: str, index: tuple[int, ...]) -> Value:
        """Return the value of another factor that the factor `asking` depends on.

        If it belongs to views, objects or lamps, return that of the same index if `asking` has
        such an index, otherwise of the first; else return that of the scene.
        """
        at: tuple[int, ...] = ()
        if per(key) != "scene":
            at = index if index and per(asking) == per(key) else (0,)
        return self.pick(key, *at) if key in NAMES else self.number(key, *at)

    def _chance(self, key: str, index: Sequence[int]) -> float:
        return float(self.stream(key, *index).random())

    def _even_chance(self, key: str, index: Sequence[int]) -> float:
        """Return this scene's point of a sequence that fills [0, 1) evenly.

        Each key and index has a different sequence, so that factors are independent.
        """
        return scrambled_radical_inverse(self.scene, stream_seed(self.config.seed, key, *index))


def per(key: str) -> Per:
    """Return what a key of `FACTORS` or `NAMES` belongs to: a scene, view, object or lamp."""
    return FACTORS[key].per if key in FACTORS else NAMES[key].per


def _is_of(key: str, group: str) -> bool:
    return key == group or key.startswith(f"{group}.")


def stream_seed(seed: int, key: str, *index: int) -> int:
    """Return a seed for scrambling: 63 bits that depend only on the dataset's seed and the key."""
    return int(stream(seed, "evenly", key, *index).integers(2**63))


def scrambled_radical_inverse(number: int, seed: int) -> float:
    """Return point `number` of van der Corput's sequence, shuffled and scrambled by Owen's method.

    Of any 2^k points that begin at a multiple of 2^k, each interval of length 2^-k contains one.
    Without the shuffling, two sequences would visit their intervals in the same order (Burley,
    "Practical Hash-based Owen Scrambling", 2020).
    """
    shuffled = _scrambled(number, seed)
    mirrored = int(f"{shuffled:0{_BITS}b}"[::-1], 2)
    rest = _scrambled(number, seed + 1) / 2**_BITS
    return (_scrambled(mirrored, seed + 2) + rest) / 2**_BITS


_BITS = 32
_YES, _NO = "yes", "no"


def _scrambled(number: int, seed: int) -> int:
    """Flip bits of the number at random, each depending on all bits above it."""
    scrambled = 0
    for bit in reversed(range(_BITS)):
        above = number >> (bit + 1)
        key = f"{seed} {bit} {above}".encode()
        flip = hashlib.blake2b(key, digest_size=1).digest()[0] & 1
        scrambled |= (((number >> bit) & 1) ^ flip) << bit
    return scrambled


def _some(weights: Mapping[str, float], count: int, rng: Stream) -> tuple[str, ...]:
    # Efraimidis and Spirakis: the highest keys u^(1/w) are a weighted sample without replacement.
    pairs = zip(rng.random(len(weights)), weights.values(), strict=True)
    keys = [u ** (1 / weight) if weight > 0 else -1.0 for u, weight in pairs]
    best = set(sorted(range(len(keys)), key=lambda i: -keys[i])[: max(0, count)])
    return tuple(
        name for i, (name, weight) in enumerate(weights.items()) if i in best and weight > 0
    )
