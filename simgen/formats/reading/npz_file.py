"""Bounded reader of untrusted .npz files of NumPy, without unpickling.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.lib import format as npy

DAMAGED = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError,
    RuntimeError, ArithmeticError, SyntaxError, TypeError, KeyError, AttributeError, MemoryError,
)  # fmt: skip
"""Exceptions that zipfile and NumPy raise for damaged files."""
_LARGEST = 512_000_000
"""Maximum size in bytes of an array, or of a frame if frames are read one by one."""


@dataclass(frozen=True)
class Header:
    """The header of an array. by_columns: whether the array is in column-major order."""

    shape: tuple[int, ...]
    dtype: np.dtype
    by_columns: bool

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def headers_of(file: zipfile.ZipFile) -> dict[str, Header]:
    """Return the headers of a file's arrays by name. Raises one of `DAMAGED`."""
    found = {}
    for name in file.namelist():
        if name.endswith(".npy"):
            with file.open(name) as member:
                found[name.removesuffix(".npy")] = _header(member)
    return found


def _header(member: IO[bytes]) -> Header:
    version = npy.read_magic(member)
    if version == (1, 0):
        return Header(*_reordered(npy.read_array_header_1_0(member)))
    if version == (2, 0):
        return Header(*_reordered(npy.read_array_header_2_0(member)))
    raise ValueError(f"version {version} of NumPy's format, expected 1 or 2")


def _reordered(
    header: tuple[tuple[int, ...], bool, np.dtype],
) -> tuple[tuple[int, ...], np.dtype, bool]:
    shape, by_columns, dtype = header
    if any(length < 0 for length in shape):
        raise ValueError(f"negative length in shape {shape}")
    return shape, dtype, by_columns


def read_array(file: zipfile.ZipFile, name: str, header: Header) -> np.ndarray:
    """Read an array. Raises one of `DAMAGED`, including for large arrays and pickled objects."""
    content = b"".join(_chunks(file, name, header, header.bytes, 1))
    flat = np.frombuffer(content, header.dtype)
    return flat.reshape(header.shape, order="F" if header.by_columns else "C")


def items_of(file: zipfile.ZipFile, name: str, header: Header) -> Iterator[bytes]:
    """Yield the bytes of an array's items along its first axis; nothing for column-major arrays.

    Raises the same exceptions as `read_array`.
    """
    if not header.by_columns:
        count = header.shape[0]
        yield from _chunks(file, name, header, header.bytes // max(count, 1), count)


def _chunks(
    file: zipfile.ZipFile, name: str, header: Header, size: int, count: int
) -> Iterator[bytes]:
    if header.dtype.hasobject:
        raise ValueError(f"{name} contains pickled objects")
    if size > _LARGEST:
        raise ValueError(f"{name} has {size} bytes, more than {_LARGEST}")
    with file.open(f"{name}.npy") as member:
        _header(member)
        for _ in range(count):
            content = member.read(size)
            if len(content) != size:
                raise EOFError(f"{name} is truncated")
            yield content
