"""Benchmark of the pipeline's overhead over a bare render of a scene, in CPU and wall seconds.

    python scripts/bench_overhead.py                  the two settings of the project's targets
    python scripts/bench_overhead.py --samples 8 --denoise --frames 6
    python scripts/bench_overhead.py --parts --json parts.json scene=tabletop

`--parts` instead prints how the time of a new scene and of a further frame is spent, without
samples and denoiser (`scene_parts.py`); other arguments are config overrides.

Otherwise, each round runs two processes in sequence, on the same scene of 20 primitives with the
same settings and cameras:
  bare      `bpy.ops.render.render(write_still=True)` to a PNG, no data passes
  pipeline  the render with data passes, the labels of `labels=detection`, all files on disk
`bench_labels.py` measures the cost of each label.
The first frame of a scene (build, BVH, importance map) is reported separately.
Figures are medians over frames and rounds; on shared machines only the ratios are meaningful.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

# As the command sets it: threads that wait spinning would count as CPU seconds of hulls and lenses.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

OBJECTS = 20
AIMS = {(1, False): 1.3, (32, True): 1.05}
"""Samples and denoiser to the target ratio of CPU seconds, for further frames."""


@dataclass(frozen=True)
class Cost:
    cpu: float
    wall: float


def clock() -> Cost:
    return Cost(time.process_time(), time.perf_counter())


def measured(action: Callable[[], object]) -> Cost:
    before = clock()
    action()
    after = clock()
    return Cost(after.cpu - before.cpu, after.wall - before.wall)


def make_spec(frames: int, samples: int, denoise: bool, objects: int = OBJECTS) -> Any:
    """Return a `SceneSpec`: balls and boxes above a table, seen by cameras on a circle.

    With more objects than usual, each is smaller, so that the heap keeps its volume.
    """
    from simgen.assets.classes import CLASSES
    from simgen.assets.environments import normalisation
    from simgen.config import Config
    from simgen.config.draws import Draws
    from simgen.geometry.transforms import as_rows, as_vector, look_at, random_rotation
    from simgen.labels.registry import presets
    from simgen.sampling.randomizers.materials import draw_material
    from simgen.spec.rng import stream
    from simgen.spec.scene import (
        AssetRef,
        CameraSpec,
        EnvironmentSpec,
        LensSpec,
        ObjectSpec,
        RenderSpec,
        SceneSpec,
    )
    from simgen.stages.registry import draw_stage, load_stage

    rng = stream(0, "bench")
    items = []
    for number in range(objects):
        name = ("ball", "box")[number % 2]
        asset = AssetRef("parametric", name, CLASSES[name].draw(rng))
        slots = CLASSES[name].build(asset.params).slots
        items.append(
            ObjectSpec(
                instance_id=number + 1,
                class_name=name,
                class_id=1 + number % 2,
                asset=asset,
                scale=(OBJECTS / objects) ** (1 / 3),
                position=as_vector(rng.uniform([-0.3, -0.3, 0.05], [0.3, 0.3, 0.25])),
                rotation=random_rotation(rng),
                materials={slot: draw_material("plastic", rng) for slot in slots},
            )
        )
    angles = np.linspace(0, 1, frames)
    eyes = [[1.4 * np.cos(a), 1.4 * np.sin(a), 0.8] for a in angles]
    lens = LensSpec(focal_length_mm=50.0, sensor_width_mm=36.0)
    cameras = tuple(CameraSpec(as_rows(look_at(eye, [0.0, 0.0, 0.1])), lens) for eye in eyes)
    forest = EnvironmentSpec("hdri", 0.5, hdri="forest", normalisation=normalisation("forest"))
    return SceneSpec(
        seed=0,
        index=0,
        classes=("ball", "box"),
        labels=presets()["detection"],
        objects=tuple(items),
        stage=draw_stage("tabletop", load_stage("tabletop"), Draws(Config(), 0)),
        environment=forest,
        lights=(),
        cameras=cameras,
        render=RenderSpec(640, 480, samples, denoise, 6, 0),
    )


def run_bare(frames: int, samples: int, denoise: bool, folder: Path) -> list[Cost]:
    """Render and save with Blender's operator only."""
    return render_bare(make_spec(frames, samples, denoise), folder)


