"""Seats whose workers are real processes, and what these may do."""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import resource_tracker
from pathlib import Path

import mischief
import psutil
import pytest
from mischief import Heard, slot

from simgen.config import Config, RunnerConfig
from simgen.dataset.reports import SceneReport, UnforeseenError, WorkerInfo
from simgen.errors import DiskError, SceneError
from simgen.runs.backends import local, worker
from simgen.runs.backends.local import LocalSlot, how_it_died, memory_kills
from simgen.runs.backends.slots import WorkerLostError, WorkerTakenError
from simgen.runs.backends.stop import Stop
from simgen.runs.backends.supervisor import Supervisor

LONG = 60.0
"""Seconds in which anything has happened, on a busy machine too."""


def workers() -> list[psutil.Process]:
    """Not what other tests of this process have started, such as servers."""
    children = psutil.Process().children(recursive=True)
    return [p for p in children if "spawn_main" in " ".join(words_of(p))]


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def soon(what: Callable[[], object]) -> None:
    until = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def held() -> tuple[int, int, int]:
    """Threads, file handles and semaphores of this process."""
    gc.collect()
    maps = Path("/proc/self/maps").read_text()
    return threading.active_count(), psutil.Process().num_fds(), maps.count("/dev/shm/sem")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[LocalSlot]:
    """A slot whose worker makes every scene."""
    made = slot("0", {}, tmp_path)
    yield made
    began = time.monotonic()
    made.close()
    assert time.monotonic() - began < local.LAST_WAIT
    assert workers() == []


def pid_of(report: SceneReport) -> int:
    return int(report.cpu_seconds)


def test_one_worker_makes_scene_after_scene(one: LocalSlot) -> None:
    first = one.make(0, 1).result(LONG)
    second = one.make(1, 1).result(LONG)
    assert (first.scene, second.scene) == (0, 1)
    assert pid_of(first) == pid_of(second) != os.getpid()
    one.clear()
    one.clear()
    assert pid_of(one.make(2, 1).result(LONG)) != pid_of(first)


@pytest.mark.slow
def test_whatever_a_worker_does_the_scenes_are_made(tmp_path: Path) -> None:
    reasons = {
        "raise": "ValueError: odd",
        "sys.exit": "SystemExit: 0",
        "exit 0": "its worker process exited unexpectedly (exit code 0)",
        "exit 7": "its worker process died (exit code 7)",
        "segfault": "its worker process died (SIGSEGV)",
        "abort": "its worker process died (SIGABRT)",
        "SIGKILL": "its worker process was killed by another process (SIGKILL)",
        "memory": "MemoryError",
    }
    deeds = list(reasons)
    plan = {(scene, 1): deed for scene, deed in enumerate(deeds)}
    resource_tracker.ensure_running()
    heard, before = Heard(), held()
    slots = [slot(str(number), plan, tmp_path) for number in range(2)]
    Supervisor(slots, RunnerConfig(retry_seconds=0.1), heard, Stop(1.0)).run(range(len(deeds) + 3))
    assert sorted(report.scene for report in heard.reports) == list(range(len(deeds) + 3))
    assert {deeds[scene]: reason for (scene, _), reason in heard.reasons.items()} == reasons
    assert workers() == []
    assert held() == before


@pytest.mark.exhaustive
def test_workers_that_somebody_kills_use_up_no_retry(tmp_path: Path) -> None:
    plan = dict.fromkeys([(0, attempt) for attempt in range(1, 4)], "SIGKILL")
    heard = Heard()
    policy = RunnerConfig(retry_seconds=0.1, max_retries=0)
    Supervisor([slot("0", plan, tmp_path)], policy, heard, Stop(1.0)).run([0])
    assert [report.attempt for report in heard.reports] == [4]


