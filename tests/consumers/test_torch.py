"""simgen.training.pytorch with torch's loaders and torchvision's transforms and detectors."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from torchvision import tv_tensors
from torchvision.datasets import CocoDetection, wrap_dataset_for_transforms_v2
from torchvision.models.detection import (
    fasterrcnn_mobilenet_v3_large_320_fpn,
    maskrcnn_resnet50_fpn,
)
from torchvision.ops import masks_to_boxes
from torchvision.transforms import v2

import simgen
import simgen.training.pytorch
from simgen.errors import InputError
from simgen.formats.export import export
from simgen.formats.sources import SimgenSource

SMALL = {"min_size": 96, "max_size": 128, "box_batch_size_per_image": 32}
"""Of detectors, so that a step takes seconds on a small machine."""


def every(dataset: Any) -> list[Any]:
    return [dataset[index] for index in range(len(dataset))]


def fits(target: dict[str, Any], slack: float) -> None:
    """Boxes are those about the masks."""
    around = masks_to_boxes(target["masks"])
    around[:, 2:] += 1  # torchvision counts the last pixel's place, not its end
    torch.testing.assert_close(torch.as_tensor(target["boxes"]), around, atol=slack, rtol=0)


def test_samples_are_torchvisions(stills_folder: Path) -> None:
    dataset = simgen.training.pytorch.Dataset(stills_folder)
    data = simgen.open(stills_folder)
    assert len(dataset) == len(data) == 12
    assert dataset.classes == data.classes
    for (image, target), sample in zip(every(dataset), data, strict=True):
        assert isinstance(image, tv_tensors.Image)
        assert image.dtype == torch.uint8
        assert (image.permute(1, 2, 0).numpy() == sample.rgb).all()
        assert isinstance(target["boxes"], tv_tensors.BoundingBoxes)
        assert target["boxes"].format == tv_tensors.BoundingBoxFormat.XYXY
        assert target["boxes"].canvas_size == sample.rgb.shape[:2]
        assert isinstance(target["masks"], tv_tensors.Mask)
        assert target["labels"].dtype == torch.int64
        assert (target["masks"].sum((1, 2)) == target["area"]).all()
        assert target["image_id"] == sample.image_id
        fits(target, 0)


@pytest.mark.parametrize(("workers", "method"), [(0, None), (2, "fork"), (2, "spawn")])
def test_loaders_with_workers(workers: int, method: str | None, stills_folder: Path) -> None:
    dataset = simgen.training.pytorch.Dataset(simgen.open(stills_folder), "train")
    context = None if method is None else multiprocessing.get_context(method)
    loader = DataLoader(
        dataset,
        batch_size=2,
        num_workers=workers,
        multiprocessing_context=context,
        collate_fn=simgen.training.pytorch.collate,
    )
    pairs = [pair for images, targets in loader for pair in zip(images, targets, strict=True)]
    assert len(pairs) == len(dataset)
    for (image, target), (same, expected) in zip(pairs, every(dataset), strict=True):
        assert (image == same).all()
        assert target.keys() == expected.keys()
        assert all((target[name] == expected[name]).all() for name in ("boxes", "masks", "labels"))


@pytest.mark.parametrize(
    ("transform", "slack"),
    [
        (v2.RandomHorizontalFlip(1.0), 0),
        (v2.RandomVerticalFlip(1.0), 0),
        (v2.Resize((144, 192)), 0.01),
        (v2.Compose([v2.RandomHorizontalFlip(1.0), v2.Resize((50, 70))]), 1.5),
    ],
)
def test_transforms_move_boxes_and_masks_together(
    transform: Any, slack: float, stills_folder: Path
) -> None:
    plain = simgen.training.pytorch.Dataset(stills_folder)
    for index, (image, target) in enumerate(
        map(
            simgen.training.pytorch.Dataset(stills_folder, transforms=transform).__getitem__,
            range(12),
        )
    ):
        assert image.shape[-2:] == target["masks"].shape[-2:] == target["boxes"].canvas_size
        there = target["masks"].any(2).any(1)  # a small object may vanish in a small image
        fits({"masks": target["masks"][there], "boxes": target["boxes"][there]}, slack)
        assert not torch.equal(image, plain[index][0])


def test_what_has_no_labels_for_training_is_refused(stills_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="dataset"):
        simgen.training.pytorch.Dataset(tmp_path)
    with pytest.raises(InputError, match="unknown split 'dev'"):
        simgen.training.pytorch.Dataset(stills_folder, "dev")


def test_without_torchvision_tensors_are_plain(
    stills_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simgen.training.pytorch, "tv_tensors", None)
    image, target = simgen.training.pytorch.Dataset(stills_folder)[0]
    assert type(image) is type(target["boxes"]) is torch.Tensor


def losses(model: Any, folder: Path, steps: int) -> list[float]:
    """Of training on a few images, again and again."""
    torch.manual_seed(0)
    to_float = v2.ToDtype({tv_tensors.Image: torch.float32, "others": None}, scale=True)
    dataset = simgen.training.pytorch.Dataset(folder, "train", to_float, min_visibility=0.1)
    images, targets = simgen.training.pytorch.collate([dataset[index] for index in range(2)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    model.train()
    found = []
    for _ in range(steps):
        parts = model(images, targets)
        loss = sum(parts.values())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimizer.step()
        found.append(float(loss))
    return found


def test_a_detector_learns(stills_folder: Path) -> None:
    torch.manual_seed(0)
    model = fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=4, **SMALL
    )
    found = losses(model, stills_folder, 12)
    assert np.isfinite(found).all()
    assert np.mean(found[-3:]) < 0.8 * np.mean(found[:2])


def test_mask_rcnn_takes_the_masks(stills_folder: Path) -> None:
    torch.manual_seed(0)
    model = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=4, **SMALL)
    found = losses(model, stills_folder, 2)
    assert np.isfinite(found).all()


def test_the_coco_export_in_torchvision(stills_folder: Path, tmp_path: Path) -> None:
    """Its own reader of COCO gives what simgen.training.pytorch gives."""
    out = tmp_path / "coco"
    export(["coco"], [SimgenSource(simgen.open(stills_folder))], out)
    coco = wrap_dataset_for_transforms_v2(
        CocoDetection(out / "train", out / "annotations/instances_train.json"),
        target_keys=("boxes", "labels", "masks", "image_id"),
    )
    own = simgen.training.pytorch.Dataset(stills_folder, "train")
    assert len(coco) == len(own)
    for (image, target), (picture, expected) in zip(every(coco), every(own), strict=True):
        assert (v2.functional.pil_to_tensor(image) == picture).all()
        assert target["image_id"] == expected["image_id"]
        for name in ("boxes", "labels", "masks"):
            assert torch.equal(torch.as_tensor(target[name]), torch.as_tensor(expected[name])), name
