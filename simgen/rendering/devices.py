"""Which device a render runs on: the choice alone, without Blender or a GPU."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from simgen.errors import InputError
from simgen.geometry.lens import STRAIGHT

CPU = "CPU"
_FASTEST_FIRST = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
"""OptiX before CUDA: both drive the same NVIDIA cards, OptiX with their ray tracing units."""
_WITH_LENSES = (CPU, "OPTIX")
"""Kinds for which Cycles runs cameras that are written in OSL, as are all here whose rays are not
those of Blender's own."""
_NVIDIA = ("OPTIX", "CUDA")
_PCI_ADDRESS = re.compile(r"([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})")


@dataclass(frozen=True)
class Device:
    """Something that Cycles can render on."""

    kind: str
    """CPU, CUDA, OPTIX, HIP, ONEAPI or METAL. One graphics card may show up under two of them."""
    name: str
    """What its maker calls it."""
    id: str
    """What Cycles knows it by: unique within a kind, the same from process to process."""


def pick_kind(wanted: str, available: Collection[str], lens: str = "pinhole") -> str:
    """The kind of device to render on, as Cycles calls it.

    wanted: `render.device` of the config. available: kinds that Cycles sees, upper case. lens:
    `camera.model`. `auto` falls back to the CPU. Raises `InputError` when a named kind is not there
    or cannot render the lens.
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
            f"render.device={wanted}: Cycles sees no such device here, only {seen}; "
            "`simgen doctor` says more"
        )
    if kind not in able:
        raise InputError(
            f"render.device={wanted}: Cycles has no camera.model={lens} there; expected "
            f"{' or '.join(name.lower() for name in _WITH_LENSES)}"
        )
    return kind


def check_denoiser(denoiser: str, kind: str) -> None:
    """Raise `InputError` for a denoiser that the device cannot run.

    denoiser: `render.denoiser` of the config. kind: of the device, as Cycles calls it.
    """
    if denoiser == "optix" and kind not in _NVIDIA:
        raise InputError(
            f"render.denoiser=optix: needs an NVIDIA GPU, but images are rendered on "
            f"{kind.lower()}; use render.denoiser=oidn"
        )


def pick_device(devices: Sequence[Device], kind: str, number: int) -> Device:
    """The device of a kind for one worker. Workers are dealt out: number 0 gets the first device,
    number 1 the second, and so on, starting over after the last.

    devices: in Cycles' order, which is the same in all processes that see the same devices.
    Raises `InputError` when there is none.
    """
    of_kind = [device for device in devices if device.kind == kind]
    if not of_kind:
        raise InputError(f"render.device={kind.lower()}: Cycles sees no such device here any more")
    return of_kind[number % len(of_kind)]


def shares(workers: int, gpus: int) -> list[int]:
    """How many workers `pick_device` puts on each of some GPUs."""
    dealt = Counter(number % gpus for number in range(workers))
    return [dealt[number] for number in range(gpus)]


def check_memory(
    gpus: Sequence[Device], workers: int, memory_gb: Mapping[str, float], worker_gb: float
) -> None:
    """Raise `InputError` when a GPU holds fewer workers than are dealt to it. One always fits.

    memory_gb: by PCI address; a GPU that is not in it is not checked. worker_gb: what one takes.
    """
    for gpu, share in zip(gpus, shares(workers, len(gpus)), strict=True):
        total = memory_gb.get(pci_address(gpu.id) or "")
        if total is None or share <= 1 or share * worker_gb <= total:
            continue
        most = max(1, int(total / worker_gb)) * len(gpus)
        raise InputError(
            f"runner.workers={workers}: {share} workers on one {gpu.name} of {total:.1f} GB, at "
            f"runner.gpu_memory_gb={worker_gb:g} each; use at most {most} workers, or lower that "
            "key if your scenes take less"
        )


def pci_address(text: str) -> str | None:
    """The first PCI address in a text, as `domain:bus:device`, the domain with four digits."""
    found = _PCI_ADDRESS.search(text.lower())
    return None if found is None else f"{int(found[1], 16):04x}:{found[2]}:{found[3]}"
