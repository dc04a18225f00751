"""Objects in front of a photograph: both end up as one camera would have recorded them.

A photograph has been through a lens, a sensor and a file already, so the sensor of a scene is
applied to the objects only. The order:

1. The objects' light, and the share of each pixel that they cover, go through the lens: vignetting
   (only of the light), chromatic aberration and blur.
2. The light is divided by the share, which gives the objects without the pixels' edges. Beside
   them is the photograph, as the light that the sensor's tone curve would show as this image.
3. This goes through the rest of the sensor: photosites, noise, white balance, tone curve,
   saturation, sharpening, JPEG.
4. The photograph is shown through the same tone curve with its light multiplied by the floor's
   shade. In linear display light, the objects are put over it, weighted by the share.

Pixels without objects and shade keep the photograph's values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.rendering.sensor import tone
from simgen.rendering.sensor.metering import Exposure, expose, geometric_mean
from simgen.spec.scene import SceneSpec, SensorSpec

LEAST_COVER = 1.0 / 512.0
"""Share of a pixel below which objects do not show in 8 bits."""
_SOLID = 0.5
"""Share from which on a pixel counts as the objects' for metering."""
_UNSHADED = 0.02
"""Relative loss of the floor's light below which it is taken for noise of the path tracer."""


@dataclass(frozen=True)
class Backdrop:
    """A photograph as display values, `H x W x 3` uint8 sRGB, and as light, float32 linear, on the
    scale of `metering=fixed`."""

    image: np.ndarray
    light: np.ndarray


def backdrop_of(photograph: np.ndarray | None, spec: SceneSpec) -> Backdrop:
    """Return the backdrop of a scene; black without a photograph."""
    if photograph is None:
        black = np.zeros((spec.render.height, spec.render.width, 3), np.uint8)
        return Backdrop(black, black.astype(np.float32))
    return Backdrop(photograph, tone.undo(tone.decode(photograph), spec.sensor.contrast))


def match(
    radiance: np.ndarray, cover: np.ndarray, backdrop: Backdrop, sensor: SensorSpec, kind: str
) -> Exposure:
    """Return the exposure of objects before a photograph. kind: of the scene's environment.

    Light that was estimated from the photograph is on its scale already. Under other light, the
    geometric mean of the objects' luminance becomes that of the photograph, unless the sensor's
    metering is fixed. Without a photograph, the objects are metered alone.
    """
    if not backdrop.image.any():
        return expose(radiance, sensor)
    stops = 2.0**sensor.exposure
    solid = cover >= _SOLID
    if kind == "photo" or sensor.metering == "fixed" or not solid.any():
        return Exposure(stops, (1.0, 1.0, 1.0))
    found = geometric_mean(radiance[solid] / cover[solid][:, None])
    wanted = geometric_mean(backdrop.light.reshape(-1, 3))
    return Exposure(stops * wanted / found, (1.0, 1.0, 1.0))


def shaded(backdrop: Backdrop, shade: np.ndarray | None, contrast: float) -> np.ndarray:
    """Return the photograph in linear display light behind the objects' shadows, `H x W x 3`.

    The floor only becomes darker: the path tracer's factor is noisy, and light that objects reflect
    onto a floor is faint.
    """
    display = tone.decode(backdrop.image)
    if shade is None:
        return display
    factor = np.clip(np.nan_to_num(shade, nan=1.0), 0.0, 1.0)
    # Deepen what remains, so that no shadow begins with a step.
    factor = np.minimum(factor / (1.0 - _UNSHADED), 1.0)
    darker = factor.min(axis=-1, keepdims=True) < 1.0
    return np.where(darker, tone.render(backdrop.light * factor, contrast), display)


def over(objects: np.ndarray, cover: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """Put objects over a background; `H x W x 3` uint8.

    objects: display values, uint8. cover: of each channel, 0..1. behind: linear display light.
    """
    mixed = tone.decode(objects) * cover + behind * (np.float32(1.0) - cover)
    return tone.quantise(tone.encode(mixed))


def cut_out(objects: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Return the objects alone, `H x W x 4` uint8: sRGB, and the share of green as alpha."""
    alpha = tone.quantise(cover[..., 1:2])
    return np.concatenate([np.where(alpha > 0, objects, 0), alpha], axis=-1).astype(np.uint8)
