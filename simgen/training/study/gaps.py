"""How far the synthetic images of each arm are from the photographs that are tested on.

This is for the report alone: it is measured once all detectors are trained, and reaches none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rich.console import Console

from simgen.formats.items import Picture
from simgen.runs.progress import image_bar
from simgen.stats.gap.report import Gap, Options, compare_sides
from simgen.stats.gap.sides import Entry, Side
from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.results_files import read_json, write_json

_MOST = 100
"""Images of each set, evenly spread."""


def gaps_of(
    used: Mapping[str, DetectionSet], test: DetectionSet, folder: Path, console: Console
) -> dict[str, dict[str, float]]:
    """Of each arm, the distance of each quantity, by its title; equal sets are compared once.

    used: the synthetic images of each arm. test: as detectors see them. folder: where what was
    measured is kept. Raises `InputError` for too few images.
    """
    found = {}
    for name, images in used.items():
        kept = folder / f"{images.digest[:10]}-{test.digest[:10]}.json"
        known = read_json(kept)
        if known is None:
            with image_bar(console) as added:
                tells = added(f"gap of {name}"), added("photographs")
                known = _values(compare_sides(_side(images), _side(test), Options(), tells))
            folder.mkdir(parents=True, exist_ok=True)
            write_json(kept, known)
        found[name] = {title: float(value) for title, value in known.items()}
    return found


def _values(found: Gap) -> dict[str, float]:
    values = {row.quantity.title: row.interval.value for row in found.differences}
    for one in found.apart:
        values[f"Classifier's accuracy, {one.what}"] = one.accuracy.value
        if one.kid is not None:
            values[f"KID, {one.what}"] = one.kid.value
    return values


def _side(found: DetectionSet) -> Side:
    count = min(_MOST, len(found.images))
    places = np.linspace(0, len(found.images) - 1, count).round().astype(int)
    entries = tuple(_entry(found.images[place], found.classes) for place in places)
    return Side(found.name, entries, labelled=True, total=len(found.images))


def _entry(image: LabelledImage, classes: tuple[str, ...]) -> Entry:
    boxes = image.boxes[~image.ignore].astype(float)
    boxes[:, 2:] -= boxes[:, :2]
    names = tuple(classes[place] for place in image.classes[~image.ignore])
    picture = Picture(image.width, image.height, image.file)
    return Entry(image.file.name, picture, image.group, boxes, names)
