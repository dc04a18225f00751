"""What a run writes down of itself."""

from __future__ import annotations

import dataclasses
import errno
import gc
import json
import logging
import os
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from simgen.dataset import runs
from simgen.dataset.layout import Layout
from simgen.dataset.reports import Failure, SceneReport
from simgen.dataset.runs import Status
from simgen.errors import DetachedError, RunStoppedError
from simgen.runs.backends import recorder as recorders
from simgen.runs.backends.recorder import Recorder
from simgen.runs.logs import log_to

RUN = "20260101T000000-0000"


def report(scene: int, **changes: object) -> SceneReport:
    plain = SceneReport(
        scene=scene,
        frames=2,
        samples=64,
        instances={"ball": 1},
        seconds=4.0,
        stages={"sample": 0.5, "render": 3.0, "write": 0.25},
        cpu_seconds=6.0,
        memory_mb=500.0 + scene,
        device="CPU",
        worker="0",
        attempt=1,
    )
    return dataclasses.replace(plain, **changes)


@pytest.fixture
def place(tmp_path: Path) -> Layout:
    (tmp_path / "dataset.json").write_text('{"num_scenes": 10, "plugins": []}')
    return Layout(tmp_path)


@pytest.fixture(autouse=True)
def short_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The replay command of a failed scene needs the plugins alone."""
    manifest = type("Manifest", (), {"plugins": ()})
    monkeypatch.setattr("simgen.runs.backends.quarantine.manifest.read", lambda place: manifest)


@pytest.fixture
def log_lines(place: Layout) -> Iterator[Path]:
    logger = logging.getLogger("simgen")
    before = list(logger.handlers), logger.propagate, logger.level
    log_to(place.logs / "run.jsonl")
    yield place.logs / "run.jsonl"
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.propagate = before[0], before[1]
    logger.setLevel(before[2])


def on_disk(place: Layout, name: str = "run") -> dict:
    return json.loads((place.status / f"{name}.json").read_text())


def test_the_status_says_who_is_at_what_and_since_when(
    place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(recorders.time, "monotonic", lambda: clock[0])
    with Recorder(place, "run", RUN, 10) as recorder:
        before = time.time()
        recorder.begun(3, 1, "0")
        recorder.begun(4, 2, "1")
        recorder.tick()
        assert on_disk(place)["workers"] == {}  # not rewritten twice within a second
        clock[0] += 1.0
        recorder.tick()
        found = on_disk(place)
        assert {name: (w["scene"], w["attempt"]) for name, w in found["workers"].items()} == {
            "0": (3, 1),
            "1": (4, 2),
        }
        assert before <= found["workers"]["0"]["since"] <= found["updated"] <= time.time()
        assert (found["pid"], found["host"]) == (os.getpid(), os.uname().nodename)
        assert (found["run"], found["share"], found["state"]) == (RUN, 10, "running")
        recorder.done(report(3))
        recorder.retried(4, 2, "1", "its worker process died (SIGKILL)")
        clock[0] += 1.0
        recorder.tick()
        found = on_disk(place)
        assert (found["done"], found["retried"], found["workers"]) == (1, 1, {})
        assert found["troubles"][0]["reason"] == "its worker process died (SIGKILL)"
    assert on_disk(place)["state"] == "finished"
    assert list(place.status.iterdir()) == [place.status / "run.json"]


def test_a_line_of_metrics_a_scene(place: Layout) -> None:
    before = time.time()
    with Recorder(place, "run", RUN, 2) as recorder:
        for scene in (5, 6):
            recorder.done(report(scene, attempt=2))
    (path,) = place.metrics.rglob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["scene"] for line in lines] == [5, 6]
    # The file has milliseconds, rounded.
    assert before - 0.01 <= lines[0].pop("time") <= time.time() + 0.01
    assert lines[0] == dataclasses.asdict(report(5, attempt=2))
    totals = runs.totals(place, RUN)
    assert totals == recorder.status.totals
    assert (totals.scenes, totals.frames, totals.cpu_seconds) == (2, 4, 12.0)
    assert totals.stages == {"sample": 1.0, "render": 6.0, "write": 0.5}
    assert (totals.memory_mb, totals.samples, totals.devices) == (506.0, {64: 2}, {"CPU": 2})


def test_a_line_that_was_cut_off_costs_no_other(place: Layout) -> None:
    with Recorder(place, "run", RUN, 2) as recorder:
        recorder.done(report(5))
        (path,) = place.metrics.rglob("*.jsonl")
        with path.open("a") as file:
            file.write('{"scene": 6, "fra')
        recorder.done(report(7))
    assert [found.scene for found in runs.read_metrics(path)] == [5, 7]


def test_what_happened_is_in_the_log_with_its_fields(place: Layout, log_lines: Path) -> None:
    with Recorder(place, "run", RUN, 2) as recorder:
        recorder.done(report(5, worker="3", device="OPTIX"))
        recorder.retried(6, 1, "2", "ValueError: odd")
        recorder.failed(Failure(6, "ValueError: odd", 2, "2", "2026-01-01T00:00:00+00:00"))
    done, retried, failed = map(json.loads, log_lines.read_text().splitlines())
    assert (done["level"], retried["level"], failed["level"]) == ("INFO", "WARNING", "ERROR")
    assert (done["scene"], done["worker"], done["device"]) == (5, "3", "OPTIX")
    assert (retried["scene"], retried["attempt"], retried["reason"]) == (6, 1, "ValueError: odd")
    assert (failed["scene"], failed["attempt"], failed["worker"]) == (6, 2, "2")
    assert "failed" in failed["message"]


def test_given_up_scenes_are_counted_once_they_are_listed(
    place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure(6, "no view", 1, "2", "2026-01-01T00:00:00+00:00")
    with Recorder(place, "run", RUN, 2) as recorder:
        recorder.begun(6, 1, "2")
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

            patch.setattr(recorders, "quarantine", full)
            with pytest.raises(OSError, match="No space"):
                recorder.failed(failure)
        assert recorder.status.failed == 0
        recorder.failed(failure)
    assert on_disk(place)["failed"] == 1
    assert on_disk(place)["failures"][0]["reason"] == "no view"
    assert (place.quarantine(6) / "failure.json").is_file()


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (RunStoppedError("stopped"), "stopped", "stopped"),
        (KeyboardInterrupt(), "stopped", "KeyboardInterrupt"),
        (DetachedError("jobs 12 make the scenes"), "finished", ""),
    ],
)
def test_how_it_ended_is_kept(error: BaseException, state: str, reason: str, place: Layout) -> None:
    def run() -> None:
        with Recorder(place, "run", RUN, 2) as recorder:
            recorder.begun(1, 1, "0")
            raise error

    with pytest.raises(type(error)):
        run()
    found = on_disk(place)
    assert (found["state"], found["reason"], found["workers"]) == (state, reason, {})


def test_one_that_is_started_again_goes_on_counting(place: Layout) -> None:
    """A shard that Slurm put back into the queue."""
    first = Recorder(place, "task0", RUN, 5)
    with first:
        first.done(report(0))
        first.failed(Failure(1, "odd", 3, "0", "2026-01-01T00:00:00+00:00"))
    failed = Failure(1, "odd", 3, "0", "2026-01-01T00:00:00+00:00")  # and is not tried again
    with Recorder(place, "task0", RUN, 3, [failed]) as second:
        assert (second.status.done, second.status.failed, second.status.share) == (1, 1, 5)
        second.done(report(2))
        assert second.status.started == first.status.started
    assert on_disk(place, "task0")["totals"]["scenes"] == 2
    with Recorder(place, "task0", "20260102T000000-0000", 3) as other:
        assert other.status.done == 0


def test_several_parts_of_a_run_are_shown_as_one(place: Layout) -> None:
    shown: list[Status] = []
    driver = Recorder(place, "run", RUN, 6, show=shown.append)
    tasks = [Recorder(place, f"task{number}", RUN, 3) for number in range(2)]
    old = Recorder(place, "task7", "20250101T000000-0000", 9)
    with driver, old, tasks[0], tasks[1]:
        old.done(report(9))
        for number, task in enumerate(tasks):
            task.begun(number, 1, f"task{number}-0")
            task.done(report(number + 2, device=("CPU", "CUDA")[number]))
            task.retried(number + 4, 1, f"task{number}-1", "odd")
            task.write()
        driver._due = 0.0
        driver.tick()
    whole = shown[-1]
    assert (whole.share, whole.done, whole.retried, whole.state) == (6, 2, 2, "running")
    assert set(whole.workers) == {"task0-0", "task1-0"}
    assert whole.totals.devices == {"CPU": 1, "CUDA": 1}
    assert len(whole.troubles) == 2
    assert sum(whole.minutes.values()) == 2
    status = runs.read_status(place)
    assert status is not None
    assert (status.run, status.state, status.done) == (RUN, "finished", 2)
    runs.forget_others(place, RUN)
    assert sorted(path.stem for path in place.status.iterdir()) == ["run", "task0", "task1"]
    assert runs.totals(place, "20250101T000000-0000").scenes == 1  # metrics stay


def test_a_run_goes_on_while_one_part_does(place: Layout) -> None:
    def part(name: str, state: str, reason: str = "") -> Status:
        status = Recorder(place, name, RUN, 1).status
        return dataclasses.replace(status, state=state, reason=reason)

    running, finished = part("a", "running"), part("b", "finished")
    stopped = part("c", "stopped", "disk full")
    assert runs.joined([stopped, running, finished]).state == "running"
    assert runs.joined([finished, finished]).state == "finished"
    whole = runs.joined([stopped, finished])
    assert (whole.state, whole.reason) == ("stopped", "disk full")


def test_the_rate_is_that_of_the_last_minutes(place: Layout) -> None:
    status = Recorder(place, "run", RUN, 1000).status
    status.started = 0.0
    for second in range(0, 1200, 6):  # ten a minute
        status.count(float(second))
    for second in range(1200, 1500, 3):  # twenty a minute
        status.count(float(second))
    assert status.rate(1500.0) == pytest.approx(20, rel=0.05)
    assert len(status.minutes) <= runs.WINDOW
    assert 5 < status.rate(1500.0 + 120) < 15  # it stands still
    assert status.rate(9000.0) == 0.0


@pytest.mark.exhaustive
def test_memory_and_the_status_do_not_grow_with_the_number_of_scenes(
    place: Layout, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "simgen")  # else pytest keeps all lines

    def make(scenes: range) -> int:
        for scene in scenes:
            recorder.begun(scene, 1, str(scene % 4))
            if scene % 3:
                recorder.retried(scene, 1, str(scene % 4), f"odd {scene}")
            recorder.done(report(scene % 1000, worker=str(scene % 4)))
        recorder.write()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        with Recorder(place, "run", RUN, 1500, show=lambda status: None) as recorder:
            after_few = make(range(300))
            size = (place.status / "run.json").stat().st_size
            assert make(range(300, 1500)) < after_few + 20_000
            assert (place.status / "run.json").stat().st_size < size + 200
    finally:
        tracemalloc.stop()
    assert runs.totals(place, RUN).scenes == 1500
