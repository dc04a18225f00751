"""Statistics of a dataset as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simgen.report.counting.counts import Counts
from simgen.report.counting.measures import HUES


@dataclass(frozen=True)
class Pair:
    """Two similar images. bits: number of differing bits of their fingerprints. same_scene: whether
    they are frames of one scene, which are similar by nature."""

    first: str
    second: str
    bits: int
    same_scene: bool


@dataclass(frozen=True)
class NearDuplicates:
    """Near duplicates of a dataset.

    near: maximum number of differing bits. same_scene, other: numbers of pairs. pairs: some of
    them, those of different scenes first. complete: whether all pairs were counted.
    """

    near: int
    same_scene: int
    other: int
    pairs: tuple[Pair, ...]
    complete: bool


@dataclass(kw_only=True)
class Statistics(Counts):
    """Statistics of one dataset.

    name: the last part of its path. kind: `simgen` or `other`. hues: `HUES` shares that add up to
    1. mean_colour: R', G', B', 0..1. left_out: unavailable quantities, each with the reason.
    """

    name: str
    kind: str
    hues: np.ndarray = field(default_factory=lambda: np.zeros(HUES))
    mean_colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    near_duplicates: NearDuplicates | None = None
    left_out: dict[str, str] = field(default_factory=dict)
