"""Colour conversions of arrays."""

from __future__ import annotations

import numpy as np

from simgen.spec.scene import Vector


def srgb_to_linear(color: np.ndarray) -> np.ndarray:
    """Convert display values 0..1 to linear light 0..1 (IEC 61966-2-1), same shape."""
    color = np.clip(np.asarray(color, dtype=np.float64), 0.0, 1.0)
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def blackbody(kelvin: float) -> Vector:
    """Return the linear Rec.709 colour of a black body at 1667..25000 K, with unit luminance.

    Kim's cubic fit of the Planckian locus in CIE xy, converted to Rec.709 with its D65 white.
    """
    t = 1000.0 / kelvin
    if kelvin < 4000.0:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
    else:
        x = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
    if kelvin < 2222.0:
        y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    elif kelvin < 4000.0:
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    xyz = np.array([x / y, 1.0, (1.0 - x - y) / y])
    red, green, blue = np.maximum(_XYZ_TO_REC709 @ xyz, 0.0)
    return float(red), float(green), float(blue)


_XYZ_TO_REC709 = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def white_balanced(kelvin: float, white: float, degree: float) -> Vector:
    """Return the colour of a black body as shown by a camera balanced for another temperature.

    kelvin: of the black body. white: colour temperature of the white balance. degree: 1 for full
    adaptation to `white`, 0 for a camera set to daylight. Linear Rec.709, unit luminance.
    """
    seen = np.array(blackbody(kelvin)) / np.maximum(blackbody(white), 0.02) ** degree
    red, green, blue = seen / (seen @ LUMINANCE)
    return float(red), float(green), float(blue)


LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Of red, green and blue in linear Rec.709."""
