"""The quantities of appearance, and their values for an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simgen.stats.gap import detail, tone
from simgen.stats.gap.look import Look


@dataclass(frozen=True)
class Reading:
    """One way to measure a quantity.

    step: the smallest difference that matters; combined with the spread of the real set it is the
    unit of distances, which is therefore never 0.
    """

    id: str
    step: float
    of: Callable[[Look], float]


@dataclass(frozen=True)
class Appearance:
    """A quantity of an image.

    readings: the first is displayed; the smallest difference of all of them counts. scaled: whether
    it depends on the scale of the image, and is measured at each scale.
    """

    id: str
    title: str
    unit: str
    about: str
    readings: tuple[Reading, ...]
    scaled: bool = False


APPEARANCE = (
    Appearance(
        "brightness", "Brightness", "", "Mean luma: 0 black, 1 white.",
        (Reading("brightness", 0.02, tone.brightness),),
    ),
    Appearance(
        "contrast", "Contrast", "",
        "Standard deviation of luma, absolute and relative to its mean: a difference in brightness "
        "does not count.",
        (Reading("contrast", 0.01, tone.contrast),
         Reading("contrast_over_mean", 0.03, tone.contrast_over_mean)),
    ),
    Appearance(
        "saturation", "Saturation", "",
        "Mean of (max - min) / max: 0 is grey. Differences in colour cast, brightness and contrast "
        "do not count.",
        (Reading("saturation", 0.02, tone.saturation),
         Reading("chroma", 0.02, tone.chroma),
         Reading("chroma_over_contrast", 0.05, tone.chroma_over_contrast)),
    ),
    Appearance(
        "warmth", "White balance: warm or cold", "octaves",
        "Red over blue of the mean colour: positive is warm.",
        (Reading("warmth", 0.05, tone.warmth),
         Reading("warmth_over_contrast", 0.05, tone.warmth_over_contrast),
         Reading("warmth_over_chroma", 0.1, tone.warmth_over_chroma)),
    ),
    Appearance(
        "tint", "White balance: green or magenta", "octaves",
        "Green over red and blue of the mean colour: positive is green.",
        (Reading("tint", 0.03, tone.tint),
         Reading("tint_over_contrast", 0.03, tone.tint_over_contrast),
         Reading("tint_over_chroma", 0.06, tone.tint_over_chroma)),
    ),
    Appearance(
        "sharpness", "Sharpness", "pixels",
        "Blur of the strongest edges, standard deviation: 0 is sharp.",
        (Reading("edge_width", 0.1, detail.edge_width),), scaled=True,
    ),
    Appearance(
        "noise", "Noise", "grey levels",
        "Standard deviation in the flattest parts, of 255. Differences in contrast do not count.",
        (Reading("noise", 0.7, detail.noise),
         Reading("noise_over_contrast", 1.0, detail.noise_over_contrast)), scaled=True,
    ),
    Appearance(
        "jpeg", "JPEG quality", "",
        "Relative excess of steps at the edges of blocks of 8 x 8 pixels: 0 without compression. "
        "If all files are JPEGs, their quantization tables must differ too.",
        (Reading("blockiness", 0.1, detail.blockiness),
         Reading("quantisation", 20.0, detail.quantisation)),
    ),
    Appearance(
        "spectrum", "Power spectrum", "",
        "Exponent of power over spatial frequency, for coarse structure: about -2 in photographs; "
        "closer to 0 means more fine structure.",
        (Reading("spectrum", 0.1, detail.spectrum),),
    ),
    Appearance(
        "edges", "Edges", "",
        "Mean slope of luma over its standard deviation, in a thumbnail: the amount of structure, "
        "independent of contrast.",
        (Reading("edges", 0.01, detail.edges),),
    ),
)  # fmt: skip
"""All quantities except hues, which are a histogram: `simgen.stats.gap.tone.hues`."""


_READINGS = {one.id: one for kind in APPEARANCE for one in kind.readings}


def measured(look: Look, names: Sequence[str]) -> dict[str, float]:
    """Return readings of an image by id."""
    return {name: _READINGS[name].of(look) for name in names}
