"""Which compute devices Cycles can render on, and switching it to one: the CPU, or one GPU and
nothing beside it.

Run as `python -m simgen.rendering.blender.devices` it prints them as one line of JSON, the last one
it prints. `simgen.rendering.probes` asks in that way: a broken driver may take the process down
with it.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import sys
from functools import cache
from typing import Any

import bpy

from simgen.rendering.devices import CPU, Device, pick_device, pick_kind

log = logging.getLogger(__name__)

CPU_DEVICE = Device(CPU, "CPU", CPU)


def list_devices() -> list[Device]:
    """All devices of all kinds, in Cycles' order. Asks the drivers, which takes up to a few
    seconds."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.refresh_devices()
    return [Device(entry.type, entry.name, entry.id) for entry in preferences.devices]


def choose_device(wanted: str, number: int = 0, lens: str = "pinhole") -> Device:
    """Make Cycles use what `render.device` asks for. To be called again for each scene, since
    factory settings undo it.

    number: of the worker, by which GPUs are dealt out. lens: `camera.model`. Raises `InputError`
    when a device was named that is not there or cannot render the lens.
    """
    device = _chosen(wanted, number, lens)
    if device.kind != CPU:
        pin(bpy.context.preferences.addons["cycles"].preferences, device)
    return device


def kind_in_use(wanted: str, lens: str = "pinhole") -> str:
    """What `render.device` means on this machine, as Cycles calls it. Raises `InputError` when a
    device was named that is not there or cannot render the lens."""
    return CPU if wanted == "cpu" else pick_kind(wanted, {d.kind for d in _devices()}, lens)


def pin(preferences: Any, device: Device) -> None:
    """Make Cycles render on one GPU alone.

    preferences: those of Cycles. Raises `RuntimeError` when it does not take that GPU; without this
    check it would quietly render on the CPU.
    """
    preferences.compute_device_type = device.kind
    preferences.refresh_devices()
    for entry in preferences.devices:
        # The CPU is in the list too. Beside a GPU it is slow, and images differ from run to run.
        entry.use = (entry.type, entry.id) == (device.kind, device.id)
    used = [entry.id for entry in preferences.devices if entry.use]
    if used != [device.id]:
        raise RuntimeError(f"Cycles does not take the GPU {device.name} ({device.id})")


@cache
def _chosen(wanted: str, number: int, lens: str) -> Device:
    """Said once a process, for the worker's log."""
    kind = kind_in_use(wanted, lens)
    if kind == CPU:
        if wanted == "auto":
            log.warning("no GPU that Cycles can use here: rendering on the CPU")
        return CPU_DEVICE
    device = pick_device(_devices(), kind, number)
    log.info("rendering on %s: %s (%s)", kind, device.name, device.id)
    return device


@cache
def _devices() -> tuple[Device, ...]:
    """Asked once a process: drivers take seconds to answer."""
    return tuple(list_devices())


def main() -> None:
    """Print the devices and leave at once: bpy that rendered nothing may hang at a normal exit."""
    print()  # warnings of the drivers' loaders may stand on the line before
    print(json.dumps([dataclasses.asdict(device) for device in list_devices()]))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
