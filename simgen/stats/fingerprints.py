"""Finds near duplicates: pairs of images whose fingerprints differ in few bits.

Two 64-bit numbers that differ in at most k bits agree in at least one of k + 1 blocks, so only
numbers that share a block are compared (multi-index hashing: Norouzi, Punjani and Fleet, Fast
search in Hamming space, 2012). This is far from quadratic unless very many images are similar, a
case in which the search stops early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAR = 3
"""Maximum number of differing bits."""
_MOST_PAIRS = 100_000
_MOST_COMPARED = 50_000_000


@dataclass(frozen=True)
class Duplicates:
    """Pairs of near duplicates.

    pairs: `P x 2` indices, the lower first, sorted. bits: `P`, number of differing bits. complete:
    False if the search stopped at its limits.
    """

    pairs: np.ndarray
    bits: np.ndarray
    complete: bool


def near_duplicates(fingerprints: np.ndarray, near: int = NEAR) -> Duplicates:
    """Find all pairs that differ in at most `near` bits. fingerprints: `N` uint64."""
    blocks = near + 1
    width = -(-64 // blocks)
    mask = np.uint64(2**width - 1)
    found, count, compared = [np.zeros((0, 2), np.int64)], 0, 0
    complete = True
    for number in range(blocks):
        keys = (fingerprints >> np.uint64(number * width)) & mask
        order = np.argsort(keys, kind="stable")
        ranked = keys[order]
        # Compare neighbours in the sorted order, then second neighbours, while blocks are equal.
        for gap in range(1, len(order)):
            (same,) = np.nonzero(ranked[gap:] == ranked[:-gap])
            if not len(same):
                break
            compared += len(same)
            first, second = order[same], order[same + gap]
            alike = np.bitwise_count(fingerprints[first] ^ fingerprints[second]) <= near
            found.append(np.sort(np.stack([first[alike], second[alike]], axis=1), axis=1))
            count += int(alike.sum())
            if count > _MOST_PAIRS * blocks or compared > _MOST_COMPARED:
                complete = False
                break
    pairs = np.unique(np.concatenate(found), axis=0)
    complete = complete and len(pairs) <= _MOST_PAIRS
    pairs = pairs[:_MOST_PAIRS]
    bits = np.bitwise_count(fingerprints[pairs[:, 0]] ^ fingerprints[pairs[:, 1]])
    return Duplicates(pairs, bits.astype(np.int64), complete)
