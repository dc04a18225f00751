"""Shards of a dataset, each a command of its own: the same bytes, whatever order they run in."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from conftest import FLIGHT, Simgen, content, start_flight, wait_for

from simgen.config import Config, Shard, check, shard_of
from simgen.config.schema import RunConfig, RunnerConfig
from simgen.errors import InputError
from simgen.runs import status


@pytest.mark.parametrize("text", ["4/4", "1", "a/b", "-1/4", "1/0", "", "1/2/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"run\.shard=.*: expected i/n"):
        check(Config(run=RunConfig(text)))


def test_shards_have_all_scenes_and_none_in_common() -> None:
    assert shard_of(Config()) is None
    assert shard_of(Config(run=RunConfig(" 1/4"))) == Shard(1, 4)
    scenes = [scene for number in range(4) for scene in Shard(number, 4).scenes(10)]
    assert sorted(scenes) == list(range(10))
    with pytest.raises(InputError, match="runner=slurm creates its own shards"):
        check(Config(run=RunConfig("0/4"), runner=RunnerConfig("slurm")))


def suspended_worker(run: subprocess.Popen[str]) -> psutil.Process:
    """The worker of a run, stopped while it starts: the run goes on until it is resumed."""
    found: list[psutil.Process] = []

    def started() -> bool:
        children = psutil.Process(run.pid).children()
        found[:] = [child for child in children if "--multiprocessing-fork" in child.cmdline()]
        return bool(found)

    wait_for(started, run)
    found[0].suspend()
    return found[0]


@pytest.mark.render
@pytest.mark.exhaustive
def test_shards_side_by_side_one_killed_one_requeued_end_in_the_same_bytes(
    flight_folder: Path,
    tmp_path: Path,
    simgen_command: Simgen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "dataset"
    runs = [start_flight(folder, f"run.shard={number}/3") for number in (0, 1)]
    workers = [suspended_worker(run) for run in runs]
    for other in ("run.shard=null", "run.shard=0/2", "run.shard=1/3"):
        refused = simgen_command([*FLIGHT, f"output.dir={folder}", other])
        assert "another simgen run is writing this dataset" in refused.stderr, other
        assert refused.returncode == 2
    # One dies with its machine; the other is told that its time is over, as a batch system does.
    runs[1].kill()
    for worker in workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.resume()
    os.killpg(runs[0].pid, signal.SIGUSR2)
    _, errors = runs[0].communicate(timeout=120)
    runs[1].communicate()
    assert runs[0].returncode in (0, 1)  # it may have just made its last scene
    assert runs[0].returncode == 0 or "run the same command again" in errors
    assert "Traceback" not in errors

    again = [start_flight(folder, f"run.shard={number}/3") for number in (0, 1)]
    printed = [run.communicate(timeout=240) for run in again]
    assert [run.returncode for run in again] == [0, 0], printed
    assert "missing scenes of other shards: 1" in printed[0][0] + printed[1][0]
    assert not (folder / "annotations" / "instances.json").exists()
    report = status.look(folder)
    assert (report.state, report.done, report.missing) == (status.WAITING, 3, 1)

    monkeypatch.setenv("JOB_COMPLETION_INDEX", "2")
    third = "run.shard=${oc.env:JOB_COMPLETION_INDEX}/3"
    last = simgen_command([*FLIGHT, f"output.dir={folder}", third])
    assert last.returncode == 0, last.stderr
    assert "of 4 scenes" in last.stdout
    assert content(folder) == content(flight_folder)
    assert status.look(folder).state == status.FINISHED
    assert not list((folder / ".simgen" / "leases").glob("*.json"))


@pytest.mark.render
@pytest.mark.exhaustive
def test_all_shards_at_once_finish_the_dataset_together(
    flight_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    runs = [start_flight(folder, f"run.shard={number}/2") for number in range(2)]
    printed = [run.communicate(timeout=240) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], printed
    assert content(folder) == content(flight_folder)
    reports = [json.loads(path.read_text()) for path in (folder / ".simgen/status").iterdir()]
    assert sorted((part["name"], part["done"]) for part in reports) == [
        ("shard0", 2),
        ("shard1", 2),
    ]