@pytest.mark.parametrize("before", [None, -1])
def test_a_kill_for_want_of_memory_is_told_from_somebodys(before: int | None) -> None:
    """-1: there were fewer when the scene was begun. None: on a system that does not count."""
    killed = -signal.SIGKILL
    assert type(how_it_died(killed, memory_kills())) is WorkerTakenError
    scenes_own = how_it_died(killed, before)
    assert type(scenes_own) is WorkerLostError
    assert "out of memory?" in str(scenes_own)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_whatever_a_worker_hangs_in_the_scenes_are_made(tmp_path: Path) -> None:
    deeds = ["hang", "hang in C", "SIGSTOP"]
    plan = {(scene, 1): deed for scene, deed in enumerate(deeds)}
    heard = Heard()
    slots = [slot(str(number), plan, tmp_path) for number in range(3)]
    policy = RunnerConfig(retry_seconds=0.1, scene_timeout=15.0, max_retries=5)
    Supervisor(slots, policy, heard, Stop(1.0)).run(range(len(deeds)))
    assert sorted(report.scene for report in heard.reports) == [0, 1, 2]
    assert {heard.reasons[scene, 1] for scene in range(3)} == {
        "took longer than runner.scene_timeout=15 s"
    }
    assert workers() == []


@pytest.mark.parametrize("wait", [0.0, 0.05, 0.5])
@pytest.mark.corpus(1)
def test_a_worker_that_is_killed_between_two_scenes(one: LocalSlot, wait: float) -> None:
    pid = pid_of(one.make(0, 1).result(LONG))
    os.kill(pid, signal.SIGKILL)
    time.sleep(wait)
    began = time.monotonic()
    try:
        report = one.make(1, 1).result(LONG)
    except WorkerLostError:  # it was not known yet that it is dead
        assert wait < 0.5
        one.clear()
        report = one.make(1, 2).result(LONG)
    assert report.scene == 1
    assert pid_of(report) != pid
    assert time.monotonic() - began < LONG / 2


def test_a_worker_that_is_killed_while_it_starts(one: LocalSlot) -> None:
    future = one.make(0, 1)
    soon(workers)
    workers()[0].kill()
    with pytest.raises(WorkerTakenError, match="killed by another process"):
        future.result(LONG)


def test_a_worker_that_is_stopped_while_it_starts(one: LocalSlot) -> None:
    stopped: list[int] = []

    def stop_it() -> None:
        soon(workers)
        stopped.append(workers()[0].pid)
        os.kill(stopped[0], signal.SIGSTOP)

    thread = threading.Thread(target=stop_it)
    thread.start()
    future = one.make(0, 1)  # does not wait for it
    thread.join()
    with pytest.raises(TimeoutError):
        future.result(1.0)
    one.clear()
    assert pid_of(one.make(0, 2).result(LONG)) != stopped[0]


def test_no_matter_how_large_the_job_is_it_does_not_go_through_a_pipe(tmp_path: Path) -> None:
    """A pipe holds 64 KB; who writes more waits for a reader, which may be dead."""
    made = slot("0", {}, tmp_path)
    assert len(pickle.dumps(made._start)) < 1 << 12


