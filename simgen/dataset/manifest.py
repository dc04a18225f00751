"""`dataset.json`: a dataset's manifest, and the check that a run continues the same dataset."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cattrs
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simgen.assets.catalogue import Catalogue
from simgen.config import Config, value_of
from simgen.config.former import former_numbers
from simgen.config.keys import keys_of
from simgen.dataset import files, remote
from simgen.dataset.layout import FORMAT, FORMAT_VERSION, Layout
from simgen.errors import InputError
from simgen.labels.selection import label_names
from simgen.stages.resolver import ResolverSettings

FOLDERS = (
    "assets.dir",
    "materials.textures",
    "lighting.hdri_dir",
    "background.images",
    "scene.blend",
    "camera.poses",
)
"""Config keys that name files supplied by users."""
_HOW = ("output", "run", "runner")
"""Config groups about where and how a dataset is generated."""
_NOT_CONTENT = (*_HOW, "num_scenes", *FOLDERS)
"""Keys that do not change the content of scenes. Files supplied by users are compared by content
instead of path."""
_OF_EFFECTS = tuple(
    f"sensor.{name}_range"
    for name in (
        *("effect_count", "white_balance", "vignetting", "chromatic_aberration", "blur", "iso"),
        *("sharpening", "jpeg_quality"),
    )
)
"""Keys without effect if `sensor.effects` is empty."""
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
    """Versions of the packages that determine the bytes, by name."""
    num_scenes: int
    frames_per_scene: int
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    """Class names; a class's id is its 1-based position, 0 is stage and background."""
    stuff_classes: tuple[str, ...]
    """Classes of the stage in panoptic labels; their ids follow those of `classes`."""
    folders: dict[str, str | None]
    """Paths of user-supplied files by config key: meshes, textures, HDRI worlds, photographs,
    a stage."""
    files_digest: str
    """SHA-256 over the user-supplied files that scenes may use; empty without any."""
    plugins: tuple[str, ...]
    """User-supplied modules named on the command line."""
    config: dict[str, Any]
    """The config except `output`, `run` and `runner`."""
    adaptation: dict[str, Any] | None = None
    """Summary of `adaptation.json`, in a dataset whose images were adapted to real ones."""


def make_manifest(
    config: Config,
    classes: tuple[str, ...],
    stuff_classes: tuple[str, ...],
    files_digest: str,
    plugins: tuple[str, ...] = (),
) -> Manifest:
    plain = dataclasses.asdict(config)
    labels = label_names(config)
    plain["labels"] = list(labels)
    for key in _HOW:
        del plain[key]
    return Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        versions={name: importlib.metadata.version(name) for name in _NAMES_OF_VERSIONS},
        num_scenes=config.num_scenes,
        frames_per_scene=config.frames_per_scene,
        labels=labels,
        classes=classes,
        stuff_classes=stuff_classes,
        folders={
            key: None if found is None else str(Path(found).resolve())
            for key, found in ((key, value_of(config, key)) for key in FOLDERS)
        },
        files_digest=files_digest,
        plugins=plugins,
        config=plain,
    )


