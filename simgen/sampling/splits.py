"""Assignment of scenes to splits: train, val, test, or other names.

The split depends only on the dataset's seed, the shares and the scene's number. Extending a dataset
therefore moves no scene, and all frames of a scene are in the same split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from simgen.config.draws import scrambled_radical_inverse, stream_seed
from simgen.config.weights import split, weighted


@dataclass(frozen=True)
class Splits:
    """The splits of a dataset and their shares of its scenes.

    case_shares: the share of each rare case.
    """

    seed: int
    names: tuple[str, ...]
    weights: tuple[float, ...]
    case_shares: tuple[float, ...] = ()

    @classmethod
    def read(cls, seed: int, written: Sequence[str], case_shares: Sequence[float] = ()) -> Splits:
        """Read `name:weight` as written in a config. Raises `ValueError`."""
        weights = weighted(written)
        return cls(seed, tuple(weights), tuple(weights.values()), tuple(case_shares))

    def of(self, scene: int) -> str:
        """Return the split of a scene. Each split gets its share, to within a few scenes, of the
        first N scenes for any N, and of each case's scenes."""
        return _split_of(self, scene)


def case_number(seed: int, shares: Sequence[float], scene: int) -> tuple[int | None, float]:
    """Return the index of the rare case that a scene is generated for, if any, and a number in [0,
    1) that is uniform over the scenes of that case, or over those of no case."""
    u = scrambled_radical_inverse(scene, _cases_seed(seed))
    number, rest = split(u, (*shares, max(0.0, 1.0 - sum(shares))))
    return (number if number < len(shares) else None), rest


# Readers look up the split of each frame, and the frames of a scene are adjacent.
@lru_cache(maxsize=256)
def _split_of(splits: Splits, scene: int) -> str:
    _, rest = case_number(splits.seed, splits.case_shares, scene)
    return splits.names[split(rest, splits.weights)[0]]


@lru_cache(maxsize=16)
def _cases_seed(seed: int) -> int:
    return stream_seed(seed, "cases")
