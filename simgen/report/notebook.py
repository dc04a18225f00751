"""Samples and datasets as a notebook shows them: `notebook.html.jinja`, filled in. Whatever comes
from a dataset is escaped."""

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
"""Of a frame's picture, pixels."""
_MOST_ROWS = 16
_LOOKED_AT = 24
"""Frames of a dataset whose objects are counted: what a cell may take, however large it is."""
_THUMBNAILS, _THUMBNAIL_HEIGHT = 6, 96
_LONGEST = 60
"""Letters of a name."""


def to_html(thing: Sample | Dataset) -> str:
    """HTML of a frame (its image with boxes and names, a table of its objects, the most visible
    first), or of a dataset (classes, some images, how many objects of each class these have).

    It loads nothing from elsewhere. What cannot be read becomes a line that says so.
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
    """A frame's image with masks, boxes and names as PNG, 480 pixels wide; None for a dataset
    without the label rgb. Raises `InputError` for a file that cannot be read."""
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
    """Visible objects by the ids and names of classes, the most frequent first. Those are the
    frames' own: of a broken dataset they may be no class of the dataset's."""
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
