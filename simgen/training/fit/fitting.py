"""`simgen fit`: from photographs to config keys and a table of what they match."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simgen.config import Config, check
from simgen.config.compose import load_config
from simgen.training.fit.appearance import developed
from simgen.training.fit.content import Content, moved, shown, start
from simgen.training.fit.drafts import Frame, make_drafts
from simgen.training.fit.matching import Match, appearance_of, content_cost, content_of, matches
from simgen.training.fit.sensor import search, with_sensor
from simgen.training.fit.target import Target
from simgen.training.study.scene_choice import synthetic_classes

_FRESH = 100_000
"""Index of the first scene used for the sensor and the final measurement: none that the rounds have
seen."""
_PARTS = {"before": 0.12, "rounds": 0.25, "after": 0.35}
"""Shares of the time budget; the search gets the rest."""
_CHEAP = {"render.samples": 4, "render.denoise_quality": "balanced", "render.device": "cpu"}
"""Render settings of drafts: the measurements need no more."""
_SEEN = 4
"""Scenes for the sensor search and the final measurement, relative to a round, with one view each:
light varies between scenes, and six of them are not representative."""
_LEAST_TRIALS = 40
"""Minimum number of trials of the search, however little time is left."""


@dataclass(frozen=True)
class Options:
    """Options of a fit.

    minutes: approximate wall time. scenes: maximum per round. frames: per scene. rounds: of content
    adjustment. trials: of sensor settings. workers: number of processes. least_visible: visible
    fraction, 0..1, below which objects in photographs would have no box.
    """

    minutes: float = 15.0
    scenes: int = 24
    frames: int = 2
    rounds: int = 5
    trials: int = 150
    seed: int = 0
    workers: int = 1
    least_visible: float = 0.1
    plugins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """The result of a fit.

    overrides: of `simgen generate`, in addition to the target's. matches: quantities before and
    after. remarks: caveats for readers.
    """

    target: Target
    overrides: Mapping[str, Any]
    matches: tuple[Match, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Run:
    """State shared by the steps. say: prints a line. started: time (`time.monotonic`)."""

    target: Target
    options: Options
    folder: Path
    say: Callable[[str], None]
    started: float

    def config(self, overrides: Mapping[str, Any]) -> Config:
        """Return the target's config with overrides, validated."""
        options = self.options
        width, height = self.target.size
        own: dict[str, Any] = {"render.width": width, "render.height": height, "seed": options.seed}
        own |= {"frames_per_scene": options.frames} | _CHEAP
        words = [f"{key}={_word(value)}" for key, value in {**own, **overrides}.items()]
        config = load_config([*self.target.overrides, *words])
        check(config)
        return config

    def drafts(
        self, config: Config, scenes: range, part: float, name: str, *, image: bool
    ) -> tuple[Frame, ...]:
        options = self.options
        until = time.monotonic() + part * 60 * options.minutes
        found = make_drafts(
            config,
            scenes,
            self.folder,
            image=image,
            least_visible=options.least_visible,
            workers=options.workers,
            plugins=options.plugins,
            until=until,
        )
        count = len({frame.scene for frame in found.frames})
        self.say(f"{name}: {count} scenes, {len(found.frames)} images, {found.seconds:.0f} s")
        for line in found.failed[:3]:
            self.say(f"{name}: omitted: {line}")
        return found.frames


def fit(
    target: Target, options: Options, folder: Path, say: Callable[[str], None] = lambda _: None
) -> Fitted:
    """Find the config keys that bring a stage's images closest to photographs.

    folder: for drafts, which a later call with the same arguments reuses. say: prints progress.
    Raises `InputError`.
    """
    run = _Run(target, options, folder, say, time.monotonic())
    plain = run.config({})
    few = range(max(2, options.scenes // 2))
    before = run.drafts(plain, few, _PARTS["before"], "before fitting", image=True)
    overrides: dict[str, Any] = {}
    remarks: list[str] = []
    if target.class_map:
        content = _rounds(run, plain, before)
        overrides |= content.overrides()
        remarks += _bounds_reached(content)
    config = run.config(overrides)
    fresh = range(_FRESH, _FRESH + _SEEN * options.scenes)
    single = replace(config, frames_per_scene=1)
    after = run.drafts(single, fresh, _PARTS["after"], "after fitting", image=True)
    searched, held_out = _halves(after)
    found = search(
        searched,
        config,
        target,
        trials=(min(_LEAST_TRIALS, options.trials), options.trials),
        stop=lambda: time.monotonic() - run.started > 60 * options.minutes,
    )
    say(f"appearance: fitted on {len(searched)} images, measured on {len(held_out)} others")
    overrides |= found
    rows = matches(
        target,
        {**content_of(before, target), **appearance_of(developed(before, plain, target), target)},
        {
            **content_of(after, target),
            **appearance_of(developed(held_out, with_sensor(config, found), target), target),
        },
    )
    return Fitted(target, overrides, tuple(rows), tuple(remarks))


def _rounds(run: _Run, config: Config, before: Sequence[Frame]) -> Content:
    """Return the content of the best round."""
    target = run.target
    placed, _ = synthetic_classes(config, run.options.plugins)
    content = start(config, target, placed)
    frames: Sequence[Frame] = before
    tried: list[tuple[float, Content]] = []
    part = _PARTS["rounds"] / max(1, run.options.rounds)
    for number in range(1, run.options.rounds + 1):
        content = moved(content, shown(frames, target), target)
        config = run.config(content.overrides())
        scenes = range(run.options.scenes)
        frames = run.drafts(config, scenes, part, f"round {number}", image=False)
        cost = content_cost(frames, target)
        tried.append((cost, content))
    return min(tried, key=lambda pair: pair[0])[1]


def _halves(frames: Sequence[Frame]) -> tuple[list[Frame], list[Frame]]:
    """Split frames by alternate scenes; return all twice if there is only one."""
    scenes = sorted({frame.scene for frame in frames})
    first = set(scenes[::2])
    halves = [f for f in frames if f.scene in first], [f for f in frames if f.scene not in first]
    return halves if all(halves) else (list(frames), list(frames))


def _bounds_reached(content: Content) -> list[str]:
    if not content.number.reaches(content.most):
        return []
    return [f"objects: at most {content.most} are placed in a scene, but photographs show more"]


def _word(value: Any) -> str:
    """Format a value for Hydra's command line."""
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_word, value)) + "]"
    if isinstance(value, str) and not value.replace("_", "").isalnum():
        return f'"{value}"'
    return str(value)
