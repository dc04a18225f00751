"""Searches for the sensor whose pictures look as photographs do: exposure, contrast, colour, noise,
sharpness, compression.

Drafts keep the light before the sensor, so that trying other settings costs no rendering.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from scipy.stats import wasserstein_distance

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.config.schema import FACTORS
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
_EFFECTS = (
    "white_balance", "vignetting", "chromatic_aberration", "blur", "noise", "sharpening", "jpeg",
)  # fmt: skip
_IMPORTANCE = {"brightness": 2.0, "saturation": 1.5, "jpeg": 0.5}
"""Of quantities, beside 1: what a look at two images tells first."""
_PULL = 0.02
"""How much a setting one scale from its start has to gain, in units of distance."""
_CORRECTED = 5
"""Times that the first guess is corrected for what it was off."""
_FITTED = tuple(
    one for one in APPEARANCE if one.id not in ("spectrum", "edges")
)  # what images show, rather than how they are taken


@dataclass(frozen=True)
class Setting:
    """A number that is searched. scale: how far from its start is far."""

    low: float
    high: float
    start: float
    scale: float


SETTINGS = {
    "exposure": Setting(-3.0, 3.0, 0.0, 1.0),
    "exposure_spread": Setting(0.02, 1.5, 0.4, 0.5),
    "contrast": Setting(-1.5, 1.2, 0.0, 0.5),
    "contrast_spread": Setting(0.02, 0.6, 0.2, 0.3),
    "saturation": Setting(-4.0, 1.2, 0.0, 1.0),
    "saturation_spread": Setting(0.02, 1.0, 0.2, 0.5),
    "warmth": Setting(-0.6, 0.6, 0.0, 0.2),
    "warmth_spread": Setting(0.005, 0.3, 0.05, 0.1),
    "tint": Setting(-0.4, 0.4, 0.0, 0.2),
    "tint_spread": Setting(0.005, 0.2, 0.02, 0.1),
    "blur": Setting(0.1, 2.5, 0.5, 1.0),
    "blur_spread": Setting(0.05, 1.0, 0.2, 0.5),
    "noise": Setting(math.log2(50), math.log2(51200), math.log2(450), 3.0),
    "noise_spread": Setting(0.1, 3.0, 2.0, 1.0),
    "sharpening": Setting(0.0, 3.0, 0.3, 1.0),
    "quality": Setting(15.0, 100.0, 90.0, 30.0),
}
"""Contrast, saturation and noise in octaves, white balance and spreads as in the config."""


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


def distances(found: Appearances, target: Target) -> dict[str, float]:
    """Of each quantity, Wasserstein-1 in units of the photographs' spread: the mean of its
    readings. Quantities that cannot be read are left out."""
    real = of_target(target)
    result = {}
    for quantity in _FITTED:
        values = [
            _distance(found.readings[one.id], real.readings[one.id], one.step)
            for one in quantity.readings
        ]
        known = [one for one in values if math.isfinite(one)]
        if known:
            result[quantity.id] = float(np.mean(known))
    return result


def _distance(synthetic: np.ndarray, real: np.ndarray, step: float) -> float:
    ours, theirs = (one[np.isfinite(one)] for one in (synthetic, real))
    if len(ours) < max(3, len(synthetic) // 2) or len(theirs) < max(3, len(real) // 2):
        return float("nan")
    images = np.arange(len(theirs))
    scale = unit(Variant("", Sample(ours, images), Sample(theirs, images), step))
    return float(wasserstein_distance(ours, theirs)) / scale


def search(
    frames: Sequence[Frame],
    config: Config,
    target: Target,
    *,
    trials: tuple[int, int],
    seed: int,
    stop: Callable[[], bool],
    tell: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """The overrides of the sensor that bring the look of some frames nearest to the photographs'.

    trials: settings that are tried, at least and at most. stop: whether the time for it is over.
    tell: is called after each trial. The same seed and as many trials give the same result.
    """
    import optuna  # takes half a second to load

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=12)
    study = optuna.create_study(sampler=sampler)

    def score(values: Mapping[str, float]) -> float:
        off = distances(developed(frames, with_sensor(config, sensor_of(values)), target), target)
        cost = sum(_IMPORTANCE.get(name, 1.0) * one for name, one in off.items())
        return cost + _PULL * sum(
            ((values[name] - one.start) / one.scale) ** 2 for name, one in SETTINGS.items()
        )

    for guess in _guesses(frames, config, target):
        study.enqueue_trial(guess)
    for number in range(trials[1]):
        trial = study.ask()
        values = {
            name: trial.suggest_float(name, one.low, one.high) for name, one in SETTINGS.items()
        }
        study.tell(trial, score(values))
        tell()
        if number + 1 >= trials[0] and stop():
            break
    return sensor_of(study.best_params)


def _guesses(frames: Sequence[Frame], config: Config, target: Target) -> list[dict[str, float]]:
    """Where to begin: a usual camera, then one corrected step by step for what it was off."""
    values = {name: one.start for name, one in SETTINGS.items()}
    found = [dict(values)]
    real = of_target(target)
    for _ in range(_CORRECTED):
        seen = developed(frames, with_sensor(config, sensor_of(values)), target)
        values = dict(values)
        for setting, reading, change in _CORRECTIONS:
            ours, theirs = (float(np.nanmedian(one.readings[reading])) for one in (seen, real))
            if math.isfinite(ours) and math.isfinite(theirs):
                values[setting] += change(ours, theirs) / _damping(setting, values)
        values = {
            name: float(np.clip(one, SETTINGS[name].low, SETTINGS[name].high))
            for name, one in values.items()
        }
        found.append(dict(values))
    return found


def _damping(setting: str, values: Mapping[str, float]) -> float:
    """By how much a cast of colour shrinks, since saturation is changed after it."""
    return min(1.0, 2 ** values["saturation"]) if setting in ("warmth", "tint") else 1.0


def _octaves(ours: float, theirs: float) -> float:
    return math.log2((theirs + 0.01) / (ours + 0.01))


_CORRECTIONS: tuple[tuple[str, str, Callable[[float, float], float]], ...] = (
    # Display values are about the 1.35 / 2.2th power of light.
    ("exposure", "brightness", lambda ours, theirs: 1.4 * _octaves(ours, theirs)),
    ("contrast", "contrast_over_mean", lambda ours, theirs: 0.7 * _octaves(ours, theirs)),
    ("saturation", "chroma", lambda ours, theirs: _octaves(ours, theirs)),
    # Red is divided by blue, and one is raised as the other is lowered.
    ("warmth", "warmth", lambda ours, theirs: 0.5 * (theirs - ours)),
    ("tint", "tint", lambda ours, theirs: 0.7 * (theirs - ours)),
    ("blur", "edge_width", lambda ours, theirs: 0.6 * (theirs - ours)),
    ("noise", "noise", lambda ours, theirs: 1.2 * math.log2((theirs + 0.3) / (ours + 0.3))),
)
"""Settings, the reading that tells how far off each is, and by how much to change it."""


def with_sensor(config: Config, overrides: Mapping[str, Any]) -> Config:
    """The config with other values of `sensor`."""
    fields = {key.removeprefix("sensor."): value for key, value in overrides.items()}
    return replace(config, sensor=replace(config.sensor, **fields))


def sensor_of(values: Mapping[str, float]) -> dict[str, Any]:
    """Keys and values for the config, from what was searched."""

    def inside(key: str, *ends: float) -> list[float]:
        low, high = FACTORS[key].bounds
        return [_short(float(np.clip(end, low, high))) for end in ends]

    def normal(key: str, name: str) -> list[Any]:
        mean, spread = values[name], values[f"{name}_spread"]
        ends = inside(key, mean - 2.5 * spread, mean + 2.5 * spread)
        return ["normal", _short(mean), _short(spread), *ends]

    def octaves(key: str, name: str) -> list[float]:
        middle, spread = values[name], values[f"{name}_spread"]
        return inside(key, 2 ** (middle - spread), 2 ** (middle + spread))

    blur, spread = values["blur"], values["blur_spread"]
    quality = round(values["quality"])
    return {
        "sensor.effects": list(_EFFECTS),
        "sensor.effect_count_range": [len(_EFFECTS), len(_EFFECTS)],
        "sensor.exposure_range": normal("sensor.exposure_range", "exposure"),
        "sensor.contrast_range": octaves("sensor.contrast_range", "contrast"),
        "sensor.saturation_range": octaves("sensor.saturation_range", "saturation"),
        "sensor.white_balance_range": normal("sensor.white_balance_range", "warmth"),
        "sensor.tint_range": normal("sensor.tint_range", "tint"),
        "sensor.blur_range": inside("sensor.blur_range", blur - spread, blur + spread),
        "sensor.iso_range": ["log_uniform", *octaves("sensor.iso_range", "noise")],
        "sensor.sharpening_range": inside("sensor.sharpening_range", 0.0, values["sharpening"]),
        "sensor.jpeg_quality_range": [max(1, quality - 5), min(100, quality + 5)],
        "sensor.vignetting_range": [0.0, 0.3],
        "sensor.chromatic_aberration_range": [0.0, 0.6],
    }


def _short(value: float) -> float:
    return float(f"{value:.3g}")
