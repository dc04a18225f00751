"""The camera's response: exposure, tone, and the strength of its imperfections.

ISO corresponds to the noise of a full-frame or APS-C camera: white is 40,000 electrons at ISO 100
(pixels of 4 to 6 micrometres hold 25,000 to 90,000) and proportionally fewer above. Read noise at
the pixel has a part before the amplifier, of 1.3 electrons, and one after it, of 4 electrons at ISO
100, which shrinks as the gain grows: 4 electrons at base ISO and 1.3 at high ISO are what photon
transfer curves of such cameras show (J. Kasson, blog.kasson.com; W. Claff, photonstophotos.net). A
phone's small pixels hold a sixth: at ISO 100 it is as noisy as these cameras at ISO 600.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.config.draws import Draws
from simgen.spec.scene import SensorSpec, Vector

_FULL_WELL = 40_000.0
"""Electrons of a white pixel at ISO 100."""
_READ_BEFORE, _READ_AFTER = 1.3, 3.8
"""Read noise in electrons: before the amplifier, and after it at ISO 100."""
_HALF_DIAGONAL = 601.0
"""Pixels from the centre to the corner of an image 1000 pixels wide and 3:2, as in most cameras."""


def draw_sensor(draws: Draws) -> SensorSpec:
    """Sample the sensor of a scene. Strengths of absent imperfections are not sampled."""
    count = draws.whole("sensor.effect_count_range")
    effects = draws.some("sensor.effects", count)
    sensor = SensorSpec(
        metering=draws.config.sensor.metering,
        exposure=draws.number("sensor.exposure_range"),
        dark_adaptation=draws.number("sensor.dark_adaptation_range"),
        contrast=draws.number("sensor.contrast_range"),
        saturation=draws.number("sensor.saturation_range"),
        bayer="bayer" in effects,
        seed=int(draws.stream("sensor").integers(2**31)),
    )
    # Older specs have no automatic white balance and must stay identical.
    if draws.config.sensor.auto_white_balance_range != 0.0:
        strength = draws.number("sensor.auto_white_balance_range")
        sensor = replace(sensor, auto_white_balance=strength)
    if "white_balance" in effects:
        error = draws.number("sensor.white_balance_range")
        # Older specs have no tint and must stay identical.
        tinted = draws.config.sensor.tint_range != 0.0
        tint = draws.number("sensor.tint_range") if tinted else 0.0
        sensor = replace(sensor, white_balance=white_balance(error, tint))
    if "vignetting" in effects:
        sensor = replace(sensor, vignetting=draws.number("sensor.vignetting_range"))
    if "chromatic_aberration" in effects:
        apart = draws.number("sensor.chromatic_aberration_range")
        sensor = replace(sensor, chromatic_aberration=apart / _HALF_DIAGONAL)
    if "blur" in effects:
        sensor = replace(sensor, blur=draws.number("sensor.blur_range"))
    if "noise" in effects:
        full_well, read_noise = electrons(draws.number("sensor.iso_range"))
        sensor = replace(sensor, full_well=full_well, read_noise=read_noise)
    if "sharpening" in effects:
        sensor = replace(sensor, sharpening=draws.number("sensor.sharpening_range"))
    if "jpeg" in effects:
        sensor = replace(sensor, jpeg_quality=draws.whole("sensor.jpeg_quality_range"))
    return sensor


def electrons(iso: float) -> tuple[float, float]:
    """Return the electrons of a white pixel, and of read noise."""
    gain = iso / 100.0
    return _FULL_WELL / gain, float(np.hypot(_READ_BEFORE, _READ_AFTER / gain))


def white_balance(error: float, tint: float = 0.0) -> Vector:
    """Return gains of red, green and blue that keep grey's brightness. error: above 0 is too warm.
    tint: above 0 is too green."""
    gains = np.exp([error, tint, -error])
    red, green, blue = gains / (gains @ (0.2126, 0.7152, 0.0722))
    return float(red), float(green), float(blue)
