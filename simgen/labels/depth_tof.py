"""Depth from time of flight: the phase of modulated light that comes back.

The light of a surface at a distance R is a phasor a exp(2 pi i R / L), with its amplitude a, the
light that returns, and the ambiguity range L = c / (2 f) of a modulation frequency f. A pixel adds
up the phasors around it that its lens blurs into it: at an edge the sum points somewhere between
near and far, a flying pixel. Noise in both quadratures makes distances uncertain by

    sigma = range_noise sqrt(a + ambient) / a

as in Foix, Alenya and Torras, Lock-in Time-of-Flight (ToF) Cameras: A Survey,
2011, https://doi.org/10.1109/JSEN.2010.2101060. Distances beyond L come out shorter by L.
"""

from __future__ import annotations

import numpy as np

from simgen.labels.depth_light import Exact, threshold
from simgen.spec.rng import Stream
from simgen.spec.scene import DepthCameraSpec


def measure(camera: DepthCameraSpec, seen: Exact, forward: np.ndarray, rng: Stream) -> np.ndarray:
    """Return measured depths, `H x W` float64, metres; NaN where nothing is measured.

    forward: `H x W`, z of the pixels' unit rays. Each pixel has its own draws, whatever the scene
    shows.
    """
    turn = 2 * np.pi / camera.ambiguity_range
    noise = rng.standard_normal((2, *seen.depth.shape))
    angle = turn * np.where(np.isfinite(seen.distance), seen.distance, 0.0)
    parts = np.stack([seen.light * np.cos(angle), seen.light * np.sin(angle), seen.light])
    across, along, light = blurred(parts, camera.blur)
    spread = turn * camera.range_noise * np.sqrt(light + camera.ambient)
    across, along = across + spread * noise[0], along + spread * noise[1]
    distance = np.mod(np.arctan2(along, across), 2 * np.pi) / turn
    there = np.hypot(across, along) >= threshold(camera.detection_range)
    return np.where(there, distance * forward, np.nan)


def blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    """Blur images, `k x H x W`, by a normal distribution of `sigma` pixels, cut off at `reach`."""
    if sigma == 0:
        return images
    steps = np.arange(-reach(sigma), reach(sigma) + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        size = images.shape[axis]
        around = [(0, 0)] * 3
        around[axis] = (reach(sigma),) * 2
        padded = np.pad(images, around, mode="edge")
        images = sum(
            weight * padded.take(np.arange(size) + number, axis=axis)
            for number, weight in enumerate(weights)
        )
    return images


def reach(sigma: float) -> int:
    """Return the pixels to each side over which `blurred` adds up."""
    return int(np.ceil(2.5 * sigma))
