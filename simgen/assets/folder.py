"""A user's asset folder: one sub-folder per class with mesh files anywhere below it, or the files
that its `catalogue.yaml` lists."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from simgen.assets import entries, headers, sizes
from simgen.assets.convex_decomposition import physics_pieces, volume
from simgen.assets.entries import Entry
from simgen.assets.files import FileMesh, log, read_asset, up_axis
from simgen.assets.names import shown
from simgen.assets.references import fingerprint, labelled_fingerprint
from simgen.assets.scan_results import FileAsset, FolderScan, SkippedAsset
from simgen.assets.sizes import Measured, SizeError
from simgen.config import AssetsConfig
from simgen.errors import AssetError, InputError
from simgen.geometry.transforms import as_vector
from simgen.spec.scene import AssetRef

LAYOUT = "one sub-folder per class with .obj, .glb, .gltf, .ply or .stl files, such as mug/a.obj"

_FARTHEST = 1000
"""Maximum distance of a mesh from its origin, as a multiple of its size."""


type _Look = Callable[[Path, Entry, AssetsConfig, bool], FileAsset]
"""A function of the root, an entry, the options, and whether the folder's catalogue lists it."""


def class_folders(folder: Path) -> tuple[str, ...]:
    """Return the possible classes, sorted: names of the sub-folders, or classes of the catalogue.

    Raises `InputError` if the folder does not exist or its catalogue cannot be read.
    """
    root = _existing(folder)
    known = entries.read(root)
    if known:
        return tuple(sorted({entry.class_name for entry in known}))
    below = (entry for entry in root.iterdir() if not entry.name.startswith("."))
    return tuple(sorted(entry.name for entry in below if entry.is_dir()))


def scan(folder: Path, options: AssetsConfig, classes: Collection[str] | None = None) -> FolderScan:
    """Determine which meshes of `folder` can be used, and why the others cannot.

    classes: the only classes to look at; None for all. A mesh with a complete catalogue entry is
    loaded only if its files have changed. Raises `InputError` if the folder has no usable mesh.
    """
    return _scan(folder, options, classes, _known_or_loaded)


def load_all(folder: Path) -> FolderScan:
    """Scan `folder` with default options, loading every mesh."""
    return _scan(folder, AssetsConfig(), None, inspect)


def _scan(
    folder: Path, options: AssetsConfig, classes: Collection[str] | None, look: _Look
) -> FolderScan:
    root = _existing(folder)
    known = entries.read(root)
    assets: list[FileAsset] = []
    skipped: list[SkippedAsset] = []
    misfits: dict[int, Measured] = {}
    listed = bool(known)
    for entry in sorted(known, key=lambda entry: entry.id) or _unlisted(root, options):
        is_stray = "/" not in entry.file and not listed
        if classes is not None and entry.class_name not in classes and not is_stray:
            continue
        try:
            _check_place(root, entry.file, listed)
            assets.append(look(root, entry, options, listed))
        except AssetError as error:
            if isinstance(error, SizeError) and not listed:
                misfits[len(skipped)] = Measured(entry.file, entry.class_name, error.units)
            reason = str(error).removeprefix(f"{entry.file}: ")
            class_name = "" if is_stray else entry.class_name
            skipped.append(SkippedAsset(shown(entry.file), reason, class_name))
    _advise(assets, skipped, misfits, options)
    if not assets:
        raise _nothing_usable(folder, root, skipped)
    return FolderScan(tuple(assets), tuple(skipped))


def _advise(
    assets: list[FileAsset],
    skipped: list[SkippedAsset],
    misfits: dict[int, Measured],
    options: AssetsConfig,
) -> None:
    """Add the likely unit to the messages about meshes of wrong size: one unit for the entire
    folder if that fits. misfits: by their index in `skipped`."""
    fitting = [Measured(a.file, a.class_name, max(a.size) / a.unit) for a in assets if not a.entry]
    together = (*fitting, *misfits.values())
    for place, item in misfits.items():
        then = sizes.advice(item, together, options.unit, options.size_range)
        skipped[place] = replace(skipped[place], reason=f"{skipped[place].reason}; {then}")


def plain_entry(file: str, options: AssetsConfig) -> Entry:
    """Return the entry of a mesh file that no catalogue lists."""
    return Entry(file, file.split("/", 1)[0], file, unit=options.unit, up=options.up)


def _existing(folder: Path) -> Path:
    root = folder.resolve()
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing"
        raise InputError(f"asset folder {folder}: found {found}, expected a folder with {LAYOUT}")
    return root


def _unlisted(root: Path, options: AssetsConfig) -> list[Entry]:
    """Return entries for mesh files and links to folders, sorted by path, without hidden ones."""
    found = []
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        found += [Path(directory, name) for name in names if Path(directory, name).is_symlink()]
        found += [
            Path(directory, name)
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in headers.SUFFIXES
        ]
    files = sorted(path.relative_to(root).as_posix() for path in found)
    return [plain_entry(file, options) for file in files]


def _check_place(root: Path, file: str, listed: bool) -> None:
    path = root / file
    if not file.isprintable():
        raise AssetError("found unprintable characters in its name; rename it")
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        raise AssetError("it is a link to a target outside the asset folder; copy the target here")
    if path.is_dir():
        raise AssetError("it is a link to a folder, which is not followed; copy the folder here")
    if "/" not in file and not listed:
        raise AssetError(f"it is in no class folder; expected {LAYOUT}")


