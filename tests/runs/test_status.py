"""`simgen status` tells from files alone how far a run is, and whether it is alive."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FLIGHT, Simgen
from rich.console import Console

from simgen.dataset import lease as leases
from simgen.dataset.layout import Layout
from simgen.dataset.lock import Lease
from simgen.dataset.reports import Failure, SceneReport
from simgen.dataset.runs import Status
from simgen.errors import InputError, RunStoppedError
from simgen.runs import status
from simgen.runs.backends.recorder import Recorder

BEAT = 0.3

RUN = """
import sys, time
from pathlib import Path
from simgen.dataset.reports import SceneReport
from simgen.runs.backends.recorder import Recorder
from simgen.dataset.layout import Layout
from simgen.dataset.lock import Lease

place = Layout(Path(sys.argv[1]))
with Lease.acquire(place, every=float(sys.argv[2])) as lease:
    print("holds", flush=True)
    sys.stdin.readline()
    with Recorder(place, "run", lease.run, 6) as recorder:
        recorder.begun(4, 1, "0")
        recorder.begun(5, 2, "1")
        for scene in range(4):
            stages = {"render": 3.0, "write": 1.0}
            recorder.done(SceneReport(scene, 1, 8, {}, 4.0, stages, 6.0, 400.0, "CPU", "2", 1))
        recorder.retried(5, 1, "1", "its worker process died (SIGKILL)")
        recorder.begun(5, 2, "1")
        recorder.write()
        print("makes scenes", flush=True)
        sys.stdin.readline()
    print("made them", flush=True)
    sys.stdin.readline()
"""
"""Goes through a run step by step, one for each line that it is sent."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset of which four scenes of six are there."""
    root = tmp_path / "dataset"
    (root / ".simgen").mkdir(parents=True)
    (root / "dataset.json").write_text('{"num_scenes": 6}')
    for scene in range(4):
        (root / "scenes" / f"{scene:06d}").mkdir(parents=True)
    return root


