"""The image labels of a frame as arrays, with the ids of the export."""

from __future__ import annotations

import numpy as np

from simgen.formats.items import Item
from simgen.formats.plan import Plan
from simgen.labels import IGNORE
from simgen.labels.registry import image_files

# rgb has a file of its own; panoptic ids are meaningless without the list of segments.
DENSE = frozenset(image_files()) - {"rgb", "panoptic"}
"""Labels that are returned as arrays."""


def dense_labels(item: Item, plan: Plan) -> dict[str, np.ndarray]:
    """Return the image labels by name, in the form of `Sample`.

    Labels that the frame lacks, such as the flow from the last frame, are absent. `semantic` has
    the export's class ids and `IGNORE` on ignore regions, `instances` the `id`s of objects; both
    are 0 on omitted objects. `rgb_right` is an image.
    """
    frame = item.frame
    found = {}
    for label in image_files():
        if label in plan.labels & DENSE:
            array = getattr(frame, label)
            if array is not None:
                found[label] = array
    if "instances" in found:
        found["instances"] = kept_instances(found["instances"], item)
    if "semantic" in found:
        found["semantic"] = exported_classes(found["semantic"], item, plan)
        if "instances" in found:
            found["semantic"][found["instances"] == 0] = 0
        for region in item.regions:
            found["semantic"][region.decoded()] = IGNORE
    return found


def kept_instances(instances: np.ndarray, item: Item) -> np.ndarray:
    """Set the pixels of omitted objects to 0."""
    ids = [entry.instance_id for entry in item.annotations if entry.instance_id is not None]
    return np.where(np.isin(instances, ids), instances, 0).astype(instances.dtype)


def exported_classes(semantic: np.ndarray, item: Item, plan: Plan) -> np.ndarray:
    """Map the dataset's class ids to the export's; 0 for omitted classes."""
    table = [0, *(plan.class_id(name) if name else 0 for name in item.things)]
    return np.array(table, semantic.dtype)[np.where(semantic == IGNORE, 0, semantic)]
