"""Which classes and assets a dataset is made of."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import yaml

from simgen.assets.folder import FileAsset, FileOptions, SkippedAsset, scan
from simgen.assets.parametric import CLASSES
from simgen.config import AssetsConfig
from simgen.errors import InputError
from simgen.resources import resource
from simgen.spec import AssetRef

_DEFAULT_DENSITY = 500.0
_DEFAULT_FRICTION = 0.5
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
    found = None
    if config.dir is not None:
        options = FileOptions(config.unit, config.up, config.max_triangles)
        found = scan(Path(config.dir), options)
    parametric = set(CLASSES) if found is None or config.with_parametric else set()
    files = found.assets if found else ()
    known = sorted(parametric | {asset.class_name for asset in files})
    classes = _selected(known, config)
    return Catalogue(
        classes=classes,
        parametric=frozenset(parametric & set(classes)),
        info=_read_info(),
        assets=tuple(asset for asset in files if asset.class_name in classes),
        skipped=tuple(found.skipped) if found else (),
    )


def _selected(known: list[str], config: AssetsConfig) -> tuple[str, ...]:
    if config.classes is None:
        return tuple(known)
    for name in config.classes:
        if name not in known:
            raise InputError(f"assets.classes: {_unknown_class(name, known, config)}")
    return tuple(sorted(set(config.classes)))


def _unknown_class(name: str, known: list[str], config: AssetsConfig) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    if name in CLASSES and not config.with_parametric:
        hint = " (a built-in class; assets.with_parametric=true adds those)"
    where = f"the folder {config.dir}" if config.dir else "the built-in catalogue"
    return f"unknown class {name!r}{hint}; expected some of {', '.join(known)}, found in {where}"


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
