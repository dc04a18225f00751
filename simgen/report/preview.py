"""`preview.png`: a contact sheet of images with their labels, beside their depth."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from simgen.dataset import files
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import AnyPath
from simgen.dataset.sample import Sample
from simgen.labels.drawing.colours import class_colour, colour_depth, text_colour_on
from simgen.labels.record import ObjectRecord
from simgen.report.lettering import lettering

_TILE_WIDTH = 480
_COLUMNS = 2
_MOST = 10
"""Maximum number of frames on a sheet."""
_GAP = 8
_PAPER = (24, 24, 27)
_MASK_OPACITY = 0.35


def write_preview(dataset: Dataset, path: AnyPath, scratch: Path) -> None:
    """Draw frames from across the dataset onto one sheet.

    scratch: folder for temporary files, on the file system of `path`.
    Requires the label rgb; masks and depth are drawn if the dataset has them.
    """
    tiles = [draw_sample(sample) for sample in spread(dataset, _MOST)]
    with files.replacing(path, scratch) as temporary:
        Image.fromarray(_sheet(tiles)).save(temporary, format="PNG", compress_level=6)


def spread(dataset: Dataset, most: int) -> list[Sample]:
    """Return at most `most` frames, spread evenly across a dataset."""
    places = np.unique(np.linspace(0, len(dataset) - 1, min(most, len(dataset))).round())
    return [dataset[int(place)] for place in places]


def draw_sample(sample: Sample) -> np.ndarray:
    """Return a picture of a frame with its labels beside its depth, `H x W x 3` uint8."""
    height = round(_TILE_WIDTH * sample.camera.height / sample.camera.width)
    size = (_TILE_WIDTH, max(1, height))
    parts = [_fit(draw_labels(sample, size), size)]
    if "depth" in sample.labels:
        parts.append(_fit(colour_depth(sample.depth), size))
    return np.concatenate(parts, axis=1)


def draw_labels(sample: Sample, size: tuple[int, int]) -> np.ndarray:
    """Return the image with available masks, boxes and class names, `H x W x 3` uint8.

    size: width and height of the result; without the label objects, the image keeps its own. Raises
    `InputError` for a dataset without the label rgb.
    """
    rgb = sample.rgb
    if "objects" not in sample.labels:
        return rgb
    if "instances" in sample.labels:
        rgb = with_masks(rgb, sample)
    image = Image.fromarray(_fit(rgb, size))
    draw = ImageDraw.Draw(image)
    scale = size[0] / sample.camera.width
    for item in sample.objects:
        if item.bbox is not None:
            _draw_box(draw, item, scale)
    return np.asarray(image)


def with_masks(rgb: np.ndarray, sample: Sample) -> np.ndarray:
    """Return an image with the instances of a frame tinted and outlined in their class colours."""
    table = np.zeros((int(sample.instances.max()) + 1, 3), np.float32)
    for item in sample.objects:
        if item.instance_id < len(table):
            table[item.instance_id] = class_colour(item.class_id)
    opacity = np.where(sample.instances > 0, _MASK_OPACITY, 0.0)[..., None]
    edges = _edges(sample.instances)[..., None]
    mixed = rgb * (1 - opacity) + table[sample.instances] * opacity
    return np.where(edges, table[sample.instances], mixed).astype(np.uint8)


def _edges(ids: np.ndarray) -> np.ndarray:
    """Return the object pixels next to a different id, `H x W` bool."""
    padded = np.pad(ids, 1, mode="edge")
    around = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    return (ids > 0) & np.logical_or.reduce([ids != other for other in around])


def _draw_box(draw: ImageDraw.ImageDraw, item: ObjectRecord, scale: float) -> None:
    assert item.bbox is not None
    x, y, width, height = (value * scale for value in item.bbox)
    colour = class_colour(item.class_id)
    # In a reduced picture, a box may be smaller than a pixel.
    corners = (x, y, max(x, x + width - 1), max(y, y + height - 1))
    draw.rectangle(corners, outline=colour, width=1)
    font, text = lettering(item.class_name, 12, f"class {item.class_id}")
    left, top, right, bottom = draw.textbbox((x + 2, max(0.0, y - 15)), text, font=font)
    draw.rectangle((left - 2, top - 1, right + 2, bottom + 1), fill=colour)
    draw.text((x + 2, max(0.0, y - 15)), text, fill=text_colour_on(colour), font=font)


def _fit(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if (image.shape[1], image.shape[0]) == size:
        return image
    shrinks = image.shape[1] > size[0]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _sheet(tiles: list[np.ndarray]) -> np.ndarray:
    """Arrange tiles of equal width in rows on a dark background.

    Cameras of a rig may have images of different shapes: a row is as high as its highest tile.
    """
    columns = min(_COLUMNS, len(tiles))
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    heights = [max(len(tile) for tile in row) for row in rows]
    width = max(tile.shape[1] for tile in tiles)
    shape = (sum(heights) + _GAP * (len(rows) + 1), columns * (width + _GAP) + _GAP, 3)
    sheet, top = np.full(shape, _PAPER, np.uint8), _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            left = _GAP + column * (width + _GAP)
            sheet[top : top + len(tile), left : left + tile.shape[1]] = tile
        top += height + _GAP
    return sheet
