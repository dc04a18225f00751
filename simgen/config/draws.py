"""All factors of one scene: each drawn once, through its keyed stream, and kept for the spec."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from simgen.config import FACTORS, NAMES, PROBABILITIES, Config, value_of
from simgen.config.distributions import Distribution, Value
from simgen.config.keys import Per
from simgen.config.weights import split, weighted
from simgen.errors import InputError
from simgen.spec.rng import Stream, stream


class Draws:
    """The factors of a scene, by config key.

    A factor is asked for by its key, and by indices where a scene has several of it (the number of
    an object, of a view). However often it is asked for, it is drawn once. attempt: above 0, every
    random number is another one.
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
        """Frames a second; 0 when the frames are views of one and the same moment."""
        camera, motion = self.config.camera, self.config.motion
        return 0.0 if camera.path == "views" else float(motion.frame_rate)

    def stream(self, *key: int | str) -> Stream:
        """Random numbers for everything but factors: shapes, positions, noise."""
        return stream(self.config.seed, self.scene, *self._key, *self._try_of(key), *key)

    def redraw(self, group: str, index: int, number: int | None = None) -> None:
        """Forget what was drawn for one index of a group of keys, such as view 2 of `camera`: next
        time it is something else. number: of the try to go to, 0 for the first; the next one when
        not given."""
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
        """What a key of `FACTORS` is in this scene."""
        place = (key, index)
        if place not in self._drawn:
            self._drawn[place] = self._number(key, index)
        drawn = self._drawn[place]
        assert isinstance(drawn, float)
        return drawn

    def whole(self, key: str, *index: int) -> int:
        """`number` of a key whose numbers are whole."""
        return round(self.number(key, *index))

    def pick(self, key: str, *index: int) -> str:
        """One of the names that a key of `NAMES` lists, by their weights."""
        place = (key, index)
        if place not in self._drawn:
            weights = self._weights[key]
            number, _ = split(self._chance(key, index), tuple(weights.values()))
            self._drawn[place] = tuple(weights)[number]
        drawn = self._drawn[place]
        assert isinstance(drawn, str)
        return drawn

    def some(self, key: str, count: int, *index: int) -> tuple[str, ...]:
        """At most `count` of the names that a key of `NAMES` lists, none twice, in their order.
        Heavier ones are likelier to be among them."""
        place = (key, index)
        if place not in self._drawn:
            weights = self._weights.get(key, {})
            self._drawn[place] = _some(weights, count, self.stream(key, *index)) if weights else ()
        drawn = self._drawn[place]
        assert isinstance(drawn, tuple)
        return drawn

    def flag(self, key: str, *index: int) -> bool:
        """Whether something happens that has the probability of a key of `PROBABILITIES`. Kept as
        `yes` or `no`; where it cannot happen, nothing is drawn."""
        assert key in PROBABILITIES
        probability = float(value_of(self.config, key))
        if probability <= 0:
            return False
        happens = self._chance(key, index) < probability
        self._drawn[key, index] = _YES if happens else _NO
        return happens

    def weights(self, key: str) -> Mapping[str, float]:
        """The names that a key of `NAMES` lists, and their weights."""
        return self._weights.get(key, {})

    def support(self, key: str) -> tuple[float, float]:
        """Lowest and highest number that a key of `FACTORS` can be."""
        return self._distributions[key].support()

    def factors(self) -> dict[str, tuple[str | float, ...]]:
        """All that was drawn so far: key to values, in the order of their indices."""
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
        """Another factor: that of the same view, object or lamp where the asking factor has such
        an index, of the first one where it has none, else that of the whole scene."""
        at: tuple[int, ...] = ()
        if per(key) != "scene":
            at = index if index and per(asking) == per(key) else (0,)
        return self.pick(key, *at) if key in NAMES else self.number(key, *at)

    def _chance(self, key: str, index: Sequence[int]) -> float:
        return float(self.stream(key, *index).random())

    def _even_chance(self, key: str, index: Sequence[int]) -> float:
        """The next point of a sequence that fills [0, 1) evenly, scene by scene.

        The sequence is another one for each key and index, so that two factors are independent of
        each other.
        """
        return scrambled_radical_inverse(self.scene, stream_seed(self.config.seed, key, *index))


def per(key: str) -> Per:
    """What a key of `FACTORS` or `NAMES` is drawn for: the scene, or each view, object or lamp."""
    return FACTORS[key].per if key in FACTORS else NAMES[key].per


def _is_of(key: str, group: str) -> bool:
    return key == group or key.startswith(f"{group}.")


def stream_seed(seed: int, key: str, *index: int) -> int:
    """Seed of a scrambling: 63 bits that depend on the dataset's seed and the factor alone."""
    return int(stream(seed, "evenly", key, *index).integers(2**63))


def scrambled_radical_inverse(number: int, seed: int) -> float:
    """Point `number` of van der Corput's sequence, shuffled and scrambled by Owen's method.

    Of any 2^k points that begin at a multiple of 2^k, each interval of length 2^-k has one. Without
    the shuffling, two sequences would go through their intervals in the same order (Burley,
    "Practical Hash-based Owen Scrambling", 2020).
    """
    shuffled = _scrambled(number, seed)
    mirrored = int(f"{shuffled:0{_BITS}b}"[::-1], 2)
    rest = _scrambled(number, seed + 1) / 2**_BITS
    return (_scrambled(mirrored, seed + 2) + rest) / 2**_BITS


_BITS = 32
_YES, _NO = "yes", "no"


def _scrambled(number: int, seed: int) -> int:
    """Each of the number's bits is flipped or not, by chance that depends on all bits above it."""
    scrambled = 0
    for bit in reversed(range(_BITS)):
        above = number >> (bit + 1)
        key = f"{seed} {bit} {above}".encode()
        flip = hashlib.blake2b(key, digest_size=1).digest()[0] & 1
        scrambled |= (((number >> bit) & 1) ^ flip) << bit
    return scrambled


def _some(weights: Mapping[str, float], count: int, rng: Stream) -> tuple[str, ...]:
    # Efraimidis and Spirakis: the highest keys u^(1/w) are a weighted draw without replacement.
    pairs = zip(rng.random(len(weights)), weights.values(), strict=True)
    keys = [u ** (1 / weight) if weight > 0 else -1.0 for u, weight in pairs]
    best = set(sorted(range(len(keys)), key=lambda i: -keys[i])[: max(0, count)])
    return tuple(
        name for i, (name, weight) in enumerate(weights.items()) if i in best and weight > 0
    )
