"""Which compute devices Cycles can render on.

Run as `python -m simgen.blender.devices` it prints them as one line of JSON, the last one it
prints. `simgen doctor` asks in that way: a broken driver may take the process down with it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys

import bpy


@dataclasses.dataclass(frozen=True)
class Device:
    """Something that Cycles can render on."""

    kind: str
    """CPU, CUDA, OPTIX, HIP, ONEAPI or METAL. One graphics card may show up under two of them."""
    name: str
    """What its maker calls it."""


def list_devices() -> list[Device]:
    """All devices of all kinds. Asks the drivers, which takes up to a few seconds."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.refresh_devices()
    return [Device(entry.type, entry.name) for entry in preferences.devices]


def main() -> None:
    """Print the devices and leave at once: bpy that rendered nothing may hang at a normal exit."""
    print()  # warnings of the drivers' loaders may stand on the line before
    print(json.dumps([dataclasses.asdict(device) for device in list_devices()]))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
