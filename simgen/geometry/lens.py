"""Camera models: from points in camera axes to pixels, and from pixels to rays.

Camera axes are OpenCV's (x right, y down, z forward). Pixel coordinates are continuous, with the
centre of the top left pixel at (0.5, 0.5). Rays start at the camera's centre, except those of the
orthographic model, which are parallel and start in the plane z = 0. `simgen.geometry.lens_models`
has the equations of each model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

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
"""Maximum number of distortion coefficients of each model."""
MODELS = tuple(COEFFICIENTS)
STRAIGHT = ("pinhole", "orthographic")
"""Models that project straight lines to straight lines."""

_PARALLEL = 1e-9
"""Sine of the angle to the axis up to which a direction counts as parallel to it."""


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
        """K, `3 x 3`. fx and fy are pixels per radian for the equirectangular model, pixels per
        metre for the orthographic one."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1.0]])

    @property
    def is_parallel(self) -> bool:
        """Whether all rays are parallel to the axis, each with a separate origin."""
        return self.model == "orthographic"

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project points (`... x 3`, camera axes) to pixels (`... x 2`).

        NaN for points without an image: behind a pinhole, or beyond the angle up to which the
        distortion is monotonic. Distant points may be given as directions, except for the
        orthographic model.
        """
        points = np.asarray(points, np.float64)
        x, y, valid = PROJECT[self.model](self.coefficients, points)
        pixels = np.stack([self.fx * x + self.cx, self.fy * y + self.cy], axis=-1)
        pixels[~valid] = np.nan
        return pixels

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Return the unit directions of the rays through pixels (`... x 2`): `... x 3`, camera
        axes. NaN for pixels without a ray."""
        pixels = np.asarray(pixels, np.float64)
        x = (pixels[..., 0] - self.cx) / self.fx
        y = (pixels[..., 1] - self.cy) / self.fy
        return UNPROJECT[self.model](self.coefficients, x, y)

    def origins(self, pixels: np.ndarray) -> np.ndarray:
        """Return the origins of the rays through pixels (`... x 2`), camera axes, metres.

        `... x 3` for the orthographic model; for the others one origin, `3`, the camera's centre.
        """
        if not self.is_parallel:
            return np.zeros(3)
        pixels = np.asarray(pixels, np.float64)
        x = (pixels[..., 0] - self.cx) / self.fx
        y = (pixels[..., 1] - self.cy) / self.fy
        return np.stack([x, y, 0 * x], axis=-1)

    def sight_lines(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the origins of the rays to points (`... x 3`, camera axes), in the form of
        `origins`, and the vectors from the origins to the points, `... x 3`."""
        if not self.is_parallel:
            return np.zeros(3), points
        return points * [1.0, 1.0, 0.0], points * [0.0, 0.0, 1.0]

    def at_infinity(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return points that project like the points at infinity of rays (`... x 3` each, camera
        axes), with the same line of sight: `... x 3`; NaN for those without an image.

        In an orthographic camera, only rays parallel to its axis have an image at infinity.
        """
        if not self.is_parallel:
            return directions
        points = origins * [1.0, 1.0, 0.0] + [0.0, 0.0, 1.0]
        aside = np.linalg.norm(directions[..., :2], axis=-1)
        points[~((aside <= _PARALLEL) & (directions[..., 2] > 0))] = np.nan
        return points

    def pixel_rays(self) -> np.ndarray:
        """Return the unit directions through the centres of all pixels, `H x W x 3`."""
        return self.rays(self._centres)

    def pixel_origins(self) -> np.ndarray:
        """Return the origins of `pixel_rays`: `H x W x 3`, or `3` as for `origins`."""
        return self.origins(self._centres)

    @property
    def _centres(self) -> np.ndarray:
        columns, rows = np.arange(self.width) + 0.5, np.arange(self.height) + 0.5
        return np.stack(np.meshgrid(columns, rows), axis=-1)

    def contains(self, pixels: np.ndarray) -> np.ndarray:
        """Return whether pixels (`... x 2`) lie in the image: `...` bool; False for NaN."""
        x, y = pixels[..., 0], pixels[..., 1]
        return (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)

    def displacement(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return `end - start` in pixels, `... x 2`; the shorter way around an equirectangular
        image."""
        moved = end - start
        if self.model == "equirectangular":
            turn = 2 * np.pi * self.fx
            moved[..., 0] = (moved[..., 0] + turn / 2) % turn - turn / 2
        return moved


@lru_cache(maxsize=2)
def pixel_ray_rows(lens: Lens) -> np.ndarray:
    """Return `Lens.pixel_rays` as `3 x H W`, read-only.

    Kept for the frames that are rendered and labelled at the same time, which often share a lens.
    """
    rows = np.ascontiguousarray(lens.pixel_rays().reshape(-1, 3).T)
    rows.setflags(write=False)
    return rows


def lens_of(spec: LensSpec, width: int, height: int) -> Lens:
    """Return the lens of a spec for an image of `width x height` pixels."""
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
