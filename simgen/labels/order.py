"""Occlusion order: which of two objects with overlapping silhouettes is in front."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.labels.drawing.overlays import draw_order
from simgen.labels.label import Label, Recorded
from simgen.labels.record import Order
from simgen.labels.silhouettes import Silhouette


def occlusion_order(silhouettes: Sequence[Silhouette]) -> tuple[Order, ...]:
    """Return all pairs of instances of which the first is nearer in at least one pixel, sorted.

    Two objects that reach around each other yield two entries. Other objects in front of both make
    no difference.
    """
    pixel, distance, owner = _shared_pixels(silhouettes)
    if not len(pixel):
        return ()
    order = np.lexsort((distance, pixel))
    pixel, distance, owner = pixel[order], distance[order], owner[order]
    most = int(owner.max()) + 1
    pairs = []
    # Pair each surface of a pixel with the next one behind it, the one after that, and so on.
    for step in range(1, len(pixel)):
        same = pixel[step:] == pixel[:-step]
        if not same.any():
            break
        behind = np.flatnonzero(same & (distance[step:] > distance[:-step]))
        pairs.append(owner[behind] * most + owner[behind + step])
    found, counts = np.unique(np.concatenate(pairs), return_counts=True)
    return tuple(
        Order(int(pair) // most, int(pair) % most, int(count))
        for pair, count in zip(found, counts, strict=True)
    )


def _shared_pixels(
    silhouettes: Sequence[Silhouette],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pixel, distance and instance id of all surfaces in pixels with more than one."""
    covered = [item for item in silhouettes if len(item.pixels)]
    if not covered:
        return (np.zeros(0, np.int64),) * 3
    pixel = np.concatenate([item.pixels for item in covered])
    distance = np.concatenate([item.distance for item in covered])
    owner = np.repeat(
        np.array([item.instance_id for item in covered], np.int64),
        [len(item.pixels) for item in covered],
    )
    shared = np.bincount(pixel)[pixel] > 1
    return pixel[shared], distance[shared], owner[shared]


OCCLUSION_ORDER = Label[tuple[Order, ...]](
    "occlusion_order",
    "pairs of overlapping objects, front object first",
    Recorded(lambda record: record.occlusion_order),
    fields={"occlusion_order": lambda inputs: occlusion_order(inputs.silhouettes)},
    overlay=lambda image, order, record: draw_order(image, record.objects or (), order),
    note="arrows from front to back",
    doc="Pairs of objects with overlapping silhouettes, with the front object first.",
)
