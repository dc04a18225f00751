"""Camera models: from points in camera axes to pixels, and from pixels to rays.

Camera axes are OpenCV's (x right, y down, z forward). Pixels are continuous, with the centre of the
top left one at (0.5, 0.5). The rays of all models but one start in the camera's centre; those of
the orthographic one are parallel and start in the plane z = 0. Formulas: OpenCV's `calib3d`
documentation for the pinhole with Brown-Conrady distortion (rational, without thin prism) and for
the fisheye model, which is Kannala and Brandt's (PAMI 2006) with four coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np

from simgen.errors import InputError
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

_Distortion = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From radii or angles to distorted ones and the derivatives."""

_STEPS = 40
"""Of Newton's method; four to six are usual."""
_CLOSE = 1e-12
_STEEPEST = 12.0
"""Tangent of the widest angle to the axis that Brown-Conrady is evaluated at."""
_NEAREST = 1e-9
"""Metres before the camera's plane from where on a point has an image."""
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
        return _PROJECT[self.model](self, points)

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Unit directions through pixels: `... x 2` to `... x 3` camera axes. NaN where the model
        sends no ray through a pixel."""
        pixels = np.asarray(pixels, np.float64)
        x = (pixels[..., 0] - self.cx) / self.fx
        y = (pixels[..., 1] - self.cy) / self.fy
        return _UNPROJECT[self.model](self, x, y)

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


def _pixels(lens: Lens, x: np.ndarray, y: np.ndarray, valid: np.ndarray) -> np.ndarray:
    pixels = np.stack([lens.fx * x + lens.cx, lens.fy * y + lens.cy], axis=-1)
    pixels[~valid] = np.nan
    return pixels


def _unit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Unit directions of points (x, y) on the plane z = 1."""
    length = np.sqrt(x * x + y * y + 1)
    return np.stack([x / length, y / length, 1 / length], axis=-1)


def _on_plane(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x and y on the plane z = 1, and whether the point lies before the camera at all."""
    valid = points[..., 2] > _NEAREST
    depth = np.where(valid, points[..., 2], 1.0)
    return points[..., 0] / depth, points[..., 1] / depth, valid


def _inverse(distort: _Distortion, distorted: np.ndarray, limit: float) -> np.ndarray:
    """Which radius or angle, up to `limit`, a distortion that grows with it takes to `distorted`;
    the limit where none is.

    Newton's method within brackets, with a bisection wherever its steps do not halve (`rtsafe` of
    Numerical Recipes): where the distortion is steep at first and flat towards its end, it alone
    may jump to and fro.
    """
    found = np.minimum(distorted, limit)
    low, high = np.zeros_like(found), np.full_like(found, limit)
    step = np.full_like(found, limit)
    for _ in range(_STEPS):
        value, slope = distort(found)
        low = np.where(value < distorted, found, low)
        high = np.where(value > distorted, found, high)
        following = found - (value - distorted) / np.maximum(slope, 1e-6)
        size = np.abs(following - found)
        slow = (size > np.abs(step) / 2) & (size > _CLOSE)
        halve = slow | (following < low) | (following > high)
        following = np.where(halve, (low + high) / 2, following)
        step = following - found
        found = following
        if np.abs(step).max(initial=0) < _CLOSE:
            break
    return found


def _project_pinhole(lens: Lens, points: np.ndarray) -> np.ndarray:
    return _pixels(lens, *_on_plane(points))


def _rays_pinhole(lens: Lens, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _unit(x, y)


def _radial(lens: Lens, r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Brown-Conrady's radial factor and its derivative with respect to r squared."""
    k1, k2, _, _, k3, k4, k5, k6 = lens.coefficients
    above = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    below = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    d_above = k1 + r2 * (2 * k2 + 3 * r2 * k3)
    d_below = k4 + r2 * (2 * k5 + 3 * r2 * k6)
    return above / below, (d_above * below - above * d_below) / below**2


