"""The stage `blend`: a user-supplied .blend file, with markers for objects, cameras and lamps.

`simgen.objects*` marks an area for objects (an empty's box, whose centre is on the surface),
`simgen.camera*` a box that cameras stay in, and `simgen.light*` a lamp that shines along its own
-z. An object in a collection with such a name is a marker, too, and invisible. Without markers for
lights, the file's own lamps mark the places for lamps. The class of stuff comes from the custom
property `stuff` of an object or from a collection `stuff.<name>`, and the class of an object from
`class` in the same way. An object that is merely named chair or sofa.001 becomes an ignore region
if chairs or couches are labelled, since its name does not imply that it is complete.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from simgen.assets.catalogue import built_in_info
from simgen.assets.stage_file import VERSION, FilePart, Marker, StageFile, read_stage
from simgen.errors import AssetError, InputError
from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import as_vector
from simgen.resources import cache_dir
from simgen.spec.parameters import constant
from simgen.spec.rng import Stream
from simgen.stages.stage import LampPlace, Room, Stage, StageContent, StagePart, Support

NAME = "blend"
_LEVEL = np.radians(1.0)
"""Maximum tilt of a marker."""
_SNAP = 0.05
"""Distance from a marker's centre within which a surface supports objects, metres."""
_OPEN = 1.2
"""Metres. With less free height, a support is a shelf: nothing is dropped on it."""
_NEAR = 0.5
"""Distance around a support within which parts are obstacles, metres."""
_PROBES = 9
"""Rays along each side of a support for finding a ceiling."""
_MAX_PIECED = 150
"""Maximum number of obstacles, nearest first: decomposing a mesh takes a second."""
_LAMPS = {"AREA": "ceiling", "POINT": "bulb", "SPOT": "bulb"}


@dataclass(frozen=True)
class Blend:
    """camera: index of the camera box that is used."""

    camera: int = constant(0)


def blend_stage(path: Path) -> Stage[Blend]:
    """Return the stage of a file. Raises `AssetError` if it cannot be read, `InputError` if a
    marker is missing or invalid."""
    try:
        state = path.stat()
    except OSError as error:
        raise AssetError(f"scene.blend={path}: cannot be read ({error.strerror})") from error
    found = _read(path.resolve(), state.st_mtime_ns, state.st_size)

    def adjust(p: Blend, rng: Stream) -> Blend:
        rooms = len(found.rooms)
        return Blend(int(rng.integers(rooms)) if rooms else 0)

    def build(p: Blend) -> StageContent:
        room = found.rooms[p.camera] if found.rooms else None
        return StageContent(found.parts, found.supports, room, found.lamps)

    return Stage(
        Blend,
        lambda _, rng: {},
        build,
        stuff=found.stuff,
        adjust=adjust,
        file=path,
        file_sha256=found.sha256,
    )


@dataclass(frozen=True)
class _Found:
    """The contents of a file, in the terms of a stage."""

    sha256: str
    stuff: tuple[str, ...]
    parts: tuple[StagePart, ...]
    supports: tuple[Support, ...]
    rooms: tuple[Room, ...]
    lamps: tuple[LampPlace, ...]


@lru_cache(maxsize=2)
def _read(path: Path, modified: int, size: int) -> _Found:
    """Read a file. modified, size: of the file, so that a changed file is read again."""
    file = read_stage(path)
    caster = _caster(file)
    supports = _supports(file, caster, path)
    return _Found(
        sha256=file.sha256,
        stuff=tuple(sorted({part.stuff for part in file.parts} - {"background"})),
        parts=_parts(file, supports, path),
        supports=supports,
        rooms=tuple(_room(marker, path) for marker in _of_kind(file, "camera")),
        lamps=_lamps(file),
    )


def _of_kind(file: StageFile, kind: str) -> list[Marker]:
    return sorted((m for m in file.markers if m.kind == kind), key=lambda m: m.name)


def _caster(file: StageFile) -> Caster:
    starts = np.cumsum([0] + [len(part.mesh.vertices) for part in file.parts])
    faces = [part.mesh.faces + start for part, start in zip(file.parts, starts, strict=False)]
    vertices = np.concatenate([part.mesh.vertices for part in file.parts])
    return Caster(vertices, np.concatenate(faces).astype(np.int32))


