"""torchvision's detectors: Faster R-CNN, RetinaNet, FCOS, SSD, SSDLite. Needs torchvision.

https://pytorch.org/vision/stable/models.html#object-detection
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from torchvision import models  # type: ignore[import-not-found, unused-ignore]
from torchvision.models import detection  # type: ignore[import-not-found, unused-ignore]

from simgen.errors import InputError, did_you_mean
from simgen.training.detection import Detections, LabelledImage
from simgen.training.images import read_rgb
from simgen.training.results_files import detections_of
from simgen.training.study.schema import TrainerConfig
from simgen.training.trainers.crops import Crop, crops_of
from simgen.training.trainers.loop import device_of, fit
from simgen.training.trainers.trainer import Job, Tell

_ON_CPU, _ON_GPU = "fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_resnet50_fpn_v2"
_RATE = 2e-4
_FIXED_SIZE = ("ssd300_vgg16", "ssdlite320_mobilenet_v3_large")
"""Models that rescale every image to a fixed size."""


def check(config: TrainerConfig) -> None:
    """Raise `InputError` for an unknown model or an unavailable device."""
    device_of(config.device)
    known = models.list_models(module=detection)
    if config.model is not None and config.model not in known:
        raise InputError(
            f"trainer.model={config.model}: expected one of torchvision's detectors, "
            f"{', '.join(known)}" + did_you_mean(config.model, known)
        )
    if config.weights not in ("auto", "none") and not Path(config.weights).is_file():
        raise InputError(f"trainer.weights={config.weights}: no such file")


def train(job: Job, tell: Tell) -> TorchvisionModel:
    """Train a detector, or resume its training."""
    torch.manual_seed(job.seed)
    device = device_of(job.device)
    job = replace(job, device=device)
    name = job.config.model or (_ON_GPU if device.startswith("cuda") else _ON_CPU)
    net, about = _build(name, len(job.classes), job.config.weights, job.budget.side)
    net.to(device).train()
    crops = crops_of(job)

    def loss(net: Any, step: int) -> torch.Tensor:
        batch = crops.batch(step, job.budget.batch)
        return sum(net(*_inputs(batch, device)).values())

    fit(net, loss, job, tell, rate=job.config.learning_rate or _RATE)
    return TorchvisionModel(net.eval(), name, crops.scale, device, about)


class TorchvisionModel:
    """A trained detector. scale: factor on images before detection."""

    def __init__(self, net: Any, name: str, scale: float, device: str, about: str) -> None:
        self._net, self._name, self._scale = net, name, scale
        self._device, self.about = device, about

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        return [self._detect(read_rgb(image.file)) for image in images]

    def _detect(self, image: np.ndarray) -> Detections:
        if self._name not in _FIXED_SIZE:
            size = self._scale * min(image.shape[:2]), self._scale * max(image.shape[:2])
            self._net.transform.min_size = (max(1, round(size[0])),)
            self._net.transform.max_size = max(1, round(size[1]))
        with torch.no_grad():
            (found,) = self._net([_tensor(image, self._device)])
        columns = [found["labels"][:, None] - 1, found["scores"][:, None], found["boxes"]]
        return detections_of(torch.cat([one.double() for one in columns], dim=1).cpu().numpy())


def _inputs(batch: Sequence[Crop], device: str) -> tuple[list[Any], list[dict[str, Any]]]:
    images, targets = [], []
    for crop in batch:
        # These losses do not support ignore regions, so pixels inside are excluded from training.
        image = crop.image.copy()
        for x1, y1, x2, y2 in crop.boxes[crop.ignore]:
            image[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))] = 114
        kept = ~crop.ignore
        images.append(_tensor(image, device))
        targets.append(
            {
                "boxes": torch.from_numpy(np.ascontiguousarray(crop.boxes[kept])).to(device),
                "labels": torch.from_numpy(crop.classes[kept] + 1).to(device),
            }
        )
    return images, targets


def _tensor(image: np.ndarray, device: str) -> torch.Tensor:
    plain = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).to(device)
    return plain.float() / 255


def _build(name: str, classes: int, weights: str, side: int) -> tuple[Any, str]:
    """Return the network and a description of its initial weights."""
    options = {} if name in _FIXED_SIZE else {"min_size": side, "max_size": side}
    net = models.get_model(
        name, weights=None, weights_backbone=None, num_classes=classes + 1, **options
    )
    state, what = _state(name, weights)
    if not state:
        return net, f"{name}, {what}"
    own = net.state_dict()
    fitting = {key: value for key, value in state.items() if _fits(own, key, value)}
    if not fitting:
        raise InputError(f"trainer.weights={weights}: contains no weights of {name}")
    net.load_state_dict(fitting, strict=False)
    return net, f"{name}, {what} ({len(fitting)} of {len(own)} tensors)"


def _fits(own: Mapping[str, Any], key: str, value: Any) -> bool:
    # The head determines the classes, which differ from those of the weights.
    return key in own and own[key].shape == value.shape


def _state(name: str, weights: str) -> tuple[dict[str, Any], str]:
    if weights == "none":
        return {}, "from scratch"
    if weights != "auto":
        return _read(Path(weights)), f"weights {Path(weights).name}"
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    file = folder / Path(models.get_model_weights(name).DEFAULT.url).name
    if file.is_file():
        return _read(file), f"weights {file.name} of torchvision's cache"
    return {}, f"from scratch: {file.name} is not in torchvision's cache"


def _read(file: Path) -> dict[str, Any]:
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"trainer.weights={file}: not readable as weights: {reason}") from None
    return dict(found.get("model", found))
