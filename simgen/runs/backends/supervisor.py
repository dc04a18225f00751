"""The supervisor: assigns scenes to workers, local or remote, and handles their failures.

A failure that may be temporary (a crash, a hang, an error) is retried later, on a fresh worker. An
error that every attempt would meet again (`SceneError`, `AssetError`) fails the scene at once, and
an error that affects every scene ends the run. The loss of a worker that was taken away is not the
scene's fault, and is counted separately.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from simgen.config import RunnerConfig
from simgen.dataset.reports import Failure, Listener, SceneReport, UnforeseenError
from simgen.errors import (
    AssetError,
    DiskError,
    InputError,
    RunStoppedError,
    SceneError,
    SimgenError,
)
from simgen.runs.backends.slots import Slot, WorkerLostError, WorkerTakenError
from simgen.runs.backends.stop import Stop

log = logging.getLogger(__name__)

_TICK = 0.5
"""Seconds between checks of signals, deadlines and due retries."""
_LONGEST_PAUSE = 60.0
"""Seconds; pauses between attempts double up to here."""


class HungError(Exception):
    """A worker took too long for a scene."""


@dataclass
class _SlotState:
    """The state of the worker in a slot."""

    slot: Slot
    scene: int | None = None
    made: int = 0
    memory_mb: float | None = None
    """Memory after the worker's first scene."""
    since: float = 0.0
    """Start time of its scene, advanced by any time for which this process was suspended, since the
    worker may have been suspended too."""


@dataclass(order=True)
class _Retry:
    due: float
    scene: int


