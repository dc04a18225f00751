"""A user's folder of HDRI worlds: its usable images and their brightness.

The files are untrusted: their headers are checked before decoding, and an unusable file is
reported without failing the run.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import OpenEXR

from simgen.assets import texture_sets
from simgen.assets.image_folder import (
    ImageFolder,
    below,
    check_digest,
    image_files,
    read_bytes,
    scan_images,
)
from simgen.errors import AssetError

SUFFIXES = (".exr", ".hdr")
MAX_FILE_BYTES = 512 * 2**20
MAX_PIXELS = 8192 * 4096
MAX_CHANNELS = 16
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_BRIGHTEST = 1e6
"""Radiance to which pixels are clipped, as errors; suns in HDRIs reach 1e5."""
_RADIANCE_SIZE = re.compile(rb"\n-Y (\d{1,9}) \+X (\d{1,9})\n")
_RADIANCE_HEADER_BYTES = 65_536


@dataclass(frozen=True)
class FoundHdri:
    """A usable world image."""

    file: str
    """Path relative to the folder, with forward slashes."""
    sha256: str
    """SHA-256 of the file's bytes."""
    normalisation: float
    """Factor that gives it a mean radiance of 1 over the sphere."""


HdriFolder = ImageFolder[FoundHdri]


def find_hdris(folder: Path, sets: bool = False) -> HdriFolder:
    """Find the .exr and .hdr images below a folder, except hidden files and linked folders.

    Every image is decoded once, to verify that it can be used. sets: whether to use only one of
    several resolutions of an HDRI. Raises `InputError` if the folder does not exist or none of its
    images can be used.
    """
    hidden = texture_sets.duplicates(image_files(folder, SUFFIXES)) if sets else ()
    return scan_images(
        folder, SUFFIXES, "lighting.hdri_dir", ".exr or .hdr", partial(_measure, folder), hidden
    )


def check_unchanged(path: Path, sha256: str) -> None:
    """Raise `AssetError` if a file is missing or does not have this SHA-256."""
    try:
        check_digest(hashlib.sha256(read_bytes(path, MAX_FILE_BYTES)).hexdigest(), sha256)
    except (ValueError, AssetError) as error:
        raise AssetError(f"{path}: {error}") from error


def mean_radiance(radiance: np.ndarray) -> float:
    """Return the mean luminance over the sphere of an equirectangular image, `H x W x 3`, linear
    Rec.709."""
    rows = (np.clip(radiance, 0.0, _BRIGHTEST) @ _LUMA).mean(axis=1)
    # A row covers a ring of the sphere whose area is proportional to the cosine of its elevation.
    weights = np.sin((np.arange(len(rows)) + 0.5) / len(rows) * np.pi)
    return float(np.average(rows, weights=weights))


def read_hdri(path: Path) -> np.ndarray:
    """Read an image as `H x W x 3` float32, linear, row 0 on top; NaN and infinity become 0.

    Raises `ValueError`, without the file's name, unless it is an equirectangular image.
    """
    reader = _read_exr if path.suffix.lower() == ".exr" else _read_radiance
    pixels = np.nan_to_num(reader(path), nan=0.0, posinf=0.0, neginf=0.0)
    return pixels.astype(np.float32, copy=False)


def _measure(folder: Path, file: str) -> FoundHdri:
    path = below(folder, file)
    digest = hashlib.sha256(read_bytes(path, MAX_FILE_BYTES)).hexdigest()
    mean = mean_radiance(read_hdri(path))
    if not mean > 1e-8:
        raise ValueError("it is black")
    return FoundHdri(file, digest, 1.0 / mean)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(f"it is {width} x {height} pixels; scale it down to 8192 x 4096 or less")
    if not (height >= 4 and abs(width - 2 * height) <= 0.02 * width):
        raise ValueError(
            f"it is {width} x {height} pixels; an equirectangular image is twice as wide as high"
        )


def _size(low: np.ndarray, high: np.ndarray) -> tuple[int, int]:
    """Return the width and height of a data window, whose corners are inclusive."""
    return int(high[0]) - int(low[0]) + 1, int(high[1]) - int(low[1]) + 1


def _read_exr(path: Path) -> np.ndarray:
    """Read R, G and B of the first part, or its luminance Y."""
    try:
        with OpenEXR.File(str(path), header_only=True) as file:
            sizes = [_size(*part.header["dataWindow"]) for part in file.parts]
            count = sum(len(part.header["channels"]) for part in file.parts)
    except Exception as error:  # the library raises many types on broken files
        raise ValueError("it is not a readable OpenEXR image") from error
    _check_size(*sizes[0])
    if sum(width * height for width, height in sizes) > MAX_PIXELS:  # OpenEXR decodes all parts
        raise ValueError(f"it has {len(sizes)} parts; save only one")
    if count > MAX_CHANNELS:
        raise ValueError(f"it has {count} channels; save only R, G and B")
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: c.pixels for name, c in file.parts[0].channels.items()}
    except Exception as error:
        raise ValueError("its pixels cannot be decoded; it may be truncated") from error
    names = [name if name in channels else "Y" for name in "RGB"]
    if not set(names) <= channels.keys():
        raise ValueError(
            f"it has the channels {', '.join(sorted(channels))[:80]}, expected R, G, B"
        )
    return np.stack([channels[name] for name in names], axis=-1)


def _read_radiance(path: Path) -> np.ndarray:
    data = read_bytes(path, MAX_FILE_BYTES)
    size = _RADIANCE_SIZE.search(data[:_RADIANCE_HEADER_BYTES])
    if not data.startswith((b"#?RADIANCE", b"#?RGBE")) or size is None:
        raise ValueError("it is not a Radiance image with rows from top to bottom")
    height, width = int(size[1]), int(size[2])
    _check_size(width, height)
    # A run length covers at most 127 bytes, so a complete image has at least this many bytes.
    if len(data) - size.end() < 4 * width * height // 128:
        raise ValueError("its pixels cannot be decoded; it may be truncated")
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        bgr = None
    if bgr is None or bgr.shape != (height, width, 3):
        raise ValueError("its pixels cannot be decoded; it may be truncated")
    return bgr[..., ::-1].astype(np.float32)
