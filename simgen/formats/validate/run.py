"""Execution of a dataset's checks; the order of findings does not depend on the processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simgen.dataset.remote import AnyPath
from simgen.formats.findings import ERROR, At, Finding
from simgen.formats.validate.kind import Kind, Part
from simgen.formats.validate.seen import Seen
from simgen.pool import in_order

WORTH_A_PROCESS = 200
"""Number of images below which starting a pool takes longer than it saves."""


@dataclass(frozen=True)
class Report:
    """The result of a validation.

    images: number of checked images. findings: in the order of the dataset's files.
    """

    kind: str
    images: int
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(found.severity == ERROR for found in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors


def validate(
    path: AnyPath,
    kind: Kind,
    sample: int = 0,
    processes: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Check a dataset.

    sample: number of scenes or images to check, spread over the dataset; 0 for all. processes: 1
    uses only the current process. progress: called with the numbers of checked and of all images.
    Raises `InputError` if `path` is not such a dataset.
    """
    work = kind.work(path, sample)
    seen = Seen()
    seen.add(work.first)
    done = 0
    alone = work.total < WORTH_A_PROCESS
    for size, found in in_order(_sized, work.parts, 1 if alone else processes):
        seen.add(found)
        done += size
        progress(done, work.total)
    return Report(kind.name, seen.images, seen.findings + work.last(seen))


def careful(part: Part) -> Seen:
    """Check a part with arbitrary values; excessive nesting becomes a finding."""
    with np.errstate(all="ignore"):
        try:
            return part.check(*part.arguments)
        except RecursionError:
            at = At("")
            deep = at("json/damaged", "entries nested too deeply", "entries of the format")
            return Seen([deep], part.size)


def _sized(part: Part) -> tuple[int, Seen]:
    return part.size, careful(part)
