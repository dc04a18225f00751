"""A calibrated camera, and the lens models of other tools in terms of simgen's.

Pixel coordinates here have the centre of the top left pixel at (0.5, 0.5), as in all of simgen and
in COLMAP. OpenCV, ROS, Kalibr and BOP have it at (0, 0); their readers add half a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.geometry.lens import COEFFICIENTS, Lens

OPENCV_CENTRE = 0.5
"""Offset of pixel coordinates whose origin is the centre of the top left pixel."""
_LARGEST_IMAGE = 16_384
_LARGEST = 1e7
"""Limit of focal lengths and principal points, pixels."""
_STEEPEST = 1e3
"""Limit of distortion coefficients."""
_SAME_SIZE = 1e-3
"""Pixels by which a scaled image may miss a whole size."""


@dataclass(frozen=True)
class Calibration:
    """The intrinsics of a camera.

    name: empty if the file has none. width, height: of the image, pixels; 0 if the file does not
    tell. model: `pinhole`, `brown_conrady` or `kannala_brandt`. fx, fy, cx, cy: pixels.
    coefficients: in OpenCV's order.
    """

    name: str
    width: int
    height: int
    model: str
    fx: float
    fy: float
    cx: float
    cy: float
    coefficients: tuple[float, ...] = ()

    def checked(self) -> Calibration:
        """Return the calibration. Raises `ValueError` for numbers that no camera has."""
        for key in ("width", "height"):
            size = getattr(self, key)
            if size and not 4 <= size <= _LARGEST_IMAGE:
                raise ValueError(f"image {key} {size}: expected 4 to {_LARGEST_IMAGE} pixels")
        for key in ("fx", "fy", "cx", "cy"):
            value = getattr(self, key)
            low = 0.0 if key.startswith("f") else -_LARGEST
            if not low < value < _LARGEST:
                raise ValueError(f"{key} {value:g}: expected pixels above {low:g}")
        if not all(abs(value) < _STEEPEST for value in self.coefficients):
            raise ValueError(f"distortion {list(self.coefficients)}: expected numbers near 0")
        if self.width and self.height:
            self._check_centre()
        return self

    def _check_centre(self) -> None:
        """Raise `ValueError` if no ray passes the image's centre, as with coefficients of another
        model or order."""
        middle = np.array([[self.width / 2, self.height / 2]])
        if not np.isfinite(self.lens(self.width, self.height).rays(middle)).all():
            raise ValueError(
                f"distortion {list(self.coefficients)}: the image's centre has no ray; expected "
                "the coefficients of this model in OpenCV's order"
            )

    def lens(self, width: int, height: int) -> Lens:
        """Return the lens for an image of this size, of the same shape."""
        wide, high = (self.width or width), (self.height or height)
        x, y = width / wide, height / high
        padded = (*self.coefficients, *(0.0,) * COEFFICIENTS[self.model])
        return Lens(
            self.model, width, height, self.fx * x, self.fy * y, self.cx * x, self.cy * y,
            padded[: COEFFICIENTS[self.model]],
        )  # fmt: skip

    def scaled(self, factor: float) -> Calibration:
        """Return the calibration of the same camera with an image `factor` times as large. Raises
        `ValueError` if that is not a whole number of pixels."""
        width, height = round(self.width * factor), round(self.height * factor)
        off = max(abs(self.width * factor - width), abs(self.height * factor - height))
        if off > _SAME_SIZE:
            raise ValueError(
                f"{self.width} x {self.height} pixels times {factor:g} is not a whole number of "
                "pixels"
            )
        x, y = width / self.width, height / self.height
        return replace(
            self, width=width, height=height,
            fx=self.fx * x, fy=self.fy * y, cx=self.cx * x, cy=self.cy * y,
        )  # fmt: skip


def perspective(coefficients: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    """Return model and coefficients of a pinhole with OpenCV's distortion: k1, k2, p1, p2, k3, k4,
    k5, k6, s1, s2, s3, s4, tau x, tau y, of which the last ones may be missing.

    Raises `ValueError` if it has a thin prism (s) or a tilted sensor (tau).
    """
    if len(coefficients) > 14:
        raise ValueError(f"{len(coefficients)} distortion coefficients: expected at most 14")
    if any(coefficients[8:]):
        raise ValueError(
            "distortion with thin prism or tilt (s1 to s4, tau), which simgen has no lens model "
            "for; calibrate with k1,k2,p1,p2,k3,k4,k5,k6"
        )
    values = stripped(coefficients[:8])
    return ("brown_conrady", values) if values else ("pinhole", ())


def fisheye(coefficients: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    """Return model and coefficients of OpenCV's fisheye model, which Kalibr and ROS call
    equidistant: k1, k2, k3, k4. Raises `ValueError` for more of them."""
    if len(coefficients) > 4:
        raise ValueError(f"{len(coefficients)} fisheye coefficients: expected k1,k2,k3,k4")
    return "kannala_brandt", stripped(coefficients)


def stripped(coefficients: Sequence[float]) -> tuple[float, ...]:
    """Return coefficients without zeros at the end."""
    values = [float(value) for value in coefficients]
    while values and values[-1] == 0:
        values.pop()
    return tuple(values)
