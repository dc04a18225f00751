"""How drafts look through a camera's sensor, and how far that is from photographs.

Drafts keep the light before the sensor, so that trying other settings costs no rendering.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.stats import wasserstein_distance

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.rendering.sensor import develop, meter
from simgen.sampling.randomizers.sensor import draw_sensor
from simgen.stats.gap.appearance import APPEARANCE, Appearance, measured
from simgen.stats.gap.distances import unit
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
    """Readings of some images, by their ids."""

    readings: Mapping[str, np.ndarray]

    def median(self, quantity: Appearance) -> float:
        values = self.readings[quantity.readings[0].id]
        return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def of_target(target: Target) -> Appearances:
    return Appearances(target.measured.readings[0])


def developed(frames: Sequence[Frame], config: Config, target: Target) -> Appearances:
    """How frames look through sensors of a config, each through as many."""
    names = [one.id for kind in APPEARANCE for one in kind.readings]
    each = -(-_PICTURES // len(frames))

    def look(job: tuple[Frame, int]) -> dict[str, float]:
        frame, number = job
        sensor = draw_sensor(Draws(config, frame.scene, each * frame.frame + number))
        radiance = frame.radiance.astype(np.float32)
        rgb = develop(radiance, sensor, meter(radiance, sensor), frame.frame)
        small = shrunk(rgb, target.scale.of((rgb.shape[1], rgb.shape[0])))
        return measured(Look(small, rgb, float("nan")), names)

    with ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(look, product(frames, range(each))))
    return Appearances({name: np.array([one[name] for one in found]) for name in names})


def readable(values: np.ndarray) -> np.ndarray | None:
    """Those of a reading's values that could be read, or None where most could not."""
    known = values[np.isfinite(values)]
    return known if len(known) >= max(3, len(values) // 2) else None


def unit_of(known: np.ndarray, step: float) -> float:
    """The unit of distances from a reading of photographs."""
    sample = Sample(known, np.arange(len(known)))
    return unit(Variant("", sample, sample, step))


def distances(found: Appearances, target: Target) -> dict[str, float]:
    """Of each quantity, Wasserstein-1 in units of the photographs' spread: the mean of its
    readings. Quantities that cannot be read are left out."""
    real = of_target(target)
    result = {}
    for quantity in FITTED:
        values = [
            _distance(found.readings[one.id], real.readings[one.id], one.step)
            for one in quantity.readings
        ]
        known = [one for one in values if math.isfinite(one)]
        if known:
            result[quantity.id] = float(np.mean(known))
    return result


def _distance(synthetic: np.ndarray, real: np.ndarray, step: float) -> float:
    ours, theirs = readable(synthetic), readable(real)
    if ours is None or theirs is None:
        return float("nan")
    return float(wasserstein_distance(ours, theirs)) / unit_of(theirs, step)
