"""The user's asset folder: one sub-folder per class, mesh files anywhere below it."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from simgen.assets import headers
from simgen.assets.files import FileMesh, log, read, up_axis
from simgen.assets.found import FileAsset, FileOptions, FolderScan, SkippedAsset
from simgen.errors import AssetError, InputError

LAYOUT = "one sub-folder per class with .obj, .glb, .gltf, .ply or .stl files, such as mug/a.obj"

_FARTHEST = 1000
"""Sizes of a mesh by which it may lie away from its origin."""

_UNITS = (1.0, 0.01, 0.001, 0.0254, 0.1, 10.0, 100.0, 1000.0, 1e-6)
"""Metres in the units that files come in, the likeliest first."""


def class_folders(folder: Path) -> tuple[str, ...]:
    """Names of the sub-folders, sorted: the classes that there may be.

    Raises `InputError` where there is no such folder.
    """
    root = _existing(folder)
    entries = (entry for entry in root.iterdir() if not entry.name.startswith("."))
    return tuple(sorted(entry.name for entry in entries if entry.is_dir()))


def scan(folder: Path, options: FileOptions, classes: Collection[str] | None = None) -> FolderScan:
    """Load every mesh below `folder` once and say which can be used and why others cannot.

    classes: look at these sub-folders alone.
    Raises `InputError` where the folder has no usable mesh or the options make no sense.
    """
    _check_options(options)
    root = _existing(folder)
    assets: list[FileAsset] = []
    skipped: list[SkippedAsset] = []
    for path in _walk(root):
        file = path.relative_to(root).as_posix()
        if classes is not None and file.split("/", 1)[0] not in classes:
            continue
        try:
            _check_place(root, path, file)
            assets.append(_inspect(root, file, options))
        except AssetError as error:
            name = file if file.isprintable() else ascii(file)
            skipped.append(SkippedAsset(name, str(error).removeprefix(f"{file}: ")))
    if not assets:
        raise _nothing_usable(folder, root, skipped)
    return FolderScan(tuple(assets), tuple(skipped))


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


def _check_place(root: Path, path: Path, file: str) -> None:
    if not file.isprintable():
        raise AssetError("found unprintable characters in its name; rename it")
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        raise AssetError("it is a link that leads outside the asset folder; copy the target here")
    if path.is_dir():
        raise AssetError("it is a link to a folder, which is not followed; copy the folder here")
    if "/" not in file:
        raise AssetError(f"it lies outside any class; expected {LAYOUT}")


def _inspect(root: Path, file: str, options: FileOptions) -> FileAsset:
    path = root / file
    try:
        _check_cost(path, options)
    except AssetError as error:
        raise AssetError(f"{file}: {error}") from error
    except Exception as error:  # a damaged header can be wrong in any way
        log.debug("%s", file, exc_info=True)
        reason = f"{type(error).__name__}: {error}"[:200]
        raise headers.not_a_mesh(path, " ".join(reason.split())) from error
    found = read(root, file, options.unit, options.up)
    size = _checked_size(found, options)
    return FileAsset(
        class_name=file.split("/", 1)[0],
        id=file,
        file=file,
        sha256=found.sha256,
        unit=options.unit,
        up=up_axis(file, options.up),
        size=size,
        triangles=len(found.mesh.faces),
        notes=found.notes,
    )


def _check_cost(path: Path, options: FileOptions) -> None:
    """Refuse what would take too much time or memory, before it is loaded."""
    if not path.is_file():
        raise AssetError("it is no regular file")
    megabytes = path.stat().st_size / 2**20
    if megabytes > options.max_file_mb:
        raise AssetError(
            f"found {megabytes:.0f} MB, expected at most {options.max_file_mb:g} MB;"
            " simplify the mesh or raise assets.max_file_mb"
        )
    _check_triangles(headers.count_triangles(path, options.max_triangles), options)


def _check_triangles(count: int, options: FileOptions) -> None:
    if count > options.max_triangles:
        raise AssetError(
            f"found at least {count} triangles, expected at most {options.max_triangles};"
            " simplify the mesh (Blender: Decimate) or raise assets.max_triangles"
        )


def _checked_size(found: FileMesh, options: FileOptions) -> tuple[float, float, float]:
    _check_triangles(len(found.mesh.faces), options)
    low, high = found.mesh.bounds()
    width, depth, height = (float(side) for side in high - low)
    largest = max(width, depth, height)
    smallest_allowed, largest_allowed = options.size_range
    if smallest_allowed <= largest <= largest_allowed:
        _check_place_of_origin(found, largest)
        return width, depth, height
    raise AssetError(
        f"its largest side is {largest:.3g} m with assets.unit={options.unit:g}, expected"
        f" {smallest_allowed:g} to {largest_allowed:g} m; {_advice(largest, options)}"
    )


def _check_place_of_origin(found: FileMesh, largest: float) -> None:
    """Renderers hold coordinates in 32 bits: far from the origin a shape crumbles."""
    distance = float(np.abs(found.mesh.bounds()).max())
    if distance > _FARTHEST * largest:
        raise AssetError(
            f"it lies {distance:.3g} m from its origin, {distance / largest:.0f} times its size,"
            f" expected at most {_FARTHEST} times; move it to the origin"
        )


def _advice(largest: float, options: FileOptions) -> str:
    """Which unit would bring the mesh nearest to the middle of the allowed sizes."""
    low, high = options.size_range
    middle = math.sqrt(max(low, high * 1e-4) * high)
    per_unit = largest / options.unit
    fits = [unit for unit in _UNITS if low <= per_unit * unit <= high]
    if not fits:
        return "scale the model, or widen assets.size_range if it is meant so"
    best = min(fits, key=lambda unit: abs(math.log(per_unit * unit / middle)))
    return (
        f"if its unit is another, set assets.unit={best:g} (it would be {per_unit * best:.3g} m),"
        " otherwise widen assets.size_range"
    )


def _nothing_usable(folder: Path, root: Path, skipped: list[SkippedAsset]) -> InputError:
    if skipped and all("/" not in item.file for item in skipped):
        found = f"{len(skipped)} mesh files directly in it"
    elif skipped:
        first = skipped[0]
        found = f"no usable mesh among {len(skipped)}, the first is {first.file}: {first.reason}"
    else:
        entries = sum(1 for _ in root.iterdir())
        found = f"{entries} entries and no mesh file" if entries else "an empty folder"
    return InputError(f"asset folder {folder}: found {found}; expected {LAYOUT}")
