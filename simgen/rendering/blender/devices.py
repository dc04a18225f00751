"""Listing of Cycles' compute devices, and selection of one: the CPU or a single GPU.

As a script (`python -m simgen.rendering.blender.devices`), it prints the devices as a line of JSON,
its last line. `simgen.rendering.probes` runs it in a separate process, since a broken driver may
crash it.
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
    """Return all devices of all kinds, in Cycles' order. Querying the drivers may take a few
    seconds."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.refresh_devices()
    return [Device(entry.type, entry.name, entry.id) for entry in preferences.devices]


def choose_device(wanted: str, number: int = 0, lens: str = "pinhole") -> Device:
    """Make Cycles use the device requested by `render.device`. Call it for each scene, since a
    reset to factory settings undoes it.

    number: of the worker, which selects its GPU. lens: `camera.model`. Raises `InputError` if the
    requested device is not available or does not support the lens.
    """
    device = _chosen(wanted, number, lens)
    if device.kind != CPU:
        pin(bpy.context.preferences.addons["cycles"].preferences, device)
    return device


def kind_in_use(wanted: str, lens: str = "pinhole") -> str:
    """Return the kind of device that `render.device` selects here, by its name in Cycles. Raises
    `InputError` if it is not available or does not support the lens."""
    return CPU if wanted == "cpu" else pick_kind(wanted, {d.kind for d in _devices()}, lens)


def pin(preferences: Any, device: Device) -> None:
    """Make Cycles render on only one GPU.

    preferences: those of Cycles. Raises `RuntimeError` if Cycles does not accept the GPU, since it
    would then silently render on the CPU.
    """
    preferences.compute_device_type = device.kind
    preferences.refresh_devices()
    for entry in preferences.devices:
        # The list includes the CPU, which is slow beside a GPU and makes images vary between runs.
        entry.use = (entry.type, entry.id) == (device.kind, device.id)
    used = [entry.id for entry in preferences.devices if entry.use]
    if used != [device.id]:
        raise RuntimeError(f"Cycles does not accept the GPU {device.name} ({device.id})")


@cache
def _chosen(wanted: str, number: int, lens: str) -> Device:
    """Return the chosen device. Cached, so that it is logged once per process."""
    kind = kind_in_use(wanted, lens)
    if kind == CPU:
        if wanted == "auto":
            log.warning("Cycles finds no usable GPU: rendering on the CPU")
        return CPU_DEVICE
    device = pick_device(_devices(), kind, number)
    log.info("rendering on %s: %s (%s)", kind, device.name, device.id)
    return device


@cache
def _devices() -> tuple[Device, ...]:
    """Return all devices. Cached, since drivers take seconds to answer."""
    return tuple(list_devices())


def main() -> None:
    """Print the devices and exit at once: without a render, bpy may hang at a normal exit."""
    print()  # ends a line with warnings from driver loaders
    print(json.dumps([dataclasses.asdict(device) for device in list_devices()]))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
