"""What the Slurm runner is made of, without tasks: settings, records, what is refused."""

from __future__ import annotations

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

from simgen import status
from simgen.assets.catalogue import load_catalogue
from simgen.config import Config, RunnerConfig, check
from simgen.config.schema import SlurmConfig
from simgen.errors import DiskError, InputError, SimgenError
from simgen.pipeline import Job
from simgen.resolver import ResolverSettings
from simgen.runners import run_left, slurm_jobs
from simgen.runners.on_slurm import run_on_slurm
from simgen.runners.slurm_jobs import GONE, Submission, TaskJob
from simgen.runners.slurm_record import RecordReader, TaskEnd, TaskRecord, earlier_failures
from simgen.runners.slurm_submit import check_installed, sbatch_parameters
from simgen.runners.slurm_task import Task
from simgen.runners.slurm_watch import Watch
from simgen.runners.stop import Stop
from simgen.store import holder
from simgen.store.layout import Layout

NOBODY = TaskJob(0, "999999999")
"""A task on this machine that has ended."""
SELF = slurm_jobs.process_task(1, str(os.getpid()))
"""One that is there as long as this test."""


def submission(*tasks: TaskJob, cluster: str = "local") -> Submission:
    return Submission("a run", cluster, 6, 0, tasks)


@pytest.fixture
def place(tmp_path: Path) -> Layout:
    place = Layout(tmp_path / "dataset")
    place.slurm_tasks.mkdir(parents=True)
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
        (SlurmConfig(options={"output": "a.txt"}), "options.output: is set by simgen itself"),
        (SlurmConfig(options={"qos": ["a"]}), "expected a text or a number"),
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
    with pytest.raises(InputError, match=r"squeue does not say .* job 12 "):
        slurm_jobs.states(submission(TaskJob(0, "12_0"), TaskJob(1, "12_1"), cluster="slurm"))
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(InputError, match=r"pip install 'simgen\[slurm\]'"):
        check_installed("local")


def test_submissions_are_found_again_until_they_are_forgotten(place: Layout) -> None:
    place.slurm_logs.mkdir(parents=True)
    (place.slurm_logs / "12_0_log.out").write_text("hello")
    (place.slurm_logs / "12_0_submitted.pkl").write_text("")
    assert slurm_jobs.read(place) is None
    assert run_left(place, "local") == ""
    slurm_jobs.write(place, submission(NOBODY, SELF))
    assert slurm_jobs.read(place) == submission(NOBODY, SELF)
    assert run_left(place, "slurm") == "a run"
    with pytest.raises(InputError, match="tasks of an earlier runner=slurm"):
        run_left(place, "ray")
    slurm_jobs.write(place, submission(NOBODY))
    assert run_left(place, "local") == ""
    assert not place.slurm.exists()
    assert [path.name for path in place.slurm_logs.iterdir()] == ["12_0_log.out"]
    place.slurm.write_text("{")
    with pytest.raises(InputError, match="damaged"):
        run_left(place, "slurm")


def test_a_process_of_the_same_number_is_another_one() -> None:
    other = TaskJob(1, SELF.job, SELF.born - 100)
    assert slurm_jobs.states(submission(SELF, other, NOBODY)) == {
        SELF: "RUNNING", other: GONE, NOBODY: GONE,
    }  # fmt: skip
    assert not slurm_jobs.is_open(GONE)
    assert slurm_jobs.is_open("PENDING")
    assert slurm_jobs.is_open("COMPLETING")


def test_records_are_followed_line_by_line(place: Layout) -> None:
    record = TaskRecord(place, 0, 3)
    reader = RecordReader(record.path)
    reader.look()
    assert reader.end is None
    record.gave_up(5)
    with record.path.open("a") as file:
        file.write('{"gave')
        file.flush()
        reader.look()
        assert reader.gave_up == {5}
        file.write('_up": 7}\n')
    record.ended(TaskEnd())
    reader.look()
    assert reader.gave_up == {5, 7}
    assert reader.end == TaskEnd()
    assert earlier_failures(place) == {5, 7}


def test_a_watch_sees_what_is_missing(place: Layout) -> None:
    (place.scenes / "000001").mkdir(parents=True)
    TaskRecord(place, 0, 0).gave_up(2)
    watch = Watch(place, submission(NOBODY), [1, 2, 3])
    assert watch.over()
    watch.check(max_failures=1)
    assert watch.missing() == [3]
    assert watch.how_ended() == GONE
    with pytest.raises(SimgenError, match=r"gave up 1 scenes, more than runner\.max_failures=0"):
        watch.check(max_failures=0)
    assert not Watch(place, submission(NOBODY, SELF), [1, 2, 3]).over()


