"""COCO: one file of instances per split, and panoptic labels, in the usual folder layout.

annotations/instances_train.json    boxes, masks, keypoints
annotations/panoptic_train.json     with the label `panoptic`
panoptic_train/000000_0000.png      its PNGs
train/000000_0000.png               images
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from simgen.dataset import remote
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import AnyPath
from simgen.formats.coco.instances import CocoFile, Contents, run_lengths
from simgen.formats.coco.panoptic import PanopticFile
from simgen.formats.items import Annotation, Item
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.formats.simgen.read import SimgenSource


@contextmanager
def coco_folder(
    target: Target, plan: Plan, segmentation: Callable[[Annotation], Any] = run_lengths
) -> Iterator[Callable[[Item], None]]:
    """Write a COCO dataset. segmentation: returns the `segmentation` of an object."""
    with ExitStack() as stack:
        panoptic = "panoptic" in plan.labels
        splits, segments = dict[str, CocoFile](), dict[str, PanopticFile]()
        for name in plan.splits:
            path = target.path(f"annotations/instances_{name}.json")
            keypoints = "keypoints" in plan.labels
            file = CocoFile(
                path, target.scratch, plan.classes, keypoints=keypoints, segmentation=segmentation
            )
            splits[name] = stack.enter_context(file)
            if panoptic:
                path = target.path(f"annotations/panoptic_{name}.json")
                pngs = PanopticFile(path, target.scratch, plan.classes, plan.stuff_classes)
                segments[name] = stack.enter_context(pngs)

        def add(item: Item) -> None:
            name = item.name + item.picture.suffix
            target.picture(f"{item.split}/{item.name}", item.picture)
            splits[item.split].add(item, name)
            if panoptic:
                png = f"{item.name}.png"
                segments[item.split].add(item, name, png)
                segments[item.split].write_png(item, target, f"panoptic_{item.split}/{png}")

        yield add


COCO = Format(
    "coco", "COCO instances, keypoints and panoptic", frozenset(), coco_folder, lists_objects=True
)


def write_coco(dataset: Dataset, path: AnyPath, scratch: Path) -> Contents:
    """Write all frames of a dataset as one COCO file, in one pass and constant memory.

    File names are relative to the dataset's folder. Objects without a visible pixel are omitted.
    scratch: folder for temporary files, on the file system of `path`.
    """
    keypoints = "keypoints" in dataset.manifest.labels
    with CocoFile(path, scratch, dataset.classes, keypoints=keypoints) as file:
        for item in SimgenSource(dataset):
            file.add(item, remote.relative(item.picture.path, dataset.root))
    return file.contents
