"""Reading and writing arrays, and writing files atomically."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import OpenEXR

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.labels.label import Codec, ImageFile

_PNG_SETTINGS = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
)
"""For images and id maps these are three times as fast as OpenCV's defaults, and files are
smaller."""
_MOST_COLOURS = 2**24


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file and flush it to disk. Raises `OSError`, e.g. when the disk is full."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_image(path: Path, image: np.ndarray, file: ImageFile) -> None:
    """Write the array of a label in the format of its registry entry.

    Raises `ValueError` for an array that does not match the entry, and `OSError` if the file
    cannot be written.
    """
    try:
        if file.codec is Codec.FLOATS:
            _write_floats(path, image, file)
        else:
            encode, _ = _CODECS[file.codec]
            write_bytes(path, encode(image))
    except ValueError as error:
        raise ValueError(
            f"{path.name}: {image.dtype} {image.shape} cannot be stored: {error}"
        ) from error


def read_image(path: AnyPath, file: ImageFile) -> np.ndarray:
    """Read an array that `write_image` stored, losslessly. Raises `OSError` if the file is missing
    or damaged."""
    if file.codec is Codec.FLOATS:
        with _on_disk(path) as at:
            return _read_floats(at, path, file.channels)
    try:
        _, decode = _CODECS[file.codec]
        return decode(_read_png(path))
    except ValueError as error:
        raise OSError(f"{path}: not the PNG of a label: {error}") from error


def write_arrays(path: Path, arrays: dict[str, np.ndarray], *, compressed: bool = False) -> None:
    """Write named arrays as an `.npz` with reproducible bytes."""
    with path.open("wb") as file:
        save = np.savez_compressed if compressed else np.savez
        save(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())


def read_arrays(path: AnyPath) -> dict[str, np.ndarray]:
    """Read the arrays of an `.npz`. Raises `OSError` if it is missing or damaged."""
    content = io.BytesIO(remote.read_bytes(path))
    try:
        with np.load(content, allow_pickle=False) as stored:
            return dict(stored)
    except (ValueError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise OSError(f"{path}: not readable as arrays: {error}") from error


def _encode_rgb(image: np.ndarray) -> bytes:
    _expect(image, "uint8", 3)
    return _png(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


def _decode_rgb(image: np.ndarray) -> np.ndarray:
    _expect(image, "uint8", 3)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _encode_rgba(image: np.ndarray) -> bytes:
    _expect(image, "uint8", 4)
    return _png(cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA))


def _decode_rgba(image: np.ndarray) -> np.ndarray:
    _expect(image, "uint8", 4)
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA)


def _encode_ids(ids: np.ndarray) -> bytes:
    if ids.dtype == np.uint32:
        return _encode_id_colours(ids)
    _expect(ids, "uint16")
    return _png(ids)


def _decode_ids(image: np.ndarray) -> np.ndarray:
    if image.ndim == 3:
        return _decode_id_colours(image)
    _expect(image, "uint16")
    return image


def _encode_id_colours(ids: np.ndarray) -> bytes:
    _expect(ids, "uint32")
    if ids.size and ids.max() >= _MOST_COLOURS:
        raise ValueError(f"id {ids.max()} is above {_MOST_COLOURS - 1}")
    # The lowest byte goes to red; OpenCV's channel order is blue, green, red.
    bytes_of = ids.astype("<u4")[..., None].view(np.uint8)
    return _png(np.ascontiguousarray(bytes_of[..., 2::-1]))


def _decode_id_colours(image: np.ndarray) -> np.ndarray:
    _expect(image, "uint8", 3)
    blue, green, red = np.moveaxis(image.astype(np.uint32), -1, 0)
    return red | green << 8 | blue << 16


def _encode_grey(image: np.ndarray) -> bytes:
    _expect(image, "uint16")
    return _png(image)


def _decode_grey(image: np.ndarray) -> np.ndarray:
    _expect(image, "uint16")
    return image


def _encode_mask(mask: np.ndarray) -> bytes:
    _expect(mask, "bool")
    return _png(mask.astype(np.uint8) * 255)


def _decode_mask(image: np.ndarray) -> np.ndarray:
    _expect(image, "uint8")
    return image >= 128


_CODECS: dict[Codec, tuple[Callable[[np.ndarray], bytes], Callable[[np.ndarray], np.ndarray]]] = {
    Codec.RGB: (_encode_rgb, _decode_rgb),
    Codec.RGBA: (_encode_rgba, _decode_rgba),
    Codec.IDS: (_encode_ids, _decode_ids),
    Codec.ID_COLOURS: (_encode_id_colours, _decode_id_colours),
    Codec.MILLIMETRES: (_encode_grey, _decode_grey),
    Codec.MASK: (_encode_mask, _decode_mask),
}
"""Encoders to the bytes of a PNG, and decoders from its pixels."""


def _write_floats(path: Path, image: np.ndarray, file: ImageFile) -> None:
    channels = file.channels
    _expect(image, "float32", len(channels) if len(channels) > 1 else None)
    planes = np.moveaxis(np.atleast_3d(image), -1, 0)
    named = {name: np.ascontiguousarray(p) for name, p in zip(channels, planes, strict=True)}
    # ZIP is the fastest compression that all EXR readers support and that reduces the size of
    # geometry. On noise it takes five times as long as run lengths and saves 2 to 20 %.
    compression = OpenEXR.RLE_COMPRESSION if file.noisy else OpenEXR.ZIP_COMPRESSION
    header = {"compression": compression, "type": OpenEXR.scanlineimage}
    try:
        with OpenEXR.File(header, named) as exr:
            exr.write(str(path))
        with path.open("rb") as written:
            os.fsync(written.fileno())
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{path}: cannot be written: {error}") from error


@contextlib.contextmanager
def _on_disk(path: AnyPath) -> Iterator[Path]:
    """Yield a local path to the content of a file, which may be remote."""
    if isinstance(path, Path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="simgen-") as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(remote.read_bytes(path))
        yield copy


def _read_floats(at: Path, path: AnyPath, channels: tuple[str, ...]) -> np.ndarray:
    """Read an EXR. at: a local copy of `path`, since OpenEXR reads only local files."""
    if not at.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        with OpenEXR.File(str(at), separate_channels=True) as file:
            found = file.channels()
            planes = [found[name].pixels for name in channels]
            return planes[0].copy() if len(planes) == 1 else np.stack(planes, axis=-1)
    except Exception as error:
        raise OSError(f"{path}: not a readable EXR of {', '.join(channels)}: {error}") from error


def _expect(image: np.ndarray, dtype: str, channels: int | None = None) -> None:
    shape = "H x W" if channels is None else f"H x W x {channels}"
    fits = image.ndim == 2 if channels is None else image.shape[2:] == (channels,)
    if image.dtype != np.dtype(dtype) or not fits:
        raise ValueError(f"expected {shape} {dtype}")


@contextlib.contextmanager
def replacing(path: AnyPath, scratch: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; it replaces `path` when the block ends without error.

    scratch: folder for the temporary file, on the same file system as `path` unless that is remote.
    A killed run leaves its temporary files there rather than among the files of the dataset.
    Raises `DiskError` if object storage cannot be written.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    if isinstance(path, Path):
        path.parent.mkdir(parents=True, exist_ok=True)
    temporary = scratch / f"{path.name}.tmp"
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        if isinstance(path, Path):
            os.replace(temporary, path)
            sync_folder(path.parent)
        else:
            remote.upload([(temporary, path)])
    finally:
        temporary.unlink(missing_ok=True)


def link_or_copy(original: Path, path: Path) -> None:
    """Create `path` as a hard link to `original` or, if that is impossible, as a copy.

    An existing file or link at `path` is replaced atomically. Symbolic links are followed.
    Raises `OSError`.
    """
    # Hard-linking a relative symbolic link would make it point elsewhere from another folder.
    source = original.resolve() if original.is_symlink() else original
    # Fails across file systems, without support for links, at the link limit, and if `path` exists.
    with contextlib.suppress(OSError):
        os.link(source, path)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(original, temporary)
        os.replace(temporary, path)
    finally:
        # Renaming onto another link to the same file does nothing and leaves the temporary file.
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush a folder's directory entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def empty_folder(folder: Path) -> None:
    """Create a folder, or empty an existing one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _png(image: np.ndarray) -> bytes:
    done, buffer = cv2.imencode(".png", image, _PNG_SETTINGS)
    if not done:
        raise ValueError("OpenCV cannot encode it as PNG")
    return buffer.tobytes()


def decoded(content: bytes, how: int) -> np.ndarray | None:
    """Decode an image file in OpenCV's channel order; return None if it is not an image.

    how: one of `cv2.IMREAD_*`.
    """
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), how)
    except cv2.error:  # raised for an empty file, or one that states an impossible size
        return None


def _read_png(path: AnyPath) -> np.ndarray:
    image = decoded(remote.read_bytes(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise OSError(f"{path}: not a readable PNG")
    return image
