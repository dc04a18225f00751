"""The test images of a study and the detections of its arms, as files that `simgen view` opens."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simgen.training.coco import coco_of, detections_as_annotations
from simgen.training.detection import Detections, DetectionSet
from simgen.training.results_files import write_json

TRUTH = "test.json"


@dataclass(frozen=True)
class DetectionFiles:
    """dataset: the test images, as `simgen view` takes them. results: file of each arm."""

    dataset: str
    results: Mapping[str, Path]

    def command(self, arm: str) -> str:
        """Return the command that shows what an arm detects."""
        words = ["simgen", "view", self.dataset, "--predictions", str(self.results[arm])]
        out = self.results[arm].with_suffix("")
        return shlex.join([*words, "--out", str(out)])


def write_detections(
    truth: DetectionSet, found: Mapping[str, Sequence[Detections]], folder: Path
) -> DetectionFiles:
    """Write the test images as a COCO file, and detections as COCO results.

    found: by arm, the detections in each test image. Raises `OSError`.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    tables = coco_of(truth)
    files = [image.file.absolute() for image in truth.images]
    root = Path(os.path.commonpath([file.parent for file in files]))
    for entry, file in zip(tables["images"], files, strict=True):
        entry["file_name"] = file.relative_to(root).as_posix()
    write_json(folder / TRUTH, tables)
    results = {}
    for number, (arm, detections) in enumerate(found.items()):
        results[arm] = folder / f"{number}-{re.sub(r'[^A-Za-z0-9_-]+', '_', arm)}.json"
        write_json(results[arm], detections_as_annotations(detections))
    return DetectionFiles(f"{folder / TRUTH}@{root}", results)