@dataclass
class Supervisor:
    """One run over a set of scenes.

    slots: one per worker. `run` raises `DiskError` if the disk stays full, `InputError` for errors
    that affect every scene, `SimgenError` if too many scenes failed, and `RunStoppedError` if a
    stop was requested; by then all workers have been killed.
    """

    slots: Sequence[Slot]
    policy: RunnerConfig
    listener: Listener
    stop: Stop
    check: Callable[[], object] = lambda: None
    """Called about twice a second; an error raised by it ends the run."""
    _states: list[_SlotState] = field(init=False)
    _running: dict[Future[SceneReport], _SlotState] = field(default_factory=dict)
    _attempts: dict[int, int] = field(default_factory=dict)
    """Attempts at each scene that was begun and is neither done nor failed."""
    _losses: Counter[int] = field(default_factory=Counter)
    """Number of these attempts that ended because the worker was taken away."""
    _retries: list[_Retry] = field(default_factory=list)
    _failures: int = 0
    _pause_until: float = 0.0
    """Time until which no scene is begun, because the disk is full."""
    _pauses: int = 0
    """Number of consecutive pauses."""
    _seen: float = 0.0
    """Time of the last check of the workers."""

    def __post_init__(self) -> None:
        self._states = [_SlotState(slot) for slot in self.slots]

    def run(self, scenes: Iterable[int]) -> None:
        """Process all scenes until each is done or has failed."""
        fresh = iter(scenes)
        with ExitStack() as slots:
            for end in [slot.close for slot in self.slots] + [slot.clear for slot in self.slots]:
                slots.callback(end)  # run in reverse order: all are killed, then waited for
            self._seen = time.monotonic()
            while self._running or self._retries or self._due(fresh):
                self._assign(fresh)
                self._wait()
                self._tell(self.listener.tick)
                self.check()
                self._check_stop()

    def _waits(self) -> bool:
        return time.monotonic() < self._pause_until

    def _assign(self, fresh: Iterator[int]) -> None:
        if self.stop.asked or self._waits():
            return
        for state in self._states:
            if state.scene is None and self._due(fresh) and state.slot.ready():
                self._begin(state, heapq.heappop(self._retries).scene)

    def _due(self, fresh: Iterator[int]) -> bool:
        """Return whether a scene is due: a retry, or else a new scene, which is queued first."""
        if self._retries and self._retries[0].due <= time.monotonic():
            return True
        scene = next(fresh, None)
        if scene is not None:
            self._retry(scene, 0.0)
        return scene is not None

    def _begin(self, state: _SlotState, scene: int) -> None:
        attempt = self._attempts[scene] = self._attempts.get(scene, 0) + 1
        self._tell(self.listener.begun, scene, attempt, state.slot.name)
        state.scene, state.since = scene, time.monotonic()
        try:
            future = state.slot.make(scene, attempt)
        except Exception as error:  # there is no worker now, but there may be one later
            self._failed(state, error)
        else:
            self._running[future] = state

    def _wait(self) -> None:
        if self._running:
            wait(self._running, timeout=_TICK, return_when=FIRST_COMPLETED)
        else:
            time.sleep(_TICK)
        self._look_up()
        for future, state in list(self._running.items()):
            if future.done():
                del self._running[future]
                self._finished(state, future)
            elif self._seen - state.since > self.policy.scene_timeout:
                del self._running[future]
                self._failed(state, HungError())

    def _look_up(self) -> None:
        """Postpone all deadlines by any time for which this process was suspended (Ctrl-Z): results
        may still be in transit, and workers may have been suspended with it."""
        now = time.monotonic()
        for state in self._running.values():
            state.since += max(0.0, now - self._seen - 2 * _TICK)
        self._seen = now

    def _finished(self, state: _SlotState, future: Future[SceneReport]) -> None:
        error = WorkerLostError("cancelled") if future.cancelled() else future.exception()
        if error is None:
            self._done(state, future.result())
        else:
            self._failed(state, error)

    def _done(self, state: _SlotState, report: SceneReport) -> None:
        state.scene = None
        state.made += 1
        self._pauses = 0
        self._forget(report.scene)
        self._tell(self.listener.done, report)
        if state.memory_mb is None:
            state.memory_mb = report.memory_mb
        grown = report.memory_mb - state.memory_mb
        if state.made >= self.policy.recycle_scenes or grown > self.policy.recycle_growth_mb:
            log.info("worker %s: replaced after %d scenes, %.0f MB grown",
                     state.slot.name, state.made, grown)  # fmt: skip
            self._clear(state)

    def _failed(self, state: _SlotState, error: BaseException) -> None:
        scene, worker = state.scene, state.slot.name
        assert scene is not None
        state.scene = None
        if isinstance(error, DiskError):
            self._pause(scene, worker, error)
            return
        is_lasting = isinstance(error, SceneError | AssetError)
        if isinstance(error, InputError) and not is_lasting:
            raise error
        if not is_lasting:
            self._clear(state)
        attempts = self._attempts[scene]
        reason = describe(error, self.policy.scene_timeout)
        if is_lasting or not self._may_go_on(scene, isinstance(error, WorkerTakenError)):
            self._fail(Failure(scene, reason, attempts, worker, _now()))
            return
        self._tell(self.listener.retried, scene, attempts, worker, reason)
        self._retry(scene, self.policy.retry_seconds * 2 ** (attempts - 1))

    def _may_go_on(self, scene: int, taken: bool) -> bool:
        """Return whether to make another attempt. taken: whether the last worker was taken away."""
        self._losses[scene] += taken
        losses = self._losses[scene]
        if taken:
            return losses <= self.policy.max_losses
        return self._attempts[scene] - losses <= self.policy.max_retries

    def _forget(self, scene: int) -> None:
        del self._attempts[scene]
        del self._losses[scene]

    def _retry(self, scene: int, seconds: float) -> None:
        due = time.monotonic() + min(seconds, _LONGEST_PAUSE)
        heapq.heappush(self._retries, _Retry(due, scene))

    def _pause(self, scene: int, worker: str, error: DiskError) -> None:
        """Pause all scenes until a full disk has room again; end the run if that takes too long.
        The attempt does not count against the scene."""
        self._tell(self.listener.retried, scene, self._attempts[scene], worker, str(error))
        self._attempts[scene] -= 1
        self._retry(scene, 0.0)
        if self._waits():  # another worker has already started the pause
            return
        self._pauses += 1
        if self._pauses > self.policy.max_retries:
            raise error
        seconds = self.policy.retry_seconds * 2 ** (self._pauses - 1)
        log.error("%s; trying again in %.1f s", error, seconds)
        self._pause_until = time.monotonic() + min(seconds, _LONGEST_PAUSE)

    def _fail(self, failure: Failure) -> None:
        try:
            self.listener.failed(failure)
        except (OSError, DiskError) as error:
            # A scene that is neither committed nor listed as failed would be lost.
            self._pause(failure.scene, failure.worker, DiskError(_unlisted(failure, error)))
            return
        self._forget(failure.scene)
        self._failures += 1
        if self._failures > self.policy.max_failures:
            raise SimgenError(
                f"stopped: {self._failures} scenes failed, more than runner.max_failures="
                f"{self.policy.max_failures}; the last one, scene {failure.scene}: {failure.reason}"
            )

    def _tell[**P](self, what: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a method of the listener; if it cannot write its records, log that and go on."""
        try:
            what(*args, **kwargs)
        except OSError as error:
            log.warning("not recorded: %s", error)

    def _clear(self, state: _SlotState) -> None:
        state.slot.clear()
        state.made, state.memory_mb = 0, None

    def _check_stop(self) -> None:
        if self.stop.asked:
            self.stop.announce(len(self._running))
        if self.stop.now or (self.stop.asked and not self._running):
            raise RunStoppedError("stopped")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unlisted(failure: Failure, error: Exception) -> str:
    return (
        f"scene {failure.scene} failed ({failure.reason}), but the failure cannot be recorded: "
        f"{error}; free disk space and run the same command again"
    )


def describe(error: BaseException, scene_timeout: float) -> str:
    """Return the reason for a failed attempt in one line."""
    if isinstance(error, HungError):
        return f"took longer than runner.scene_timeout={scene_timeout:g} s"
    text = " ".join(str(error).split())
    if isinstance(error, SimgenError | WorkerLostError | UnforeseenError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
