"""What the Slurm runner is made of, without tasks: settings, records, what is refused."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from mischief import Heard

from simgen.assets.catalogue import load_catalogue
from simgen.config import Config, RunnerConfig, check
from simgen.config.running import SlurmConfig
from simgen.dataset import lease as leases
from simgen.dataset.layout import Layout
from simgen.dataset.lock import HeldError
from simgen.dataset.reports import Failure
from simgen.errors import DiskError, InputError, SimgenError
from simgen.runs import status
from simgen.runs.backends import refuse_open_tasks, slurm_jobs
from simgen.runs.backends.on_slurm import run_on_slurm
from simgen.runs.backends.slurm_jobs import GONE, Submission, TaskJob
from simgen.runs.backends.slurm_submit import check_installed, sbatch_parameters
from simgen.runs.backends.slurm_task import Task, TaskEnd, end_path, task_config
from simgen.runs.backends.stop import Stop
from simgen.runs.generate import generate
from simgen.runs.job import Job
from simgen.stages.resolver import ResolverSettings

NOBODY = TaskJob(0, "999999999")
"""A task on this machine that has ended."""
SELF = TaskJob(1, str(os.getpid()), slurm_jobs.born(str(os.getpid())))
"""One that is there as long as this test."""


def submission(*tasks: TaskJob, cluster: str = "local") -> Submission:
    return Submission("a run", cluster, tasks, "2026-01-01T00:00:00+00:00")


@pytest.fixture
def place(tmp_path: Path) -> Layout:
    place = Layout(tmp_path / "dataset")
    place.slurm_logs.mkdir(parents=True)
    return place


def test_options_of_sbatch_are_handed_on() -> None:
    options = {
        "qos": "high",
        "mail_type": None,
        "exclusive": True,
        "nice": 0,
        "oversubscribe": False,
    }
    slurm = SlurmConfig(gpus_per_task=2, memory_gb=1.5, partition="gpu", options=options)
    found = sbatch_parameters(RunnerConfig(name="slurm", grace_seconds=20, slurm=slurm), "cups")
    assert found["job_name"] == "simgen-cups"
    assert found["gpus_per_node"] == 2
    assert found["mem"] == "1536M"
    assert found["partition"] == "gpu"
    assert found["signal_delay_s"] > 20
    assert "account" not in found
    assert found["additional_parameters"] == {
        "requeue": True, "qos": "high", "exclusive": True, "nice": 0,
    }  # fmt: skip
    slurm = SlurmConfig(options={"mem_per_cpu": "4G"})
    found = sbatch_parameters(RunnerConfig(slurm=slurm), "cups")
    assert "mem" not in found
    assert "gpus_per_node" not in found
    assert found["additional_parameters"]["mem-per-cpu"] == "4G"


@pytest.mark.parametrize(
    ("slurm", "message"),
    [
        (SlurmConfig(minutes=1), "runner.slurm.minutes=1: expected more than 90 s"),
        (SlurmConfig(options={"time": 3}), "options.time: set runner.slurm.minutes instead"),
        (SlurmConfig(options={"cpus_per_task": 3}), "set runner.slurm.cpus_per_task instead"),
        (SlurmConfig(options={"output": "a.txt"}), "options.output: set by simgen"),
        (SlurmConfig(options={"qos": ["a"]}), "expected a string or number"),
    ],
)
def test_settings_that_cannot_be_are_refused(slurm: SlurmConfig, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(Config(runner=RunnerConfig(name="slurm", slurm=slurm)))


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    check_installed("local")
    with pytest.raises(InputError, match=r"found no sbatch .*runner\.slurm\.cluster=local"):
        check_installed("slurm")
    with pytest.raises(InputError, match=r"squeue cannot tell .* job 12 "):
        slurm_jobs.states(submission(TaskJob(0, "12_0"), TaskJob(1, "12_1"), cluster="slurm"))
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(InputError, match=r"pip install 'simgen\[slurm\]'"):
        check_installed("local")


def refused(place: Layout, run: str) -> None:
    refuse_open_tasks(place, run, lambda: None)


def test_submissions_are_found_again_until_they_are_forgotten(place: Layout) -> None:
    (place.slurm_logs / "12_0_log.out").write_text("hello")
    (place.slurm_logs / "12_0_submitted.pkl").write_text("")
    assert slurm_jobs.read(place) is None
    refused(place, "")
    slurm_jobs.write(place, submission(NOBODY, SELF))
    assert slurm_jobs.read(place) == submission(NOBODY, SELF)
    refused(place, "a run")
    for other in ("", "another"):
        with pytest.raises(InputError, match="tasks of an earlier runner=slurm"):
            refused(place, other)
    slurm_jobs.write(place, submission(NOBODY))
    refused(place, "")
    assert not place.slurm.exists()
    assert [path.name for path in place.slurm_logs.iterdir()] == ["12_0_log.out"]
    place.slurm.write_text("{")
    with pytest.raises(InputError, match="damaged"):
        refused(place, "a run")


def test_a_process_of_the_same_number_is_another_one() -> None:
    other = TaskJob(1, SELF.job, SELF.born - 100)
    assert slurm_jobs.states(submission(SELF, other, NOBODY)) == {
        SELF: "RUNNING", other: GONE, NOBODY: GONE,
    }  # fmt: skip
    assert not slurm_jobs.is_open(GONE)
    assert slurm_jobs.is_open("PENDING")
    assert slurm_jobs.is_open("COMPLETING")


def ended(place: Layout, task: TaskJob, end: TaskEnd) -> None:
    """As a task leaves how it ended."""
    end_path(place, task.job).parent.mkdir()
    end_path(place, task.job).write_text(json.dumps(dataclasses.asdict(end)))


@pytest.mark.parametrize("kind", [InputError, DiskError, SimgenError])
def test_what_ended_a_task_ends_the_run(
    kind: type[SimgenError], place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm_jobs.write(place, submission(NOBODY))
    ended(place, NOBODY, TaskEnd(kind.__name__, "task 1 on node7: no"))
    with pytest.raises(kind, match="task 1 on node7: no") as caught:
        run_driver(place, Heard())
    assert type(caught.value) is kind
    assert not place.slurm.exists()


def test_too_many_scenes_that_tasks_gave_up_end_the_run(place: Layout) -> None:
    slurm_jobs.write(place, submission(NOBODY))
    for scene, day in ((1, "2025-12-31"), (2, "2026-01-02"), (3, "2026-01-02")):
        failure = Failure(scene, "odd", 1, "0", f"{day}T00:00:00+00:00")  # one of an earlier run
        place.quarantine(scene).mkdir(parents=True)
        text = json.dumps(dataclasses.asdict(failure))
        (place.quarantine(scene) / "failure.json").write_text(text)
    with pytest.raises(SimgenError, match=r"2 scenes of the tasks failed, more than .*=1"):
        run_driver(place, Heard(), max_failures=1)


def run_driver(place: Layout, heard: Heard, **policy: int) -> None:
    """`run_on_slurm` over four scenes, two to a task."""
    slurm = SlurmConfig(cluster="local", tasks=2)
    runner = RunnerConfig("slurm", slurm=slurm, **policy)
    config = Config(num_scenes=4, runner=runner)
    job = Job(config, load_catalogue(config.assets, {}), place, ResolverSettings(), 1)
    place.leases.mkdir(parents=True, exist_ok=True)
    leases.write(place.leases / "slurm.json", leases.this_process("a run", 5.0, "", "slurm"))
    run_on_slurm(job, range(4), heard, Stop(1.0), generate)


class Rounds:
    """A Slurm that only pretends. plan: of each round, the state in which the task of each shard
    ends, and the scenes that were made by then."""

    def __init__(self, place: Layout, plan: list[tuple[dict[int, str], list[int]]]) -> None:
        self._place = place
        self._plan = iter(plan)
        self._states: dict[int, str] = {}
        self.submitted = 0

    def executor(self, config: RunnerConfig, folder: Path, name: str) -> Rounds:
        return self

    def submit_array(self, tasks: list[Task]) -> list[SimpleNamespace]:
        self._states, made = next(self._plan)
        assert [task.config.run.shard for task in tasks] == [f"{n}/2" for n in self._states]
        assert {task.config.runner.name for task in tasks} == {"local"}
        for scene in made:
            (self._place.scenes / f"{scene:06d}").mkdir(parents=True)
        self.submitted += 1
        return [SimpleNamespace(job_id=f"{NOBODY.job}{n}") for n in self._states]

    def states(self, submission: Submission) -> dict[TaskJob, str]:
        return {task: self._states[task.number] for task in submission.tasks}


def test_tasks_whose_node_was_taken_use_up_no_retry_of_a_scene(
    place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(
        place,
        [
            ({0: "PREEMPTED", 1: "NODE_FAIL"}, [0]),  # 2 of the first and 1, 3 are missing
            ({0: "NODE_FAIL", 1: "FAILED"}, []),  # which is too often for the second
            ({0: "BOOT_FAIL"}, []),
            ({0: "NODE_FAIL"}, []),
            ({0: "NODE_FAIL"}, []),
        ],
    )
    monkeypatch.setattr("simgen.runs.backends.slurm_submit.executor_of", rounds.executor)
    monkeypatch.setattr("simgen.runs.backends.slurm_jobs.states", rounds.states)
    heard = Given(place)
    run_driver(place, heard, max_retries=0, max_losses=3)
    assert rounds.submitted == 5
    found = {failure.scene: (failure.attempts, failure.reason) for failure in heard.failures}
    assert {scene: attempts for scene, (attempts, _) in found.items()} == {1: 2, 3: 2, 2: 4}
    assert "the last in state FAILED" in found[1][1]
    assert "the last in state NODE_FAIL" in found[2][1]


def test_a_task_that_got_on_before_it_died_is_charged_nothing(
    place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(
        place,
        [
            ({0: "FAILED", 1: "COMPLETED"}, [1, 3]),
            ({0: "OUT_OF_MEMORY"}, [0]),
            ({0: "FAILED"}, [2]),
        ],
    )
    monkeypatch.setattr("simgen.runs.backends.slurm_submit.executor_of", rounds.executor)
    monkeypatch.setattr("simgen.runs.backends.slurm_jobs.states", rounds.states)
    run_driver(place, Given(place), max_retries=1)
    assert rounds.submitted == 3
    assert not place.slurm.exists()


class Given(Heard):
    """Puts what failed into quarantine, as a run does."""

    def __init__(self, place: Layout) -> None:
        super().__init__()
        self._place = place

    def failed(self, failure: Failure) -> None:
        super().failed(failure)
        self._place.quarantine(failure.scene).mkdir(parents=True)
        text = json.dumps(dataclasses.asdict(failure))
        (self._place.quarantine(failure.scene) / "failure.json").write_text(text)


def test_a_submission_of_an_older_simgen_is_read(place: Layout) -> None:
    task = {"number": 0, "job": NOBODY.job, "born": 0.0}
    plain = {"run": "20260101T000000-0000", "cluster": "local", "num_scenes": 6, "round": 1}
    place.slurm.write_text(json.dumps(plain | {"tasks": [task], "charged": {"3": 1}}))
    assert slurm_jobs.read(place) == Submission(plain["run"], "local", (NOBODY,))
    refused(place, "a run")  # which are gone
    assert not place.slurm.exists()


def test_a_task_that_ends_while_it_is_cancelled_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = subprocess.Popen(["sleep", "1000"])
    task = TaskJob(0, str(process.pid), slurm_jobs.born(str(process.pid)))

    def status_of_its_last_moment(asked: psutil.Process) -> str:
        process.kill()
        process.wait()
        return psutil.STATUS_RUNNING

    monkeypatch.setattr(psutil.Process, "status", status_of_its_last_moment)
    slurm_jobs.cancel(submission(task))
    assert process.returncode == -signal.SIGKILL


def test_cancelled_tasks_end() -> None:
    process = subprocess.Popen(["sleep", "1000"])
    born = slurm_jobs.born(str(process.pid))
    slurm_jobs.cancel(submission(TaskJob(0, str(process.pid), born), NOBODY))
    assert process.wait(60) == -signal.SIGTERM


def test_status_knows_of_tasks_that_wait(place: Layout) -> None:
    place.manifest.write_text(json.dumps({"num_scenes": 6}))
    assert status.look(place.root).state == status.UNKNOWN
    slurm_jobs.write(place, submission(NOBODY))
    assert status.look(place.root).state == status.AWAY


@pytest.mark.parametrize("held", [2, 99])
def test_a_task_waits_for_the_lock_of_one_that_has_just_died(
    held: int, place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBMITIT_EXECUTOR", "local")
    monkeypatch.setenv("SUBMITIT_LOCAL_JOB_ID", "77")
    pauses: list[float] = []
    monkeypatch.setattr("simgen.runs.backends.slurm_task.time.sleep", pauses.append)

    def make(*_: object) -> int:
        if len(pauses) < held:
            raise HeldError("another run is at it")
        return 0

    config = task_config(Config(), 1, 2)
    task = Task(make, config, place.root, (), "")
    if held == 2:
        task()
    else:
        with pytest.raises(HeldError):
            task()
    end = slurm_jobs.end_of(place, TaskJob(1, "77"))
    assert end is not None
    assert end.error == ("" if held == 2 else "HeldError")
    assert len(pauses) == min(held, 5)
