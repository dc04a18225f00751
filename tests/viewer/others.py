"""Small datasets in other people's formats, with labels and detections that are known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

CLASSES = ("cat", "dog", "hen")
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawn:
    """An image. labels: class index and `[x, y, w, h]` of each object, whole pixels."""

    name: str
    width: int
    height: int
    labels: tuple[tuple[int, Box], ...]


def images(count: int, seed: int = 0, most: int = 6) -> list[Drawn]:
    """Images of different sizes with random objects that overlap at times."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        width, height = int(rng.integers(60, 120)), int(rng.integers(50, 90))
        labels = []
        for _ in range(rng.integers(0, most + 1)):
            w, h = int(rng.integers(8, width // 2)), int(rng.integers(8, height // 2))
            x, y = int(rng.integers(1, width - w)), int(rng.integers(1, height - h))
            labels.append((int(rng.integers(len(CLASSES))), (x, y, w, h)))
        found.append(Drawn(f"{number * 7 + 3:06d}", width, height, tuple(labels)))
    return found


def write_picture(path: Path, image: Drawn) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(1).integers(0, 256, (image.height, image.width, 3), np.uint8)
    assert cv2.imwrite(str(path), pixels)


def coco(folder: Path, found: list[Drawn], classes: tuple[str, ...] = CLASSES) -> Path:
    """Image ids are the numbers in the names; category ids 5, 15, 25."""
    for image in found:
        write_picture(folder / "val2017" / f"{image.name}.jpg", image)
    objects = [(image, *label) for image in found for label in image.labels]
    plain = {
        "images": [
            {"id": int(i.name), "file_name": f"{i.name}.jpg", "width": i.width, "height": i.height}
            for i in found
        ],
        "categories": [{"id": 5 + 10 * n, "name": name} for n, name in enumerate(classes)],
        "annotations": [
            {"id": n, "image_id": int(image.name), "category_id": 5 + 10 * kind, "iscrowd": 0,
             "bbox": list(box), "area": box[2] * box[3]}
            for n, (image, kind, box) in enumerate(objects, start=1)
        ],
    }  # fmt: skip
    put_json(folder / "annotations/instances_val2017.json", plain)
    return folder


def yolo(folder: Path, found: list[Drawn]) -> Path:
    for image in found:
        write_picture(folder / "images/val" / f"{image.name}.png", image)
        rows = [
            f"{k} {(x + w / 2) / image.width:.9f} {(y + h / 2) / image.height:.9f} "
            f"{w / image.width:.9f} {h / image.height:.9f}"
            for k, (x, y, w, h) in image.labels
        ]
        path = folder / "labels/val" / f"{image.name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(rows))
    (folder / "data.yaml").write_text(f"names: [{', '.join(CLASSES)}]\nval: images/val\n")
    return folder


def voc(folder: Path, found: list[Drawn]) -> Path:
    (folder / "Annotations").mkdir(parents=True)
    for image in found:
        write_picture(folder / "JPEGImages" / f"{image.name}.jpg", image)
        objects = "".join(
            f"<object><name>{CLASSES[k]}</name><bndbox><xmin>{x + 1}</xmin><ymin>{y + 1}</ymin>"
            f"<xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>"
            for k, (x, y, w, h) in image.labels
        )
        (folder / "Annotations" / f"{image.name}.xml").write_text(
            f"<annotation><filename>{image.name}.jpg</filename><size><width>{image.width}</width>"
            f"<height>{image.height}</height></size>{objects}</annotation>"
        )
    return folder


def put_json(path: Path, plain: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain))
    return path


def detections(found: list[Drawn], seed: int = 0) -> list[dict[str, Any]]:
    """Results in COCO's format for `coco`: near most labels, some twice or of a wrong class, and
    some of nothing. Scores repeat at times."""
    rng = np.random.default_rng(seed)
    rows = []
    for image in found:
        for kind, (x, y, w, h) in image.labels:
            for _ in range(rng.choice([0, 1, 1, 1, 2])):
                shift = rng.normal(0, 0.12, 4)
                other = int(rng.integers(len(CLASSES))) if rng.random() < 0.15 else kind
                box = [x + shift[0] * w, y + shift[1] * h, w * np.exp(shift[2]),
                       h * np.exp(shift[3])]  # fmt: skip
                rows.append((image, other, box))
        for _ in range(rng.integers(0, 3)):
            rows.append((image, int(rng.integers(len(CLASSES))), [3, 4, 12, 9]))
    return [
        {"image_id": int(image.name), "category_id": 5 + 10 * kind,
         "bbox": [round(float(v), 3) for v in box], "score": round(float(rng.random()), 2)}
        for image, kind, box in rows
    ]  # fmt: skip
