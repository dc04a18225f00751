"""The index of a view, which pages load first, and the files of columns and instances."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.reader import Dataset
from simgen.labels import IGNORE
from simgen.labels.drawing.colours import IGNORED_COLOUR, PALETTE, class_colour
from simgen.viewer.columns import Column
from simgen.viewer.findings import Findings
from simgen.viewer.packing import pack, script
from simgen.viewer.paths import ViewPaths, keep_only, write
from simgen.viewer.pictures import shown_label
from simgen.viewer.scene_files import Settings
from simgen.viewer.unreadable import first_of

_VERSION = 1
_FIRST = 500
"""Number of images whose scene and frame numbers are in the index itself."""


def write_columns(paths: ViewPaths, columns: Iterable[Column]) -> list[Column]:
    """Write a file for each column, and remove all others. Raises `OSError`."""
    written = []
    for column in columns:
        name = column.about["id"]
        write(paths.column(name), script(f"column:{name}", column.payload()))
        written.append(column)
    keep_only(paths.columns, [paths.column(column.about["id"]).name for column in written])
    return written


def write_instances(paths: ViewPaths, columns: dict[str, np.ndarray]) -> None:
    """Write the list of instances. Raises `OSError`."""
    payload: dict[str, Any] = {"count": len(columns["image"])}
    payload |= {name: pack(values) for name, values in columns.items()}
    write(paths.instances, script("instances", payload))


def index_payload(
    dataset: Dataset,
    settings: Settings,
    images: int,
    columns: Sequence[Column],
    findings: Findings | None,
    stats: bool,
) -> dict[str, Any]:
    """The index of a view. findings: None where the validator was not run. stats: whether there is
    a page of statistics."""
    labels, root = settings.labels, dataset.root
    name = (root.resolve() if isinstance(root, Path) else root).name
    own = settings.images
    frame_rate = first_of((partial(_frame_rate, dataset, scene) for scene in dataset.scenes), 0.0)
    common = common_payload(name, images, dataset.classes, columns, findings, stats)
    return common | {
        "size": list(settings.size),
        "frames_per_scene": settings.frames,
        "sequence": frame_rate > 0 and settings.frames > 1,
        "frame_rate": frame_rate,
        "stuff": list(dataset.stuff_classes),
        "labels": list(labels),
        "splits": list(dataset.splits),
        "image_label": shown_label(labels),
        "rgb": "images/{scene}/{frame}.png" if own else "../scenes/{scene}/frame_{frame}.rgb.png",
        "arrays": settings.arrays,
        "replay": f"simgen replay {shlex.quote(name)} --scene {{n}}",
    }


def common_payload(
    name: str,
    images: int,
    classes: Sequence[str],
    columns: Sequence[Column],
    findings: Findings | None,
    stats: bool,
) -> dict[str, Any]:
    """Return what the index has for datasets of every kind. classes: names, by id from 1."""
    named = ("", *classes)
    values = {column.about["id"]: column.values for column in columns}
    return {
        "version": _VERSION,
        "name": name,
        "images": images,
        "first_paint": {
            name: values[name][:_FIRST].astype(int).tolist() for name in ("scene", "frame")
        },
        "sequence": False,
        "frame_rate": 0.0,
        "classes": list(named),
        "ignored": {"id": IGNORE, "colour": list(IGNORED_COLOUR)},
        "class_colours": [[0, 0, 0], *(list(class_colour(i)) for i in range(1, len(named)))],
        "palette": "".join(bytes(colour).hex() for colour in PALETTE),
        "stuff": [],
        "thumbs": "thumbs/{scene}/{frame}.jpg",
        "stats": stats,
        "replay": "",
        "columns": [column.about for column in columns],
        "complaints": findings is not None or "damaged" in values,
        "damaged": "damaged" in values,
        "validated": findings is not None,
        "findings": findings.of_dataset if findings else [],
    }


def _frame_rate(dataset: Dataset, scene: int) -> float:
    return dataset.spec(scene).frame_rate


def index_script(payload: dict[str, Any]) -> bytes:
    return script("index", payload)
