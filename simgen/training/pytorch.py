"""Datasets for PyTorch's loaders and torchvision's detectors. Needs torch (`simgen[torch]`).

from simgen.training import pytorch

loader = DataLoader(pytorch.Dataset("my_dataset", "train"), 4, collate_fn=pytorch.collate)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]

from simgen.dataset import reader
from simgen.errors import InputError
from simgen.training.targets import DetectionTarget, detection_target

try:
    from torchvision import tv_tensors  # type: ignore[import-not-found, unused-ignore]
except ImportError:  # without it no transforms need its types
    tv_tensors = None

Transforms = Callable[[torch.Tensor, dict[str, Any]], tuple[torch.Tensor, dict[str, Any]]]
"""Called like torchvision's `transforms.v2`: with an image and its target."""


class Dataset(torch.utils.data.Dataset):
    """Images with targets in the form of torchvision's detectors, by index.

    An image is `3 x H x W` uint8, RGB. A target has the fields of
    `simgen.training.targets.DetectionTarget` as tensors, except for `image_id`, an int. With
    torchvision installed the image is a `tv_tensors.Image`, boxes are `tv_tensors.BoundingBoxes`
    (XYXY, with the image's size), masks `tv_tensors.Mask`, so that `transforms.v2` transforms all
    of them together.

    data: folder or URI of a dataset, or an open one from `simgen.open`. split: only this split;
    None for all. transforms: applied to image and target. min_visibility: objects with a smaller
    visible fraction, 0..1, are omitted. crowds: include ignore regions, for evaluation by COCO's
    rules; not for training, since losses ignore `iscrowd`. samples: the frames themselves, with all
    other labels, in the same order.

    Raises `InputError` if `data` is not a dataset, or lacks the split or the labels `rgb` and
    `objects`.
    """

    def __init__(
        self,
        data: str | Path | reader.Dataset,
        split: str | None = None,
        transforms: Transforms | None = None,
        *,
        min_visibility: float = 0.0,
        crowds: bool = False,
    ) -> None:
        found = data if isinstance(data, reader.Dataset) else reader.open_dataset(data)
        for label in ("rgb", "objects"):
            if label not in found.manifest.labels:
                raise InputError(
                    f"{found.root}: has no {label!r}, which training requires; generate it with "
                    f"labels=[...,{label}]"
                )
        self.samples = found if split is None else found.split(split)
        self.transforms = transforms
        self.min_visibility = min_visibility
        self.crowds = crowds

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names. The label of a class is its index plus 1; 0 is background."""
        return self.samples.classes

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, dict[str, Any]]:
        sample = self.samples[index]
        image = torch.from_numpy(np.ascontiguousarray(np.moveaxis(sample.rgb, 2, 0)))
        target = _tensors(detection_target(sample, self.min_visibility, crowds=self.crowds))
        if tv_tensors is not None:
            image = tv_tensors.Image(image)
            target["masks"] = tv_tensors.Mask(target["masks"])
            target["boxes"] = tv_tensors.BoundingBoxes(
                target["boxes"], format="XYXY", canvas_size=tuple(image.shape[-2:])
            )
        return (image, target) if self.transforms is None else self.transforms(image, target)


def collate(batch: Sequence[tuple[torch.Tensor, dict[str, Any]]]) -> tuple[list, list]:
    """Return a batch as lists of images and targets, since they differ in size."""
    return [image for image, _ in batch], [target for _, target in batch]


def _tensors(target: DetectionTarget) -> dict[str, Any]:
    plain = asdict(target)
    return {
        name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for name, value in plain.items()
    }
