"""Cost of the parts of a new scene and of a further frame, for `bench_overhead.py`.

Real scenes are sampled, built, rendered and labelled in sequence in one process, twice: with few
samples per pixel and with more. The difference of their further frames is the cost of a sample,
which is subtracted from both. The functions of `PARTS` are timed in CPU seconds of the entire
process; time that one of them spends within another is attributed to the latter alone, so that the
parts add up to the total.
"""

from __future__ import annotations

import importlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce, wraps
from pathlib import Path
from typing import Any

from simgen.assets.catalogue import load_catalogue
from simgen.config.compose import load_config
from simgen.dataset import writer
from simgen.labels.annotate import Annotator, FrameLabels
from simgen.labels.registry import render_passes
from simgen.labels.selection import label_names
from simgen.rendering.blender import make
from simgen.sampling.scenes import draw_scene
from simgen.stages.resolver import make_resolver, resolver_settings

PARTS: dict[str, tuple[str, ...]] = {
    "stage geometry": ("simgen.sampling.scenes:build_stage",),
    "object meshes": ("simgen.assets.library:Library.mesh",),
    "convex hulls": ("simgen.assets.library:Library.pieces",),
    "placement and settling": ("simgen.sampling.scenes:place",),
    "cameras": ("simgen.sampling.scenes:draw_cameras",),
    "empty Blender scene": ("simgen.rendering.blender.make:reset",),
    "materials in bpy": (
        "simgen.rendering.blender.build:build_material",
        "simgen.rendering.blender.build:build_surface",
    ),
    "meshes and objects in bpy": ("simgen.rendering.blender.make:build_things",),
    "light in bpy": ("simgen.rendering.blender.make:build_light",),
    "Cycles": ("simgen.rendering.blender.make:render",),
    "passes from Cycles": ("simgen.rendering.blender.make:read_passes",),
    "sensor": ("simgen.labels.inputs:Developer.develop",),
    "silhouettes": ("simgen.labels.inputs:silhouettes",),
    "files": ("simgen.dataset.writer:write_frame",),
}
"""Part to the functions that implement it, as `module:name` of where they are looked up."""
REST = "all else"


@dataclass
class Meter:
    """CPU seconds by part since the last `taken`."""

    seconds: dict[str, float] = field(default_factory=dict)
    _running: list[str] = field(default_factory=lambda: [REST])
    _since: float = field(default_factory=time.process_time)

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function so that its time is attributed to a part."""

        @wraps(function)
        def run(*words: Any, **more: Any) -> Any:
            self._charge()
            self._running.append(part)
            try:
                return function(*words, **more)
            finally:
                self._charge()
                self._running.pop()

        return run

    def taken(self) -> dict[str, float]:
        """Return and reset the recorded times."""
        self._charge()
        seconds, self.seconds = self.seconds, {}
        return seconds

    def _charge(self) -> None:
        now = time.process_time()
        part = self._running[-1]
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now


def installed() -> Meter:
    """Install a meter on all functions of `PARTS` in this process."""
    meter = Meter()
    for part, names in PARTS.items():
        for name in names:
            module, _, path = name.partition(":")
            *owners, last = path.split(".")
            owner = reduce(getattr, owners, importlib.import_module(module))
            setattr(owner, last, meter.timed(part, getattr(owner, last)))
    return meter


def measure(scenes: int, samples: tuple[int, int], overrides: Sequence[str]) -> dict[str, Any]:
    """Return means over scenes. samples: per pixel, few and more. overrides: of the config."""
    meter = installed()
    few, more = (_Studio(meter, each, overrides).frames(scenes) for each in samples)
    one = (_total(more.further) - _total(few.further)) / (samples[1] - samples[0])
    for parts in (few.new, few.further):
        parts["Cycles"] -= samples[0] * one
    return {
        "new_scene_cpu_s": _total(few.new),
        "further_frame_cpu_s": _total(few.further),
        "one_sample_cpu_s": one,
        "parts": {
            name: {"new_scene": few.new[name], "further_frame": few.further[name]}
            for name in (*PARTS, REST)
        },
    }


def _total(parts: dict[str, float]) -> float:
    return sum(parts.values())


@dataclass(frozen=True)
class _Frames:
    """CPU seconds by part, means over scenes. new: everything up to the first frame's files.
    further: the second frame."""

    new: dict[str, float]
    further: dict[str, float]


class _Studio:
    """Generates scenes of a config without working ahead, so each frame has a separate cost."""

    def __init__(self, meter: Meter, samples: int, overrides: Sequence[str]) -> None:
        words = ["frames_per_scene=2", "render.denoise=false", f"render.samples={samples}"]
        self._meter = meter
        self._config = load_config([*words, *overrides])
        self._catalogue = load_catalogue(self._config.assets, {})
        self._resolver = make_resolver(resolver_settings(self._config))

    def frames(self, scenes: int) -> _Frames:
        """Return the costs of scenes, after one to warm up."""
        with tempfile.TemporaryDirectory() as folder:
            self._make(0, Path(folder))
            found = [self._make(1 + scene, Path(folder)) for scene in range(scenes)]
        return _Frames(*(_mean(parts) for parts in zip(*found, strict=True)))

    def _make(self, scene: int, folder: Path) -> tuple[dict[str, float], dict[str, float]]:
        self._meter.taken()
        labels = self._labelled(scene, folder)
        writer.write_frame(folder, 0, next(labels))
        new = self._meter.taken()
        writer.write_frame(folder, 1, next(labels))
        return new, self._meter.taken()

    def _labelled(self, scene: int, folder: Path) -> Iterator[FrameLabels]:
        names = label_names(self._config)
        drawn = draw_scene(self._config, self._catalogue, self._resolver, scene, names)
        spec, assets = drawn.spec, drawn.assets
        annotator = Annotator(spec, assets.objects, assets.parts)
        machine = make.Machine(folder, 0, "cpu", self._resolver.pictures)
        passes = render_passes(spec.labels)
        yield from annotator.frames(
            make.render_frames(spec, assets.objects, assets.parts, machine, passes)
        )


def _mean(scenes: Sequence[dict[str, float]]) -> dict[str, float]:
    return {
        name: sum(parts.get(name, 0.0) for parts in scenes) / len(scenes) for name in (*PARTS, REST)
    }
