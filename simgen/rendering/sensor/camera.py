"""Development of images: all steps between lens and file, in the order of a real camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.rendering.sensor import optics, photosites, tone
from simgen.rendering.sensor.compositing import (
    LEAST_COVER,
    Backdrop,
    backdrop_of,
    cut_out,
    match,
    over,
    shaded,
)
from simgen.rendering.sensor.metering import Exposure, expose
from simgen.rendering.sensor.rain import add_rain
from simgen.spec.frame import RawFrame
from simgen.spec.rng import Stream, stream
from simgen.spec.scene import SceneSpec, SensorSpec

_LEFT, _RIGHT = 0, 1


@dataclass(frozen=True)
class Developed:
    """The images of a frame, `H x W x 3` uint8; None for those that were not rendered.

    rgba: the objects alone, `H x W x 4` uint8; None if a stage is behind them. exposure_stops: the
    gain applied to their light, as a power of two.
    """

    rgb: np.ndarray | None
    rgb_right: np.ndarray | None
    exposure_stops: float
    rgba: np.ndarray | None = None


class Developer:
    """Develops the frames of a scene, in order.

    Unrelated views are metered separately. A sequence keeps the exposure and white balance of its
    first frame, with a rig of the first frame of each camera, and a stereo pair uses those of its
    left image.
    """

    def __init__(self, spec: SceneSpec, photograph: np.ndarray | None = None) -> None:
        self._spec, self._sensor = spec, spec.sensor
        self._backdrop = backdrop_of(photograph, spec) if spec.background else None
        self._is_sequence = spec.frame_rate > 0
        self._exposure: Exposure | None = None

    def develop(self, raw: RawFrame, frame: int) -> Developed:
        metered = raw.radiance if raw.radiance is not None else raw.radiance_right
        if metered is None:
            return Developed(None, None, 0.0)
        next_camera = bool(self._spec.rig) and self._spec.moment(frame) == 0
        if self._exposure is None or not self._is_sequence or next_camera:
            self._exposure = self._metered(metered, raw)
        if self._backdrop is not None and raw.radiance is not None:
            return self._composed(self._backdrop, raw, raw.radiance, frame)
        left, right = (
            None if light is None else self._shown(light, frame, eye)
            for eye, light in ((_LEFT, raw.radiance), (_RIGHT, raw.radiance_right))
        )
        return Developed(left, right, self._exposure.stops)

    def _metered(self, light: np.ndarray, raw: RawFrame) -> Exposure:
        if self._backdrop is None or raw.cover is None:
            return expose(light, self._sensor)
        kind = self._spec.environment.kind
        return match(light, raw.cover, self._backdrop, self._sensor, kind)

    def _composed(
        self, backdrop: Backdrop, raw: RawFrame, radiance: np.ndarray, frame: int
    ) -> Developed:
        """Return the images of a frame with a background of its own."""
        assert raw.cover is not None
        assert self._exposure is not None
        light, cover = _apart(radiance, raw.cover, backdrop, self._sensor, self._exposure)
        rng = stream(self._sensor.seed, "sensor", frame, _LEFT)
        objects = _recorded(light, self._sensor, self._exposure, rng)
        rgb = over(objects, cover, shaded(backdrop, raw.shade, self._sensor.contrast))
        right = raw.radiance_right
        return Developed(
            rgb,
            None if right is None else self._shown(right, frame, _RIGHT),
            self._exposure.stops,
            cut_out(objects, cover),
        )

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
    light = _exposed(radiance, exposure)
    light = _through_lens(light, sensor)
    return _recorded(light, sensor, exposure, stream(sensor.seed, "sensor", frame, eye))


def _recorded(light: np.ndarray, sensor: SensorSpec, exposure: Exposure, rng: Stream) -> np.ndarray:
    """Return the image of the light behind the lens, `H x W x 3` float32, as `develop` does."""
    light = _on_sensor(light, sensor, rng)
    light = light * np.float32(np.multiply(exposure.balance, sensor.white_balance))
    shown = tone.render(light, sensor.contrast)
    if sensor.saturation != 1.0:
        shown = tone.saturate(shown, sensor.saturation)
    display = tone.encode(shown)
    if sensor.sharpening:
        display = tone.sharpen(display, sensor.sharpening)
    image = tone.quantise(display)
    return tone.compress(image, sensor.jpeg_quality) if sensor.jpeg_quality else image


def _exposed(radiance: np.ndarray, exposure: Exposure) -> np.ndarray:
    light = np.nan_to_num(radiance) * np.float32(exposure.gain)
    return np.clip(light, 0.0, 1e6, out=light).astype(np.float32, copy=False)


def _apart(
    radiance: np.ndarray,
    cover: np.ndarray,
    backdrop: Backdrop,
    sensor: SensorSpec,
    exposure: Exposure,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the light behind the lens of objects without the pixels' edges, and the share that
    they cover of each pixel and channel, both `H x W x 3` float32.

    radiance: multiplied by cover. Beside the objects, the light is the backdrop's.
    """
    light = _through_lens(_exposed(radiance, exposure), sensor)
    share = np.repeat(np.clip(np.nan_to_num(cover), 0.0, 1.0)[..., None], 3, axis=-1)
    share = _through_lens(share.astype(np.float32), replace(sensor, vignetting=0.0))
    share[share < LEAST_COVER] = 0.0
    alone = light / np.maximum(share, np.float32(LEAST_COVER))
    found = np.where(share > 0.0, alone, backdrop.light)
    return found.astype(np.float32), np.clip(share, 0.0, 1.0)


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
