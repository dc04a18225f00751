"""The `weather` keys."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import Drawn, factor, names

WEATHERS = ("clear", "haze", "fog", "rain", "wet", "snow")


@dataclass
class WeatherConfig:
    """Weather of outdoor stages. It affects images; labels remain those of the surfaces."""

    kinds: list[str] = names(
        ["clear"],
        "Weather of a scene: clear, haze (sunny, with pale distances), fog, rain (wet surfaces, "
        "drops in the air), wet (after rain) or snow (on the ground, not falling). All but clear "
        "need an outdoor stage.",
        of=WEATHERS,
    )
    visibility_range: Drawn = factor(
        ["log_uniform", 40.0, 600.0],
        "Distance at which fog leaves 5 % of an object's contrast, metres.",
        (1.0, 100_000.0),
    )
    haze_range: Drawn = factor(
        ["log_uniform", 2000.0, 20_000.0],
        "Distance at which haze leaves 5 % of an object's contrast, metres.",
        (100.0, 1_000_000.0),
    )
    rain_range: Drawn = factor(
        ["log_uniform", 2.0, 40.0], "Rainfall, millimetres per hour.", (0.1, 300.0)
    )
    wetness_range: Drawn = factor(
        [0.4, 1.0],
        "Wetness of surfaces during and after rain, from damp to standing water.",
        (0.0, 1.0),
    )
    snow_range: Drawn = factor(
        [0.3, 1.0], "Approximate fraction of level ground that snow covers.", (0.0, 1.0)
    )
