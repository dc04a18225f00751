"""`installed.yaml` in a folder of downloaded images: where they come from and under which licence.

    version: 1
    items:
      - id: brick_wall_001
        site: polyhaven
        kind: texture
        licence: CC0-1.0
        authors: [Somebody]
        source: https://polyhaven.com/a/brick_wall_001
        width: 2.0
        files: {brick_wall_001/brick_wall_001_diff_1k.jpg: 0f3a...}

Each item has a folder of its id. `files` maps paths to the SHA-256 of the files.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cattrs
import yaml

from simgen.assets import yaml_files
from simgen.errors import InputError

FILE = "installed.yaml"
VERSION = 1
_MOST_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Item:
    """A downloaded texture set or HDRI. width: that one image covers, metres, if known."""

    id: str
    site: str
    kind: str
    licence: str
    source: str
    authors: list[str] = field(default_factory=list)
    width: float | None = None
    files: dict[str, str] = field(default_factory=dict)


_CONVERTER = cattrs.Converter(forbid_extra_keys=True, omit_if_default=True)


def read(folder: Path) -> dict[str, Item]:
    """Return the items of a folder by id; empty without a file.

    Raises `InputError`, naming the file, for content of another form than above.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES // 2**20} MB")
        plain = yaml_files.parse(path.read_bytes())
        if not isinstance(plain, dict) or plain.get("version") != VERSION:
            raise ValueError(f"expected the keys 'version' ({VERSION}) and 'items'")
        items = _CONVERTER.structure(plain.get("items"), list[Item])
        for item in items:
            if item.width is not None and not (math.isfinite(item.width) and item.width > 0):
                raise ValueError(f"item {item.id!r}: width: found {item.width}, expected metres")
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error)).replace(" @ $", " in items")
        raise InputError(f"{path}: {' '.join(reasons.split())[:300]}") from error
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    return {item.id: item for item in items}


def write(folder: Path, items: Iterable[Item]) -> None:
    """Write the items of a folder atomically, sorted by id."""
    listed = sorted(items, key=lambda item: item.id)
    plain = {"version": VERSION, "items": [_CONVERTER.unstructure(item) for item in listed]}
    path = folder / FILE
    new = path.with_name(f".{FILE}.new")
    new.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), encoding="utf-8")
    new.replace(path)


def widths(folder: Path) -> dict[str, float]:
    """Return the width of each item that has one, metres, by the name of its folder."""
    return {name: item.width for name, item in read(folder).items() if item.width is not None}
