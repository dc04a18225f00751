"""Reading the maps of texture sets: roughness, normals and others, as untrusted images.

They hold numbers instead of colours. OpenEXR, 16-bit PNG and 8-bit images are read alike.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import OpenEXR
from PIL import Image

from simgen.assets import images
from simgen.assets.image_folder import below, check_digest, read_bytes
from simgen.errors import AssetError
from simgen.spec.scene import TextureMap

MAX_FILE_BYTES = 256 * 2**20
MAX_SIDE = 2048
"""Larger maps are scaled down to this, as the colours of a set are."""
_MAX_CHANNELS = 8


def inspect(folder: Path, files: dict[str, str]) -> tuple[TextureMap, ...]:
    """Return the maps of a set after decoding each once. files: by kind, relative to the folder.

    Raises `ValueError`, naming the file, if one cannot be used.
    """
    found = []
    for kind, file in files.items():
        try:
            data = read_bytes(below(folder, file), MAX_FILE_BYTES)
            _decode(below(folder, file), data)
        except ValueError as error:
            raise ValueError(f"its {kind} map {file}: {error}") from error
        found.append(TextureMap(kind, file, hashlib.sha256(data).hexdigest()))
    return tuple(found)


def read_map(folder: Path, wanted: TextureMap) -> np.ndarray:
    """Read a map as `H x W x 3` float32, 0..1, row 0 on top; grey images have equal channels.

    Raises `AssetError` if the file is missing, outside the folder, damaged or has changed.
    """
    try:
        path = below(folder, wanted.file)
        data = read_bytes(path, MAX_FILE_BYTES)
        check_digest(hashlib.sha256(data).hexdigest(), wanted.sha256)
        return _decode(path, data)
    except (ValueError, AssetError) as error:
        raise AssetError(f"{folder / wanted.file}: {error}") from error


def _decode(path: Path, data: bytes) -> np.ndarray:
    pixels = _from_exr(path) if path.suffix.lower() == ".exr" else _from_image(data)
    pixels = np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    pixels = np.clip(pixels, 0.0, 1.0)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _from_image(data: bytes) -> np.ndarray:
    images.check(data)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.mode.startswith("I"):  # 16 bits, which a relief needs
                deep = np.asarray(image).astype(np.float32) / 65535.0
                return _smaller(deep[..., None])
            return images.to_array(image, MAX_SIDE)[..., :3] / np.float32(255.0)
    except ValueError:
        raise
    except Exception as error:  # Pillow's plugins raise many types on broken data
        raise ValueError("it is not a readable JPEG or PNG image") from error


def _from_exr(path: Path) -> np.ndarray:
    """Read R, G and B of the first part, or its only channel."""
    try:
        with OpenEXR.File(str(path), header_only=True) as file:
            parts = file.parts
            low, high = parts[0].header["dataWindow"]
            count = len(parts[0].header["channels"])
    except Exception as error:  # the library raises many types on broken files
        raise ValueError("it is not a readable OpenEXR image") from error
    images.check_size((int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1))
    if len(parts) > 1 or count > _MAX_CHANNELS:
        raise ValueError(f"it has {len(parts)} parts and {count} channels, expected R, G and B")
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: c.pixels for name, c in file.parts[0].channels.items()}
    except Exception as error:
        raise ValueError("its pixels cannot be decoded; it may be truncated") from error
    names = [name for name in "RGB" if name in channels] or sorted(channels)[:1]
    if len(names) not in (1, 3):
        raise ValueError(f"it has the channels {', '.join(sorted(channels))[:80]}")
    return _smaller(np.stack([channels[name] for name in names], axis=-1))


def _smaller(pixels: np.ndarray) -> np.ndarray:
    """Average blocks of pixels if an image is larger than `MAX_SIDE`."""
    factor = -(-max(pixels.shape[:2]) // MAX_SIDE)
    if factor == 1:
        return pixels
    height, width = (max(1, side // factor) for side in pixels.shape[:2])
    cut = pixels[: height * factor, : width * factor].astype(np.float32)
    return cut.reshape(height, factor, width, factor, -1).mean(axis=(1, 3))
