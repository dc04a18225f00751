"""Searches the sensor settings that make images look like photographs: exposure, contrast, colour,
noise, sharpness, compression. Uses least squares over the quantiles of image measurements."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.config import Config
from simgen.config.schema import FACTORS
from simgen.training.fit.appearance import (
    FITTED,
    Appearances,
    developed,
    of_target,
    readable,
    unit_of,
)
from simgen.training.fit.drafts import Frame
from simgen.training.fit.target import Target

_EFFECTS = (
    "white_balance", "vignetting", "chromatic_aberration", "blur", "noise", "sharpening", "jpeg",
)  # fmt: skip
_IMPORTANCE = {"brightness": 2.0, "saturation": 1.5, "jpeg": 0.5}
"""Weights of quantities, 1 if not listed: the most noticeable differences count more."""
_PULL = 0.02
"""Minimum gain of moving a setting by one scale from its default, in units of distance."""
_CORRECTED = 5
"""Number of corrections of the initial guess."""
_LEVELS = (np.arange(9) + 0.5) / 9
"""Quantiles of a reading that should match the photographs."""
_QUOTIENT = 0.2
"""Step of the finite differences, in scales of a setting: larger than the difference between
pictures that differ in noise only."""
_ROBUST = 0.3
"""Distance above which a residual counts linearly: what no setting can fix should not dominate."""
_NEAR_ENOUGH = 1e-3
"""Relative gain of a step at which the search stops."""


@dataclass(frozen=True)
class Setting:
    """A number to be searched. scale: a large change."""

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
    "auto_white_balance": Setting(0.0, 1.0, 0.3, 0.5),
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
"""Contrast, saturation and noise are in octaves, white balance and spreads as in the config."""


class _EnoughError(Exception):
    """Trials or time are exhausted."""


@dataclass(frozen=True)
class _Goal:
    """A reading of the photographs. quantiles: at `_LEVELS`. unit: their spread. weight: relative
    importance."""

    reading: str
    quantiles: np.ndarray
    unit: float
    weight: float

    def off(self, found: Appearances) -> np.ndarray:
        """Return the error of the quantiles, `len(_LEVELS)` float64, in units; 0 if most pictures
        have no such reading."""
        known = readable(found.readings[self.reading])
        if known is None:
            return np.zeros(len(_LEVELS))
        return (np.quantile(known, _LEVELS) - self.quantiles) / self.unit


def search(
    frames: Sequence[Frame],
    config: Config,
    target: Target,
    *,
    trials: tuple[int, int],
    stop: Callable[[], bool],
) -> dict[str, Any]:
    """Return the sensor overrides that bring the look of some frames closest to the photographs.

    trials: minimum and maximum number of settings to try. stop: whether time is up. Equal numbers
    of trials give equal results.
    """
    from scipy.optimize import least_squares  # takes a quarter of a second to load

    run = _Search(frames, config, target, trials, stop)
    try:
        guesses = [_scaled(values) for values in _guesses(frames, config, target)]
        residuals = [run.residuals(guess) for guess in guesses]
        first = guesses[int(np.argmin([np.abs(one).sum() for one in residuals]))]
        scales = np.array([one.scale / (one.high - one.low) for one in SETTINGS.values()])
        least_squares(
            run.residuals, first, bounds=(1.0, 2.0), x_scale=scales, diff_step=_QUOTIENT * scales,
            loss="soft_l1", f_scale=_ROBUST, ftol=_NEAR_ENOUGH, xtol=_NEAR_ENOUGH,
        )  # fmt: skip
    except _EnoughError:
        pass
    return sensor_of(run.best)


class _Search:
    """Residuals of settings, and the best ones so far. best: settings by name."""

    def __init__(
        self,
        frames: Sequence[Frame],
        config: Config,
        target: Target,
        trials: tuple[int, int],
        stop: Callable[[], bool],
    ) -> None:
        self._frames, self._config, self._target = frames, config, target
        self._trials, self._stop, self._tried = trials, stop, 0
        self._goals = tuple(_goals(target))
        self._cost = math.inf
        self.best = {name: one.start for name, one in SETTINGS.items()}

    def residuals(self, scaled: np.ndarray) -> np.ndarray:
        """Return the residuals of scaled settings, float64. Raises `_EnoughError`."""
        least, most = self._trials
        if self._tried >= most or (self._tried >= least and self._stop()):
            raise _EnoughError
        self._tried += 1
        values = _unscaled(scaled)
        sensed = with_sensor(self._config, sensor_of(values))
        found = developed(self._frames, sensed, self._target)
        off = np.array([goal.weight * goal.off(found) for goal in self._goals])
        away = np.array([(values[name] - one.start) / one.scale for name, one in SETTINGS.items()])
        cost = np.abs(off).mean(axis=1).sum() + _PULL * (away**2).sum()
        if cost < self._cost:
            self._cost, self.best = cost, values
        return np.concatenate([off.ravel() / math.sqrt(len(_LEVELS)), math.sqrt(_PULL) * away])


def _goals(target: Target) -> list[_Goal]:
    """Return the readings that most photographs have."""
    found, real = [], of_target(target)
    for quantity in FITTED:
        weight = _IMPORTANCE.get(quantity.id, 1.0) / len(quantity.readings)
        for one in quantity.readings:
            known = readable(real.readings[one.id])
            if known is not None:
                quantiles = np.quantile(known, _LEVELS)
                found.append(_Goal(one.id, quantiles, unit_of(known, one.step), weight))
    return found


def _scaled(values: Mapping[str, float]) -> np.ndarray:
    """Map settings to 1 (lowest) to 2 (highest): SciPy's finite differences are relative to the
    value."""
    places = [(values[name] - one.low) / (one.high - one.low) for name, one in SETTINGS.items()]
    return 1.0 + np.clip(places, 1e-3, 1.0 - 1e-3)


def _unscaled(scaled: np.ndarray) -> dict[str, float]:
    return {
        name: float(one.low + (place - 1.0) * (one.high - one.low))
        for place, (name, one) in zip(scaled, SETTINGS.items(), strict=True)
    }


def _guesses(frames: Sequence[Frame], config: Config, target: Target) -> list[dict[str, float]]:
    """Return initial guesses: a typical camera, then the same corrected step by step."""
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
    """Return the factor by which a colour cast shrinks, since saturation is applied after it."""
    return min(1.0, 2 ** values["saturation"]) if setting in ("warmth", "tint") else 1.0


def _octaves(ours: float, theirs: float) -> float:
    return math.log2((theirs + 0.01) / (ours + 0.01))


_CORRECTIONS: tuple[tuple[str, str, Callable[[float, float], float]], ...] = (
    # Display values grow with about the power 1.35 / 2.2 of light.
    ("exposure", "brightness", lambda ours, theirs: 1.4 * _octaves(ours, theirs)),
    ("contrast", "contrast_over_mean", lambda ours, theirs: 0.7 * _octaves(ours, theirs)),
    ("saturation", "chroma", lambda ours, theirs: _octaves(ours, theirs)),
    # Red is divided by blue, and one rises as the other falls.
    ("warmth", "warmth", lambda ours, theirs: 0.5 * (theirs - ours)),
    ("tint", "tint", lambda ours, theirs: 0.7 * (theirs - ours)),
    ("blur", "edge_width", lambda ours, theirs: 0.6 * (theirs - ours)),
    ("noise", "noise", lambda ours, theirs: 1.2 * math.log2((theirs + 0.3) / (ours + 0.3))),
)
"""Settings, the reading that measures the error of each, and the correction."""


def with_sensor(config: Config, overrides: Mapping[str, Any]) -> Config:
    """Return the config with other values of `sensor`."""
    fields = {key.removeprefix("sensor."): value for key, value in overrides.items()}
    return replace(config, sensor=replace(config.sensor, **fields))


def sensor_of(values: Mapping[str, float]) -> dict[str, Any]:
    """Return config keys and values for the searched settings."""

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
        "sensor.auto_white_balance_range": [_short(values["auto_white_balance"])] * 2,
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