def test_a_process_that_cannot_be_started_is_no_end(
    one: LocalSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(process: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("multiprocessing.context.SpawnProcess.start", refuse)
        with pytest.raises(WorkerLostError, match=r"could be started.*Resource temporarily"):
            one.make(0, 1)
        one.clear()
    assert one.make(0, 2).result(LONG).scene == 0


@pytest.mark.parametrize("deed", ["hang in C", "SIGSTOP"])
def test_closing_a_slot_waits_for_no_worker(deed: str, tmp_path: Path) -> None:
    made = slot("0", {(1, 1): deed}, tmp_path)
    pid = pid_of(made.make(0, 1).result(LONG))
    made.make(1, 1)
    time.sleep(0.5)  # it is at it
    began = time.monotonic()
    made.close()
    assert time.monotonic() - began < local.LAST_WAIT / 2
    assert not psutil.pid_exists(pid)


def test_closing_ends_even_if_a_process_cannot_be_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that is stuck in the kernel."""
    monkeypatch.setattr(local, "LAST_WAIT", 0.2)
    made = slot("0", {}, tmp_path)
    made.make(0, 1).result(LONG)
    with monkeypatch.context() as patch:
        patch.setattr("simgen.pool.WorkerProcess.kill", lambda process: None)
        made.close()
    assert "was killed but still exists" in caplog.text
    workers()[0].kill()
    soon(lambda: not workers())


@pytest.mark.parametrize("starting", [True, False])
def test_signals_that_the_supervisor_gets_too_do_not_end_a_worker(
    starting: bool, one: LocalSlot
) -> None:
    """A terminal, systemd and Slurm send them to all processes at once."""
    if not starting:
        one.make(0, 1).result(LONG)
    future = one.make(1, 1)
    soon(workers)
    for number in (signal.SIGINT, signal.SIGTERM):
        workers()[0].send_signal(number)
    assert future.result(LONG).scene == 1
    workers()[0].send_signal(signal.SIGTERM)
    assert one.make(2, 1).result(LONG).scene == 2


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_supervisor_that_is_stopped_and_continued(tmp_path: Path) -> None:
    """By Ctrl-Z, or by a debugger: the time limit is that of the scene, not of the pause."""
    with ThreadPoolExecutor(2) as pool:  # most of it is waiting
        folders = {os.killpg: tmp_path / "all", os.kill: tmp_path / "one"}
        for folder in folders.values():
            folder.mkdir()
        runs = [pool.submit(stop_and_continue, *pair) for pair in folders.items()]
    for run in runs:
        said = run.result()
        assert ["done", 1] in said
        assert [words[:2] for words in said if words[0] == "retried"] == [["retried", 2]]
        assert ["done", 2] in said


def stop_and_continue(send: Callable[[int, int], None], folder: Path) -> list[list[object]]:
    """Stop a supervisor for longer than its time limit. Returns what it said.

    send: a signal, to all of its group or to itself alone.
    """
    tests = Path(mischief.__file__).parent
    plan = json.dumps({0: "nothing", 1: "sleep", 2: "hang"})
    run = subprocess.Popen(
        [sys.executable, mischief.__file__, str(folder), "10", plan],
        cwd=tests, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tests, tests.parent)))},
    )  # fmt: skip
    said: list[list[object]] = []
    assert run.stdout is not None
    for line in run.stdout:
        said.append(json.loads(line))
        if said[-1] == ["begun", 1, 1]:
            send(run.pid, signal.SIGSTOP)
            time.sleep(13.0)
            send(run.pid, signal.SIGCONT)
    assert run.wait(LONG) == 0
    return said


# --- the worker itself --------------------------------------------------------------------------


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    from simgen.assets.catalogue import load_catalogue
    from simgen.dataset.layout import Layout
    from simgen.runs.job import Job
    from simgen.stages.resolver import ResolverSettings

    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())  # a worker changes that of its process
    config = Config()
    return Job(config, load_catalogue(config.assets, {}), Layout(tmp_path), ResolverSettings(), 1)


def raising(error: BaseException) -> Callable[..., None]:
    def make(*_: object) -> None:
        raise error

    return make


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt, MemoryError])
def test_a_worker_tells_in_words_what_went_wrong(
    kind: type[BaseException], job: worker.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OwnError(kind):  # type: ignore[misc, valid-type]
        """Its class is not to be found where it is to be read."""

    monkeypatch.setattr("simgen.runs.pipeline.make_scene", raising(OwnError("odd " * 10_000)))
    with pytest.raises(UnforeseenError, match="OwnError: odd odd") as caught:
        worker.Worker(job, WorkerInfo("0")).make(3, 1)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert len(str(again)) < 2000


def test_errors_of_ones_own_stay_what_they_are_and_the_disk_s_are_told_apart(
    job: worker.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgen.runs.pipeline.make_scene", raising(SceneError("no view")))
    with pytest.raises(SceneError):
        worker.Worker(job, WorkerInfo("0")).make(3, 1)
    monkeypatch.setattr(
        "simgen.runs.pipeline.make_scene", raising(OSError(28, "No space left on device"))
    )
    with pytest.raises(DiskError):
        worker.Worker(job, WorkerInfo("0")).make(3, 1)
    monkeypatch.setattr("simgen.runs.pipeline.make_scene", raising(OSError(2, "No such file")))
    with pytest.raises(UnforeseenError, match="No such file"):
        worker.Worker(job, WorkerInfo("0")).make(3, 1)


def test_a_worker_removes_what_its_predecessor_left(
    job: worker.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("worker-0@there-1", "worker-1@there-2"):
        (job.place.scratch / name).mkdir(parents=True)
    monkeypatch.setattr("simgen.runs.pipeline.make_scene", lambda *_: None)
    worker.Worker(job, WorkerInfo("0")).make(0, 1)
    left = sorted(path.name.split("@")[0] for path in job.place.scratch.iterdir())
    assert left == ["worker-0", "worker-1"]
    assert not (job.place.scratch / "worker-0@there-1").exists()
