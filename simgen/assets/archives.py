"""Untrusted archives, extracted with bounds."""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from simgen.errors import AssetError

SUFFIXES = (".zip", ".sh3f")
_CHUNK = 2**20
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Codings that `zipfile` expands a chunk at a time; of the others it expands all that it read."""


@dataclass(frozen=True)
class Bounds:
    files: int = 20_000
    """In the archive."""
    total: int = 4 * 2**30
    """Bytes of all files together."""
    ratio: float = 200.0
    """Of a file's size to its size in the archive."""
    small: int = 2**20
    """Bytes below which the ratio is not checked."""


def extract(archive: Path, folder: Path, bounds: Bounds | None = None) -> list[Path]:
    """Extract a ZIP into an existing folder. Returns the files, relative to it.

    Names are checked before anything is written, and sizes are counted while it is: the
    headers of an archive are not trusted.
    Raises `AssetError` for a name outside of the folder, for links, and beyond the bounds.
    """
    bounds = bounds or Bounds()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [item for item in opened.infolist() if not item.is_dir()]
            _check(members, bounds)
            return _write_all(opened, members, folder, bounds)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise AssetError(f"it is not a readable ZIP archive ({error}); fetch it again") from error
    except (zlib.error, FileExistsError, NotADirectoryError, UnicodeError) as error:
        raise AssetError(f"its content is damaged ({error}); fetch it again") from error
    except OSError as error:  # a name that is too long, a full disk
        raise AssetError(f"it cannot be extracted ({error.strerror})") from error
    except RuntimeError as error:  # encrypted
        raise AssetError(f"it cannot be extracted ({error})") from error


def _check(members: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    if len(members) > bounds.files:
        raise AssetError(f"found {len(members)} files in it, expected at most {bounds.files}")
    seen: set[str] = set()
    for item in members:
        name = item.filename
        path = PurePosixPath(name.replace("\\", "/"))
        shown = ascii(name)[:80]
        drive = len(name) > 1 and name[1] == ":"
        if path.is_absolute() or drive or ".." in path.parts or not name.isprintable():
            raise AssetError(f"found the name {shown} in it, which leads out of the folder")
        kind = stat.S_IFMT(item.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise AssetError(f"found {shown} in it, which is a link or a device")
        if item.compress_type not in _BOUNDED:
            raise AssetError(f"found {shown} in it, not packed by deflate; pack it again")
        if str(path).lower() in seen:
            raise AssetError(f"found the name {shown} twice in it")
        seen.add(str(path).lower())
    total = sum(item.file_size for item in members)
    if total > bounds.total:
        raise AssetError(
            f"it expands to {total / 2**20:.0f} MB, expected at most {bounds.total / 2**20:.0f} MB"
        )


def _write_all(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, bounds: Bounds
) -> list[Path]:
    left = bounds.total
    written = []
    for item in members:
        path = Path(*PurePosixPath(item.filename.replace("\\", "/")).parts)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        most = min(left, max(bounds.small, int(bounds.ratio * item.compress_size)))
        size = 0
        with opened.open(item) as source, target.open("xb") as sink:
            while block := source.read(_CHUNK):
                size += len(block)
                if size > most:
                    raise AssetError(
                        f"{item.filename[:80]!r} in it grows beyond {most} bytes, more than"
                        f" {bounds.ratio:g} times its size in the archive"
                    )
                sink.write(block)
        left -= size
        written.append(path)
    return written
