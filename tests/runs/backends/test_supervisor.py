"""The supervisor with slots that only pretend, on a clock that only pretends."""

from __future__ import annotations

import heapq
import itertools
import logging
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.config import RunnerConfig
from simgen.dataset.reports import Failure, SceneReport, UnforeseenError
from simgen.errors import (
    AssetError,
    DiskError,
    InputError,
    RunStoppedError,
    SceneError,
    SimgenError,
)
from simgen.runs.backends import stop as stop_module
from simgen.runs.backends import supervisor as module
from simgen.runs.backends.slots import WorkerLostError, WorkerTakenError
from simgen.runs.backends.stop import Stop
from simgen.runs.backends.supervisor import Supervisor, describe


class World:
    """A clock, and what happens when it gets there. Takes the place of `time` and of `wait`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def at(self, seconds: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (self.now + seconds, next(self._numbers), happens))

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self._go_to(self.now + seconds, lambda: False)

    def wait(self, futures: Iterable[Future], timeout: float, return_when: str) -> None:
        watched = list(futures)
        self._go_to(self.now + timeout, lambda: any(future.done() for future in watched))

    def _go_to(self, until: float, enough: Callable[[], bool]) -> None:
        while not enough():
            if not self._coming or self._coming[0][0] > until:
                self.now = max(self.now, until)
                return
            when, _, happens = heapq.heappop(self._coming)
            self.now = max(self.now, when)
            happens()


@dataclass(frozen=True)
class Try:
    """What becomes of an attempt. seconds: infinite for a hang."""

    error: BaseException | None = None
    seconds: float = 1.0
    memory_mb: float = 100.0


HANG = Try(seconds=float("inf"))
Plan = Callable[[int, int], Try]


@dataclass
class Slot:
    """Follows a plan. A worker that was cleared goes on, and what it says comes late."""

    name: str
    world: World
    plan: Plan
    begun: list[tuple[int, int]] = field(default_factory=list)
    cleared: int = 0
    closed: int = 0
    busy: bool = False
    waits_until: float = 0.0
    """When it has a worker."""

    def ready(self) -> bool:
        return self.world.now >= self.waits_until

    def make(self, scene: int, attempt: int) -> Future[SceneReport]:
        assert not self.closed
        assert not self.busy
        assert self.ready()
        self.begun.append((scene, attempt))
        attempted, future = self.plan(scene, attempt), Future[SceneReport]()
        if isinstance(attempted.error, RuntimeError):
            raise attempted.error  # no worker could be started
        self.busy = True
        if attempted is not HANG:
            self.world.at(attempted.seconds, lambda: self._end(future, scene, attempt, attempted))
        return future

    def _end(self, future: Future, scene: int, attempt: int, attempted: Try) -> None:
        self.busy = False
        if attempted.error is None:
            future.set_result(
                SceneReport(
                    scene=scene, frames=1, samples=1, instances={}, seconds=attempted.seconds,
                    stages={}, cpu_seconds=0.0, memory_mb=attempted.memory_mb, device="CPU",
                    worker=self.name, attempt=attempt,
                )
            )  # fmt: skip
        else:
            future.set_exception(attempted.error)

    def clear(self) -> None:
        self.cleared += 1
        self.busy = False

    def close(self) -> None:
        self.closed += 1


@dataclass
class Heard:
    """A listener that remembers. It may be told to fail."""

    world: World
    events: list[tuple[float, str, int]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    error: Exception = field(default_factory=lambda: OSError(28, "No space left on device"))
    ticks: int = 0

    def _hear(self, what: str, scene: int) -> None:
        if what in self.broken:
            raise self.error
        self.events.append((self.world.now, what, scene))

    def begun(self, scene: int, attempt: int, worker: str) -> None:
        self._hear("begun", scene)

    def done(self, report: SceneReport) -> None:
        self._hear("done", report.scene)

    def retried(self, scene: int, attempt: int, worker: str, reason: str) -> None:
        self._hear("retried", scene)

    def failed(self, failure: Failure) -> None:
        self._hear("failed", failure.scene)
        self.failures.append(failure)

    def tick(self) -> None:
        self.ticks += 1
        self._hear("tick", -1)

    def scenes(self, what: str) -> list[int]:
        return [scene for _, event, scene in self.events if event == what]

    def times(self, what: str, scene: int) -> list[float]:
        return [time - 1000.0 for time, event, s in self.events if (event, s) == (what, scene)]


@dataclass
class Case:
    world: World
    slots: list[Slot]
    heard: Heard
    stop: Stop
    said: list[str]

    def run(self, scenes: Iterable[int], **policy: float) -> None:
        supervisor = Supervisor(self.slots, RunnerConfig(**policy), self.heard, self.stop)  # type: ignore[arg-type]
        try:
            supervisor.run(scenes)
        finally:
            assert [slot.closed for slot in self.slots] == [1] * len(self.slots)

    @property
    def attempts(self) -> list[tuple[int, int]]:
        return [attempt for slot in self.slots for attempt in slot.begun]


@contextmanager
def a_case(plan: Plan, slots: int = 1, grace: float = 30.0) -> Iterator[Case]:
    world = World()
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", world)
        patch.setattr(module, "wait", world.wait)
        patch.setattr(stop_module, "time", world)
        yield Case(
            world,
            [Slot(str(number), world, plan) for number in range(slots)],
            Heard(world),
            Stop(grace, said.append),
            said,
        )


def planned(tries: dict[tuple[int, int], Try]) -> Plan:
    return lambda scene, attempt: tries.get((scene, attempt), Try())


# --- retries ------------------------------------------------------------------------------------


def test_scenes_go_to_whoever_is_free() -> None:
    with a_case(planned({(0, 1): Try(seconds=10.0)}), slots=2) as case:
        case.run(range(6))
    assert case.slots[0].begun == [(0, 1)]
    assert [scene for scene, _ in case.slots[1].begun] == [1, 2, 3, 4, 5]
    assert sorted(case.heard.scenes("done")) == list(range(6))
    assert case.heard.ticks >= 10 / 0.5


@pytest.mark.parametrize(
    "error", [WorkerLostError("died"), UnforeseenError("odd"), SimgenError("x")]
)
def test_what_may_be_chance_is_tried_again_later_on_a_fresh_worker(error: Exception) -> None:
    with a_case(lambda scene, attempt: Try(error if scene == 0 else None)) as case:
        case.run([0, 1, 2], max_retries=3, retry_seconds=2.0)
    (failure,) = case.heard.failures
    assert (failure.scene, failure.attempts, failure.worker) == (0, 4, "0")
    assert failure.reason == str(error)
    assert failure.time.endswith("+00:00")
    assert case.heard.scenes("done") == [1, 2]
    assert case.slots[0].cleared == 4 + 1  # and once at the end
    begun, ended = case.heard.times("begun", 0), case.heard.times("retried", 0)
    pauses = [b - e for b, e in zip(begun[1:], ended, strict=True)]
    assert all(0 <= pause - due <= 1.5 for pause, due in zip(pauses, [2, 4, 8], strict=True))
    # The slot was not idle meanwhile.
    assert case.heard.times("done", 2)[0] < begun[1] + 2


def test_pauses_double_up_to_a_minute() -> None:
    with a_case(lambda scene, attempt: Try(WorkerLostError("died"))) as case:
        case.run([0], max_retries=8, retry_seconds=1.0)
    begun, ended = case.heard.times("begun", 0), case.heard.times("retried", 0)
    pauses = [b - e for b, e in zip(begun[1:], ended, strict=True)]
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60], abs=0.6)


@pytest.mark.parametrize("error", [SceneError("no view"), AssetError("a.obj: found no face")])
def test_what_cannot_be_made_is_given_up_at_once_and_its_worker_stays(error: Exception) -> None:
    with a_case(planned({(1, 1): Try(error)})) as case:
        case.run(range(3))
    assert [(f.scene, f.attempts) for f in case.heard.failures] == [(1, 1)]
    assert case.slots[0].cleared == 1


TAKEN = Try(WorkerTakenError("its node died"))


def test_workers_that_are_taken_away_use_up_no_retry_of_a_scene() -> None:
    odd = Try(UnforeseenError("odd"))
    tries = dict.fromkeys([(0, attempt) for attempt in range(1, 9)], TAKEN) | {(0, 4): odd}
    tries |= dict.fromkeys([(1, 1), (1, 3), (1, 5)], TAKEN) | dict.fromkeys([(1, 2), (1, 4)], odd)
    with a_case(planned(tries)) as case:
        case.run([0, 1], max_retries=1, max_losses=7)
    assert case.heard.scenes("done") == [0]
    assert [(0, attempt) for attempt in range(1, 10)] == [a for a in case.attempts if not a[0]]
    (failure,) = case.heard.failures
    assert (failure.scene, failure.attempts, failure.reason) == (1, 4, "odd")
    assert case.slots[0].cleared == 8 + 4 + 1


def test_a_scene_that_loses_every_worker_is_given_up_in_the_end() -> None:
    with a_case(lambda scene, attempt: TAKEN) as case:
        case.run([0], max_retries=0, max_losses=5)
    assert [(f.attempts, f.reason) for f in case.heard.failures] == [(6, "its node died")]


def test_what_is_wrong_for_all_scenes_ends_the_run() -> None:
    with (
        a_case(planned({(1, 1): Try(InputError("no such device"))}), slots=2) as case,
        pytest.raises(InputError, match="no such device"),
    ):
        case.run(range(50))
    assert len(case.attempts) <= 3
    assert not case.heard.failures


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt(), GeneratorExit()])
def test_whatever_a_worker_raises_ends_no_run(error: BaseException) -> None:
    with a_case(planned({(1, 1): Try(error)})) as case:
        case.run(range(3))
    assert case.heard.scenes("done") == [0, 2, 1]


def test_a_slot_that_can_start_no_worker_is_tried_again() -> None:
    tries = {(0, 1): Try(RuntimeError("too many processes")), (0, 2): Try(RuntimeError("again"))}
    with a_case(planned(tries)) as case:
        case.run([0], max_retries=2)
    assert case.heard.scenes("retried") == [0, 0]
    assert case.heard.scenes("done") == [0]


def test_a_hopeless_run_ends_early() -> None:
    with (
        a_case(lambda scene, attempt: Try(SceneError("no view"))) as case,
        pytest.raises(SimgenError, match=r"3 scenes failed.*max_failures=2.*scene 2: no"),
    ):
        case.run(range(1000), max_failures=2)
    assert case.heard.scenes("failed") == [0, 1, 2]


def test_a_slot_that_waits_for_its_worker_keeps_no_scene_from_the_others() -> None:
    with a_case(planned({}), slots=3) as case:
        case.slots[0].waits_until = case.world.now + 3.2
        case.slots[2].waits_until = float("inf")
        case.run(range(10))
    assert sorted(case.heard.scenes("done")) == list(range(10))
    assert len(case.heard.scenes("begun")) == 10
    assert case.slots[0].begun[0][0] == 3 + 1
    assert case.slots[2].begun == []


# --- hangs --------------------------------------------------------------------------------------


def test_a_hang_is_cleared_and_tried_again() -> None:
    with a_case(planned({(0, 1): HANG})) as case:
        case.run([0, 1], scene_timeout=20.0, retry_seconds=1.0)
    assert case.slots[0].begun == [(0, 1), (1, 1), (0, 2)]
    assert case.heard.times("retried", 0) == [pytest.approx(20.5, abs=0.6)]
    assert case.slots[0].cleared == 2


def test_a_hang_that_stays_is_given_up_with_its_reason() -> None:
    with a_case(lambda scene, attempt: HANG) as case:
        case.run([0], scene_timeout=20.0, max_retries=1)
    assert case.heard.failures[0].reason == "took longer than runner.scene_timeout=20 s"
    assert case.heard.failures[0].attempts == 2


def test_what_a_cleared_worker_says_late_changes_nothing() -> None:
    with a_case(planned({(0, 1): Try(seconds=25.0), (0, 2): Try(seconds=15.0)})) as case:
        case.run([0], scene_timeout=20.0)
    assert case.heard.scenes("done") == [0]
    assert case.attempts == [(0, 1), (0, 2)]


def stopped_for(case: Case, seconds: float) -> None:
    """This process is stopped, as by Ctrl-Z, in the middle of a wait."""
    case.world.now += seconds


def test_a_result_that_came_while_this_process_was_stopped_is_no_hang() -> None:
    with a_case(planned({(0, 1): Try(seconds=5.0)})) as case:
        case.world.at(2.0, lambda: stopped_for(case, 1000.0))
        case.run([0], scene_timeout=20.0)
    assert case.attempts == [(0, 1)]


def test_workers_that_were_stopped_with_this_process_get_the_time_back() -> None:
    with a_case(planned({(0, 1): Try(seconds=1015.0), (1, 1): HANG}), slots=2) as case:
        case.world.at(2.0, lambda: stopped_for(case, 1000.0))
        case.run([0, 1], scene_timeout=20.0)
    assert sorted(case.attempts) == [(0, 1), (1, 1), (1, 2)]
    assert case.heard.times("retried", 1) == [pytest.approx(1020.0, abs=2.0)]


# --- a full disk --------------------------------------------------------------------------------

FULL = DiskError("data: cannot be written: the disk is full")


def test_a_full_disk_pauses_all_and_costs_no_attempt() -> None:
    full = {(0, 1): Try(FULL), (1, 1): Try(FULL, seconds=1.2)}

    def plan(scene: int, attempt: int) -> Try:
        return full.pop((scene, attempt), Try())

    with a_case(plan, slots=2) as case:
        case.run(range(4), max_retries=0 + 1, retry_seconds=8.0)
    assert not case.heard.failures
    assert {attempt for _, attempt in case.attempts} == {1}
    assert sorted(case.heard.scenes("done")) == [0, 1, 2, 3]
    times = sorted(time for time, what, _ in case.heard.events if what == "begun")
    assert all(time - 1000 >= 9.0 for time in times[2:])  # none begins in the pause
    assert [slot.cleared for slot in case.slots] == [1, 1]
    assert sorted(case.heard.scenes("retried")) == [0, 1]


def test_a_disk_that_stays_full_ends_the_run() -> None:
    with a_case(lambda s, a: Try(FULL)) as case, pytest.raises(DiskError, match="disk is full"):
        case.run(range(100), max_retries=2, retry_seconds=1.0)
    assert not case.heard.failures
    assert {scene for scene, _ in case.attempts} == {0}
    assert len(case.attempts) == 3


def test_a_scene_that_succeeds_in_between_counts_the_pauses_anew() -> None:
    seen: Counter[int] = Counter()

    def plan(scene: int, attempt: int) -> Try:
        seen[scene] += 1
        return Try(FULL) if seen[scene] <= 2 else Try()

    with a_case(plan) as case:
        case.run(range(20), max_retries=2, retry_seconds=1.0)
    assert case.heard.scenes("done") == list(range(20))


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), FULL])
def test_a_scene_that_cannot_be_quarantined_is_not_lost(error: Exception) -> None:
    with a_case(planned({(0, 1): Try(SceneError("no view"))})) as case:
        case.heard.broken, case.heard.error = {"failed"}, error
        with pytest.raises(DiskError, match=r"scene 0 failed \(no view\)"):
            case.run([0], max_retries=0)
    with a_case(lambda s, a: Try(SceneError("no view"))) as case:
        case.heard.broken, case.heard.error = {"failed"}, error
        case.world.at(3.0, case.heard.broken.clear)
        case.run([0], max_retries=2, retry_seconds=2.0)
    assert case.heard.scenes("failed") == [0]


def test_what_cannot_be_written_for_people_to_look_at_ends_no_run() -> None:
    with a_case(planned({(1, 1): Try(WorkerLostError("died"))})) as case:
        case.heard.broken = {"begun", "done", "retried", "tick"}
        case.run(range(3))
    assert sorted(case.attempts) == [(0, 1), (1, 1), (1, 2), (2, 1)]


# --- fresh workers ------------------------------------------------------------------------------


def test_workers_are_replaced_after_so_many_scenes() -> None:
    with a_case(planned({})) as case:
        case.run(range(10), recycle_scenes=3)
    assert case.slots[0].cleared == 3 + 1


def test_workers_are_replaced_when_they_grew() -> None:
    grown = iter([100.0, 150.0, 310.0, 50.0, 240.0, 260.0, 1.0])
    with a_case(lambda s, a: Try(memory_mb=next(grown))) as case:
        case.run(range(7), recycle_growth_mb=200)
    assert case.slots[0].cleared == 2 + 1


# --- stopping -----------------------------------------------------------------------------------


def test_the_first_wish_to_stop_finishes_what_is_in_the_making() -> None:
    with a_case(planned({}), slots=2) as case:
        case.world.at(2.5, case.stop.ask)
        with pytest.raises(RunStoppedError):
            case.run(range(100))
    assert sorted(case.heard.scenes("begun")) == sorted(case.heard.scenes("done"))
    assert len(case.heard.scenes("done")) == 6
    assert len(case.said) == 1
    assert "the 2 scenes in progress may take 30 s" in case.said[0]
    assert "again" in case.said[0]


def test_a_wish_to_stop_before_the_first_scene_is_no_end() -> None:
    with a_case(planned({})) as case:
        case.stop.ask()
        with pytest.raises(RunStoppedError):
            case.run(range(10))
    assert case.attempts == []


def test_the_second_one_drops_it() -> None:
    with a_case(lambda s, a: Try(seconds=20.0), slots=2) as case:
        case.world.at(2.5, case.stop.ask)
        case.world.at(4.5, case.stop.ask)
        with pytest.raises(RunStoppedError):
            case.run(range(100))
    assert not case.heard.scenes("done")
    assert case.world.now - 1000 == pytest.approx(5.0, abs=0.6)


def test_so_does_the_end_of_the_grace() -> None:
    with a_case(planned({(0, 1): Try(seconds=500.0)}), slots=2, grace=10.0) as case:
        case.world.at(0.5, case.stop.ask)
        with pytest.raises(RunStoppedError):
            case.run(range(100))
    assert case.heard.scenes("done") == [1]
    assert case.world.now - 1000 == pytest.approx(11.0, abs=0.6)


def test_nothing_is_said_where_there_is_nothing_to_finish() -> None:
    for grace in (30.0, 0.0):
        with a_case(lambda s, a: Try(FULL), grace=grace) as case:
            case.world.at(3.0, case.stop.ask)
            with pytest.raises(RunStoppedError):
                case.run([0], retry_seconds=100.0)
        assert case.said == []


def test_a_failure_while_stopping_is_not_tried_again() -> None:
    with a_case(planned({(0, 1): Try(WorkerLostError("died"), 5.0)})) as case:
        case.world.at(1.0, case.stop.ask)
        with pytest.raises(RunStoppedError):
            case.run(range(10))
    assert case.attempts == [(0, 1)]


def test_every_slot_is_closed_even_if_one_of_them_cannot_be() -> None:
    with a_case(planned({}), slots=3) as case:
        case.slots[2].clear = lambda: 1 / 0  # type: ignore[assignment, method-assign, return-value]
        with pytest.raises(ZeroDivisionError):
            case.run(range(3))


# --- whatever happens ---------------------------------------------------------------------------

FAULTS = st.sampled_from(
    [
        Try(WorkerLostError("died"), 0.3),
        Try(WorkerTakenError("its node died"), 0.4),
        Try(UnforeseenError("ValueError: odd"), 0.7),
        Try(AssetError("broken"), 0.1),
        Try(SceneError("no view"), 0.2),
        Try(SystemExit(1), 0.2),
        Try(RuntimeError("no process")),
        Try(seconds=30.0),  # late
        HANG,
    ]
)


@given(
    faults=st.dictionaries(st.tuples(st.integers(0, 11), st.integers(1, 3)), FAULTS, max_size=20),
    slots=st.integers(1, 4),
    retries=st.integers(0, 2),
    stops=st.lists(st.floats(0, 60), max_size=2),
)
def test_each_scene_is_done_once_or_given_up_once(
    faults: dict[tuple[int, int], Try], slots: int, retries: int, stops: list[float]
) -> None:
    with a_case(planned(faults), slots=slots) as case:
        for time in stops:
            case.world.at(time, case.stop.ask)
        stopped = False
        try:
            case.run(range(12), max_retries=retries, scene_timeout=20.0)
        except RunStoppedError:
            stopped = True
    done, failed = case.heard.scenes("done"), case.heard.scenes("failed")
    ended = Counter(done + failed)
    assert set(ended.values()) <= {1}
    assert set(ended) <= set(range(12)) if stopped else set(ended) == set(range(12))
    taken = {at for at, fault in faults.items() if isinstance(fault.error, WorkerTakenError)}
    charged = Counter(scene for scene, attempt in case.attempts if (scene, attempt) not in taken)
    assert max(charged.values(), default=0) <= retries + 1
    assert len(set(case.attempts)) == len(case.attempts)
    for failure in case.heard.failures:
        final = faults[failure.scene, failure.attempts]
        lasting = isinstance(final.error, SceneError | AssetError)
        assert lasting or charged[failure.scene] == retries + 1


def test_memory_does_not_grow_with_the_scenes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "simgen")  # pytest keeps what is logged

    class Deaf(Heard):
        def _hear(self, what: str, scene: int) -> None:
            pass

    def peak(scenes: int) -> int:
        with a_case(lambda s, a: Try(WorkerLostError("x") if (s + a) % 7 == 0 else None)) as case:
            case.heard = Deaf(case.world)
            case.slots[0].begun = Forgetful()
            tracemalloc.start()
            try:
                case.run(range(scenes), max_failures=10**9)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    class Forgetful(list[tuple[int, int]]):
        def append(self, item: tuple[int, int]) -> None:
            pass

    few, many = peak(500), peak(5000)
    assert many < few + 20_000


def test_reasons_are_one_line_and_plain() -> None:
    assert describe(AssetError("a.obj: gone"), 60) == "a.obj: gone"
    assert describe(SimgenError("no place\n to lie"), 60) == "no place to lie"
    assert describe(UnforeseenError("ValueError: odd"), 60) == "ValueError: odd"
    assert describe(ValueError("odd"), 60) == "ValueError: odd"
    assert describe(WorkerLostError("its worker process died (SIGSEGV)"), 60).endswith("(SIGSEGV)")
