"""Sets of drawn images, and changes of them: what a comparison of sets has to find."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

HEIGHT, WIDTH = 150, 200

type Drawn = tuple[np.ndarray, list[tuple[float, float, float, float]]]
"""RGB uint8, and boxes: x, y, width, height."""


def scene(rng: np.random.Generator, count: int | None = None, size: float = 1.0) -> Drawn:
    """Patches on a ground with the spectrum of photographs, blurred and noisy as by a camera."""
    image = _ground(rng) * rng.uniform(16, 30) + rng.uniform(95, 150) + rng.normal(0, 10, 3)
    boxes = []
    for _ in range(int(rng.integers(2, 7)) if count is None else count):
        side, ratio = rng.uniform(20, 40) * size, rng.uniform(0.7, 1.4)
        width, height = side * ratio**0.5, side / ratio**0.5
        x, y = rng.uniform(0, WIDTH - width), rng.uniform(0, HEIGHT - height)
        inside = np.zeros((2 * HEIGHT, 2 * WIDTH), np.float32)
        corners = (int(2 * x), int(2 * y)), (int(2 * (x + width)), int(2 * (y + height)))
        cv2.rectangle(inside, *corners, 1.0, -1)
        part = cv2.resize(inside, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)[..., None]
        colour = rng.uniform(30, 230, 3) + rng.normal(0, 6, (HEIGHT, WIDTH, 1))
        image = image * (1 - part) + colour * part
        boxes.append((x, y, width, height))
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.55, 0.8))
    return _rounded(image + rng.normal(0, rng.uniform(1, 2.2), image.shape)), boxes


def _ground(rng: np.random.Generator) -> np.ndarray:
    frequency = np.hypot(np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None])
    frequency[0, 0] = np.inf
    white = rng.standard_normal((3, HEIGHT, WIDTH))
    found = np.fft.irfft2(np.fft.rfft2(white) / frequency**1.1, (HEIGHT, WIDTH))
    found = (found / found.std(axis=(1, 2), keepdims=True)).transpose(1, 2, 0)
    return 0.8 * found.mean(axis=2, keepdims=True) + 0.35 * found


def _rounded(image: np.ndarray) -> np.ndarray:
    return np.clip(image, 0, 255).round().astype(np.uint8)


def _saturated(image: np.ndarray, by: float) -> np.ndarray:
    grey = image.mean(axis=2, keepdims=True)
    return grey + (image - grey) * by


def _compressed(image: np.ndarray) -> np.ndarray:
    _, buffer = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 30))
    return cv2.imdecode(buffer, cv2.IMREAD_COLOR)


PIXELS: dict[str, tuple[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]]] = {
    "blur": ("sharpness", lambda x, rng: cv2.GaussianBlur(x, (0, 0), 1.5)),
    "noise": ("noise", lambda x, rng: x + rng.normal(0, 8, x.shape)),
    "gain": ("brightness", lambda x, rng: x * 1.35),
    "offset": ("brightness", lambda x, rng: x + 35.0),
    "darker": ("brightness", lambda x, rng: x * 0.7),
    "contrast": ("contrast", lambda x, rng: (x - x.mean()) * 1.5 + x.mean()),
    "haze": ("contrast", lambda x, rng: (x - 128.0) * 0.6 + 128),
    "vivid": ("saturation", lambda x, rng: _saturated(x, 1.7)),
    "pale": ("saturation", lambda x, rng: _saturated(x, 0.5)),
    "warm": ("warmth", lambda x, rng: x * np.array([1.2, 1, 0.8])),
    "green": ("tint", lambda x, rng: x * np.array([0.9, 1.1, 0.9])),
    "JPEG": ("jpeg", lambda x, rng: _compressed(x.astype(np.uint8))),
}
"""Changes of pixels, float64 to float64, and the quantity that has to be named first."""
SCENES = {
    "smaller objects": ("size", {"size": 0.6}),
    "larger objects": ("size", {"size": 1.6}),
    "more objects": ("objects", {"count": 9}),
}
"""Changes of what is drawn."""


def changed(images: Sequence[Drawn], name: str, rng: np.random.Generator) -> list[Drawn]:
    """Images with one of `PIXELS`."""
    _, change = PIXELS[name]
    return [(_rounded(change(rgb.astype(np.float64), rng)), boxes) for rgb, boxes in images]


def write_coco(folder: Path, images: Sequence[Drawn], suffix: str = ".png") -> Path:
    """A COCO dataset of two classes."""
    (folder / "images").mkdir(parents=True)
    table: dict[str, list] = {"images": [], "annotations": []}
    for number, (rgb, boxes) in enumerate(images, start=1):
        name = f"images/{number:04d}{suffix}"
        cv2.imwrite(str(folder / name), rgb[..., ::-1])
        size = {"width": rgb.shape[1], "height": rgb.shape[0]}
        table["images"].append({"id": number, "file_name": name} | size)
        for box in boxes:
            place = len(table["annotations"])
            table["annotations"].append(
                {"id": place + 1, "image_id": number, "category_id": 1 + place % 2}
                | {"bbox": list(map(float, box)), "area": box[2] * box[3], "iscrowd": 0}
            )
    categories = [{"id": 1, "name": "mug"}, {"id": 2, "name": "box"}]
    (folder / "instances.json").write_text(json.dumps(table | {"categories": categories}))
    return folder
