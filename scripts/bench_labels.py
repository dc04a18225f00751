"""Benchmark of labels: the cost of each in CPU and wall seconds, compared with that of the image.

    python scripts/bench_labels.py                          the setting of the project's target
    python scripts/bench_labels.py --samples 1 --frames 3 --counts 20

The scene: a heap of balls and boxes on a table, filmed by a moving camera; half of the objects
move, every tenth deforms. A single process measures in sequence:

  image        rendering alone, without data passes, at `--samples`, with and without the denoiser
  passes       the cost that data passes (including intrinsic ones) and reading them add to a
               render: pairs of renders with one sample with and without them, since the cost hardly
               depends on the number of samples, whose noise would hide it; also with depth of
               field, where the labels come from a separate render
  labels       each label alone, computed from a frame that was rendered once: `annotate` and
               writing its files, minus the same with only the camera; labels that need others are
               measured with them. Each round measures every label once, so that load peaks affect
               all of them equally

The image itself and the image of the second camera are not labels and are omitted.
Figures are medians over the middle frames of a sequence; the first frame, which builds the ray
caster, is reported separately. On shared machines only the CPU column is reliable, to about 10 %.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench_overhead import Cost, clock, make_spec, render_bare

ABSOLUTE_AIM = 1.0
"""Target: CPU seconds per frame for all labels with 20 instances."""
RELATIVE_AIM = 0.05
"""Target: fraction of the CPU seconds of an image with 32 samples, 640x480, with 20 objects."""
IMAGES = ("rgb", "rgb_right")
FRAME_RATE = 24.0
SUMS = {"all but intrinsic": "passes", "all labels": "intrinsic passes too"}
"""Sets of labels to which the targets apply, and the passes that they need."""


@dataclass(frozen=True)
class Setting:
    width: int
    height: int
    samples: int
    frames: int
    rounds: int


@dataclass(frozen=True)
class Rendered:
    """A scene that was rendered once, with the input of its labels."""

    spec: Any
    meshes: list[Any]
    stage: Any
    raws: list[Any]


class Times:
    """Costs of repeated runs of the same operation."""

    def __init__(self) -> None:
        self.first: list[Cost] = []
        self.further: list[Cost] = []

    @contextmanager
    def measure(self, number: int) -> Iterator[None]:
        """Record the cost of the block as that of frame `number` of a scene."""
        before = clock()
        yield
        after = clock()
        cost = Cost(after.cpu - before.cpu, after.wall - before.wall)
        (self.further if number else self.first).append(cost)


def median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
    )


def less(cost: Cost, base: Cost) -> Cost:
    return Cost(cost.cpu - base.cpu, cost.wall - base.wall)


# ---- The scene


def scene_spec(setting: Setting, objects: int) -> Any:
    """Return a `SceneSpec` with all labels and moving objects."""
    from simgen.config.depth_camera import DepthCameraConfig
    from simgen.config.lidar import LidarConfig
    from simgen.labels.registry import LABELS
    from simgen.sampling.depth_camera import depth_camera_spec
    from simgen.sampling.lidar import lidar_spec
    from simgen.spec.rng import stream
    from simgen.stages.registry import load_stage, stuff_classes

    spec = make_spec(setting.frames, 1, False, objects)
    rng = stream(0, "bench", "motion")
    moving = tuple(
        _moving(item, rng, setting.frames) if number % 2 else item
        for number, item in enumerate(spec.objects)
    )
    return replace(
        spec,
        labels=tuple(LABELS),
        objects=tuple(_bending(item) if n % 10 == 0 else item for n, item in enumerate(moving)),
        render=replace(spec.render, width=setting.width, height=setting.height),
        frame_rate=FRAME_RATE,
        stereo_baseline=0.06,
        track_count=256,
        lidar=lidar_spec(LidarConfig()),
        depth_camera=depth_camera_spec(DepthCameraConfig()),
        stuff=stuff_classes(load_stage("tabletop")),
    )


def _moving(item: Any, rng: np.random.Generator, frames: int) -> Any:
    from simgen.geometry.transforms import as_vector
    from simgen.spec.scene import PoseSpec

    step = rng.normal(scale=0.005, size=3)
    poses = tuple(
        PoseSpec(as_vector(np.array(item.position) + number * step), item.rotation)
        for number in range(frames)
    )
    return replace(item, trajectory=poses)


def _bending(item: Any) -> Any:
    from simgen.spec.scene import DeformationSpec

    return replace(item, deformation=DeformationSpec("bend", 0.3, 1.0, 0.0))


def with_labels(spec: Any, names: tuple[str, ...]) -> Any:
    """Return the spec with these labels, their dependencies and the camera."""
    from simgen.labels.registry import LABELS

    wanted = {"camera", *names, *(need for name in names for need in LABELS[name].needs)}
    if "rgb" not in names:
        wanted.discard("rgb")
    return replace(spec, labels=tuple(name for name in LABELS if name in wanted))


# ---- Rendering


def geometry(spec: Any) -> tuple[list[Any], Any]:
    """Return the meshes of a spec's objects and the parts of its stage."""
    from simgen.assets.library import Library
    from simgen.stages.registry import build_stage, load_stage

    library = Library(None)
    meshes = [library.mesh(item.asset) for item in spec.objects]
    return meshes, build_stage(load_stage(spec.stage.name), spec.stage).parts


