"""The arrays of a frame for pages, at reduced precision to keep them small."""

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
    """Return an array at reduced precision: ids unchanged; -1 to 1 as int8, multiplied by 127;
    0 to 1 as uint8, multiplied by 255; other numbers as float16, which has three to four digits
    and is infinite above 65,504."""
    low, high = label.values.low, label.values.high
    if not np.issubdtype(array.dtype, np.floating):
        return array
    if high == 1:
        scale, dtype = (127, np.int8) if low < 0 else (255, np.uint8)
        return np.rint(np.nan_to_num(array).clip(low, high) * scale).astype(dtype)
    with np.errstate(over="ignore"):
        return array.astype(np.float16)


def array_labels(labels: tuple[str, ...]) -> list[str]:
    """Return the labels of a dataset that pages show as arrays."""
    return [name for name, label in LABELS.items() if label.on_pages and name in labels]


def array_files(sample: Sample) -> list[str]:
    """Return the suffixes of the files that `arrays_script` reads."""
    return [LABELS[label].suffix for label in array_labels(sample.labels)]


def _packed(sample: Sample, label: str) -> dict[str, Any] | None:
    """Return a label as JSON; None if the frame does not have it."""
    array = getattr(sample, label)
    return None if array is None else pack(_reduced(LABELS[label], array), fast=True)


def arrays_name(sample: Sample) -> str:
    """Return the name under which a frame's arrays are registered."""
    return f"arrays:{sample.scene}/{sample.frame}"


def arrays_script(sample: Sample) -> tuple[bytes, str]:
    """Return the script of a frame, and one line on omitted files that cannot be read; the line is
    empty if there are none."""
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
