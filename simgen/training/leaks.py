"""Keeps test images out of training. All trainings start here, so none bypasses the check."""

from __future__ import annotations

from collections.abc import Sequence

from simgen.errors import InputError
from simgen.training.detection import DetectionSet


def refuse_leaks(training: Sequence[DetectionSet], test: DetectionSet) -> None:
    """Raise `InputError` if a training image has the pixels of a test image, or is a photograph
    from a test image's group."""
    tested = {image.source: image for image in test.images}
    groups = {image.group: image for image in test.images}
    for part in training:
        for image in part.images:
            same = tested.get(image.source)
            if same is not None:
                raise InputError(
                    f"{part.name}: {image.file} is identical to the test image {same.file}; remove "
                    "it from the training data"
                )
            near = groups.get(image.group) if part.real else None
            if near is not None:
                raise InputError(
                    f"{part.name}: {image.file} and the test image {near.file} are both in the "
                    f"group {image.group!r}; remove one of them, or see data.group_by"
                )
