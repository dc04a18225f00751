"""Runs that are killed, stopped, starved or refused: only whole scenes, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import WORDS, Simgen, content

pytestmark = pytest.mark.render


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simgen", *WORDS, f"output.dir={folder}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for_scenes(folder: Path, count: int, run: subprocess.Popen[str]) -> None:
    for _ in range(1200):
        if (folder / "scenes").is_dir() and len(list((folder / "scenes").iterdir())) >= count:
            return
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    raise AssertionError("no scene was made in a minute")


def whole_scenes(folder: Path) -> list[str]:
    """Names of the committed scenes; each of them has all of its files."""
    names = sorted(path.name for path in (folder / "scenes").iterdir())
    for name in names:
        assert len(list((folder / "scenes" / name).iterdir())) == 11
    return names


def worker_processes(folder: Path) -> list[int]:
    """Processes that still write the dataset's logs."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            target = os.readlink(process / "fd" / "1")
        except OSError:
            continue
        if target.startswith(str(folder)):
            found.append(int(process.name))
    return found


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(
    dataset_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    rng = np.random.Generator(np.random.PCG64(0))
    for count in (0, 1, 2):
        run = start(folder)
        if count:
            wait_for_scenes(folder, count, run)
        time.sleep(float(rng.uniform(0.0, 1.5)))
        run.kill()  # the supervisor alone: its workers have to notice
        run.communicate()
    for _ in range(100):
        if not worker_processes(folder):
            break
        time.sleep(0.1)
    assert not worker_processes(folder)
    done = simgen_command([*WORDS, f"output.dir={folder}"])
    assert done.returncode == 0, done.stderr
    assert content(folder) == content(dataset_folder)
    assert not (folder / ".simgen" / "staging").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so_and_leaves_whole_scenes(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    run = start(folder, "num_scenes=50")
    wait_for_scenes(folder, 1, run)
    os.killpg(run.pid, number)  # as a terminal does: to the workers too
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "of 50 scenes are whole" in errors
    assert "the same command continues" in errors
    assert "Traceback" not in errors
    assert whole_scenes(folder)
    assert not worker_processes(folder)


def test_a_worker_that_is_killed_costs_nothing(dataset_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    run = start(folder)
    wait_for_scenes(folder, 1, run)
    for worker in worker_processes(folder):
        os.kill(worker, signal.SIGKILL)
    _, errors = run.communicate(timeout=300)
    assert run.returncode == 0, errors
    assert content(folder) == content(dataset_folder)


def test_scenes_that_cannot_be_made_are_given_up_and_the_others_made(
    tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    # What takes longer than the time limit counts as hung.
    words = [*WORDS, f"output.dir={folder}", "runner.max_retries=0", "runner.scene_timeout=1"]
    done = simgen_command([*words, "render.samples=4096", "num_scenes=2"])
    assert done.returncode == 3, done.stdout + done.stderr
    assert "given up: scene 0" in done.stdout
    failed = sorted((folder / ".simgen" / "failed").iterdir())
    assert [path.name for path in failed] == ["000000.json", "000001.json"]
    assert "scene_timeout" in json.loads(failed[0].read_text())["reason"]


def test_another_config_into_the_same_folder_is_refused(
    dataset_folder: Path, simgen_command: Simgen
) -> None:
    before = content(dataset_folder)
    done = simgen_command([*WORDS, f"output.dir={dataset_folder}", "render.samples=3"])
    assert done.returncode == 2
    assert "render.samples is 2 there and 3 in this run" in done.stderr
    done = simgen_command([*WORDS, f"output.dir={dataset_folder}", "num_scenes=2"])
    assert done.returncode == 2
    assert "num_scenes=2" in done.stderr
    assert content(dataset_folder) == before


def test_a_device_that_is_not_there_is_refused_and_the_folder_stays_usable(
    tmp_path: Path, simgen_command: Simgen
) -> None:
    words = [*WORDS, "num_scenes=1", "frames_per_scene=1", f"output.dir={tmp_path / 'dataset'}"]
    done = simgen_command([*words, "render.device=metal"])
    assert done.returncode == 2
    assert "render.device=metal: Cycles sees no such device here" in done.stderr
    done = simgen_command([*words, "render.device=cpu"])
    assert done.returncode == 0, done.stderr


def test_two_runs_on_one_folder_the_second_is_refused(
    tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    run = start(folder, "num_scenes=50")
    try:
        wait_for_scenes(folder, 1, run)
        done = simgen_command([*WORDS, "num_scenes=50", f"output.dir={folder}"])
        assert done.returncode == 2
        assert "another simgen run" in done.stderr
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_the_run_with_whole_scenes_only(
    small_disk: Path, simgen_command: Simgen
) -> None:
    folder = small_disk / "dataset"
    words = [*WORDS, f"output.dir={folder}", "render.width=160", "render.height=120"]
    done = simgen_command([*words, "num_scenes=40"])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    whole_scenes(folder)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, simgen_command: Simgen) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for folder in (file, file / "below", "/proc/nothing"):
        done = simgen_command([*WORDS, f"output.dir={folder}"])
        assert done.returncode == 2, done.stderr
        assert str(folder) in done.stderr
        assert "Traceback" not in done.stderr


def test_a_folder_with_other_files_is_refused(tmp_path: Path, simgen_command: Simgen) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    done = simgen_command([*WORDS, f"output.dir={tmp_path}"])
    assert done.returncode == 2
    assert "thesis.txt" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("killed_after", ["nothing", "lock", "manifest"])
def test_a_run_killed_at_its_very_start_goes_on(
    killed_after: str, dataset_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    folder.mkdir()
    if killed_after != "nothing":
        (folder / ".simgen" / "scratch").mkdir(parents=True)
        (folder / ".simgen" / "scratch" / "dataset.json.tmp").write_text('{"format"')
    if killed_after == "manifest":
        shutil.copytree(dataset_folder / "scenes", folder / "scenes")
        shutil.copy(dataset_folder / "dataset.json", folder)
    done = simgen_command([*WORDS, f"output.dir={folder}"])
    assert done.returncode == 0, done.stderr
    assert content(folder) == content(dataset_folder)
