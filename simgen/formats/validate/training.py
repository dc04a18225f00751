"""What trainers stumble over in a dataset of which no single label is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simgen.formats.findings import Finding, Rule, warning
from simgen.formats.validate.seen import Census

TINY = warning(
    "training/tiny-boxes",
    "At most a quarter of the boxes are tiny: of less than 8 x 8 pixels, in the image or in one "
    "scaled down to 640 pixels.",
    "look from nearer, or leave them out (simgen export --min-pixels 64 --hardly-seen crowd)",
)
HIDDEN = warning(
    "training/hardly-visible",
    "At most a tenth of the objects show less than a tenth of themselves, where that is known.",
    "put down fewer things, or mark them (simgen export --min-visibility 0.1 --hardly-seen crowd)",
)
CUT = warning(
    "training/cut-boxes",
    "At most half of the boxes touch the border of their image.",
    "look at more of each object; a detector learns parts",
)
EMPTY = warning(
    "training/empty-images",
    "At most a quarter of the images have no object.",
    "look whether labels are missing; a tenth of empty images is enough",
)
RARE = warning(
    "training/rare-class",
    "Every class has at least a twentieth of the objects that a class has on average.",
    "add images of it, or drop the class",
)
_MOST = ((TINY, 1 / 4), (HIDDEN, 1 / 10), (CUT, 1 / 2), (EMPTY, 1 / 4))
_ENOUGH_BOXES, _ENOUGH_IMAGES = 30, 10
"""From which on shares say something."""
_RARE, _ENOUGH_OF_A_CLASS = 1 / 20, 40


def stumbles(file: str, census: Census) -> Iterator[Finding]:
    """file: where the findings are reported."""
    counts: dict[Rule, tuple[int, int, str]] = {
        TINY: (census.tiny, census.boxes, "boxes"),
        HIDDEN: (census.hardly, census.known, "objects"),
        CUT: (census.cut, census.boxes, "boxes"),
        EMPTY: (census.empty, census.images, "images"),
    }
    for rule, most in _MOST:
        count, total, what = counts[rule]
        enough = _ENOUGH_IMAGES if rule is EMPTY else _ENOUGH_BOXES
        if total >= enough and count > most * total:
            found = f"{count} of {total} {what}, {count / total:.0%}"
            yield rule.at(file, "", found, f"at most {most:.0%}")


def rare(file: str, classes: Sequence[str], per_class: Mapping[str, int]) -> Iterator[Finding]:
    """Classes with few objects beside the others; those with none have a rule of their own."""
    counts = {name: per_class.get(name, 0) for name in classes}
    average = sum(counts.values()) / max(len(counts), 1)
    if average < _ENOUGH_OF_A_CLASS:
        return
    for name, count in counts.items():
        if 0 < count < _RARE * average:
            yield RARE.at(file, name, f"{count} objects", f"{average:.0f} on average")
