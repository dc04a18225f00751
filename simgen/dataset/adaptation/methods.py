"""Methods that adapt an image to real ones: a pure function for each, and a table of all.

A function takes an image, `H x W x 3` uint8, learnt arrays, options and random streams, and returns
an image of the same shape. Most methods learn one entry per real image, one of which is sampled for
each scene: this reproduces the variety of the real images, while all frames of a scene, and both
images of a stereo pair, are adapted alike.
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
"""Maximum factor by which a channel's spread grows or shrinks; more would amplify noise."""

type Arrays = Mapping[str, np.ndarray]
type Options = Mapping[str, float]


@dataclass(frozen=True)
class Drawn:
    """The random streams of an image. scene: shared by all images of its scene. image: specific to
    the image."""

    scene: Stream
    image: Stream


@dataclass(frozen=True)
class Option:
    """A numeric option of a method. whole: whether it must be an integer."""

    default: float
    low: float
    high: float
    about: str
    whole: bool = False


@dataclass(frozen=True)
class Method:
    """A method to adapt images. trained: whether it is trained with PyTorch, on synthetic images
    too."""

    about: str
    apply: Callable[[np.ndarray, Arrays, Options, Drawn], np.ndarray]
    options: Mapping[str, Option] = field(default_factory=dict)
    trained: bool = False


def colour(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Match mean and standard deviation of each CIE Lab channel to a real image (Reinhard et al.,
    Color transfer between images, 2001, who use another opponent colour space).

    learnt: `lab`, `N x 2 x 3`: means and standard deviations of each real image.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    own = lab_statistics(lab)
    wanted = own + options["strength"] * (_one_of(learnt["lab"], drawn) - own)
    gain = np.clip(wanted[1] / np.maximum(own[1], 1e-3), 1 / _MOST_GAIN, _MOST_GAIN)
    moved = (lab - own[0]) * gain + wanted[0]
    return _bytes(cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB) * 255)


def lab_statistics(lab: np.ndarray) -> np.ndarray:
    """Return means and standard deviations of an image in CIE Lab, `2 x 3` float64."""
    pixels = lab.reshape(-1, 3).astype(np.float64)
    return np.stack([pixels.mean(axis=0), pixels.std(axis=0)])


def histogram(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Match the histograms of R, G and B to a real image (Gonzalez and Woods, Digital image
    processing: histogram specification).

    learnt: `shares`, `N x 3 x 256`: fraction of a real image's pixels up to each value.
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
    """Return the fraction of pixels up to each value, by channel, `3 x 256` float64."""
    counts = np.stack([np.bincount(image[..., c].ravel(), minlength=256) for c in range(3)])
    return np.cumsum(counts, axis=1) / max(1, image.shape[0] * image.shape[1])


def fourier(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Replace the amplitudes of the lowest frequencies by those of a real image, and keep phases,
    which encode positions (Yang and Soatto, FDA: Fourier domain adaptation for semantic
    segmentation, 2020).

    learnt: `amplitudes`, `N x (2 B + 1) x (B + 1) x 3`, from `low_amplitudes`.
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
    """Return the Fourier amplitudes up to `cut` cycles per image, `(2 cut + 1) x (cut + 1) x 3`
    float64.

    They are divided by the number of pixels, so that image sizes are comparable. Rows are cycles
    downwards, 0 to cut and then -cut to -1; columns are cycles to the right.
    """
    height, width = image.shape[:2]
    spectrum = np.fft.rfft2(image.astype(np.float64), axes=(0, 1))
    rows = np.r_[0 : cut + 1, -cut:0]
    return np.abs(spectrum[rows, : cut + 1]) / (height * width)


def noise(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Match sharpness, noise and JPEG compression to a real image.

    learnt: `readings`, `N x 3`: blur, noise and blockiness of each real image, measured by
    `simgen.dataset.adaptation.measured`; `pixels`, a scalar: maximum number of pixels of the images
    in which blur and noise were measured.
    """
    blur, grain, blocks = _one_of(learnt["readings"], drawn).tolist()
    wanted = degrading.Wanted(blur, grain, blocks, float(learnt["pixels"]))
    return degrading.matched(image, wanted, drawn.image)


def refine(image: np.ndarray, learnt: Arrays, options: Options, drawn: Drawn) -> np.ndarray:
    """Apply a refiner, a network trained against a discriminator of real and refined images (after
    Shrivastava et al., Learning from simulated and unsupervised images through adversarial
    training, 2017).

    learnt: the weights that `simgen.dataset.adaptation.network` describes.
    """
    return refined(image, learnt)


_STRENGTH = Option(1.0, 0.0, 1.0, "strength, from 0 (no change) to 1 (as the real image)")
METHODS: dict[str, Method] = {
    "colour": Method("mean and spread of each channel of CIE Lab", colour, {"strength": _STRENGTH}),
    "histogram": Method("histograms of R, G and B", histogram, {"strength": _STRENGTH}),
    "fourier": Method(
        "amplitudes of the lowest frequencies (FDA)",
        fourier,
        {
            "beta": Option(
                0.01, 0.0, 0.1, "highest frequency, as a fraction of the image's shorter side"
            )
        },
    ),
    "noise": Method("sharpness, noise and JPEG compression", noise),
    "refine": Method(
        "a small network, trained on synthetic and real images (needs PyTorch)",
        refine,
        {
            "steps": Option(600, 1, 1_000_000, "training steps", whole=True),
            "keep": Option(10.0, 0.0, 1e4, "weight of similarity to the input; more: less change"),
            "width": Option(24, 4, 256, "channels of the network", whole=True),
            "blocks": Option(3, 1, 16, "residual blocks of the network", whole=True),
            "patch": Option(96, 32, 1024, "side of training patches in pixels", whole=True),
            "batch": Option(8, 2, 256, "real and synthetic patches per step, each", whole=True),
        },
        trained=True,
    ),
}
"""Methods by name."""


def _one_of(entries: np.ndarray, drawn: Drawn) -> np.ndarray:
    """Return the entry of a randomly sampled real image as float64."""
    return entries[int(drawn.scene.integers(len(entries)))].astype(np.float64)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