def render_bare(spec: Any, folder: Path) -> list[Cost]:
    """Render and save any spec in which nothing moves, with Blender's operator only."""
    import bpy

    from simgen.assets.library import Library
    from simgen.rendering.blender.build import add_camera, build_light, build_things
    from simgen.rendering.blender.camera import blender_axes, set_lens
    from simgen.rendering.blender.motion import place
    from simgen.rendering.blender.render import set_up_render
    from simgen.rendering.blender.session import reset
    from simgen.stages.registry import build_stage, load_stage

    library = Library(None)

    def build() -> None:
        scene = reset()
        set_up_render(scene, spec.render, image=True, threads=0, device="CPU")
        layer = scene.view_layers[0]
        layer.use_pass_z = layer.use_pass_object_index = False
        meshes = [library.mesh(item.asset) for item in spec.objects]
        stage = build_stage(load_stage(spec.stage.name), spec.stage).parts
        build_things(scene, spec, stage, meshes)
        build_light(scene, spec)
        scene.camera = add_camera(scene, "camera")

    def shoot(number: int) -> None:
        if number == 0:
            build()
        scene = bpy.context.scene
        camera = spec.cameras[number]
        set_lens(scene, scene.camera.data, camera.lens)
        place(scene.camera, blender_axes(np.array(camera.cam_to_world)))
        scene.render.image_settings.file_format = "PNG"
        scene.render.filepath = str(folder / f"{number}.png")
        bpy.ops.render.render(write_still=True)

    return [measured(partial(shoot, number)) for number in range(len(spec.cameras))]


def run_pipeline(frames: int, samples: int, denoise: bool, folder: Path) -> list[Cost]:
    """Render, label and write like the real pipeline, but in sequence, so that each frame has a
    separate cost."""
    from simgen.assets.library import Library
    from simgen.dataset.writer import write_frame
    from simgen.labels.annotate import Annotator
    from simgen.labels.registry import render_passes
    from simgen.rendering.blender.make import Machine, render_frames
    from simgen.stages.resolver import Resolver

    spec = make_spec(frames, samples, denoise)
    resolver = Resolver(Library(None))

    def labelled() -> Iterator[Any]:
        assets = resolver.resolve(spec)
        meshes, stage = assets.objects, assets.parts
        annotator = Annotator(spec, meshes, stage)
        machine, passes = Machine(folder, 0, "cpu", resolver.pictures), render_passes(spec.labels)
        yield from annotator.frames(render_frames(spec, meshes, stage, machine, passes))

    labels = labelled()

    def make(number: int) -> None:
        write_frame(folder, number, next(labels))

    return [measured(partial(make, number)) for number in range(frames)]


def child(kind: str, frames: int, samples: int, denoise: bool, started: float) -> None:
    """Run one kind in this process, and print its costs as the last line."""
    import simgen.rendering.blender.make  # noqa: F401  imports Blender, as part of the start-up

    before = time.process_time()
    ready = time.time() - started
    run = {"bare": run_bare, "pipeline": run_pipeline}[kind]
    with tempfile.TemporaryDirectory() as folder:
        costs = run(frames, samples, denoise, Path(folder))
    result = {
        "start_cpu": before,
        "start_wall": ready,
        "cpu": [cost.cpu for cost in costs],
        "wall": [cost.wall for cost in costs],
    }
    print("\n" + json.dumps(result))
    sys.stdout.flush()
    os._exit(0)


