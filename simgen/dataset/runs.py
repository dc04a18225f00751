"""Status and metrics of a run, written to `.simgen/` during the run and kept afterwards.

    .simgen/status/<name>.json           progress; rewritten about once a second
    .simgen/metrics/<run>/<name>.jsonl   one line per committed scene

A run has one name per supervisor: `run`, or `shard0` and so on if it is divided into shards. The
status of an entire run is the sum over its names. Only metrics grow with the number of scenes;
they are read line by line.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cattrs

from simgen.dataset.layout import Layout
from simgen.dataset.reports import Failure, SceneReport

RUNNING, FINISHED, STOPPED = "running", "finished", "stopped"
"""States of a run. FINISHED: every scene is committed or failed."""
WINDOW = 5
"""Minutes over which the rate is averaged."""
_LAST = 10
"""Number of latest failures that a status keeps."""


@dataclass(frozen=True)
class ActiveScene:
    """The scene that a worker is working on."""

    scene: int
    attempt: int
    since: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class RetriedAttempt:
    """A failed attempt that was retried."""

    scene: int
    attempt: int
    worker: str
    reason: str
    time: float


@dataclass
class Totals:
    """Sums over committed scenes."""

    scenes: int = 0
    frames: int = 0
    seconds: float = 0.0
    """Worker time from sampling a scene to having it on disk."""
    stages: dict[str, float] = field(default_factory=dict)
    """Worker wall time in seconds, by step."""
    cpu_seconds: float = 0.0
    memory_mb: float = 0.0
    """Maximum over workers and scenes."""
    samples: dict[int, int] = field(default_factory=dict)
    """Number of scenes by samples per pixel."""
    devices: dict[str, int] = field(default_factory=dict)
    """Number of scenes by render device."""

    def add(self, report: SceneReport) -> None:
        one = Totals(
            scenes=1,
            frames=report.frames,
            seconds=report.seconds,
            stages=report.stages,
            cpu_seconds=report.cpu_seconds,
            memory_mb=report.memory_mb,
            samples={report.samples: 1},
            devices={report.device: 1},
        )
        self.add_all(one)

    def add_all(self, other: Totals) -> None:
        self.scenes += other.scenes
        self.frames += other.frames
        self.seconds += other.seconds
        self.cpu_seconds += other.cpu_seconds
        self.memory_mb = max(self.memory_mb, other.memory_mb)
        _add(self.stages, other.stages)
        _add(self.samples, other.samples)
        _add(self.devices, other.devices)


@dataclass
class Status:
    """Progress of a run, or of the part with this name. Times are seconds since 1970."""

    dataset: str
    """Folder or URI of the dataset."""
    run: str
    name: str
    host: str
    pid: int
    started: float
    share: int
    """Number of scenes to generate, by this part or in total."""
    updated: float = 0.0
    state: str = RUNNING
    reason: str = ""
    """Reason why it was stopped."""
    done: int = 0
    failed: int = 0
    """Number of failed scenes."""
    retried: int = 0
    """Number of failed attempts that were retried."""
    workers: dict[str, ActiveScene] = field(default_factory=dict)
    """Current scene of each busy worker, by name."""
    minutes: dict[int, int] = field(default_factory=dict)
    """Scenes committed in each of the last minutes; keys are minutes since 1970."""
    totals: Totals = field(default_factory=Totals)
    failures: list[Failure] = field(default_factory=list)
    """The latest failures, oldest first; `troubles` likewise."""
    troubles: list[RetriedAttempt] = field(default_factory=list)

    def count(self, now: float) -> None:
        """Count a committed scene."""
        minute = int(now // 60)
        self.minutes[minute] = self.minutes.get(minute, 0) + 1
        for old in [other for other in self.minutes if other <= minute - WINDOW]:
            del self.minutes[old]

    def rate(self, now: float) -> float:
        """Return the number of scenes per minute over the last minutes."""
        first = int(now // 60) - WINDOW + 1
        made = sum(count for minute, count in self.minutes.items() if minute >= first)
        seconds = now - max(60.0 * first, self.started)
        return 60.0 * made / seconds if seconds > 0 else 0.0

    def add_failure(self, failure: Failure) -> None:
        self.failures = [*self.failures, failure][-_LAST:]

    def add_trouble(self, trouble: RetriedAttempt) -> None:
        self.troubles = [*self.troubles, trouble][-_LAST:]


def write_status(place: Layout, status: Status) -> None:
    """Write a status atomically. Raises `OSError`."""
    path = place.status / f"{status.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{status.name}.{status.pid}.tmp")
    temporary.write_text(json.dumps(cattrs.unstructure(status)) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def read_status(place: Layout) -> Status | None:
    """Return the status of the latest run, its parts combined; None if there is no status."""
    found = _read_all(place)
    if not found:
        return None
    newest = max(found, key=lambda status: status.updated).run
    return joined([status for status in found if status.run == newest])


def read_parts(place: Layout, run: str) -> list[Status]:
    """Return the status of each part of a run."""
    return [status for status in _read_all(place) if status.run == run]


def forget_others(place: Layout, run: str) -> None:
    """Remove the status of all other runs, but keep their metrics."""
    for status in _read_all(place):
        if status.run != run:
            (place.status / f"{status.name}.json").unlink(missing_ok=True)


def joined(parts: Sequence[Status]) -> Status:
    """Combine the parts of a run, at least one. It is running while any part is."""
    last = max(parts, key=lambda part: (part.state == RUNNING, part.updated))
    stopped = [part for part in parts if part.state == STOPPED]
    whole = Status(
        dataset=last.dataset,
        run=last.run,
        name=last.name,
        host=last.host,
        pid=last.pid,
        started=min(part.started for part in parts),
        share=_share(parts),
        updated=max(part.updated for part in parts),
        state=STOPPED if stopped and last.state != RUNNING else last.state,
        reason=stopped[0].reason if stopped and last.state != RUNNING else "",
        done=sum(part.done for part in parts),
        failed=sum(part.failed for part in parts),
        retried=sum(part.retried for part in parts),
    )
    for part in parts:
        whole.workers.update(part.workers)
        _add(whole.minutes, part.minutes)
        whole.totals.add_all(part.totals)
    failures = sorted((f for part in parts for f in part.failures), key=lambda f: f.time)
    troubles = sorted((t for part in parts for t in part.troubles), key=lambda t: t.time)
    whole.failures, whole.troubles = failures[-_LAST:], troubles[-_LAST:]
    return whole


def _share(parts: Sequence[Status]) -> int:
    """Return the number of scenes of all parts; a part named `run` states it for the entire run."""
    whole = [part.share for part in parts if part.name == "run"]
    return whole[0] if whole else sum(part.share for part in parts)


def metrics_path(place: Layout, run: str, name: str) -> Path:
    return place.metrics / run / f"{name}.jsonl"


def add_metrics(path: Path, report: SceneReport) -> None:
    """Append the report of a scene. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({**dataclasses.asdict(report), "time": round(time.time(), 3)})
    with path.open("a+b") as file:
        if file.tell() and _last_byte(path) != b"\n":  # a crash or full disk cut it
            file.write(b"\n")
        file.write(f"{line}\n".encode())


def totals(place: Layout, run: str) -> Totals:
    """Return the sums over all scenes of a run."""
    found = Totals()
    for path in sorted((place.metrics / run).glob("*.jsonl")):
        for report in read_metrics(path):
            found.add(report)
    return found


def read_metrics(path: Path) -> Iterator[SceneReport]:
    """Yield the reports in a metrics file in order of commit; nothing if there is no file."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield cattrs.structure(json.loads(line), SceneReport)
            except (ValueError, cattrs.BaseValidationError):  # truncated
                continue


def _read_all(place: Layout) -> list[Status]:
    found = [_read(path) for path in sorted(place.status.glob("*.json"))]
    return [status for status in found if status is not None]


def _read(path: Path) -> Status | None:
    try:
        return cattrs.structure(json.loads(path.read_text(encoding="utf-8")), Status)
    except (FileNotFoundError, ValueError, cattrs.BaseValidationError):
        return None  # removed meanwhile, or from another version


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def _add[K, V: (int, float)](sums: dict[K, V], more: Mapping[K, V]) -> None:
    for key, value in more.items():
        sums[key] = sums[key] + value if key in sums else value
