"""The choice of the device to render on, without Blender or a GPU."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from simgen.errors import InputError
from simgen.geometry.lens import STRAIGHT

CPU = "CPU"
_FASTEST_FIRST = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
"""OptiX before CUDA: both use NVIDIA cards, but only OptiX uses their ray tracing cores."""
_WITH_LENSES = (CPU, "OPTIX")
"""Kinds of device on which Cycles supports cameras written in OSL, as are all of simgen's lenses
that Blender lacks."""
_NVIDIA = ("OPTIX", "CUDA")
_PCI_ADDRESS = re.compile(r"([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})")


@dataclass(frozen=True)
class Device:
    """A device on which Cycles can render."""

    kind: str
    """CPU, CUDA, OPTIX, HIP, ONEAPI or METAL. A graphics card may be listed under two of them."""
    name: str
    """The product name."""
    id: str
    """Cycles' identifier: unique within a kind, the same in all processes."""


def pick_kind(wanted: str, available: Collection[str], lens: str = "pinhole") -> str:
    """Return the kind of device to render on, by its name in Cycles.

    wanted: `render.device` of the config; `auto` falls back to the CPU. available: kinds that
    Cycles finds, upper case. lens: `camera.model`. Raises `InputError` if the requested kind is
    not available or does not support the lens.
    """
    able = _FASTEST_FIRST if lens in STRAIGHT else _WITH_LENSES[1:]
    if wanted == "auto":
        return next((kind for kind in able if kind in available), CPU)
    kind = wanted.upper()
    if kind == CPU:
        return CPU
    if kind not in available:
        seen = ", ".join(sorted({found.lower() for found in available} | {"cpu"}))
        raise InputError(
            f"render.device={wanted}: Cycles finds no such device here, only {seen}; "
            "run `simgen doctor` for details"
        )
    if kind not in able:
        raise InputError(
            f"render.device={wanted}: does not support camera.model={lens}; expected "
            f"{' or '.join(name.lower() for name in _WITH_LENSES)}"
        )
    return kind


def check_denoiser(denoiser: str, kind: str) -> None:
    """Raise `InputError` if the device cannot run a denoiser.

    denoiser: `render.denoiser` of the config. kind: of the device, by its name in Cycles.
    """
    if denoiser == "optix" and kind not in _NVIDIA:
        raise InputError(
            f"render.denoiser=optix: needs an NVIDIA GPU, but images are rendered on "
            f"{kind.lower()}; use render.denoiser=oidn"
        )


def pick_device(devices: Sequence[Device], kind: str, number: int) -> Device:
    """Return the device of a kind for one worker. Devices are assigned to workers in turn: worker 0
    gets the first device, worker 1 the second, starting over after the last.

    devices: in Cycles' order, which is the same in all processes that find the same devices.
    Raises `InputError` if there is none of this kind.
    """
    of_kind = [device for device in devices if device.kind == kind]
    if not of_kind:
        raise InputError(f"render.device={kind.lower()}: Cycles no longer finds such a device here")
    return of_kind[number % len(of_kind)]


def shares(workers: int, gpus: int) -> list[int]:
    """Return how many workers `pick_device` assigns to each GPU."""
    dealt = Counter(number % gpus for number in range(workers))
    return [dealt[number] for number in range(gpus)]


def check_memory(
    gpus: Sequence[Device], workers: int, memory_gb: Mapping[str, float], worker_gb: float
) -> None:
    """Raise `InputError` if the workers assigned to a GPU exceed its memory. One always fits.

    memory_gb: by PCI address; GPUs not listed are not checked. worker_gb: memory of one worker.
    """
    for gpu, share in zip(gpus, shares(workers, len(gpus)), strict=True):
        total = memory_gb.get(pci_address(gpu.id) or "")
        if total is None or share <= 1 or share * worker_gb <= total:
            continue
        most = max(1, int(total / worker_gb)) * len(gpus)
        raise InputError(
            f"runner.workers={workers}: {share} workers on one {gpu.name} of {total:.1f} GB, at "
            f"runner.gpu_memory_gb={worker_gb:g} each; use at most {most} workers, or lower that "
            "key if your scenes need less"
        )


def pci_address(text: str) -> str | None:
    """Return the first PCI address in a text, as `domain:bus:device`, with a four-digit domain."""
    found = _PCI_ADDRESS.search(text.lower())
    return None if found is None else f"{int(found[1], 16):04x}:{found[2]}:{found[3]}"
