"""Models of the BOP benchmark: `models_info.json` beside one mesh per object.

    lm/models/models_info.json, obj_000001.ply, obj_000001.png, ...

Lengths are in millimetres, and z is up; HOT3D's GLBs are in metres. Symmetries are kept.
https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from simgen.assets import yaml_files
from simgen.assets.candidate import Candidate
from simgen.assets.entries import Axis, Symmetries, is_rotation
from simgen.assets.layouts.layout import (
    Failed,
    Layout,
    Place,
    candidate,
    folders,
    nearest,
    numbers,
    plain_name,
    read_json,
)
from simgen.errors import AssetError

INFO = "models_info.json"
_ORDER = ("models", "object_models", "models_cad", "models_fine", "models_reconst", "models_eval")
"""Folders with models of a dataset, the most detailed first."""
_SUFFIXES = (".ply", ".glb", ".gltf", ".obj")
_IN_METRES = 5.0
"""Median diameter below which a table is in metres: no object of BOP is smaller than 5 mm."""
_ID = re.compile(r"(?:obj_)?0*(\d{1,9})")


@cache
def _names() -> dict[str, list[str]]:
    """Return the names of the objects of well-known datasets, in the order of their ids."""
    return yaml_files.parse(Path(__file__).with_suffix(".yaml").read_bytes())


def find(folder: Path) -> tuple[Path, ...]:
    """Return one folder of models per dataset: that of the most detailed models."""
    found = nearest(folder, lambda path: bool(_best(path)))
    return tuple(best for path in found if (best := _best(path)))


def _is_root(folder: Path) -> bool:
    """Return whether a folder has models; other programs have a `models_info.json`, too."""
    return (folder / INFO).is_file() and bool(_files(folder))


def _best(folder: Path) -> Path | None:
    if _is_root(folder):
        return folder
    below = [path for path in folders(folder) if path.name in _ORDER and _is_root(path)]
    return min(below, key=lambda path: _ORDER.index(path.name), default=None)


def read(place: Place, failed: Failed) -> Iterator[Candidate]:
    """Yield the models of a folder; errors are added to `failed`. Raises `AssetError`."""
    root = place.root
    table = read_json(root / INFO)
    unit = _unit(table)
    dataset = _dataset(place)
    files = _files(root)
    for key, info in table.items():
        shown = f"{root.name}/{key}"
        try:
            yield _one(place, files, dataset, key, info, unit)
        except AssetError as error:
            failed.append((shown, str(error)))
    unlisted = set(files) - {_number(key) for key in table}
    for number in sorted(unlisted):
        failed.append((f"{root.name}/{files[number].name}", f"{INFO} does not list it"))


def _number(key: str) -> int:
    found = _ID.fullmatch(key)
    return int(found[1]) if found else -1


def _files(root: Path) -> dict[int, Path]:
    """Return the mesh of each object id, of the first suffix that exists."""
    found: dict[int, Path] = {}
    for suffix in _SUFFIXES:
        for path in sorted(root.glob(f"*{suffix}")):
            if (number := _number(path.stem)) >= 0:
                found.setdefault(number, path)
    return found


def _unit(table: dict[str, Any]) -> float:
    """Return metres in one unit of the table."""
    known = [info.get("diameter") for info in table.values() if isinstance(info, dict)]
    found = [float(value) for value in known if isinstance(value, int | float)]
    if not found:
        raise AssetError(f"{INFO}: found no object with a diameter, expected the format of BOP")
    return 1.0 if median(found) < _IN_METRES else 0.001


def _dataset(place: Place) -> str:
    """Return the name of the dataset: of a known one if it is part of the path, such as `lm`."""
    near = (place.name, *place.around)
    words = [word for name in near for word in re.split(r"[^a-z0-9]+", name.lower())]
    known = next((word for word in words if word in _names()), "")
    return known or next((name for name in near if name and name not in _ORDER), "unknown")


def _one(
    place: Place, files: dict[int, Path], dataset: str, key: str, info: Any, unit: float
) -> Candidate:
    number = _number(key)
    if not isinstance(info, dict):
        raise AssetError(f"{INFO}: found {yaml_files.short(info)}, expected an object")
    if number not in files:
        raise AssetError(f"{INFO} lists it, but there is no obj_{max(number, 0):06d}.ply")
    file = files[number]
    size = numbers([info.get(f"size_{axis}") for axis in "xyz"], 3, "size_x, size_y, size_z")
    names = _names().get(dataset, [])
    of_class = names[number - 1] if 0 < number <= len(names) else f"obj_{number:06d}"
    if isinstance(info.get("name"), str):
        of_class = plain_name(info["name"])
    return candidate(
        place.root,
        file,
        place.of_class or of_class,
        file.stem,
        unit=unit,
        up="z",
        source=f"bop: {dataset}/{file.name}",
        symmetries=_symmetries(info, unit),
        # GLBs are in metres beside a table in millimetres.
        longest=None if file.suffix == ".ply" else unit * max(size),
    )


def _symmetries(info: dict[str, Any], unit: float) -> Symmetries:
    """Return the symmetries of an object in metres. Raises `AssetError` for malformed ones."""
    continuous, discrete = [], []
    for each in _list(info, "symmetries_continuous"):
        if not isinstance(each, dict):
            raise AssetError("symmetries_continuous: expected objects with an axis and an offset")
        x, y, z = numbers(each.get("axis"), 3, "symmetries_continuous.axis")
        offset = numbers(each.get("offset", (0, 0, 0)), 3, "symmetries_continuous.offset")
        if not any((x, y, z)):
            raise AssetError("symmetries_continuous.axis: found zeros, expected a direction")
        a, b, c = (unit * value for value in offset)
        continuous.append(Axis((x, y, z), (a, b, c)))
    for each in _list(info, "symmetries_discrete"):
        m = list(numbers(each, 16, "symmetries_discrete"))
        turn = (*m[0:3], *m[4:7], *m[8:11])
        if not is_rotation(turn) or m[12:] != [0, 0, 0, 1]:
            raise AssetError("symmetries_discrete: expected rigid 4 x 4 matrices, row by row")
        m[3], m[7], m[11] = unit * m[3], unit * m[7], unit * m[11]
        discrete.append(tuple(m))
    return Symmetries(tuple(continuous), tuple(discrete))


def _list(info: dict[str, Any], key: str) -> list[Any]:
    found = info.get(key, [])
    if not isinstance(found, list) or len(found) > 1000:
        raise AssetError(f"{key}: found {yaml_files.short(found)}, expected a list")
    return found


LAYOUT = Layout("bop", f"{INFO} beside obj_000001.ply", find, read)
