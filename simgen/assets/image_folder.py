"""A folder of untrusted images: finding the usable ones, and reading one."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from simgen.assets.scan_results import SkippedAsset
from simgen.errors import AssetError, InputError


@dataclass(frozen=True)
class ImageFolder[T]:
    """The usable images of a folder, sorted by path, and the skipped ones."""

    found: tuple[T, ...]
    skipped: tuple[SkippedAsset, ...]


def scan_images[T](
    folder: Path,
    suffixes: tuple[str, ...],
    key: str,
    kinds: str,
    inspect: Callable[[str], T],
    hidden: Collection[str] = (),
) -> ImageFolder[T]:
    """Call `inspect` for the images below a folder, in the order of their paths.

    Images for which it raises `ValueError` are skipped; hidden files and links to folders, ignored.

    key: the config key that names the folder. kinds: of files, for messages. hidden: images to
    leave out. Raises `InputError`
    if the folder does not exist or none of its images can be used.
    """
    if not folder.is_dir():
        raise InputError(f"{key}={folder}: not a folder; give one with {kinds} files")
    found: list[T] = []
    skipped: list[SkippedAsset] = []
    for file in sorted(set(image_files(folder, suffixes)) - set(hidden)):
        try:
            found.append(inspect(file))
        except ValueError as error:
            skipped.append(SkippedAsset(file, str(error)))
    if not found:
        why = f"; {skipped[0].file}: {skipped[0].reason}" if skipped else ""
        raise InputError(f"{key}={folder}: no usable {kinds} files{why}")
    return ImageFolder(tuple(found), tuple(skipped))


def image_files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths of images below a folder, with forward slashes, in any order."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield (Path(root) / name).relative_to(folder).as_posix()


def below(folder: Path, file: str) -> Path:
    """Return the path of a file below a folder.

    Raises `ValueError`, one line without the file's name, for a path outside the folder, directly
    or through a link, and for unprintable names, which would break messages and lists.
    """
    if not file.isprintable():
        raise ValueError("its name has unprintable characters; rename it")
    parts = PurePosixPath(file)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"expected a path below {folder}")
    path = folder / parts
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("it is a link to a target outside the folder; copy the target here")
    return path


def read_bytes(path: Path, most: int) -> bytes:
    """Return the bytes of a file.

    Raises `ValueError` if it is missing, not a regular file, or larger than `most` bytes.
    """
    try:
        if not path.is_file():
            raise ValueError("the file does not exist")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from error
    if len(data) > most:
        raise ValueError(f"it is larger than {most // 2**20} MB")
    return data


def check_digest(found: str, expected: str) -> None:
    """Raise `AssetError`, without the file's name, if a file's SHA-256 has changed."""
    if found != expected:
        raise AssetError(
            f"its SHA-256 is {found[:12]}, expected {expected[:12]}; restore the original"
        )
