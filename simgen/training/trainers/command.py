"""Any program as a trainer: it is given COCO files and answers with a COCO results file.

It is called twice, in the folder that its first argument names:

    PROGRAM train FOLDER      trains on what FOLDER/job.json lists, and keeps its model in FOLDER
    PROGRAM predict FOLDER IMAGES.json RESULTS.json

`job.json` has `train`, a list of `{"coco": FILE, "share": probability, "real": bool}`, `classes`,
`seed`, `steps`, `batch`, `side`, `device`. COCO's `file_name`s are absolute paths. `IMAGES.json` is
a COCO file without annotations; `RESULTS.json` is a list of `{"image_id", "category_id", "bbox",
"score"}`: https://cocodataset.org/#format-results
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from simgen.errors import InputError, SimgenError
from simgen.training.coco import coco_of
from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.results_files import detections_of, read_json, write_json
from simgen.training.study.schema import TrainerConfig
from simgen.training.trainers.trainer import Job, Tell


def check(config: TrainerConfig) -> None:
    """Raise `InputError` if no program is configured."""
    if not config.command:
        raise InputError("trainer.command=[]: expected a program, as in [python,train.py]")


def train(job: Job, tell: Tell) -> CommandModel:
    """Train with the program. Raises `SimgenError` with its last line if it fails."""
    parts = []
    for number, (found, share) in enumerate(zip(job.sets, job.shares, strict=True)):
        file = job.folder / f"train{number}.json"
        write_json(file, coco_of(found))
        parts.append({"coco": str(file), "share": share, "real": found.real})
    budget = job.budget
    write_json(
        job.folder / "job.json",
        {"train": parts, "classes": list(job.classes), "seed": job.seed, "device": job.device}
        | {"steps": budget.steps, "batch": budget.batch, "side": budget.side},
    )
    done = job.folder / "trained"
    if not done.is_file():
        _run([*job.config.command, "train", str(job.folder)])
        done.touch()
    tell(budget.steps, budget.steps)
    return CommandModel(job.config.command, job.folder, job.classes)


class CommandModel:
    """The model that a program has trained."""

    def __init__(self, command: Sequence[str], folder: Path, classes: tuple[str, ...]) -> None:
        self._command, self._folder, self._classes = list(command), folder, classes
        self.about = " ".join(command)

    def predict(self, images: Sequence[LabelledImage]) -> list[Detections]:
        """Run the program for detection. Raises `SimgenError` if it fails or writes no COCO
        results."""
        asked, answer = self._folder / "images.json", self._folder / "results.json"
        answer.unlink(missing_ok=True)
        plain = coco_of(DetectionSet("images", self._classes, tuple(images), real=True))
        write_json(asked, plain | {"annotations": []})
        _run([*self._command, "predict", str(self._folder), str(asked), str(answer)])
        return read_results(answer, len(images), len(self._classes))


def read_results(file: Path, images: int, classes: int) -> list[Detections]:
    """Read a COCO results file. Raises `SimgenError` if it is missing or invalid."""
    rows = read_json(file)
    if not isinstance(rows, list):
        raise SimgenError(f"trainer.command: {file}: expected a list of COCO results")
    gathered: list[list[list[float]]] = [[] for _ in range(images)]
    for row in rows:
        try:
            place, name = int(row["image_id"]) - 1, int(row["category_id"]) - 1
            x, y, w, h = map(float, row["bbox"])
            score = float(row["score"])
        except (KeyError, TypeError, ValueError) as error:
            raise SimgenError(f"trainer.command: {file}: {str(row)[:120]}: {error}") from None
        if not (0 <= place < images and 0 <= name < classes):
            raise SimgenError(
                f"trainer.command: {file}: {str(row)[:120]}: expected an image of 1 to {images} "
                f"and a category of 1 to {classes}"
            )
        gathered[place].append([name, score, x, y, x + w, y + h])
    return [detections_of(np.array(one, np.float64).reshape(-1, 6)) for one in gathered]


def _run(words: Sequence[str]) -> None:
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise InputError(f"trainer.command: {words[0]}: cannot be started: {error}") from None
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["(it printed nothing)"]
        raise SimgenError(
            f"trainer.command: {' '.join(words[:-1])} ended with {done.returncode}: {lines[-1]}"
        )
