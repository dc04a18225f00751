"""Kernels are compiled once: real processes that wait for each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from simgen.rendering import kernels
from simgen.rendering.devices import Device
from simgen.rendering.kernels import are_compiled, compiled_once

GPU = Device("OPTIX", "RTX", "CUDA_RTX_0000:17:00_OptiX")

RENDER = """
import sys, time
from pathlib import Path
from simgen.rendering.devices import Device
from simgen.rendering.kernels import compiled_once
cache, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
with compiled_once(Device("OPTIX", "RTX", sys.argv[4]), cache):
    with log.open("a") as file:
        print("in", flush=True, file=file)
    print("in", flush=True)
    time.sleep(seconds)
    with log.open("a") as file:
        print("out", flush=True, file=file)
"""


def begin(cache: Path, log: Path, seconds: float, device: str = "a") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RENDER, str(cache), str(log), str(seconds), device]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def inside(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"


@pytest.mark.exhaustive
def test_one_process_compiles_and_the_others_wait_and_then_go_together(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = begin(tmp_path / "cache", log, 1.5)
    inside(first)
    others = [begin(tmp_path / "cache", log, 1.5, device) for device in "ab"]
    for other in others:
        inside(other)
        assert first.wait() == 0  # none of them came in before it was out
    assert [other.wait() for other in others] == [0, 0]
    # The first alone; then both at once, on whichever card of this make they are.
    assert log.read_text().split() == ["in", "out", "in", "in", "out", "out"]


def test_a_process_that_is_killed_leaves_no_lock_and_no_mark(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = begin(tmp_path / "cache", log, 60)
    inside(first)
    second = begin(tmp_path / "cache", log, 0)
    first.kill()
    first.wait()
    inside(second)
    assert second.wait() == 0
    assert log.read_text().split() == ["in", "in", "out"]


def test_a_render_that_fails_has_compiled_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), compiled_once(GPU, tmp_path):
        raise RuntimeError("out of memory")
    assert not are_compiled(GPU, tmp_path)
    with compiled_once(GPU, tmp_path):
        assert not are_compiled(GPU, tmp_path)
    assert are_compiled(GPU, tmp_path)


def test_another_make_or_blender_compiles_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with compiled_once(GPU, tmp_path):
        pass
    assert not are_compiled(Device("CUDA", GPU.name, GPU.id), tmp_path)
    assert not are_compiled(Device("OPTIX", "H200", GPU.id), tmp_path)
    monkeypatch.setattr(kernels.importlib.metadata, "version", lambda name: "9.9")
    assert not are_compiled(GPU, tmp_path)


def test_the_cpu_and_a_machine_without_a_cache_need_no_lock(tmp_path: Path) -> None:
    with compiled_once(Device("CPU", "Xeon", "CPU"), tmp_path), compiled_once(GPU, None):
        assert list(tmp_path.iterdir()) == []
    file = tmp_path / "file"
    file.touch()
    with compiled_once(GPU, file / "below"):  # cannot be made
        pass
