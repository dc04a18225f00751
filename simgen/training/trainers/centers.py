"""Conversion between boxes and centre maps: targets, losses and decoding of the small detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]

from simgen.training.trainers.center_net import STRIDE
from simgen.training.trainers.crops import Crop

UNIT = 32.0
"""Unit of widths and heights before the logarithm, pixels."""
_BOX_WEIGHT = 0.5
_MOST = 200


@dataclass(frozen=True)
class Target:
    """The training target of a crop.

    heat: `C x h x w` float32, 1 at centres and decreasing around them. known: `h x w` float32, 0 in
    ignore regions. rows, columns: of the N centres. box: `N x 4` float32, the network's target for
    them.
    """

    heat: np.ndarray
    known: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    box: np.ndarray


def target(crop: Crop, classes: int) -> Target:
    """Return the network's target for a crop."""
    cells = crop.image.shape[0] // STRIDE
    heat, known = np.zeros((classes, cells, cells), np.float32), np.ones((cells, cells), np.float32)
    v, u = np.mgrid[:cells, :cells].astype(np.float32)
    rows, columns, box = [], [], []
    for (x1, y1, x2, y2), name, ignored in zip(crop.boxes, crop.classes, crop.ignore, strict=True):
        if ignored:
            low = int(y1) // STRIDE, int(x1) // STRIDE
            known[low[0] : int(y2) // STRIDE + 1, low[1] : int(x2) // STRIDE + 1] = 0
            continue
        width, height = x2 - x1, y2 - y1
        x, y = (x1 + x2) / 2 / STRIDE, (y1 + y2) / 2 / STRIDE
        column, row = min(int(x), cells - 1), min(int(y), cells - 1)
        spread = 2 * (np.array([width, height]) / STRIDE / 6).clip(0.4) ** 2
        blob = np.exp(-((u - column) ** 2) / spread[0] - (v - row) ** 2 / spread[1])
        np.maximum(heat[name], blob, out=heat[name])
        rows.append(row)
        columns.append(column)
        box.append([np.log(width / UNIT), np.log(height / UNIT), x - column, y - row])
    for name, row, column in zip(crop.classes[~crop.ignore], rows, columns, strict=True):
        heat[name, row, column] = 1.0
        known[row, column] = 1.0
    places = np.array(rows, np.int64), np.array(columns, np.int64)
    return Target(heat, known, *places, np.array(box, np.float32).reshape(-1, 4))


def loss(out: torch.Tensor, targets: Sequence[Target]) -> torch.Tensor:
    """Return the focal loss of the centres plus the L1 loss of their boxes, over the number of
    centres (as in CenterNet)."""
    device = out.device
    out = out.float()
    heat = torch.from_numpy(np.stack([one.heat for one in targets])).to(device)
    known = torch.from_numpy(np.stack([one.known for one in targets])).to(device)[:, None]
    logits = out[:, :-4]
    score = torch.sigmoid(logits)
    log, other = torch.nn.functional.logsigmoid(logits), torch.nn.functional.logsigmoid(-logits)
    centre = heat == 1
    right = torch.where(centre, (1 - score) ** 2 * log, 0)
    wrong = torch.where(centre, 0, (1 - heat) ** 4 * score**2 * other)
    focal = -((right + wrong) * known).sum()
    image = np.concatenate([np.full(len(one.rows), n) for n, one in enumerate(targets)])
    rows = np.concatenate([one.rows for one in targets])
    columns = np.concatenate([one.columns for one in targets])
    wanted = torch.from_numpy(np.concatenate([one.box for one in targets])).to(device)
    found = out[image.astype(np.int64), -4:, rows, columns]
    box = (found - wanted).abs().sum()
    return (focal + _BOX_WEIGHT * box) / max(1, len(rows))


def decode(out: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decode the network's output (`(C + 4) x h x w`) for an image to boxes `N x 4`, scores and
    classes: local maxima with at least score `least`, at most 200."""
    score = 1 / (1 + np.exp(-np.clip(out[:-4], -30, 30)))
    tensor = torch.from_numpy(np.ascontiguousarray(score))
    peaks = torch.nn.functional.max_pool2d(tensor[None], 3, 1, 1)[0].numpy() == score
    classes, rows, columns = np.nonzero(peaks & (score >= least))
    values = score[classes, rows, columns]
    best = np.argsort(-values, kind="stable")[:_MOST]
    classes, rows, columns, values = classes[best], rows[best], columns[best], values[best]
    log_width, log_height, dx, dy = out[-4:, rows, columns]
    width, height = (UNIT * np.exp(np.clip(one, -4, 4)) for one in (log_width, log_height))
    x, y = (columns + dx) * STRIDE, (rows + dy) * STRIDE
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return boxes.astype(np.float32), values.astype(np.float32), classes.astype(np.int64)
