"""Development of images: all steps between lens and file, in the order of a real camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.rendering.sensor import optics, photosites, tone
from simgen.rendering.sensor.metering import Exposure, expose
from simgen.rendering.sensor.rain import add_rain
from simgen.spec.frame import RawFrame
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import SceneSpec, SensorSpec

_LEFT, _RIGHT = 0, 1


@dataclass(frozen=True)
class Developed:
    """The images of a frame, `H x W x 3` uint8; None for those that were not rendered.

    exposure_stops: the gain applied to their light, as a power of two.
    """

    rgb: np.ndarray | None
    rgb_right: np.ndarray | None
    exposure_stops: float


class Developer:
    """Develops the frames of a scene, in order.

    Unrelated views are metered separately. A sequence keeps the exposure and white balance of its
    first frame, with a rig of the first frame of each camera, and a stereo pair uses those of its
    left image.
    """

    def __init__(self, spec: SceneSpec) -> None:
        self._spec, self._sensor = spec, spec.sensor
        self._is_sequence = spec.frame_rate > 0
        self._exposure: Exposure | None = None

    def develop(self, raw: RawFrame, frame: int) -> Developed:
        metered = raw.radiance if raw.radiance is not None else raw.radiance_right
        if metered is None:
            return Developed(None, None, 0.0)
        next_camera = bool(self._spec.rig) and self._spec.moment(frame) == 0
        if self._exposure is None or not self._is_sequence or next_camera:
            self._exposure = expose(metered, self._sensor)
        left, right = (
            None if light is None else self._shown(light, frame, eye)
            for eye, light in ((_LEFT, raw.radiance), (_RIGHT, raw.radiance_right))
        )
        return Developed(left, right, self._exposure.stops)

    def _shown(self, light: np.ndarray, frame: int, eye: int) -> np.ndarray:
        if self._spec.weather.rain:
            light = add_rain(light, self._spec, frame, eye)
        assert self._exposure is not None
        return develop(light, self._sensor, self._exposure, frame, eye)


def develop(
    radiance: np.ndarray, sensor: SensorSpec, exposure: Exposure, frame: int, eye: int = _LEFT
) -> np.ndarray:
    """Return the image that a camera records: `H x W x 3` uint8, sRGB display values.

    radiance: `H x W x 3` float32, linear Rec.709; after the gain of `exposure`, 0.18 is middle
    grey. frame, eye: identify the image in its scene, since each has different noise.
    """
    light = np.clip(np.nan_to_num(radiance) * np.float32(exposure.gain), 0.0, 1e6).astype(
        np.float32
    )
    light = _through_lens(light, sensor)
    light = _on_sensor(light, sensor, stream(sensor.seed, "sensor", frame, eye))
    light = light * np.float32(np.multiply(exposure.balance, sensor.white_balance))
    shown = tone.render(light, sensor.contrast)
    if sensor.saturation != 1.0:
        shown = tone.saturate(shown, sensor.saturation)
    display = tone.encode(shown)
    if sensor.sharpening:
        display = tone.sharpen(display, sensor.sharpening)
    image = tone.quantise(display)
    return tone.compress(image, sensor.jpeg_quality) if sensor.jpeg_quality else image


def _through_lens(light: np.ndarray, sensor: SensorSpec) -> np.ndarray:
    if sensor.vignetting:
        light = optics.vignette(light, sensor.vignetting)
    if sensor.chromatic_aberration:
        light = optics.aberrate(light, sensor.chromatic_aberration)
    return optics.blur(light, sensor.blur) if sensor.blur else light


def _on_sensor(light: np.ndarray, sensor: SensorSpec, rng: Stream) -> np.ndarray:
    light = np.minimum(light, np.float32(photosites.SATURATION))
    # With a colour filter, each pixel records one colour, with one error; without, all three.
    seen = photosites.mosaic(light) if sensor.bayer else light
    if sensor.full_well:
        seen = photosites.expose(seen, sensor.full_well, sensor.read_noise, rng)
    return np.maximum(photosites.demosaic(seen) if sensor.bayer else seen, 0.0)
