"""Motion and deformation of objects in a sequence, other than falling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simgen.config.draws import Draws
from simgen.geometry.transforms import (
    as_vector,
    quaternion_product,
    random_direction,
    rotation_from_quaternion,
)
from simgen.spec.rng import Stream, uniform
from simgen.spec.scene import DeformationSpec, PoseSpec, Quaternion

Range = tuple[float, float]

AMPLITUDES: dict[str, Range] = {"twist": (0.2, 0.8), "bend": (0.1, 0.4), "squash": (0.1, 0.3)}
"""Radians for twist and bend, relative for squash."""
HERTZ: Range = (0.3, 1.5)
CLIMB: Range = (0.2, 1.0)
"""Initial climb of a keyframed path, radians above the horizon."""
VEER: Range = (-1.2, 1.2)
"""Change of its heading until the end, radians to either side."""
_STEPS = 256
"""Number of segments for measuring the length of a path."""

Shape = Callable[[int], np.ndarray]
"""Takes a frame; returns an object's vertices, `V x 3`, metres, in its own axes."""


def draw_deformation(draws: Draws, number: int) -> DeformationSpec | None:
    """Sample how object `number` deforms; None if it does not."""
    if not draws.flag("motion.deform_probability", number):
        return None
    kind = draws.pick("motion.deform_kinds", number)
    rng = draws.stream("deformation", number)
    return DeformationSpec(
        kind=kind,
        amplitude=uniform(rng, AMPLITUDES[kind]),
        frequency=uniform(rng, HERTZ),
        phase=uniform(rng, (0.0, 2 * np.pi)),
    )


def draw_path(draws: Draws, start: PoseSpec, box: np.ndarray, number: int) -> tuple[PoseSpec, ...]:
    """Sample object `number`'s pose in every frame; empty if it does not move.

    From its pose in the first frame it lifts off, rotates about an axis through its centre and
    comes to a halt in the last, along a curve whose length is given in sizes of the object. It
    passes through other objects.

    box: `2 x 3`, lowest and highest corner of the object in its own axes, scaled, metres. Its size
    is the box's diagonal.
    """
    if not draws.flag("motion.probability", number):
        return ()
    rng = draws.stream("motion", number)
    frames = draws.moments
    size = float(np.linalg.norm(box[1] - box[0]))
    length = draws.number("motion.travel_range", number) * size
    curve = _draw_curve(rng)
    turn = np.radians(draws.number("motion.turn_deg_range", number))
    axis = random_direction(rng)
    middle = box.mean(axis=0)
    centre = np.array(start.position) + rotation_from_quaternion(start.rotation) @ middle
    poses = [start]
    for frame in range(1, frames):
        part = _eased(frame / (frames - 1))
        rotation = quaternion_product(_turn(axis, turn * part), start.rotation)
        position = centre + length * curve(part) - rotation_from_quaternion(rotation) @ middle
        poses.append(PoseSpec(as_vector(position), rotation))
    return tuple(poses)


def above_table(poses: Sequence[PoseSpec], shape: Shape, floor: float) -> tuple[PoseSpec, ...]:
    """Raise poses where the object would sink into the table.

    An object on the table is raised by the penetration of its lowest point, so that it rolls over
    its edges. floor: minimum height of the lowest point, metres: 0, or its height at rest if that
    was slightly below.
    """
    return tuple(
        _raised(pose, max(0.0, floor - lowest(pose, shape(frame))))
        for frame, pose in enumerate(poses)
    )


def lowest(pose: PoseSpec, vertices: np.ndarray) -> float:
    """Return the height of the lowest of an object's vertices (`V x 3`, its own axes) in the world,
    metres."""
    up = rotation_from_quaternion(pose.rotation)[2]
    return pose.position[2] + float((vertices @ up).min())


def _raised(pose: PoseSpec, height: float) -> PoseSpec:
    x, y, z = pose.position
    return PoseSpec((x, y, z + height), pose.rotation)


def _draw_curve(rng: Stream) -> Callable[[float], np.ndarray]:
    """Sample a smooth curve of length 1 from the origin: takes a length along it, returns a point,
    `3`.

    It climbs at first and is horizontal at the end, while its heading changes at a constant rate.
    """
    heading = uniform(rng, (0.0, 2 * np.pi))
    climb, veer = uniform(rng, CLIMB), uniform(rng, VEER)
    along = np.linspace(0, 1, _STEPS + 1)
    azimuth, elevation = heading + veer * along, climb * (1 - along)
    flat = np.cos(elevation)
    way = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])
    pieces = (way[:, 1:] + way[:, :-1]) / 2 / _STEPS
    points = np.concatenate([np.zeros((3, 1)), np.cumsum(pieces, axis=1)], axis=1)
    return lambda part: np.array([np.interp(part, along, row) for row in points])


def _eased(part: float) -> float:
    """Ease from 0 to 1, starting and stopping gently: Hermite's 3 t^2 - 2 t^3."""
    return part * part * (3 - 2 * part)


def _turn(axis: np.ndarray, angle: float) -> Quaternion:
    w, (x, y, z) = np.cos(angle / 2), np.sin(angle / 2) * axis
    return (float(w), float(x), float(y), float(z))
