"""Tasks on Slurm: the same bytes as on one machine, whatever happens to tasks and to whoever waits.

Most of it with submitit's tasks on this machine; the rest on a real Slurm of one node.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
import slurm_cluster
from conftest import FLIGHT, Simgen, content

pytestmark = pytest.mark.render

SCENES = 4
"""As many as `FLIGHT` makes."""
TASKS = (
    *("runner=slurm", "runner.slurm.tasks=2", "runner.slurm.cpus_per_task=1"),
    *("runner.slurm.memory_gb=1.5", "runner.grace_seconds=25"),
)
HERE = (*TASKS, "runner.slurm.cluster=local")


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    lack = slurm_cluster.lack()
    if lack is not None:
        pytest.skip(lack)
    with slurm_cluster.running(tmp_path_factory.mktemp("slurm")):
        yield


class Run:
    """A command that goes on beside the test. Its tasks may outlive it, so no pipe leads to it."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self.folder = folder
        self._out = folder.parent / f"out-{time.monotonic_ns()}.txt"
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "simgen", *FLIGHT, f"output.dir={folder}", *words],
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return " ".join(self._out.read_text().split())

    def ended(self, timeout: float = 240) -> int:
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(self.said()) from None

    def wait_for(self, what: Callable[[], bool], alive: bool = True, seconds: float = 120) -> None:
        for _ in range(round(seconds / 0.1)):
            if what():
                return
            assert not alive or self.process.poll() is None, self.said()
            time.sleep(0.1)
        raise AssertionError(f"waited for {seconds} s; {self.said()}")


def scenes(folder: Path) -> int:
    return len(list((folder / "scenes").iterdir())) if (folder / "scenes").is_dir() else 0


def jobs_of(folder: Path) -> list[str]:
    """Ids of the tasks; none where there is no run."""
    path = folder / ".simgen" / "slurm.json"
    plain = json.loads(path.read_text()) if path.is_file() else {"tasks": []}
    return [task["job"] for task in plain["tasks"]]


def tasks_of(folder: Path) -> list[psutil.Process]:
    """The processes that submitit started for the tasks, with the cluster `local`."""
    found = []
    for job in jobs_of(folder):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += psutil.Process(int(job)).children()
    return found


def log_of(folder: Path) -> str:
    return (folder / ".simgen" / "logs" / "run.jsonl").read_text()


def printed(folder: Path) -> str:
    """What the tasks printed."""
    logs = sorted((folder / ".simgen" / "logs" / "slurm").glob("*_log.*"))
    return "\n".join(path.read_text() for path in logs)


def begun(folder: Path) -> list[str]:
    """What workers logged at the beginning of each scene."""
    logs = sorted((folder / ".simgen" / "logs").glob("worker-*.jsonl"))
    lines = [json.loads(line)["message"] for path in logs for line in path.open()]
    return [line for line in lines if re.fullmatch(r"scene \d+, attempt \d+", line)]


def stretches(folder: Path, task: int) -> int:
    """How often a task got as far as to heed signals: it has begun a scene."""
    log = folder / ".simgen" / "logs" / f"worker-shard{task}-0.jsonl"
    return log.read_text().count('attempt 1"') if log.is_file() else 0


def assert_over(folder: Path, made_here: Path) -> None:
    """The dataset is as it should be, and nothing is left of its tasks."""
    assert content(folder) == content(made_here)
    for name in ("slurm.json", "slurm", "lease.json", "leases/slurm.json", "failed/000000"):
        assert not (folder / ".simgen" / name).exists(), name


