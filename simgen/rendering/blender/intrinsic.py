"""Intrinsic images: the light of an image, decomposed by the path tracer.

    image = albedo * diffuse + specular + emission

holds up to rounding before the view transform, in scenes without volumes. Passes are averaged over
each pixel like the image, and are not denoised.
"""

from __future__ import annotations

from collections.abc import Collection

import bpy
import numpy as np

_SWITCHES = {
    "albedo": ("diffuse_color",),
    "diffuse": ("diffuse_direct", "diffuse_indirect"),
    "specular": (
        "glossy_color",
        "glossy_direct",
        "glossy_indirect",
        "transmission_color",
        "transmission_direct",
        "transmission_indirect",
    ),
    "emission": ("emit", "environment"),
}
"""Switches of Blender's view layer, by the name in `RawFrame.passes`."""
_TITLES = {"emit": "Emission"}
"""Pass names that differ from those of their switches."""


def switch_on(layer: bpy.types.ViewLayer, names: Collection[str]) -> None:
    """Enable the Blender passes from which some of `RawFrame.passes` are computed. Other names are
    ignored, also by the functions below."""
    for name in _SWITCHES.keys() & set(names):
        for switch in _SWITCHES[name]:
            setattr(layer, f"use_pass_{switch}", True)


def channels(names: Collection[str]) -> dict[str, str]:
    """Return the argument `wanted` for `read_passes`."""
    wanted = {}
    for name in _SWITCHES.keys() & set(names):
        for switch in _SWITCHES[name]:
            title = _TITLES.get(switch, switch.replace("_", " ").title())
            wanted.update({f"{switch}.{axis}": f"{title}.{axis}" for axis in "RGB"})
    return wanted


def assemble(passes: dict[str, np.ndarray], names: Collection[str]) -> dict[str, np.ndarray]:
    """Compute some of `RawFrame.passes`, `H x W x 3` float32, from their channels."""
    return {name: _FORMULAS[name](passes) for name in _SWITCHES if name in names}


def _colour(passes: dict[str, np.ndarray], name: str) -> np.ndarray:
    # Planes are three times as fast as interleaved pixels, and match both input and output.
    return np.moveaxis(np.stack([passes[f"{name}.{axis}"] for axis in "RGB"]), 0, -1)


def _diffuse(passes: dict[str, np.ndarray]) -> np.ndarray:
    return _colour(passes, "diffuse_direct") + _colour(passes, "diffuse_indirect")


def _lobe(passes: dict[str, np.ndarray], name: str) -> np.ndarray:
    light = _colour(passes, f"{name}_direct") + _colour(passes, f"{name}_indirect")
    return _colour(passes, f"{name}_color") * light


_FORMULAS = {
    "albedo": lambda passes: _colour(passes, "diffuse_color"),
    "diffuse": _diffuse,
    "specular": lambda passes: _lobe(passes, "glossy") + _lobe(passes, "transmission"),
    "emission": lambda passes: _colour(passes, "emit") + _colour(passes, "environment"),
}
