"""What a study's arms detect, as files that the viewer opens, and the report's way there."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from training.answer.made_up import detected, photographs, study
from viewer.scripts import payload, unpacked

from simgen import cli
from simgen.commands.experiment import view_detections
from simgen.training.answer.detections import write_detections
from simgen.training.answer.findings import compare
from simgen.training.answer.page import write_answer
from simgen.training.evaluation.errors import errors

ARM = "100 images, <plain> 'light'"
ARMS = {ARM: (0.45, 100, 0, False, "scenes"), "few": (0.3, 10, 0, False, "scenes")}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_shows_what_the_report_counts(tmp_path: Path) -> None:
    (tmp_path / "real photographs").mkdir()
    truth = photographs(Path("real photographs"), images=6, groups=3)
    found = {ARM: detected(truth, 0.5, 1), "few": detected(truth, 0.2, 2)}
    files = write_detections(truth, found, Path("study/detections"))
    name, *words = shlex.split(files.command(ARM))
    assert name == "simgen"
    assert cli.main([*words, "--no-stats", "--processes", "1"]) == 0
    view = files.results[ARM].with_suffix("")
    index = payload(view / "data/index.js")
    threshold = index["predictions"]["threshold"]
    counted = errors(truth, found[ARM])
    assert threshold == pytest.approx(counted.threshold)
    outcomes = payload(view / "data/outcomes.js")["labels"]["score"]
    assert int((unpacked(outcomes) >= np.float32(threshold)).sum()) == counted.correct


def test_the_report_leads_to_the_viewer(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    (tmp_path / "real").mkdir()
    compared = compare(study(tmp_path / "real", ARMS, replicates=1, images=6, groups=3))
    truth = photographs(tmp_path / "real", images=6, groups=3)
    files = write_detections(truth, {ARM: detected(truth, 0.5, 1)}, folder / "detections")
    view = view_detections(files, ARM, folder, Console())
    page = write_answer(compared, folder, files, view).read_text()
    assert 'href="view/index.html"' in page
    assert (folder / view).is_file()
    assert "simgen view" in page
    assert "<plain>" not in page
    assert '<a href="' not in write_answer(compared, folder).read_text().split("<main>")[1]


def test_images_that_are_gone_are_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    truth = photographs(tmp_path / "real", images=2, groups=1)
    files = write_detections(truth, {ARM: detected(truth, 0.5, 1)}, tmp_path / "detections")
    for image in truth.images:
        image.file.unlink()
    assert view_detections(files, ARM, tmp_path, Console()) == ""
