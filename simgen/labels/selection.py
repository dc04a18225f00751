"""Resolve the labels that a config requests."""

from __future__ import annotations

import textwrap

from simgen.config import Config, moments_of
from simgen.errors import InputError
from simgen.labels.registry import LABELS, presets


def label_names(config: Config) -> tuple[str, ...]:
    """Return the labels that `labels=` requests, in canonical order.

    Raises `InputError` for a name that is neither a label nor a preset, and for a label that the
    configured scenes cannot have.
    """
    asked, known = config.labels, presets()
    names = [asked] if isinstance(asked, str) else asked
    if not isinstance(names, (list, tuple)) or not names:
        raise InputError(f"labels={asked!r}: expected a list of {', '.join(LABELS)}")
    wanted: set[str] = set()
    for name in names:
        if not isinstance(name, str) or name not in (*LABELS, *known):
            raise InputError(
                f"labels: unknown label {name!r}; expected one of {', '.join(LABELS)}, "
                f"or a preset: {', '.join(known)}"
            )
        _check_possible(config, name)
        wanted.update(n for n in known.get(name, (name,)) if not _missing(config, n))
    wanted.update(*(LABELS[name].needs for name in wanted), ("camera",))
    return tuple(name for name in LABELS if name in wanted)


def _check_possible(config: Config, name: str) -> None:
    missing = _missing(config, name) if name in LABELS else ""
    if name == "flow" and moments_of(config) < 2:
        missing = _two_frames(config)
    if missing:
        raise InputError(f"labels: {name!r} needs {missing}")


def _missing(config: Config, name: str) -> str:
    """Return the setting that a label requires and the config lacks, or an empty text."""
    label = LABELS[name]
    if label.several_frames and moments_of(config) < 2:
        return _two_frames(config)
    if label.stereo and not config.camera.stereo_baseline:
        return "camera.stereo_baseline above 0"
    if name == "sensor_depth" and config.camera.model != "pinhole":
        return "camera.model=pinhole"
    if name == "rgba" and not (config.background.images or config.background.empty):
        return "background.images, or background.empty=true"
    return ""


def _two_frames(config: Config) -> str:
    """Return the setting for two frames of each camera."""
    cameras = len(config.camera.cameras)
    return f"frames_per_scene of at least {2 * max(cameras, 1)}" + (
        f", two for each of the rig's {cameras} cameras" if cameras else ""
    )


def labels_help() -> str:
    """Return the text about labels and presets in `simgen generate --help`."""
    about = {label.name: label.about for label in LABELS.values()}
    about |= {name: ", ".join(found) for name, found in presets().items() if name != "all"}
    width = 3 + max(map(len, about))
    lines = [
        textwrap.fill(
            text, 100, initial_indent=f"  {name:{width}}", subsequent_indent=" " * (width + 2)
        )
        for name, text in {
            **about,
            "all": "every label of the camera that the scenes can have",
        }.items()
    ]
    return "\n".join(["Labels and presets, selected with labels=[name,...]:", *lines])
