"""The classes and assets of a dataset."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import cattrs

from simgen.assets import entries, living, yaml_files
from simgen.assets.classes import CLASSES
from simgen.assets.entries import Entry, Symmetries
from simgen.assets.names import shown
from simgen.assets.scan_results import FileAsset, FolderScan, SkippedAsset
from simgen.assets.synonyms import built_in_names, read_synonyms
from simgen.config import AssetsConfig
from simgen.errors import InputError, did_you_mean
from simgen.resources import resource
from simgen.spec.scene import AssetRef

_DEFAULT_DENSITY = 500.0
_DEFAULT_FRICTION = 0.5
_LISTED = 20
"""Maximum number of classes listed in a message."""
_ANY_KINDS = (
    *("plastic", "dark_plastic", "ceramic", "metal", "brushed_metal", "painted", "worn_paint"),
    *("wood", "fabric", "leather", "rubber", "cardboard", "stone"),
)
"""Kinds of material for meshes without materials of their own."""


@dataclass(frozen=True)
class ClassInfo:
    """A parametric class as described in `assets/catalogue.yaml`."""

    density: float
    friction: float
    slots: dict[str, tuple[str, ...]]
    """Slot name -> kinds of material that fit it."""
    tags: tuple[str, ...] = ()
    symmetries: Symmetries = field(default_factory=Symmetries)
    """Symmetries of every shape of the class about its box's centre, ignoring designs and food."""
    aliases: tuple[str, ...] = ()
    """Common synonyms of the class name."""


@dataclass(frozen=True)
class Catalogue:
    classes: tuple[str, ...]
    """Sorted; the id of a class is its index here, plus 1."""
    parametric: frozenset[str]
    """The classes whose shapes are built from parameters."""
    info: dict[str, ClassInfo]
    assets: tuple[FileAsset, ...]
    skipped: tuple[SkippedAsset, ...]
    synonyms: dict[str, str] = field(default_factory=dict)
    """User's class -> the built-in class of which it is declared a synonym."""
    unlabelled: tuple[FileAsset, ...] = ()
    """Assets of the user's classes that are distractors only."""

    @cached_property
    def own_names(self) -> dict[str, str]:
        """Map the built-in classes that the dataset has, under any name, to its classes."""
        aliases = {name: info.aliases for name, info in self.info.items()}
        return built_in_names(self.classes, aliases, self.synonyms)

    def built_in(self, tags: Sequence[str] | None) -> tuple[str, ...]:
        """Return the parametric classes with at least one of `tags`, sorted; all for None."""
        asked = set(tags or ())
        return tuple(
            sorted(name for name, i in self.info.items() if tags is None or asked & set(i.tags))
        )

    def without(self, files: Collection[str]) -> Catalogue:
        """Return a catalogue without some assets; classes and their ids stay. files: as in
        `AssetRef.file`."""
        return replace(
            self,
            assets=tuple(i for i in self.assets if i.file not in files),
            unlabelled=tuple(i for i in self.unlabelled if i.file not in files),
        )

    def as_begun(self, classes: Collection[str]) -> Catalogue:
        """Return the catalogue of a dataset begun with `classes`, without built-in classes that
        simgen has added since."""
        of_files = {asset.class_name for asset in self.assets}
        added = self.parametric - of_files - set(classes)
        return replace(
            self,
            classes=tuple(name for name in self.classes if name not in added),
            parametric=self.parametric - added,
        )

    @cached_property
    def usable(self) -> frozenset[str]:
        """Classes with at least one asset: all, unless `without` removed assets."""
        return self.parametric | {asset.class_name for asset in self.assets}

    def class_id(self, class_name: str) -> int:
        return self.classes.index(class_name) + 1

    def files(self, class_name: str) -> tuple[AssetRef, ...]:
        """Return the mesh files of a class, in a stable order."""
        found = [item for item in self._all_assets if item.class_name == class_name]
        if not found:
            return ()
        from simgen.assets.folder import reference  # importing trimesh takes a second

        return tuple(map(reference, found))

    def kinds(self, class_name: str, slot: str) -> tuple[str, ...]:
        """Return the kinds of material that fit a slot of a class."""
        info = self.info.get(class_name)
        return info.slots.get(slot, _ANY_KINDS) if info else _ANY_KINDS

    def density(self, asset: AssetRef) -> float:
        """Return an asset's effective density in kg/m3, for the physics simulation."""
        if asset.source == "parametric":
            return self.info[asset.id].density
        found = self._file(asset)
        return _DEFAULT_DENSITY if found is None or found.density is None else found.density

    def friction(self, asset: AssetRef) -> float:
        if asset.source == "parametric":
            return self.info[asset.id].friction
        entry = self._entry(asset)
        known = None if entry is None else entry.physics.friction
        return _DEFAULT_FRICTION if known is None else known

    def scale_range(self, asset: AssetRef) -> tuple[float, float]:
        """Return the range of scale factors for instances of an asset."""
        entry = self._entry(asset)
        return (1.0, 1.0) if entry is None else entry.scale_range

    def tags(self, class_name: str) -> tuple[str, ...]:
        """Return the tags of a class, built-in, from all its files, and those that its name
        implies, sorted."""
        known = self.info[class_name].tags if class_name in self.info else ()
        of_files = [
            tag
            for asset in self._all_assets
            if asset.class_name == class_name and asset.entry is not None
            for tag in asset.entry.tags
        ]
        return tuple(sorted({*known, *of_files, *living.tags_of(class_name)}))

    def place_names(self, class_name: str) -> tuple[str, ...]:
        """Return what the tags of a support may name to take a class: its tags, its own name, and
        that of the built-in class that it is a synonym of."""
        built_in = [name for name, own in self.own_names.items() if own == class_name]
        return tuple(sorted({class_name, *built_in, *self.tags(class_name)}))

    def _file(self, asset: AssetRef) -> FileAsset | None:
        if asset.source != "file":
            return None
        return self._by_id.get(asset.id)

    def _entry(self, asset: AssetRef) -> Entry | None:
        found = self._file(asset)
        return None if found is None else found.entry

    @cached_property
    def _by_id(self) -> dict[str, FileAsset]:
        return {asset.id: asset for asset in self._all_assets}

    @property
    def _all_assets(self) -> tuple[FileAsset, ...]:
        return (*self.assets, *self.unlabelled)