def _known_or_loaded(root: Path, entry: Entry, options: AssetsConfig, listed: bool) -> FileAsset:
    """Return an asset from its entry if complete and its files are unchanged; else load it."""
    if not (entry.sha256 and entry.size and entry.triangles):
        return inspect(root, entry, options, listed)
    low, high = options.size_range
    fits = low <= max(entry.size) <= high and entry.triangles <= options.max_triangles
    if not fits or entry.physics.mass is not None or _digest(root, entry) != entry.sha256:
        return inspect(root, entry, options, listed)  # which raises an exact error
    _check_cost_of_size(root / entry.file, options)
    return FileAsset(
        class_name=entry.class_name,
        id=entry.id,
        file=entry.file,
        sha256=labelled_fingerprint(entry.sha256, entry),
        unit=entry.unit,
        up=up_axis(entry.file, entry.up),
        size=as_vector(np.array(entry.size)),
        triangles=entry.triangles,
        notes=entry.notes,
        entry=entry,
        density=entry.physics.density,
    )


def _digest(root: Path, entry: Entry) -> str:
    """Return the SHA-256 over an entry's files; empty if one is missing or outside the folder."""
    try:
        paths = [(root / name).resolve(strict=True) for name in (entry.file, *entry.uses)]
        if not all(path.is_relative_to(root) and path.is_file() for path in paths):
            return ""
        mesh, *others = (path.read_bytes() for path in paths)
    except OSError:
        return ""
    return fingerprint(mesh, dict(zip(entry.uses, others, strict=True)))


def inspect(root: Path, entry: Entry, options: AssetsConfig, listed: bool) -> FileAsset:
    """Load and measure the mesh file of an entry.

    listed: whether the folder's catalogue lists the entry. Raises `AssetError` if the mesh cannot
    be used.
    """
    path = root / entry.file
    try:
        check_cost(path, options)
    except AssetError as error:
        raise AssetError(f"{entry.file}: {error}") from error
    except Exception as error:  # parsing a damaged header may raise anything
        log.debug("%s", entry.file, exc_info=True)
        reason = f"{type(error).__name__}: {error}"[:200]
        raise headers.not_a_mesh(path, " ".join(reason.split())) from error
    found = read_asset(root, entry)
    if entry.sha256 and found.files_sha256 != entry.sha256:
        raise AssetError(
            f"its content differs from its entry in {entries.FILE} (sha256"
            f" {found.files_sha256[:12]}..., expected {entry.sha256[:12]}...); restore the"
            " original, or remove sha256 from the entry"
        )
    try:
        size = checked_size(found, entry.unit, options)
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
    """Return the reference to an asset for a spec."""
    turn, size = (asset.entry.turn, asset.entry.size) if asset.entry else ((), ())
    return AssetRef(
        "file", asset.id, {}, asset.file, asset.sha256, asset.unit, asset.up, turn, size
    )


def check_cost(path: Path, options: AssetsConfig) -> None:
    """Raise `AssetError` for a file that would take too much time or memory to load."""
    _check_cost_of_size(path, options)
    _check_triangles(headers.count_triangles(path, options.max_triangles), options)


def _check_cost_of_size(path: Path, options: AssetsConfig) -> None:
    if not path.is_file():
        raise AssetError("it is not a regular file")
    megabytes = path.stat().st_size / 2**20
    if megabytes > options.max_file_mb:
        raise AssetError(
            f"found {megabytes:.0f} MB, expected at most {options.max_file_mb:g} MB;"
            " simplify the mesh or raise assets.max_file_mb"
        )


def _check_triangles(count: int, options: AssetsConfig) -> None:
    if count > options.max_triangles:
        raise AssetError(
            f"found at least {count} triangles, expected at most {options.max_triangles};"
            " simplify the mesh (Blender: Decimate) or raise assets.max_triangles"
        )


def checked_size(found: FileMesh, unit: float, options: AssetsConfig) -> tuple[float, float, float]:
    _check_triangles(len(found.mesh.faces), options)
    low, high = found.mesh.bounds()
    width, depth, height = (float(side) for side in high - low)
    largest = max(width, depth, height)
    smallest_allowed, largest_allowed = options.size_range
    if smallest_allowed <= largest <= largest_allowed:
        _check_place_of_origin(found, largest)
        return width, depth, height
    raise SizeError(
        f"its longest side is {largest:.3g} m with assets.unit={unit:g}, expected"
        f" {smallest_allowed:g} to {largest_allowed:g} m",
        largest / unit,
    )


def _check_place_of_origin(found: FileMesh, largest: float) -> None:
    """Raise `AssetError` for a mesh so far from its origin that 32-bit floats are too coarse."""
    distance = float(np.abs(found.mesh.bounds()).max())
    if distance > _FARTHEST * largest:
        raise AssetError(
            f"it is {distance:.3g} m from its origin, {distance / largest:.0f} times its size,"
            f" expected at most {_FARTHEST} times; move it to the origin"
        )


def _nothing_usable(folder: Path, root: Path, skipped: list[SkippedAsset]) -> InputError:
    if skipped and not any(item.class_name for item in skipped):
        found = f"{len(skipped)} mesh files directly in it ({skipped[0].file}), in no class folder"
    elif skipped:
        first = skipped[0]
        found = f"no usable mesh among {len(skipped)}; the first is {first.file}: {first.reason}"
    else:
        entries = sum(1 for _ in root.iterdir())
        found = f"{entries} entries and no mesh file" if entries else "an empty folder"
    return InputError(f"asset folder {folder}: found {found}; expected {LAYOUT}")
