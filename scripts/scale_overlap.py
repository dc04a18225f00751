"""Benefit of labelling and writing a frame while the next one renders.

While a GPU renders, the CPU is idle. To measure this without a GPU, each frame is rendered once for
real; after that, a render only waits for the given time and returns the same result.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from scale_runs import print_table

SETTINGS = {
    "4 views, detection": ("frames_per_scene=4",),
    "4 frames in time, all labels": ("frames_per_scene=4", "camera.path=orbit", "labels=all"),
}
SECONDS = ("0.3", "1", "real")
"""Duration of rendering one frame; `real`: on the CPU, with all of its work."""


def measure_overlap(rounds: int, more: Sequence[str]) -> None:
    """Print wall and CPU seconds of a scene, from its spec to its files, in alternation."""
    for (name, words), seconds in itertools.product(SETTINGS.items(), SECONDS):
        size = ("render.width=320", "render.height=240") if seconds == "real" else ()
        quick = ("render.samples=4", "render.denoise=false", *size)
        costs = _child(seconds, rounds, [*words, *quick, *more])
        rows = [
            (way, *(statistics.median(cost[unit] for cost in costs[way]) for unit in (0, 1)))
            for way in costs
        ]
        pairs = zip(costs["in turns"], costs["overlapped"], strict=True)
        gain = statistics.median(one[0] / other[0] for one, other in pairs)
        print_table((f"{name}, render {seconds} s", "wall s", "CPU s"), rows)
        print(f"  {gain:.2f} times as fast overlapped")


def _child(seconds: str, rounds: int, words: Sequence[str]) -> dict[str, list[list[float]]]:
    command = [sys.executable, __file__, seconds, str(rounds), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    costs: dict[str, list[list[float]]] = json.loads(done.stdout.splitlines()[-1])
    return costs


def main(seconds: str, rounds: int, words: Sequence[str]) -> None:
    """Measure in this process, and print the costs as the last line."""
    from simgen.commands import generate as hydra_app

    with tempfile.TemporaryDirectory() as folder:
        hydra_app.run(words, lambda config, _: _measure(config, seconds, rounds, Path(folder)))
    sys.stdout.flush()
    os._exit(0)


def _measure(config: Any, seconds: str, rounds: int, folder: Path) -> int:
    from simgen.assets.catalogue import load_catalogue
    from simgen.labels.selection import label_names
    from simgen.sampling.scenes import sample_scene
    from simgen.stages.resolver import make_resolver, resolver_settings

    resolver = make_resolver(resolver_settings(config))
    catalogue = load_catalogue(config.assets, {})
    spec = sample_scene(config, catalogue, resolver, 0, label_names(config))
    if seconds != "real":
        _emulate(float(seconds))
    ways = {"in turns": _in_turns, "overlapped": _overlapped}
    for way in ways.values():  # the first measurements are not representative
        _cost(partial(way, spec, resolver, folder))
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in sorted(ways, reverse=bool(number % 2)):
            costs[name].append(_cost(partial(ways[name], spec, resolver, folder)))
    print("\n" + json.dumps(costs))
    return 0


def _emulate(seconds: float) -> None:
    """Replace renders by waiting, from the second render of a frame on."""
    from simgen.rendering.blender.make import Studio

    really, known = Studio.render, {}

    def render(studio: Studio, frame: int) -> Any:
        if frame not in known:
            known[frame] = really(studio, frame)
        time.sleep(seconds)
        return known[frame]

    Studio.render = render  # type: ignore[method-assign,assignment]


def _overlapped(spec: Any, resolver: Any, folder: Path) -> None:
    from simgen.dataset.writer import write_scene
    from simgen.runs.pipeline import label_scene

    write_scene(folder, spec, label_scene(spec, resolver, folder, 0, "cpu"))


def _in_turns(spec: Any, resolver: Any, folder: Path) -> None:
    from simgen.dataset.writer import LabelledScene, write_frame, write_scene
    from simgen.labels.annotate import Annotator
    from simgen.labels.registry import render_passes
    from simgen.rendering.blender.make import Machine, render_frames

    assets = resolver.resolve(spec)
    meshes, stage = assets.objects, assets.parts
    annotator = Annotator(spec, meshes, stage)
    machine = Machine(folder, 0, "cpu", resolver.pictures)
    raws = render_frames(spec, meshes, stage, machine, render_passes(spec.labels))
    for number, labels in enumerate(annotator.frames(raws)):
        write_frame(folder, number, labels)
    nothing: Iterator[Any] = iter(())
    write_scene(folder, spec, LabelledScene(nothing, annotator.scene))


def _cost(action: Any) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
