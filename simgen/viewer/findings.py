"""The validator's findings, by frame."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simgen.dataset.reader import Dataset
from simgen.formats.findings import Finding
from simgen.formats.validate.detect import kind_of
from simgen.formats.validate.run import validate

_MOST = 100
"""Maximum number of findings shown per frame, and for the dataset itself."""
_FILE = re.compile(r"scenes/(\d{6,9})/(?:frame_(\d{4,9})\.)?")
_IMAGE = re.compile(r"image (\d{1,12})\b")

type FindingJson = dict[str, str]
"""A finding with the keys rule, severity, message and fix."""


@dataclass
class Findings:
    """Findings of a dataset. frames: by scene and frame. of_dataset: those of no scene."""

    frames: dict[int, dict[int, list[FindingJson]]] = field(default_factory=dict)
    of_dataset: list[FindingJson] = field(default_factory=list)

    def of(self, scene: int) -> dict[int, list[FindingJson]]:
        return self.frames.get(scene, {})


def find(dataset: Dataset, processes: int, progress: Callable[[int, int], None]) -> Findings:
    """Validate a dataset. progress: called with the number of images done and the total."""
    report = validate(dataset.root, kind_of("simgen"), 0, processes, progress)
    return by_frame(report.findings, dataset.scenes, dataset.manifest.frames_per_scene)


def by_frame(findings: Sequence[Finding], scenes: Sequence[int], frames: int) -> Findings:
    """Assign findings to frames; a finding of a scene is assigned to all of its frames."""
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
    """Return the scene of a finding, or -1, and the frames concerned."""
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
