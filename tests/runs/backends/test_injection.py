"""Scenes that fail in every way, on real runs: what is left of them, and that they can be made when
what disturbed them is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "scripts"

pytestmark = [pytest.mark.render, pytest.mark.slow, pytest.mark.exhaustive]


def run(*words: str, plans: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "SIMGEN_FAULTS": str(plans)}
    return subprocess.run(
        [sys.executable, "-m", "simgen", *words], env=environment, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip


def write_box(path: Path) -> bytes:
    corners = [f"v {n & 1} {n >> 1 & 1} {n >> 2}" for n in range(8)]
    faces = ["f 1 3 4 2", "f 5 6 8 7", "f 1 2 6 5", "f 3 7 8 4", "f 1 5 7 3", "f 2 4 8 6"]
    path.parent.mkdir(parents=True)
    path.write_text("\n".join([*corners, *faces]) + "\n")
    return path.read_bytes()


def test_a_quarantined_scene_says_all_and_is_made_later(tmp_path: Path) -> None:
    plans, mesh = tmp_path / "plans", tmp_path / "meshes" / "crate" / "crate.obj"
    folder, content = tmp_path / "dataset", write_box(mesh)
    plans.mkdir()
    (plans / "0").write_text("always-late-segfault")
    (plans / "1").write_text("always-segfault")
    (plans / "2").write_text(f"break:{mesh}")
    words = [
        "generate", "--plugin", "faulty", "scene=flying", "num_scenes=3", "render.width=48",
        "render.height=36", "render.samples=1", "render.denoise=false", "lighting=studio",
        "materials.level=plausible", "runner.max_retries=1", "runner.retry_seconds=0.1",
        f"assets.dir={tmp_path / 'meshes'}", f"output.dir={folder}",
    ]  # fmt: skip
    done = run(*words, plans=plans)
    assert done.returncode == 3, done.stdout + done.stderr
    rendering, drawing, broken = sorted(folder.glob(".simgen/failed/*"))
    for failed in (rendering, drawing):
        assert "SIGSEGV" in (failed / "failure.json").read_text()
        assert "Segmentation fault" in (failed / "worker.log").read_text()
        assert "pipeline.py" in (failed / "worker.log").read_text()  # where it was
    assert "faulty.py" in (drawing / "worker.log").read_text()
    assert "crate.obj" in (broken / "failure.json").read_text()
    assert "AssetError" in (broken / "worker.log").read_text()
    assert (rendering / "spec.json").is_file()
    assert not (drawing / "spec.json").exists()

    def replay(failed: Path, *words: str, faults: bool) -> subprocess.CompletedProcess[str]:
        command = (failed / "replay.txt").read_text().split()
        assert command[0] == "simgen"
        return run(*command[1:], *words, plans=plans if faults else tmp_path / "none")

    again = replay(broken, faults=True)
    assert again.returncode == 2
    assert "crate.obj" in again.stderr
    mesh.write_bytes(content)
    again = replay(drawing, faults=True)
    assert again.returncode < 0
    assert "Segmentation fault" in again.stderr
    again = replay(drawing, faults=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "sampling it again" in again.stdout
    assert "scene 1 works" in again.stdout
    kept = tmp_path / "kept"
    again = replay(rendering, "--output", str(kept), faults=True)  # the spec is drawn already
    assert again.returncode == 0, again.stdout + again.stderr
    assert not list(folder.glob("scenes/*"))  # nothing was committed

    done = run(*words, plans=tmp_path / "none")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(folder.glob(".simgen/failed/*"))
    made = {path.name: path.read_bytes() for path in (folder / "scenes" / "000000").iterdir()}
    assert made == {path.name: path.read_bytes() for path in kept.iterdir()}


def test_all_faults_at_random_points() -> None:
    """One of each kind, in one dataset or two. The script injects 200 if it is given the time."""
    words = ["--faults", "17", "--scenes", "10", "--timeout", "15", "--pause", "2"]
    command = [sys.executable, str(SCRIPTS / "inject_faults.py"), *words]
    done = subprocess.run(command, cwd=SCRIPTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 problems" in done.stdout
