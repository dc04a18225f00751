"""The `background` keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simgen.config.keys import key, read_weights
from simgen.errors import InputError

if TYPE_CHECKING:
    from simgen.config.schema import Config

_STILL = ("views", "static")
"""Camera paths on which a photograph can stay behind the objects."""


@dataclass
class BackgroundConfig:
    """What is behind the objects instead of the stage."""

    images: str | None = key(
        None,
        "Folder of your own photographs (JPEG, PNG) to place the objects in. They replace the "
        "stage: objects float in front of them with scene=flying, and stand on an invisible floor "
        "that catches their shadows with all other stages.",
    )
    match_lens: bool = key(
        True,
        "Use the focal length of the photograph (35 mm equivalent in its EXIF data) for the "
        "camera, instead of camera.focal_length_mm_range, if the photograph has one.",
    )
    classes: list[str] = key(
        [],
        "Classes of the dataset that the photographs show, such as car. Nothing in a photograph is "
        "labelled, so its pixels are then an ignore region of these classes.",
    )
    empty: bool = key(
        False,
        "Leave out the stage without anything instead: only the objects, for the label rgba. The "
        "image is black behind them.",
    )


def check_background(config: Config) -> None:
    """Raise `InputError`, one line, for settings that contradict a photograph in the background."""
    background = config.background
    if read_weights("lighting.kinds", config.lighting.kinds).get("photo") and not background.images:
        raise InputError(
            "lighting.kinds=photo: estimates the light from a photograph; set background.images to "
            "a folder of photographs"
        )
    if background.classes and not background.images:
        raise InputError(
            f"background.classes={background.classes}: not used without background.images"
        )
    if not background.images and not background.empty:
        return
    weathers = read_weights("weather.kinds", config.weather.kinds)
    if any(weight > 0 for name, weight in weathers.items() if name != "clear"):
        raise InputError(
            f"weather.kinds={config.weather.kinds}: needs an outdoor stage, which background "
            "replaces; set weather.kinds=[clear]"
        )
    if background.images:
        _check_images(config)


def _check_images(config: Config) -> None:
    camera, where = config.camera, f"background.images={config.background.images}"
    if config.background.empty:
        raise InputError(f"{where}: not used with background.empty=true; leave one out")
    if camera.path not in _STILL:
        raise InputError(
            f"camera.path={camera.path}: a photograph does not move with the camera; with "
            f"background.images, set one of {', '.join(_STILL)}"
        )
    for name in ("rig", "poses"):
        if getattr(camera, name):
            raise InputError(
                f"camera.{name}: a photograph shows one view, not several; leave out this or "
                "background.images"
            )
    if camera.stereo_baseline:
        raise InputError(
            f"camera.stereo_baseline={camera.stereo_baseline}: a photograph is no stereo pair; "
            "leave out this or background.images"
        )
    if camera.model == "equirectangular":
        raise InputError(
            "camera.model=equirectangular: sees all directions, and a photograph only one; with "
            "background.images, set another model"
        )
