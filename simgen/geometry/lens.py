"""Camera models: from points in camera axes to pixels, and from pixels to rays.

Camera axes are OpenCV's (x right, y down, z forward). Pixels are continuous, with the centre of the
top left one at (0.5, 0.5). The rays of all models but one start in the camera's centre; those of
the orthographic one are parallel and start in the plane z = 0. `simgen.geometry.lens_models` has
the equations of each model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.errors import InputError
from simgen.geometry.lens_models import PROJECT, UNPROJECT
from simgen.spec.scene import LensSpec

COEFFICIENTS = {
    "pinhole": 0,
    "brown_conrady": 8,
    "kannala_brandt": 4,
    "equirectangular": 0,
    "orthographic": 0,
}
"""How many each model takes at most."""
MODELS = tuple(COEFFICIENTS)
STRAIGHT = ("pinhole", "orthographic")
"""Models under which straight lines stay straight."""

_PARALLEL = 1e-9
"""Sine of the angle to the axis up to which a direction is that of all orthographic rays."""


@dataclass(frozen=True)
class Lens:
    """A camera's intrinsics. fx, fy, cx, cy in pixels; coefficients in OpenCV's order."""

    model: str
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    coefficients: tuple[float, ...] = ()

    @cached_property
    def matrix(self) -> np.ndarray:
        """K, `3 x 3`. For the equirectangular model fx and fy are pixels per radian, for the
        orthographic one pixels per metre."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1.0]])

    @property
    def is_parallel(self) -> bool:
        """Whether all rays have the direction of the axis, and each its own origin."""
        return self.model == "orthographic"

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels of points: `... x 3` camera axes to `... x 2`.

        NaN where a point has no image: behind a pinhole, or beyond the angle at which the
        distortion's polynomial turns back. Points far away may be given as directions, except to
        the orthographic model.
        """
        points = np.asarray(points, np.float64)
        x, y, valid = PROJECT[self.model](self.coefficients, points)
        pixels = np.stack([self.fx * x + self.cx, self.fy * y + self.cy], axis=-1)
        pixels[~valid] = np.nan
        return pixels

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Unit directions through pixels: `... x 2` to `... x 3` camera axes. NaN where the model
        sends no ray through a pixel."""
        pixels = np.asarray(pixels, np.float64)
        x = (pixels[..., 0] - self.cx) / self.fx
        y = (pixels[..., 1] - self.cy) / self.fy
        return UNPROJECT[self.model](self.coefficients, x, y)

    def origins(self, pixels: np.ndarray) -> np.ndarray:
        """Where the rays through pixels (`... x 2`) start, camera axes, metres: `... x 3`, or `3`
        for all models whose rays start in the camera's centre."""
        if not self.is_parallel:
            return np.zeros(3)
        pixels = np.asarray(pixels, np.float64)
        x = (pixels[..., 0] - self.cx) / self.fx
        y = (pixels[..., 1] - self.cy) / self.fy
        return np.stack([x, y, 0 * x], axis=-1)

    def sight_lines(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From where points (`... x 3`, camera axes) are seen, as `origins` has it, and the ways
        from there to the points, `... x 3`."""
        if not self.is_parallel:
            return np.zeros(3), points
        return points * [1.0, 1.0, 0.0], points * [0.0, 0.0, 1.0]

    def at_infinity(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Points that stand for what is infinitely far along rays (`... x 3` each, camera axes):
        they have its pixel and its line of sight. `... x 3`; NaN where it has no image.

        To a camera whose rays are parallel, that is whatever does not lie along its axis.
        """
        if not self.is_parallel:
            return directions
        points = origins * [1.0, 1.0, 0.0] + [0.0, 0.0, 1.0]
        aside = np.linalg.norm(directions[..., :2], axis=-1)
        points[~((aside <= _PARALLEL) & (directions[..., 2] > 0))] = np.nan
        return points

    def pixel_rays(self) -> np.ndarray:
        """`H x W x 3`: unit directions through the centres of all pixels."""
        return self.rays(self._centres)

    def pixel_origins(self) -> np.ndarray:
        """Where these start: `H x W x 3`, or `3` as `origins` has it."""
        return self.origins(self._centres)

    @property
    def _centres(self) -> np.ndarray:
        columns, rows = np.arange(self.width) + 0.5, np.arange(self.height) + 0.5
        return np.stack(np.meshgrid(columns, rows), axis=-1)

    def contains(self, pixels: np.ndarray) -> np.ndarray:
        """Whether pixels (`... x 2`) lie in the image: `...` bool. NaN does not."""
        x, y = pixels[..., 0], pixels[..., 1]
        return (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)

    def displacement(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """`end - start` in pixels, `... x 2`; around an equirectangular image the short way."""
        moved = end - start
        if self.model == "equirectangular":
            turn = 2 * np.pi * self.fx
            moved[..., 0] = (moved[..., 0] + turn / 2) % turn - turn / 2
        return moved


def lens_of(spec: LensSpec, width: int, height: int) -> Lens:
    """The lens of a spec for an image of `width x height` pixels."""
    if spec.model not in MODELS:
        raise InputError(f"lens model {spec.model!r}: expected one of {', '.join(MODELS)}")
    if spec.model == "equirectangular":
        return Lens(
            spec.model, width, height,
            width / (2 * np.pi), height / np.pi, width / 2, height / 2,
        )  # fmt: skip
    if spec.model == "orthographic":
        if not spec.view_width > 0:
            raise InputError(f"lens view_width={spec.view_width}: expected metres above 0")
        fx = width / spec.view_width
    else:
        fx = spec.focal_length_mm * width / spec.sensor_width_mm
    count = COEFFICIENTS[spec.model]
    padded = (*spec.coefficients, *(0.0,) * count)[:count]
    return Lens(
        model=spec.model,
        width=width,
        height=height,
        fx=fx,
        fy=fx * spec.pixel_aspect,
        cx=spec.principal_point[0] * width,
        cy=spec.principal_point[1] * height,
        coefficients=padded,
    )
