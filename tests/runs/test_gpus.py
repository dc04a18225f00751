"""What a run renders on, from fake lists of devices."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from simgen.config import Config
from simgen.errors import InputError, SimgenError
from simgen.rendering import kernels
from simgen.rendering.devices import Device
from simgen.rendering.probes import Outcome
from simgen.runs import gpus
from simgen.runs.gpus import choose_device

CPU = Device("CPU", "Xeon", "CPU")
CARDS = [Device("CUDA", "RTX", f"CUDA_RTX_0000:0{number}:00") for number in range(4)]
OPTIX = [Device("OPTIX", "RTX", f"{card.id}_OptiX") for card in CARDS]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(gpus, "cache_dir", lambda: tmp_path)
    return tmp_path


class Machine:
    """Answers as one with these devices would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def has(self, *devices: Device, memory: dict[str, float] | None = None) -> None:
        answer = json.dumps([dataclasses.asdict(device) for device in (CPU, *devices)])
        self.answers(Outcome(0, answer))
        self._patch.setattr(gpus, "gpu_memory", lambda: memory or {})

    def answers(self, outcome: Outcome) -> None:
        self._patch.setattr(gpus, "ask_devices", lambda: outcome)
        self._patch.setattr(gpus, "may_have_gpu", lambda: True)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def config(device: str = "auto", workers: int = 1, lens: str = "pinhole") -> Config:
    made = Config()
    made.render.device, made.runner.workers, made.camera.model = device, workers, lens
    return made


def test_auto_is_settled_once_for_all_workers(machine: Machine, cache: Path) -> None:
    machine.has(*CARDS, *OPTIX)
    for card in OPTIX:
        kernels.mark_of(card, cache).touch()
    asked = config(workers=4)
    settled = choose_device(asked)
    assert settled.config.render.device == "optix"
    assert settled.remarks == ()
    assert asked.render.device == "auto"  # the dataset remembers what was asked for
    assert settled.config.runner == asked.runner


def test_auto_without_a_gpu_says_so_in_one_line(machine: Machine) -> None:
    machine.has()
    settled = choose_device(config())
    assert settled.config.render.device == "cpu"
    (line,) = settled.remarks
    assert line == "no GPU that Cycles can use (see `simgen doctor`): rendering on the CPU"


def test_where_there_can_be_none_nobody_is_asked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.answers(Outcome(-11, ""))
    monkeypatch.setattr(gpus, "may_have_gpu", lambda: False)
    assert choose_device(config()).config.render.device == "cpu"
    with pytest.raises(SimgenError, match="SIGSEGV"):  # but a named one is looked for
        choose_device(config("cuda"))


def test_a_named_device_that_is_absent_is_refused(machine: Machine) -> None:
    machine.has(*CARDS)
    with pytest.raises(InputError, match=r"render.device=optix.*only cpu, cuda"):
        choose_device(config("optix"))
    assert choose_device(config("cuda")).config.render.device == "cuda"


def test_a_driver_that_does_not_answer_costs_auto_the_gpu(machine: Machine) -> None:
    machine.answers(Outcome(1, "no answer after 120 seconds"))
    settled = choose_device(config())
    assert settled.config.render.device == "cpu"
    assert "no answer after 120 seconds" in settled.remarks[0]
    assert settled.remarks[0].endswith("rendering on the CPU")
    with pytest.raises(SimgenError, match=r"render.device=hip: .*no answer after 120"):
        choose_device(config("hip"))


def test_the_cpu_and_other_machines_are_not_asked(machine: Machine) -> None:
    machine.answers(Outcome(-11, ""))
    assert choose_device(config("cpu")).remarks == ()
    for runner in ("ray", "slurm"):
        elsewhere = config("cuda")
        elsewhere.runner.name = runner
        assert choose_device(elsewhere).config.render.device == "cuda"


def test_a_lens_that_a_gpu_has_not_is_rendered_on_the_cpu(machine: Machine) -> None:
    machine.has(Device("HIP", "Radeon", "HIP_Radeon_0000:03:00"))
    settled = choose_device(config(lens="kannala_brandt"))
    assert settled.config.render.device == "cpu"
    assert "Cycles has no camera.model=kannala_brandt on hip" in settled.remarks[0]


def test_more_workers_than_the_memory_holds_are_refused(machine: Machine) -> None:
    machine.has(*OPTIX[:1], memory={"0000:00:00": 24.0})
    with pytest.raises(InputError, match=r"runner.workers=7.*24.0 GB.*at most 6 workers"):
        choose_device(config(workers=7))
    choose_device(config(workers=6))


def test_idle_gpus_and_kernels_are_pointed_out(machine: Machine, cache: Path) -> None:
    machine.has(*CARDS)
    idle, new = choose_device(config(workers=2)).remarks
    assert idle.startswith("2 of 4 GPUs in use")
    assert "runner.workers=4" in idle
    assert "may compile its kernels" in new
    kernels.mark_of(CARDS[0], cache).touch()
    assert len(choose_device(config(workers=4)).remarks) == 0  # they are of one make
