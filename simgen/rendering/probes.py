"""What this machine has to render on, asked in processes of their own: a broken driver may hang, or
take the process down that asks it."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simgen.errors import SimgenError
from simgen.rendering.devices import Device, pci_address

BLENDER_SECONDS = 120.0
_NVIDIA_SECONDS = 20.0
_LAST_SECONDS = 2.0
"""How long a process that was killed may take to go."""
_MB_PER_GB = 1024.0
_NODES = ("nvidia*", "dri/renderD*", "kfd", "dxg")
"""What drivers of GPUs make in `/dev` on Linux; the last one on Windows' own Linux."""


@dataclass(frozen=True)
class Outcome:
    """How a process ended."""

    code: int
    """Exit code; negative: the signal that ended it."""
    output: str
    """What it printed, errors included."""


def outcome_of(*arguments: str, seconds: float = BLENDER_SECONDS) -> Outcome:
    """Run this Python with some arguments."""
    return _run([sys.executable, *arguments], seconds)


def ask_devices(seconds: float = BLENDER_SECONDS) -> Outcome:
    """Ask Cycles for its devices; `devices_in` reads the answer. Takes about two seconds."""
    return outcome_of("-m", "simgen.rendering.blender.devices", seconds=seconds)


def devices_in(outcome: Outcome) -> list[Device]:
    """The devices that `ask_devices` was told of. Raises `SimgenError` when there was no answer."""
    if outcome.code != 0:
        raise SimgenError(
            f"asking Cycles for its devices {ending(outcome.code)}: {last_line(outcome.output)}; "
            "most often a broken graphics driver; render.device=cpu does without"
        )
    try:
        return [Device(**entry) for entry in json.loads(last_line(outcome.output))]
    except (ValueError, TypeError) as error:
        raise SimgenError(
            f"asking Cycles for its devices: found {last_line(outcome.output)!r}, expected a list "
            "of them as JSON"
        ) from error


def last_line(output: str) -> str:
    """Drivers print warnings before; the answer stands last."""
    return (output.strip().splitlines() or ["no message"])[-1]


def ending(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"failed with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def may_have_gpu(dev: Path = Path("/dev")) -> bool:
    """Whether it is worth asking: without any driver's entry in `/dev`, Linux has no GPU."""
    return sys.platform != "linux" or any(next(dev.glob(node), None) for node in _NODES)


def gpu_memory() -> dict[str, float]:
    """Gigabytes of each NVIDIA GPU, by its PCI address; empty where `nvidia-smi` is not there or
    does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    query = ["--query-gpu=pci.bus_id,memory.total", "--format=csv,noheader,nounits"]
    outcome = _run([program, *query], _NVIDIA_SECONDS)
    return memory_in(outcome.output) if outcome.code == 0 else {}


def memory_in(output: str) -> dict[str, float]:
    """Gigabytes by PCI address, from `nvidia-smi`'s lines of address and mebibytes."""
    found = {}
    for line in output.splitlines():
        where, _, size = line.partition(",")
        address = pci_address(where)
        if address is not None and size.strip().replace(".", "", 1).isdigit():
            found[address] = float(size) / _MB_PER_GB
    return found


def _run(command: Sequence[str], seconds: float) -> Outcome:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        return Outcome(1, str(error))
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        # What hangs in a driver does not die, and what it has started may hold the pipe open.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_LAST_SECONDS)
        return Outcome(1, f"no answer after {seconds:g} seconds")
    return Outcome(process.returncode, output)
