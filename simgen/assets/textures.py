"""A user's folder of image textures: its usable images and sets of maps, and the pixels of one.

Images are untrusted files: they are checked before decoding and decoded into bounded arrays. An
unusable one is reported without failing the run.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from simgen.assets import images, installed, texture_maps, texture_sets
from simgen.assets.image_folder import (
    ImageFolder,
    below,
    check_digest,
    image_files,
    read_bytes,
    scan_images,
)
from simgen.assets.photographs import read_photograph
from simgen.errors import AssetError
from simgen.spec.scene import BackgroundSpec, TextureMap

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
    maps: tuple[TextureMap, ...] = ()
    """The other images of its set, if it is the base colour of one."""
    width: float | None = None
    """Width that it covers in reality, metres, if that is known."""


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

    def texture_map(self, wanted: TextureMap) -> np.ndarray:
        """Return a map below `textures`, as `texture_maps.read_map` does. Raises `AssetError`."""
        if self.textures is None:
            raise AssetError(
                f"{wanted.file}: no texture folder is given; name it with materials.textures"
            )
        return texture_maps.read_map(self.textures, wanted)

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


def find_textures(folder: Path, sets: bool = False) -> TextureFolder:
    """Find the JPEG and PNG images below a folder, except hidden files and linked folders.

    Every image is decoded once, to verify that it can be used. sets: whether images that belong
    together by their names are one texture, with maps of roughness, relief and so on. Raises
    `InputError` if the folder does not exist or none of its images can be used.
    """
    scan = partial(scan_images, folder, key="materials.textures", kinds="JPEG or PNG")
    if not sets:
        return scan(SUFFIXES, inspect=partial(_inspect, folder))
    files = list(image_files(folder, (*SUFFIXES, ".exr"))) if folder.is_dir() else []
    grouped = {item.color: item for item in texture_sets.group(files)}
    hidden = {file for item in grouped.values() for file in (*item.maps.values(), *item.others)}
    hidden |= {file for file in files if file.lower().endswith(".exr")} - grouped.keys()
    widths = installed.widths(folder)

    def inspect(file: str) -> FoundTexture:
        if file.lower().endswith(".exr"):
            raise ValueError("the colours of its set are OpenEXR; save them as JPEG or PNG")
        found = _inspect(folder, file)
        if file not in grouped:
            return found
        maps = texture_maps.inspect(folder, grouped[file].maps)
        return replace(found, maps=maps, width=widths.get(PurePosixPath(file).parts[0]))

    return scan((*SUFFIXES, ".exr"), inspect=inspect, hidden=hidden)


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
