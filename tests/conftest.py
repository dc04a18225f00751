"""What several tests share: datasets made once, by the real command."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from calibrations import write_rig
from cast import MOVING, SMALL, cast_dataset
from filelock import FileLock
from hypothesis import settings

# What needs torch: `make test-train`; and in an environment of its own `make consumers`.
collect_ignore = [
    *([] if importlib.util.find_spec("efficientnet_lite_pytorch") else ["trainers"]),
    *(
        []
        if importlib.util.find_spec("webdataset") and importlib.util.find_spec("ultralytics")
        else ["consumers"]
    ),
]

# How long an example takes says something about the machine, not about the code. The same commit
# gives the same examples everywhere.
settings.register_profile("simgen", deadline=None, derandomize=True)
settings.load_profile("simgen")

# Where this is set, each of the hundreds of processes that tests start would compile all modules
# again, Blender's scripts included: a third of what a small run costs.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# As the command line sets it: PyTorch's threads soon sleep while they wait, and leave the other
# tests their cores.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
sys.dont_write_bytecode = False


@pytest.hookimpl(tryfirst=True)  # before pytest's own choice by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the cases of a test with the marker `corpus(keep)`, `keep` spread evenly are for `make
    test`; the rest are `exhaustive`, for `make test-all`."""
    corpora: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("corpus"):
            corpora.setdefault(item.nodeid.split("[")[0], []).append(item)
    for cases in corpora.values():
        marker = cases[0].get_closest_marker("corpus")
        assert marker is not None
        keep = marker.args[0]
        kept = {round((n + 0.5) * len(cases) / keep - 0.5) for n in range(keep)}
        for number, item in enumerate(cases):
            if number not in kept:
                item.add_marker("exhaustive")


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

FLIGHT = (
    "generate",
    "scene=flying",
    "assets.classes=[ball,box]",
    "objects.count_range=[1,2]",
    "lighting=studio",
    "materials.level=plausible",
    "render.width=32",
    "render.height=24",
    "render.samples=1",
    "render.denoise=false",
    "num_scenes=4",
    "frames_per_scene=2",
    "seed=5",
)
"""What the cheapest real run is made with: for tests of running, where it does not matter what is
seen. A scene takes a fifth of a second, the start of a worker two."""

SEQUENCE = (*TINY, "num_scenes=1", "frames_per_scene=2", "labels=[all,lidar,sensor_depth]")
"""Overrides for a short sequence with all labels."""

STILL = (
    *TINY,
    "num_scenes=1",
    "frames_per_scene=2",
    "seed=3",
    "camera.path=linear",
    "camera.travel_range=[0.08,0.08]",
    "render.samples=32",
    "sensor=perfect",
)
"""Overrides for a camera without faults that passes a scene in which nothing moves."""

Simgen = Callable[..., subprocess.CompletedProcess[str]]
Generate = Callable[..., Path]
Shared = Callable[[str, Callable[[Path], object]], Path]


def run_simgen(
    words: Sequence[str], folder: Path | None = None, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user does."""
    command = [sys.executable, "-m", "simgen", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
    )


def start_flight(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A run of the cheapest kind, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "simgen", *FLIGHT, f"output.dir={folder}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for(happened: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    """Wait until something has happened while a run goes on."""
    for _ in range(2400):
        if happened():
            return
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    raise AssertionError("nothing happened in two minutes")


def content(folder: Path) -> dict[str, bytes]:
    """All files of a dataset but for the run's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".simgen" not in path.relative_to(folder).parts
    }


@pytest.fixture(scope="session")
def simgen_command() -> Simgen:
    return run_simgen


@pytest.fixture(scope="session")
def generate(tmp_path_factory: pytest.TempPathFactory) -> Generate:
    """Makes a dataset from config overrides and returns its folder."""

    def make(*words: str) -> Path:
        return _made(tmp_path_factory.mktemp("made") / "dataset", "generate", *words)

    return make


def _made(folder: Path, *words: str) -> Path:
    done = run_simgen([*words, f"output.dir={folder}"])
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Makes a folder once for all processes of a test run: by its path, and what makes it there."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(path: str, make: Callable[[Path], object]) -> Path:
        folder = root / "shared" / path
        made = folder.with_suffix(".made")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                made.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def dataset_folder(shared: Shared) -> Path:
    """Three scenes of two views with the labels for detection. Only to be looked at."""
    return shared("detection/dataset", lambda folder: _made(folder, *WORDS))


@pytest.fixture(scope="session")
def flight_folder(shared: Shared) -> Path:
    """Four scenes of two views, as an undisturbed run of `FLIGHT` makes them. Only to be looked
    at."""
    return shared("flight/dataset", lambda folder: _made(folder, *FLIGHT))


@pytest.fixture(scope="session")
def moving_folder(shared: Shared) -> Path:
    """Two scenes of three frames with all labels, stereo pair included: the camera moves, the
    objects move and most of them change their shape; the lens is off centre and its pixels are not
    square. Only to be looked at."""
    words = (
        *SEQUENCE,
        "num_scenes=2",
        "frames_per_scene=3",
        "seed=8",
        "camera.path=orbit",
        "camera.principal_point=[0.45,0.56]",
        "camera.pixel_aspect=1.15",
        "camera.stereo_baseline=0.05",
        "motion.objects=keyframed",
        "motion.deform_probability=0.6",
    )
    return shared("moving/dataset", lambda folder: _made(folder, "generate", *words))


@pytest.fixture(scope="session")
def still_folder(shared: Shared) -> Path:
    """A camera passes a scene in which nothing moves. Only to be looked at."""
    words = (*STILL, "labels=all", "camera.stereo_baseline=0.04")
    return shared("still/dataset", lambda folder: _made(folder, "generate", *words))


@pytest.fixture(scope="session")
def cast_folder(shared: Shared) -> Path:
    """Two sequences of three frames with all labels, made without Blender. Only to be looked at."""
    words = (*MOVING, "num_scenes=2", "seed=4")
    return shared("cast/moving", lambda folder: cast_dataset(folder, *words))


@pytest.fixture(scope="session")
def cut_out_folder(shared: Shared) -> Path:
    """Two scenes of objects without a stage, with `rgba`, made without Blender. Only to be looked
    at."""
    words = (*SMALL, "background.empty=true", "labels=[rgba,instances,objects]", "num_scenes=2")
    return shared("cast/cut_out", lambda folder: cast_dataset(folder, *words))


@pytest.fixture(scope="session")
def stills_folder(shared: Shared) -> Path:
    """Six scenes of two views with the labels for detection, made without Blender. Only to be
    looked at."""
    words = (*SMALL, "num_scenes=6", "frames_per_scene=2", "seed=1")
    return shared("cast/stills", lambda folder: cast_dataset(folder, *words))


@pytest.fixture(scope="session")
def rig_folder(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes seen by a rig of three lenses and sizes, from two poses each, made without
    Blender. Only to be looked at."""
    words = [word for word in SMALL if not word.startswith("render.")]
    rig = write_rig(tmp_path_factory.mktemp("rig"))
    words += ["num_scenes=2", "frames_per_scene=6", "labels=[all]", f"camera.rig={rig}"]
    return shared("cast/rig", lambda folder: cast_dataset(folder, *words))
