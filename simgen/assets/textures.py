"""A user's folder of image textures: what is in it, and the pixels of one image.

Images are untrusted files: they are checked before they are decoded, decoded into bounded
arrays, and one that cannot be used costs a line in the report, never the run.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from simgen.assets import images
from simgen.assets.image_folder import ImageFolder, below, check_digest, read_bytes, scan_images
from simgen.errors import AssetError

SUFFIXES = (".jpg", ".jpeg", ".png")
MAX_FILE_BYTES = 64 * 2**20
MAX_SIDE = 2048
"""Larger images are scaled down to this: no surface fills more of a rendered image."""
_FORMATS = ("JPEG", "PNG")


@dataclass(frozen=True)
class FoundTexture:
    """An image that can be used."""

    file: str
    """Its path below the texture folder, with forward slashes."""
    sha256: str
    """Over its bytes."""
    size: tuple[int, int]
    """Width and height in pixels, as stored."""


TextureFolder = ImageFolder[FoundTexture]


@dataclass(frozen=True)
class Pictures:
    """Where the image files that a spec names are on this machine."""

    textures: Path | None = None
    """The user's folder of image textures."""
    hdris: Path | None = None
    """The user's folder of HDRI worlds."""

    def texture(self, file: str, sha256: str) -> np.ndarray:
        """Pixels of an image below `textures`, as `read_texture` gives them.

        Raises `AssetError` where there is no such folder or image, or it has changed.
        """
        if self.textures is None:
            raise AssetError(f"{file}: no texture folder is given; name it with materials.textures")
        return read_texture(self.textures, file, sha256)

    def hdri(self, name: str) -> Path:
        """The file of a world below `hdris`. Raises `AssetError` where there is none."""
        if self.hdris is None:
            raise AssetError(f"{name}: no folder of HDRI worlds is given")
        path = _below(self.hdris, name)
        if not path.is_file():
            raise AssetError(f"{name}: not found in {self.hdris}; restore the file")
        return path


NO_PICTURES = Pictures()


def find_textures(folder: Path) -> TextureFolder:
    """The JPEG and PNG images anywhere below a folder, hidden ones and links to folders left out.

    Every image is decoded once, so that what is found can be used. Raises `InputError` where there
    is no such folder, or none of its images can be used.
    """
    return scan_images(
        folder, SUFFIXES, "materials.textures", "JPEG or PNG", partial(_inspect, folder)
    )


def _inspect(folder: Path, file: str) -> FoundTexture:
    data = read_bytes(below(folder, file), MAX_FILE_BYTES)
    size = images.check(data)
    _decode(data)
    return FoundTexture(file, hashlib.sha256(data).hexdigest(), size)


def read_texture(folder: Path, file: str, sha256: str) -> np.ndarray:
    """The pixels, `H x W x 3` uint8 sRGB, row 0 on top, at most `MAX_SIDE` on a side.

    Transparent pixels are laid over white. Raises `AssetError` where the file is missing, outside
    of the folder, other than `sha256` says, or broken.
    """
    path = _below(folder, file)
    try:
        data = read_bytes(path, MAX_FILE_BYTES)
        check_digest(hashlib.sha256(data).hexdigest(), sha256)
        images.check(data)
        return _decode(data)
    except (ValueError, AssetError) as error:
        raise AssetError(f"{path}: {error}") from error


def _below(folder: Path, file: str) -> Path:
    try:
        return below(folder, file)
    except ValueError as error:
        raise AssetError(f"{file}: {error}") from error


def _decode(data: bytes) -> np.ndarray:
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception as error:  # Pillow's plugins raise nearly anything on broken headers
        raise ValueError("it is not a readable JPEG or PNG image") from error
    with image:
        pixels = images.to_array(image, MAX_SIDE).astype(np.float32)
    opacity = pixels[..., 3:] / 255.0
    return (pixels[..., :3] * opacity + 255.0 * (1.0 - opacity)).round().astype(np.uint8)
