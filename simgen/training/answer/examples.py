"""Test images with correct, wrong and missed detections, for the page."""

from __future__ import annotations

import base64
import io

import numpy as np
from markupsafe import Markup, escape
from PIL import Image

from simgen.stats.html import Chart, Table
from simgen.training.answer.study import Example
from simgen.training.evaluation.errors import detection_kinds

FOUND, MISSED, FALSE, IGNORED = "#22a35a", "#f0b429", "#e5484d", "#9aa4b0"
"""Colours of boxes: the same on light and dark pages, since they are drawn on photographs."""
_WIDEST = 720
"""Maximum width of an image on the page, pixels."""


def of_example(one: Example, classes: tuple[str, ...], rank: str) -> Chart:
    """Draw an image with its correct and wrong detections, missed objects and ignore regions. rank:
    "Best" or "Worst"."""
    image, found = one.image, one.found
    kinds, seen = detection_kinds(image, found)
    order = np.argsort(-found.scores, kind="mergesort")[: len(kinds)]
    boxes, rows = [], []
    for box, kind, ignored, got in zip(image.boxes, image.classes, image.ignore, seen, strict=True):
        if ignored:
            boxes.append(_box(box, IGNORED, "ignored", dashed=True))
        elif not got:
            boxes.append(_box(box, MISSED, f"missed: {classes[kind]}", dashed=True))
            rows.append((classes[kind], "missed", ""))
    for at, kind in zip(order, kinds, strict=True):
        name, score = classes[found.classes[at]], float(found.scores[at])
        if kind != "ignored":
            colour = FOUND if kind == "correct" else FALSE
            boxes.append(_box(found.boxes[at], colour, f"{kind}: {name} {score:.2f}"))
            rows.append((name, str(kind), f"{score:.2f}"))
    wrong = int(np.count_nonzero((kinds != "correct") & (kinds != "ignored")))
    missed = int(np.count_nonzero(~seen & ~image.ignore))
    note = f"{rank}: {int(seen.sum())} found, {missed} missed, {wrong} false."
    return Chart(note, _picture(one, boxes), Table(one.name, ("object", "", "score"), rows))


def _picture(one: Example, boxes: list[Markup]) -> Markup:
    """Embed an image. Boxes are in its original pixels, whatever size it is shown at."""
    width, height = one.image.width, one.image.height
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-label="{name}">'
        '<image href="{data}" width="{w}" height="{h}" style="image-rendering:auto"/>{boxes}</svg>'
    ).format(w=width, h=height, name=one.name, data=_data(one), boxes=Markup("").join(boxes))


def _data(one: Example) -> str:
    with Image.open(one.image.file) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((_WIDEST, _WIDEST))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _box(box: np.ndarray, colour: str, title: str, *, dashed: bool = False) -> Markup:
    x1, y1, x2, y2 = (round(float(value), 1) for value in box)
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return Markup(
        f'<rect x="{x1}" y="{y1}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}" fill="none" '
        f'stroke="{colour}" stroke-width="2" vector-effect="non-scaling-stroke"{dashes}>'
        f"<title>{escape(title)}</title></rect>"
    )
