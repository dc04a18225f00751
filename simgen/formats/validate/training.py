"""Checks of dataset statistics that harm training although every label is correct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simgen.formats.findings import Finding, finding
from simgen.formats.validate.seen import Census

_MOST = (
    ("training/tiny-boxes", 1 / 4),
    ("training/hardly-visible", 1 / 10),
    ("training/cut-boxes", 1 / 2),
    ("training/empty-images", 1 / 4),
)
_ENOUGH_BOXES, _ENOUGH_IMAGES = 30, 10
"""Minimum numbers of boxes and images for meaningful fractions."""
_RARE, _ENOUGH_OF_A_CLASS = 1 / 20, 40


def stumbles(file: str, census: Census) -> Iterator[Finding]:
    """Check the counts of a dataset. file: the file that findings name."""
    counts: dict[str, tuple[int, int, str]] = {
        "training/tiny-boxes": (census.tiny, census.boxes, "boxes"),
        "training/hardly-visible": (census.hardly, census.known, "objects"),
        "training/cut-boxes": (census.cut, census.boxes, "boxes"),
        "training/empty-images": (census.empty, census.images, "images"),
    }
    for rule, most in _MOST:
        count, total, what = counts[rule]
        enough = _ENOUGH_IMAGES if rule == "training/empty-images" else _ENOUGH_BOXES
        if total >= enough and count > most * total:
            found = f"{count} of {total} {what}, {count / total:.0%}"
            yield finding(rule, file, "", found, f"at most {most:.0%}")


def rare(file: str, classes: Sequence[str], per_class: Mapping[str, int]) -> Iterator[Finding]:
    """Find classes with few objects compared to others; another rule reports classes with none."""
    counts = {name: per_class.get(name, 0) for name in classes}
    average = sum(counts.values()) / max(len(counts), 1)
    if average < _ENOUGH_OF_A_CLASS:
        return
    for name, count in counts.items():
        if 0 < count < _RARE * average:
            yield finding(
                "training/rare-class", file, name, f"{count} objects", f"{average:.0f} on average"
            )
