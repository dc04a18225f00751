"""The records that a run keeps in `.simgen/`: its progress and events, one line of metrics per
scene, and the failed scenes."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from typing import Self

from simgen.dataset import runs
from simgen.dataset.layout import Layout
from simgen.dataset.reports import Failure, SceneReport
from simgen.dataset.runs import ActiveScene, RetriedAttempt, Status
from simgen.errors import DetachedError
from simgen.runs.backends.quarantine import quarantine, release

log = logging.getLogger(__name__)

_EVERY = 1.0
"""Seconds between two writes of the status."""


class Recorder:
    """A `Listener` that writes files. Use as a context manager.

    Several recorders may share a run, each under its own name: one per shard and, on Slurm, one in
    the submitting command, which only records the failed scenes of lost tasks. A restarted process
    continues the counts of its name.

    run: name of the run, as in its lease. share: number of scenes to make. kept: scenes that failed
    before and are not retried. show: called with the status of the complete run on every event.
    Methods raise `OSError` if a file cannot be written.
    """

    def __init__(
        self,
        place: Layout,
        name: str,
        run: str,
        share: int,
        kept: Sequence[Failure] = (),
        show: Callable[[Status], None] | None = None,
    ) -> None:
        now = time.time()
        self.status = Status(
            dataset=str(place.root),
            run=run,
            name=name,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=now,
            share=share + len(kept),
            updated=now,
            failed=len(kept),
        )
        for failure in kept:
            self.status.add_failure(failure)
        self._place = place
        self._metrics = runs.metrics_path(place, run, name)
        self._show = show
        self._others: list[Status] = []
        self._due = 0.0
        self._continue()

    def _continue(self) -> None:
        parts = runs.read_parts(self._place, self.status.run)
        for before in (part for part in parts if part.name == self.status.name):
            for report in runs.read_metrics(self._metrics):
                self.status.totals.add(report)
            self.status.done = self.status.totals.scenes
            self.status.share += self.status.done
            for name in ("started", "retried", "minutes", "troubles"):
                setattr(self.status, name, getattr(before, name))

    def begun(self, scene: int, attempt: int, worker: str) -> None:
        self.status.workers[worker] = ActiveScene(scene, attempt, time.time())
        self._tell()

    def done(self, report: SceneReport) -> None:
        log.info(
            "scene %d is done", report.scene,
            extra={
                "scene": report.scene, "attempt": report.attempt, "worker": report.worker,
                "seconds": round(report.seconds, 3), "frames": report.frames,
                "device": report.device, "memory_mb": round(report.memory_mb, 1),
            },
        )  # fmt: skip
        self._leave(report.scene)
        self.status.done += 1
        self.status.totals.add(report)
        self.status.count(time.time())
        self._tell()
        release(self._place, report.scene)
        runs.add_metrics(self._metrics, report)

    def retried(self, scene: int, attempt: int, worker: str, reason: str) -> None:
        log.warning(
            "scene %d, attempt %d on worker %s: %s", scene, attempt, worker, reason,
            extra={"scene": scene, "attempt": attempt, "worker": worker, "reason": reason},
        )  # fmt: skip
        self._leave(scene)
        self.status.retried += 1
        self.status.add_trouble(RetriedAttempt(scene, attempt, worker, reason, time.time()))
        self._tell()

    def failed(self, failure: Failure) -> None:
        # First, because the supervisor retries a scene that could not be quarantined.
        quarantine(self._place, failure)
        log.error(
            "scene %d failed permanently after attempt %d on worker %s: %s",
            failure.scene, failure.attempts, failure.worker, failure.reason,
            extra={
                "scene": failure.scene, "attempt": failure.attempts, "worker": failure.worker,
                "reason": failure.reason,
            },
        )  # fmt: skip
        self._leave(failure.scene)
        self.status.failed += 1
        self.status.add_failure(failure)
        self._tell()

    def tick(self) -> None:
        if time.monotonic() < self._due:
            return
        self.write()
        if self._show is not None:
            parts = runs.read_parts(self._place, self.status.run)
            self._others = [part for part in parts if part.name != self.status.name]
        self._tell()

    def __enter__(self) -> Self:
        self.write()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        # A command that leaves its scenes to Slurm tasks counts as finished.
        over = error is None or isinstance(error, DetachedError)
        self.status.state = runs.FINISHED if over else runs.STOPPED
        if error is not None and not over:
            self.status.reason = " ".join(str(error).split()) or type(error).__name__
        self.status.workers = {}
        try:
            self.write()
        except OSError as unwritten:
            log.warning("the status could not be written: %s", unwritten)

    def _leave(self, scene: int) -> None:
        workers = self.status.workers
        for worker in [name for name, doing in workers.items() if doing.scene == scene]:
            del workers[worker]

    def _tell(self) -> None:
        if self._show is not None:
            self._show(runs.joined([self.status, *self._others]))

    def write(self) -> None:
        self._due = time.monotonic() + _EVERY
        self.status.updated = time.time()
        runs.write_status(self._place, self.status)
