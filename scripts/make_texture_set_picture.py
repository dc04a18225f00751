"""Generate docs/images/texture-sets.jpg: one scene with the colours of a texture set, and with all
of its maps. The set, a wall of bricks, is drawn here, so that nothing is downloaded.

python scripts/make_texture_set_picture.py
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from make_pictures import FOLDER, save_within
from PIL import Image
from scipy.ndimage import gaussian_filter

import simgen
from simgen.spec.scene import SceneSpec

SIDE, ROWS, COLUMNS = 1024, 8, 4
"""Of the images, pixels; of the bricks in it."""
JOINT, DEPTH = 0.09, 0.012
"""Width of a joint relative to a brick's height, and its depth relative to the image's width."""


def heights() -> tuple[np.ndarray, np.ndarray]:
    """Return the relief, 0..1, and a random number per brick, each `SIDE x SIDE`."""
    rng = np.random.default_rng(4)
    v, u = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    row = np.floor(v * ROWS).astype(int)
    along = u * COLUMNS + 0.5 * (row % 2)
    column = np.floor(along).astype(int) % COLUMNS
    across, down = along % 1.0, v * ROWS % 1.0
    near = np.minimum(np.minimum(across, 1 - across) * ROWS / COLUMNS, np.minimum(down, 1 - down))
    brick = np.clip((near - JOINT / 2) / JOINT, 0, 1)
    grain = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 3, mode="wrap")
    shade = rng.uniform(size=(ROWS, COLUMNS))[row, column]
    return brick * (0.8 + 0.2 * shade) + 0.25 * grain, shade


def write_set(folder: Path) -> None:
    """Write a set in the style of ambientCG."""
    height, shade = heights()
    slope_u = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * SIDE * DEPTH / 2
    slope_v = (np.roll(height, 1, 0) - np.roll(height, -1, 0)) * SIDE * DEPTH / 2
    up = 1 / np.sqrt(1 + slope_u**2 + slope_v**2)
    normal = np.stack([-slope_u * up, -slope_v * up, up], axis=-1)
    is_brick = np.clip(height * 2, 0, 1)[..., None]
    clay = np.array([150, 70, 50]) + 60 * (shade[..., None] - 0.5) * [1, 0.7, 0.5]
    color = is_brick * clay + (1 - is_brick) * np.array([150, 145, 138])
    maps = {
        "Color": color,
        "NormalGL": 127.5 * (normal + 1),
        "Roughness": np.repeat(255 * (0.85 - 0.5 * is_brick * shade[..., None]), 3, axis=2),
    }
    for name, values in maps.items():
        pixels = np.rint(np.clip(values, 0, 255)).astype(np.uint8)
        cv2.imwrite(str(folder / f"Bricks_1K-PNG_{name}.png"), pixels[..., ::-1])


def without_maps(spec: SceneSpec) -> SceneSpec:
    plain = {slot: replace(one, maps=()) for slot, one in spec.stage.materials.items()}
    return replace(spec, stage=replace(spec.stage, materials=plain))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_set(Path(name))
        config = simgen.load_config(
            [f"materials.textures={name}", "materials.texture_probability=1", "seed=8",
             "materials.texture_size_range=[0.5,0.5]", "materials.keep_own=true", "lighting=studio",
             "scene=tabletop", "render.width=480", "render.height=360", "labels=[rgb]",
             "objects.count_range=[4,4]", "sensor=perfect"]
        )  # fmt: skip
        spec = simgen.sample_scene(config, 0)
        specs = (without_maps(spec), spec)
        images = [simgen.render(one, config)[0].rgb for one in specs]
    sheet = Image.fromarray(np.hstack(images))
    save_within(sheet, FOLDER / "texture-sets.jpg", sheet.width, 150_000)


if __name__ == "__main__":
    main()
