"""Measure the mean radiance of Blender's HDRI worlds, and write `assets/environments.yaml`.

    python scripts/measure_environments.py

The mean is over the full sphere, weighted by solid angle, in Rec.709 luminance.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bpy
import numpy as np

TARGET = Path(__file__).resolve().parent.parent / "assets" / "environments.yaml"
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
DESCRIPTIONS = {
    "city": "outdoor: car park before office towers, hazy sun",
    "courtyard": "outdoor: covered courtyard, open to daylight on one side",
    "forest": "outdoor: forest path in daylight",
    "interior": "indoor: hotel room with window and ceiling lamps",
    "night": "night: meadow under a starry sky, lamps on the horizon",
    "studio": "indoor: dark photo studio with three lamps",
    "sunrise": "outdoor: meadow in mist, low sun",
    "sunset": "outdoor: waterfront, coloured sky",
}
SHOWS = {
    "city": "house, car, tree",
    "courtyard": "house, tree, bin",
    "forest": "tree",
    "interior": "tv, chair, table, lamp",
    "night": "tree, house",
    "studio": "lamp, chair",
    "sunrise": "tree",
    "sunset": "house, tree",
}
"""Built-in classes visible in the images, by human judgement."""
HEADER = """\
# Blender's HDRI worlds. Written by scripts/measure_environments.py; do not edit by hand.
# mean_radiance: mean luminance over the sphere; divide by it to give every world the same mean.
# upper_share: share of that light from above the horizon.
# shows: built-in classes of recognisable objects in the image.
"""


def load(path: Path) -> np.ndarray:
    """Return linear radiance, `H x W x 3` float32, row 0 at the bottom (straight down)."""
    image = bpy.data.images.load(str(path))
    width, height = image.size
    pixels = np.empty(width * height * 4, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(height, width, 4)[..., :3]


def measure(radiance: np.ndarray) -> tuple[float, float]:
    """Return the mean luminance of an equirectangular image, and the share of its upper half."""
    luminance = radiance.astype(np.float64) @ LUMINANCE
    height = len(luminance)
    # A row at elevation e covers a ring of the sphere whose area is proportional to cos(e).
    weight = np.cos((np.arange(height) + 0.5) / height * np.pi - np.pi / 2.0)
    rows = luminance.mean(axis=1) * weight
    return float(rows.sum() / weight.sum()), float(rows[height // 2 :].sum() / rows.sum())


def main() -> None:
    folder = Path(bpy.utils.resource_path("LOCAL"), "datafiles", "studiolights", "world")
    lines = [HEADER]
    for path in sorted(folder.glob("*.exr")):
        mean, upper = measure(load(path))
        lines.append(f"{path.stem}:\n")
        lines.append(f"  description: '{DESCRIPTIONS[path.stem]}'\n")
        lines.append(f"  mean_radiance: {mean:.4f}\n  upper_share: {upper:.3f}\n")
        lines.append(f"  shows: [{SHOWS[path.stem]}]\n")
    TARGET.write_text("".join(lines))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
