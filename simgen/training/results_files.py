"""Files of a study: written completely or not at all, so that a study can be stopped anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset import files
from simgen.training.detection import Detections


def write_bytes(path: Path, content: bytes) -> None:
    """Raises `OSError`."""
    with files.replacing(path, path.parent) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, content: Any) -> None:
    """Raises `OSError`."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    write_bytes(path, f"{text}\n".encode())


def read_json(path: Path) -> Any:
    """What the file holds; None where it is missing or was damaged, so that it is made again."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def as_rows(found: Sequence[Detections]) -> list[list[list[float]]]:
    """Of each image, of each detection: class, score, x1, y1, x2, y2. float32 values survive."""
    return [
        [
            [int(name), float(score), *map(float, box)]
            for box, score, name in zip(one.boxes, one.scores, one.classes, strict=True)
        ]
        for one in found
    ]


def from_rows(rows: Sequence[Sequence[Sequence[float]]]) -> list[Detections]:
    """What `as_rows` gave."""
    return [detections_of(np.array(one, np.float64).reshape(-1, 6)) for one in rows]


def detections_of(table: np.ndarray, most: int = 100) -> Detections:
    """Of an `N x 6` table of class, score, x1, y1, x2, y2 the best, sorted."""
    best = table[np.argsort(-table[:, 1], kind="stable")[:most]]
    return Detections(
        best[:, 2:].astype(np.float32), best[:, 1].astype(np.float32), best[:, 0].astype(np.int64)
    )
