"""Images of frames in a view: thumbnails, measures, and the displayed image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from simgen.dataset import files, remote
from simgen.dataset.sample import Sample
from simgen.labels.registry import LABELS, drawable
from simgen.report.counting.measures import measure
from simgen.viewer.paths import frame_name, make_folder, write
from simgen.viewer.scene_data import Plain

SIDE = 192
"""Longer side of a thumbnail, pixels."""
_QUALITY = 85
_PAPER = 60


def shown_label(labels: Sequence[str]) -> str:
    """Return the label that pages show as the image of a frame: `rgb`, or else the first drawable
    label; empty if there is none."""
    if "rgb" in labels:
        return "rgb"
    return next(iter(drawable(labels)), "")


def picture(sample: Sample, label: str) -> np.ndarray:
    """Return a frame's image, `H x W x 3` uint8, RGB; plain grey if it has none. Raises
    `InputError` and `OSError`."""
    image = LABELS[label].picture(sample) if label else None
    if image is None:
        return np.full((sample.camera.height, sample.camera.width, 3), _PAPER, np.uint8)
    return image


def placeholder(size: tuple[int, int]) -> np.ndarray:
    """Return a placeholder for an unreadable image, `H x W x 3` uint8, at most as large as a
    thumbnail: stripes, which no label has. size: width and height of the image, pixels."""
    scale = min(1.0, SIDE / max(*size, 1))
    width, height = (max(1, round(min(side * scale, SIDE))) for side in size)
    rows, columns = np.mgrid[:height, :width]
    grey = np.where((rows + columns) // 8 % 2, 96, 72).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def thumbnail(image: np.ndarray) -> bytes:
    """Return an image, `H x W x 3` uint8, as a small JPEG."""
    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return _encoded(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))


def measured(image: np.ndarray, label: str) -> Plain:
    """Return the column values measured on an image; none for labels other than `rgb`."""
    if label != "rgb":
        return {}
    found = measure(image)
    return {"brightness": found.brightness, "contrast": found.contrast,
            "sharpness": found.sharpness}  # fmt: skip


def write_picture(sample: Sample, image: np.ndarray, label: str, folder: Path) -> None:
    """Copy the full image into the view."""
    make_folder(folder)
    path = folder / frame_name(sample.frame, "png")
    if label != "rgb":
        write(path, _encoded(".png", image))
        return
    original = sample.path("rgb")
    if isinstance(original, Path):
        files.link_or_copy(original, path)
    else:
        write(path, remote.read_bytes(original))


def _encoded(suffix: str, image: np.ndarray, settings: tuple[int, ...] = ()) -> bytes:
    done, content = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    if not done:
        raise OSError(f"an image of shape {image.shape} cannot be encoded as {suffix}")
    return content.tobytes()
