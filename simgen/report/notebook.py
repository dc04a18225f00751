"""The HTML of samples and datasets in notebooks, from `notebook.html.jinja`. All text from a
dataset is escaped."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from simgen.dataset.reader import Dataset
from simgen.dataset.sample import Sample
from simgen.errors import SimgenError
from simgen.labels.drawing.colours import class_colour
from simgen.report.preview import draw_labels, spread
from simgen.report.templates import renderer

_WIDTH = 480
"""Width of a frame's picture, pixels."""
_MOST_ROWS = 16
_LOOKED_AT = 24
"""Number of frames whose objects are counted, so that a cell is fast for datasets of any size."""
_THUMBNAILS, _THUMBNAIL_HEIGHT = 6, 96
_LONGEST = 60
"""Maximum number of characters of a name."""


def to_html(thing: Sample | Dataset) -> str:
    """Return the HTML of a frame (its image with boxes and names, a table of its objects, the most
    visible first) or of a dataset (some images, the number of objects of each class).

    The HTML loads no other files. If the dataset cannot be read, it contains the error message.
    """
    render = renderer(
        Path(__file__).parent, short=_short, colour=_colour, norm=lambda v: float(np.linalg.norm(v))
    )
    try:
        values = _of_sample(thing) if isinstance(thing, Sample) else _of_dataset(thing)
        return render("notebook.html.jinja", rows=_MOST_ROWS, **values)
    except (SimgenError, OSError) as error:
        lines = _short(repr(thing)), _short(str(error), 400)
        return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def to_png(sample: Sample) -> bytes | None:
    """Return a frame's image with masks, boxes and names as PNG, 480 pixels wide; None for a
    dataset without the label rgb. Raises `InputError` for a file that cannot be read."""
    return _encoded(_drawn(sample), "PNG") if "rgb" in sample.labels else None


def _of_sample(sample: Sample) -> dict[str, Any]:
    image, objects = None, None
    if "rgb" in sample.labels:
        image = _picture(_drawn(sample), "the image with its labels", "PNG")
    if "objects" in sample.labels:
        objects = sorted(sample.objects, key=lambda item: -item.visible_pixels)
    return {"sample": sample, "image": image, "objects": objects}


def _of_dataset(dataset: Dataset) -> dict[str, Any]:
    images, counts = [], None
    if "rgb" in dataset.manifest.labels:
        images = [_thumbnail(sample) for sample in spread(dataset, _THUMBNAILS)]
    looked_at = spread(dataset, _LOOKED_AT)
    if "objects" in dataset.manifest.labels:
        counts = _counted(looked_at)
    return {"dataset": dataset, "images": images, "counts": counts, "counted": len(looked_at)}


def _counted(samples: Sequence[Sample]) -> list[tuple[tuple[int, str], int]]:
    """Count visible objects by class id and name, the most frequent first. Both are taken from the
    frames, since those of a damaged dataset may have classes that the dataset does not list."""
    counts = Counter(
        (item.class_id, item.class_name)
        for sample in samples
        for item in sample.objects
        if item.bbox is not None
    )
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _drawn(sample: Sample) -> np.ndarray:
    height = max(1, round(_WIDTH * sample.camera.height / sample.camera.width))
    drawn = Image.fromarray(draw_labels(sample, (_WIDTH, height)))
    return np.asarray(drawn.resize((_WIDTH, height)))


def _thumbnail(sample: Sample) -> dict[str, Any]:
    width = max(1, round(_THUMBNAIL_HEIGHT * sample.camera.width / sample.camera.height))
    image = Image.fromarray(sample.rgb).resize((width, _THUMBNAIL_HEIGHT))
    return _picture(np.asarray(image), f"scene {sample.scene}", "JPEG")


def _picture(image: np.ndarray, text: str, kind: str) -> dict[str, Any]:
    data = base64.b64encode(_encoded(image, kind)).decode()
    height, width = image.shape[:2]
    return {"kind": kind.lower(), "data": data, "width": width, "height": height, "text": text}


def _encoded(image: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, format=kind)
    return file.getvalue()


def _colour(class_id: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*class_colour(class_id))


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
