"""The `lighting` keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from simgen.config.keys import Drawn, chance, factor, key, names

HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
"""Blender's own HDRI worlds."""


@dataclass
class SkyConfig:
    """Blender's physical sky (lighting kind `sky`); time and latitude determine the sun."""

    hour_range: Drawn = factor(
        [7.0, 18.0],
        "Solar time of day, hours; 12 is noon. A sun below the horizon is moved to just above it.",
        (0.0, 24.0),
    )
    latitude_deg_range: Drawn = factor([0.0, 58.0], "Degrees north of the equator.", (-90.0, 90.0))
    day_range: Drawn = factor([1, 365], "Day of the year.", (1, 366), whole=True)
    haze_range: Drawn = factor(
        [0.5, 4.0], "Density of dust and water droplets; 1 is a clear day.", (0.0, 10.0)
    )
    overcast_range: Drawn = factor(
        ["mixture", [3, 0.0], [1, [0.3, 1.0]]],
        "Fraction of the sunlight that clouds block.",
        (0.0, 1.0),
    )


@dataclass
class StudioConfig:
    """A rig of area lights around the objects (lighting kind `studio`)."""

    softness_range: Drawn = factor(
        ["log_uniform", 0.2, 1.5],
        "Width of a light relative to its distance from the objects.",
        (0.01, 10.0),
    )
    contrast_range: Drawn = factor(
        ["log_uniform", 1.5, 12.0],
        "Brightness of the key light relative to the fill light.",
        (1.0, 1000.0),
    )


@dataclass
class IndoorConfig:
    """Ceiling lamps and daylight through a window (lighting kind `indoor`)."""

    lamps_range: Drawn = factor(
        [1, 3], "Number of lamps that are switched on.", (0, 100), whole=True
    )
    daylight_range: Drawn = factor(
        [0.0, 1.0], "Fraction of the light that comes through a window.", (0.0, 1.0)
    )


@dataclass
class LightingConfig:
    kinds: list[str] = names(
        ["hdri:3", "sky:1", "studio:2", "indoor:2", "night:0.4"],
        "Kind of lighting of a scene: hdri, sky, studio, indoor, night, or photo (estimated from "
        "the photograph behind the objects, with background.images).",
        of=("hdri", "sky", "studio", "indoor", "night", "photo"),
    )
    hdris: list[str] = names(
        HDRIS, "Blender's HDRI worlds to sample from.", of=HDRIS, may_be_empty=True
    )
    hdri_dir: str | None = key(
        None,
        "Folder of your own HDRI images (.exr, .hdr), sampled in addition to `hdris`; set `hdris` "
        "to an empty list to use only these.",
    )
    hdri_sets: bool = key(
        True,
        "Use one image of each HDRI of `hdri_dir` if there are several resolutions of it "
        "(dawn_1k.hdr, dawn_4k.exr).",
        before=False,
    )
    hdri_classes: list[str] = key(
        [],
        "Classes that the images in `hdri_dir` show, such as tree. If one of them is labelled, the "
        "background image is an ignore region. The contents of Blender's own worlds are known.",
    )
    strength_range: Drawn = factor(
        ["log_uniform", 0.3, 0.7],
        "Mean radiance of an HDRI world, relative to the lamps. The sensor determines the "
        "brightness of the image.",
        (0.0001, 10_000.0),
    )
    temperature_range: Drawn = factor(
        [2700.0, 7000.0], "Colour temperature of lamps, kelvin.", (1700.0, 20_000.0), per="lamp"
    )
    tint_range: Drawn = factor(
        [-0.15, 0.15],
        "Colour shift of an HDRI world: positive values are warmer, negative ones cooler.",
        (-1.0, 1.0),
    )
    area_count_range: Drawn = factor(
        [0, 2], "Number of lamps in addition to an HDRI world.", (0, 100), whole=True
    )
    sun_probability: float = chance(0.25, "Probability of a sun in addition to an HDRI world.")
    sky: SkyConfig = field(default_factory=SkyConfig)
    studio: StudioConfig = field(default_factory=StudioConfig)
    indoor: IndoorConfig = field(default_factory=IndoorConfig)
