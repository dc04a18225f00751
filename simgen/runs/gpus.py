"""Choice of a local run's device before it begins: one kind for all workers, with enough GPU
memory for them. On Ray and Slurm, each node chooses for its own workers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from simgen.config import Config
from simgen.errors import SimgenError
from simgen.rendering.devices import CPU, Device, check_denoiser, check_memory, pick_kind
from simgen.rendering.kernels import are_compiled
from simgen.rendering.probes import ask_devices, devices_in, gpu_memory, may_have_gpu
from simgen.resources import cache_dir


@dataclass(frozen=True)
class DeviceChoice:
    """The device that a run renders on.

    config: names the chosen kind in place of `auto`. remarks: for the user, one line each.
    """

    config: Config
    remarks: tuple[str, ...] = ()


def choose_device(config: Config) -> DeviceChoice:
    """Resolve `render.device` for the workers of this machine.

    Raises `InputError` if a named device is missing, cannot render the lens, cannot run the
    denoiser or has too little memory for its workers; `SimgenError` if its driver does not respond.
    Takes about two seconds on a machine that may have a GPU.
    """
    wanted, lens = config.render.device, config.camera.model
    denoiser = config.render.denoiser if config.render.denoise else ""
    if wanted == "cpu":
        check_denoiser(denoiser, CPU)
    if wanted == "cpu" or config.runner.name != "local":
        return DeviceChoice(config)
    devices, trouble = _devices(wanted)
    kind = pick_kind(wanted, {device.kind for device in devices}, lens)
    check_denoiser(denoiser, kind)
    named = dataclasses.replace(
        config, render=dataclasses.replace(config.render, device=kind.lower())
    )
    if kind == CPU:
        return DeviceChoice(named, (f"{trouble or _why_cpu(devices, lens)}: rendering on the CPU",))
    gpus = [device for device in devices if device.kind == kind]
    check_memory(gpus, config.runner.workers, gpu_memory(), config.runner.gpu_memory_gb)
    return DeviceChoice(named, tuple(_remarks(gpus, config.runner.workers)))


def _devices(wanted: str) -> tuple[list[Device], str]:
    """Return all devices, and the error of the query as text, which only `auto` tolerates."""
    if wanted == "auto" and not may_have_gpu():
        return [], ""
    try:
        return devices_in(ask_devices()), ""
    except SimgenError as error:
        if wanted != "auto":
            raise SimgenError(f"render.device={wanted}: {error}") from error
        return [], str(error)


def _why_cpu(devices: Sequence[Device], lens: str) -> str:
    others = sorted({device.kind.lower() for device in devices} - {CPU.lower()})
    if others:
        return f"Cycles has no camera.model={lens} on {' or '.join(others)}"
    return "no GPU that Cycles can use (see `simgen doctor`)"


def _remarks(gpus: Sequence[Device], workers: int) -> list[str]:
    found = []
    idle = len(gpus) - workers
    if idle > 0:
        found.append(
            f"{workers} of {len(gpus)} GPUs in use, since each worker renders on one; "
            f"runner.workers={len(gpus)} uses all"
        )
    cache = cache_dir()
    new = [gpu.name for gpu in gpus[:workers] if not are_compiled(gpu, cache)]
    if new:
        found.append(
            f"first render with this Blender on {new[0]}: Cycles may compile its kernels once, "
            "which can take minutes"
        )
    return found
