"""Distances between the synthetic images of each arm and the test photographs.

They are only reported: they are measured after all trainings and influence none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from simgen.runs.progress import image_bar
from simgen.stats.gap.report import Gap, Options, compare_sides
from simgen.training.detection import DetectionSet
from simgen.training.results_files import read_json, write_json
from simgen.training.sides import side_of

_MOST = 100
"""Maximum number of images per set, evenly spread."""


def gaps_of(
    used: Mapping[str, DetectionSet], test: DetectionSet, folder: Path, console: Console
) -> dict[str, dict[str, float]]:
    """Return the distance of each quantity for each arm, by title; identical sets are compared
    once.

    used: the synthetic images of each arm. test: as detectors see them. folder: stores
    measurements. Raises `InputError` for too few images.
    """
    found = {}
    for name, images in used.items():
        kept = folder / f"{images.digest[:10]}-{test.digest[:10]}.json"
        known = read_json(kept)
        if known is None:
            with image_bar(console) as added:
                tells = added(f"gap of {name}"), added("photographs")
                sides = side_of(images, _MOST), side_of(test, _MOST)
                known = _values(compare_sides(*sides, Options(), tells))
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