def _box(marker: Marker, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return centre and half sizes in the world, `3` each. Raises `InputError` for a tilted one."""
    axes = marker.matrix[:, :3]
    length = np.linalg.norm(axes, axis=0)
    straight = np.abs(axes / np.where(length > 0, length, 1.0)).max(axis=0)
    if (straight[length > 0] < np.cos(_LEVEL)).any():
        raise InputError(
            f"{path}: the marker {marker.name!r} is not aligned with the world's axes; "
            "expected rotations by 0 or 90 degrees"
        )
    return axes @ marker.middle + marker.matrix[:, 3], np.abs(axes) @ marker.half


def _supports(file: StageFile, caster: Caster, path: Path) -> tuple[Support, ...]:
    found = [_support(marker, caster, path) for marker in _of_kind(file, "objects")]
    if not found:
        raise InputError(
            f"{path}: found no marker for objects; add an empty (Add > Empty > Cube) named "
            "'simgen.objects' with its centre on the supporting surface and x and y scales of half "
            "the surface's size"
        )
    return tuple(sorted(found, key=lambda support: -float(np.prod(support.half_size))))


def _support(marker: Marker, caster: Caster, path: Path) -> Support:
    middle, half = _box(marker, path)
    if min(half[:2]) <= 0:
        raise InputError(
            f"{path}: the marker {marker.name!r} has zero width or depth; set its x and y scale"
        )
    height = _surface(caster, middle)
    at = np.array([middle[0], middle[1], height])
    return Support(
        half_size=(float(half[0]), float(half[1])),
        round=marker.round,
        centre=as_vector(at),
        clear=_clear(caster, at, half),
        tags=marker.tags,
        name=marker.name,
    )


def _surface(caster: Caster, middle: np.ndarray) -> float:
    """Return the height of the surface at a marker; the marker's own if there is none nearby."""
    start = middle + [0.0, 0.0, _SNAP]
    hits = caster.first(start[None], np.array([[0.0, 0.0, -1.0]]))
    met = hits.triangle[0] >= 0 and hits.distance[0] <= 2 * _SNAP
    return float(start[2] - hits.distance[0]) if met else float(middle[2])


def _clear(caster: Caster, at: np.ndarray, half: np.ndarray) -> float:
    """Return the free height above a support, infinity if objects can be dropped on it."""
    axis = np.linspace(-1.0, 1.0, _PROBES)
    x, y = (value.ravel() for value in np.meshgrid(axis * half[0], axis * half[1]))
    start = at + np.column_stack([x, y, np.full(len(x), 0.01)])
    up = np.tile([0.0, 0.0, 1.0], (len(start), 1))
    hits = caster.first(start, up)
    above = hits.distance[hits.triangle >= 0]
    free = float(above.min()) + 0.01 if len(above) else np.inf
    return free if free < _OPEN else float("inf")


def _room(marker: Marker, path: Path) -> Room:
    middle, half = _box(marker, path)
    return Room(as_vector(middle - half), as_vector(middle + half))


def _lamps(file: StageFile) -> tuple[LampPlace, ...]:
    marked = [_lamp(marker, marker.lamp or _meant(marker)) for marker in _of_kind(file, "light")]
    if marked:
        return tuple(marked)
    own = [marker for marker in _of_kind(file, "lamp") if marker.lamp in _LAMPS]
    return tuple(_lamp(marker, _LAMPS[marker.lamp]) for marker in own)


def _meant(marker: Marker) -> str:
    """Return a marker's kind of light from its name: simgen.light.window."""
    named = [kind for kind in ("ceiling", "bulb", "window") if kind in marker.name.lower()]
    return named[0] if named else "ceiling"


def _lamp(marker: Marker, kind: str) -> LampPlace:
    if kind not in ("ceiling", "bulb", "window"):
        raise InputError(
            f"the marker {marker.name!r} has the kind of light {kind!r}; expected ceiling, bulb or "
            "window"
        )
    position = marker.matrix[:, 3]
    down = -marker.matrix[:, 2]
    length = float(np.linalg.norm(down))
    ahead = down / length if length > 0 else np.array([0.0, 0.0, -1.0])
    size = 2 * marker.half[:2] * np.linalg.norm(marker.matrix[:, :2], axis=0)
    wide, high = (max(float(value), 0.05) for value in size)
    return LampPlace(kind, as_vector(position), as_vector(position + ahead), wide, high)


def _parts(file: StageFile, supports: tuple[Support, ...], path: Path) -> tuple[StagePart, ...]:
    """Return the file's objects, with collision pieces for those near a support."""
    known = {
        name: built_in
        for built_in, info in built_in_info().items()
        for name in (built_in, *info.aliases)
    }
    near = [min(_distance(part, support) for support in supports) for part in file.parts]
    closest = set(np.argsort(near, kind="stable")[:_MAX_PIECED].tolist())
    from simgen.assets.convex_decomposition import convex_pieces  # imports scipy's hulls

    found = []
    for number, part in enumerate(file.parts):
        mesh = part.mesh
        if number in closest and near[number] <= _NEAR:
            key = f"{VERSION} {file.sha256} {number}"
            mesh = replace(mesh, pieces=convex_pieces(mesh, cache_dir(), key))
        found.append(
            StagePart(
                part.name,
                mesh,
                (0.0, 0.0, 0.0),
                part.stuff,
                class_name=_class(part, known, path),
                crowd=not part.class_name and _plain(part.name) in known,
                heading=part.heading,
            )
        )
    return tuple(found)


def _class(part: FilePart, known: Mapping[str, str], path: Path) -> str:
    """Return the built-in class of a part, from its property `class` or else its name.

    known: built-in class by each of its names.

    Raises `InputError` for a property that names no built-in class.
    """
    if part.class_name and _plain(part.class_name) not in known:
        near = difflib.get_close_matches(_plain(part.class_name), known, n=1)
        hint = f", such as {near[0]!r}" if near else ""
        raise InputError(
            f"{path}: the class of the object {part.name!r} is {part.class_name!r}, "
            f"expected a built-in class{hint}"
        )
    return known.get(_plain(part.class_name or part.name), "")


def _plain(name: str) -> str:
    """Normalize Sofa.001 and Dining Table 2 to catalogue names: sofa, dining_table."""
    return re.sub("[^a-z]+", "_", name.lower()).strip("_")


def _distance(part: FilePart, support: Support) -> float:
    """Return the distance from the space above a support to a part's box, metres; infinity for
    parts below or above that space."""
    low, high = part.mesh.bounds()
    centre, half = np.array(support.centre), np.array(support.half_size)
    top = centre[2] + min(support.clear, _OPEN)
    if high[2] < centre[2] + 1e-3 or low[2] > top - 1e-3:
        return float("inf")
    apart = np.maximum(low[:2] - centre[:2] - half, centre[:2] - half - high[:2])
    return float(max(apart.max(), 0.0))
