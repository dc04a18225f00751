"""Ultralytics' own checks and datasets read the YOLO exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from scipy import ndimage
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset, polygon2mask, verify_image_label

import simgen
from simgen.dataset.sample import Sample
from simgen.formats.export import Options, export
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource

TASKS = {"yolo": "detect", "yolo-seg": "segment", "yolo-pose": "pose", "yolo-obb": "obb"}
OPTIONS = Options(Selection(min_pixels=40))


@pytest.fixture(scope="module")
def exported(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ultralytics") / "out"
    export([*TASKS], [SimgenSource(simgen.open(cast_folder))], out, OPTIONS)
    return out


@pytest.fixture(scope="module")
def frames(cast_folder: Path) -> dict[str, Sample]:
    return {f"{s.scene:06d}_{s.frame:04d}": s for s in simgen.open(cast_folder)}


def kept(sample: Sample) -> list:
    return [item for item in sample.objects if item.visible_pixels >= 40]


def opened(folder: Path, split: str) -> YOLODataset:
    data = check_det_dataset(str(folder / "data.yaml"), autodownload=False)
    task = TASKS[folder.name]
    return YOLODataset(
        img_path=data[split], data=data, task=task, augment=False, imgsz=96, rect=False
    )


@pytest.mark.parametrize("kind", TASKS)
def test_its_label_check_accepts_every_image(
    kind: str, exported: Path, frames: dict[str, Sample]
) -> None:
    images, objects = set(), 0
    for split in ("train", "val"):
        dataset = opened(exported / kind, split)
        for arguments in dataset.verify_args()[1]:
            path, rows, shape, _, _, missing, found, empty, corrupt, message = verify_image_label(
                arguments
            )
            assert (missing, found, corrupt, message) == (0, 1, 0, "")
            items = kept(frames[Path(path).stem])
            assert empty == (not items)
            assert shape == (72, 96)
            # It may sort them.
            assert sorted(rows[:, 0] + 1) == sorted(item.class_id for item in items)
            images.add(Path(path).stem)
            objects += len(rows)
    assert images == set(frames)
    assert objects > 10


@pytest.mark.parametrize("kind", ["yolo", "yolo-seg", "yolo-pose"])
def test_its_boxes_are_the_datasets(kind: str, exported: Path, frames: dict[str, Sample]) -> None:
    for split in ("train", "val"):
        for label in opened(exported / kind, split).labels:
            items = kept(frames[Path(label["im_file"]).stem])
            boxes = np.array([item.bbox for item in items]).reshape(-1, 4)
            boxes[:, :2] += boxes[:, 2:] / 2
            np.testing.assert_allclose(label["bboxes"] * [96, 72, 96, 72], boxes, atol=1e-3)


def test_its_polygons_fill_the_masks(exported: Path, frames: dict[str, Sample]) -> None:
    """It fills the pixels on the border as well: one more to the right and below."""
    for split in ("train", "val"):
        for label in opened(exported / "yolo-seg", split).labels:
            sample = frames[Path(label["im_file"]).stem]
            for item, segment in zip(kept(sample), label["segments"], strict=True):
                points = np.round(segment * [96, 72]).reshape(1, -1)
                shown = polygon2mask((72, 96), [points[0]]).astype(bool)
                mask = sample.instances == item.instance_id
                assert shown[mask].all()
                wider = ndimage.binary_fill_holes(mask)
                wider[1:] |= wider[:-1]
                wider[:, 1:] |= wider[:, :-1]
                # Lines between parts may lie beside them.
                assert wider[shown].mean() > 0.95


def test_its_keypoints_are_the_datasets(exported: Path, frames: dict[str, Sample]) -> None:
    data = yaml.safe_load((exported / "yolo-pose/data.yaml").read_text())
    names, compared = data["kpt_names"][0], 0
    for split in ("train", "val"):
        for label in opened(exported / "yolo-pose", split).labels:
            items = kept(frames[Path(label["im_file"]).stem])
            for item, row in zip(items, label["keypoints"], strict=True):
                points = {p.name: p for p in item.keypoints if p.visibility}
                for name, (x, y, visibility) in zip(names, row, strict=True):
                    assert visibility == (points[name].visibility if name in points else 0)
                    if name in points:
                        compared += 1
                        np.testing.assert_allclose([x * 96, y * 72], points[name].pixel, atol=1e-3)
    assert compared > 50


@pytest.mark.parametrize("kind", TASKS)
def test_its_dataset_gives_tensors(kind: str, exported: Path) -> None:
    for split in ("train", "val"):
        dataset = opened(exported / kind, split)
        batch = dataset.collate_fn([dataset[index] for index in range(len(dataset))])
        assert batch["img"].shape == (len(dataset), 3, 96, 96)
        assert torch.isfinite(batch["bboxes"]).all()
        assert batch["bboxes"].shape[1] == (5 if kind == "yolo-obb" else 4)
        if kind == "yolo-seg":
            assert batch["masks"].any()
        if kind == "yolo-pose":
            assert batch["keypoints"].shape[2] == 3


def test_no_cache_was_exported(cast_folder: Path, tmp_path: Path) -> None:
    export(["yolo"], [SimgenSource(simgen.open(cast_folder))], tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.cache"))