def load_catalogue(
    config: AssetsConfig,
    own: Mapping[str, ClassInfo] | None = None,
    distractors: Sequence[str] | None = None,
) -> Catalogue:
    """Return the classes and assets that a config requests.

    own: classes of plugins. distractors: names of their classes; those of the folder that are not
    requested otherwise are loaded too, without becoming classes of the dataset.
    Raises `InputError` if the folder has no usable mesh or a class is unknown.
    """
    info = {**built_in_info(), **(own or {})}
    folders = _class_folders(config)
    built_in = {*CLASSES, *(own or ())} if config.dir is None or config.with_parametric else set()
    wanted = _wanted(sorted(built_in | set(folders)), config)
    if config.tags and config.classes is None and wanted:
        wanted = _with_tags(wanted, _all_tags(config, info, built_in), config)
    others = set(distractors or ()) & set(folders) - set(wanted)
    unlabelled = _scan(config, tuple(sorted(others))).assets if others else ()
    none_labelled = bool(others) and not set(wanted) & set(folders)
    found = FolderScan((), ()) if none_labelled else _scan(config, wanted)
    parametric = built_in & set(wanted)
    classes = parametric | {asset.class_name for asset in found.assets}
    return Catalogue(
        classes=_usable(wanted, classes, found, config),
        parametric=frozenset(parametric),
        info=info,
        assets=found.assets,
        skipped=(*_left_out(wanted, classes, found), *found.skipped),
        synonyms=read_synonyms(config.synonyms, info),
        unlabelled=tuple(asset for asset in unlabelled if asset.class_name in others),
    )


