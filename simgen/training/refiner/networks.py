"""The refiner, its critic and a training step. Needs torch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from torch import nn  # type: ignore[import-not-found, unused-ignore]

from simgen.dataset import files

_RATE = 3e-4
SAVED_EVERY = 30.0
"""Seconds between checkpoints."""
_REMEMBERED = 64
"""Number of refined patches kept for the critic."""
_PIXELS = 0.1
"""Weight of pixel differences relative to gradient differences in the content loss."""


class _Block(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = _conv(width, width), _conv(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class Refiner(nn.Module):  # type: ignore[misc, unused-ignore]
    """Maps `B x 3 x H x W` float32, -1 to 1, to the same. It is initialized to the identity.
    `simgen.dataset.adaptation.network` implements it in numpy."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.first = _conv(3, width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(blocks))
        self.last = nn.Conv2d(width, 3, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.first(x))
        for block in self.blocks:
            hidden = block(hidden)
        return x + self.last(hidden)


class Critic(nn.Module):  # type: ignore[misc, unused-ignore]
    """Rates how real each patch of an image looks, about 18 pixels wide: 1 real, 0 refined."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(64, 1, 3, 1, 1),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Training:
    """A refiner in training. Steps depend only on their number and inputs, so an interrupted
    training gives the same result as an uninterrupted one.

    options: of the method. file: of checkpoints. done: number of steps.
    """

    def __init__(self, options: Mapping[str, float], device: str, file: Path) -> None:
        torch.manual_seed(0)
        self._keep, self._device, self._file = options["keep"], device, file
        self.refiner = Refiner(int(options["width"]), int(options["blocks"])).to(device)
        self._critic = Critic().to(device)
        self._optimisers = [
            torch.optim.Adam(net.parameters(), _RATE, betas=(0.5, 0.999))
            for net in (self.refiner, self._critic)
        ]
        self._history = torch.zeros(0)
        self.done = 0
        self._load()
        self._saved = time.monotonic()

    def step(self, synthetic: torch.Tensor, real: torch.Tensor) -> None:
        """Update the critic, then the refiner. Both inputs are `B x 3 x S x S`, -1 to 1."""
        synthetic, real = synthetic.to(self._device), real.to(self._device)
        refined = self.refiner(synthetic)
        shown = self._with_history(refined.detach())
        critical = ((self._critic(real) - 1) ** 2).mean() + (self._critic(shown) ** 2).mean()
        self._descend(1, critical)
        believed = ((self._critic(refined) - 1) ** 2).mean()
        self._descend(0, believed + self._keep * _change(refined, synthetic))
        self.done += 1
        if time.monotonic() - self._saved > SAVED_EVERY:
            self.save()

    def save(self) -> None:
        """Raises `OSError`."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(self._file, self._file.parent) as temporary:
            torch.save(state | {"done": self.done, "history": self._history.cpu()}, temporary)
        self._saved = time.monotonic()

    def _load(self) -> None:
        if not self._file.is_file():
            return
        try:
            kept = torch.load(self._file, map_location=self._device, weights_only=True)
        except (OSError, RuntimeError, EOFError):
            return  # damaged: restart
        for name, part in self._parts().items():
            part.load_state_dict(kept[name])
        self.done, self._history = int(kept["done"]), kept["history"].to(self._device)

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {
            "refiner": self.refiner,
            "critic": self._critic,
            "refiners_optimiser": self._optimisers[0],
            "critics_optimiser": self._optimisers[1],
        }

    def _with_history(self, refined: torch.Tensor) -> torch.Tensor:
        """Replace half of a batch by earlier refined patches, and remember half of it."""
        half = len(refined) // 2
        if len(self._history) < _REMEMBERED:
            self._history = torch.cat([self._history.to(refined), refined[:half]])[:_REMEMBERED]
            return refined
        places = torch.randperm(_REMEMBERED)[:half].to(refined.device)
        old = self._history[places]
        self._history = self._history.index_copy(0, places, refined[:half])
        return torch.cat([refined[half:], old])

    def _descend(self, number: int, loss: torch.Tensor) -> None:
        self._optimisers[number].zero_grad(set_to_none=True)
        loss.backward()
        self._optimisers[number].step()


def weights_of(refiner: Refiner) -> dict[str, np.ndarray]:
    """Return the weights in the form of `simgen.dataset.adaptation.network`."""
    return {
        name: value.detach().cpu().numpy().astype(np.float32)
        for name, value in refiner.state_dict().items()
    }


def _change(refined: torch.Tensor, synthetic: torch.Tensor) -> torch.Tensor:
    """Return the content loss: gradient differences in full, pixel differences weighted by
    `_PIXELS`."""
    off = refined - synthetic
    slopes = off.diff(dim=2).abs().mean() + off.diff(dim=3).abs().mean()
    return slopes + _PIXELS * off.abs().mean()


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")
