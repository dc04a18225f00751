"""The small plain data of a scene for columns and the list of instances, cached in one file per
scene so that an interrupted run continues where it stopped."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cattrs
import numpy as np
import orjson

from simgen.viewer.paths import write

_MOST_BYTES = 256_000_000
"""Maximum size of a cache file."""
INSTANCE = np.dtype(
    [
        ("frame", "<u4"),
        ("instance", "<u4"),
        ("class", "<u2"),
        ("pixels", "<u4"),
        ("visibility", "<f4"),
        ("distance", "<f4"),
    ]
)
"""An instance with at least one visible pixel. visibility: `visible_fraction`. distance: metres
from the camera to the centre of the 3D box."""

type Plain = dict[str, float | list[str]]
"""Values of columns, by their ids."""


@dataclass(frozen=True)
class Measured:
    """Data from the images of a scene. stamp: fingerprint of the files read. values: column values
    of each frame. damage: of each frame, one line; empty if there is none."""

    stamp: str
    values: list[Plain]
    damage: list[str]


@dataclass(frozen=True)
class Recorded:
    """Data from the records of a scene. values: column values of all its frames. frames: those of
    each frame. instances: base64 of an array of `INSTANCE`, in the order of frames. damage: of each
    frame."""

    stamp: str
    values: Plain
    frames: list[Plain]
    instances: str
    damage: list[str]

    def instance_rows(self) -> np.ndarray:
        """Return the array of `INSTANCE`. Raises `ValueError` if it is damaged."""
        return np.frombuffer(base64.b64decode(self.instances, validate=True), INSTANCE)


@dataclass(frozen=True)
class Packed:
    """State of the arrays of a scene. stamp: fingerprint of the files read; empty without arrays.
    damage: of each frame."""

    stamp: str
    damage: list[str]


@dataclass(frozen=True)
class Scene:
    """The cached data of a scene."""

    scene: int
    pictures: Measured
    records: Recorded
    arrays: Packed

    def damage(self) -> list[str]:
        """Return the damage to the files of each frame in one line; empty if there is none."""
        parts = (self.records.damage, self.pictures.damage, self.arrays.damage)
        return ["; ".join(filter(None, lines)) for lines in zip(*parts, strict=True)]

    def rows(self) -> list[Plain]:
        """Return the column values of each frame, including those of the scene."""
        pairs = zip(self.records.frames, self.pictures.values, strict=True)
        return [self.records.values | frame | measured for frame, measured in pairs]


def packed(rows: np.ndarray) -> str:
    """Return an array of `INSTANCE` as base64."""
    return base64.b64encode(rows.astype(INSTANCE).tobytes()).decode()


class Instances:
    """Collects all instances of a dataset."""

    def __init__(self) -> None:
        self._names = [name for name in INSTANCE.names or () if name != "frame"]
        self._columns = {name: bytearray() for name in ("image", *self._names)}

    def add(self, first_image: int, rows: np.ndarray) -> None:
        """Add the instances of the next scene, an array of `INSTANCE`. first_image: image number of
        its frame 0."""
        self._columns["image"] += (rows["frame"] + np.uint32(first_image)).astype("<u4").tobytes()
        for name in self._names:
            self._columns[name] += rows[name].tobytes()

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns by name, in the order of images."""
        dtypes = {"image": np.dtype("<u4")} | {name: INSTANCE[name] for name in self._names}
        return {
            name: np.frombuffer(content, dtypes[name]) for name, content in self._columns.items()
        }


def _value(plain: Any, _: object) -> float | list[str]:
    return [str(part) for part in plain] if isinstance(plain, list) else float(plain)


_CONVERTER = cattrs.Converter(detailed_validation=False)
_CONVERTER.register_structure_hook_func(lambda kind: kind == float | list[str], _value)


def read_cached(path: Path, scene: int) -> Scene | None:
    """Read a scene from its cache file; None if the file is missing or damaged."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    try:
        found = _CONVERTER.structure(orjson.loads(path.read_bytes()), Scene)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    return found if found.scene == scene else None


def write_cached(path: Path, scene: Scene) -> None:
    """Write a scene to its cache file. Raises `OSError`."""
    write(path, orjson.dumps(asdict(scene)))
