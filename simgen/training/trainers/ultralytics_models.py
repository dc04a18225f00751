"""Ultralytics' detectors, trained as their users do. Needs ultralytics, which is AGPL-3.0.

https://docs.ultralytics.com/modes/train/
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

# Read at import: otherwise it reports usage, checks for updates, downloads, and prints hundreds of
# lines.
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_VERBOSE", "false")
from ultralytics import YOLO  # type: ignore[import-not-found, unused-ignore]

from simgen.errors import InputError
from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.results_files import detections_of
from simgen.training.study.schema import TrainerConfig
from simgen.training.trainers.trainer import Job, Tell

_MODEL = "yolo11n.yaml"
"""An architecture, not weights: those would be downloaded silently."""


def check(config: TrainerConfig) -> None:
    """Raise `InputError` if the weights are not a file."""
    if config.weights not in ("auto", "none") and not Path(config.weights).is_file():
        raise InputError(f"trainer.weights={config.weights}: no such file")


def train(job: Job, tell: Tell) -> UltralyticsModel:
    """Train a detector, or resume, though Ultralytics does not resume to identical bits. Sets are
    mixed by their numbers of images, not by their shares."""
    data = write_yolo(job.sets, job.classes, job.folder / "data")
    last = job.folder / "run" / "weights" / "last.pt"
    images = sum(len(found.images) for found in job.sets)
    epochs = max(1, math.ceil(job.budget.steps * job.budget.batch / images))
    done = job.folder / "trained"
    start = job.config.weights if Path(job.config.weights).is_file() else None
    name = job.config.model or _MODEL
    if not done.is_file():
        net = YOLO(str(last) if last.is_file() else start or name)
        net.add_callback(
            "on_train_epoch_end",
            lambda trainer: tell(
                (trainer.epoch + 1) * job.budget.steps // epochs, job.budget.steps
            ),
        )
        net.train(
            data=str(data), epochs=epochs, batch=job.budget.batch, imgsz=job.budget.side,
            seed=job.seed, deterministic=True, project=str(job.folder), name="run", exist_ok=True,
            resume=last.is_file(), verbose=False, plots=False, val=False, pretrained=False,
            device=None if job.device == "auto" else job.device, workers=0,
        )  # fmt: skip
        done.touch()
    tell(job.budget.steps, job.budget.steps)
    origin = f"weights {Path(start).name}" if start else "from scratch"
    return UltralyticsModel(YOLO(str(last)), f"{name}, {origin}", job.budget.side)


class UltralyticsModel:
    """A trained detector. side: size in pixels that images are scaled to."""

    def __init__(self, net: Any, about: str, side: int) -> None:
        self._net, self.about, self._side = net, about, side

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        found = []
        for image in images:
            (result,) = self._net.predict(
                str(image.file), imgsz=self._size(image), conf=0.01, max_det=100, verbose=False
            )
            boxes = result.boxes.cpu().numpy()
            table = np.column_stack([boxes.cls, boxes.conf, boxes.xyxy]).reshape(-1, 6)
            found.append(detections_of(table.astype(np.float64)))
        return found

    def _size(self, image: LabelledImage) -> int:
        """Return a size not below the image's own, so that objects are as large as in training."""
        return max(self._side, 32 * math.ceil(max(image.width, image.height) / 32))


def write_yolo(sets: Sequence[DetectionSet], classes: Sequence[str], folder: Path) -> Path:
    """Write images, linked if the system supports it, and labels in YOLO's format; return the path
    of `data.yaml`."""
    for part in ("images", "labels"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    images = (image for found in sets for image in found.images)
    for number, image in enumerate(images):
        target = folder / "images" / f"{number:07d}{image.file.suffix}"
        try:
            target.symlink_to(image.file)
        except OSError:
            shutil.copyfile(image.file, target)
        (folder / "labels" / f"{number:07d}.txt").write_text(_rows(image))
    file = folder / "data.yaml"
    names = dict(enumerate(classes))
    plain = {"path": str(folder), "train": "images", "val": "images", "names": names}
    file.write_text(yaml.safe_dump(plain))
    return file


def _rows(image: LabelledImage) -> str:
    size = np.array([image.width, image.height], np.float64)
    kept = ~image.ignore
    middle = (image.boxes[kept, :2] + image.boxes[kept, 2:]) / 2 / size
    extent = (image.boxes[kept, 2:] - image.boxes[kept, :2]) / size
    return "".join(
        f"{name} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n"
        for name, (x, y), (w, h) in zip(image.classes[kept], middle, extent, strict=True)
    )
