"""What of a laser pulse's light comes back, and what a scanner measures of it.

The light that a surface returns, relative to that of a white matt one that faces the scanner, is

    r = d cos t + pi cos t D G F / (4 cos^2 t)

for the angle t between ray and normal: a matt share d (the luminance of the surface's colour, less
what is metallic or transparent), and a glossy one with GGX's D and Smith's G for roughness^2, seen
from where the light comes from (Walter et al., Microfacet Models for Refraction through Rough
Surfaces, 2007), with F 0.04 for dielectrics and the colour for metals. Range and fog take away
range^2 and exp(-2 extinction range), and speckle multiplies it by a log-normal number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.geometry.color import LUMINANCE, srgb_to_linear
from simgen.geometry.mesh import SurfaceData
from simgen.geometry.raycast import weighted
from simgen.labels.first_hits import FirstHits
from simgen.labels.world import Surface, World
from simgen.spec.rng import Stream
from simgen.spec.scene import LidarSpec, MaterialSpec

_DIELECTRIC = 0.04
"""Reflectance of plastic, paint or glass at normal incidence, of an index of refraction of 1.5."""
_DETECTED = 0.1
"""Relative light that is detected from `LidarSpec.detection_range`: by the usual convention of data
sheets, that of a target that reflects 10 %."""
_SMOOTHEST = 0.03
"""Roughness below which nothing is a better mirror: pulses are cones, not lines."""


@dataclass(frozen=True)
class Measured:
    """What a scanner measures of `n` pulses.

    range: `n` float32, metres, NaN without a return. intensity: `n` float32, 0..1, 0 without one.
    """

    range: np.ndarray
    intensity: np.ndarray


def measure(lidar: LidarSpec, reflected: np.ndarray, distance: np.ndarray, extinction: float,
            rng: Stream) -> Measured:  # fmt: skip
    """Measure pulses that meet a surface. reflected: `n`, r of the surfaces. distance: `n` metres,
    infinite for pulses that meet none. extinction: per metre.

    Each pulse has its own draws, whatever becomes of others.
    """
    count = len(distance)
    speckle = np.exp(lidar.intensity_noise * rng.standard_normal(count))
    error = lidar.range_noise * rng.standard_normal(count)
    kept = rng.random(count) >= lidar.dropout
    met = np.isfinite(distance) & (distance > 0)
    away = np.where(met, distance, 1.0)
    light = reflected * speckle * np.exp(-2 * extinction * away)
    detected = light * (lidar.detection_range / away) ** 2 >= _DETECTED
    # A scanner knows what it measured, not what is there.
    measured = away + error
    inside = (measured >= max(lidar.min_range, 1e-6)) & (measured <= lidar.max_range)
    returned = met & kept & detected & inside
    intensity = np.minimum(light * np.minimum(lidar.reference_range / away, 1.0) ** 2, 1.0)
    return Measured(
        np.where(returned, measured, np.nan).astype(np.float32),
        np.where(returned, intensity, 0.0).astype(np.float32),
    )


def reflected(world: World, hits: FirstHits) -> np.ndarray:
    """Return r of the surface that each ray meets, `n` float64; 0 for rays that meet none."""
    out = np.zeros(len(hits.code))
    for code in np.unique(hits.code[hits.code > 0]):
        rays = np.flatnonzero(hits.code == code)
        surface = world.surfaces[code - 1]
        slots = surface.mesh.slot[hits.triangle[rays]]
        for slot in np.unique(slots):
            here = rays[slots == slot]
            finish = _finish(surface, int(slot), hits.triangle[here], hits.weights[here])
            out[here] = finish.reflected(hits.cosine[here])
    return out


@dataclass(frozen=True)
class Finish:
    """How a surface reflects. matt: d. mirror: F. roughness: microfacets', 0..1. matt and mirror
    are numbers, or one for each ray."""

    matt: np.ndarray | float
    mirror: np.ndarray | float
    roughness: float

    def reflected(self, cosine: np.ndarray) -> np.ndarray:
        """Return r at angles of these cosines, 0..1."""
        square = max(self.roughness, _SMOOTHEST) ** 4  # of alpha, which is roughness^2
        cosine = np.maximum(cosine, 1e-6)
        facets = square / (1 - (1 - square) * cosine**2) ** 2  # pi D
        shadowing = 2 * cosine / (cosine + np.sqrt(square + (1 - square) * cosine**2))
        return self.matt * cosine + self.mirror * facets * shadowing**2 / (4 * cosine)


def _finish(surface: Surface, slot: int, triangle: np.ndarray, weights: np.ndarray) -> Finish:
    drawn = surface.materials.get(surface.mesh.slots[slot])
    if drawn is not None:
        return finish_of(drawn)
    own = surface.mesh.surfaces[slot] or SurfaceData()
    color = np.array(own.base_color[:3])
    if own.image is not None:
        color = color * _texels(own.image, weighted(weights, surface.mesh.uv[triangle]))
    clear = max(own.transmission, 1 - own.base_color[3])
    return _mixed(color @ LUMINANCE, own.metallic, clear, own.roughness)


def finish_of(material: MaterialSpec) -> Finish:
    """Return the finish of a drawn material, whose colour is the mean of its two."""
    color = (np.array(material.color_a) + material.color_b) / 2
    bright = float(color @ LUMINANCE)
    return _mixed(bright, material.metallic, material.transmission, material.roughness)


def _mixed(bright: np.ndarray | float, metallic: float, clear: float, roughness: float) -> Finish:
    matt = bright * (1 - metallic) * (1 - clear)
    return Finish(matt, _DIELECTRIC * (1 - metallic) + bright * metallic, roughness)


def _texels(image: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Return the linear colour, `n x 3`, of the nearest texels at `n x 2` coordinates, v up."""
    height, width = image.shape[:2]
    columns = np.floor(uv[:, 0] * width).astype(np.int64) % width
    rows = np.floor((1 - uv[:, 1]) * height).astype(np.int64) % height
    return srgb_to_linear(image[rows, columns, :3] / 255)
