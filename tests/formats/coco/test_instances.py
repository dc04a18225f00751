"""COCO keypoints, read back and evaluated by pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from solids import Scene, Thing, ball, box

from simgen.formats.coco.write import write_coco
from simgen.geometry.mesh import MeshData
from simgen.labels.objects import landmarks, object_records
from simgen.labels.record import ObjectRecord
from simgen.labels.silhouettes import silhouettes

WIDTH, HEIGHT = 96, 72
CLASSES = ("cube", "mug", "unseen")


def mug(*names: str) -> MeshData:
    """A stand-in whose keypoints lie on its front."""
    points = {name: (0.02 * place, 0.01, -0.1) for place, name in enumerate(names)}
    edges = tuple(pairwise(names))
    return replace(box(0.2, 0.2, 0.2), keypoints=points, skeleton=edges)


def frame(labels: tuple[str, ...], *things: tuple[str, Thing]) -> SimpleNamespace:
    scene = Scene([thing for _, thing in things], width=WIDTH, height=HEIGHT, labels=labels)
    view = scene.view()
    records = object_records(view, silhouettes(view), landmarks(view.world))
    objects = tuple(
        replace(record, class_name=name, class_id=CLASSES.index(name) + 1)
        for record, (name, _) in zip(records, things, strict=True)
    )
    return SimpleNamespace(
        scene=0, frame=0, objects=objects, labels=labels, split="train",
        camera=SimpleNamespace(width=WIDTH, height=HEIGHT),
        record=SimpleNamespace(ignore_regions=()),
        path=lambda label: Path("/data") / f"{label}.png",
        change_of=lambda label: None,
    )  # fmt: skip


class FakeDataset(list[SimpleNamespace]):
    """Frames of scenes 0, 1, ... of what the exporter asks of a dataset."""

    root = Path("/data")
    classes = CLASSES
    stuff_classes = splits = ()
    digest = ""

    def __init__(self, labels: tuple[str, ...], *frames: SimpleNamespace) -> None:
        super().__init__(
            SimpleNamespace(**{**vars(item), "scene": number, "image_id": number + 1})
            for number, item in enumerate(frames)
        )
        versions = {"simgen": "0"}
        self.manifest = SimpleNamespace(labels=labels, versions=versions, frames_per_scene=1)


def frames(labels: tuple[str, ...]) -> FakeDataset:
    left, right = (-0.25, 0.0, 1.2), (0.25, 0.0, 1.2)
    return FakeDataset(
        labels,
        frame(labels, ("mug", Thing(mug("rim", "handle"), left)),
              ("cube", Thing(ball(0.1), right))),
        frame(labels, ("mug", Thing(mug("base", "rim", "spoon"), right)),
              ("mug", Thing(mug("rim", "handle"), (0.0, 0.0, -2.0)))),  # out of sight
    )  # fmt: skip


def exported(dataset: FakeDataset, folder: Path) -> Path:
    path = folder / "instances.json"
    write_coco(dataset, path, folder / "scratch")  # type: ignore[arg-type]
    return path


WITH = ("rgb", "objects", "keypoints", "coco")


def test_a_class_has_the_keypoints_of_all_its_assets(tmp_path: Path) -> None:
    dataset = frames(WITH)
    coco = load(exported(dataset, tmp_path))
    cube, mugs, unseen = coco.loadCats([1, 2, 3])
    assert mugs["keypoints"] == ["rim", "handle", "base", "spoon"]
    assert mugs["skeleton"] == [[1, 2], [3, 1], [1, 4]]
    assert len(cube["keypoints"]) == 12
    assert len(cube["skeleton"]) == 15
    assert unseen["keypoints"] == unseen["skeleton"] == []
    entries = {item["image_id"]: item for item in coco.loadAnns(coco.getAnnIds(catIds=[2]))}
    assert sorted(entries) == [1, 2]
    for image, item in entries.items():
        record: ObjectRecord = dataset[image - 1].objects[0]
        assert record.keypoints is not None
        known = {point.name: point for point in record.keypoints}
        triples = np.array(item["keypoints"]).reshape(-1, 3)
        assert len(triples) == 4
        for name, (x, y, v) in zip(mugs["keypoints"], triples, strict=True):
            if name in known:
                assert v == known[name].visibility == 2
                assert [x, y] == known[name].pixel.tolist()
            else:
                assert (x, y, v) == (0, 0, 0)
        assert item["num_keypoints"] == len(known)


def test_a_keypoint_beside_the_image_is_not_labelled(tmp_path: Path) -> None:
    near = Thing(box(1.0, 0.2, 0.2), (0.9, 0.0, 1.2))
    coco = load(exported(FakeDataset(WITH, frame(WITH, ("cube", near))), tmp_path))
    (item,) = coco.loadAnns(coco.getAnnIds())
    triples = np.array(item["keypoints"]).reshape(-1, 3)
    beside = triples[:, 2] == 0
    assert 0 < beside.sum() < len(triples)
    assert (triples[beside] == 0).all()
    assert item["num_keypoints"] == (~beside).sum()


def test_pycocotools_evaluates_them(tmp_path: Path) -> None:
    coco = load(exported(frames(WITH), tmp_path))
    assert average_precision(coco, 2, shift=0.0) == pytest.approx(1.0)
    assert average_precision(coco, 1, shift=0.0) == pytest.approx(1.0)
    assert average_precision(coco, 2, shift=30.0) == 0.0


def test_without_the_label_there_is_nothing_of_it(tmp_path: Path) -> None:
    path = exported(frames(("rgb", "objects", "coco")), tmp_path)
    content: dict[str, Any] = json.loads(path.read_text())
    assert all("keypoints" not in category for category in content["categories"])
    assert all("keypoints" not in item for item in content["annotations"])
    assert [item["id"] for item in content["annotations"]] == [1, 2, 3]
    assert [item["id"] for item in content["images"]] == [1, 2]


def test_a_dataset_without_frames_is_still_a_file(tmp_path: Path) -> None:
    content = json.loads(exported(FakeDataset(WITH), tmp_path).read_text())
    assert content["images"] == content["annotations"] == []


def load(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(path)


def average_precision(coco: COCO, category: int, shift: float) -> float:
    """Of detections that lie `shift` pixels beside the truth."""
    found = []
    for item in coco.loadAnns(coco.getAnnIds(catIds=[category])):
        points = np.array(item["keypoints"], float).reshape(-1, 3) + (shift, 0, 0)
        found.append({"image_id": item["image_id"], "category_id": category, "score": 1.0,
                      "keypoints": points.ravel().tolist()})  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(found), "keypoints")
        evaluation.params.catIds = [category]
        evaluation.params.areaRng = [[0, 1e10]]
        evaluation.params.areaRngLbl = ["all"]
        count = len(coco.loadCats([category])[0]["keypoints"])
        evaluation.params.kpt_oks_sigmas = np.full(count, 0.05)
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]
    return float(precision[precision > -1].mean())
