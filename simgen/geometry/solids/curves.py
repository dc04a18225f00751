"""Profiles, outlines and paths, as point arrays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors (`... x d`) to length 1."""
    # As `np.linalg.norm` computes it, which takes three times as long for a few vectors.
    return vectors / np.sqrt(np.add.reduce(vectors * vectors, axis=-1, keepdims=True))


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return cross products of `... x 3`: the same numbers as `np.cross`, but several times faster
    for few rows."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    first = ay * bz - az * by
    product = np.empty((*first.shape, 3), first.dtype)
    product[..., 0], product[..., 1] = first, az * bx - ax * bz
    product[..., 2] = ax * by - ay * bx
    return product


def arclength(points: np.ndarray) -> np.ndarray:
    """Return the distance along a polyline (`n x d`) at its points, `n`, starting at 0."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def resample(points: np.ndarray, count: int) -> np.ndarray:
    """Return `count x d` points at equal distances along a polyline (`n x d`)."""
    along = arclength(points)
    wanted = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(wanted, along, axis) for axis in points.T], axis=1)


def chain(*runs: np.ndarray) -> np.ndarray:
    """Concatenate polylines (`n_i x d`), without duplicate points at the joints."""
    points = np.concatenate([np.asarray(run, dtype=float) for run in runs])
    moved = np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-6
    return points[np.concatenate([[True], moved])]


def tangents(points: np.ndarray) -> np.ndarray:
    """Return the unit tangents of a polyline (`n x d`); means of both edges at inner points."""
    steps = unit(np.diff(points, axis=0))
    return unit(np.concatenate([steps[:1], steps[:-1] + steps[1:], steps[-1:]]))


def in_xz(line: ArrayLike, y: float = 0.0) -> np.ndarray:
    """Embed a planar polyline (`n x 2`) as (x, z) at a constant y: `n x 3`."""
    flat = np.asarray(line, dtype=float)
    return np.column_stack([flat[:, 0], np.full(len(flat), y), flat[:, 1]])


def offset(points: np.ndarray, distance: float) -> np.ndarray:
    """Offset a planar polyline (`n x 2`) by `distance` to the right of its direction."""
    direction = tangents(points)
    return points + distance * np.stack([direction[:, 1], -direction[:, 0]], axis=1)


def bezier(control: ArrayLike, samples: int) -> np.ndarray:
    """Return `samples x d` points of a Bezier curve, by de Casteljau's algorithm."""
    at = np.linspace(0.0, 1.0, samples)[:, None]
    level = [np.broadcast_to(point, (samples, len(point))) for point in np.asarray(control, float)]
    while len(level) > 1:
        level = [(1 - at) * a + at * b for a, b in pairwise(level)]
    return level[0]


def catmull_rom(points: ArrayLike, samples: int) -> np.ndarray:
    """Return `samples x d` evenly spaced points of the smooth curve through `points` (`n x d`)."""
    knots = np.asarray(points, dtype=float)
    at = arclength(knots)
    slopes = np.gradient(knots, at, axis=0)
    fine = np.linspace(0.0, at[-1], 16 * len(knots))
    left = np.clip(np.searchsorted(at, fine, side="right") - 1, 0, len(knots) - 2)
    width = (at[left + 1] - at[left])[:, None]
    s = (fine - at[left])[:, None] / width
    curve = (
        (1 + 2 * s) * (1 - s) ** 2 * knots[left]
        + s * (1 - s) ** 2 * width * slopes[left]
        + s**2 * (3 - 2 * s) * knots[left + 1]
        + s**2 * (s - 1) * width * slopes[left + 1]
    )
    return resample(curve, samples)


def monotone(at: ArrayLike, knots: ArrayLike, values: ArrayLike) -> np.ndarray:
    """Interpolate `(knots, values)` at `at` by a smooth curve without overshoots."""
    from scipy.interpolate import PchipInterpolator  # takes 0.25 s to import and is rarely needed

    place, knot = np.asarray(at, dtype=float), np.asarray(knots, dtype=float)
    return np.asarray(PchipInterpolator(knot, values)(np.clip(place, knot[0], knot[-1])))


def dense_ends(length: float, count: int) -> np.ndarray:
    """Return `count` positions from 0 to `length`, denser towards both ends."""
    return length * (1 - np.cos(np.pi * np.arange(count) / (count - 1))) / 2


def rounding(distance: np.ndarray, length: float) -> np.ndarray:
    """Return a quarter of an ellipse: 0 at distance 0 from an end, 1 from `length` on."""
    return np.sqrt(1 - (1 - (distance / length).clip(0, 1)) ** 2)


def fibonacci_sphere(count: int) -> np.ndarray:
    """Return `count x 3` unit vectors spread evenly over the sphere."""
    step = np.arange(count) + 0.5
    z = 1 - 2 * step / count
    angle = np.pi * (1 + 5**0.5) * step
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)


def superellipse(half: tuple[float, float], exponent: float, count: int) -> np.ndarray:
    """Return a closed superelliptic outline, `count x 2`. half: half axes.

    exponent: 2 is an ellipse, larger values are boxier. The points are spread by angle, so they are
    dense in the corners.
    """
    angle = 2 * np.pi * np.arange(count) / count
    cos, sin = np.cos(angle), np.sin(angle)
    x = half[0] * np.sign(cos) * np.abs(cos) ** (2 / exponent)
    y = half[1] * np.sign(sin) * np.abs(sin) ** (2 / exponent)
    return np.stack([x, y], axis=1)


