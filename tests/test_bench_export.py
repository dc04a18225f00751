"""`scripts/bench_export.py` on a handful of images."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import bench_export
from scale_runs import multiply

import simgen


@pytest.fixture
def stubs(stills_folder: Path, tmp_path: Path) -> Path:
    """Forty scenes that are all the same one."""
    folder = tmp_path / "stubs"
    (folder / "scenes").mkdir(parents=True)
    shutil.copy(stills_folder / "dataset.json", folder)
    shutil.copytree(stills_folder / "scenes/000000", folder / "scenes/000000")
    multiply(folder, 40)
    return folder


def test_stubs_are_a_dataset(stubs: Path) -> None:
    data = simgen.open(stubs)
    assert len(data) == 80
    assert json.loads((stubs / "dataset.json").read_text())["num_scenes"] == 40
    assert (data[78].rgb == data[0].rgb).all()
    assert data.scenes == tuple(range(40))


@pytest.mark.exhaustive
def test_costs_are_measured_and_said(stubs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--images", "80", "--formats", "coco,webdataset", "--folder", str(stubs.parent)]
    assert bench_export.main(words) == 0
    said = capsys.readouterr().out
    assert "80 images" in said
    for name in ("coco", "webdataset"):
        assert f"{name}: memory is flat" in said
        assert f"{name}: time is linear" in said
    assert sorted(path.name for path in stubs.parent.iterdir()) == ["stubs"]


def test_verdicts() -> None:
    good = bench_export.Cost("coco", 10, 2.0, 1.0, 1.0, 1.0, 100.0, 101.0)
    assert good.is_flat
    assert good.is_linear
    bad = bench_export.Cost("coco", 10, 4.0, 1.0, 1.0, 3.0, 100.0, 140.0)
    assert not bad.is_flat
    assert not bad.is_linear
