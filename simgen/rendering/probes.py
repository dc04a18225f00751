"""Detection of a machine's rendering devices in separate processes, since a broken driver may hang
or crash the process that calls it."""

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
"""Seconds to wait for a killed process to end."""
_MB_PER_GB = 1024.0
_NODES = ("nvidia*", "dri/renderD*", "kfd", "dxg")
"""Device files of GPU drivers in `/dev` on Linux; the last one is for WSL."""


@dataclass(frozen=True)
class Outcome:
    """The result of a process."""

    code: int
    """Exit code; if negative, the number of the signal that ended it."""
    output: str
    """Its output, including standard error."""


def outcome_of(*arguments: str, seconds: float = BLENDER_SECONDS) -> Outcome:
    """Run this Python interpreter with some arguments."""
    return _run([sys.executable, *arguments], seconds)


def ask_devices(seconds: float = BLENDER_SECONDS) -> Outcome:
    """Query Cycles for its devices; `devices_in` parses the answer. Takes about two seconds."""
    return outcome_of("-m", "simgen.rendering.blender.devices", seconds=seconds)


def devices_in(outcome: Outcome) -> list[Device]:
    """Return the devices that `ask_devices` found. Raises `SimgenError` if there was no answer."""
    if outcome.code != 0:
        raise SimgenError(
            f"querying Cycles for its devices {ending(outcome.code)}: {last_line(outcome.output)}; "
            "the usual cause is a broken graphics driver; render.device=cpu does not need one"
        )
    try:
        return [Device(**entry) for entry in json.loads(last_line(outcome.output))]
    except (ValueError, TypeError) as error:
        raise SimgenError(
            f"querying Cycles for its devices: found {last_line(outcome.output)!r}, expected a "
            "list in JSON"
        ) from error


def last_line(output: str) -> str:
    """Return the last line of an output, which has the answer; drivers print warnings before it."""
    return (output.strip().splitlines() or ["no message"])[-1]


def ending(code: int) -> str:
    """Describe an exit code."""
    if code >= 0:
        return f"failed with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def may_have_gpu(dev: Path = Path("/dev")) -> bool:
    """Return whether this machine may have a GPU: on Linux, its driver has a file in `/dev`."""
    return sys.platform != "linux" or any(next(dev.glob(node), None) for node in _NODES)


def gpu_memory() -> dict[str, float]:
    """Return the gigabytes of each NVIDIA GPU, by PCI address; empty if `nvidia-smi` is missing or
    does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    query = ["--query-gpu=pci.bus_id,memory.total", "--format=csv,noheader,nounits"]
    outcome = _run([program, *query], _NVIDIA_SECONDS)
    return memory_in(outcome.output) if outcome.code == 0 else {}


def memory_in(output: str) -> dict[str, float]:
    """Parse `nvidia-smi`'s lines of PCI address and mebibytes into gigabytes by address."""
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
        # A process that hangs in a driver does not die, and its children may keep the pipe open.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_LAST_SECONDS)
        return Outcome(1, f"no answer after {seconds:g} seconds")
    return Outcome(process.returncode, output)
