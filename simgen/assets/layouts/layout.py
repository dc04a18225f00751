"""What a layout is, and the bounded reading of folders and tables that all layouts share."""

from __future__ import annotations

import gzip
import json
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from simgen.assets import sizes, yaml_files
from simgen.assets.candidate import Candidate
from simgen.assets.entries import Entry
from simgen.assets.names import class_name, path_part, shown
from simgen.errors import AssetError

MAX_TABLE_BYTES = 256 * 2**20
"""Maximum size of a table, bytes, after decompression."""
MAX_TEXT_BYTES = 8 * 2**20
"""Maximum size of the description of one model, bytes."""
_LOOKED_AT = 200
"""Number of sub-folders that are looked at to recognize a layout."""
_CC_TERMS = re.compile(r"cc[ -]?by((?:[ -](?:nc|nd|sa))*)(?:[ -]([1-4]\.0))?", re.I)

type Failed = list[tuple[str, str]]
"""Name and reason of each model that cannot be imported."""


@dataclass(frozen=True)
class Place:
    """A folder that has a layout.

    root: the folder. name: its name, or that of the archive extracted to it. around: names of the
    folders and the archive that contain it, the nearest first. of_class: class of its models, if
    that is given.
    """

    root: Path
    name: str
    around: tuple[str, ...] = ()
    of_class: str = ""


@dataclass(frozen=True)
class Layout:
    """A way in which a library arranges its models.

    expected: the files by which it is recognized, for messages. find: returns the folders at or
    below a folder that have the layout, an empty tuple if there are none. read: yields the models
    of one such folder, and adds those that cannot be imported to its second argument.
    """

    name: str
    expected: str
    find: Callable[[Path], tuple[Path, ...]]
    read: Callable[[Place, Failed], Iterator[Candidate]]


def folders(folder: Path) -> list[Path]:
    """Return the sub-folders of a folder, sorted by name, without hidden ones and links."""
    try:
        below = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    return sorted(path for path in below if path.is_dir() and not path.is_symlink())


def nearest(folder: Path, fits: Callable[[Path], bool], depth: int = 2) -> tuple[Path, ...]:
    """Return the folder itself if it fits, or else the sub-folders that fit, at the least depth.

    depth: levels of sub-folders that are searched. Of each, a limited number of folders is looked
    at until one fits.
    """
    if fits(folder):
        return (folder,)
    parents = [folder]
    for _ in range(depth):
        level = list(islice((path for parent in parents for path in folders(parent)), _LOOKED_AT))
        if any(map(fits, level)):
            return tuple(path for parent in parents for path in folders(parent) if fits(path))
        parents = level
    return ()


def with_damaged(found: tuple[Path, ...], marks: Sequence[str]) -> tuple[Path, ...]:
    """Return the folders of models, and those beside them that have one of the files `marks` of a
    model, but not its mesh."""
    beside = {path for parent in {path.parent for path in found} for path in folders(parent)}
    damaged = {path for path in beside if any((path / name).is_file() for name in marks)}
    return tuple(sorted({*found, *damaged})) if found else ()


def some(folder: Path, fits: Callable[[Path], bool]) -> bool:
    """Return whether one of the first sub-folders fits."""
    return any(fits(path) for path in islice(folders(folder), _LOOKED_AT))


