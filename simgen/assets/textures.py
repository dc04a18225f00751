"""A user's folder of image textures: its usable images, and the pixels of one.

Images are untrusted files: they are checked before decoding and decoded into bounded arrays. An
unusable one is reported without failing the run.
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
from simgen.assets.photographs import read_photograph
from simgen.errors import AssetError
from simgen.spec.scene import BackgroundSpec

SUFFIXES = (".jpg", ".jpeg", ".png")
MAX_FILE_BYTES = 64 * 2**20
MAX_SIDE = 2048
"""Larger images are scaled down to this, enough for a surface that fills a rendered image."""
_FORMATS = ("JPEG", "PNG")


@dataclass(frozen=True)
class FoundTexture:
    """A usable image."""

    file: str
    """Path relative to the texture folder, with forward slashes."""
    sha256: str
    """SHA-256 of the file's bytes."""
    size: tuple[int, int]
    """Width and height in pixels, as stored."""


TextureFolder = ImageFolder[FoundTexture]


@dataclass(frozen=True)
class Pictures:
    """The folders of this machine that hold the image files named in a spec."""

    textures: Path | None = None
    """The user's folder of image textures."""
    hdris: Path | None = None
    """The user's folder of HDRI worlds."""
    photographs: Path | None = None
    """The user's folder of photographs."""

    def texture(self, file: str, sha256: str) -> np.ndarray:
        """Return the pixels of an image below `textures`, as `read_texture` does.

        Raises `AssetError` if no folder was given, or the image is missing or has changed.
        """
        if self.textures is None:
            raise AssetError(f"{file}: no texture folder is given; name it with materials.textures")
        return read_texture(self.textures, file, sha256)

    def hdri(self, name: str) -> Path:
        """Return the file of a world below `hdris`. Raises `AssetError` if it is missing."""
        if self.hdris is None:
            raise AssetError(f"{name}: no HDRI folder is given; name it with lighting.hdri_dir")
        path = _below(self.hdris, name)
        if not path.is_file():
            raise AssetError(f"{name}: not found in {self.hdris}; restore the file")
        return path

    def photograph(self, spec: BackgroundSpec, width: int, height: int) -> np.ndarray:
        """Return the photograph of a background, as `read_photograph` does.

        Raises `AssetError` if no folder was given, or the file is missing or has changed.
        """
        if self.photographs is None:
            raise AssetError(
                f"{spec.photograph}: no folder of photographs is given; name it with "
                "background.images"
            )
        return read_photograph(self.photographs, spec.photograph, spec.sha256, width, height)


NO_PICTURES = Pictures()


def find_textures(folder: Path) -> TextureFolder:
    """Find the JPEG and PNG images below a folder, except hidden files and linked folders.

    Every image is decoded once, to verify that it can be used. Raises `InputError` if the folder
    does not exist or none of its images can be used.
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
    """Read an image as `H x W x 3` uint8 sRGB, row 0 on top, scaled down to `MAX_SIDE` if larger.

    Transparent pixels are composited over white. Raises `AssetError` if the file is missing,
    outside the folder, damaged, or has another SHA-256 than `sha256`.
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
    except Exception as error:  # Pillow's plugins raise many types on broken headers
        raise ValueError("it is not a readable JPEG or PNG image") from error
    with image:
        pixels = images.to_array(image, MAX_SIDE).astype(np.float32)
    opacity = pixels[..., 3:] / 255.0
    return (pixels[..., :3] * opacity + 255.0 * (1.0 - opacity)).round().astype(np.uint8)
