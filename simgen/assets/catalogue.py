"""Which classes and assets a dataset is made of."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import yaml

from simgen.assets.found import FileAsset, FileOptions, FolderScan, SkippedAsset
from simgen.assets.parametric import CLASSES
from simgen.config import AssetsConfig
from simgen.errors import InputError
from simgen.resources import resource
from simgen.spec import AssetRef

_DEFAULT_DENSITY = 500.0
_DEFAULT_FRICTION = 0.5
_LISTED = 20
"""Classes named in a message."""
_ANY_KINDS = ("plastic", "ceramic", "metal", "painted", "wood", "fabric", "rubber", "stone")
"""For meshes that come without materials: anything that a thing may be made of."""


@dataclass(frozen=True)
class ClassInfo:
    """What `assets/catalogue.yaml` says of a parametric class."""

    density: float
    friction: float
    slots: dict[str, tuple[str, ...]]
    """Slot name to the kinds of material that fit it."""


@dataclass(frozen=True)
class Catalogue:
    classes: tuple[str, ...]
    """Sorted; a class's id is its place here, counted from 1."""
    parametric: frozenset[str]
    """Those of the classes that can be built."""
    info: dict[str, ClassInfo]
    assets: tuple[FileAsset, ...]
    skipped: tuple[SkippedAsset, ...]

    def class_id(self, class_name: str) -> int:
        return self.classes.index(class_name) + 1

    def files(self, class_name: str) -> tuple[AssetRef, ...]:
        """The mesh files of a class, in their stable order."""
        return tuple(
            AssetRef("file", asset.id, {}, asset.file, asset.sha256, asset.unit, asset.up)
            for asset in self.assets
            if asset.class_name == class_name
        )

    def kinds(self, class_name: str, slot: str) -> tuple[str, ...]:
        """Kinds of material that fit a slot of a class."""
        info = self.info.get(class_name)
        return info.slots.get(slot, _ANY_KINDS) if info else _ANY_KINDS

    def density(self, asset: AssetRef) -> float:
        """Effective density in kg/m3, for the physics."""
        known = asset.source == "parametric"
        return self.info[asset.id].density if known else _DEFAULT_DENSITY

    def friction(self, asset: AssetRef) -> float:
        known = asset.source == "parametric"
        return self.info[asset.id].friction if known else _DEFAULT_FRICTION


def load_catalogue(config: AssetsConfig) -> Catalogue:
    """The classes and assets that a config asks for.

    Raises `InputError` when the folder holds nothing usable or a class is unknown.
    """
    folders = _class_folders(config)
    built_in = set(CLASSES) if config.dir is None or config.with_parametric else set()
    wanted = _wanted(sorted(built_in | set(folders)), config)
    found = _scan(config, wanted)
    parametric = built_in & set(wanted)
    classes = parametric | {asset.class_name for asset in found.assets}
    return Catalogue(
        classes=_usable(wanted, classes, found, config),
        parametric=frozenset(parametric),
        info=_read_info(),
        assets=found.assets,
        skipped=found.skipped,
    )


def _class_folders(config: AssetsConfig) -> tuple[str, ...]:
    if config.dir is None:
        return ()
    # The readers of mesh files take half a second to import: only who has files pays.
    from simgen.assets.folder import class_folders

    return class_folders(Path(config.dir))


def _wanted(known: list[str], config: AssetsConfig) -> tuple[str, ...]:
    """The classes to look for, sorted."""
    if config.classes is None:
        return tuple(known)
    for name in config.classes:
        if name not in known:
            raise InputError(f"assets.classes: {_unknown_class(name, known, config)}")
    return tuple(sorted(set(config.classes)))


def _scan(config: AssetsConfig, wanted: tuple[str, ...]) -> FolderScan:
    if config.dir is None:
        return FolderScan((), ())
    from simgen.assets.folder import scan

    low, high = config.size_range
    options = FileOptions(
        config.unit, config.up, config.max_triangles, (low, high), config.max_file_mb
    )
    # Without a choice of classes everything is looked at, files in the wrong place too.
    return scan(Path(config.dir), options, None if config.classes is None else wanted)


def _usable(
    wanted: tuple[str, ...], there: set[str], found: FolderScan, config: AssetsConfig
) -> tuple[str, ...]:
    """The classes that have a mesh. One that was asked for by name has to have one."""
    missing = [name for name in wanted if name not in there]
    if config.classes is not None and missing:
        reasons = [item for item in found.skipped if item.file.startswith(f"{missing[0]}/")]
        why = f": {reasons[0].file}: {reasons[0].reason}" if reasons else ""
        raise InputError(f"assets.classes: {missing[0]!r} has no usable mesh{why}")
    return tuple(name for name in wanted if name in there)


def _unknown_class(name: str, known: list[str], config: AssetsConfig) -> str:
    listed = ", ".join(known[:_LISTED])
    if len(known) > _LISTED:
        listed += f" and {len(known) - _LISTED} more"
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    if name in CLASSES and not config.with_parametric:
        hint = " (a built-in class; assets.with_parametric=true adds those)"
    where = f"the folder {config.dir}" if config.dir else "the built-in catalogue"
    return f"unknown class {name!r}{hint}; expected some of {listed}, found in {where}"


def _read_info() -> dict[str, ClassInfo]:
    raw = yaml.safe_load((resource("assets") / "catalogue.yaml").read_text())
    return {
        name: ClassInfo(
            density=float(entry["density"]),
            friction=float(entry["friction"]),
            slots={slot: tuple(kinds) for slot, kinds in entry["slots"].items()},
        )
        for name, entry in raw.items()
    }