@pytest.mark.exhaustive
def test_a_task_whose_time_is_over_goes_on_and_one_that_is_killed_is_made_up_for_or_given_up(
    flight_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    run = Run(folder, [*HERE, "runner.max_retries=0"])
    run.wait_for(lambda: len(tasks_of(folder)) == 2)
    killed = tasks_of(folder)[1]
    killed.suspend()  # so that it makes nothing meanwhile
    run.wait_for(lambda: "scene 0, attempt 1" in begun(folder))
    # As Slurm does it when time is over: to all processes of the task, workers included.
    late = tasks_of(folder)[0]
    for process in (late, *late.children(recursive=True)):
        process.send_signal(signal.SIGUSR2)
    killed.kill()
    assert run.ended() == 3, run.said()
    assert "1 Slurm tasks in a row ended without it, the last in state GONE" in run.said()
    assert sorted(path.name for path in (folder / "scenes").iterdir()) == ["000000", "000002"]
    assert printed(folder).count("Requeued job") == 1
    # The scene that had begun was finished: none was begun twice.
    assert sorted(begun(folder)) == ["scene 0, attempt 1", "scene 2, attempt 1"]
    assert "Traceback" not in printed(folder)
    assert log_of(folder).count("submitting") == 1
    again = Run(folder, HERE)
    again.wait_for(lambda: len(tasks_of(folder)) == 1)  # what is missing is all of one shard
    tasks_of(folder)[0].kill()
    assert again.ended() == 0, again.said()
    assert_over(folder, flight_folder)
    assert log_of(folder).count("submitting") == 3
    assert f"of {SCENES} scenes" in again.said()


@pytest.mark.exhaustive
def test_tasks_end_when_another_run_takes_the_dataset(flight_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    # So many that a fast machine has not made them before a task looks at its lease again.
    run = Run(folder, [*HERE, "num_scenes=400", "runner.slurm.wait=false"])
    assert run.ended() == 0
    run.wait_for(lambda: scenes(folder) >= 1, alive=False)
    for lease in (folder / ".simgen" / "leases").glob("shard*.json"):
        lease.write_text(json.dumps({**json.loads(lease.read_text()), "run": "another"}))
    run.wait_for(lambda: not tasks_of(folder), alive=False)
    assert "another run took it over" in printed(folder)
    assert 0 < scenes(folder) < 400


@pytest.mark.exhaustive
def test_what_is_wrong_for_every_scene_ends_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    run = Run(folder, [*HERE, "runner.slurm.tasks=1", "render.device=metal"])
    assert run.ended() == 2
    assert "task 0 on " in run.said()
    assert "render.device=metal" in run.said()
    assert not (folder / ".simgen" / "slurm.json").exists()


def stopped(folder: Path) -> Callable[[], None]:
    """Stop the tasks where they are. Returns what has them go on."""
    trees = [[task, *task.children(recursive=True)] for task in tasks_of(folder)]
    processes = list(itertools.chain(*trees))
    for process in processes:
        process.suspend()

    def resume() -> None:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    return resume


@pytest.mark.exhaustive
def test_whoever_does_not_wait_comes_back(
    flight_folder: Path, tmp_path: Path, simgen_command: Simgen, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "dataset"
    afar = Run(folder, [*HERE, "runner.slurm.wait=false"])
    assert afar.ended() == 0
    assert "2 tasks" in afar.said()
    assert "`simgen status`" in afar.said()
    jobs = jobs_of(folder)
    afar.wait_for(lambda: len(tasks_of(folder)) == 2, alive=False)
    resume = stopped(folder)
    request.addfinalizer(resume)
    # While the tasks are there, the same command says so, and any other is refused.
    again = Run(folder, [*HERE, "runner.slurm.wait=false"])
    assert again.ended() == 0
    assert "RUNNING" in again.said()
    other = simgen_command([*FLIGHT, f"output.dir={folder}"])
    assert other.returncode == 2
    assert "tasks of an earlier runner=slurm are generating this dataset" in other.stderr
    other = simgen_command([*FLIGHT, *HERE, f"output.dir={folder}", "render.samples=9"])
    assert other.returncode == 2
    assert "render.samples is 1 there and 9 in this run" in other.stderr
    assert jobs_of(folder) == jobs
    # Who waits for them may be killed, and replaced; two cannot wait at once.
    first = Run(folder, HERE)
    first.wait_for(lambda: log_of(folder).count("'RUNNING': 2") == 3)
    second = Run(folder, HERE)
    assert second.ended() == 2
    assert "another simgen run is writing this dataset" in second.said()
    first.process.kill()
    resume()
    assert Run(folder, HERE).ended() == 0
    assert_over(folder, flight_folder)
    assert log_of(folder).count("submitting") == 1


@pytest.mark.exhaustive
def test_on_slurm_tasks_are_cancelled_requeued_and_go_on_from_afar_to_the_same_bytes(
    slurm: None, flight_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    run = Run(folder, TASKS)
    run.wait_for(lambda: scenes(folder) >= 1)
    os.kill(run.process.pid, signal.SIGINT)
    assert run.ended() == 1
    assert f"of {SCENES} scenes are complete" in run.said()
    run.wait_for(lambda: not slurm_cluster.queue(), alive=False)  # Slurm tidies up behind a task
    assert not (folder / ".simgen" / "slurm.json").exists()
    for scene in ("000002", "000003"):  # so that each task has one to make
        shutil.rmtree(folder / "scenes" / scene, ignore_errors=True)
    # What is missing, submitted and left alone; then one task is put back into the queue, and the
    # other one's time is over, as Slurm tells it.
    before = [stretches(folder, task) for task in range(2)]
    afar = Run(folder, [*TASKS, "runner.slurm.wait=false"])
    assert afar.ended() == 0
    jobs = jobs_of(folder)
    assert set(jobs) <= slurm_cluster.queue().keys()
    last = Run(folder, TASKS)
    last.wait_for(lambda: all(stretches(folder, task) > before[task] for task in range(2)))
    slurm_cluster.ask("scontrol", "requeue", jobs[0])
    slurm_cluster.ask("scancel", "--signal=USR2", jobs[1])
    assert last.ended() == 0, last.said()
    assert_over(folder, flight_folder)
    assert log_of(folder).count("submitting") == 2
    assert printed(folder).count(f"Starting with JobEnvironment(job_id={jobs[0]}") == 2


@pytest.mark.exhaustive
def test_on_slurm_a_job_that_waits_is_watched_and_may_be_cancelled(
    slurm: None, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    later = [*TASKS, "runner.slurm.options={begin:now+1hour}"]
    afar = Run(folder, [*later, "runner.slurm.wait=false"])
    assert afar.ended() == 0
    assert "2 PENDING" in afar.said()
    assert "are queued or have ended" in simgen_command(["status", str(folder)]).stdout
    run = Run(folder, later)
    run.wait_for(lambda: log_of(folder).count("'PENDING': 2") == 2)
    slurm_cluster.ask("scancel", jobs_of(folder)[0].split("_")[0])
    assert run.ended() == 1
    assert f"stopped: 0 of {SCENES} scenes are complete" in run.said()
    assert not (folder / ".simgen" / "slurm.json").exists()


@pytest.mark.exhaustive
def test_what_slurm_refuses_is_said_in_one_line(
    slurm: None, tmp_path: Path, simgen_command: Simgen
) -> None:
    words = [*FLIGHT, *TASKS, f"output.dir={tmp_path / 'dataset'}"]
    done = simgen_command([*words, "runner.slurm.partition=nowhere"])
    assert done.returncode == 2
    assert "sbatch refused the job" in done.stderr
    assert "invalid partition specified: nowhere" in done.stderr
    assert "Traceback" not in done.stderr
    assert not slurm_cluster.queue()
