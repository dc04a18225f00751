"""Develops drafts with a sensor, and measures their distance to photographs.

Drafts store the light before the sensor, so other settings need no rendering.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.rendering.sensor import develop, expose
from simgen.sampling.randomizers.sensor import draw_sensor
from simgen.stats.gap.appearance import APPEARANCE, Appearance, measured
from simgen.stats.gap.distances import beyond_chance, draw, groups, unit
from simgen.stats.gap.look import Look
from simgen.stats.gap.pictures import shrunk
from simgen.stats.gap.quantity import Sample, Variant
from simgen.training.fit.drafts import Frame
from simgen.training.fit.target import Target

_THREADS = 2
_PICTURES = 16
"""Minimum number of pictures per setting. With fewer drafts, each is developed by several sensors:
the mean of eight exposures with a standard deviation of half a stop is off by a fifth of a stop."""
FITTED = tuple(
    one for one in APPEARANCE if one.id not in ("spectrum", "edges")
)  # what images show, rather than how they are taken


@dataclass(frozen=True)
class Appearances:
    """Readings of some images, by id. groups: of each image, such as its scene."""

    readings: Mapping[str, np.ndarray]
    groups: tuple[str, ...]

    def median(self, quantity: Appearance) -> float:
        values = self.readings[quantity.readings[0].id]
        return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def of_target(target: Target) -> Appearances:
    return Appearances(target.measured.readings[0], tuple(target.measured.side.groups))


def developed(frames: Sequence[Frame], config: Config, target: Target) -> Appearances:
    """Develop frames with sensors sampled from a config, several per frame if there are few."""
    names = [one.id for kind in APPEARANCE for one in kind.readings]
    each = -(-_PICTURES // len(frames))

    def look(job: tuple[Frame, int]) -> dict[str, float]:
        frame, number = job
        sensor = draw_sensor(Draws(config, frame.scene, each * frame.frame + number))
        radiance = frame.radiance.astype(np.float32)
        rgb = develop(radiance, sensor, expose(radiance, sensor), frame.frame)
        small = shrunk(rgb, target.scale.of((rgb.shape[1], rgb.shape[0])))
        return measured(Look(small, rgb, float("nan")), names)

    jobs = list(product(frames, range(each)))
    with ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(look, jobs))
    return Appearances(
        {name: np.array([one[name] for one in found]) for name in names},
        tuple(f"scene {frame.scene}" for frame, _ in jobs),
    )


def readable(values: np.ndarray) -> np.ndarray | None:
    """Return the readable values of a reading, or None if most are unreadable."""
    known = values[np.isfinite(values)]
    return known if len(known) >= max(3, len(values) // 2) else None


def unit_of(known: np.ndarray, step: float) -> float:
    """Return the unit of distances for a reading of photographs."""
    return unit(Variant("", _sample(known), _sample(known), step))


def distances(found: Appearances, target: Target) -> dict[str, float]:
    """Return the distance of each quantity, corrected for chance: the mean of its readings, in
    units of the photographs' spread. Quantities that cannot be read are omitted."""
    real = of_target(target)
    between = groups(found.groups, real.groups)
    drawn = draw(between)
    result = {}
    for quantity in FITTED:
        variants = [
            Variant(one.id, _sample(a), _sample(b), one.step)
            for one in quantity.readings
            for a, b in [(found.readings[one.id], real.readings[one.id])]
            if readable(a) is not None and readable(b) is not None
        ]
        if variants:
            result[quantity.id] = float(
                np.mean([beyond_chance(v, between, drawn) for v in variants])
            )
    return result


def _sample(values: np.ndarray) -> Sample:
    return Sample(values, np.arange(len(values)))
