"""Per-pixel labels: instance ids, semantic ids, planar depth."""

from __future__ import annotations

import numpy as np

_NOTHING = 1e9
"""Metres. Cycles writes 1e10 where a ray meets nothing."""


def instance_ids(index: np.ndarray) -> np.ndarray:
    """`H x W` uint16: the instance that the ray through each pixel's centre meets first.

    index: `H x W`, Blender's object index. 0 is stage and background.
    Raises `ValueError` when a value is not a whole number: ids were blended, and so are lost.
    """
    ids = index.astype(np.uint16)
    if not np.array_equal(ids, index):
        raise ValueError("the object index holds values that are no ids")
    return ids


def semantic_ids(instances: np.ndarray, class_ids: dict[int, int]) -> np.ndarray:
    """`H x W` uint16: the class of each pixel's instance; 0 is stage and background.

    class_ids: instance id to class id.
    """
    table = np.zeros(max([0, *class_ids]) + 1, np.uint16)
    for instance, class_id in class_ids.items():
        table[instance] = class_id
    return table[instances]


def planar_depth(depth: np.ndarray) -> np.ndarray:
    """`H x W` float32: distance along the optical axis in metres; infinity where nothing is."""
    return np.where(depth < _NOTHING, depth, np.float32(np.inf)).astype(np.float32)
