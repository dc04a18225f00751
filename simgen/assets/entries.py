"""`catalogue.yaml` at the root of an asset folder: descriptions of assets of any origin.

    version: 1
    assets:
      - id: mug/blue
        class: mug
        file: mug/blue/blue.obj
        size: [0.11, 0.08, 0.09]
        licence: CC0-1.0
        tags: [kitchen, tabletop]
        physics: {mass: 0.31, friction: 0.5}

Every field of `Entry` is a key; only `id`, `class` and `file` are required.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, get_origin, get_type_hints

import cattrs
import numpy as np
import yaml

from simgen.assets import yaml_files
from simgen.assets.yaml_files import expect, short
from simgen.errors import InputError
from simgen.geometry.transforms import as_vector
from simgen.spec.scene import Vector

FILE = "catalogue.yaml"
VERSION = 1
MAX_BYTES = 64 * 2**20
_RENAMED = {"class_name": "class"}
"""Fields whose YAML key is a Python keyword."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """A YAML dumper that writes lists of scalars on one line."""


def _represent_list(dumper: Any, values: list[Any]) -> yaml.Node:
    flow = not any(isinstance(value, list | dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flow)


_Dumper.add_representer(list, _represent_list)


@dataclass(frozen=True)
class Axis:
    """An axis of continuous rotational symmetry. offset: a point on it, metres."""

    axis: Vector
    offset: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Symmetries:
    """The symmetries of a shape, in metres, in the axes of the metric mesh (z up).

    The same fields as in the BOP challenge's models_info. discrete: 4 x 4 matrices, 16 numbers row
    by row, each of which maps the shape to itself.
    """

    continuous: tuple[Axis, ...] = ()
    discrete: tuple[tuple[float, ...], ...] = ()

    def scaled(self, factor: float) -> Symmetries:
        """Return the symmetries of the shape multiplied by a factor."""
        axes = tuple(
            Axis(each.axis, as_vector(factor * np.array(each.offset))) for each in self.continuous
        )
        by = np.array([[1, 1, 1, factor]] * 3 + [[1] * 4])
        moved = (np.reshape(each, (4, 4)) * by for each in self.discrete)
        return Symmetries(axes, tuple(tuple(map(float, each.ravel())) for each in moved))


@dataclass(frozen=True)
class Physics:
    """Physical properties of an asset.

    density: kg/m3, mass over the volume of the convex collision pieces. mass: kg, instead of a
    density. hull: `decompose` (hollows stay hollow) or `convex`.
    """

    density: float | None = None
    mass: float | None = None
    friction: float | None = None
    hull: str = "decompose"


@dataclass(frozen=True)
class Entry:
    """One asset of a catalogue."""

    id: str
    class_name: str
    file: str
    """The mesh, relative to the asset folder: OBJ, GLB, glTF, PLY or STL."""
    size: tuple[float, ...] = ()
    """Width, depth, height in metres, z up. The mesh's box is stretched to it along each axis;
    if empty, the file's own size is used."""
    unit: float = 1.0
    """Metres in one unit of the file."""
    up: str = "auto"
    """The file's up axis, as in `assets.up`."""
    turn: tuple[float, ...] = ()
    """A rotation of the file's axes, applied before `up`: nine numbers, row by row."""
    name: str = ""
    """A human-readable name."""
    licence: str = ""
    author: str = ""
    source: str = ""
    """The origin: a package, a URL, a folder's name."""
    keypoints: dict[str, Vector] = field(default_factory=dict)
    """In the file's axes and unit, as in a `keypoints.yaml`."""
    skeleton: tuple[tuple[str, str], ...] = ()
    symmetries: Symmetries = Symmetries()
    parts: dict[str, str] = field(default_factory=dict)
    """Names of the file's parts -> names that labels use."""
    tags: tuple[str, ...] = ()
    physics: Physics = Physics()
    scale_range: tuple[float, float] = (1.0, 1.0)
    """Factors by which instances may differ from `size`."""
    notes: tuple[str, ...] = ()
    """Findings and changes of the import."""
    sha256: str = ""
    """SHA-256 over the mesh and the files it uses. If given, changed files are rejected."""
    uses: tuple[str, ...] = ()
    """The files that the mesh uses, relative to the asset folder."""
    triangles: int = 0
    """If given, with `size` and `sha256`, a run does not load the mesh to count them."""


