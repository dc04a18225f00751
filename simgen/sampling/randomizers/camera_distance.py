"""The distance at which a camera shows objects at the requested size, and how its image's rays fit
into the scene.

An orthographic camera shows the same from everywhere along its axis. It stands where a pinhole of
its focal length and sensor would, or farther back, and is given the scale that such a pinhole has
where it looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simgen.geometry.lens import lens_of
from simgen.geometry.transforms import as_vector, invert_rigid, rotation_between, transform
from simgen.spec.scene import LensSpec
from simgen.stages.stage import Room

Size = tuple[int, int]
"""Width and height of an image, pixels."""

NEAREST = 1.25
"""Minimum distance from the centre of the pile, in its radii: the camera stays outside."""
_WIDEST = 1.5
"""Radians: maximum angle from a fisheye's axis at which the pile's rim may be seen."""
_STEPS = 8
"""Number of corrections of the distance for an object of a requested size; each removes most of the
error."""
_SLOPE = 0.1
"""Minimum slope of an axis along which a camera moves back to get above the ground."""


def lens_from(lens: LensSpec, distance: float) -> LensSpec:
    """Return the lens with which a camera sees what is `distance` metres away."""
    if lens.model != "orthographic":
        return lens
    return replace(lens, view_width=distance * lens.sensor_width_mm / lens.focal_length_mm)


def fill_distance(lens: LensSpec, fill: float, radius: float, size: Size) -> float:
    """Return the distance at which the pile's diameter fills a share `fill` of the image's smaller
    side, metres.

    Distortion is ignored: it changes the size by a few per cent, or is intended to.
    """
    aspect = size[1] / size[0] / lens.pixel_aspect
    half_side = lens.sensor_width_mm * min(1.0, aspect) / 2
    distance = radius * lens.focal_length_mm / (fill * half_side)
    if lens.model == "orthographic":  # it is outside of the pile, whatever its scale
        return distance
    if lens.model == "kannala_brandt":  # its distance from the image's middle is f times the angle
        distance = radius / np.tan(min(radius / distance, _WIDEST))
    return max(distance, NEAREST * radius)


def sampling_distance(lens: LensSpec, metres: float, above: float, size: Size) -> float:
    """Return the distance at which the central pixel covers `metres` of the ground, which lies
    `above` metres behind the subject. NaN if no ray passes through the centre."""
    if lens.model == "orthographic":  # a pixel covers as much of whatever it shows
        return metres * size[0] * lens.focal_length_mm / lens.sensor_width_mm
    ends = np.array([[-0.5, 0.0], [0.5, 0.0]]) + [size[0] / 2, size[1] / 2]
    left, right = lens_of(lens, *size).rays(ends)
    return metres / float(np.linalg.norm(right - left)) - above


def sized_distance(
    stand: Callable[[float], np.ndarray],
    distance: float,
    corners: np.ndarray,
    lens: LensSpec,
    size: Size,
    wanted: float,
) -> float:
    """Return the distance at which a box, `8 x 3` corners, is `wanted` pixels long in the image,
    metres. stand: the pose at a distance; distance: the first one to try."""
    for _ in range(_STEPS):
        optics = lens_of(lens_from(lens, distance), *size)
        pixels = optics.project(transform(invert_rigid(stand(distance)), corners))
        found = float(np.ptp(pixels, axis=0).max())
        distance *= found / wanted if np.isfinite(found) else 2.0
    return distance


def aimed(pose: np.ndarray, lens: LensSpec, size: Size) -> np.ndarray:
    """Turn or move a camera that points its axis at something, so that the image's centre shows it;
    return its pose, `4 x 4`. Unchanged if the optical axis meets the image in its centre."""
    optics, middle = lens_of(lens, *size), np.array([size[0] / 2, size[1] / 2])
    pose, (ray,) = pose.copy(), optics.rays(middle[None])
    pose[:3, 3] -= pose[:3, :3] @ optics.origins(middle)
    anyhow = lens.model == "equirectangular" or not ray[2] > -0.9  # NaN where no ray passes
    turn = np.eye(3) if anyhow else rotation_between(ray, [0.0, 0.0, 1.0])
    pose[:3, :3] = pose[:3, :3] @ turn
    return pose


def rim(lens: LensSpec, pose: np.ndarray, size: Size) -> np.ndarray:
    """Return the bounding box, `2 x 3`, of the start points of an image's rays, metres from the
    camera's centre along the world's axes."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * size
    origins = np.atleast_2d(lens_of(lens, *size).origins(corners)) @ pose[:3, :3].T
    return np.stack([origins.min(axis=0), origins.max(axis=0)])


def within(room: Room | None, around: np.ndarray) -> Room | None:
    """Return the part of a room in which all rays of a camera start inside the room; unbounded
    along an axis on which the image is longer than the room. around: its `rim`."""
    if room is None:
        return None
    low, high = np.array(room.low) - around[0], np.array(room.high) - around[1]
    fits = low <= high
    return Room(as_vector(np.where(fits, low, -np.inf)), as_vector(np.where(fits, high, np.inf)))


def moved_back(pose: np.ndarray, lowest: float, floor: float) -> np.ndarray:
    """Move a camera that looks down back along its axis until its lowest ray, `lowest` metres above
    its centre, starts above the floor."""
    missing, slope = floor - (pose[2, 3] + lowest), -float(pose[2, 2])
    if lowest >= 0 or missing <= 0 or slope <= 0:
        return pose
    pose = pose.copy()
    pose[:3, 3] -= missing / max(slope, _SLOPE) * pose[:3, 2]
    return pose
