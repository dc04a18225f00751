"""Benchmark of image quality and rendering time: the render presets and Cycles' defaults.

    python scripts/bench_quality.py                              both scenes, three rounds
    python scripts/bench_quality.py --scenes primitives --size 160 120
    python scripts/bench_quality.py --quick                      a test run within a minute

The scenes, 320x240, defined by their specs alone:
  primitives   20 balls and boxes over a table, under one HDRI
  table        glasses, ceramics, metal and print on a table between two walls, under three lamps

The candidates are the files of configs/render and Cycles with Blender's defaults and denoiser, at
16, 32 and 64 samples. The reference has 2048 samples, no denoiser, no adaptive sampling, and
otherwise Cycles' defaults, so light that a preset omits (bounces, caustics, clamping) counts
against it. References take half an hour on one core and are kept in the folder `--cache`, under a
name that depends on the spec, the meshes, the code that builds scenes, and Blender.

A candidate's time is that of the first frame of a scene: building it, passing it to Cycles,
importance map, rays and denoiser. Each round is a process that renders one small image to warm up
and then every candidate once, so that load peaks affect all of them equally. Figures are medians
over the rounds; on shared machines, rely on the CPU column.
PSNR and SSIM compare the 8-bit images after the same view transform.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from bench_overhead import Cost, clock
from quality_scenes import SCENES, Size

ROOT = Path(__file__).resolve().parent.parent
PRESETS = ("fast", "draft", "standard", "high")
DEFAULT_SAMPLES = (16, 32, 64)
REFERENCE = "reference"
AIM_SCENE, AIM_PRESET, AIM_RIVAL = "primitives", "standard", "defaults-64"
LOST_DECIBELS, COST_RATIO = 1.0, 1.0 / 3.0
"""The target: the preset loses at most this to its competitor, at no more than this ratio of CPU
time."""


@dataclass(frozen=True)
class Score:
    """The cost of one render, and its similarity to the reference."""

    cost: Cost
    psnr: float
    ssim: float


def preset_spec(spec: Any, preset: str) -> Any:
    """Return the spec with the render settings of `configs/render/<preset>.yaml`."""
    from omegaconf import OmegaConf

    from simgen.config.schema import RenderConfig
    from simgen.spec.scene import RenderSpec

    file = ROOT / "configs" / "render" / f"{preset}.yaml"
    config = OmegaConf.merge(OmegaConf.structured(RenderConfig), OmegaConf.load(file))
    settings: Any = OmegaConf.to_container(config)
    names = {field.name for field in fields(RenderSpec)} & set(settings) - {"width", "height"}
    return replace(spec, render=replace(spec.render, **{name: settings[name] for name in names}))


def shoot(spec: Any, settle: Callable[[Any], None], path: Path) -> Cost:
    """Build and render a spec, save the image as a PNG, and return the cost excluding the saving.

    settle: may change the settings of Blender's scene before rendering.
    """
    import bpy

    from simgen.assets.library import Library
    from simgen.rendering.blender.make import Machine, build_studio
    from simgen.stages.registry import build_stage, load_stage

    library = Library(None)
    meshes = [library.mesh(item.asset) for item in spec.objects]
    stage = build_stage(load_stage(spec.stage.name), spec.stage).parts
    before = clock()
    machine = Machine(path.parent, 0, "cpu")
    studio = build_studio(spec, meshes, stage, machine, ["radiance"])
    assert studio.image is not None
    scene = studio.image.scene
    settle(scene)
    studio.image.stand(0)
    studio.image.shoot(0)
    after = clock()
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.view_settings.exposure = 0.0
    scene.render.dither_intensity = 0.0
    scene.render.image_settings.media_type = "IMAGE"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    bpy.data.images["Render Result"].save_render(str(path), scene=scene)
    return Cost(after.cpu - before.cpu, after.wall - before.wall)


def keep(scene: Any) -> None:
    """Leave the settings unchanged."""


def restore_defaults(scene: Any, samples: int, denoise: bool) -> None:
    """Set Cycles and the view transform to Blender's defaults.

    Without the denoiser, all pixels get all samples.
    """
    for owner in (scene.cycles, scene.world.cycles):
        for setting in owner.bl_rna.properties:
            if not setting.is_readonly:
                owner.property_unset(setting.identifier)
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = denoise
    scene.cycles.use_adaptive_sampling = denoise


def render_all(scene: str, size: Size, folder: Path, shots: list[str]) -> dict[str, Cost]:
    """Render each of `shots` once in this process, after one to warm up: `<folder>/<shot>.png`."""
    spec = SCENES[scene](size)
    small = replace(spec, render=replace(spec.render, width=32, height=24, denoise=True))
    shoot(small, keep, folder / "warm-up.png")
    costs = {}
    for name in shots:
        path = folder / f"{name}.png"
        if name in PRESETS:
            costs[name] = shoot(preset_spec(spec, name), keep, path)
            continue
        samples = size.reference if name == REFERENCE else int(name.removeprefix("defaults-"))

        def settle(made: Any, samples: int = samples, denoise: bool = name != REFERENCE) -> None:
            restore_defaults(made, samples, denoise)

        costs[name] = shoot(spec, settle, path)
    return costs


def spawn(scene: str, size: Size, folder: Path, shots: list[str]) -> dict[str, Cost]:
    """Run `render_all` in a new process."""
    words = [scene, str(size.width), str(size.height), str(size.reference), str(folder), *shots]
    command = [sys.executable, __file__, "--child", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    costs = json.loads(done.stdout.splitlines()[-1])
    return {name: Cost(**cost) for name, cost in costs.items()}


def child(words: list[str]) -> None:
    """Run the process that `spawn` started: print the costs as the last line."""
    scene, width, height, reference, folder, *shots = words
    size = Size(int(width), int(height), int(reference))
    costs = render_all(scene, size, Path(folder), shots)
    print("\n" + json.dumps({name: vars(cost) for name, cost in costs.items()}))
    sys.stdout.flush()
    os._exit(0)  # a process with bpy may hang at its exit


def reference_image(scene: str, size: Size, cache: Path) -> np.ndarray:
    """Return the reference, `H x W x 3` uint8, from the cache, or render it into the cache."""
    path = cache / f"{scene}-{size.width}x{size.height}-{size.reference}-{_key(scene, size)}.png"
    if not path.is_file():
        print(f"rendering {path} ...", file=sys.stderr, flush=True)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            spawn(scene, size, Path(folder), [REFERENCE])
            (Path(folder) / f"{REFERENCE}.png").replace(path)
    return _read(path)


def _key(scene: str, size: Size) -> str:
    """Return a key of everything that the reference depends on, except for image sampling."""
    from importlib.metadata import version

    from simgen.assets.library import Library
    from simgen.spec.scene import dumps
    from simgen.stages.registry import build_stage, load_stage

    spec = SCENES[scene](size)
    digest = hashlib.sha256((version("bpy") + dumps(spec)).encode())
    library = Library(None)
    meshes = [library.mesh(item.asset) for item in spec.objects]
    meshes += [part.mesh for part in build_stage(load_stage(spec.stage.name), spec.stage).parts]
    for mesh in meshes:
        for array in (mesh.vertices, mesh.faces, mesh.uv, mesh.slot):
            digest.update(np.ascontiguousarray(array).tobytes())
    for file in sorted((ROOT / "simgen" / "rendering" / "blender").glob("*.py")):
        if file.name != "render.py":
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        sys.exit(f"{path}: not an image; delete it and try again")
    return image


def measure(
    scene: str, size: Size, rounds: int, cache: Path, shots: list[str]
) -> dict[str, list[Score]]:
    """Return the scores of every candidate, one per round."""
    reference = reference_image(scene, size, cache)
    scores: dict[str, list[Score]] = {name: [] for name in shots}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, cost in spawn(scene, size, Path(folder), shots).items():
                image = _read(Path(folder) / f"{name}.png")
                scores[name].append(Score(cost, psnr(image, reference), ssim(image, reference)))
    return scores


def rows(scores: dict[str, list[Score]]) -> Iterator[str]:
    """Yield a line for each candidate: medians over the rounds."""
    for name, all_of_it in scores.items():
        cpu = statistics.median(score.cost.cpu for score in all_of_it)
        wall = statistics.median(score.cost.wall for score in all_of_it)
        quality = all_of_it[0]  # the same in all rounds: rendering is deterministic
        yield f"{name:16}{cpu:9.2f}{wall:9.2f}{quality.psnr:9.2f}{quality.ssim:9.4f}"


def verdict(scores: dict[str, list[Score]]) -> str:
    """Return whether the target is reached. The ratio is the median of those of the rounds."""
    pairs = list(zip(scores[AIM_PRESET], scores[AIM_RIVAL], strict=True))
    lost = pairs[0][1].psnr - pairs[0][0].psnr
    ratio = statistics.median(mine.cost.cpu / rival.cost.cpu for mine, rival in pairs)
    reached = lost <= LOST_DECIBELS and ratio <= COST_RATIO
    return (
        f"target: {AIM_PRESET} within {LOST_DECIBELS} dB of {AIM_RIVAL} at {COST_RATIO:.2f} of its "
        f"CPU time: {lost:.2f} dB less at {ratio:.2f} ({'reached' if reached else 'MISSED'})"
    )


def psnr(image: np.ndarray, reference: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of two uint8 images, decibels; infinity if they are
    equal."""
    error = np.mean((image.astype(float) - reference.astype(float)) ** 2)
    return float(10.0 * np.log10(255.0**2 / error)) if error else float("inf")