def read(folder: Path) -> tuple[Entry, ...]:
    """Return the entries of an asset folder's catalogue; empty if it has none.

    Raises `InputError`, naming file, entry and key, for content of another form than above.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    if path.stat().st_size > MAX_BYTES:
        size = path.stat().st_size / 2**20
        raise InputError(f"{path}: found {size:.0f} MB, expected at most {MAX_BYTES // 2**20} MB")
    try:
        return parse(yaml_files.parse(path.read_bytes()))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def write(folder: Path, entries: Iterable[Entry]) -> Path:
    """Write a folder's catalogue atomically, and return its path. Default values are omitted."""
    path = folder / FILE
    content = {"version": VERSION, "assets": [to_plain(entry) for entry in entries]}
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    temporary = path.with_name(f".{FILE}.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
    return path


def merged(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return `old` updated by id with the entries of `new`; those with other ids are appended."""
    entries = {entry.id: entry for entry in old}
    entries.update({entry.id: entry for entry in new})
    return tuple(entries.values())


def parse(content: Any) -> tuple[Entry, ...]:
    """Return the entries of a parsed catalogue. Raises `ValueError`, one line."""
    if not isinstance(content, dict) or set(content) != {"version", "assets"}:
        raise ValueError("expected the keys 'version' and 'assets', and no others")
    if content["version"] != VERSION:
        raise ValueError(f"version: found {content['version']!r}, expected {VERSION}")
    if not isinstance(content["assets"], list):
        raise ValueError("assets: expected a list of entries")
    found: dict[str, Entry] = {}
    for number, plain in enumerate(content["assets"], start=1):
        entry = _entry(plain, number)
        if entry.id in found:
            raise ValueError(f"asset {entry.id!r} is listed twice; ids must be unique")
        found[entry.id] = entry
    return tuple(found.values())


def _entry(plain: Any, number: int) -> Entry:
    where = f"asset number {number}"
    if not isinstance(plain, dict):
        raise ValueError(f"{where}: found {short(plain)}, expected keys and values")
    if isinstance(plain.get("id"), str):
        where = f"asset {plain['id']!r}"
    try:
        _refuse_unknown(plain, Entry, "")
        entry = _CONVERTER.structure(plain, Entry)
        _check(entry)
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error)).replace(" @ $.", " in ")
        raise ValueError(f"{where}: {' '.join(reasons.split())[:300]}") from error
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    return entry


def _refuse_unknown(plain: dict[Any, Any], kind: type, inside: str) -> None:
    """Raise `ValueError` for unknown keys, with a suggestion, which cattrs does not make."""
    fields = {_RENAMED.get(item.name, item.name): item for item in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    for key, value in plain.items():
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected some of {', '.join(fields)}"
            raise ValueError(f"unknown key {inside + str(key)!r}; {hint}")
        inner = hints[fields[key].name]
        if get_origin(inner) is tuple and not isinstance(value, list):
            raise ValueError(f"{inside}{key}: found {short(value)}, expected a list")
        if isinstance(inner, type) and dataclasses.is_dataclass(inner) and isinstance(value, dict):
            _refuse_unknown(value, inner, f"{inside}{key}.")


def _check(entry: Entry) -> None:
    """Check the constraints that types cannot express. Raises `ValueError`."""
    for key in ("id", "class_name", "file"):
        value = getattr(entry, key)
        is_line = bool(value) and value.isprintable()
        expect(is_line, _RENAMED.get(key, key), value, "one line of text")
    expect("/" not in entry.class_name, "class", entry.class_name, "a name without '/'")
    # The id of an imported asset is also its folder.
    expect(_is_below(entry.id), "id", entry.id, "names separated by '/'")
    is_inside = _is_below(entry.file) and "\\" not in entry.file
    expect(is_inside, "file", entry.file, "a path below the asset folder")
    for name in entry.uses:
        expect(_is_below(name), "uses", name, "paths below the asset folder")
    is_size = len(entry.size) in (0, 3) and all(map(_positive, entry.size))
    expect(is_size, "size", list(entry.size), "three lengths in metres above 0")
    expect(entry.triangles >= 0, "triangles", entry.triangles, "a count")
    expect(_positive(entry.unit), "unit", entry.unit, "metres per file unit above 0")
    expect(entry.up in ("auto", "y", "z"), "up", entry.up, "'auto', 'y' or 'z'")
    is_turn = not entry.turn or is_rotation(entry.turn)
    expect(is_turn, "turn", list(entry.turn), "nine numbers that form a rotation")
    low, high = entry.scale_range
    is_range = _positive(low) and _positive(high) and low <= high
    expect(is_range, "scale_range", [low, high], "0 < lowest <= highest")
    _check_points(entry)
    _check_physics(entry.physics)


def _is_below(text: str) -> bool:
    path = PurePosixPath(text)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _check_points(entry: Entry) -> None:
    for name, point in entry.keypoints.items():
        expect(all(map(math.isfinite, point)), f"keypoints.{name}", list(point), "[x, y, z]")
    for name in (name for edge in entry.skeleton for name in edge):
        expect(name in entry.keypoints, "skeleton", name, "a name from keypoints")
    for one in entry.symmetries.continuous:
        is_axis = all(map(math.isfinite, one.axis)) and any(one.axis)
        expect(is_axis, "symmetries.continuous", list(one.axis), "an axis")
    for matrix in entry.symmetries.discrete:
        rows = np.reshape(matrix, (4, 4)) if len(matrix) == 16 else np.zeros((4, 4))
        if not is_rotation(tuple(rows[:3, :3].ravel())) or rows[3].tolist() != [0, 0, 0, 1]:
            raise ValueError("symmetries.discrete: expected rigid 4 x 4 matrices, 16 numbers each")


def _check_physics(physics: Physics) -> None:
    is_hull = physics.hull in ("convex", "decompose")
    expect(is_hull, "physics.hull", physics.hull, "'convex' or 'decompose'")
    if physics.density is not None and physics.mass is not None:
        raise ValueError("physics: found a density and a mass, expected one of them")
    for key in ("density", "mass"):
        value = getattr(physics, key)
        expect(value is None or _positive(value), f"physics.{key}", value, "a number above 0")
    friction = physics.friction
    expect(friction is None or 0 <= friction <= 10, "physics.friction", friction, "0 to 10")


def is_rotation(numbers: tuple[float, ...]) -> bool:
    """Return whether nine numbers, row by row, are a proper rotation, to three digits."""
    if len(numbers) != 9 or not all(map(math.isfinite, numbers)):
        return False
    matrix = np.reshape(numbers, (3, 3))
    near = np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-3)
    return bool(near and np.linalg.det(matrix) > 0)


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def to_plain(entry: Entry) -> dict[str, Any]:
    """Return an entry as a mapping, default values omitted."""
    return _CONVERTER.unstructure(entry)


def _structure_text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise ValueError(f"found {short(value)}, expected text (in quotes)")
    return value


def _structure_number(value: Any, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"found {short(value)}, expected a number")
    return float(value)


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, omit_if_default=True)
    converter.register_structure_hook(str, _structure_text)
    converter.register_structure_hook(float, _structure_number)
    rename = cattrs.gen.override(rename="class")
    converter.register_structure_hook(
        Entry,
        cattrs.gen.make_dict_structure_fn(
            Entry, converter, class_name=rename, _cattrs_forbid_extra_keys=True
        ),
    )
    converter.register_unstructure_hook(
        Entry,
        cattrs.gen.make_dict_unstructure_fn(
            Entry, converter, class_name=rename, _cattrs_omit_if_default=True
        ),
    )
    # PyYAML's safe dumper writes lists, but rejects tuples.
    converter.register_unstructure_hook_func(
        lambda kind: getattr(kind, "__origin__", None) is tuple,
        lambda value: [converter.unstructure(item) for item in value],
    )
    return converter


_CONVERTER = _make_converter()
