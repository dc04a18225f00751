"""The head of a card, in YAML: what the Hub reads.

Keys and values: https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import yaml

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "n>10M")
_TASKS = (
    ("object-detection", ("objects", "coco")),
    ("image-segmentation", ("instances", "semantic", "panoptic", "parts", "coco")),
    ("depth-estimation", ("depth", "ray_distance", "disparity")),
    ("keypoint-detection", ("keypoints",)),
    ("mask-generation", ("instances", "amodal_masks")),
)
_ELSE = "other"
"""The Hub's name for all other tasks, such as optical flow."""


def front_matter(head: dict[str, Any]) -> str:
    """The head between its two lines. Keys stay in their order."""
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---\n"


def size_category(images: int) -> str:
    """As the Hub names it."""
    return _NAMES[sum(images >= size for size in _SIZES)]


def tasks(labels: Collection[str]) -> list[str]:
    """What can be trained with some labels, as the Hub names it."""
    found = [task for task, needed in _TASKS if not set(needed).isdisjoint(labels)]
    return found or [_ELSE]


def tags(labels: Collection[str]) -> list[str]:
    """For those who look for a dataset."""
    found = ["synthetic", "simgen", "computer-vision", "blender"]
    more = {
        "flow_forward": "optical-flow",
        "object_coordinates": "6d-pose",
        "disparity": "stereo",
        "normals": "surface-normals",
        "tracks": "point-tracking",
    }
    return [*found, *(tag for label, tag in more.items() if label in labels)]