def _distort(lens: Lens, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, _, p1, p2, *_ = lens.coefficients
    r2 = x * x + y * y
    radial, _ = _radial(lens, r2)
    return (
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    )


def _radially(lens: Lens, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distorted radius on z = 1, without the tangential part, and its derivative."""
    r2 = radius * radius
    radial, slope = _radial(lens, r2)
    return radius * radial, radial + 2 * r2 * slope


@lru_cache(maxsize=64)
def brown_conrady_limit(lens: Lens) -> float:
    """The square of the radius on z = 1 up to which the radial distortion grows with the radius.
    Beyond it, or beyond a pole, two directions would share a pixel."""
    r2 = np.linspace(0, _STEEPEST, 20_000) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        radial, slope = _radial(lens, r2)
        # It grows on the far side of a pole too, where it has come back from minus infinity.
        growing = (radial + 2 * r2 * slope > 0) & (radial > 0)
    return float(r2[-1]) if growing.all() else float(r2[max(0, int(np.argmin(growing)) - 1)])


def _project_brown_conrady(lens: Lens, points: np.ndarray) -> np.ndarray:
    x, y, valid = _on_plane(points)
    valid &= x * x + y * y <= brown_conrady_limit(lens)
    x, y = np.where(valid, x, 0.0), np.where(valid, y, 0.0)
    return _pixels(lens, *_distort(lens, x, y), valid)


def _rays_brown_conrady(lens: Lens, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Newton's method on the two equations of the distortion, from what undoes its radial part."""
    _, _, p1, p2, *_ = lens.coefficients
    limit = brown_conrady_limit(lens)
    distorted = np.hypot(u, v)
    radius = _inverse(partial(_radially, lens), distorted, np.sqrt(limit))
    # At the limit itself the equations have no slope to follow.
    radius = np.minimum(radius, (1 - 1e-6) * np.sqrt(limit))
    shrink = np.where(distorted > 1e-12, radius / np.maximum(distorted, 1e-12), 1.0)
    x, y = u * shrink, v * shrink
    error = np.full(x.shape, np.inf)
    for _ in range(_STEPS):
        r2 = x * x + y * y
        radial, slope = _radial(lens, r2)
        ex, ey = _distort(lens, x, y)
        ex, ey = ex - u, ey - v
        error = np.maximum(np.abs(ex), np.abs(ey))
        if error.max() < _CLOSE:
            break
        xx = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
        xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
        yy = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
        determinant = xx * yy - xy * xy
        determinant = np.where(np.abs(determinant) < 1e-9, 1e-9, determinant)
        x, y = x - (yy * ex - xy * ey) / determinant, y - (xx * ey - xy * ex) / determinant
        # A step too far would leave the part of the plane on which the equations have one answer.
        r2 = x * x + y * y
        shrink = np.where(r2 > limit, np.sqrt(limit / np.maximum(r2, 1e-30)), 1.0)
        x, y = x * shrink, y * shrink
    rays = _unit(x, y)
    rays[error > 1e-9] = np.nan
    return rays


def _fisheye(lens: Lens, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distorted angle and its derivative."""
    k1, k2, k3, k4 = lens.coefficients
    t2 = theta * theta
    value = theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4))))
    slope = 1 + t2 * (3 * k1 + t2 * (5 * k2 + t2 * (7 * k3 + t2 * 9 * k4)))
    return value, slope


@lru_cache(maxsize=64)
def fisheye_limit(lens: Lens) -> float:
    """The angle to the axis, radians, up to which the distorted angle grows with it."""
    theta = np.linspace(0, np.pi, 20_000)
    growing = _fisheye(lens, theta)[1] > 0
    return float(np.pi) if growing.all() else float(theta[max(0, int(np.argmin(growing)) - 1)])


def _project_kannala_brandt(lens: Lens, points: np.ndarray) -> np.ndarray:
    radius = np.hypot(points[..., 0], points[..., 1])
    theta = np.arctan2(radius, points[..., 2])
    valid = theta <= fisheye_limit(lens)
    distorted, _ = _fisheye(lens, theta)
    # On the axis the ratio of angle to radius is that of the tangent: 1 / z.
    factor = np.where(radius > 1e-12, distorted / np.maximum(radius, 1e-12), 0.0)
    return _pixels(lens, points[..., 0] * factor, points[..., 1] * factor, valid)


def _rays_kannala_brandt(lens: Lens, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    distorted = np.hypot(u, v)
    theta = _inverse(partial(_fisheye, lens), distorted, fisheye_limit(lens))
    error = np.abs(_fisheye(lens, theta)[0] - distorted)
    sine = np.where(distorted > 1e-12, np.sin(theta) / np.maximum(distorted, 1e-12), 1.0)
    rays = np.stack([u * sine, v * sine, np.cos(theta)], axis=-1)
    rays[error > 1e-9] = np.nan
    return rays


def _project_equirectangular(lens: Lens, points: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(points, axis=-1)
    longitude = np.arctan2(points[..., 0], points[..., 2])
    latitude = np.arcsin(np.clip(points[..., 1] / np.maximum(length, 1e-30), -1, 1))
    return _pixels(lens, longitude, latitude, length > 0)


def _rays_equirectangular(lens: Lens, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x is the longitude, y the latitude (downwards), radians."""
    across = np.cos(y)
    return np.stack([np.sin(x) * across, np.sin(y), np.cos(x) * across], axis=-1)


def _project_orthographic(lens: Lens, points: np.ndarray) -> np.ndarray:
    return _pixels(lens, points[..., 0], points[..., 1], points[..., 2] > _NEAREST)


def _rays_orthographic(lens: Lens, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    nothing = 0 * (x + y)  # NaN where the pixel is
    return np.stack([nothing, nothing, nothing + 1], axis=-1)


_PROJECT = {
    "pinhole": _project_pinhole,
    "brown_conrady": _project_brown_conrady,
    "kannala_brandt": _project_kannala_brandt,
    "equirectangular": _project_equirectangular,
    "orthographic": _project_orthographic,
}
_UNPROJECT = {
    "pinhole": _rays_pinhole,
    "brown_conrady": _rays_brown_conrady,
    "kannala_brandt": _rays_kannala_brandt,
    "equirectangular": _rays_equirectangular,
    "orthographic": _rays_orthographic,
}
