"""The validator's findings, by frame."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simgen.dataset.reader import Dataset
from simgen.formats.findings import Finding
from simgen.formats.items import Source
from simgen.formats.reading.external import collect_lost
from simgen.formats.sources import coco_parts
from simgen.formats.validate.detect import detect, kind_of
from simgen.formats.validate.run import validate

GROUP = 32
"""Images of a group of an external dataset; groups take the place of scenes."""
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


def find_items(
    text: str, source: Source, processes: int, progress: Callable[[int, int], None]
) -> Findings:
    """Validate a dataset that is not simgen's. text: where it is, as `open_source` takes it."""
    collect_lost(source)
    place = Path(coco_parts(text)[0])
    report = validate(place, detect(place), 0, processes, progress)
    return by_item(report.findings, source)


def by_item(findings: Sequence[Finding], source: Source) -> Findings:
    """Assign findings to images, in groups: by the name of their file, or by their COCO id."""
    places: dict[str, int] = {}
    for number, item in enumerate(source):
        places[Path(item.picture.path.name).stem] = number
        if item.source_id is not None:
            places[f"image {item.source_id}"] = number
    found = Findings()
    for finding in findings:
        named = _IMAGE.search(finding.place)
        place_of = places.get(named[0] if named else Path(finding.file).stem)
        if place_of is None:
            _put(found.of_dataset, finding)
            continue
        group, place = divmod(place_of, GROUP)
        _put(found.frames.setdefault(group, {}).setdefault(place, []), finding)
    return found


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