def _left_out(wanted: Sequence[str], there: set[str], found: FolderScan) -> Iterator[SkippedAsset]:
    """Yield the requested classes that have no usable mesh."""
    for name in wanted:
        if name not in there:
            count = sum(item.class_name == name for item in found.skipped)
            why = f"none of its {count} meshes can be used" if count else "it has no mesh file"
            reason = f"{why}: the class is omitted, and those after it have other ids; list the"
            yield SkippedAsset(
                f"{shown(name)}/", f"{reason} required classes in assets.classes", name
            )


def _all_tags(
    config: AssetsConfig, info: dict[str, ClassInfo], built_in: set[str]
) -> dict[str, set[str]]:
    """Return the tags of every possible class, without loading a mesh."""
    tags = {name: set(info[name].tags) for name in built_in if name in info}
    if config.dir is not None:
        for entry in entries.read(Path(config.dir)):
            tags.setdefault(entry.class_name, set()).update(entry.tags)
    return tags


def _with_tags(
    wanted: tuple[str, ...], tags: dict[str, set[str]], config: AssetsConfig
) -> tuple[str, ...]:
    """Return the classes that have one of the requested tags, or no tags at all."""
    asked = set(config.tags or ())
    chosen = tuple(name for name in wanted if not tags.get(name) or tags[name] & asked)
    if not chosen:
        known = sorted({tag for name in wanted for tag in tags.get(name, ())})
        raise InputError(
            f"assets.tags: no class has any of {', '.join(sorted(asked))}; known tags are "
            f"{', '.join(known[:_LISTED])}"
        )
    return chosen


def _class_folders(config: AssetsConfig) -> tuple[str, ...]:
    if config.dir is None:
        return ()
    # Importing the mesh readers takes half a second.
    from simgen.assets.folder import class_folders

    return class_folders(Path(config.dir))


def _wanted(known: list[str], config: AssetsConfig) -> tuple[str, ...]:
    """Return the requested classes, sorted."""
    if config.classes is None:
        return tuple(known)
    if not known:
        _scan(config, ())  # raises an error with the reason
    # Some systems store folder names with decomposed accents.
    same = {unicodedata.normalize("NFC", name): name for name in known}
    wanted = [same.get(unicodedata.normalize("NFC", name), name) for name in config.classes]
    for name in wanted:
        if name not in known:
            raise InputError(f"assets.classes: {_unknown_class(name, known, config)}")
    return tuple(sorted(set(wanted)))


def _scan(config: AssetsConfig, wanted: tuple[str, ...]) -> FolderScan:
    if config.dir is None:
        return FolderScan((), ())
    from simgen.assets.folder import scan  # importing trimesh takes a second

    # Without a choice of classes, misplaced files are reported too.
    everything = config.classes is None and not config.tags
    return scan(Path(config.dir), config, None if everything else wanted)


def _usable(
    wanted: tuple[str, ...], there: set[str], found: FolderScan, config: AssetsConfig
) -> tuple[str, ...]:
    """Return the classes that have a mesh. Raises `InputError` if a class requested by name has
    none."""
    missing = [name for name in wanted if name not in there]
    if config.classes is not None and missing:
        reasons = [item for item in found.skipped if item.class_name == missing[0]]
        why = f": {reasons[0].file}: {reasons[0].reason}" if reasons else ""
        raise InputError(f"assets.classes: {missing[0]!r} has no usable mesh{why}")
    return tuple(name for name in wanted if name in there)


def _unknown_class(name: str, known: list[str], config: AssetsConfig) -> str:
    listed = ", ".join(known[:_LISTED])
    if len(known) > _LISTED:
        listed += f" and {len(known) - _LISTED} more"
    hint = did_you_mean(name, known)
    if name in CLASSES and not config.with_parametric:
        hint = " (a built-in class; add these with assets.with_parametric=true)"
    where = f"the folder {config.dir}" if config.dir else "the built-in catalogue"
    return f"unknown class {name!r}{hint}; expected classes of {where}: {listed}"


def built_in_info() -> dict[str, ClassInfo]:
    """Return the descriptions of the built-in classes."""
    content = yaml_files.parse((resource("assets") / "catalogue.yaml").read_text())
    return {name: cattrs.structure(entry, ClassInfo) for name, entry in content.items()}