def rounded_rectangle(half: tuple[float, float], radius: float, steps: int = 3) -> np.ndarray:
    """Return a closed, counter-clockwise outline, `n x 2`, with corners of `radius`, metres."""
    radius = min(radius, 0.9 * min(half))
    arc = np.linspace(0.0, np.pi / 2, steps + 1)
    corner = radius * np.stack([np.cos(arc), np.sin(arc)], axis=1)
    signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    runs = []
    for turn, sign in enumerate(signs):
        centre = np.array(sign) * (np.array(half) - radius)
        cos, sin = (1, 0, -1, 0)[turn], (0, 1, 0, -1)[turn]
        runs.append(_supported(corner @ np.array([[cos, sin], [-sin, cos]]) + centre, radius / 4))
    return np.concatenate(runs)


def _supported(arc: np.ndarray, distance: float) -> np.ndarray:
    """Return an arc extended by a point on the tangent at each end.

    Without these, the shading normals of the arc would bleed into the adjacent flat faces.
    """
    before = arc[0] + distance * unit(arc[0] - arc[1])
    after = arc[-1] + distance * unit(arc[-1] - arc[-2])
    return np.concatenate([[before], arc, [after]])


def fillet(points: ArrayLike, radii: ArrayLike, steps: int = 5) -> np.ndarray:
    """Round the corners of an open planar polyline (`n x 2`).

    radii: `n`, metres; 0 keeps the point. A radius that does not fit is reduced.
    steps: number of edges of a right-angled corner.
    """
    corners, radius = np.asarray(points, dtype=float), np.asarray(radii, dtype=float)
    runs = [corners[:1]]
    for i in range(1, len(corners) - 1):
        runs.append(_corner(corners[i - 1], corners[i], corners[i + 1], radius[i], steps))
    return chain(*runs, corners[-1:])


def _corner(a: np.ndarray, b: np.ndarray, c: np.ndarray, radius: float, steps: int) -> np.ndarray:
    """Return the points that replace corner `b` between `a` and `c`."""
    into, out = unit(b - a), unit(c - b)
    turn = np.arccos(np.clip(into @ out, -1.0, 1.0))
    if radius <= 0 or turn < 1e-3:
        return b[None]
    before, after = float(np.linalg.norm(b - a)), float(np.linalg.norm(c - b))
    reach = min(radius * np.tan(turn / 2), 0.46 * min(before, after))
    radius = reach / np.tan(turn / 2)
    centre = b + unit(out - into) * radius / np.cos(turn / 2)
    count = max(2, int(np.ceil(steps * turn / (np.pi / 2))))
    angle = np.linspace(0.0, turn, count + 1)[:, None]
    start = unit(b - into * reach - centre)
    arc = centre + radius * (np.cos(angle) * start + np.sin(angle) * into)
    # A point on each long adjacent edge keeps the arc's shading normals from bleeding into it.
    first = [arc[0] - 0.3 * reach * into] if before > 4 * reach else []
    last = [arc[-1] + 0.3 * reach * out] if after > 4 * reach else []
    return np.array([*first, *arc, *last])


def cylinder(radius: float, low: float, high: float) -> np.ndarray:
    """Return the profile of a cylinder, `4 x 2` (radius, height), from axis to axis."""
    return np.array([(0.0, low), (radius, low), (radius, high), (0.0, high)])


def tyre(flank: float, radius: float, tread: float, half: float) -> np.ndarray:
    """Return the profile of a wheel, `6 x 2` (radius, axial position).

    flank: radius of its flat sides. tread: half the width of its tread. half: half its width.
    """
    points = [(0.0, -half), (flank, -half), (radius, -tread), (radius, tread), (flank, half)]
    return np.array([*points, (0.0, half)])


def rim(start: np.ndarray, end: np.ndarray, toward: ArrayLike, steps: int = 7) -> np.ndarray:
    """Return `steps - 1` points of the half circle from `start` to `end` that bulges `toward`."""
    centre, arm = (start + end) / 2, (start - end) / 2
    bulge = unit(np.asarray(toward, dtype=float)) * np.linalg.norm(arm)
    angle = np.linspace(0.0, np.pi, steps + 1)[1:-1, None]
    return centre + np.cos(angle) * arm + np.sin(angle) * bulge


def standing(line: np.ndarray) -> np.ndarray:
    """Return an outer profile (`n x 2`) from its last point on the ground upwards."""
    return line[int(np.max(np.nonzero(line[:, 1] < 1e-6))) :]


def radius_at(wall: np.ndarray, z: np.ndarray | float) -> np.ndarray:
    """Return the radius of a wall (`n x 2`, rising) at height `z`."""
    return np.interp(z, wall[:, 1], wall[:, 0])


def vessel(foot: np.ndarray, outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Return the profile of an open vessel: foot, outer wall, round rim, inner wall.

    foot, outer and inner: `n x 2` (radius, height); `outer` ends and `inner` starts at the rim.
    """
    up = unit(outer[-1] - outer[-2]) - unit(inner[1] - inner[0])
    near = 0.4 * np.linalg.norm(outer[-1] - inner[0])
    before = outer[-1] - near * unit(outer[-1] - outer[-2])
    after = inner[0] + near * unit(inner[1] - inner[0])
    lip = rim(outer[-1], inner[0], up)
    return chain(foot, outer[:-1], before[None], outer[-1:], lip, inner[:1], after[None], inner[1:])