@pytest.mark.parametrize("kind", [InputError, DiskError, SimgenError])
def test_what_ended_a_task_ends_the_run(kind: type[SimgenError], place: Layout) -> None:
    TaskRecord(place, 0, 1).ended(TaskEnd(kind.__name__, "task 1 on node7: no"))
    watch = Watch(place, submission(NOBODY, SELF), [1])
    assert watch.over()
    with pytest.raises(kind, match="task 1 on node7: no") as caught:
        watch.check(max_failures=0)
    assert type(caught.value) is kind


class Rounds:
    """A Slurm that only pretends. plan: of each round, the states in which its tasks end, and the
    scenes that were made by then."""

    def __init__(self, place: Layout, plan: list[tuple[list[str], list[int]]]) -> None:
        self._place = place
        self._plan = iter(plan)
        self._states: list[str] = []
        self.submitted = 0

    def executor(self, config: RunnerConfig, folder: Path, name: str) -> Rounds:
        return self

    def submit_array(self, tasks: list[Task]) -> list[SimpleNamespace]:
        self._states, made = next(self._plan)
        assert len(tasks) == len(self._states)
        for scene in made:
            (self._place.scenes / f"{scene:06d}").mkdir(parents=True)
        self.submitted += 1
        return [SimpleNamespace(job_id=NOBODY.job) for _ in tasks]

    def states(self, submission: Submission) -> dict[TaskJob, str]:
        return dict(zip(submission.tasks, self._states, strict=True))


def test_tasks_whose_node_was_taken_use_up_no_retry_of_a_scene(
    place: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Rounds(
        place,
        [
            (["PREEMPTED", "NODE_FAIL"], [0]),  # 1 2 3 are missing
            (["BOOT_FAIL", "FAILED"], []),  # 1 and 3 were the first task's, 2 the other's
            (["COMPLETED", "NODE_FAIL"], [1]),
            (["NODE_FAIL"], []),
        ],
    )
    monkeypatch.setattr("simgen.runners.slurm_submit._executor", rounds.executor)
    monkeypatch.setattr("simgen.runners.slurm_jobs.states", rounds.states)
    holder.write(place.lease, holder.this_process("a run", 5.0, ""))
    slurm = SlurmConfig(cluster="local", tasks=2)
    policy = RunnerConfig("slurm", max_retries=0, max_losses=3, slurm=slurm)
    config = Config(num_scenes=4, runner=policy)
    job = Job(config, load_catalogue(config.assets, {}), place, ResolverSettings(), 1)
    heard = Heard()
    run_on_slurm(job, range(4), policy, heard, Stop(1.0))
    assert rounds.submitted == 4
    found = {failure.scene: (failure.attempts, failure.reason) for failure in heard.failures}
    assert {scene: attempts for scene, (attempts, _) in found.items()} == {2: 2, 3: 4}
    assert "the last as BOOT_FAIL, FAILED" in found[2][1]
    assert "the last as NODE_FAIL" in found[3][1]


def test_a_submission_of_an_older_simgen_is_read(place: Layout) -> None:
    slurm_jobs.write(place, submission(NOBODY))
    plain = json.loads(place.slurm.read_text())
    del plain["charged"]
    place.slurm.write_text(json.dumps(plain))
    assert slurm_jobs.read(place) == submission(NOBODY)


def test_a_task_that_ends_while_it_is_cancelled_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = subprocess.Popen(["sleep", "1000"])
    task = slurm_jobs.process_task(0, str(process.pid))

    def status_of_its_last_moment(asked: psutil.Process) -> str:
        process.kill()
        process.wait()
        return psutil.STATUS_RUNNING

    monkeypatch.setattr(psutil.Process, "status", status_of_its_last_moment)
    slurm_jobs.cancel(submission(task))
    assert process.returncode == -signal.SIGKILL


def test_cancelled_tasks_end() -> None:
    process = subprocess.Popen(["sleep", "1000"])
    slurm_jobs.cancel(submission(slurm_jobs.process_task(0, str(process.pid)), NOBODY))
    assert process.wait(60) == -signal.SIGTERM


def test_status_knows_of_tasks_that_wait(place: Layout) -> None:
    place.manifest.write_text(json.dumps({"num_scenes": 6}))
    assert status.look(place.root).state == status.UNKNOWN
    slurm_jobs.write(place, submission(NOBODY))
    assert status.look(place.root).state == status.AWAY


def test_a_task_whose_run_is_over_says_so(place: Layout) -> None:
    with pytest.raises(SimgenError, match="the run of this task is over"):
        Task(place.slurm_tasks / "round0.pkl", 0)()
