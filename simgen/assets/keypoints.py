"""Keypoints of mesh files supplied by users, from a YAML file beside them.

`<stem>.keypoints.yaml` beside a mesh applies to that mesh; `keypoints.yaml` in a class's folder
applies to all other meshes of the class. Coordinates are those of the mesh file:

    points: {spout: [0.12, 0.0, 0.08], lid: [0.0, 0.0, 0.14]}
    skeleton: [[spout, lid]]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from simgen.assets import yaml_files
from simgen.assets.entries import Entry
from simgen.assets.yaml_files import expect, short
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData, Point
from simgen.geometry.transforms import as_vector

CLASS_FILE = "keypoints.yaml"
MAX_BYTES = 64 * 1024
_MOST_POINTS = 500
_LONGEST_NAME = 64


@dataclass(frozen=True)
class KeypointFile:
    """A keypoint file. file: its path, relative to the asset folder. data: its bytes. points: in
    the axes and unit of the mesh file."""

    file: str
    data: bytes
    points: dict[str, Point]
    skeleton: tuple[tuple[str, str], ...]


def read(root: Path, file: str) -> KeypointFile | None:
    """Return the keypoints of a mesh file, or None if it has none.

    root: resolved asset folder; nothing outside it is read. file: the mesh, relative to it.
    Raises `AssetError` for a keypoint file of another form than above.
    """
    mesh = root / file
    own = mesh.with_name(f"{mesh.stem}.{CLASS_FILE}")
    for path in (own, root / file.split("/", 1)[0] / CLASS_FILE):
        if path.is_file():
            return _read(root, path)
    return None


def add(
    mesh: MeshData,
    entry: Entry,
    beside: KeypointFile | None,
    to_metric: Callable[[np.ndarray], np.ndarray],
) -> MeshData:
    """Return the mesh with keypoints and renamed parts.

    The entry's keypoints take precedence over those of a file beside the mesh. to_metric:
    transforms `n x 3` points of the file to the mesh's axes.
    """
    mesh = replace(mesh, parts=tuple(entry.parts.get(name, name) for name in mesh.parts))
    points, skeleton = entry.keypoints, entry.skeleton
    if not points and beside is not None:
        points, skeleton = beside.points, beside.skeleton
    if not points:
        return mesh
    metric = to_metric(np.array(list(points.values()), dtype=np.float64))
    places = {name: as_vector(point) for name, point in zip(points, metric, strict=True)}
    return replace(mesh, keypoints=places, skeleton=skeleton)


def _read(root: Path, path: Path) -> KeypointFile:
    name = path.relative_to(root).as_posix()
    if not path.resolve().is_relative_to(root):
        raise AssetError(f"{name}: it is a link to a target outside the asset folder; copy it here")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise AssetError(f"{name}: found {size} bytes, expected at most {MAX_BYTES}")
    data = path.read_bytes()
    try:
        points, skeleton = _parse(yaml_files.parse(data))
    except ValueError as error:
        raise AssetError(f"{name}: {error}") from error
    return KeypointFile(name, data, points, skeleton)


def _parse(content: Any) -> tuple[dict[str, Point], tuple[tuple[str, str], ...]]:
    if not isinstance(content, dict) or not set(content) <= {"points", "skeleton"}:
        found = f"the keys {short([*content])}" if isinstance(content, dict) else short(content)
        raise ValueError(f"found {found}, expected 'points' and, optionally, 'skeleton'")
    points = content.get("points")
    if not isinstance(points, dict) or not 1 <= len(points) <= _MOST_POINTS:
        raise ValueError(f"points: expected 1 to {_MOST_POINTS} of the form `name: [x, y, z]`")
    skeleton = content.get("skeleton") or []
    expect(isinstance(skeleton, list), "skeleton", skeleton, "a list of pairs of names")
    return (
        {_name(name): _point(name, value) for name, value in points.items()},
        tuple(_edge(edge, points) for edge in skeleton),
    )


def _name(name: Any) -> str:
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME:
        return name
    raise ValueError(f"points: found the name {short(name)}, expected text of one line")


def _point(name: str, value: Any) -> Point:
    is_point = isinstance(value, list) and len(value) == 3 and all(map(_is_finite, value))
    expect(is_point, f"points: {name}", value, "[x, y, z]")
    x, y, z = map(float, value)
    return x, y, z


def _is_finite(number: Any) -> bool:
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and math.isfinite(number)


def _edge(edge: Any, points: dict[str, Any]) -> tuple[str, str]:
    expect(isinstance(edge, list) and len(edge) == 2, "skeleton", edge, "a pair of names")
    for name in edge:
        is_known = isinstance(name, str) and name in points
        expect(is_known, "skeleton", name, "a name from points")
    return edge[0], edge[1]
