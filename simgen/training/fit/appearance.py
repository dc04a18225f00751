"""How drafts look through a camera's sensor, and how far that is from photographs.

Drafts keep the light before the sensor, so that trying other settings costs no rendering.
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
from simgen.stats.gap.distances import beyond_chance, groups, unit
from simgen.stats.gap.look import Look
from simgen.stats.gap.pictures import shrunk
from simgen.stats.gap.quantity import Sample, Variant
from simgen.training.fit.drafts import Frame
from simgen.training.fit.target import Target

_THREADS = 2
_PICTURES = 16
"""Pictures that a setting is judged by, at least. Drafts are fewer, so each is taken by several
sensors: of eight exposures drawn from half a stop, the mean is a fifth of a stop off."""
FITTED = tuple(
    one for one in APPEARANCE if one.id not in ("spectrum", "edges")
)  # what images show, rather than how they are taken


@dataclass(frozen=True)
class Appearances:
    """Readings of some images, by their ids. groups: of each image, such as its scene."""

    readings: Mapping[str, np.ndarray]
    groups: tuple[str, ...]

    def median(self, quantity: Appearance) -> float:
        values = self.readings[quantity.readings[0].id]
        return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def of_target(target: Target) -> Appearances:
    return Appearances(target.measured.readings[0], tuple(target.measured.side.groups))


def developed(frames: Sequence[Frame], config: Config, target: Target) -> Appearances:
    """How frames look through sensors of a config, each through as many."""
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
    """Those of a reading's values that could be read, or None where most could not."""
    known = values[np.isfinite(values)]
    return known if len(known) >= max(3, len(values) // 2) else None


def unit_of(known: np.ndarray, step: float) -> float:
    """The unit of distances from a reading of photographs."""
    return unit(Variant("", _sample(known), _sample(known), step))


def distances(found: Appearances, target: Target) -> dict[str, float]:
    """Return the distance of each quantity, corrected for chance: the mean of its readings, in
    units of the photographs' spread. Quantities that cannot be read are omitted."""
    real = of_target(target)
    between = groups(found.groups, real.groups)
    result = {}
    for quantity in FITTED:
        variants = [
            Variant(one.id, _sample(a), _sample(b), one.step)
            for one in quantity.readings
            for a, b in [(found.readings[one.id], real.readings[one.id])]
            if readable(a) is not None and readable(b) is not None
        ]
        if variants:
            result[quantity.id] = float(np.mean([beyond_chance(v, between) for v in variants]))
    return result


def _sample(values: np.ndarray) -> Sample:
    return Sample(values, np.arange(len(values)))
