"""What is kept of scenes that failed, and for how long."""

from __future__ import annotations

import io
import json
import logging
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic
from rich.console import Console

from simgen.cli import main
from simgen.config import Config
from simgen.dataset.disk import disk_error, is_disk_error
from simgen.dataset.layout import Layout
from simgen.dataset.reports import Failure
from simgen.dataset.writer import drop_staged, keep_spec
from simgen.errors import DiskError, SimgenError
from simgen.runs import logs
from simgen.runs.backends.quarantine import (
    quarantine,
    quarantined,
    quarantined_spec,
    release,
    release_all,
)
from simgen.runs.backends.worker_logs import excerpt, opening
from simgen.runs.generate import generate
from simgen.spec import scene as specs

FAILURE = Failure(12, "took too long", 3, "0", "2026-01-02T03:04:05+00:00")
SPEC = synthetic.spec(12, 1, ["rgb"])


@pytest.fixture
def place(tmp_path: Path) -> Layout:
    """A dataset of scenes 0 and 2."""
    made = Layout(tmp_path / "my data")
    synthetic.write_dataset(made, ["rgb"], scenes=(0, 2), frames=1)
    return made


def test_a_scene_that_was_given_up_leaves_all_that_is_known_of_it(place: Layout) -> None:
    keep_spec(place, SPEC)
    quarantine(place, FAILURE)
    folder = place.quarantine(12)
    assert json.loads((folder / "failure.json").read_text()) == {
        "scene": 12, "reason": "took too long", "attempts": 3, "worker": "0",
        "time": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    assert quarantined_spec(place, 12) == SPEC
    assert "(nothing)" in (folder / "worker.log").read_text()
    words = shlex.split((folder / "replay.txt").read_text())
    assert words == ["simgen", "replay", str(place.root), "--scene", "12"]
    assert quarantined(place) == [FAILURE]
    assert place.staged(12) == []
    assert list(place.scratch.iterdir()) == []


def test_a_spec_that_is_cut_off_is_not_kept(place: Layout) -> None:
    keep_spec(place, SPEC)
    staged = place.stage(12) / "spec.json"
    staged.write_text(specs.dumps(SPEC)[:-100])
    quarantine(place, FAILURE)
    assert not (place.quarantine(12) / "spec.json").exists()
    assert quarantined_spec(place, 12) is None


def test_what_fails_anew_is_known_anew(place: Layout) -> None:
    keep_spec(place, SPEC)
    quarantine(place, FAILURE)
    again = Failure(12, "died", 1, "1")
    quarantine(place, again)
    assert quarantined(place) == [again]
    assert sorted(path.name for path in place.quarantine(12).iterdir()) == [
        "failure.json", "replay.txt", "worker.log",
    ]  # fmt: skip


def test_it_stays_until_the_scene_is_there(place: Layout) -> None:
    for scene in (12, 2, 3):
        quarantine(place, Failure(scene, "died", 1, "0"))
    release_all(place, {0, 2})
    assert [failure.scene for failure in quarantined(place)] == [3, 12]
    release(place, 3)
    release(place, 77)
    assert [failure.scene for failure in quarantined(place)] == [12]


def test_a_folder_that_was_not_finished_does_not_count(place: Layout) -> None:
    place.quarantine(5).mkdir(parents=True)
    assert quarantined(place) == []
    quarantine(place, Failure(5, "died", 1, "0"))
    assert [failure.scene for failure in quarantined(place)] == [5]


def test_a_process_whose_scene_is_taken_away_commits_nothing_half(place: Layout) -> None:
    """It may not be dead yet: it moves the folder at the very moment when it is to be removed."""
    keep_spec(place, SPEC)
    staging = place.stage(12)
    drop_staged(place, 12)
    with pytest.raises(FileNotFoundError):
        os.rename(staging, place.scene(12))
    assert not any(place.scratch.glob("dropped-*"))


# --- what the worker said -----------------------------------------------------------------------


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The one that the package sends to files, as other tests want it afterwards."""
    found = logging.getLogger("simgen")
    before = found.handlers, found.level, found.propagate
    yield found
    for handler in found.handlers:
        handler.close()
    found.handlers, found.level, found.propagate = before


@pytest.fixture
def worker_logs(tmp_path: Path, logger: logging.Logger) -> Path:
    """Scenes 11 and 12, the latter tried twice, and with a traceback in the end."""
    logs.log_to(tmp_path / "worker-0.jsonl", worker="0")
    printed = ""
    for scene, attempt in ((11, 1), (12, 1), (12, 2)):
        extra = {"scene": scene, "attempt": attempt}
        logger.info(opening(scene, attempt), extra=extra)
        logger.info("halfway through %d.%d", scene, attempt)
        printed += f"{opening(scene, attempt)}\nBlender on {scene}.{attempt}\n"
    try:
        raise ValueError("odd")
    except ValueError:
        logger.exception("scene 12", extra=extra)
    (tmp_path / "worker-0.out").write_text(printed + "Segmentation fault\n")
    return tmp_path


def test_a_workers_words_are_those_of_the_last_attempt(worker_logs: Path) -> None:
    said = excerpt(worker_logs, Failure(12, "died", 2, "0"))
    assert "halfway through 12.2" in said
    assert "Blender on 12.2\nSegmentation fault" in said
    assert "Traceback (most recent call last)" in said
    assert "ValueError: odd" in said
    assert "12.1" not in said
    assert "11.1" not in said
    assert "Blender on 11.1" in excerpt(worker_logs, Failure(11, "died", 1, "0"))


def test_of_a_scene_that_never_began_there_is_nothing(worker_logs: Path) -> None:
    for failure in (Failure(99, "died", 1, "0"), Failure(12, "died", 2, "7")):
        assert excerpt(worker_logs, failure).count("(nothing)") == 2


def test_a_flood_of_words_is_cut(worker_logs: Path) -> None:
    with (worker_logs / "worker-0.out").open("a") as file:
        file.write("x" * 5_000_000 + "\nthe end\n")
    said = excerpt(worker_logs, Failure(12, "died", 2, "0"))
    assert said.endswith("the end\n")
    assert len(said) < 200_000
    with (worker_logs / "worker-0.jsonl").open("a") as file:
        file.write('{"message": "cut o')
    assert "halfway" in excerpt(worker_logs, Failure(12, "died", 2, "0"))


# --- replay -------------------------------------------------------------------------------------


def test_a_replay_of_a_scene_that_is_of_no_dataset_is_refused(
    place: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(place.root), "--scene", "12"]) == 2
    assert "12" in capsys.readouterr().err


# --- the end of a run ---------------------------------------------------------------------------


@pytest.mark.usefixtures("logger")
def test_scenes_that_nobody_knows_of_are_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgen.runs.generate.run_scenes", lambda *_: None)
    config = Config(num_scenes=3)
    with pytest.raises(SimgenError, match=r"3 scenes are neither complete .* scene 0"):
        generate(config, tmp_path / "made", Console(file=io.StringIO()))


# --- the disk -----------------------------------------------------------------------------------


def test_errors_of_the_disk_are_told_from_others(tmp_path: Path) -> None:
    inside, outside = str(tmp_path / "scenes" / "x"), "/elsewhere/mesh.obj"
    assert is_disk_error(OSError(28, "No space left on device"), tmp_path)
    assert is_disk_error(OSError(30, "Read-only file system"), tmp_path)
    assert is_disk_error(PermissionError(13, "Permission denied", inside), tmp_path)
    assert not is_disk_error(PermissionError(13, "Permission denied", outside), tmp_path)
    assert not is_disk_error(FileNotFoundError(2, "No such file", inside), tmp_path)
    assert not is_disk_error(ValueError("odd"), tmp_path)


def test_on_a_full_disk_all_errors_are_the_disk_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgen.dataset.disk.LEAST_FREE", 1 << 60)
    assert is_disk_error(RuntimeError("EXR: error writing pixels"), tmp_path)
    error = disk_error(tmp_path, RuntimeError("EXR: error writing pixels"))
    assert isinstance(error, DiskError)
    assert "the disk is full" in str(error)
