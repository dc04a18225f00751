"""Runs the checks of a dataset; findings keep their order whatever process made them."""

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
"""Images below which a pool takes longer to start than it saves."""


@dataclass(frozen=True)
class Report:
    """images: how many were looked at. findings: in the order of the dataset's files."""

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

    sample: look at this many scenes or images only, spread over the dataset; 0 for all.
    processes: 1 for this one alone. progress: is told how many images are done, and of how many.
    Raises `InputError` where there is no such dataset.
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
    """Check a part whose values may be anything. Too deep nesting is a finding."""
    with np.errstate(all="ignore"):
        try:
            return part.check(*part.arguments)
        except RecursionError:
            at = At("")
            deep = at("json/damaged", "entries nested too deeply", "those of the format")
            return Seen([deep], part.size)


def _sized(part: Part) -> tuple[int, Seen]:
    return part.size, careful(part)
