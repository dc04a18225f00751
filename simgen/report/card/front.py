"""The YAML front matter of a card, which the Hugging Face Hub reads.

Keys and values: https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import yaml

from simgen.labels.registry import LABELS

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "n>10M")
_TASKS = (
    "object-detection",
    "image-segmentation",
    "depth-estimation",
    "keypoint-detection",
    "mask-generation",
)
"""The Hub's tasks that labels can declare, in the order used on cards."""
_TAGS = ("optical-flow", "6d-pose", "stereo", "surface-normals", "point-tracking")
"""The tags that labels can declare, in the order used on cards."""
_ELSE = "other"
"""The Hub's name for all other tasks, such as optical flow."""


def front_matter(head: dict[str, Any]) -> str:
    """Return the front matter between its two delimiters. The order of keys is kept."""
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---\n"


def size_category(images: int) -> str:
    """Return the Hub's size category for a number of images."""
    return _NAMES[sum(images >= size for size in _SIZES)]


def tasks(labels: Collection[str]) -> list[str]:
    """Return the Hub's names of the tasks that can be trained with some labels."""
    return _named(labels, _TASKS) or [_ELSE]


def tags(labels: Collection[str]) -> list[str]:
    """Return the card's tags, by which datasets are found on the Hub."""
    return ["synthetic", "simgen", "computer-vision", "blender", *_named(labels, _TAGS)]


def _named(labels: Collection[str], names: Sequence[str]) -> list[str]:
    """Return the names that any of the labels declares. Labels of plugins declare none."""
    found = {name for label in labels if label in LABELS for name in LABELS[label].hub}
    return [name for name in names if name in found]
