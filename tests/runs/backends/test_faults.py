"""Runs that are killed, stopped, starved or refused: only whole scenes, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import FLIGHT, Simgen, content, start_flight, wait_for

from simgen import cli

pytestmark = pytest.mark.render


def wait_for_scenes(folder: Path, count: int, run: subprocess.Popen[str]) -> None:
    wait_for(lambda: len(list(folder.glob("scenes/*"))) >= count, run)


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


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What is said to a command that is refused, in one line. It runs in this process, since it
    comes to nothing that would stay."""
    assert cli.main([*FLIGHT, *map(str, words)]) == 2
    errors = capsys.readouterr().err
    assert len(errors.strip().splitlines()) == 1
    return errors


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(
    flight_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(flight_folder, folder)
    # As if the scenes had been wrong when the COCO file was made: nothing stale may look fresh.
    shutil.rmtree(folder / "scenes")
    coco = folder / "annotations" / "instances.json"
    coco.write_bytes(b" " * coco.stat().st_size)
    rng = np.random.Generator(np.random.PCG64(0))
    for count in (0, 1):
        run = start_flight(folder)
        if count:
            wait_for_scenes(folder, count, run)
        else:
            time.sleep(float(rng.uniform(0.0, 1.5)))
        run.kill()  # the supervisor alone: its workers have to notice
        run.communicate()
    assert not (folder / ".simgen" / "finished.json").exists()
    until = time.monotonic() + 60
    while worker_processes(folder):
        assert time.monotonic() < until
        time.sleep(0.1)
    done = simgen_command([*FLIGHT, f"output.dir={folder}"])
    assert done.returncode == 0, done.stderr
    assert content(folder) == content(flight_folder)
    assert not (folder / ".simgen" / "staging").exists()


@pytest.mark.exhaustive
def test_a_stopped_run_says_so_and_leaves_whole_scenes_and_a_second_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "dataset"
    # Seconds a scene: one that ends before the stop is noticed leaves nothing to announce.
    words = ("num_scenes=50", "render.samples=2500")
    run = start_flight(folder, *words)
    log = folder / ".simgen" / "logs" / "worker-0.out"
    wait_for_scenes(folder, 1, run)
    assert "another simgen run" in refused(capsys, *words, f"output.dir={folder}")
    # While another one is well under way: between two there is nothing to finish.
    seen = log.read_text().count("scene ")
    wait_for(lambda: log.read_text().count("scene ") > seen, run)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the workers too
    said, errors = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "stopping: the scene in progress may take 30 s to finish" in said
    assert "lost" not in said
    begun = log.read_text().count("scene ")
    assert len(whole_scenes(folder)) == begun  # the one that had begun was finished
    assert begun < 50
    assert "of 50 scenes are complete" in errors
    assert "run the same command again" in errors
    assert "Traceback" not in errors
    assert not worker_processes(folder)


@pytest.mark.exhaustive
def test_a_second_signal_drops_what_is_in_the_making(tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    run = start_flight(folder, "num_scenes=50", "render.samples=1000000", "runner.workers=2")
    wait_for(lambda: len(list(folder.glob(".simgen/logs/worker-*.out"))) == 2, run)
    assert run.stdout is not None
    os.killpg(run.pid, signal.SIGTERM)
    wait_for(lambda: "stopping:" in run.stdout.readline(), run)
    os.killpg(run.pid, signal.SIGTERM)
    began = time.monotonic()
    _, errors = run.communicate(timeout=60)
    assert time.monotonic() - began < 20  # the grace is 30
    assert run.returncode == 1
    assert "0 of 50 scenes are complete" in errors
    assert "Traceback" not in errors
    assert not worker_processes(folder)
    assert not (folder / ".simgen" / "staging").exists()


@pytest.mark.exhaustive
def test_a_worker_that_is_killed_costs_nothing(
    flight_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, temporary = tmp_path / "dataset", tmp_path / "temporary"
    temporary.mkdir()
    # What a run leaves that is killed before there is a dataset.
    (folder / ".simgen" / "scratch").mkdir(parents=True)
    (folder / ".simgen" / "scratch" / "dataset.json.tmp").write_text('{"format"')
    monkeypatch.setenv("TMPDIR", str(temporary))
    run = start_flight(folder, "runner.retry_seconds=0.1")
    wait_for_scenes(folder, 1, run)
    for worker in worker_processes(folder):
        os.kill(worker, signal.SIGKILL)
    _, errors = run.communicate(timeout=300)
    assert run.returncode == 0, errors
    assert not list(temporary.iterdir())  # Blender makes a folder there
    assert content(folder) == content(flight_folder)


@pytest.mark.exhaustive
def test_scenes_that_take_too_long_are_given_up(tmp_path: Path, simgen_command: Simgen) -> None:
    folder = tmp_path / "dataset"
    # What takes longer than the time limit counts as hung.
    words = [*FLIGHT, f"output.dir={folder}", "runner.max_retries=0", "runner.scene_timeout=1"]
    done = simgen_command([*words, "render.samples=1000000", "num_scenes=2"])
    assert done.returncode == 3, done.stdout + done.stderr
    assert "failed: scene 0" in done.stdout
    failed = sorted((folder / ".simgen" / "failed").iterdir())
    assert [path.name for path in failed] == ["000000", "000001"]
    assert "scene_timeout" in json.loads((failed[0] / "failure.json").read_text())["reason"]


def test_another_config_into_the_same_folder_is_refused(
    flight_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, place = content(flight_folder), f"output.dir={flight_folder}"
    said = refused(capsys, place, "render.samples=3")
    assert "render.samples is 1 there and 3 in this run" in said
    assert "num_scenes=2" in refused(capsys, place, "num_scenes=2")
    assert content(flight_folder) == before


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.exhaustive
def test_a_full_disk_stops_the_run_with_whole_scenes_only(
    small_disk: Path, simgen_command: Simgen
) -> None:
    folder = small_disk / "dataset"
    words = [*FLIGHT, f"output.dir={folder}", "runner.retry_seconds=0.1", "num_scenes=40"]
    done = simgen_command(words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert whole_scenes(folder)


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for folder in (file, file / "below", "/proc/nothing"):
        assert str(folder) in refused(capsys, f"output.dir={folder}")


def test_a_folder_with_other_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    assert "thesis.txt" in refused(capsys, f"output.dir={tmp_path}")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.exhaustive
def test_a_process_that_has_imported_blender_can_make_a_dataset(
    flight_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "dataset"
    # What is refused before leaves the folder usable.
    said = refused(capsys, f"output.dir={folder}", "render.device=metal")
    assert "render.device=metal: Cycles finds no such device here" in said
    words = [*FLIGHT, f"output.dir={folder}", "render.device=auto", "runner.recycle_scenes=2"]
    script = f"import bpy, sys\nfrom simgen.cli import main\nsys.exit(main({words!r}))"
    path = tmp_path / "notebook.py"
    path.write_text(f"if __name__ == '__main__':\n    {'\n    '.join(script.splitlines())}\n")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert content(folder) == content(flight_folder)
    assert made_by_each_worker(folder) == [2, 2]
    assert "replaced after 2 scenes" in (folder / ".simgen" / "logs" / "run.jsonl").read_text()


@pytest.mark.exhaustive
def test_a_worker_that_grows_is_replaced_and_the_bytes_stay(
    flight_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    done = simgen_command([*FLIGHT, f"output.dir={folder}", "runner.recycle_growth_mb=1"])
    assert done.returncode == 0, done.stderr
    assert content(folder) == content(flight_folder)
    # The first scene is what growth counts from; some later one fills caches.
    made = made_by_each_worker(folder)
    assert made[0] > 1
    assert len(made) > 1
    assert "MB grown" in (folder / ".simgen" / "logs" / "run.jsonl").read_text()


def made_by_each_worker(folder: Path) -> list[int]:
    """How many scenes each process made that sat on the first slot, in their order."""
    log = folder / ".simgen" / "logs" / "worker-0.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return list(Counter(line["pid"] for line in lines if line.get("attempt") == 1).values())


@pytest.mark.exhaustive
def test_a_run_killed_right_after_its_manifest_goes_on(
    flight_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    (folder / ".simgen").mkdir(parents=True)
    shutil.copytree(flight_folder / "scenes", folder / "scenes")
    shutil.copy(flight_folder / "dataset.json", folder)
    done = simgen_command([*FLIGHT, f"output.dir={folder}"])
    assert done.returncode == 0, done.stderr
    assert content(folder) == content(flight_folder)
