"""A study as it could have come out, with detectors that are drawn rather than trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from simgen.training.answer.findings import choose_examples
from simgen.training.answer.study import Arm, RealData, Replicate, Study
from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.evaluation.errors import errors
from simgen.training.evaluation.intervals import resampling_units
from simgen.training.evaluation.matching import matches

CLASSES = ("bottle", "cup", "bowl", "book")
COLOURS = ("#3b7", "#b73", "#77c", "#c47")
WIDTH, HEIGHT = 640, 400

ARMS = {
    # name: skill, images, real images, baseline, series
    "10 images": (0.25, 10, 0, False, "scenes"),
    "100 images": (0.45, 100, 0, False, "scenes"),
    "1000 images": (0.58, 1000, 0, False, "scenes"),
    "1000 images, plain lighting": (0.55, 1000, 0, False, ""),
    "1000 images, no distractors": (0.40, 1000, 0, False, ""),
    "1000 images and 20 real": (0.72, 1000, 20, False, ""),
    "20 real": (0.50, 20, 20, True, ""),
    "colour blobs": (0.10, 0, 0, True, ""),
}


def photographs(folder: Path, images: int = 60, groups: int = 12) -> DetectionSet:
    rng = np.random.default_rng(1)
    return DetectionSet(
        "kitchen",
        CLASSES,
        tuple(_image(rng, folder, place, f"room {place % groups}") for place in range(images)),
        real=True,
    )


def _image(rng: np.random.Generator, folder: Path, place: int, group: str) -> LabelledImage:
    count = int(rng.integers(1, 7))
    sizes = np.exp(rng.uniform(np.log(16), np.log(170), (count, 2)))
    corners = rng.uniform(0, 1, (count, 2)) * (np.array([WIDTH, HEIGHT]) - sizes)
    boxes = np.concatenate([corners, corners + sizes], axis=1).astype(np.float32)
    kinds = rng.integers(0, len(CLASSES), count)
    file = folder / f"kitchen {place:03}.png"
    picture = Image.new("RGB", (WIDTH, HEIGHT), (150, 150, 140))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HEIGHT // 2, WIDTH, HEIGHT), fill=(120, 100, 80))
    for box, kind in zip(boxes.tolist(), kinds, strict=True):
        draw.ellipse(box, fill=COLOURS[kind])
    picture.save(file)
    ignore = rng.random(count) < 0.05
    return LabelledImage(file, WIDTH, HEIGHT, boxes, kinds, ignore, group, "")


def detected(truth: DetectionSet, skill: float, seed: int) -> list[Detections]:
    """What a detector of some skill, 0..1, finds."""
    rng = np.random.default_rng(seed)
    groups = sorted({one.group for one in truth.images})
    easiness = {group: rng.normal(0, 0.1) for group in groups}
    return [_found(rng, one, skill + easiness[one.group]) for one in truth.images]


def _found(rng: np.random.Generator, image: LabelledImage, skill: float) -> Detections:
    chance = np.clip(skill + 0.1 * (1 - image.classes), 0.02, 0.98)
    near = np.flatnonzero(rng.random(len(image.boxes)) < chance)
    near = np.concatenate([near, near[rng.random(len(near)) < 0.1]])
    sides = np.tile(image.boxes[near, 2:] - image.boxes[near, :2], 2)
    boxes = image.boxes[near] + sides * rng.normal(0, 0.16 - 0.14 * min(skill, 1), (len(near), 4))
    wrong = rng.random(len(near)) < 0.25 * (1 - skill)
    kinds = np.where(wrong, rng.integers(0, len(CLASSES), len(near)), image.classes[near])
    count = rng.poisson(max(0.1, 2 * (1 - skill)))
    corners = rng.uniform(0, 300, (count, 2))
    boxes = np.concatenate([boxes, np.concatenate([corners, corners + 60], axis=1)])
    kinds = np.concatenate([kinds, rng.integers(0, len(CLASSES), count)])
    scores = np.concatenate([rng.beta(4, 2, len(near)), rng.beta(2, 4, count)])
    order = np.argsort(-scores)
    return Detections(
        boxes[order].astype(np.float32), scores[order].astype(np.float32), kinds[order]
    )


def study(folder: Path, arms: dict[str, tuple] = ARMS, replicates: int = 3, **real: int) -> Study:
    """A study with test images in a folder. real: arguments of `photographs`."""
    truth = photographs(folder, **real)
    made = tuple(_arm(truth, name, replicates, *facts) for name, facts in arms.items())
    best = made[0].replicates[0]
    skill = next(iter(arms.values()))[0]
    examples = choose_examples(truth, detected(truth, skill, 0), best.errors.threshold)
    return Study(
        name="kitchen",
        about="How many synthetic images does a detector of four kinds of dishes need?",
        real=RealData(
            name="kitchen photographs",
            images=len(truth.images),
            boxes=sum(len(one.boxes) for one in truth.images),
            classes=CLASSES,
            units=resampling_units(truth),
            class_map=(("wine bottle", "bottle"), ("mug", "cup")),
            remarks=("2 images look like images of the training set and were left out.",),
        ),
        arms=made,
        reference=made[0].name,
        trainer="small",
        trainer_about="A detector of 2 million weights, trained from scratch.",
        budget="2000 steps of 16 crops",
        best=examples[0],
        worst=examples[1],
        examples_of=made[0].name,
        config={"seed": 0, "replicates": replicates},
        versions={"simgen": "0.1.0", "torch": "2.9.0"},
        seconds={"total": 5400.0},
    )


def _arm(
    truth: DetectionSet,
    name: str,
    replicates: int,
    skill: float,
    images: int,
    real_images: int,
    baseline: bool,
    series: str,
) -> Arm:
    luck = np.random.default_rng(len(name)).normal(0, 0.02, replicates)
    made = []
    for seed in range(replicates):
        found = detected(truth, skill + luck[seed], seed)
        easier = detected(truth, min(0.95, skill + 0.3), 100 + seed)
        made.append(
            Replicate(
                seed=seed,
                images=images,
                real_images=real_images,
                matches=matches(truth, found),
                errors=errors(truth, found),
                synthetic=None if baseline else matches(truth, easier).scores(),
                train_seconds=300.0 + 10 * seed,
                generate_seconds=0.0 if baseline else 2.4 * images,
            )
        )
    overrides = () if baseline else (f"num_scenes={images}", "camera=indoor")
    note = "" if baseline else "weights: none"
    return Arm(name, tuple(made), overrides, baseline, series, note)
