"""Samples and datasets as a notebook shows them. Whatever comes from a dataset is escaped."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from simgen.dataset.reader import Dataset
from simgen.dataset.sample import Sample
from simgen.errors import SimgenError
from simgen.labels.drawing.colours import class_colour
from simgen.labels.record import ObjectRecord
from simgen.report.preview import draw_labels

_WIDTH = 480
"""Of a frame's picture, pixels."""
_MOST_ROWS = 16
_LOOKED_AT = 24
"""Frames of a dataset whose objects are counted: what a cell may take, however large it is."""
_THUMBNAILS, _THUMBNAIL_HEIGHT = 6, 96
_LONGEST = 60
"""Letters of a name."""
_CELL = "padding:2px 10px 2px 0;text-align:left;white-space:nowrap"


def to_html(thing: Sample | Dataset) -> str:
    """HTML of a frame (its image with boxes and names, a table of its objects, the most visible
    first), or of a dataset (classes, some images, how many objects of each class these have).

    It loads nothing from elsewhere. What cannot be read becomes a line that says so.
    """
    try:
        return _sample(thing) if isinstance(thing, Sample) else _dataset(thing)
    except (SimgenError, OSError) as error:
        return f"<p>{_escaped(repr(thing))}</p><p>{_escaped(str(error), 400)}</p>"


def to_png(sample: Sample) -> bytes | None:
    """A frame's image with masks, boxes and names as PNG, 480 pixels wide; None for a dataset
    without the label rgb. Raises `InputError` for a file that cannot be read."""
    if "rgb" not in sample.labels:
        return None
    return _encoded(_drawn(sample), "PNG")


def _sample(sample: Sample) -> str:
    camera = sample.camera
    facts = f"scene {sample.scene}, frame {sample.frame}, {camera.width} x {camera.height} pixels"
    parts = [f"<div><b>{facts}, {_escaped(sample.split)}</b></div>"]
    if "rgb" in sample.labels:
        parts.append(_img(_drawn(sample), "the image with its labels", "PNG"))
    if "objects" in sample.labels:
        parts.append(_objects(sample.objects))
    parts.append(f"<div><small>{_escaped(', '.join(sample.labels), 2000)}</small></div>")
    return _block(parts)


def _objects(objects: Sequence[ObjectRecord]) -> str:
    ordered = sorted(objects, key=lambda item: -item.visible_pixels)
    rows = [_object(item) for item in ordered[:_MOST_ROWS]]
    head = ("id", "class", "visible", "x, y, w, h in pixels", "distance", "size in metres")
    return _table(head, rows) + _more(len(ordered) - _MOST_ROWS, "objects")


def _object(item: ObjectRecord) -> list[str]:
    box = "out of sight" if item.bbox is None else ", ".join(f"{value:g}" for value in item.bbox)
    return [
        str(int(item.instance_id)),
        _swatch(item.class_id) + _escaped(item.class_name),
        f"{100 * item.visible_fraction:.0f} %",
        box,
        f"{float(np.linalg.norm(item.centre)):.2f} m",
        " x ".join(f"{side:.3g}" for side in item.size),
    ]


def _dataset(dataset: Dataset) -> str:
    manifest = dataset.manifest
    frames = manifest.frames_per_scene
    facts = f"{len(dataset):,} images, {len(dataset.scenes):,} scenes of {frames:,}"
    parts = [f"<div><b>{_escaped(str(dataset.root), 200)}</b></div><div>{facts}</div>"]
    parts.append(_strip(_spread(dataset, _THUMBNAILS)))
    parts.append(_classes(dataset))
    splits = ", ".join(map(str, manifest.config["splits"]))
    parts.append(f"<div><small>splits {_escaped(splits, 400)}</small></div>")
    labels = _escaped(", ".join(manifest.labels), 2000)
    parts.append(f"<div><small>{labels}</small></div>")
    return _block(parts)


def _strip(samples: Iterable[Sample]) -> str:
    images = []
    for sample in samples:
        if "rgb" not in sample.labels:
            return ""
        width = max(1, round(_THUMBNAIL_HEIGHT * sample.camera.width / sample.camera.height))
        image = Image.fromarray(sample.rgb).resize((width, _THUMBNAIL_HEIGHT))
        images.append(_img(np.asarray(image), f"scene {sample.scene}", "JPEG"))
    return f'<div style="display:flex;gap:4px;flex-wrap:wrap;margin:6px 0">{"".join(images)}</div>'


def _classes(dataset: Dataset) -> str:
    if "objects" not in dataset.manifest.labels:
        return f"<div>{len(dataset.classes)} classes</div>"
    looked_at = list(_spread(dataset, _LOOKED_AT))
    # Ids and names as the frames have them: those of a broken dataset may be no class of its own.
    counts = Counter(
        (item.class_id, item.class_name)
        for sample in looked_at
        for item in sample.objects
        if item.bbox is not None
    )
    most = max(counts.values(), default=1)
    rows = [
        [
            str(int(number)),
            _swatch(number) + _escaped(name),
            _bar(count / most, number) + str(count),
        ]
        for (number, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    head = ("id", "class", f"objects in {len(looked_at):,} of {len(dataset):,} images")
    shown = rows[:_MOST_ROWS]
    return _table(head, shown) + _more(len(dataset.classes) - len(shown), "classes")


def _spread(dataset: Dataset, most: int) -> Iterable[Sample]:
    """Frames from all over a dataset."""
    places = np.unique(np.linspace(0, len(dataset) - 1, min(most, len(dataset))).round())
    return [dataset[int(place)] for place in places]


def _drawn(sample: Sample) -> np.ndarray:
    height = max(1, round(_WIDTH * sample.camera.height / sample.camera.width))
    drawn = Image.fromarray(draw_labels(sample, (_WIDTH, height)))
    return np.asarray(drawn.resize((_WIDTH, height)))


def _block(parts: Iterable[str]) -> str:
    return f'<div style="line-height:1.5">{"".join(parts)}</div>'


def _img(image: np.ndarray, text: str, kind: str) -> str:
    data = base64.b64encode(_encoded(image, kind)).decode()
    size = f'width="{image.shape[1]}" height="{image.shape[0]}"'
    return f'<img src="data:image/{kind.lower()};base64,{data}" {size} alt="{text}">'


def _encoded(image: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, format=kind)
    return file.getvalue()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Of cells that are HTML already."""
    titles = "".join(f'<th style="{_CELL}">{title}</th>' for title in head)
    lines = "".join(
        f"<tr>{''.join(f'<td style="{_CELL}">{cell}</td>' for cell in row)}</tr>" for row in rows
    )
    style = "border-collapse:collapse;margin:6px 0"
    return f'<table style="{style}"><tr>{titles}</tr>{lines}</table>'


def _more(count: int, what: str) -> str:
    return f"<div>and {count:,} more {what}</div>" if count > 0 else ""


def _swatch(class_id: int) -> str:
    style = "display:inline-block;width:10px;height:10px;margin-right:6px"
    return f'<span style="{style};background:{_colour(class_id)}"></span>'


def _bar(part: float, class_id: int) -> str:
    style = f"display:inline-block;height:8px;width:{120 * part:.0f}px;margin-right:6px"
    return f'<span style="{style};background:{_colour(class_id)}"></span>'


def _colour(class_id: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*class_colour(class_id))


def _escaped(text: str, most: int = _LONGEST) -> str:
    return html.escape(text if len(text) <= most else text[: most - 1] + "…")
