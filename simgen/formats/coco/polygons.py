"""COCO with polygons, for software that cannot read run lengths.

Ignore regions keep run lengths, as in COCO itself: https://cocodataset.org/#format-data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simgen.formats.coco.instances import run_lengths
from simgen.formats.coco.write import coco_folder
from simgen.formats.items import Annotation, Item
from simgen.formats.output.polygons import Loss, outlines
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    loss = Loss()

    def polygons(entry: Annotation) -> Any:
        """Return `[[x, y, x, y, ...], ...]` for an object with a mask, else run lengths."""
        if entry.mask is None or entry.crowd:
            return run_lengths(entry)
        parts = outlines(entry.mask)
        loss.add(entry.mask, parts)
        return [part.reshape(-1).tolist() for part in parts]

    with coco_folder(target, plan, polygons) as add:
        yield add
    target.remarks += loss.remarks()


COCO_POLYGONS = Format(
    "coco-polygons", "COCO with polygons as masks", frozenset(), _write, lists_objects=True
)
