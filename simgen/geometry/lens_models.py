"""The equations of the camera models: projection of points in camera axes to the image plane at
focal length 1, and back to rays.

Formulas: OpenCV's `calib3d` documentation for the pinhole with Brown-Conrady distortion (rational,
without thin prism) and for the fisheye model, which is Kannala and Brandt's (PAMI 2006) with four
coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

Coefficients = tuple[float, ...]
"""All coefficients of a model, in OpenCV's order."""
OnPlane = tuple[np.ndarray, np.ndarray, np.ndarray]
"""x and y in the image plane at focal length 1, and whether a point has an image."""
_Distortion = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Maps radii or angles to distorted ones and their derivatives."""

_STEPS = 40
"""Maximum iterations of Newton's method; four to six are usual."""
_CLOSE = 1e-12
_STEEPEST = 12.0
"""Tangent of the largest angle to the axis at which Brown-Conrady is evaluated."""
_NEAREST = 1e-9
"""Minimum depth of a point with an image, metres."""


def _unit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the unit directions of points (x, y) on the plane z = 1."""
    length = np.sqrt(x * x + y * y + 1)
    directions = np.empty((*length.shape, 3))
    directions[..., 0], directions[..., 1], directions[..., 2] = x / length, y / length, 1 / length
    return directions


def _on_plane(points: np.ndarray) -> OnPlane:
    """Return x and y on the plane z = 1, and whether the point lies in front of the camera."""
    valid = points[..., 2] > _NEAREST
    depth = np.where(valid, points[..., 2], 1.0)
    return points[..., 0] / depth, points[..., 1] / depth, valid


def _inverse(distort: _Distortion, distorted: np.ndarray, limit: float) -> np.ndarray:
    """Invert a monotonic distortion: return the radii or angles that it maps to `distorted`, or
    `limit` if there are none up to it.

    Newton's method within brackets, with bisection wherever its steps do not halve (`rtsafe` of
    Numerical Recipes): plain Newton steps may oscillate for a distortion that is steep at first and
    flat near the limit.
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


def _project_pinhole(k: Coefficients, points: np.ndarray) -> OnPlane:
    return _on_plane(points)


