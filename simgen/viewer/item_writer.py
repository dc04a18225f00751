"""Writes a view of a dataset of any readable format that is not simgen's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.layout import scene_name
from simgen.errors import InputError
from simgen.formats.items import Item, Source
from simgen.formats.reading.external import collect_lost
from simgen.formats.sources import coco_parts
from simgen.pool import in_order
from simgen.viewer import assemble
from simgen.viewer.columns import Column, Columns
from simgen.viewer.findings import GROUP, Findings
from simgen.viewer.index import common_payload, index_script, write_columns, write_instances
from simgen.viewer.item_groups import Group, make_group
from simgen.viewer.item_records import OVERLAYS, item_record, overlays_of
from simgen.viewer.packing import script
from simgen.viewer.paths import ViewPaths, prepare, write
from simgen.viewer.predictions import put_predictions
from simgen.viewer.scene_data import Instances, Scene
from simgen.viewer.writer import (
    WORTH_A_PROCESS,
    Options,
    View,
    add_scene,
    put_stats,
    remove_scene_files,
    written_to,
)

_MOST_LOST = 100
"""Images that are left out and listed on the page."""


@dataclass
class _Gathered:
    """What the index and the columns need of all images, in order.

    names: of files, without suffixes. full_names: unique ones. ids: of COCO files, empty for other
    formats. groups: number of groups. first: what is wrong with the first damaged image.
    """

    columns: Columns
    instances: Instances = field(default_factory=Instances)
    names: list[str] = field(default_factory=list)
    full_names: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    overlays: set[str] = field(default_factory=set)
    visibility: bool = False
    groups: int = 0
    damaged: int = 0
    first: str = ""

    def add_item(self, item: Item, record: dict[str, Any]) -> None:
        self.names.append(Path(item.picture.path.name).stem)
        self.full_names.append(item.name)
        if item.source_id is not None:
            self.ids.append(item.source_id)
        self.sizes.append((item.width, item.height))
        self.overlays |= overlays_of(record)
        self.visibility |= any(o["visible_fraction"] is not None for o in record["objects"])

    def add_group(self, group: Scene, findings: Findings | None) -> None:
        self.groups += 1
        add_scene(group, findings, self.columns, self.instances)
        for line in filter(None, group.damage()):
            self.damaged += 1
            self.first = self.first or line


def write_items_view(
    source: Source,
    out: Path,
    options: Options,
    progress: Callable[[int], None] = lambda images: None,
) -> View:
    """Write a view, or update an existing one, that contains its images: as hard links, or copies.

    Damaged images are marked; missing ones, and those that are no images, are left out and listed
    on the page. progress: called with the number of images done.
    Raises `InputError` for a dataset without images or a folder with other files, and `DiskError`
    if the view cannot be written.
    """
    with written_to(out):
        return _write(source, out, options, progress)


def _write(source: Source, out: Path, options: Options, progress: Callable[[int], None]) -> View:
    paths, lost = ViewPaths(out), collect_lost(source)
    prepare(paths)
    orders = {"classes": source.classes, "split": source.splits}
    numbers = ["scene", "frame", "objects", "brightness", "contrast", "sharpness"]
    numbers += ["complaints"] if options.findings is not None else []
    gathered = _Gathered(Columns(numbers, orders, several=("classes",)))
    processes = options.processes if len(source) >= WORTH_A_PROCESS else 1
    for group in in_order(
        partial(make_group, out), _groups(source, gathered, options.findings), processes
    ):
        gathered.add_group(group, options.findings)
        progress(gathered.columns.images)
    if not gathered.columns.images:
        raise InputError(f"{source.name}: {lost[0] if lost else 'contains no images'}")
    paths.index.unlink(missing_ok=True)
    names = [scene_name(group) for group in range(gathered.groups)]
    remove_scene_files(paths, names, arrays=False, images=True)
    _finish(source, paths, options, gathered, lost)
    return View(paths.page, gathered.damaged, gathered.first, tuple(lost))


def _finish(
    source: Source, paths: ViewPaths, options: Options, gathered: _Gathered, lost: list[str]
) -> None:
    """Write the files of all images together, the index last. Raises `OSError`."""
    written = write_columns(paths, gathered.columns.all())
    write_instances(paths, gathered.instances.columns())
    unique = len(set(gathered.names)) == len(gathered.names)
    names = gathered.names if unique else gathered.full_names
    ids = gathered.ids if len(set(gathered.ids)) == len(names) else None
    write(paths.names, script("names", {"names": names, "ids": ids}))
    write(paths.page, assemble.page())
    put_stats(paths, options.stats)
    payload = _index(source, gathered, written, options, lost)
    payload |= put_predictions(paths, options.predictions)
    write(paths.index, index_script(payload))


def _groups(source: Source, gathered: _Gathered, findings: Findings | None) -> Iterator[Group]:
    class_ids = {name: number for number, name in enumerate(source.classes, start=1)}
    for number, items in enumerate(batched(source, GROUP, strict=False)):
        records = [item_record(item, place, class_ids) for place, item in enumerate(items)]
        for item, record in zip(items, records, strict=True):
            gathered.add_item(item, record)
            if findings is not None:
                record["complaints"] = findings.of(number).get(record["frame"], [])
        yield Group(number, tuple(item.picture for item in items), tuple(records))


def _index(
    source: Source,
    gathered: _Gathered,
    columns: list[Column],
    options: Options,
    lost: list[str],
) -> dict[str, Any]:
    name, has_stats = dataset_name(source.name), options.stats is not None
    images, findings = gathered.columns.images, options.findings
    common = common_payload(name, images, source.classes, columns, findings, has_stats)
    shown = gathered.overlays | {"names"}
    left_out = [
        {"rule": "damaged/left-out", "severity": "error", "message": line, "fix": ""}
        for line in lost[:_MOST_LOST]
    ]
    return common | {
        "size": [int(side) for side in np.median(gathered.sizes, axis=0)],
        "mixed": len(set(gathered.sizes)) > 1,
        "frames_per_scene": GROUP,
        "named": True,
        "labels": ["objects"],
        "overlays": [name for name in (*OVERLAYS, "names") if name in shown],
        "of_objects": ["pixels", *(["visibility"] if gathered.visibility else [])],
        "splits": list(source.splits),
        "image_label": "rgb",
        "rgb": "images/{scene}/{frame}.{suffix}",
        "arrays": False,
        "findings": [*left_out, *common["findings"]],
    }


def dataset_name(text: str) -> str:
    """Return a short name of the dataset at a path, for titles and folders."""
    file = Path(coco_parts(text)[0]).resolve()
    plain = file.stem if file.suffix in (".json", ".yaml", ".yml") else file.name
    usual = plain in ("data", "dataset", "instances", "annotations", "_annotations.coco")
    return file.parent.name if usual and file.suffix else plain
