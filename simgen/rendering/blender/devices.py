"""Which compute devices Cycles can render on.

Run as `python -m simgen.rendering.blender.devices` it prints them as one line of JSON, the last one
it prints. `simgen.rendering.probes` asks in that way: a broken driver may take the process down
with it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys

import bpy

from simgen.rendering.devices import Device


def list_devices() -> list[Device]:
    """All devices of all kinds, in Cycles' order. Asks the drivers, which takes up to a few
    seconds."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.refresh_devices()
    return [Device(entry.type, entry.name, entry.id) for entry in preferences.devices]


def main() -> None:
    """Print the devices and leave at once: bpy that rendered nothing may hang at a normal exit."""
    print()  # warnings of the drivers' loaders may stand on the line before
    print(json.dumps([dataclasses.asdict(device) for device in list_devices()]))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
