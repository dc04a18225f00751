"""What several tests share: datasets made once, by the real command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

TINY = (
    "render.width=96",
    "render.height=72",
    "render.samples=2",
    "render.denoise=false",
    "objects.count_range=[3,5]",
)
"""Overrides for scenes that render in a moment."""

WORDS = ("generate", *TINY, "num_scenes=3", "frames_per_scene=2", "seed=5")
"""What the shared dataset is made with."""

Simgen = Callable[..., subprocess.CompletedProcess[str]]


def run_simgen(
    words: Sequence[str], folder: Path | None = None, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user does."""
    command = [sys.executable, "-m", "simgen", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
    )


def content(folder: Path) -> dict[str, bytes]:
    """All files of a dataset but for the run's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".simgen" not in path.parts
    }


@pytest.fixture(scope="session")
def simgen_command() -> Simgen:
    return run_simgen


@pytest.fixture(scope="session")
def dataset_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes of two frames with all labels. Only to be looked at."""
    folder = tmp_path_factory.mktemp("shared") / "dataset"
    done = run_simgen([*WORDS, f"output.dir={folder}"])
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