def read_bytes(path: Path, most: int = MAX_TEXT_BYTES) -> bytes:
    """Return the content of a file, decompressed if its name ends with `.gz`.

    Raises `AssetError`, naming the file, if it cannot be read or is larger than `most` bytes.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data = stream.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise AssetError(f"{path.name}: cannot be read ({reason}); download it again") from error
    if len(data) > most:
        raise AssetError(f"{path.name}: larger than {most // 2**20} MB")
    return data


def read_json(path: Path, most: int = MAX_TEXT_BYTES) -> dict[str, Any]:
    """Return the object in a JSON file. Raises `AssetError`, naming the file."""
    data = read_bytes(path, most)
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise AssetError(f"{path.name}: not valid JSON ({reason}); download it again") from error
    if not isinstance(plain, dict):
        raise AssetError(f"{path.name}: found {yaml_files.short(plain)}, expected an object")
    return plain


def read_xml(path: Path) -> ET.Element:
    """Return the root of an XML file without entities. Raises `AssetError`, naming the file."""
    data = read_bytes(path)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise AssetError(f"{path.name}: found a document type, expected plain XML")
    try:
        return ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise AssetError(f"{path.name}: not valid XML ({error})") from error


def numbers(value: Any, count: int, key: str) -> tuple[float, ...]:
    """Return a list of finite numbers, or words that are numbers, of this length.

    Raises `AssetError`, naming the key.
    """
    words = value.split() if isinstance(value, str) else value
    try:
        found = tuple(float(word) for word in words)
    except (TypeError, ValueError):
        found = ()
    if len(found) != count or not all(abs(number) < 1e12 for number in found):
        short = yaml_files.short(value)
        raise AssetError(f"{key}: found {short}, expected {count} finite numbers")
    return found


def plain_name(text: str) -> str:
    """Return a name in the style of class names: lower case, words joined by `_`.

    Raises `AssetError` if nothing is left of it.
    """
    words = re.sub(r"[^\w]+", "_", text.strip().lower()).strip("_")
    return class_name(re.sub("_+", "_", words))


def licence(text: str) -> str:
    """Return the SPDX identifier of a Creative Commons licence; other texts are kept.

    A licence without a version is taken for 4.0.
    """
    plain = re.sub(r"creative commons", "cc", text.strip(), flags=re.I)
    plain = re.sub(r"[ -]*attribution", " by", plain, flags=re.I)
    plain = re.sub(r"[ -]*non-?commercial", " nc", plain, flags=re.I)
    plain = re.sub(r"[ -]*no-?derivati?ve?s?", " nd", plain, flags=re.I)
    plain = re.sub(r"[ -]*share-?alike", " sa", plain, flags=re.I)
    plain = re.sub(r"^by\b", "cc by", plain, flags=re.I)
    if re.fullmatch(r"cc-?0(?:[ -]1\.0)?|cc zero.*|cc-?0 .*", plain, re.I):
        return "CC0-1.0"
    if not (found := _CC_TERMS.match(plain)):
        return " ".join(text.split())[:80]
    terms = "".join(f"-{term.upper()}" for term in re.findall(r"nc|nd|sa", found[1], re.I))
    return f"CC-BY{terms}-{found[2] or '4.0'}"


def candidate(root: Path, file: Path, of_class: str, key: str, **known: Any) -> Candidate:
    """Return a model to import.

    root: nothing outside it is read. of_class: its class. key: a name that is unique among the
    models of its class. known: fields of its entry, and `longest` of `Candidate`.
    """
    longest = known.pop("longest", None)
    entry = Entry(
        id=f"{path_part(of_class)}/{path_part(key)}",
        class_name=class_name(of_class),
        file="",
        **{"name": shown(key), "source": shown(key), **known},
    )
    return Candidate(root, file.relative_to(root).as_posix(), entry.source, entry, longest)


@cache
def _usual() -> dict[str, float]:
    path = Path(__file__).with_name("usual_sizes.yaml")
    return yaml_files.parse(path.read_bytes())


def containing(folder: Path, is_one: Callable[[Path], bool]) -> tuple[Path, ...]:
    """Return the nearest folders that contain one of a kind, or the folder itself if it is one."""
    if is_one(folder):
        return (folder,)
    return nearest(folder, lambda path: some(path, is_one))


def size_note(size: float) -> str:
    """Return the note that a model has the usual size of its class. size: metres."""
    return f"its longest side is taken as {size:.3g} m, usual for its class"


def usual_size(of_class: str) -> float | None:
    """Return the usual longest side of an object of a class, metres; None if it is not known."""
    return sizes.usual(of_class) or _usual().get(of_class)
