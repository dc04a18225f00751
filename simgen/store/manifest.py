"""`dataset.json`: what a dataset is, and the guard against mixing two of them in one folder."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import cattrs

from simgen.config import Config, label_names
from simgen.errors import InputError
from simgen.stages import stuff_classes
from simgen.store import files
from simgen.store.layout import FORMAT, FORMAT_VERSION, Layout

_NOT_CONTENT = ("output", "runner", "num_scenes", "assets.dir")
"""Keys that change where, how fast or how many, but not what is in a scene. The assets are
compared by their bytes."""
_NAMES_OF_VERSIONS = (
    "simgen",
    "bpy",
    "mujoco",
    "numpy",
    "opencv-python-headless",
    "openexr",
    "pillow",
    "pycocotools",
    "embreex",
    "scipy",
    "trimesh",
    "vhacdx",
)


@dataclasses.dataclass(frozen=True)
class Manifest:
    """The content of `dataset.json`."""

    format: str
    format_version: int
    versions: dict[str, str]
    """Of what decides about the bytes."""
    num_scenes: int
    frames_per_scene: int
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    """A class's id is its place here, counted from 1; 0 is stage and background."""
    stuff_classes: tuple[str, ...]
    """Of the stage, in panoptic labels. The ids go on where those of `classes` end."""
    assets_dir: str | None
    assets_digest: str
    """SHA-256 over the assets, or empty for parametric ones."""
    config: dict[str, Any]
    """The whole config but for `output` and `runner`."""


def make_manifest(config: Config, classes: tuple[str, ...], assets_digest: str) -> Manifest:
    plain = dataclasses.asdict(config)
    labels = label_names(config)
    plain["labels"] = list(labels)
    for key in ("output", "runner"):
        del plain[key]
    folder = config.assets.dir
    return Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        versions={name: importlib.metadata.version(name) for name in _NAMES_OF_VERSIONS},
        num_scenes=config.num_scenes,
        frames_per_scene=config.frames_per_scene,
        labels=labels,
        classes=classes,
        stuff_classes=stuff_classes(config.scene.name),
        assets_dir=None if folder is None else str(Path(folder).resolve()),
        assets_digest=assets_digest,
        config=plain,
    )


def write(place: Layout, manifest: Manifest) -> None:
    content = json.dumps(cattrs.unstructure(manifest), indent=1, allow_nan=False) + "\n"
    with files.replacing(place.manifest, place.scratch) as temporary:
        temporary.write_text(content, encoding="utf-8")


def read(place: Layout) -> Manifest:
    """Raises `InputError` when the folder holds no dataset that this version can read."""
    if not place.manifest.is_file():
        raise InputError(f"{place.root}: no simgen dataset here (no {place.manifest.name})")
    try:
        plain = json.loads(place.manifest.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{place.manifest}: not readable as JSON: {error}") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise InputError(f"{place.manifest}: not a simgen dataset; expected format {FORMAT!r}")
    if plain.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"{place.manifest}: format_version {plain.get('format_version')!r}; "
            f"this simgen reads {FORMAT_VERSION}"
        )
    try:
        return cattrs.structure(plain, Manifest)
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error))
        raise InputError(f"{place.manifest}: damaged: {reasons}") from error


def check_same(place: Layout, old: Manifest, new: Manifest) -> None:
    """Raise `InputError` when a run with `new` would not continue the dataset of `old`."""
    for what, there, here in _comparisons(old, new):
        if there != here:
            raise InputError(
                f"{place.root} already holds another dataset: {what} is {there!r} there and "
                f"{here!r} in this run; choose another output.dir, or give that run's settings"
            )
    if new.num_scenes < old.num_scenes:
        raise InputError(
            f"num_scenes={new.num_scenes}: {place.root} was begun with {old.num_scenes} scenes; "
            "a dataset can grow, not shrink; choose another output.dir"
        )


def _comparisons(old: Manifest, new: Manifest) -> list[tuple[str, Any, Any]]:
    before, after = _flat(old.config), _flat(new.config)
    pairs = [
        (key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if key not in _NOT_CONTENT
    ]
    pairs.append(("the content of assets.dir", old.assets_digest, new.assets_digest))
    names = sorted(old.versions.keys() | new.versions.keys())
    pairs += [(f"the version of {n}", old.versions.get(n), new.versions.get(n)) for n in names]
    return pairs


def _flat(plain: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat
