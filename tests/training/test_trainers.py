"""Trainers that need no PyTorch, and the crops that all share."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from simgen.errors import SimgenError
from simgen.training.detection import DetectionSet, LabelledImage
from simgen.training.study.schema import BudgetConfig, TrainerConfig
from simgen.training.trainers.choice import chosen_trainer
from simgen.training.trainers.crops import Crops, object_scale
from simgen.training.trainers.trainer import Job, train

PROGRAM = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[2])
if sys.argv[1] == "train":
    job = json.loads((folder / "job.json").read_text())
    coco = json.loads(Path(job["train"][0]["coco"]).read_text())
    boxes = [a["bbox"] for a in coco["annotations"]]
    (folder / "model.json").write_text(json.dumps([sum(c) / len(c) for c in zip(*boxes)]))
    count = folder / "trainings"
    count.write_text(str(int(count.read_text()) + 1 if count.exists() else 1))
else:
    images = json.loads(Path(sys.argv[3]).read_text())
    assert images["annotations"] == []
    box = json.loads((folder / "model.json").read_text())
    Path(sys.argv[4]).write_text(json.dumps([
        {"image_id": i["id"], "category_id": 1, "bbox": box, "score": 0.5}
        for i in images["images"]]))
"""


def discs(folder: Path, name: str, count: int, seed: int, green: int = 40) -> DetectionSet:
    """Images of red discs on grey-green noise, with their boxes."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    images = []
    for number in range(count):
        pixels = rng.normal((90, 110, 90), 12, (96, 128, 3)).clip(0, 255).astype(np.uint8)
        boxes = []
        for column in range(3):
            x, y, r = 20 + 40 * column, int(rng.integers(20, 76)), int(rng.integers(7, 12))
            cv2.circle(pixels, (x, y), r, (200, green, 40), -1)
            boxes.append([x - r, y - r, x + r + 1, y + r + 1])
        file = folder / f"{name}{number}.png"
        cv2.imwrite(str(file), pixels[..., ::-1])
        images.append(
            LabelledImage(
                file,
                128,
                96,
                np.array(boxes, np.float32),
                np.zeros(3, np.int64),
                np.zeros(3, bool),
                f"{name}{number}",
                f"{name}{number}",
            )
        )
    return DetectionSet(name, ("disc",), tuple(images), real=False)


def job(folder: Path, found: DetectionSet, **keys: object) -> Job:
    return Job(
        (found,),
        (1.0,),
        ("disc",),
        BudgetConfig(10, 2, 64),
        TrainerConfig(**keys),
        0,
        folder,
        "cpu",
    )


def test_colour_blobs_find_what_has_a_colour_of_its_own(tmp_path: Path) -> None:
    training, test = discs(tmp_path, "a", 12, 0), discs(tmp_path, "b", 4, 1)
    model = train("color_blobs", job(tmp_path, training), test, lambda done, of: None)
    for image, found in zip(test.images, model.predict(test.images), strict=True):
        order = np.argsort(found.boxes[:3, 0])
        assert len(found.boxes) == 3
        np.testing.assert_allclose(found.boxes[order], image.boxes, atol=4)


def test_any_program_can_be_the_trainer(tmp_path: Path) -> None:
    program = tmp_path / "trainer.py"
    program.write_text(PROGRAM)
    training, test = discs(tmp_path, "a", 3, 0), discs(tmp_path, "b", 2, 1)
    folder = tmp_path / "job"
    asked = job(folder, training, command=[sys.executable, str(program)])
    for _ in range(2):  # the second time its model is there
        model = train("command", asked, test, lambda done, of: None)
        found = model.predict(test.images)
        assert [len(one.boxes) for one in found] == [1, 1]
    assert (folder / "trainings").read_text() == "1"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit('no GPU in sight')", "ended with 1: no GPU in sight"),
        ("import sys; sys.argv[1] == 'train' or open(sys.argv[4], 'w').write('{}')",
         "expected a list of COCO results"),
        ("import sys; sys.argv[1] == 'train' or open(sys.argv[4], 'w').write("
         "'[{\"image_id\": 9, \"category_id\": 1, \"bbox\": [0,0,1,1], \"score\": 1}]')",
         "expected an image of 1 to 2"),
    ],
)  # fmt: skip
def test_what_a_program_does_wrong_is_said(tmp_path: Path, program: str, said: str) -> None:
    found = discs(tmp_path, "a", 2, 0)
    asked = job(tmp_path / "job", found, command=[sys.executable, "-c", program])
    test = discs(tmp_path, "b", 2, 1)
    with pytest.raises(SimgenError, match=said):
        train("command", asked, test, lambda done, of: None).predict(test.images)


def test_crops_depend_on_seed_and_step_alone_and_keep_boxes_on_their_objects(
    tmp_path: Path,
) -> None:
    found = discs(tmp_path, "a", 4, 0)

    def crops(seed: int) -> Crops:
        return Crops([found], [1.0], 64, 1.0, seed, augment=True, upright=False)

    first, again = crops(0), crops(0)
    first.batch(3, 4)
    for one, other in zip(first.batch(7, 4), again.batch(7, 4), strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.boxes, other.boxes)
    assert any(
        (one.image != other.image).any()
        for one, other in zip(crops(1).batch(7, 4), again.batch(7, 4), strict=True)
    )
    plain = Crops([found], [1.0], 64, 1.0, 0, augment=False, upright=True)
    seen = 0
    for crop in (crop for step in range(10) for crop in plain.batch(step, 4)):
        for (x1, y1, x2, y2), ignored in zip(crop.boxes, crop.ignore, strict=True):
            if not ignored:
                seen += 1
                middle = crop.image[int((y1 + y2) / 2), int((x1 + x2) / 2)].astype(int)
                assert middle[0] - middle[1] > 60
    assert seen > 10


def test_large_objects_are_scaled_into_a_crop(tmp_path: Path) -> None:
    found = discs(tmp_path, "a", 4, 0)
    assert object_scale([found], 64) == 1.0
    assert 0.2 < object_scale([found], 16) < 0.5


def test_blocks_that_a_trainer_cannot_freeze_are_refused() -> None:
    with pytest.raises(SimgenError, match="only the trainer small can freeze"):
        chosen_trainer(TrainerConfig(name="command", command=["true"], freeze=3))
