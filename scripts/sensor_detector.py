"""Train a small car detector on each candidate's images, and test it on photographs.

    python scripts/sensor_detector.py FOLDER PHOTOGRAPHS --seeds 5 --out results.jsonl
    python scripts/sensor_detector.py --report results.jsonl

FOLDER: output of `scripts/measure_sensor.py`. PHOTOGRAPHS: folder of COCO's `instances.json` and
`images/`; photographs of the same size are treated as one place. Needs torch, numpy and Pillow, but
not simgen.

The detector is a small CenterNet, trained from scratch. For a given seed, all candidates have the
same initial weights and the same crops in the same order, so they are compared seed by seed.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from PIL import Image
from torch import nn  # type: ignore[import-not-found, unused-ignore]

SIDE, BATCH, STRIDE = 128, 8, 4
TRAINED_ON = ("perfect", "noise", "lens", "jpeg", "camera", "phone")
BASELINE = "perfect"
BATCHES = 2000


class Detector(nn.Module):
    """Maps `n x 3 x H x W` to `n x 5 x H/4 x W/4`: score of a centre, offset x and y, width and
    height as logarithms of pixels over 24."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inside, outside, stride, reach in (
            (3, 16, 2, 1), (16, 24, 2, 1), (24, 24, 1, 1), (24, 24, 1, 2), (24, 24, 1, 4),
        ):  # fmt: skip
            layers += [
                nn.Conv2d(inside, outside, 3, stride, reach, reach),
                nn.GroupNorm(8, outside),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*layers)
        self.head = nn.Conv2d(24, 5, 1)
        nn.init.constant_(self.head.bias, 0.0)
        nn.init.constant_(self.head.bias[:1], -4.0)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(images))


def load(file: Path) -> np.ndarray:
    """Return an image, `3 x H x W` float32, with mean 0 and standard deviation 1."""
    image = np.asarray(Image.open(file).convert("RGB"), np.float32)
    return ((image - image.mean()) / (image.std() + 1e-6)).transpose(2, 0, 1)


def crop(image: np.ndarray, boxes: np.ndarray, rng: np.random.Generator) -> tuple[Any, Any]:
    """Return a square crop of an image, rotated and mirrored, and the boxes (`n x 4`: centre, size)
    in it."""
    x, y = rng.integers(0, image.shape[2] - SIDE + 1), rng.integers(0, image.shape[1] - SIDE + 1)
    image = image[:, y : y + SIDE, x : x + SIDE]
    boxes = boxes - (x, y, 0, 0)
    if rng.random() < 0.5:
        image, boxes = image[:, :, ::-1], boxes * (-1, 1, 1, 1) + (SIDE, 0, 0, 0)
    if rng.random() < 0.5:
        image, boxes = image[:, ::-1], boxes * (1, -1, 1, 1) + (0, SIDE, 0, 0)
    if rng.random() < 0.5:
        image, boxes = image.transpose(0, 2, 1), boxes[:, [1, 0, 3, 2]]
    inside = ((boxes[:, :2] >= 0) & (boxes[:, :2] < SIDE)).all(axis=1)
    return image, boxes[inside]


