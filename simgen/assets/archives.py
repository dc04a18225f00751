"""Extraction of untrusted archives, within limits."""

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
"""Compression methods that `zipfile` expands in bounded chunks; others expand all input at once."""


@dataclass(frozen=True)
class Bounds:
    files: int = 20_000
    """Maximum number of files in the archive."""
    total: int = 4 * 2**30
    """Maximum size of all files together, bytes."""
    ratio: float = 200.0
    """Maximum ratio of a file's size to its compressed size."""
    small: int = 2**20
    """Size up to which the ratio is not checked, bytes."""


def extract(archive: Path, folder: Path, bounds: Bounds | None = None) -> list[Path]:
    """Extract a ZIP archive into an existing folder, and return the files, relative to it.

    Names are checked before anything is written, and sizes are counted while writing, since the
    headers of an archive are not trusted.
    Raises `AssetError` for a name outside the folder, for links, and if a limit is exceeded.
    """
    bounds = bounds or Bounds()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [item for item in opened.infolist() if not item.is_dir()]
            _check(members, bounds)
            return _write_all(opened, members, folder, bounds)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise AssetError(f"it is not a readable ZIP file ({error}); download it again") from error
    except (zlib.error, FileExistsError, NotADirectoryError, UnicodeError) as error:
        raise AssetError(f"its content is damaged ({error}); download it again") from error
    except OSError as error:  # a name that is too long, a full disk
        raise AssetError(f"it cannot be extracted ({error.strerror})") from error
    except RuntimeError as error:  # encrypted
        raise AssetError(f"it cannot be extracted ({error})") from error


def _check(members: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    if len(members) > bounds.files:
        raise AssetError(f"it contains {len(members)} files, expected at most {bounds.files}")
    seen: set[str] = set()
    for item in members:
        name = item.filename
        path = PurePosixPath(name.replace("\\", "/"))
        shown = ascii(name)[:80]
        drive = len(name) > 1 and name[1] == ":"
        if path.is_absolute() or drive or ".." in path.parts or not name.isprintable():
            raise AssetError(f"it contains the name {shown}, which is outside the folder")
        kind = stat.S_IFMT(item.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise AssetError(f"it contains {shown}, which is a link or a device")
        if item.compress_type not in _BOUNDED:
            raise AssetError(f"it contains {shown}, not compressed with deflate; pack it again")
        if str(path).lower() in seen:
            raise AssetError(f"it contains the name {shown} twice")
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
                        f"its file {item.filename[:80]!r} expands to over {most} bytes, more than"
                        f" {bounds.ratio:g} times its size in the archive"
                    )
                sink.write(block)
        left -= size
        written.append(path)
    return written