def files_digest(catalogue: Catalogue, settings: ResolverSettings) -> str:
    """Return the SHA-256 over the content of user-supplied files; empty without any."""
    lines = [f"{asset.id} {asset.sha256}" for asset in (*catalogue.assets, *catalogue.unlabelled)]
    if settings.found_textures is not None:
        lines += [f"{found.file} {found.sha256}" for found in settings.found_textures.found]
    if settings.found_hdris is not None:
        lines += [f"{found.file} {found.sha256}" for found in settings.found_hdris.found]
    if settings.found_photographs is not None:
        lines += [f"{found.file} {found.sha256}" for found in settings.found_photographs.found]
    if settings.blend is not None:
        lines.append(f"stage {hashlib.sha256(settings.blend.read_bytes()).hexdigest()}")
    if settings.found_poses is not None:
        lines.append(f"poses {settings.found_poses.sha256}")
    if not lines:
        return ""
    text = "\n".join(lines)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(manifest: Manifest) -> str:
    """Return the SHA-256 over what processes that share a run must agree on: everything but the
    paths of user-supplied files."""
    plain = _plain(manifest)
    config = {key: v for key, v in _flat(plain["config"]).items() if key not in FOLDERS}
    text = json.dumps({**plain, "folders": None, "config": config}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def stored_settings(
    manifest: Manifest, assets_dir: str | Path | None, plugins: Sequence[str]
) -> ResolverSettings:
    """Return the settings of a resolver for the dataset's specs.

    assets_dir: folder of the mesh files, if they have moved. plugins: user-supplied modules.
    Raises `InputError` if a module that the dataset was generated with is not among them.
    """
    missing = [name for name in manifest.plugins if name not in plugins]
    if missing:
        raise InputError(
            f"this dataset was made with --plugin {missing[0]}; pass it again, since simgen does "
            "not run code only because a dataset names it"
        )
    places = {key: None if at is None else Path(at) for key, at in manifest.folders.items()}
    return ResolverSettings(
        assets=places.get("assets.dir") if assets_dir is None else Path(assets_dir),
        textures=places.get("materials.textures"),
        hdris=places.get("lighting.hdri_dir"),
        photographs=places.get("background.images"),
        blend=places.get("scene.blend"),
        plugins=tuple(plugins),
    )


def config_of(manifest: Manifest) -> Config:
    """Return the config that the dataset's scenes are sampled from, with the stored file paths.

    Raises `InputError` if this version does not know a key.
    """
    schema = OmegaConf.structured(Config)
    try:
        merged = OmegaConf.create(schema)
        for item in keys_of(Config):
            OmegaConf.update(merged, item.name, item.before)
        merged = OmegaConf.merge(merged, manifest.config)
        for key, found in manifest.folders.items():
            OmegaConf.update(merged, key, found)
    except OmegaConfBaseException as error:
        raise InputError(f"dataset.json: not a config of this version: {error}") from error
    config = OmegaConf.to_object(merged)
    assert isinstance(config, Config)
    return config


def older_defaults(old: Manifest, config: Config) -> dict[str, Any]:
    """Return former defaults, by config key, that continue a dataset from an older version.

    Covers keys, and numbers of the stage, that `config` leaves at today's default and that the
    dataset has at the former one.
    """
    stored = _flat(old.config)
    keys = [key for key in keys_of(Config) if key.default != key.before]
    if all(key.name in stored for key in keys):
        keys = []
    former = {key.name: (key.default, (key.before,)) for key in keys}
    former |= former_numbers(config.scene.name)
    return {
        name: stored.get(name, then[0])
        for name, (now, then) in former.items()
        if value_of(config, name) == now and stored.get(name, then[0]) in then
    }


def grown(old: Manifest, new: Manifest) -> Manifest:
    """Return the manifest of a continued dataset.

    Keys that the old config lacks stay absent, as they tell later runs how old the dataset is.
    """
    config = {**old.config, "num_scenes": new.num_scenes}
    return dataclasses.replace(new, config=config)


def _plain(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as stored, without the key `adaptation` for rendered datasets."""
    plain: dict[str, Any] = cattrs.unstructure(manifest)
    if manifest.adaptation is None:
        del plain["adaptation"]
    return plain


def write(place: Layout, manifest: Manifest) -> None:
    content = json.dumps(_plain(manifest), indent=1, allow_nan=False) + "\n"
    with files.replacing(place.manifest, place.scratch) as temporary:
        temporary.write_text(content, encoding="utf-8")


def read(place: Layout) -> Manifest:
    """Read a manifest. Raises `InputError` if this version cannot read a dataset there."""
    if remote.size(place.manifest) < 0:
        raise InputError(f"{place.root}: no simgen dataset here (no {place.manifest.name})")
    try:
        plain = json.loads(remote.read_bytes(place.manifest))
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
    """Raise `InputError` if a run with `new` would not continue the dataset of `old`."""
    different = [pair for pair in _comparisons(old, new) if pair[1] != pair[2]]
    if different:
        first, *rest = (
            f"{what} is {there!r} there and {here!r}" for what, there, here in different
        )
        others = "".join(f", {one} here" for one in rest)
        raise InputError(
            f"{place.root} already holds another dataset: {first} in this run{others}; choose "
            "another output.dir, or use the settings of that dataset"
        )
    if new.num_scenes < old.num_scenes:
        raise InputError(
            f"num_scenes={new.num_scenes}: {place.root} was started with {old.num_scenes} scenes "
            "and cannot shrink; set a larger number, or choose another output.dir"
        )


def _comparisons(old: Manifest, new: Manifest) -> list[tuple[str, Any, Any]]:
    defaults = {key.name: key.before for key in keys_of(Config)}
    before, after = {**defaults, **_flat(old.config)}, {**defaults, **_flat(new.config)}
    perfect = not before["sensor.effects"] and not after["sensor.effects"]
    unused = _OF_EFFECTS if perfect else ()
    pairs = [
        (key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if key not in (*_NOT_CONTENT, *unused)
    ]
    pairs.append(("the content of your own files", old.files_digest, new.files_digest))
    there, here = set(old.classes), set(new.classes)
    pairs.append(("the difference in classes", sorted(there - here), sorted(here - there)))
    pairs.append(("--plugin", old.plugins, new.plugins))
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