def target(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the heat map `h x w` (1 at centres), offset and size `4 x h x w`, and the mask of
    where these are known."""
    cells = SIDE // STRIDE
    heat, rest = np.zeros((cells, cells), np.float32), np.zeros((4, cells, cells), np.float32)
    known = np.zeros((cells, cells), bool)
    v, u = np.mgrid[:cells, :cells]
    for x, y, width, height in boxes / STRIDE:
        column, row = int(x), int(y)
        spread = 2 * np.array([width / 8, height / 8]).clip(0.5) ** 2
        blob = np.exp(-((u - column) ** 2) / spread[0] - (v - row) ** 2 / spread[1])
        heat = np.maximum(heat, blob.astype(np.float32))
        size = np.log(np.array([width, height]) * STRIDE / 24)
        rest[:, row, column] = [x - column, y - row, *size]
        known[row, column] = True
    return heat, rest, known


def loss(out: torch.Tensor, heat: torch.Tensor, rest: torch.Tensor, known: torch.Tensor) -> Any:
    """Return CenterNet's loss: focal on centres, L1 on known boxes."""
    score = torch.sigmoid(out[:, 0]).clamp(1e-4, 1 - 1e-4)
    centre = heat > 0.999
    right = ((1 - score) ** 2 * score.log())[centre].sum()
    wrong = ((1 - heat) ** 4 * score**2 * (1 - score).log())[~centre].sum()
    count = max(1, int(centre.sum()))
    off = (out[:, 1:] - rest).abs().sum(dim=1)[known].sum()
    return (off - right - wrong) / count


def train(folder: Path, candidate: str, seed: int, steps: int) -> Detector:
    boxes = {name: np.array(b).reshape(-1, 4) for name, b in json.loads(
        (folder / "boxes.json").read_text()).items()}  # fmt: skip
    centred = [np.column_stack([b[:, :2] + b[:, 2:] / 2, b[:, 2:]]) for b in boxes.values()]
    images = [load(folder / candidate / f"{name}.png") for name in boxes]
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Detector().train()
    optimiser = torch.optim.AdamW(net.parameters(), 4e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for _ in range(steps):
        chosen = rng.integers(0, len(images), BATCH)
        crops = [crop(images[i], centred[i], rng) for i in chosen]
        made = [target(b) for _, b in crops]
        batch = torch.from_numpy(np.stack([np.ascontiguousarray(image) for image, _ in crops]))
        value = loss(net(batch), *(torch.from_numpy(np.stack(x)) for x in zip(*made, strict=True)))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        schedule.step()
    return net.eval()


def detect(net: Detector, image: np.ndarray) -> np.ndarray:
    """Return boxes as x, y, x, y, score, `n x 5`, the best first."""
    height, width = (size // 8 * 8 for size in image.shape[1:])
    with torch.no_grad():
        out = net(torch.from_numpy(image[None, :, :height, :width].copy()))[0]
    score = torch.sigmoid(out[0])
    peaks = nn.functional.max_pool2d(score[None], 3, 1, 1)[0] == score
    best = (score * peaks).flatten().topk(150)
    row, column = best.indices // score.shape[1], best.indices % score.shape[1]
    dx, dy, w, h = out[1:, row, column]
    w, h = 12 * w.clamp(-3, 3).exp(), 12 * h.clamp(-3, 3).exp()
    x, y = (column + dx) * STRIDE, (row + dy) * STRIDE
    found = torch.stack([x - w, y - h, x + w, y + h, best.values], dim=1).numpy()
    kept: list[int] = []
    for i in range(len(found)):
        if not kept or overlap(found[i, :4], found[kept, :4]).max() < 0.45:
            kept.append(i)
    return found[kept]


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return intersection over union of a box with `n` others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    area = np.prod(others[:, 2:] - others[:, :2], axis=1)
    return both / (area + np.prod(box[2:] - box[:2]) - both)


def average_precision(net: Detector, images: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return AP50 over the images of a place, each with its boxes `n x 4` (corners)."""
    scores, hits, count = [], [], 0
    for image, boxes in images:
        free = np.ones(len(boxes), bool)
        count += len(boxes)
        for *box, score in detect(net, image):
            both = overlap(np.array(box), boxes) * free
            hit = bool(len(boxes)) and both.max() >= 0.5
            if hit:
                free[both.argmax()] = False
            scores.append(score)
            hits.append(hit)
    order = np.argsort(-np.array(scores), kind="stable")
    right = np.cumsum(np.array(hits, float)[order])
    precision = right / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * np.diff(right, prepend=0)).sum() / count)


def photographs(folder: Path, every: int) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Return images and boxes of each place; only every nth frame, since neighbouring frames are
    similar."""
    coco = json.loads((folder / "instances.json").read_text())
    boxes = defaultdict(list)
    for item in coco["annotations"]:
        x, y, w, h = item["bbox"]
        boxes[item["image_id"]].append((x, y, x + w, y + h))
    places = defaultdict(list)
    for image in coco["images"]:
        place = f"{image['width']}x{image['height']}"
        own = np.array(boxes[image["id"]]).reshape(-1, 4)
        places[place].append((load(folder / image["file_name"]), own))
    return {place: images[::every] for place, images in places.items()}


def run(asked: argparse.Namespace) -> None:
    folder, out = asked.folder, asked.out
    places = photographs(asked.photographs, asked.every)
    done = {(r["candidate"], r["seed"]) for r in read(out)}
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        for name in asked.candidates:
            if (name, seed) in done:
                continue
            if name == "untrained":
                torch.manual_seed(seed)
                net = Detector().eval()
            else:
                net = train(folder, name, seed, asked.steps)
            ap = {place: average_precision(net, images) for place, images in places.items()}
            with out.open("a") as file:
                file.write(json.dumps({"candidate": name, "seed": seed, "ap50": ap}) + "\n")


def read(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def report(out: Path) -> None:
    """Print means over seeds, and differences from the baseline, paired by seed, with intervals
    from resampling both places and seeds."""
    table: dict[str, dict[int, list[float]]] = defaultdict(dict)
    for row in read(out):
        table[row["candidate"]][row["seed"]] = list(row["ap50"].values())
        places = list(row["ap50"])
    print("candidate", *places, "mean", "difference to " + BASELINE, "95 %", "seeds", sep=" | ")
    rng = np.random.default_rng(0)
    for name, rows in table.items():
        mean = np.mean(list(rows.values()), axis=0)
        line = [name, *(f"{100 * v:.1f}" for v in mean), f"{100 * mean.mean():.1f}"]
        common = sorted(set(rows) & set(table[BASELINE]))
        if common:
            gain = 100 * np.array([np.subtract(rows[s], table[BASELINE][s]) for s in common])
            drawn = [
                gain[rng.integers(0, len(gain), len(gain))][
                    :, rng.integers(0, gain.shape[1], gain.shape[1])
                ].mean()
                for _ in range(BATCHES)
            ]
            low, high = np.quantile(drawn, [0.025, 0.975])
            line += [f"{gain.mean():+.1f}", f"{low:+.1f} to {high:+.1f}", str(len(common))]
        print(*line, sep=" | ")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("photographs", type=Path, nargs="?")
    parser.add_argument("--candidates", nargs="+", default=["untrained", *TRAINED_ON])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--every", type=int, default=2, help="test on every nth frame (2)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("results.jsonl"))
    parser.add_argument("--report", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if asked.report:
        report(asked.report)
    elif asked.folder is None or asked.photographs is None:
        parser.error("expected a folder of images and one of photographs, or --report RESULTS")
    else:
        run(asked)


if __name__ == "__main__":
    main()
