"""Items of datasets, simgen's or others, as images with boxes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.training.detection import LabelledImage
from simgen.training.images import pixel_digest, read_rgb


def labelled_image(
    item: Item, places: Mapping[str, int], least_visible: float = 0.0
) -> LabelledImage:
    """Return an item with its boxes of the requested classes.

    places: class name of the item -> class index. least_visible: objects with a smaller visible
    fraction become ignore regions. Raises `InputError` for an image that cannot be read or whose
    size differs from its labels.
    """
    path = item.picture.path
    if not isinstance(path, Path):
        raise InputError(f"{path}: training reads local files; copy the dataset to this machine")
    image = read_rgb(path)
    if image.shape[:2] != (item.height, item.width):
        raise InputError(
            f"image {path}: has {image.shape[1]}x{image.shape[0]} pixels, but its labels are for "
            f"{item.width}x{item.height}"
        )
    kept = [one for one in item.seen if one.class_name in places]
    boxes = np.array([one.bbox for one in kept], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    hidden = [(one.visible_fraction or 1.0) < least_visible for one in kept]
    return LabelledImage(
        file=path.absolute(),
        width=item.width,
        height=item.height,
        boxes=boxes,
        classes=np.array([places[one.class_name] for one in kept], np.int64),
        ignore=np.array([one.crowd for one in kept], bool) | np.array(hidden, bool),
        group=item.name,
        source=pixel_digest(image),
    )
