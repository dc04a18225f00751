"""Arrays to files and back, and files that are either whole or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import OpenEXR

_PNG_LEVEL = 2
"""Deflate's effort. Higher levels take several times longer and save about 5 %."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file and see it onto the disk. Raises `OSError`, e.g. when the disk is full."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_rgb(path: Path, rgb: np.ndarray) -> None:
    """`H x W x 3` uint8 as PNG."""
    write_bytes(path, _png(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)))


def read_rgb(path: Path) -> np.ndarray:
    """`H x W x 3` uint8."""
    return cv2.cvtColor(_read_png(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def write_ids(path: Path, ids: np.ndarray) -> None:
    """`H x W` uint16 as 16-bit grey PNG."""
    write_bytes(path, _png(ids))


def read_ids(path: Path) -> np.ndarray:
    """`H x W` uint16."""
    return _read_png(path, cv2.IMREAD_UNCHANGED)


def write_depth(path: Path, depth: np.ndarray) -> None:
    """`H x W` float32 as EXR with the one channel Z, losslessly compressed."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    try:
        with OpenEXR.File(header, {"Z": depth}) as file:
            file.write(str(path))
        with path.open("rb") as written:
            os.fsync(written.fileno())
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{path}: cannot be written: {error}") from error


def read_depth(path: Path) -> np.ndarray:
    """`H x W` float32. Raises `OSError` when the file is missing or damaged."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            return file.channels()["Z"].pixels.copy()
    except Exception as error:
        raise OSError(f"{path}: not a readable depth file: {error}") from error


@contextlib.contextmanager
def replacing(path: Path, scratch: Path) -> Iterator[Path]:
    """A temporary path to write to, which takes the place of `path` once it is whole.

    scratch: folder for the temporary file, on the file system of `path`. What a run that is killed
    leaves behind lies there, not among the files of the dataset.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(parents=True, exist_ok=True)
    temporary = scratch / f"{path.name}.tmp"
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """See the names in a folder onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def empty_folder(folder: Path) -> None:
    """Make a folder, and remove what is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _png(image: np.ndarray) -> bytes:
    done, buffer = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    if not done:
        raise ValueError(f"no PNG can be made of {image.dtype} {image.shape}")
    return buffer.tobytes()


def _read_png(path: Path, flags: int) -> np.ndarray:
    content = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(content, flags) if len(content) else None
    if image is None:
        raise OSError(f"{path}: not a readable PNG")
    return image