def spawn(kind: str, frames: int, samples: int, denoise: bool) -> dict[str, Any]:
    words = ["--child", kind, "--frames", str(frames), "--samples", str(samples)]
    words += ["--denoise"] if denoise else []
    command = [sys.executable, __file__, *words, "--started", repr(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def compare(frames: int, rounds: int, samples: int, denoise: bool) -> None:
    """Print one table: the cost of each kind, and the ratios of the pairs."""
    results: dict[str, list[dict[str, Any]]] = {"bare": [], "pipeline": []}
    for _ in range(rounds):
        for kind, runs in results.items():
            runs.append(spawn(kind, frames, samples, denoise))
    noise = "with denoiser" if denoise else "without denoiser"
    print(f"\n640x480, {OBJECTS} primitives, {samples} samples {noise}, {rounds} x {frames} frames")
    print(f"{'':24}{'bare':>10}{'pipeline':>10}{'ratio':>8}")
    for unit in ("cpu", "wall"):
        first = {kind: [run[unit][0] for run in runs] for kind, runs in results.items()}
        later = {
            kind: [statistics.median(run[unit][1:]) for run in runs]
            for kind, runs in results.items()
        }
        _print_row(f"first frame, {unit} s", first)
        ratio = _print_row(f"further frame, {unit} s", later)
        aim = AIMS.get((samples, denoise))
        if unit == "cpu" and aim:
            verdict = "reached" if ratio <= aim else "MISSED"
            print(f"{'':24}target: at most {aim} ({verdict})")
    for unit in ("cpu", "wall"):
        _print_row(
            f"import, {unit} s", {k: [r[f"start_{unit}"] for r in v] for k, v in results.items()}
        )


SIZE = ("render.width=640", "render.height=480", "objects.count_range=[8,12]", "labels=detection")
"""Defaults of the scenes that `--parts` measures; overrides take precedence."""


def show_parts(scenes: int, overrides: Sequence[str], file: Path | None) -> None:
    """Print the cost of new scenes by part, and write it to a file."""
    from scene_parts import measure  # imports Blender, which the comparison leaves to its children

    found = measure(scenes, (1, 3), [*SIZE, *overrides])
    print(f"\nCPU seconds, means of {scenes} scenes: {' '.join([*SIZE, *overrides])}")
    print(f"{'':28}{'new scene':>12}{'further frame':>16}")
    for name, parts in found["parts"].items():
        print(f"{name:28}{parts['new_scene']:12.3f}{parts['further_frame']:16.3f}")
    print(f"{'sum':28}{found['new_scene_cpu_s']:12.3f}{found['further_frame_cpu_s']:16.3f}")
    print(f"one sample per pixel: {found['one_sample_cpu_s']:.3f}")
    if file is not None:
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # Blender may crash while unloading


def _print_row(name: str, figures: dict[str, list[float]]) -> float:
    pairs = zip(figures["pipeline"], figures["bare"], strict=True)
    ratio = statistics.median(mine / bare for mine, bare in pairs)
    bare, mine = (statistics.median(figures[kind]) for kind in ("bare", "pipeline"))
    print(f"{name:24}{bare:10.3f}{mine:10.3f}{ratio:8.2f}")
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, help="only this number of samples per pixel")
    parser.add_argument("--denoise", action="store_true", help="with --samples: use the denoiser")
    parser.add_argument("--frames", type=int, default=8, help="frames per process (8)")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of processes (3)")
    parser.add_argument("--child", choices=["bare", "pipeline"], help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--parts", action="store_true", help="cost of new scenes by part")
    parser.add_argument("--scenes", type=int, default=12, help="with --parts: their number (12)")
    parser.add_argument("--json", type=Path, help="with --parts: write the figures to this file")
    parser.add_argument("overrides", nargs="*", help="with --parts: config overrides")
    given = parser.parse_args()
    if given.parts:
        show_parts(given.scenes, given.overrides, given.json)
        return
    if given.child:
        child(given.child, given.frames, given.samples, given.denoise, given.started)
    settings = [(given.samples, given.denoise)] if given.samples else list(AIMS)
    for samples, denoise in settings:
        # Frames with many samples take long and vary little.
        frames = given.frames if samples < 8 else min(given.frames, 4)
        compare(frames, given.rounds, samples, denoise)


if __name__ == "__main__":
    main()
