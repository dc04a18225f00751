"""The arrays of a frame for pages, at reduced precision, so that they stay small."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from simgen.dataset.sample import Sample
from simgen.labels.registry import LABELS
from simgen.viewer.packing import pack, script
from simgen.viewer.unreadable import attempted


def _half(array: np.ndarray) -> np.ndarray:
    """float16: three to four digits; what is above 65,504 becomes infinity."""
    with np.errstate(over="ignore"):
        return array.astype(np.float16)


def _steps(array: np.ndarray, most: int, dtype: type[np.generic]) -> np.ndarray:
    return np.rint(np.nan_to_num(array) * most).clip(-most, most).astype(dtype)


_FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "instances": lambda ids: ids,
    "semantic": lambda ids: ids,
    "panoptic": lambda ids: ids,
    "depth": _half,
    "flow_forward": _half,
    "flow_backward": _half,
    "normals": lambda normals: _steps(normals, 127, np.int8),
    "object_coordinates": lambda places: _steps(places.clip(0, 1), 255, np.uint8),
}
"""How each is shown. normals: int8, 127 times. object_coordinates: uint8, 255 times."""


def array_labels(labels: tuple[str, ...]) -> list[str]:
    """Those of a dataset's labels that pages show as arrays."""
    return [label for label in _FORMS if label in labels]


def array_files(sample: Sample) -> list[str]:
    """Suffixes of the files that `arrays` reads."""
    return [LABELS[label].suffix for label in array_labels(sample.labels)]


def arrays(sample: Sample) -> tuple[dict[str, Any], str]:
    """The payload for a frame, and in one line which files cannot be read; they are left out."""
    found: dict[str, Any] = {}
    damage = []
    root = sample.folder.parent.parent
    for label in array_labels(sample.labels):
        packed, line = attempted(partial(_packed, sample, label), None, sample.path(label), root)
        if packed is not None:
            found[label] = packed
        if line:
            damage.append(line)
    return found, "; ".join(damage)


def _packed(sample: Sample, label: str) -> dict[str, Any] | None:
    """None where the frame has no such label."""
    array = getattr(sample, label)
    return None if array is None else pack(_FORMS[label](array), fast=True)


def arrays_name(sample: Sample) -> str:
    """Under which they are handed over."""
    return f"arrays:{sample.scene}/{sample.frame}"


def arrays_script(sample: Sample) -> tuple[bytes, str]:
    """The file for a frame, and what it lacks because of damage; empty if nothing."""
    found, damage = arrays(sample)
    return script(arrays_name(sample), found), damage
