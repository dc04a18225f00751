"""COCO exports, judged as their users judge: COCOeval, and panoptic quality by its definition."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import simgen
from simgen.formats.export import Options, export
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource

SELECTION = Selection(rename={"mug": "cup"}, drop=("box",))


def exported(folder: Path, out: Path, options: Options | None = None) -> Path:
    export(["coco"], [SimgenSource(simgen.open(folder))], out, options)
    return out


def precision(path: Path, kind: str, shift: float = 0.0) -> float:
    """Mean average precision of the truth against itself, moved to the right by `shift` pixels."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(path)
        found = copy.deepcopy(truth.loadAnns(truth.getAnnIds()))
        for entry in found:
            entry["score"] = 1.0
            entry["bbox"] = [entry["bbox"][0] + shift, *entry["bbox"][1:]]
        guesses = truth.loadRes(found)
        there = sorted({entry["category_id"] for entry in found})
        return float(np.mean([_of_class(truth, guesses, kind, number) for number in there]))


def _of_class(truth: COCO, guesses: COCO, kind: str, number: int) -> float:
    judged = COCOeval(truth, guesses, kind)
    judged.params.catIds = [number]
    if kind == "keypoints":
        count = len(truth.cats[number]["keypoints"])
        judged.params.kpt_oks_sigmas = np.full(count, 0.05)
    judged.params.areaRng = [[0, 1e10]]
    judged.params.areaRngLbl = ["all"]
    judged.evaluate()
    judged.accumulate()
    values = judged.eval["precision"][..., -1]  # of the most detections an image
    return float(values[values > -1].mean())


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
@pytest.mark.parametrize("options", [None, Options(SELECTION), Options(size=Size.read("60x50"))])
def test_the_truth_is_perfect_against_itself(
    kind: str, options: Options | None, cast_folder: Path, tmp_path: Path
) -> None:
    out = exported(cast_folder, tmp_path / "out", options)
    for path in out.glob("annotations/instances_*.json"):
        if json.loads(path.read_text())["annotations"]:
            assert precision(path, kind) == pytest.approx(1.0)


def test_boxes_beside_the_truth_are_not_perfect(cast_folder: Path, tmp_path: Path) -> None:
    out = exported(cast_folder, tmp_path / "out")
    assert precision(out / "annotations/instances_train.json", "bbox", shift=3.0) < 0.8


def segments(out: Path, split: str) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """The annotations of a split, and the ids of each one's pixels."""
    content = json.loads((out / f"annotations/panoptic_{split}.json").read_text())
    pictures = []
    for entry in content["annotations"]:
        colours = np.asarray(Image.open(out / f"panoptic_{split}" / entry["file_name"]), np.int64)
        pictures.append(colours @ [1, 256, 256**2])
    return content["annotations"], pictures


def quality(
    truth: tuple[list[dict[str, Any]], list[np.ndarray]],
    found: tuple[list[dict[str, Any]], list[np.ndarray]],
) -> float:
    """Panoptic quality, mean over categories (Kirillov et al., CVPR 2019, eq. 1)."""
    overlaps: dict[int, float] = {}
    counts: dict[int, float] = {}
    for entry, ids, guess, guessed in zip(*truth, *found, strict=True):
        for segment in entry["segments_info"]:
            counts[segment["category_id"]] = counts.get(segment["category_id"], 0) + 0.5
        for other in guess["segments_info"]:
            counts[other["category_id"]] = counts.get(other["category_id"], 0) + 0.5
            for segment in entry["segments_info"]:
                if segment["category_id"] != other["category_id"]:
                    continue
                here, there = ids == segment["id"], guessed == other["id"]
                both = (here & there).sum() / (here | there).sum()
                if both > 0.5:
                    number = segment["category_id"]
                    overlaps[number] = overlaps.get(number, 0.0) + both
    return float(np.mean([overlaps.get(number, 0.0) / counts[number] for number in counts]))


@pytest.mark.parametrize("options", [None, Options(SELECTION), Options(size=Size.read("60x50"))])
def test_panoptic_quality_of_the_truth(
    options: Options | None, cast_folder: Path, tmp_path: Path
) -> None:
    out = exported(cast_folder, tmp_path / "out", options)
    truth = segments(out, "train")
    assert truth[0]
    assert quality(truth, truth) == pytest.approx(1.0)
    for entry, ids in zip(*truth, strict=True):
        areas = {segment["id"]: segment["area"] for segment in entry["segments_info"]}
        found, sizes = np.unique(ids, return_counts=True)
        assert areas == {n: s for n, s in zip(found.tolist(), sizes.tolist(), strict=True) if n}
    moved = (truth[0], [np.roll(ids, 6, axis=1) for ids in truth[1]])
    assert quality(truth, moved) < 0.95


def test_what_is_left_out_is_no_segment(cast_folder: Path, tmp_path: Path) -> None:
    whole = exported(cast_folder, tmp_path / "whole")
    part = exported(cast_folder, tmp_path / "part", Options(SELECTION))
    names = {c["id"]: c["name"] for c in json.loads(
        (part / "annotations/panoptic_train.json").read_text())["categories"]}  # fmt: skip
    assert list(names.values())[:2] == ["ball", "cup"]
    before = {c["id"]: c["name"] for c in json.loads(
        (whole / "annotations/panoptic_train.json").read_text())["categories"]}  # fmt: skip
    for entry, ids, left in zip(*segments(whole, "train"), segments(part, "train")[1], strict=True):
        boxes = [s["id"] for s in entry["segments_info"] if before[s["category_id"]] == "box"]
        gone = np.isin(ids, boxes)
        assert (left[gone] == 0).all()
        assert (left[~gone] == ids[~gone]).all()
