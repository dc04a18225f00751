"""Splits photographs into test images and possible training images."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from simgen.errors import InputError


def test_groups(groups: Sequence[str], share: float, seed: int) -> frozenset[str]:
    """Select the groups used for testing: together about a share of the images, chosen at random,
    never none and, for a share below 1, never all of them.

    groups: of each image. Raises `InputError` if there is only one group.
    """
    sizes = Counter(groups)
    if share >= 1.0:
        return frozenset(sizes)
    if len(sizes) < 2:
        raise InputError(
            f"real: its {len(groups)} images are one group, which cannot be split into training "
            "and test images; set data.group_by, or data.train to a separate dataset"
        )
    order = sorted(sizes, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
    chosen: list[str] = []
    for name in order[:-1]:
        reached = sum(sizes[one] for one in chosen)
        if chosen and abs(reached + sizes[name] - share * len(groups)) >= abs(
            reached - share * len(groups)
        ):
            break
        chosen.append(name)
    return frozenset(chosen)
