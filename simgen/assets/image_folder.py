"""A folder of untrusted images: which of its files can be used, and the bytes of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from simgen.assets.scan_results import SkippedAsset
from simgen.errors import AssetError, InputError


@dataclass(frozen=True)
class ImageFolder[T]:
    """The images of a folder that can be used, in the order of their paths, and the others."""

    found: tuple[T, ...]
    skipped: tuple[SkippedAsset, ...]


def scan_images[T](
    folder: Path, suffixes: tuple[str, ...], key: str, kinds: str, inspect: Callable[[str], T]
) -> ImageFolder[T]:
    """What `inspect` makes of the images below a folder, in the order of their paths, and those for
    which it raises `ValueError`. Hidden files and links to folders are left out.

    key: the config key that names the folder. kinds: of files, for messages. Raises `InputError`
    where there is no such folder, or none of its images can be used.
    """
    if not folder.is_dir():
        raise InputError(f"{key}: {folder} is not a folder; give one with {kinds}")
    found: list[T] = []
    skipped: list[SkippedAsset] = []
    for file in sorted(_image_files(folder, suffixes)):
        try:
            found.append(inspect(file))
        except ValueError as error:
            skipped.append(SkippedAsset(file, str(error)))
    if not found:
        why = f"; {skipped[0].file}: {skipped[0].reason}" if skipped else ""
        raise InputError(f"{key}: {folder} has no {kinds} that can be used{why}")
    return ImageFolder(tuple(found), tuple(skipped))


def _image_files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Paths below a folder, with forward slashes, in any order."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield (Path(root) / name).relative_to(folder).as_posix()


def below(folder: Path, file: str) -> Path:
    """The path of a file below a folder.

    Raises `ValueError`, one line without the file's name, for one that is outside of the folder,
    also through a link, and for a name that would break a message or a list.
    """
    if not file.isprintable():
        raise ValueError("its name has unprintable characters; rename it")
    parts = PurePosixPath(file)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"expected a path below {folder}")
    path = folder / parts
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("it is a link that leads outside of the folder; copy the target here")
    return path


def read_bytes(path: Path, most: int) -> bytes:
    """All bytes of a file of at most `most`.

    Raises `ValueError` where it is missing, not a regular file or larger.
    """
    try:
        if not path.is_file():
            raise ValueError("there is no such file")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise ValueError(f"it cannot be read ({error.strerror})") from error
    if len(data) > most:
        raise ValueError(f"the file has more than {most // 2**20} MB")
    return data


def check_digest(found: str, expected: str) -> None:
    """Raises `AssetError`, without the file's name, where a file's SHA-256 has changed."""
    if found != expected:
        raise AssetError(
            f"its SHA-256 is {found[:12]}, expected {expected[:12]}; restore the original"
        )