@pytest.fixture
def run(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", RUN, str(folder), str(BEAT)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def step(run: subprocess.Popen[str], send: bool = True) -> str:
    assert run.stdin is not None
    assert run.stdout is not None
    if send:
        run.stdin.write("\n")
        run.stdin.flush()
    return run.stdout.readline().strip()


def said(capsys: pytest.CaptureFixture[str], folder: Path) -> str:
    from rich.console import Console

    assert status.run(folder, False, False, Console(width=200)) == 0
    return capsys.readouterr().out


def test_a_run_from_its_first_breath_to_its_end(
    folder: Path, run: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert step(run, send=False) == "holds"
    assert status.look(folder).state == status.STARTING
    assert step(run) == "makes scenes"
    report = status.look(folder)
    assert report.state == status.RUNNING
    assert (report.num_scenes, report.done, report.missing) == (6, 4, 2)
    assert report.scenes_per_minute is not None
    assert report.seconds_left == pytest.approx(120 / report.scenes_per_minute)
    text = said(capsys, folder)
    assert f"pid {run.pid}" in text
    assert "done     4 of 6 scenes, 1 attempts retried" in text
    assert "working  0: scene 4, for 0:00:0" in text
    assert "working  1: scene 5, attempt 2, for 0:00:0" in text
    assert "time     render 75 %, write 25 %" in text
    assert "6.0 CPU-seconds per image" in text
    assert "retried  scene 5 after attempt 1: its worker process died (SIGKILL)" in text
    assert step(run) == "made them"
    assert status.look(folder).state == status.FINISHING
    step(run)
    assert run.wait(10) == 0
    report = status.look(folder)
    assert (report.state, report.seconds_left) == (status.FINISHED, None)
    assert "finished" in said(capsys, folder)


def test_a_run_that_was_killed(
    folder: Path, run: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    step(run, send=False)
    step(run)
    run.kill()
    run.wait()
    text = said(capsys, folder)
    assert "the run was killed" in text
    assert "run the same command again to continue" in text
    assert "was at   0: scene 4" in text
    assert "left" not in text


@pytest.mark.exhaustive
def test_a_run_that_hangs_is_not_called_dead(folder: Path, run: subprocess.Popen[str]) -> None:
    step(run, send=False)
    step(run)
    run.send_signal(signal.SIGSTOP)
    time.sleep(4 * BEAT)
    report = status.look(folder)
    assert report.state == status.SILENT
    assert report.seen is not None
    assert report.seen > 2 * BEAT


@pytest.mark.exhaustive
def test_a_run_on_another_machine_whose_clock_is_wrong(folder: Path) -> None:
    place = Layout(folder)
    me = leases.this_process("20260101T000000-0000", BEAT, "")
    there = dataclasses.replace(me, host="node7", pid=4242, machine="another boot", updated=0.0)
    leases.write(place.lease, there)
    began = time.monotonic()
    assert status.look(folder).state == status.KILLED
    assert time.monotonic() - began > 3 * BEAT  # it took its time to say so
    code = (
        "import dataclasses, pathlib, sys, time\n"
        "from simgen.dataset import lease\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "while True:\n"
        "    found = lease.read(path)\n"
        "    lease.write(path, dataclasses.replace(found, beat=found.beat + 1))\n"
        f"    time.sleep({BEAT})\n"
    )
    beating = subprocess.Popen([sys.executable, "-c", code, str(place.lease)])
    try:
        time.sleep(2.0)
        report = status.look(folder)
        assert report.state == status.STARTING
        assert report.holder is not None
        assert report.holder.host == "node7"
    finally:
        beating.kill()
        beating.wait()


def test_a_run_that_was_stopped_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> None:
        with Recorder(Layout(folder), "run", "20260101T000000-0000", 2):
            raise RunStoppedError("stopped: the disk is full")

    with pytest.raises(RunStoppedError):
        stopped()
    text = said(capsys, folder)
    assert "the run was stopped" in text
    assert "the disk is full" in text


def test_what_was_given_up_is_shown_with_its_reason(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgen.runs.backends.recorder.quarantine", lambda place, failure: None)
    with Recorder(Layout(folder), "run", "20260101T000000-0000", 2) as recorder:
        for scene in (4, 5):
            recorder.failed(Failure(scene, "no place to lie", 3, "0", "2026-01-01T00:00:00+00:00"))
    text = said(capsys, folder)
    assert "failed   scene 4 after 3 attempts: no place to lie" in text
    assert f"simgen replay {folder} --scene 5" in text
    assert "2 failed" in text
    assert status.look(folder).missing == 0


def test_the_parts_of_a_run_are_added_up(folder: Path) -> None:
    place = Layout(folder)
    with Lease.acquire(place, every=BEAT) as lease:
        with Recorder(place, "run", lease.run, 6), Recorder(place, "task0", lease.run, 3) as task:
            for scene in (0, 1):
                task.done(SceneReport(scene, 1, 8, {}, 4.0, {}, 6.0, 400.0, "CPU", "task0-0", 1))
            task.begun(2, 1, "task0-0")
            task.write()
            report = status.look(folder)
        assert report.state == status.RUNNING
        assert report.status is not None
        assert (report.status.share, report.status.done) == (6, 2)
        assert list(report.status.workers) == ["task0-0"]


def test_json_is_all_that_is_known(folder: Path, simgen_command: Simgen) -> None:
    place = Layout(folder)
    with (
        Lease.acquire(place, every=BEAT) as lease,
        Recorder(place, "run", lease.run, 6) as recorder,
    ):
        recorder.begun(4, 1, "0")
        recorder.write()
        done = simgen_command(["status", str(folder), "--json"])
    assert done.returncode == 0, done.stderr
    plain = json.loads(done.stdout)
    assert (plain["state"], plain["done"], plain["missing"]) == ("running", 4, 2)
    assert plain["status"]["workers"]["0"]["scene"] == 4
    assert plain["holder"]["run"] == lease.run


def test_watching_ends_with_the_run(
    folder: Path, run: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "PAUSE", 0.05)
    step(run, send=False)
    step(run)
    states = []
    for report in status.looks(folder):
        states.append(report.state)
        if len(states) in (3, 6):
            step(run)
        if len(states) == 6:
            run.wait()
    assert states == ["running"] * 3 + ["finishing"] * 3 + ["finished"]


def test_watching_in_a_log_prints_lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, log, last = 0.0, io.StringIO(), status.look(folder)

    def look(dataset: Path) -> status.Report:
        state = status.RUNNING if now < 40 else last.state
        return dataclasses.replace(last, state=state, done=int(now / 10))

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr(status, "look", look)
    status.run(folder, False, True, Console(file=log, width=200))
    lines = log.getvalue().splitlines()
    expected = ["scenes 1 of 6, about 50 s left", "scenes 3 of 6, about 30 s left"]
    assert [line for line in lines if line.startswith("scenes")] == expected
    assert any(line.startswith("done     4 of 6 scenes") for line in lines)


def test_folders_that_hold_no_run(folder: Path, tmp_path: Path, simgen_command: Simgen) -> None:
    report = status.look(folder)
    assert (report.state, report.done, report.missing) == (status.UNKNOWN, 4, 2)
    for other in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="no simgen dataset here"):
            status.look(other)
    done = simgen_command(["status", str(tmp_path)])
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    (folder / "dataset.json").write_text("{")
    with pytest.raises(InputError, match="not a dataset's description"):
        status.look(folder)


def test_a_dataset_in_object_storage_is_found_by_its_output_dir(tmp_path: Path) -> None:
    root = f"memory://{tmp_path.name}/dataset"
    place = Layout(status.remote.locate(root), tmp_path / ".simgen")
    status.remote.write_bytes(place.manifest, b'{"num_scenes": 6}')
    status.remote.write_bytes(place.marker(3), b"{}")
    with Recorder(place, "run", "20260101T000000-0000", 6):
        pass
    for dataset in (tmp_path, place.root):
        report = status.look(dataset)
        assert (report.num_scenes, report.done) == (6, 1)
    assert status.look(tmp_path).state == status.FINISHED


@pytest.mark.exhaustive
def test_what_it_costs_is_linear_in_scenes() -> None:
    memory = Path("/dev/shm")  # a hundred thousand folders take minutes on some disks
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        few, many = (seconds_of_a_look(Path(folder, str(n)), n) for n in (1_000, 50_000))
    assert many < 250 * few


def seconds_of_a_look(folder: Path, scenes: int) -> float:
    place = Layout(folder)
    place.scenes.mkdir(parents=True)
    place.manifest.write_text(json.dumps({"num_scenes": scenes}))
    for scene in range(scenes):
        place.scenes.joinpath(f"{scene:06d}").mkdir()
    with Recorder(place, "run", "20260101T000000-0000", scenes) as recorder:
        recorder.status.done = scenes
    return min(elapsed(lambda: status.look(folder)) for _ in range(3))


def elapsed(task: Callable[[], object]) -> float:
    began = time.process_time()
    task()
    return time.process_time() - began


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_real_run_is_seen_from_another_process(tmp_path: Path, simgen_command: Simgen) -> None:
    folder = tmp_path / "dataset"
    words = [*FLIGHT, "runner.workers=2", f"output.dir={folder}"]
    run = subprocess.Popen(
        [sys.executable, "-m", "simgen", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    seen: list[status.Report] = []
    while run.poll() is None:
        with contextlib.suppress(InputError):  # there is no dataset yet
            seen.append(status.look(folder))
        time.sleep(0.05)
    output, _ = run.communicate()
    assert run.returncode == 0, output
    states = {report.state for report in seen}
    assert {"running"} <= states <= {"starting", "running", "finishing", "finished"}
    at_work = [report.status.workers for report in seen if report.status]
    assert max(map(len, at_work)) == 2
    assert all(report.holder.pid == run.pid for report in seen if report.holder)
    counts = [report.done for report in seen]
    assert counts == sorted(counts)
    after = json.loads(simgen_command(["status", str(folder), "--json"]).stdout)
    assert (after["state"], after["done"], after["missing"]) == ("finished", 4, 0)
    totals = Status(**after["status"]).totals
    assert isinstance(totals, dict)
    assert totals["scenes"] == 4
    assert {"sample", "build", "render", "label", "write"} <= set(totals["stages"])
    assert sum(totals["stages"].values()) <= totals["seconds"]
    assert totals["seconds"] - sum(totals["stages"].values()) < 0.1 * totals["seconds"]
    assert "images per minute" in output
    assert "CPU-seconds per image" in output
