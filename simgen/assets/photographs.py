"""A user's folder of photographs for backgrounds: its usable files, and the pixels of one.

The files are untrusted: they are checked before decoding and decoded into bounded arrays. An
unusable one is reported without failing the run.
"""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from simgen.assets import images
from simgen.assets.image_folder import ImageFolder, below, check_digest, read_bytes, scan_images
from simgen.errors import AssetError

SUFFIXES = (".jpg", ".jpeg", ".png")
MAX_FILE_BYTES = 64 * 2**20
_FORMATS = ("JPEG", "PNG")
_LARGEST_SIDE = 2**16
_FILM_DIAGONAL = math.hypot(36.0, 24.0)
"""Millimetres, of the 35 mm film that equivalent focal lengths refer to."""
_ORIENTATION, _EXIF_IFD, _FOCAL_35MM = 0x0112, 0x8769, 0xA405
"""Numbers of EXIF tags."""
_QUARTER_TURNS = (5, 6, 7, 8)
"""Values of the tag Orientation."""
_FOCALS = (4.0, 2000.0)
"""Plausible equivalent focal lengths, millimetres."""


@dataclass(frozen=True)
class FoundPhotograph:
    """A usable photograph."""

    file: str
    """Path relative to the folder, with forward slashes."""
    sha256: str
    """SHA-256 of the file's bytes."""
    size: tuple[int, int]
    """Width and height in pixels, turned upright."""
    focal_35mm: float = 0.0
    """Equivalent focal length from its EXIF data, millimetres; 0 if unknown."""


PhotographFolder = ImageFolder[FoundPhotograph]


def find_photographs(folder: Path) -> PhotographFolder:
    """Find the JPEG and PNG images below a folder, except hidden files and linked folders.

    Every image is decoded once, to verify that it can be used. Raises `InputError` if the folder
    does not exist or none of its images can be used.
    """
    return scan_images(
        folder, SUFFIXES, "background.images", "JPEG or PNG", partial(_inspect, folder)
    )


def focal_length_px(found: FoundPhotograph, width: int, height: int) -> float:
    """Return the focal length of a photograph after `read_photograph`, pixels; 0 if unknown.

    An equivalent focal length gives the angle that the image's diagonal covers (CIPA DCG-001).
    """
    scale = max(width / found.size[0], height / found.size[1])
    return found.focal_35mm / _FILM_DIAGONAL * math.hypot(*found.size) * scale


@lru_cache(maxsize=2)
def read_photograph(folder: Path, file: str, sha256: str, width: int, height: int) -> np.ndarray:
    """Read a photograph as `height x width x 3` uint8 sRGB, upright, row 0 on top; read-only.

    It is scaled to cover this size, and what extends beyond it on two opposite sides is cut off.
    Raises `AssetError` if the file is missing, outside the folder, damaged, or has another SHA-256.
    """
    try:
        data = read_bytes(below(folder, file), MAX_FILE_BYTES)
        check_digest(hashlib.sha256(data).hexdigest(), sha256)
        images.check(data)
        pixels = _decode(data, 2 * max(width, height))
    except (ValueError, AssetError) as error:
        raise AssetError(f"{folder / file}: {error}") from error
    fitted = ImageOps.fit(Image.fromarray(pixels), (width, height), Image.Resampling.LANCZOS)
    found = np.array(fitted)
    found.setflags(write=False)  # cached
    return found


def _inspect(folder: Path, file: str) -> FoundPhotograph:
    data = read_bytes(below(folder, file), MAX_FILE_BYTES)
    width, height = images.check(data)
    with _opened(data) as image:
        turned, focal = _exif(image)
    _decode(data, 64)
    size = (height, width) if turned else (width, height)
    return FoundPhotograph(file, hashlib.sha256(data).hexdigest(), size, focal)


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception as error:  # Pillow's plugins raise many types on broken headers
        raise ValueError("it is not a readable JPEG or PNG image") from error


def _exif(image: Image.Image) -> tuple[bool, float]:
    """Return whether an upright image is as wide as this one is high, and its equivalent focal
    length, millimetres, or 0."""
    try:
        exif = image.getexif()
        turned = exif.get(_ORIENTATION, 1) in _QUARTER_TURNS
        focal = float(exif.get_ifd(_EXIF_IFD).get(_FOCAL_35MM, 0.0))
    except Exception as error:  # Pillow's reader of EXIF raises many types
        raise ValueError("its EXIF data are damaged; remove them") from error
    return turned, focal if _FOCALS[0] <= focal <= _FOCALS[1] else 0.0


def _decode(data: bytes, least: int) -> np.ndarray:
    """Return the pixels, `H x W x 3` uint8, upright. A JPEG may be decoded at half, a quarter or an
    eighth of its size if its sides stay at least `least` pixels long."""
    with _opened(data) as image:
        image.draft("RGB", (least, least))
        pixels = images.to_array(_upright(image), _LARGEST_SIDE)
    opacity = pixels[..., 3:].astype(np.float32) / 255.0
    if (opacity == 1.0).all():
        return np.ascontiguousarray(pixels[..., :3])
    blended = pixels[..., :3] * opacity + 255.0 * (1.0 - opacity)
    return blended.round().astype(np.uint8)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # Pillow's readers of EXIF and pixels raise many types
        raise ValueError(f"it cannot be decoded ({type(error).__name__})") from error
