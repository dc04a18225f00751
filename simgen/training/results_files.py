"""Files of a study, written atomically, so that a study can be interrupted anywhere."""

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
    """Return the content of a file; None if it is missing or damaged, so that it is recreated."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def as_rows(found: Sequence[Detections]) -> list[list[list[float]]]:
    """Return class, score, x1, y1, x2, y2 of each detection in each image. float32 values are
    preserved exactly."""
    return [
        [
            [int(name), float(score), *map(float, box)]
            for box, score, name in zip(one.boxes, one.scores, one.classes, strict=True)
        ]
        for one in found
    ]


def from_rows(rows: Sequence[Sequence[Sequence[float]]]) -> list[Detections]:
    """Invert `as_rows`."""
    return [detections_of(np.array(one, np.float64).reshape(-1, 6)) for one in rows]


def detections_of(table: np.ndarray, most: int = 100) -> Detections:
    """Return the best rows of an `N x 6` table of class, score, x1, y1, x2, y2, sorted."""
    best = table[np.argsort(-table[:, 1], kind="stable")[:most]]
    return Detections(
        best[:, 2:].astype(np.float32), best[:, 1].astype(np.float32), best[:, 0].astype(np.int64)
    )
