"""The arrays of a frame for pages, at reduced precision, so that they stay small."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from simgen.dataset.sample import Sample
from simgen.labels.label import Label
from simgen.labels.registry import LABELS
from simgen.viewer.packing import pack, script
from simgen.viewer.unreadable import attempted


def _reduced(label: Label, array: np.ndarray) -> np.ndarray:
    """Ids as they are; -1 to 1 as int8, 127 times; 0 to 1 as uint8, 255 times; other numbers as
    float16: three to four digits, what is above 65,504 becomes infinity."""
    low, high = label.values.low, label.values.high
    if not np.issubdtype(array.dtype, np.floating):
        return array
    if high == 1:
        scale, dtype = (127, np.int8) if low < 0 else (255, np.uint8)
        return np.rint(np.nan_to_num(array).clip(low, high) * scale).astype(dtype)
    with np.errstate(over="ignore"):
        return array.astype(np.float16)


def array_labels(labels: tuple[str, ...]) -> list[str]:
    """Those of a dataset's labels that pages show as arrays."""
    return [name for name, label in LABELS.items() if label.on_pages and name in labels]


def array_files(sample: Sample) -> list[str]:
    """Suffixes of the files that `arrays_script` reads."""
    return [LABELS[label].suffix for label in array_labels(sample.labels)]


def _packed(sample: Sample, label: str) -> dict[str, Any] | None:
    """None where the frame has no such label."""
    array = getattr(sample, label)
    return None if array is None else pack(_reduced(LABELS[label], array), fast=True)


def arrays_name(sample: Sample) -> str:
    """Under which they are handed over."""
    return f"arrays:{sample.scene}/{sample.frame}"


def arrays_script(sample: Sample) -> tuple[bytes, str]:
    """The file for a frame, and in one line which files cannot be read, which are left out; empty
    if there are none."""
    found: dict[str, Any] = {}
    damage = []
    root = sample.folder.parent.parent
    for label in array_labels(sample.labels):
        packed, line = attempted(partial(_packed, sample, label), None, sample.path(label), root)
        if packed is not None:
            found[label] = packed
        if line:
            damage.append(line)
    return script(arrays_name(sample), found), "; ".join(damage)