def render_once(spec: Any, folder: Path, times: Times) -> list[Any]:
    """Render all frames of a spec, and record the cost of each."""
    from simgen.labels.registry import render_passes
    from simgen.rendering.blender.make import Machine, render_frames

    meshes, stage = geometry(spec)
    machine = Machine(folder, 0, "cpu")
    frames = render_frames(spec, meshes, stage, machine, render_passes(spec.labels))
    raws = []
    for number in range(len(spec.cameras)):
        with times.measure(number):
            raws.append(next(frames))
    return raws


def still_spec(setting: Setting, samples: int, denoise: bool, f_stop: float = 0.0) -> Any:
    """Return the scene in which only the camera moves."""
    spec = make_spec(setting.frames, samples, denoise)
    lens = replace(spec.cameras[0].lens, f_stop=f_stop, focus_distance=1.5)
    size = replace(spec.render, width=setting.width, height=setting.height)
    cameras = tuple(replace(camera, lens=lens) for camera in spec.cameras)
    return replace(spec, cameras=cameras, render=size)


def image_costs(setting: Setting, folder: Path) -> dict[str, Cost]:
    """Measure the image alone, without and with the denoiser."""
    kinds = {"without denoiser": False, "with denoiser": True}
    return {
        name: median(render_bare(still_spec(setting, setting.samples, denoise), folder)[1:])
        for name, denoise in kinds.items()
    }


def pass_costs(setting: Setting, folder: Path) -> dict[str, Cost]:
    """Measure the cost that labels add to rendering."""
    from simgen.labels.registry import LABELS

    every = ("rgb", *(name for name in LABELS if name not in IMAGES))
    exact = tuple(name for name in every if set(LABELS[name].passes) <= {"radiance"})
    kinds = {"passes": (exact, 0.0), "passes and label pass, if blurred": (exact, 4.0),
             "intrinsic passes too": (every, 0.0)}  # fmt: skip
    pairs: dict[str, list[tuple[Cost, Cost]]] = {kind: [] for kind in kinds}
    for _ in range(setting.rounds):
        for kind, (names, f_stop) in kinds.items():
            spec = still_spec(setting, 1, False, f_stop)
            bare, full = render_bare(spec, folder)[1:], Times()
            render_once(with_labels(spec, names), folder, full)
            pairs[kind] += zip(bare, full.further, strict=True)
    return {
        kind: median([less(full, bare) for bare, full in costs]) for kind, costs in pairs.items()
    }


# ---- Labels


def rendered(setting: Setting, objects: int, folder: Path) -> Rendered:
    spec = scene_spec(setting, objects)
    raws = render_once(spec, folder, Times())
    return Rendered(spec, *geometry(spec), raws)


def label_once(scene: Rendered, names: tuple[str, ...], folder: Path, times: Times) -> None:
    """Compute and write the labels of all frames."""
    from simgen.dataset.writer import write_frame
    from simgen.labels.annotate import Annotator

    annotator = None
    # The last frame has no forward flow, and serves only as the target of the previous one.
    for number, raw in enumerate(scene.raws[:-1]):
        with times.measure(number):
            if annotator is None:
                spec = with_labels(scene.spec, names)
                annotator = Annotator(spec, scene.meshes, scene.stage)
            write_frame(folder, number, annotator.annotate(raw, number))


def label_costs(
    scene: Rendered, kinds: dict[str, tuple[str, ...]], rounds: int, folder: Path
) -> dict[str, tuple[Cost, Cost]]:
    """Return the costs of the first and further frames of each kind of label, minus those of the
    camera alone."""
    all_times = {name: Times() for name in ("camera alone", *kinds)}
    for _ in range(rounds):
        for name, times in all_times.items():
            label_once(scene, kinds.get(name, ()), folder, times)
    base = all_times.pop("camera alone")
    return {
        name: (
            less(median(times.first), median(base.first)),
            less(median(times.further), median(base.further)),
        )
        for name, times in all_times.items()
    }