def ssim(image: np.ndarray, reference: np.ndarray) -> float:
    """Return the mean structural similarity of the brightness of two uint8 BGR images, at most 1.

    Wang, Bovik, Sheikh, Simoncelli 2004: Gaussian window of 11 pixels, sigma 1.5, K1 = 0.01, K2 =
    0.03; windows that extend over the border are omitted.
    """
    a, b = (cv2.cvtColor(one, cv2.COLOR_BGR2GRAY).astype(float) for one in (image, reference))
    mean_a, mean_b = _blur(a), _blur(b)
    spread_a = _blur(a * a) - mean_a**2
    spread_b = _blur(b * b) - mean_b**2
    common = _blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2 * common + c2) / (spread_a + spread_b + c2)
    return float((luminance * structure)[5:-5, 5:-5].mean())


def _blur(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, (11, 11), 1.5)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default_cache = Path.home() / ".cache" / "simgen" / "bench_quality"
    parser.add_argument("--cache", type=Path, default=default_cache, help="folder of references")
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=list(SCENES))
    parser.add_argument("--size", nargs=2, type=int, default=[320, 240], help="pixels (320 240)")
    parser.add_argument("--rounds", type=int, default=3, help="processes per scene (3)")
    parser.add_argument("--quick", action="store_true", help="tiny images of one scene, one round")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child)
    size = Size(48, 36, 16) if given.quick else Size(given.size[0], given.size[1], 2048)
    shots = [*(f"defaults-{count}" for count in DEFAULT_SAMPLES), *PRESETS]
    for scene in given.scenes[:1] if given.quick else given.scenes:
        scores = measure(scene, size, 1 if given.quick else given.rounds, given.cache, shots)
        print(f"\n{scene}, {size.width}x{size.height}, against {size.reference} samples")
        print(f"{'':16}{'CPU s':>9}{'wall s':>9}{'PSNR dB':>9}{'SSIM':>9}")
        print("\n".join(rows(scores)))
        if scene == AIM_SCENE:
            print(verdict(scores))


if __name__ == "__main__":
    main()
