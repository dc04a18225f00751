"""A refiner's network in numpy, to apply weights trained with PyTorch without PyTorch.

Fully convolutional and residual: `x + last(blocks(relu(first(x))))`, where each block is
`relu(h + second(relu(first(h))))`; all convolutions are 3 x 3, except the last, which is 1 x 1.
Images are padded with their edge pixels. Values are -1 to 1.

Arrays: `first.weight` (`C x 3 x 3 x 3`), `first.bias` (`C`), `blocks.N.first.weight`
(`C x C x 3 x 3`) and so on, `last.weight` (`3 x C x 1 x 1`), `last.bias`; float32, in PyTorch's
order.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_ROWS = 256
"""Rows per strip; images are processed in strips to limit memory."""


def refined(image: np.ndarray, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the refined image, `H x W x 3` uint8."""
    values = image.astype(np.float32) / 127.5 - 1
    reach = 1 + 2 * _blocks(arrays)
    made = np.empty_like(image)
    for top in range(0, len(values), _ROWS):
        above = max(0, top - reach)
        out = forward(values[above : top + _ROWS + reach], arrays)[top - above :][:_ROWS]
        made[top : top + _ROWS] = np.clip(np.round((out + 1) * 127.5), 0, 255)
    return made


def forward(values: np.ndarray, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Run the network on `H x W x 3` float32, -1 to 1; outputs may slightly exceed that range."""

    def layer(x: np.ndarray, name: str) -> np.ndarray:
        return _convolved(x, arrays[f"{name}.weight"], arrays[f"{name}.bias"])

    hidden = np.maximum(layer(values, "first"), 0)
    for number in range(_blocks(arrays)):
        inner = np.maximum(layer(hidden, f"blocks.{number}.first"), 0)
        hidden = np.maximum(hidden + layer(inner, f"blocks.{number}.second"), 0)
    return values + layer(hidden, "last")


def _blocks(arrays: Mapping[str, np.ndarray]) -> int:
    return sum(name.endswith(".first.weight") for name in arrays)


def _convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolve `H x W x in` to `H x W x out`. weight: `out x in x k x k`."""
    height, width = x.shape[:2]
    side = weight.shape[2]
    edge = side // 2
    padded = np.pad(x, ((edge, edge), (edge, edge), (0, 0)), mode="edge")
    out = np.tile(bias.astype(np.float32), (height * width, 1))
    for row in range(side):
        for column in range(side):
            part = padded[row : row + height, column : column + width]
            out += part.reshape(height * width, -1) @ weight[:, :, row, column].T
    return out.reshape(height, width, -1)
