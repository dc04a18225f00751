"""`catalogue.yaml` at the root of an asset folder: what is known of assets of any origin.

    version: 1
    assets:
      - id: mug/blue
        class: mug
        file: mug/blue/blue.obj
        size: [0.11, 0.08, 0.09]
        licence: CC0-1.0
        tags: [kitchen, tabletop]
        physics: {mass: 0.31, friction: 0.5}

Every field of `Entry` is a key; `id`, `class` and `file` alone have to be there.
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

from simgen.errors import InputError
from simgen.spec import Vector

FILE = "catalogue.yaml"
VERSION = 1
MAX_BYTES = 64 * 2**20
_RENAMED = {"class_name": "class"}
"""Fields whose key is a word of Python."""

# PyYAML's own parser is a hundred times slower than libyaml's, which wheels carry.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes lists of plain values on one line."""


def _represent_list(dumper: Any, values: list[Any]) -> yaml.Node:
    flow = not any(isinstance(value, list | dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flow)


_Dumper.add_representer(list, _represent_list)


@dataclass(frozen=True)
class Axis:
    """An axis about which a shape may be turned by any angle. offset: a point on it, metres."""

    axis: Vector
    offset: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Symmetries:
    """As in the BOP challenge's models_info, in metres, in the axes of the metric mesh (z up).

    discrete: 4 x 4 matrices, 16 numbers row by row, each of which maps the shape to itself.
    """

    continuous: tuple[Axis, ...] = ()
    discrete: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Physics:
    """density: kg/m3, mass over the volume of the physics' convex pieces. mass: kg, instead of a
    density. hull: `decompose` (hollows stay hollow) or `convex`."""

    density: float | None = None
    mass: float | None = None
    friction: float | None = None
    hull: str = "decompose"


@dataclass(frozen=True)
class Entry:
    """One asset."""

    id: str
    class_name: str
    file: str
    """The mesh, relative to the asset folder: OBJ, GLB, glTF, PLY or STL."""
    size: tuple[float, ...] = ()
    """Width, depth, height in metres, z up. The mesh's box is stretched to it along each axis;
    without it the file's own size counts."""
    unit: float = 1.0
    """Metres in one unit of the file."""
    up: str = "auto"
    """The file's up axis, as in `assets.up`."""
    turn: tuple[float, ...] = ()
    """A rotation of the file's own axes, before `up`: nine numbers, row by row."""
    name: str = ""
    """For people."""
    licence: str = ""
    author: str = ""
    source: str = ""
    """Where it came from: a package, an address, a folder's name."""
    keypoints: dict[str, Vector] = field(default_factory=dict)
    """In the file's own axes and unit, as in a `keypoints.yaml`."""
    skeleton: tuple[tuple[str, str], ...] = ()
    symmetries: Symmetries = Symmetries()
    parts: dict[str, str] = field(default_factory=dict)
    """Names of the file's parts to those that labels use."""
    tags: tuple[str, ...] = ()
    physics: Physics = Physics()
    scale_range: tuple[float, float] = (1.0, 1.0)
    """Factors by which instances may differ from `size`."""
    notes: tuple[str, ...] = ()
    """What was found or changed when it was imported."""
    sha256: str = ""
    """Over the mesh and the files it uses. Where it is given, other bytes are refused."""
    uses: tuple[str, ...] = ()
    """Those files, relative to the asset folder."""
    triangles: int = 0
    """Where it is given, with `size` and `sha256`, a run does not load the mesh to count them."""


def read(folder: Path) -> tuple[Entry, ...]:
    """The entries of an asset folder; none where it has no catalogue.

    Raises `InputError` with file, entry and key for what is not as above.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path}: expected at most {MAX_BYTES // 2**20} MB")
    try:
        content = yaml.load(path.read_bytes(), _LOADER)  # a safe loader: plain data alone
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: it is no readable YAML ({reason}); mend it") from error
    try:
        return parse(content)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def write(folder: Path, entries: Iterable[Entry]) -> Path:
    """Write a folder's catalogue, whole or not at all. Fields at their defaults are left out."""
    path = folder / FILE
    content = {"version": VERSION, "assets": [to_plain(entry) for entry in entries]}
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    temporary = path.with_name(f".{FILE}.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
    return path


def merged(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """`old` with entries of the same id replaced by the new ones, the others of `new` after it."""
    entries = {entry.id: entry for entry in old}
    entries.update({entry.id: entry for entry in new})
    return tuple(entries.values())


def parse(content: Any) -> tuple[Entry, ...]:
    """Entries from the plain data of a catalogue. Raises `ValueError`, one line."""
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
            raise ValueError(f"asset {entry.id!r} is there twice; give each an id of its own")
        found[entry.id] = entry
    return tuple(found.values())


def _entry(plain: Any, number: int) -> Entry:
    where = f"asset number {number}"
    if not isinstance(plain, dict):
        raise ValueError(f"{where}: found {_short(plain)}, expected keys and values")
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
    """cattrs names unknown keys, but not what was meant by them."""
    fields = {_RENAMED.get(item.name, item.name): item for item in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    for key, value in plain.items():
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected some of {', '.join(fields)}"
            raise ValueError(f"unknown key {inside + str(key)!r}; {hint}")
        inner = hints[fields[key].name]
        if get_origin(inner) is tuple and not isinstance(value, list):
            raise ValueError(f"{inside}{key}: found {_short(value)}, expected a list")
        if isinstance(inner, type) and dataclasses.is_dataclass(inner) and isinstance(value, dict):
            _refuse_unknown(value, inner, f"{inside}{key}.")


def _check(entry: Entry) -> None:
    """What types cannot say. Raises `ValueError`."""
    for key in ("id", "class_name", "file"):
        value = getattr(entry, key)
        if not value or not value.isprintable():
            raise ValueError(
                f"{_RENAMED.get(key, key)}: found {value!r}, expected one line of text"
            )
    if "/" in entry.class_name:
        raise ValueError(f"class: found {entry.class_name!r}, expected a name without '/'")
    own = PurePosixPath(entry.id)  # an imported asset's folder
    if own.is_absolute() or ".." in own.parts or not own.parts:
        raise ValueError(f"id: found {entry.id!r}, expected words with '/' between them")
    path = PurePosixPath(entry.file)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.file:
        raise ValueError(f"file: found {entry.file!r}, expected a path below the asset folder")
    if len(entry.size) not in (0, 3) or not all(_positive(side) for side in entry.size):
        raise ValueError(
            f"size: found {list(entry.size)}, expected three lengths in metres above 0"
        )
    for name in entry.uses:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"uses: found {name!r}, expected paths below the asset folder")
    if entry.triangles < 0:
        raise ValueError(f"triangles: found {entry.triangles}, expected a count")
    if not _positive(entry.unit):
        raise ValueError(f"unit: found {entry.unit}, expected metres per file unit above 0")
    if entry.up not in ("auto", "y", "z"):
        raise ValueError(f"up: found {entry.up!r}, expected 'auto', 'y' or 'z'")
    if entry.turn and not is_rotation(entry.turn):
        raise ValueError(f"turn: found {list(entry.turn)}, expected nine numbers of a rotation")
    low, high = entry.scale_range
    if not (_positive(low) and _positive(high) and low <= high):
        raise ValueError(f"scale_range: found [{low}, {high}], expected 0 < lowest <= highest")
    _check_points(entry)
    _check_physics(entry.physics)


def _check_points(entry: Entry) -> None:
    for name, point in entry.keypoints.items():
        if not all(map(math.isfinite, point)):
            raise ValueError(f"keypoints.{name}: found {list(point)}, expected [x, y, z]")
    for name in (name for edge in entry.skeleton for name in edge if name not in entry.keypoints):
        raise ValueError(f"skeleton: found {name!r}, expected a name from keypoints")
    for axis in entry.symmetries.continuous:
        if not (all(map(math.isfinite, axis.axis)) and any(axis.axis)):
            raise ValueError(f"symmetries.continuous: found the axis {list(axis.axis)}")
    for matrix in entry.symmetries.discrete:
        rows = np.reshape(matrix, (4, 4)) if len(matrix) == 16 else np.zeros((4, 4))
        if not is_rotation(tuple(rows[:3, :3].ravel())) or rows[3].tolist() != [0, 0, 0, 1]:
            raise ValueError("symmetries.discrete: expected rigid 4 x 4 matrices, 16 numbers each")


def _check_physics(physics: Physics) -> None:
    if physics.hull not in ("convex", "decompose"):
        raise ValueError(f"physics.hull: found {physics.hull!r}, expected 'convex' or 'decompose'")
    if physics.density is not None and physics.mass is not None:
        raise ValueError("physics: found a density and a mass, expected one of them")
    for key in ("density", "mass"):
        value = getattr(physics, key)
        if value is not None and not _positive(value):
            raise ValueError(f"physics.{key}: found {value}, expected a number above 0")
    if physics.friction is not None and not 0 <= physics.friction <= 10:
        raise ValueError(f"physics.friction: found {physics.friction}, expected 0 to 10")


def is_rotation(numbers: tuple[float, ...]) -> bool:
    """Whether nine numbers, row by row, are a proper rotation, to three digits."""
    if len(numbers) != 9 or not all(map(math.isfinite, numbers)):
        return False
    matrix = np.reshape(numbers, (3, 3))
    near = np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-3)
    return bool(near and np.linalg.det(matrix) > 0)


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def to_plain(entry: Entry) -> dict[str, Any]:
    """An entry as a mapping, fields at their defaults left out."""
    return _CONVERTER.unstructure(entry)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _structure_text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise ValueError(f"found {_short(value)}, expected text (in quotes)")
    return value


def _structure_number(value: Any, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"found {_short(value)}, expected a number")
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
    # YAML knows lists, and a tuple is none for its safe dumper.
    converter.register_unstructure_hook_func(
        lambda kind: getattr(kind, "__origin__", None) is tuple,
        lambda value: [converter.unstructure(item) for item in value],
    )
    return converter


_CONVERTER = _make_converter()
