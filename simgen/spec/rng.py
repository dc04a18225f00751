"""Keyed random streams: every sample comes from a stream named by (seed, scene, factor, ...).

A stream depends on its key only, never on what was sampled elsewhere or before. So adding a factor,
skipping a scene, resuming a run or changing the number of workers changes no other sample.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

Stream = np.random.Generator
"""What randomizers sample from. PCG64, whose output numpy keeps stable across versions."""


def stream(seed: int, *key: int | str) -> Stream:
    """Return the random stream of a key, e.g. `stream(seed, scene_index, "camera", frame)`.

    seed: the dataset's seed, any integer. key: integers and strings. Their types matter: `1` and
    `"1"` are different keys.
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in (seed, *key))
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def uniform(rng: Stream, limits: Sequence[float]) -> float:
    """Sample uniformly from `[low, high]`."""
    low, high = limits
    return float(rng.uniform(low, high))


def log_uniform(rng: Stream, limits: Sequence[float]) -> float:
    """Sample log-uniformly; uniformly if the limits start at zero."""
    low, high = limits
    if low <= 0.0:
        return uniform(rng, limits)
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
