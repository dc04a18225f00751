"""A small centre-point detector that trains to useful accuracy in minutes on two cores.

Objects as points, Zhou et al. 2019 (https://arxiv.org/abs/1904.07850), on a feature pyramid of
EfficientNet-Lite0, whose ImageNet weights come from the package index. Needs torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]

from simgen.errors import InputError
from simgen.training.detection import Detections, LabelledImage
from simgen.training.images import read_rgb
from simgen.training.photographs.tiles import suppress
from simgen.training.results_files import detections_of
from simgen.training.study.schema import TrainerConfig
from simgen.training.trainers import centers
from simgen.training.trainers.center_net import CenterNet, normalised
from simgen.training.trainers.crops import crops_of
from simgen.training.trainers.loop import device_of, fit
from simgen.training.trainers.trainer import Job, Tell

_RATE = 1e-3
_FROZEN = 3
"""Initial blocks that keep their initial weights: edges and colours are the same in synthetic
images and photographs only if they are not learned from either."""
_MOST_OVERLAP = 0.5
_SEEN = 0.05
"""Minimum score of a detection."""


def check(config: TrainerConfig) -> None:
    """Raise `InputError` for an unavailable model or device."""
    if config.model not in (None, "lite0"):
        raise InputError(f"trainer.model={config.model}: trainer small has only the model lite0")
    if config.freeze and config.weights == "none":
        raise InputError(
            f"trainer.freeze={config.freeze}: would keep random weights, since trainer.weights=none"
        )
    device_of(config.device)


def train(job: Job, tell: Tell) -> SmallModel:
    """Train a detector, or resume. Raises `InputError` for weights that cannot be read."""
    torch.manual_seed(job.seed)
    device = device_of(job.device)
    job = replace(job, device=device)
    frozen = _FROZEN if job.config.freeze is None else job.config.freeze
    net = CenterNet(len(job.classes), job.config.weights, frozen).to(device)
    crops = crops_of(job)

    def loss(net: Any, step: int) -> torch.Tensor:
        batch = crops.batch(step, job.budget.batch)
        images = torch.from_numpy(np.stack([crop.image for crop in batch])).to(device)
        targets = [centers.target(crop, len(job.classes)) for crop in batch]
        return centers.loss(net(normalised(images)), targets)

    net.train()
    fit(net, loss, job, tell, rate=job.config.learning_rate or _RATE)
    return SmallModel(net.eval(), crops.scale, device, net.about)


class SmallModel:
    """A trained detector. scale: factor on images before detection."""

    def __init__(self, net: CenterNet, scale: float, device: str, about: str) -> None:
        self._net, self._scale, self._device, self.about = net, scale, device, about

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        return [self._detect(read_rgb(image.file)) for image in images]

    def _detect(self, image: np.ndarray) -> Detections:
        scaled = _scaled(image, self._scale)
        tensor = torch.from_numpy(scaled[None]).to(self._device)
        with torch.no_grad():
            out = self._net(normalised(tensor))[0].float().cpu().numpy()
        boxes, scores, classes = centers.decode(out, _SEEN)
        boxes = boxes / np.float32(self._scale)
        limit = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
        boxes = np.clip(boxes, 0, limit)
        kept = suppress(boxes, scores, classes, _MOST_OVERLAP)
        return detections_of(np.column_stack([classes[kept], scores[kept], boxes[kept]]))


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    if scale != 1.0:
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    bottom, right = -image.shape[0] % 32, -image.shape[1] % 32
    return cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=(114,) * 3)