def _rays_pinhole(k: Coefficients, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _unit(x, y)


def _radial(k: Coefficients, r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Brown-Conrady's radial factor and its derivative with respect to r squared."""
    k1, k2, _, _, k3, k4, k5, k6 = k
    above = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    below = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    d_above = k1 + r2 * (2 * k2 + 3 * r2 * k3)
    d_below = k4 + r2 * (2 * k5 + 3 * r2 * k6)
    return above / below, (d_above * below - above * d_below) / below**2


def _distort(k: Coefficients, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, _, p1, p2, *_ = k
    r2 = x * x + y * y
    radial, _ = _radial(k, r2)
    return (
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    )


def _radially(k: Coefficients, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distorted radius on z = 1, without the tangential part, and its derivative."""
    r2 = radius * radius
    radial, slope = _radial(k, r2)
    return radius * radial, radial + 2 * r2 * slope


@lru_cache(maxsize=64)
def brown_conrady_limit(k: Coefficients) -> float:
    """Return the square of the radius on z = 1 up to which the radial distortion is monotonic.

    Beyond it, or beyond a pole, two directions would share a pixel.
    """
    r2 = np.linspace(0, _STEEPEST, 20_000) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        radial, slope = _radial(k, r2)
        # Beyond a pole it also grows, from minus infinity, hence the test of the sign.
        growing = (radial + 2 * r2 * slope > 0) & (radial > 0)
    return float(r2[-1]) if growing.all() else float(r2[max(0, int(np.argmin(growing)) - 1)])


def _project_brown_conrady(k: Coefficients, points: np.ndarray) -> OnPlane:
    x, y, valid = _on_plane(points)
    valid &= x * x + y * y <= brown_conrady_limit(k)
    x, y = np.where(valid, x, 0.0), np.where(valid, y, 0.0)
    return *_distort(k, x, y), valid


def _rays_brown_conrady(k: Coefficients, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Solve the two distortion equations by Newton's method, starting from the inverse of the
    radial part."""
    _, _, p1, p2, *_ = k
    limit = brown_conrady_limit(k)
    distorted = np.hypot(u, v)
    radius = _inverse(partial(_radially, k), distorted, np.sqrt(limit))
    # At the limit itself, the slope is zero.
    radius = np.minimum(radius, (1 - 1e-6) * np.sqrt(limit))
    shrink = np.where(distorted > 1e-12, radius / np.maximum(distorted, 1e-12), 1.0)
    x, y = u * shrink, v * shrink
    error = np.full(x.shape, np.inf)
    for _ in range(_STEPS):
        r2 = x * x + y * y
        radial, slope = _radial(k, r2)
        ex, ey = _distort(k, x, y)
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
        # Beyond the limit, the solution is not unique.
        r2 = x * x + y * y
        shrink = np.where(r2 > limit, np.sqrt(limit / np.maximum(r2, 1e-30)), 1.0)
        x, y = x * shrink, y * shrink
    rays = _unit(x, y)
    rays[error > 1e-9] = np.nan
    return rays


def _fisheye(k: Coefficients, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distorted angle and its derivative."""
    k1, k2, k3, k4 = k
    t2 = theta * theta
    value = theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4))))
    slope = 1 + t2 * (3 * k1 + t2 * (5 * k2 + t2 * (7 * k3 + t2 * 9 * k4)))
    return value, slope


@lru_cache(maxsize=64)
def fisheye_limit(k: Coefficients) -> float:
    """Return the angle to the axis, radians, up to which the distorted angle is monotonic."""
    theta = np.linspace(0, np.pi, 20_000)
    growing = _fisheye(k, theta)[1] > 0
    return float(np.pi) if growing.all() else float(theta[max(0, int(np.argmin(growing)) - 1)])


def _project_kannala_brandt(k: Coefficients, points: np.ndarray) -> OnPlane:
    radius = np.hypot(points[..., 0], points[..., 1])
    theta = np.arctan2(radius, points[..., 2])
    valid = theta <= fisheye_limit(k)
    distorted, _ = _fisheye(k, theta)
    # On the axis x and y are 0, and so is the product with any factor.
    factor = np.where(radius > 1e-12, distorted / np.maximum(radius, 1e-12), 0.0)
    return points[..., 0] * factor, points[..., 1] * factor, valid


def _rays_kannala_brandt(k: Coefficients, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    distorted = np.hypot(u, v)
    theta = _inverse(partial(_fisheye, k), distorted, fisheye_limit(k))
    error = np.abs(_fisheye(k, theta)[0] - distorted)
    sine = np.where(distorted > 1e-12, np.sin(theta) / np.maximum(distorted, 1e-12), 1.0)
    rays = np.stack([u * sine, v * sine, np.cos(theta)], axis=-1)
    rays[error > 1e-9] = np.nan
    return rays


def _project_equirectangular(k: Coefficients, points: np.ndarray) -> OnPlane:
    length = np.linalg.norm(points, axis=-1)
    longitude = np.arctan2(points[..., 0], points[..., 2])
    latitude = np.arcsin(np.clip(points[..., 1] / np.maximum(length, 1e-30), -1, 1))
    return longitude, latitude, length > 0


def _rays_equirectangular(k: Coefficients, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the rays of longitudes x and latitudes y (downwards), radians."""
    across = np.cos(y)
    return np.stack([np.sin(x) * across, np.sin(y), np.cos(x) * across], axis=-1)


def _project_orthographic(k: Coefficients, points: np.ndarray) -> OnPlane:
    return points[..., 0], points[..., 1], points[..., 2] > _NEAREST


def _rays_orthographic(k: Coefficients, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    nothing = 0 * (x + y)  # NaN for NaN pixels
    return np.stack([nothing, nothing, nothing + 1], axis=-1)


PROJECT: dict[str, Callable[[Coefficients, np.ndarray], OnPlane]] = {
    "pinhole": _project_pinhole,
    "brown_conrady": _project_brown_conrady,
    "kannala_brandt": _project_kannala_brandt,
    "equirectangular": _project_equirectangular,
    "orthographic": _project_orthographic,
}
UNPROJECT: dict[str, Callable[[Coefficients, np.ndarray, np.ndarray], np.ndarray]] = {
    "pinhole": _rays_pinhole,
    "brown_conrady": _rays_brown_conrady,
    "kannala_brandt": _rays_kannala_brandt,
    "equirectangular": _rays_equirectangular,
    "orthographic": _rays_orthographic,
}
