"""Asking for devices: real processes that answer, hang, crash or babble."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from simgen.errors import SimgenError
from simgen.rendering import probes
from simgen.rendering.devices import Device
from simgen.rendering.probes import (
    Outcome,
    devices_in,
    gpu_memory,
    may_have_gpu,
    memory_in,
    outcome_of,
)


def test_an_answer_stands_last() -> None:
    answer = json.dumps([{"kind": "CUDA", "name": "g", "id": "CUDA_g_0000:01:00"}])
    found = devices_in(Outcome(0, f"WARNING CUEW initialization failed\n\n{answer}\n"))
    assert found == [Device("CUDA", "g", "CUDA_g_0000:01:00")]


@pytest.mark.parametrize("output", ["", "[{}]", "no", "3"])
def test_an_answer_that_is_none(output: str) -> None:
    with pytest.raises(SimgenError, match="expected a list"):
        devices_in(Outcome(0, output))


def test_a_process_that_hangs_is_left_after_its_time() -> None:
    began = time.monotonic()
    outcome = outcome_of("-c", "import time; time.sleep(60)", seconds=1.0)
    assert time.monotonic() - began < 10
    with pytest.raises(SimgenError, match="no answer after 1 seconds"):
        devices_in(outcome)


@pytest.mark.exhaustive
def test_what_a_process_started_may_hold_its_output_open() -> None:
    child = "import subprocess, time; subprocess.Popen(['sleep', '20']); time.sleep(60)"
    began = time.monotonic()
    assert "no answer" in outcome_of("-c", child, seconds=0.5).output
    assert time.monotonic() - began < 10


def test_a_process_that_crashes() -> None:
    outcome = outcome_of("-c", "import os; print('oh', flush=True); os.abort()")
    with pytest.raises(SimgenError, match=r"SIGABRT.*render.device=cpu"):
        devices_in(outcome)


def test_linux_without_a_drivers_entry_has_no_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / "dri").mkdir()
    assert not may_have_gpu(tmp_path)
    (tmp_path / "dri" / "renderD128").touch()
    assert may_have_gpu(tmp_path)
    assert not may_have_gpu(tmp_path / "nothing")
    monkeypatch.setattr("sys.platform", "darwin")
    assert may_have_gpu(tmp_path / "nothing")


def test_memory_as_nvidia_smi_tells_it() -> None:
    lines = "00000000:17:00.0, 24576\n00000000:65:00.0, [N/A]\n\nsomething else\n"
    assert memory_in(lines) == {"0000:17:00": 24.0}


def test_nvidia_smi_is_asked_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '00000000:17:00.0, 143771'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert gpu_memory() == pytest.approx({"0000:17:00": 140.4}, abs=0.1)
    program.write_text("#!/bin/sh\necho 'Failed to initialize NVML'; exit 9\n")
    assert gpu_memory() == {}
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert gpu_memory() == {}


@pytest.mark.render
def test_cycles_says_what_this_machine_has() -> None:
    found = devices_in(probes.ask_devices())
    assert "CPU" in {device.kind for device in found}
    assert len({(device.kind, device.id) for device in found}) == len(found)
