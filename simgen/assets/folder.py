"""The user's asset folder: one sub-folder per class, mesh files anywhere below it, or whatever its
`catalogue.yaml` says."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from simgen.assets import entries, headers, sizes
from simgen.assets.convex_decomposition import physics_pieces, volume
from simgen.assets.details import Details
from simgen.assets.entries import Entry
from simgen.assets.files import FileMesh, log, read_asset, up_axis
from simgen.assets.import_transform import ImportTransform
from simgen.assets.names import shown
from simgen.assets.references import fingerprint
from simgen.assets.scan_results import FileAsset, FileOptions, FolderScan, SkippedAsset
from simgen.assets.sizes import Measured, SizeError
from simgen.errors import AssetError, InputError
from simgen.geometry.transforms import as_vector
from simgen.spec.scene import AssetRef

LAYOUT = "one sub-folder per class with .obj, .glb, .gltf, .ply or .stl files, such as mug/a.obj"

_FARTHEST = 1000
"""Maximum distance of a mesh from its origin, in its sizes."""


type _Look = Callable[[Path, str, FileOptions, Entry | None], FileAsset]


def class_folders(folder: Path) -> tuple[str, ...]:
    """The possible classes, sorted: names of the sub-folders, or those of the catalogue.

    Raises `InputError` if there is no such folder, or its catalogue cannot be read.
    """
    root = _existing(folder)
    known = entries.read(root)
    if known:
        return tuple(sorted({entry.class_name for entry in known}))
    below = (entry for entry in root.iterdir() if not entry.name.startswith("."))
    return tuple(sorted(entry.name for entry in below if entry.is_dir()))


def scan(folder: Path, options: FileOptions, classes: Collection[str] | None = None) -> FolderScan:
    """Find out which meshes of `folder` can be used, and why others cannot.

    classes: only these. Meshes are loaded unless they have a complete catalogue entry and have not
    changed since. Raises `InputError` if the folder has no usable mesh, or for invalid options.
    """
    return _scan(folder, options, classes, _known_or_loaded)


def load_all(folder: Path, options: FileOptions) -> FolderScan:
    """`scan`, with every mesh loaded."""
    return _scan(folder, options, None, inspect)


def _scan(
    folder: Path, options: FileOptions, classes: Collection[str] | None, look: _Look
) -> FolderScan:
    _check_options(options)
    root = _existing(folder)
    assets: list[FileAsset] = []
    skipped: list[SkippedAsset] = []
    misfits: dict[int, Measured] = {}
    for path, entry in _candidates(root):
        file = path.relative_to(root).as_posix()
        is_stray = "/" not in file and entry is None
        class_name = file.split("/", 1)[0] if entry is None else entry.class_name
        if classes is not None and class_name not in classes and not is_stray:
            continue
        try:
            _check_place(root, path, file, listed=entry is not None)
            assets.append(look(root, file, options, entry))
        except AssetError as error:
            if isinstance(error, SizeError) and entry is None:
                misfits[len(skipped)] = Measured(file, class_name, error.units)
            reason = str(error).removeprefix(f"{file}: ")
            skipped.append(SkippedAsset(shown(file), reason, "" if is_stray else class_name))
    _advise(assets, skipped, misfits, options)
    if not assets:
        raise _nothing_usable(folder, root, skipped)
    return FolderScan(tuple(assets), tuple(skipped))


def _advise(
    assets: list[FileAsset],
    skipped: list[SkippedAsset],
    misfits: dict[int, Measured],
    options: FileOptions,
) -> None:
    """Add the likely unit to the messages on meshes of wrong size: one for the whole folder if that
    is likely. misfits: by their index in `skipped`."""
    fitting = [Measured(a.file, a.class_name, max(a.size) / a.unit) for a in assets if not a.entry]
    together = (*fitting, *misfits.values())
    for place, item in misfits.items():
        then = sizes.advice(item, together, options.unit, options.size_range)
        skipped[place] = replace(skipped[place], reason=f"{skipped[place].reason}; {then}")


def _candidates(root: Path) -> Iterator[tuple[Path, Entry | None]]:
    """The entries of the catalogue, else all mesh files, in a stable order."""
    known = entries.read(root)
    if known:
        yield from ((root / entry.file, entry) for entry in sorted(known, key=lambda e: e.id))
    else:
        yield from ((path, None) for path in _walk(root))


def _existing(folder: Path) -> Path:
    root = folder.resolve()
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise InputError(f"asset folder {folder}: found {found}, expected a folder with {LAYOUT}")
    return root


def _check_options(options: FileOptions) -> None:
    if options.up not in ("auto", "y", "z"):
        raise InputError(f"assets.up is {options.up!r}, expected 'auto', 'y' or 'z'")
    if not (math.isfinite(options.unit) and options.unit > 0):
        raise InputError(f"assets.unit is {options.unit}, expected metres per file unit above 0")
    low, high = options.size_range
    if not 0 <= low < high:
        raise InputError(f"assets.size_range is [{low}, {high}], expected 0 <= lowest < highest")


def _walk(root: Path) -> Iterator[Path]:
    """Mesh files and linked folders in sorted order, hidden ones left out."""
    found = []
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        found += [Path(directory, name) for name in names if Path(directory, name).is_symlink()]
        found += [
            Path(directory, name)
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in headers.SUFFIXES
        ]
    return iter(sorted(found, key=lambda path: path.relative_to(root).as_posix()))


def _check_place(root: Path, path: Path, file: str, *, listed: bool) -> None:
    if not file.isprintable():
        raise AssetError("found unprintable characters in its name; rename it")
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        raise AssetError("it is a link that leads outside the asset folder; copy the target here")
    if path.is_dir():
        raise AssetError("it is a link to a folder, which is not followed; copy the folder here")
    if "/" not in file and not listed:
        raise AssetError(f"it lies outside any class; expected {LAYOUT}")


def _known_or_loaded(root: Path, file: str, options: FileOptions, entry: Entry | None) -> FileAsset:
    """An asset by its entry, if that is complete and the files have not changed; else loaded."""
    if entry is None or not (entry.sha256 and entry.size and entry.triangles):
        return inspect(root, file, options, entry)
    low, high = options.size_range
    fits = low <= max(entry.size) <= high and entry.triangles <= options.max_triangles
    if not fits or entry.physics.mass is not None or _digest(root, entry) != entry.sha256:
        return inspect(root, file, options, entry)  # which raises an exact error
    _check_cost_of_size(root / file, options)
    return FileAsset(
        class_name=entry.class_name,
        id=entry.id,
        file=file,
        sha256=Details.of(entry).fingerprint(entry.sha256),
        unit=entry.unit,
        up=up_axis(file, entry.up),
        size=as_vector(np.array(entry.size)),
        triangles=entry.triangles,
        notes=entry.notes,
        entry=entry,
        density=entry.physics.density,
    )


def _digest(root: Path, entry: Entry) -> str:
    """Over the files of an entry; empty if one is missing or lies outside of the folder."""
    try:
        paths = [(root / name).resolve(strict=True) for name in (entry.file, *entry.uses)]
        if not all(path.is_relative_to(root) and path.is_file() for path in paths):
            return ""
        mesh, *others = (path.read_bytes() for path in paths)
    except OSError:
        return ""
    return fingerprint(mesh, dict(zip(entry.uses, others, strict=True)))


def inspect(root: Path, file: str, options: FileOptions, entry: Entry | None = None) -> FileAsset:
    """Load one mesh file, according to its entry if it has one, and measure it.

    Raises `AssetError` if it cannot be used.
    """
    path = root / file
    try:
        check_cost(path, options)
    except AssetError as error:
        raise AssetError(f"{file}: {error}") from error
    except Exception as error:  # a damaged header can be wrong in any way
        log.debug("%s", file, exc_info=True)
        reason = f"{type(error).__name__}: {error}"[:200]
        raise headers.not_a_mesh(path, " ".join(reason.split())) from error
    if entry is None:
        entry_or_plain = Entry(file, file.split("/", 1)[0], file, unit=options.unit, up=options.up)
    else:
        entry_or_plain = entry
    return _measured(root, entry_or_plain, options, listed=entry is not None)


def _measured(root: Path, entry: Entry, options: FileOptions, *, listed: bool) -> FileAsset:
    transform = ImportTransform(entry.unit, entry.up, entry.turn, entry.size)
    found = read_asset(root, entry.file, transform, Details.of(entry))
    if entry.sha256 and found.files_sha256 != entry.sha256:
        raise AssetError(
            f"its bytes are not those of its entry in {entries.FILE} (sha256"
            f" {found.files_sha256[:12]}..., expected {entry.sha256[:12]}...); put the original"
            " back, or take sha256 out of the entry"
        )
    try:
        size = checked_size(found, replace(options, unit=entry.unit))
    except SizeError as error:
        if not listed:
            raise
        raise AssetError(f"{error}; correct its size or unit in {entries.FILE}") from error
    asset = FileAsset(
        class_name=entry.class_name,
        id=entry.id,
        file=entry.file,
        sha256=found.sha256,
        unit=entry.unit,
        up=up_axis(entry.file, entry.up),
        size=size,
        triangles=len(found.mesh.faces),
        notes=found.notes,
        entry=entry if listed else None,
        density=entry.physics.density,
    )
    if entry.physics.mass is None:
        return asset
    pieces = physics_pieces(found.mesh, reference(asset), entry.physics.hull)
    return replace(asset, density=entry.physics.mass / volume(pieces))


def reference(asset: FileAsset) -> AssetRef:
    """The reference to an asset in a spec."""
    turn, size = (asset.entry.turn, asset.entry.size) if asset.entry else ((), ())
    return AssetRef(
        "file", asset.id, {}, asset.file, asset.sha256, asset.unit, asset.up, turn, size
    )


def check_cost(path: Path, options: FileOptions) -> None:
    """Refuse files that would take too much time or memory, before they are loaded."""
    _check_cost_of_size(path, options)
    _check_triangles(headers.count_triangles(path, options.max_triangles), options)


def _check_cost_of_size(path: Path, options: FileOptions) -> None:
    if not path.is_file():
        raise AssetError("it is not a regular file")
    megabytes = path.stat().st_size / 2**20
    if megabytes > options.max_file_mb:
        raise AssetError(
            f"found {megabytes:.0f} MB, expected at most {options.max_file_mb:g} MB;"
            " simplify the mesh or raise assets.max_file_mb"
        )


def _check_triangles(count: int, options: FileOptions) -> None:
    if count > options.max_triangles:
        raise AssetError(
            f"found at least {count} triangles, expected at most {options.max_triangles};"
            " simplify the mesh (Blender: Decimate) or raise assets.max_triangles"
        )


def checked_size(found: FileMesh, options: FileOptions) -> tuple[float, float, float]:
    _check_triangles(len(found.mesh.faces), options)
    low, high = found.mesh.bounds()
    width, depth, height = (float(side) for side in high - low)
    largest = max(width, depth, height)
    smallest_allowed, largest_allowed = options.size_range
    if smallest_allowed <= largest <= largest_allowed:
        _check_place_of_origin(found, largest)
        return width, depth, height
    raise SizeError(
        f"its largest side is {largest:.3g} m with assets.unit={options.unit:g}, expected"
        f" {smallest_allowed:g} to {largest_allowed:g} m",
        largest / options.unit,
    )


def _check_place_of_origin(found: FileMesh, largest: float) -> None:
    """Renderers use 32-bit coordinates, which are too coarse far from the origin."""
    distance = float(np.abs(found.mesh.bounds()).max())
    if distance > _FARTHEST * largest:
        raise AssetError(
            f"it lies {distance:.3g} m from its origin, {distance / largest:.0f} times its size,"
            f" expected at most {_FARTHEST} times; move it to the origin"
        )


def _nothing_usable(folder: Path, root: Path, skipped: list[SkippedAsset]) -> InputError:
    if skipped and not any(item.class_name for item in skipped):
        found = f"{len(skipped)} mesh files directly in it ({skipped[0].file}), outside any class"
    elif skipped:
        first = skipped[0]
        found = f"no usable mesh among {len(skipped)}, the first is {first.file}: {first.reason}"
    else:
        entries = sum(1 for _ in root.iterdir())
        found = f"{entries} entries and no mesh file" if entries else "an empty folder"
    return InputError(f"asset folder {folder}: found {found}; expected {LAYOUT}")
