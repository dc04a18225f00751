"""Images as detectors see them, as one side of a comparison."""

from __future__ import annotations

from simgen.formats.items import Picture
from simgen.stats.gap.sides import Entry, Side, spread
from simgen.training.detection import DetectionSet, LabelledImage


def side_of(found: DetectionSet, most: int) -> Side:
    """Return at most `most` images of a set, evenly spread, with their boxes."""
    entries = tuple(
        _entry(found.images[place], found.classes) for place in spread(len(found.images), most)
    )
    return Side(found.name, entries, labelled=True, total=len(found.images))


def _entry(image: LabelledImage, classes: tuple[str, ...]) -> Entry:
    boxes = image.boxes[~image.ignore].astype(float)
    boxes[:, 2:] -= boxes[:, :2]
    names = tuple(classes[place] for place in image.classes[~image.ignore])
    picture = Picture(image.width, image.height, image.file)
    return Entry(image.file.name, picture, image.group, boxes, names)
