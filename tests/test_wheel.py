"""The wheel brings configs, stages and assets along, and works from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import TINY
from hatchling.builders.wheel import WheelBuilder

from simgen.viewer import assemble

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the wheel, as an installer lays it out."""
    folder = tmp_path_factory.mktemp("site")
    wheels = WheelBuilder(str(ROOT)).build(directory=str(folder / "dist"), versions=["standard"])
    with zipfile.ZipFile(next(iter(wheels))) as wheel:
        wheel.extractall(folder)
    return folder


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    code = "import simgen, simgen.resources as r; print(simgen.__file__, r.resource('configs'))"
    done = run(installed, tmp_path, "-c", code)
    assert all(path.startswith(str(installed)) for path in done.stdout.split()), done.stderr


def test_the_wheel_has_the_pages_of_the_viewer(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from simgen.viewer import assemble as a; sys.stdout.write(a.page().decode())"
    )
    assert run(installed, tmp_path, "-c", code).stdout == assemble.page().decode()


@pytest.mark.exhaustive
def test_the_wheel_draws_a_scene_of_every_stage(installed: Path, tmp_path: Path) -> None:
    code = (
        "import simgen; from simgen.stages.registry import stage_names\n"
        "for name in stage_names(): print(simgen.sample_scene([f'scene={name}'], 0).stage.name)"
    )
    done = run(installed, tmp_path, "-c", code)
    stages = (path.stem for path in (ROOT / "scenes").glob("*.py"))
    assert done.stdout.split() == sorted(stages), done.stderr


@pytest.mark.render
@pytest.mark.exhaustive
def test_the_wheel_generates_and_reads_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-m", "simgen", "generate", *TINY, "num_scenes=1")
    assert done.returncode == 0, done.stderr
    code = "import simgen; print(simgen.open('datasets/tabletop-seed0')[0].depth.shape)"
    assert run(installed, tmp_path, "-c", code).stdout.strip() == "(72, 96)"
