"""Images without labelled objects in every format."""

from __future__ import annotations

from pathlib import Path

import pytest
from cast import MOVING, cast_dataset
from conftest import Shared

from simgen import cli
from simgen.formats.registry import format_names

KEYPOINTS = "yolo-pose"
"""Refuses a dataset without keypoints, whatever its images show."""


@pytest.fixture(scope="module")
def folder(shared: Shared) -> Path:
    words = (*MOVING, "num_scenes=2", "seed=2", "objects.count_range=0")
    return shared("cast/background", lambda folder: cast_dataset(folder, *words))


def test_the_dataset_is_valid(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", str(folder)]) == 0
    assert "6 images, 0 errors" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(set(format_names()) - {KEYPOINTS}))
def test_exports_keep_the_images(
    name: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "exported"
    assert cli.main(["export", name, str(folder), str(out)]) == 0
    assert ", 0 objects in " in capsys.readouterr().out
    assert cli.main(["validate", str(out)]) == 0
    assert " 0 errors" in capsys.readouterr().out
