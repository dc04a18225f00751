"""Convert arrays of labels to 8-bit RGB pictures for people, not for training."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from simgen.geometry.color import srgb_to_linear
from simgen.labels import IGNORE

Colour = tuple[int, int, int]
PALETTE: tuple[Colour, ...] = tuple(
    (value >> 16, value >> 8 & 255, value & 255)
    for word in Path(__file__).with_name("palette.txt").read_text(encoding="ascii").split()
    for value in [int(word, 16)]
)
"""Colours of classes and instances, from scripts/make_palette.py. For every N, the first N are well
separated."""
_WHEEL = (
    (0, (255, 0, 0)),
    (15, (255, 255, 0)),
    (21, (0, 255, 0)),
    (25, (0, 255, 255)),
    (36, (0, 0, 255)),
    (49, (255, 0, 255)),
    (55, (255, 0, 0)),
)
"""Position of each hue on the flow colour wheel, and its colour."""


IGNORED_COLOUR: Colour = (110, 110, 110)
"""Colour of ignore regions; no class has it."""


def class_colour(class_id: int) -> Colour:
    """Return the colour of a class or instance with a 1-based id. The first 256 are distinct, small
    ids the most; then colours repeat."""
    return PALETTE[(class_id - 1) % len(PALETTE)]


def text_colour_on(colour: Colour) -> Colour:
    """Return black or white, whichever is more legible on a colour: a contrast ratio (WCAG 2.2) of
    at least 4.5 to 1."""
    luminance = float(srgb_to_linear(np.array(colour) / 255) @ (0.2126, 0.7152, 0.0722))
    # Both contrasts are equal at (L + 0.05) / 0.05 = 1.05 / (L + 0.05).
    return (0, 0, 0) if luminance > (1.05 * 0.05) ** 0.5 - 0.05 else (255, 255, 255)


def colour_ids(ids: np.ndarray) -> np.ndarray:
    """Colour ids, `H x W`, by `class_colour`, with 0 in black: `H x W x 3` uint8."""
    found, places = np.unique(ids, return_inverse=True)
    table = [(0, 0, 0) if value == 0 else class_colour(int(value)) for value in found]
    return np.array(table, np.uint8)[places.reshape(ids.shape)]


def colour_classes(ids: np.ndarray) -> np.ndarray:
    """Colour class ids, `H x W`, with 0 in black and ignore regions in grey: `H x W x 3` uint8."""
    ignored = ids == IGNORE
    out = colour_ids(np.where(ignored, 0, ids))
    out[ignored] = IGNORED_COLOUR
    return out


def colour_depth(depth: np.ndarray) -> np.ndarray:
    """Colour depth: near is bright, far is dark, background is black: `H x W x 3` uint8."""
    seen = np.isfinite(depth) & (depth > 0)
    # Inverse depth gives near objects, the subject of the picture, most of the range.
    inverse = np.where(seen, 1 / np.where(seen, depth, 1.0).astype(np.float64), 0)
    return _heat(inverse, seen)


def colour_disparity(disparity: np.ndarray) -> np.ndarray:
    """Colour disparity: large is bright, small is dark, 0 (sky) is black: `H x W x 3` uint8."""
    return _heat(disparity, np.isfinite(disparity) & (disparity != 0))


def colour_normals(normals: np.ndarray) -> np.ndarray:
    """Colour normals as in normal maps: right is red, up is green, towards the camera is blue,
    background is black.

    normals: `H x W x 3`, camera axes, zeros on the background.
    """
    seen = np.any(normals != 0, axis=-1, keepdims=True)
    return _bytes(np.where(seen, normals * np.array([1, -1, -1]) * 0.5 + 0.5, 0))


def colour_coordinates(coordinates: np.ndarray) -> np.ndarray:
    """Convert x, y, z in 0..1 to red, green, blue: `H x W x 3` uint8."""
    return _bytes(coordinates)


def colour_uv(uv: np.ndarray) -> np.ndarray:
    """Convert u to red and v to green, repeating at every integer; NaN is black."""
    seen = np.isfinite(uv).all(axis=-1, keepdims=True)
    part = np.where(seen, uv, 0) % 1.0
    return _bytes(np.where(seen, np.dstack([part, np.full(uv.shape[:2], 0.5)]), 0))


def colour_light(light: np.ndarray) -> np.ndarray:
    """Convert linear light to display values (IEC 61966-2-1), with the brightest 1 % white."""
    light = np.nan_to_num(np.maximum(light, 0.0).astype(np.float64), nan=0.0, posinf=0.0)
    top = float(np.quantile(light, 0.99))
    level = np.clip(light / (top if top > 0 else 1.0), 0, 1)
    return _bytes(np.where(level <= 0.0031308, 12.92 * level, 1.055 * level ** (1 / 2.4) - 0.055))


def colour_flow(flow: np.ndarray) -> np.ndarray:
    """Colour flow: direction as hue, length as saturation, NaN as black: `H x W x 3` uint8.

    The colours are those of Baker et al., "A Database and Evaluation Methodology for Optical Flow"
    (IJCV 2011): six hues, spaced on the circle by how well the eye distinguishes them, white for no
    motion, full saturation for the longest vector.
    """
    seen = np.isfinite(flow).all(axis=-1)
    u, v = np.where(seen[..., None], flow, 0).astype(np.float64).transpose(2, 0, 1)
    length = np.hypot(u, v)
    length /= max(float(length.max(initial=0)), 1e-12)
    turn = (np.arctan2(-v, -u) / np.pi + 1) / 2 * _WHEEL[-1][0]
    places = [place for place, _ in _WHEEL]
    hue = np.stack([np.interp(turn, places, [c[i] for _, c in _WHEEL]) for i in range(3)], axis=-1)
    colour = 1 - length[..., None] * (1 - hue / 255)
    return _bytes(np.where(seen[..., None], colour, 0))


def colour_scene_flow(flow: np.ndarray) -> np.ndarray:
    """Convert x, y, z of scene flow to red, green, blue, scaled to the 95th percentile; grey is no
    motion, black is NaN: `H x W x 3` uint8."""
    seen = np.isfinite(flow).all(axis=-1, keepdims=True)
    moved = np.where(seen, flow, 0).astype(np.float64)
    most = float(np.quantile(np.abs(moved).max(axis=-1), 0.95))
    return _bytes(np.where(seen, moved / max(most, 1e-12) * 0.5 + 0.5, 0))


def colour_mask(mask: np.ndarray) -> np.ndarray:
    """Draw a mask (`H x W` bool) in white on black."""
    return np.repeat(np.where(mask, 255, 0).astype(np.uint8)[..., None], 3, axis=-1)


def on_chequers(image: np.ndarray) -> np.ndarray:
    """Draw an image with alpha, `H x W x 4` uint8, on a chequered grey."""
    rows, columns = np.indices(image.shape[:2]) // 8
    grey = np.where((rows + columns) % 2, 190, 225)[..., None]
    alpha = image[..., 3:] / 255.0
    return (image[..., :3] * alpha + grey * (1 - alpha)).round().astype(np.uint8)


def _heat(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    if not seen.any():
        return np.zeros((*values.shape, 3), np.uint8)
    values = values.astype(np.float64)
    low, high = np.quantile(values[seen], [0.02, 0.98])
    level = np.clip((np.where(seen, values, low) - low) / max(high - low, 1e-12), 0, 1)
    coloured = cv2.applyColorMap((level * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    coloured[~seen] = 0
    return cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB)


def _bytes(values: np.ndarray) -> np.ndarray:
    """Convert 0..1 to 0..255 and NaN to 0, uint8."""
    return (np.clip(np.nan_to_num(values, nan=0.0), 0, 1) * 255 + 0.5).astype(np.uint8)
