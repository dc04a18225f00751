"""The findings of the validator, by frame."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simgen.dataset.reader import Dataset
from simgen.formats.findings import Finding
from simgen.formats.validate.detect import kind_of
from simgen.formats.validate.run import validate

_MOST = 100
"""Findings of a frame, or of the dataset as a whole, that are shown."""
_FILE = re.compile(r"scenes/(\d{6,9})/(?:frame_(\d{4,9})\.)?")
_IMAGE = re.compile(r"image (\d{1,12})\b")

type FindingJson = dict[str, str]
"""rule, severity, message, fix."""


@dataclass
class Findings:
    """frames: by scene and frame. of_dataset: of none of them."""

    frames: dict[int, dict[int, list[FindingJson]]] = field(default_factory=dict)
    of_dataset: list[FindingJson] = field(default_factory=list)

    def of(self, scene: int) -> dict[int, list[FindingJson]]:
        return self.frames.get(scene, {})


def find(dataset: Dataset, processes: int, progress: Callable[[int, int], None]) -> Findings:
    """Validate a dataset. progress: called with images done and images in all."""
    report = validate(dataset.root, kind_of("simgen"), 0, processes, progress)
    return by_frame(report.findings, dataset.scenes, dataset.manifest.frames_per_scene)


def by_frame(findings: Sequence[Finding], scenes: Sequence[int], frames: int) -> Findings:
    """Assign findings to frames: those of a scene to all its frames."""
    found, existing = Findings(), frozenset(scenes)
    for finding in findings:
        scene, about = _place(finding, frames)
        if scene not in existing:
            _put(found.of_dataset, finding)
            continue
        for frame in about:
            _put(found.frames.setdefault(scene, {}).setdefault(frame, []), finding)
    return found


def _place(finding: Finding, frames: int) -> tuple[int, Sequence[int]]:
    """The scene, -1 for none, and its frames."""
    if named := _FILE.match(finding.file):
        frame = named[2]
        return int(named[1]), range(frames) if frame is None else [int(frame)]
    if numbered := _IMAGE.search(finding.place):
        scene, frame = divmod(int(numbered[1]) - 1, frames)
        return scene, [frame]
    return -1, []


def _put(findings: list[FindingJson], finding: Finding) -> None:
    if len(findings) < _MOST:
        place = f"{finding.place}: " if finding.place else ""
        message = f"{finding.file}, {place}found {finding.found}, expected {finding.expected}"
        findings.append({"rule": finding.rule, "severity": finding.severity,
                           "message": message, "fix": finding.fix})  # fmt: skip
