"""The index, which pages load first, and the files of columns and instances."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.dataset.reader import Dataset
from simgen.labels import IGNORE
from simgen.labels.drawing.colours import IGNORED_COLOUR, class_colour
from simgen.labels.drawing.palette import PALETTE
from simgen.viewer.columns import Column
from simgen.viewer.packing import pack, script
from simgen.viewer.paths import ViewPaths, keep_only, write
from simgen.viewer.pictures import shown_label

_VERSION = 1
_FIRST = 500
"""Images whose numbers are in the index itself."""


@dataclass(frozen=True)
class About:
    """Facts about a view for its index, besides its dataset and columns.

    name: of the dataset. size: of its images, width and height, pixels. frame_rate: frames a second
    of sequences, 0 for views. findings: the validator's, of no image. validated: whether it was
    run.
    """

    name: str
    size: tuple[int, int]
    frame_rate: float
    arrays: bool
    images: bool
    stats: bool
    validated: bool
    findings: Sequence[dict[str, str]] = ()


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
    dataset: Dataset, images: int, columns: Sequence[Column], about: About
) -> dict[str, Any]:
    """The index of a view."""
    labels, classes = dataset.manifest.labels, ("", *dataset.classes)
    values = {column.about["id"]: column.values for column in columns}
    own = about.images
    return {
        "version": _VERSION,
        "name": about.name,
        "images": images,
        "first_paint": {
            name: values[name][:_FIRST].astype(int).tolist() for name in ("scene", "frame")
        },
        "size": list(about.size),
        "frames_per_scene": dataset.manifest.frames_per_scene,
        "sequence": about.frame_rate > 0 and dataset.manifest.frames_per_scene > 1,
        "frame_rate": about.frame_rate,
        "classes": list(classes),
        "ignored": {"id": IGNORE, "colour": list(IGNORED_COLOUR)},
        "class_colours": [[0, 0, 0], *(list(class_colour(i)) for i in range(1, len(classes)))],
        "palette": "".join(bytes(colour).hex() for colour in PALETTE),
        "stuff": list(dataset.stuff_classes),
        "labels": list(labels),
        "splits": list(dataset.splits),
        "image_label": shown_label(labels),
        "rgb": "images/{scene}/{frame}.png" if own else "../scenes/{scene}/frame_{frame}.rgb.png",
        "thumbs": "thumbs/{scene}/{frame}.jpg",
        "arrays": about.arrays,
        "stats": about.stats,
        "replay": f"simgen replay {shlex.quote(about.name)} --scene {{n}}",
        "columns": [column.about for column in columns],
        "complaints": about.validated or "damaged" in values,
        "damaged": "damaged" in values,
        "validated": about.validated,
        "findings": list(about.findings),
    }


def index_script(payload: dict[str, Any]) -> bytes:
    return script("index", payload)