def label_kinds() -> dict[str, tuple[str, ...]]:
    """Return each label alone, then all together. COCO files are written from stored labels at the
    end of a run."""
    from simgen.labels.registry import LABELS

    names = tuple(name for name in LABELS if name not in (*IMAGES, "camera", "coco"))
    exact = tuple(name for name in names if not LABELS[name].passes)
    return {**{name: (name,) for name in names}, "all but intrinsic": exact, "all labels": names}


# ---- Tables


def print_labels(
    setting: Setting, images: dict[str, Cost], passes: dict[str, Cost],
    labels: dict[str, tuple[Cost, Cost]],
) -> None:  # fmt: skip
    size = f"{setting.width}x{setting.height}"
    print(f"\n{size}, 20 objects, {setting.samples} samples, medians over middle frames")
    for name, cost in images.items():
        print(f"image {name:32}{cost.cpu:9.3f} CPU s{cost.wall:9.3f} s")
    image = images["without denoiser"].cpu
    print(f"\n{'':38}{'CPU s':>9}{'wall s':>9}{'of image':>10}{'first, CPU s':>14}")
    for name, (first, further) in labels.items():
        share = 100 * further.cpu / image
        print(f"{name:38}{further.cpu:9.3f}{further.wall:9.3f}{share:9.2f}%{first.cpu:14.3f}")
    for name, cost in passes.items():
        print(f"{name:38}{cost.cpu:9.3f}{cost.wall:9.3f}{100 * cost.cpu / image:9.2f}%")
    for kind, needed in SUMS.items():
        together = labels[kind][1].cpu + passes[needed].cpu
        print(f"{f'{kind}, passes':38}{together:9.3f}{'':9}{100 * together / image:9.2f}%")
        print(f"  target: at most {ABSOLUTE_AIM} CPU s ({_verdict(together <= ABSOLUTE_AIM)})")
        if (setting.width, setting.height, setting.samples) == (640, 480, 32):
            verdict = _verdict(together <= RELATIVE_AIM * image)
            print(f"  target: at most {100 * RELATIVE_AIM:g}% ({verdict})")


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def print_growth(costs: dict[int, tuple[Cost, Cost]]) -> None:
    print(
        f"\n{'all labels':>12}{'CPU s':>9}{'wall s':>9}{'CPU ms an object':>18}{'first, CPU s':>14}"
    )
    for count, (first, further) in costs.items():
        each = 1000 * further.cpu / count
        print(
            f"{count:4} objects{further.cpu:9.3f}{further.wall:9.3f}{each:18.2f}{first.cpu:14.3f}"
        )
    (fewest, (_, low)), (most, (_, high)) = min(costs.items()), max(costs.items())
    if most > fewest:
        linear = high.cpu / low.cpu <= most / fewest
        print(
            f"{most / fewest:g} times as many objects cost {high.cpu / low.cpu:.1f} times as much "
            f"({'at most' if linear else 'MORE than'} linear)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--width", type=int, default=640, help="pixels (640)")
    parser.add_argument("--height", type=int, default=480, help="pixels (480)")
    parser.add_argument("--samples", type=int, default=32, help="of the image (32)")
    parser.add_argument("--frames", type=int, default=4, help="of the sequence, at least 3 (4)")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[20, 100, 500], help="objects (20 100 500)"
    )
    given = parser.parse_args()
    if given.frames < 3:
        parser.error(f"--frames {given.frames}: expected at least 3; only middle frames count")
    setting = Setting(given.width, given.height, given.samples, given.frames, given.rounds)
    import simgen.rendering.blender.make  # noqa: F401  imports Blender, which is no cost of labels

    with tempfile.TemporaryDirectory() as name:
        folder, kinds = Path(name), label_kinds()
        scene = rendered(setting, 20, folder)
        labels = label_costs(scene, kinds, setting.rounds, folder)
        passes = pass_costs(setting, folder)
        print_labels(setting, image_costs(setting, folder), passes, labels)
        everything = {"all labels": kinds["all labels"]}
        growth = {}
        for count in given.counts:
            scene = rendered(setting, count, folder)
            costs = label_costs(scene, everything, setting.rounds, folder)
            growth[count] = costs["all labels"]
        print_growth(growth)


if __name__ == "__main__":
    main()
