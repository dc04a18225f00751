"""The ways to bring an image nearer to real ones: a table of all, and a pure function for each.

A function takes an image, `H x W x 3` uint8, what was learnt, and the draws of the image, and
returns an image of the same shape. Of most, what was learnt is a list with an entry for each real
image, of which one is drawn for each scene: so the variety of the real ones comes along, and all
frames of a scene, and both of a stereo pair, go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from simgen.dataset.adaptation import degrading
from simgen.dataset.adaptation.network import refined
from simgen.spec.rng import Stream

_MOST_GAIN = 4.0
"""Times that the spread of a channel grows or shrinks at most: more only brings out noise."""

type Arrays = Mapping[str, np.ndarray]
type Options = Mapping[str, float]


@dataclass(frozen=True)
class Drawn:
    """The random streams of an image. scene: the same for all images of its scene. image: its
    own."""

    scene: Stream
    image: Stream


@dataclass(frozen=True)
class Option:
    """A number that a method takes. whole: whether it is a whole one."""

    default: float
    low: float
    high: float
    about: str
    whole: bool = False


@dataclass(frozen=True)
class Method:
    """One way to adapt an image. trained: whether it is trained on synthetic images too, with
    PyTorch."""

    about: str
    apply: Callable[[np.ndarray, Arrays, Options, Drawn], np.ndarray]
    options: Mapping[str, Option] = field(default_factory=dict)
    trained: bool = False


def colour(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Mean and standard deviation of each channel of CIE Lab, as a real image has them (Reinhard et
    al., Color transfer between images, 2001, who take another space of opponent colours).

    learnt: `lab`, `N x 2 x 3`: of each real image the means and the standard deviations.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    own = lab_statistics(lab)
    wanted = own + options["strength"] * (_one_of(learnt["lab"], drawn) - own)
    gain = np.clip(wanted[1] / np.maximum(own[1], 1e-3), 1 / _MOST_GAIN, _MOST_GAIN)
    moved = (lab - own[0]) * gain + wanted[0]
    return _bytes(cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB) * 255)


def lab_statistics(lab: np.ndarray) -> np.ndarray:
    """`2 x 3` float64: means and standard deviations of an image in CIE Lab."""
    pixels = lab.reshape(-1, 3).astype(np.float64)
    return np.stack([pixels.mean(axis=0), pixels.std(axis=0)])


def histogram(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """The histogram of each of R, G and B as a real image has it (Gonzalez and Woods, Digital image
    processing: histogram specification).

    learnt: `shares`, `N x 3 x 256`: the share of a real image's pixels up to each value.
    """
    own, wanted = cumulative_shares(image), _one_of(learnt["shares"], drawn)
    table = np.empty((256, 3))
    for channel, (here, there) in enumerate(zip(own, wanted, strict=True)):
        values = np.flatnonzero(np.diff(there, prepend=0.0) > 0)
        table[:, channel] = np.interp(here, there[values], values)
    given = np.arange(256)[:, None]
    table = given + options["strength"] * (table - given)
    return cv2.LUT(image, _bytes(table)[:, None])


def cumulative_shares(image: np.ndarray) -> np.ndarray:
    """`3 x 256` float64: which share of the pixels is at most each value, by channel."""
    counts = np.stack([np.bincount(image[..., c].ravel(), minlength=256) for c in range(3)])
    return np.cumsum(counts, axis=1) / max(1, image.shape[0] * image.shape[1])


def fourier(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """The amplitudes of the lowest frequencies as a real image has them; phases, in which the
    places of things are, stay (Yang and Soatto, FDA: Fourier domain adaptation for semantic
    segmentation, 2020).

    learnt: `amplitudes`, `N x (2 B + 1) x (B + 1) x 3`, as `low_amplitudes` gives them.
    """
    height, width = image.shape[:2]
    wanted = _one_of(learnt["amplitudes"], drawn)
    most = wanted.shape[1] - 1
    cut = min(int(options["beta"] * min(height, width)), most, (min(height, width) - 1) // 2)
    spectrum = np.fft.rfft2(image.astype(np.float64), axes=(0, 1))
    rows = np.r_[0 : cut + 1, -cut:0]
    low = spectrum[rows, : cut + 1]
    phase = np.exp(1j * np.angle(low))
    spectrum[rows, : cut + 1] = phase * wanted[rows, : cut + 1] * (height * width)
    return _bytes(np.fft.irfft2(spectrum, (height, width), axes=(0, 1)))


def low_amplitudes(image: np.ndarray, cut: int) -> np.ndarray:
    """`(2 cut + 1) x (cut + 1) x 3` float64: the amplitudes of the Fourier transform up to `cut`
    cycles an image, over the number of pixels, so that images of all sizes compare. Rows are cycles
    downwards, 0 to cut and then -cut to -1; columns cycles to the right."""
    height, width = image.shape[:2]
    spectrum = np.fft.rfft2(image.astype(np.float64), axes=(0, 1))
    rows = np.r_[0 : cut + 1, -cut:0]
    return np.abs(spectrum[rows, : cut + 1]) / (height * width)


def noise(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Sharpness, noise and JPEG compression as a real image has them.

    learnt: `readings`, `N x 3`: blur, noise and blockiness of each real image, as
    `simgen.dataset.adaptation.measured` has them, the first two in images of at most `pixels`
    pixels, a single number.
    """
    blur, grain, blocks = _one_of(learnt["readings"], drawn).tolist()
    wanted = degrading.Wanted(blur, grain, blocks, float(learnt["pixels"]))
    return degrading.matched(image, wanted, drawn.image)


def refine(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """What a refiner makes of it, a network that was trained against one that tells real images
    from refined ones (after Shrivastava et al., Learning from simulated and unsupervised images
    through adversarial training, 2017). learnt: as `simgen.dataset.adaptation.network` has it."""
    return refined(image, learnt)


_STRENGTH = Option(1.0, 0.0, 1.0, "how far towards the real image: 0 not at all, 1 all the way")
METHODS: dict[str, Method] = {
    "colour": Method("mean and spread of each channel of CIE Lab", colour, {"strength": _STRENGTH}),
    "histogram": Method("histograms of R, G and B", histogram, {"strength": _STRENGTH}),
    "fourier": Method(
        "amplitudes of the lowest frequencies (FDA)",
        fourier,
        {
            "beta": Option(
                0.01, 0.0, 0.1, "highest frequency, as a share of the image's shorter side"
            )
        },
    ),
    "noise": Method("sharpness, noise and JPEG compression", noise),
    "refine": Method(
        "a small network, trained on synthetic and real images (needs PyTorch)",
        refine,
        {
            "steps": Option(600, 1, 1_000_000, "steps of the training", whole=True),
            "keep": Option(10.0, 0.0, 1e4, "weight of staying what it was; higher changes less"),
            "width": Option(24, 4, 256, "channels of the network", whole=True),
            "blocks": Option(3, 1, 16, "residual blocks of the network", whole=True),
            "patch": Option(96, 32, 1024, "side in pixels of what it is trained on", whole=True),
            "batch": Option(8, 2, 256, "pieces of each kind in a step", whole=True),
        },
        trained=True,
    ),
}
"""By name."""


def _one_of(entries: np.ndarray, drawn: Drawn) -> np.ndarray:
    """What was learnt of a real image that is drawn at random, float64."""
    return entries[int(drawn.scene.integers(len(entries)))].astype(np.float64)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
