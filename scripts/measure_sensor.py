"""Measure the benefit of sensor imperfections for a detector on photographs, on the same renders.

    python scripts/measure_sensor.py render FOLDER               light and boxes of aerial scenes
    python scripts/measure_sensor.py develop FOLDER              images of each by every candidate
    python scripts/measure_sensor.py statistics GLOB [GLOB ...]  noise, sharpness, JPEG of images

Then `scripts/sensor_detector.py`, which needs torch, trains on each candidate's images and tests on
photographs. All candidates share scenes, views, exposure and tone, so they differ only in the
imperfections.
"""

from __future__ import annotations

import argparse
import glob
import json
import tempfile
from pathlib import Path

import cv2
import numpy as np

from simgen.assets.catalogue import load_catalogue
from simgen.commands import generate as hydra_app
from simgen.config import Config, check
from simgen.config.draws import Draws
from simgen.labels.annotate import Annotator
from simgen.labels.registry import render_passes
from simgen.labels.selection import label_names
from simgen.rendering.blender.make import Machine, render_frames
from simgen.rendering.blender.session import quiet
from simgen.rendering.sensor import develop, expose
from simgen.sampling.randomizers.sensor import draw_sensor
from simgen.sampling.scenes import draw_scene
from simgen.spec.frame import RawFrame
from simgen.stages.resolver import make_resolver, resolver_settings

SCENES = [
    "scene=aerial",
    "assets.classes=[car,house,tree]",
    "objects.weights=[car:4,tree:2,house:1]",
    "objects.count_range=[30,60]",
    "camera.elevation_deg_range=[80,89]",
    "camera.distance_range=[55,62]",
    "camera.focal_length_mm_range=50",
    "labels=[objects,rgb]",
    "render.width=320",
    "render.height=320",
    "render.samples=8",
]
"""Settings for about 0.13 m per pixel, like the photographs."""
LEAST_VISIBLE = 0.3
CANDIDATES = {
    "perfect": ["sensor=perfect"],
    "noise": ["sensor=camera", "sensor.effects=[noise]", "sensor.effect_count_range=1"],
    "lens": [
        "sensor=camera",
        "sensor.effects=[blur,sharpening]",
        "sensor.effect_count_range=2",
    ],
    "jpeg": ["sensor=camera", "sensor.effects=[jpeg]", "sensor.effect_count_range=1"],
    "camera": ["sensor=camera"],
    "phone": ["sensor=phone"],
}
_TONE = [
    "sensor.exposure_range=[normal,0,0.4,-1.2,1.2]",
    "sensor.contrast_range=[0.85,1.2]",
    "sensor.saturation_range=[0.85,1.2]",
]
"""Tone of all candidates: that of `phone` differs, but is not an imperfection."""


def composed(words: list[str]) -> Config:
    """Return the checked config of a command line."""
    seen: list[Config] = []

    def keep(config: Config, folder: Path) -> int:
        check(config)
        seen.append(config)
        return 0

    hydra_app.run(words, keep)
    return seen[0]


def render(folder: Path, scenes: range, views: int) -> None:
    """Write `NNNNNN_V.npz` for each view: radiance, and boxes of cars, `N x 4` as x, y, w, h."""
    config = composed([*SCENES, f"frames_per_scene={views}"])
    catalogue, resolver = load_catalogue(config.assets), make_resolver(resolver_settings(config))
    folder.mkdir(parents=True, exist_ok=True)
    for scene in scenes:
        if (folder / f"{scene:06d}_{views - 1}.npz").exists():
            continue
        drawn = draw_scene(config, catalogue, resolver, scene, label_names(config))
        spec, meshes, parts = drawn.spec, drawn.assets.objects, drawn.assets.parts
        annotator = Annotator(spec, meshes, parts)
        with tempfile.TemporaryDirectory() as scratch, quiet(folder / "blender.log"):
            passes = render_passes(spec.labels)
            raws = render_frames(spec, meshes, parts, Machine(Path(scratch)), passes)
            for view, raw in enumerate(raws):
                keep(folder / f"{scene:06d}_{view}.npz", raw, annotator, view)


def keep(file: Path, raw: RawFrame, annotator: Annotator, view: int) -> None:
    objects = annotator.annotate(raw, view).record.objects or ()
    boxes = [
        item.bbox
        for item in objects
        if item.class_name == "car" and item.bbox and (item.visible_fraction or 0) >= LEAST_VISIBLE
    ]
    assert raw.radiance is not None
    light = raw.radiance.astype(np.float16)
    np.savez(file, radiance=light, boxes=np.array(boxes, np.float32).reshape(-1, 4))


