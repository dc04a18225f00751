"""The labels of a frame that are pictures, as arrays: ids are the export's."""

from __future__ import annotations

import numpy as np

from simgen.formats.items import Item
from simgen.formats.plan import Plan
from simgen.labels import IGNORE
from simgen.labels.registry import image_files

# The image is a file of its own; panoptic ids mean nothing without a list of segments.
DENSE = frozenset(image_files()) - {"rgb", "panoptic"}
"""Labels that are given as arrays."""


def dense_labels(item: Item, plan: Plan) -> dict[str, np.ndarray]:
    """By the name of the label, as `Sample` has it, without missing ones such as the flow from the
    last frame. `semantic` has the export's class ids, `instances` the `id`s of
    objects; 0 is also what was left out. `semantic` is `IGNORE` on regions to be ignored.
    `rgb_right` is an image."""
    frame = item.frame
    found = {}
    for label in image_files():
        if label in plan.labels & DENSE:
            array = getattr(frame, label)
            if array is not None:
                found[label] = array
    if "instances" in found:
        found["instances"] = _kept(found["instances"], item)
    if "semantic" in found:
        found["semantic"] = _renamed(found["semantic"], item, plan)
        if "instances" in found:
            found["semantic"][found["instances"] == 0] = 0
        for region in item.regions:
            found["semantic"][region.decoded()] = IGNORE
    return found


def _kept(instances: np.ndarray, item: Item) -> np.ndarray:
    """Without the objects that were left out."""
    ids = [entry.instance_id for entry in item.annotations if entry.instance_id is not None]
    return np.where(np.isin(instances, ids), instances, 0).astype(instances.dtype)


def _renamed(semantic: np.ndarray, item: Item, plan: Plan) -> np.ndarray:
    """The ids of classes in the dataset to those in the export; 0 where it is none."""
    table = [0, *(plan.class_id(name) if name else 0 for name in item.things)]
    return np.array(table, semantic.dtype)[np.where(semantic == IGNORE, 0, semantic)]
