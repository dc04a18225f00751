"""Which device a render runs on: the choice alone, without Blender or a GPU."""

from __future__ import annotations

from collections.abc import Collection

from simgen.errors import InputError

CPU = "CPU"
_FASTEST_FIRST = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
"""OptiX before CUDA: both drive the same NVIDIA cards, OptiX with their ray tracing units."""


def pick_kind(wanted: str, available: Collection[str]) -> str:
    """The kind of device to render on, as Cycles calls it.

    wanted: `render.device` of the config. available: kinds that Cycles sees, upper case.
    `auto` falls back to the CPU. Raises `InputError` when a named kind is not there.
    """
    if wanted == "auto":
        return next((kind for kind in _FASTEST_FIRST if kind in available), CPU)
    kind = wanted.upper()
    if kind != CPU and kind not in available:
        seen = ", ".join(sorted({found.lower() for found in available} | {"cpu"}))
        raise InputError(
            f"render.device={wanted}: Cycles sees no such device here, only {seen}; "
            "`simgen doctor` says more"
        )
    return kind