def develop_all(folder: Path) -> None:
    """Write `CANDIDATE/NNNNNN_V.png`, each with a separately sampled sensor, and `boxes.json`: name
    to boxes."""
    boxes: dict[str, list[list[float]]] = {}
    configs = {name: composed([*SCENES, *words, *_TONE]) for name, words in CANDIDATES.items()}
    for number, file in enumerate(sorted(folder.glob("*.npz"))):
        with np.load(file) as stored:
            light = stored["radiance"].astype(np.float32)
            boxes[file.stem] = stored["boxes"].tolist()
        for name, config in configs.items():
            sensor = draw_sensor(Draws(config, number))
            image = develop(light, sensor, expose(light, sensor), 0)
            (folder / name).mkdir(exist_ok=True)
            cv2.imwrite(str(folder / name / f"{file.stem}.png"), image[..., ::-1])
    (folder / "boxes.json").write_text(json.dumps(boxes))


def noise(grey: np.ndarray) -> float:
    """Estimate the standard deviation of white noise in an image 0..255, from its smoothest blocks.

    Immerkaer's mask does not respond to planes and edges. Since it responds to texture as to noise,
    the tenth of the 16-pixel blocks with the lowest response is used.
    """
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    found = np.abs(cv2.filter2D(grey, -1, mask)[1:-1, 1:-1]) * np.sqrt(np.pi / 2) / 6
    rows, columns = found.shape[0] // 16, found.shape[1] // 16
    blocks = found[: rows * 16, : columns * 16].reshape(rows, 16, columns, 16).mean((1, 3))
    return float(np.quantile(blocks, 0.1))


def slope(grey: np.ndarray) -> float:
    """Return the slope of the power spectrum over frequency, both logarithmic, from 1/16 to 1/2 per
    pixel."""
    side = min(256, *grey.shape)
    top, left = (grey.shape[0] - side) // 2, (grey.shape[1] - side) // 2
    window = np.outer(np.hanning(side), np.hanning(side))
    patch = grey[top : top + side, left : left + side]
    power = np.abs(np.fft.fft2((patch - patch.mean()) * window)) ** 2
    along = np.fft.fftfreq(side)
    frequency = np.hypot(along[None, :], along[:, None])
    kept = (frequency > 1 / 16) & (frequency < 0.5)
    bins = np.digitize(frequency[kept], edges := np.geomspace(1 / 16, 0.5, 13))
    means = [power[kept][bins == b].mean() for b in range(1, 13)]
    return float(np.polyfit(np.log(edges[:-1]), np.log(means), 1)[0])


def blockiness(grey: np.ndarray) -> float:
    """Return the steps across the borders of JPEG's 8-pixel blocks, relative to the other steps; 1
    means none."""
    step = np.abs(np.diff(grey, axis=1)).mean(axis=0)
    on = np.arange(len(step)) % 8 == 7
    return float(step[on].mean() / max(step[~on].mean(), 1e-6))


def statistics(pattern: str) -> str:
    """Return one line: medians over the images that match."""
    rows = []
    for file in sorted(glob.glob(pattern, recursive=True)):
        image = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
        if image is not None:
            grey = image.astype(np.float32)
            sharp = float(cv2.Laplacian(grey, cv2.CV_32F).var())
            rows.append((noise(grey), sharp, slope(grey), blockiness(grey)))
    a, b, c, d = np.median(rows, axis=0)
    return (
        f"{pattern}: {len(rows)} images, noise {a:.2f}, Laplacian variance {b:.0f}, "
        f"spectrum's slope {c:.2f}, blocks {d:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    rendering = commands.add_parser("render")
    rendering.add_argument("folder", type=Path)
    rendering.add_argument("--first", type=int, default=0)
    rendering.add_argument("--scenes", type=int, default=32)
    rendering.add_argument("--views", type=int, default=4)
    commands.add_parser("develop").add_argument("folder", type=Path)
    commands.add_parser("statistics").add_argument("globs", nargs="+")
    asked = parser.parse_args()
    if asked.command == "render":
        render(asked.folder, range(asked.first, asked.first + asked.scenes), asked.views)
    elif asked.command == "develop":
        develop_all(asked.folder)
    else:
        print("\n".join(statistics(pattern) for pattern in asked.globs))


if __name__ == "__main__":
    main()
