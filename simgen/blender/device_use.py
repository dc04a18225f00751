"""Switches Cycles to a device."""

from __future__ import annotations

from functools import cache

import bpy

from simgen.blender.devices import list_devices
from simgen.devices import CPU, pick_kind


def choose_device(wanted: str) -> str:
    """Make Cycles use what `render.device` asks for. Returns the scene setting, `CPU` or `GPU`.

    Raises `InputError` when a device was named that is not there.
    """
    kind = CPU if wanted == "cpu" else pick_kind(wanted, _kinds())
    if kind == CPU:
        return "CPU"
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.compute_device_type = kind
    preferences.refresh_devices()
    for device in preferences.devices:
        device.use = device.type == kind
    return "GPU"


@cache
def _kinds() -> frozenset[str]:
    """Asked once a process: drivers take seconds to answer."""
    return frozenset(device.kind for device in list_devices())
