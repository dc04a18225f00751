"""Titles, units and descriptions of the columns of a view."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simgen.config.help import all_keys

_UNITS = {"deg": "°", "mm": "mm", "px": "px"}
_UNIT_OF = {
    "camera.distance_range": "m",
    "camera.height_range": "m",
    "camera.f_stop_range": "",
    "lighting.temperature_range": "K",
    "lighting.sky.hour_range": "h",
    "materials.texture_size_range": "m",
    "objects.size_range": "m",
    "placement.gap_range": "m",
    "scene.size_range": "m",
}
_OWN = {
    "scene": ("scene", "", "Number of the scene."),
    "frame": ("frame", "", "Number of the frame within its scene."),
    "camera": ("camera", "", "Name of the camera in its rig."),
    "split": ("split", "", "Train, val, test, or another name set in the config."),
    "case": ("rare case", "", "The rare case that the scene was generated for."),
    "stage": ("stage", "", "The surroundings that support the objects."),
    "classes": ("classes", "", "Classes with at least one visible pixel."),
    "objects": ("objects", "", "Number of objects with at least one visible pixel."),
    "materials": ("materials", "", "Kinds of material of the objects."),
    "brightness": ("brightness", "", "Mean luma of the display values, 0 to 1."),
    "contrast": ("contrast", "", "Standard deviation of luma, 0 to 0.5."),
    "sharpness": ("sharpness", "", "Variance of the Laplacian of luma, squared grey levels."),
    "complaints": ("problems", "", "Number of damaged files and of the validator's findings."),
    "damaged": ("damaged", "", "1 if a file of the image cannot be read."),
}
_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}(\.[a-z][a-z0-9_]{0,40}){1,4}")


@dataclass(frozen=True)
class Title:
    """The description of a column. group: such as camera. unit: empty for numbers without one.
    about: one line."""

    title: str
    group: str
    unit: str
    about: str


def is_column(name: str) -> bool:
    """Return whether a column can have this id."""
    return name in _OWN or is_factor(name)


def is_factor(key: str) -> bool:
    """Return whether a key has the form of a config key. A dataset may contain any text, and the
    key becomes the name of a file."""
    return _KEY.fullmatch(key) is not None


def titles(keys: list[str]) -> dict[str, Title]:
    """Return the titles of the columns of all views, and of factors, by config key."""
    meanings = {key.name: key.meaning for key in all_keys()}
    found = {
        name: Title(title, "image", unit, about) for name, (title, unit, about) in _OWN.items()
    }
    for key in keys:
        group, *words = key.split(".")
        plain = " ".join(words).removesuffix("_range")
        name, _, last = plain.rpartition("_")
        unit = _UNITS.get(last, "")
        title = (name if unit else plain).replace("_", " ")
        found[key] = Title(title, group, unit or _UNIT_OF.get(key, ""), meanings.get(key, ""))
    return found
