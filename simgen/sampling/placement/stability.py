"""Stability: finds bodies at rest that a slight push would topple, and pushes them.

A knife that stands on its butt, or leans upright against the rim of a plate, is at rest but
implausible. Candidates satisfy two conditions: the contacts are close to below the centre of mass,
and a body of that shape would come to lie much lower after a small tilt. Whether other bodies
support it is then tested by pulling it to all sides, as hard as on a table tilted by some degrees.
"""

from __future__ import annotations

import numpy as np

from simgen.geometry.transforms import rotation_from_quaternion
from simgen.sampling.placement.initial_poses import INITIAL_POSES
from simgen.sampling.placement.rigid_bodies import RigidWorld

TILT = np.radians(6.0)
"""A body that would fall on a table tilted by less than this is pushed ..."""
_PULL = float(np.tan(np.radians(8.0)))
"""... with this share of its weight, so that a fall starts at once."""
_FALL = 0.65
"""Share of its height to which the centre of mass of an unstable body would sink."""
_LYING = 0.25
"""A body whose centre of mass is lower than this share of its radius is lying, and is not tested.
"""
_STEEPEST = np.radians(60.0)
_STEPS = 31
_SIDES = 24
"""Number of tilt directions to test."""
_PUSHES = 6
_PUSH_SECONDS = 0.08
_FALLEN = np.radians(15.0)
"""A body that has turned by more is already falling."""
_TRIES = 3


def push_unsteady(world: RigidWorld, max_seconds: float) -> None:
    """Push unstable bodies until they lie, or prove to be supported.

    Bodies in their initial pose are not pushed, since the config requested it. The others move only
    if they are hit. Three rounds at most.
    """
    firm: dict[int, np.ndarray] = {}
    for _ in range(_TRIES):
        shaky = [i for i in range(len(world.bodies)) if _may_fall(world, i, firm)]
        if not shaky:
            return
        for group in world.groups(shaky):
            before = {i: _rotation(world, i) for i in group}
            with world.only(group):
                _push(world, before)
                world.run(max_seconds)
            firm |= before


def narrow(contacts: np.ndarray) -> bool:
    """Return whether tilting a body by less than `TILT` would bring its centre of mass above the
    edge of its base.

    contacts: `n x 3`, about its centre of mass, z up; n may be 0. Its base is the convex hull of
    the contacts, seen from above.
    """
    if not len(contacts):
        return False
    way = np.linspace(0.0, 2 * np.pi, _SIDES, endpoint=False)
    reach = contacts[:, :2] @ np.stack([np.cos(way), np.sin(way)])
    return bool(reach.max(axis=0).min() < -np.tan(TILT) * contacts[:, 2].min())


def topples(points: np.ndarray) -> bool:
    """Return whether a body of this shape falls when tilted by less than `TILT`.

    points: `n x 3`, about its centre of mass, z up; the body is their convex hull, on a plane below
    it. It falls if its centre of mass, at the height that the hull reaches down, rises over no more
    than that tilt and then sinks to less than two thirds of its height. Rolling shapes (a ball, a
    bottle on its side) do not.
    """
    if -points[:, 2].min() < _LYING * np.linalg.norm(points, axis=1).max():
        return False
    way = np.linspace(0.0, 2 * np.pi, _SIDES, endpoint=False)
    tilt = np.linspace(0.0, _STEEPEST, _STEPS)
    level = np.stack([np.cos(way), np.sin(way), np.zeros(_SIDES)], axis=1)
    down = np.sin(tilt)[:, None] * level[:, None] - np.cos(tilt)[:, None] * np.array([0, 0, 1.0])
    height = (down @ points.T).max(axis=2)
    low = height <= _FALL * height[:, :1]
    before_fall = np.cumsum(low, axis=1) == 0
    crest = tilt[np.where(before_fall, height, -np.inf).argmax(axis=1)]
    return bool((low.any(axis=1) & (crest < TILT)).any())


def _may_fall(world: RigidWorld, i: int, firm: dict[int, np.ndarray]) -> bool:
    if world.away(i) or _as_put_down(world, i):
        return False
    rotation = _rotation(world, i)
    if i in firm and _angle(rotation, firm[i]) < _FALLEN:
        return False
    if not narrow(world.about_mass(i, world.contacts(i))):
        return False
    return topples(world.about_mass(i, world.corners(i)))


def _as_put_down(world: RigidWorld, i: int) -> bool:
    """Return whether a body's up axis still points where it did in its initial pose."""
    held = INITIAL_POSES.get(world.bodies[i].initial_pose)
    if held is None:
        return False
    up = _rotation(world, i)[2] @ rotation_from_quaternion(held)[2]
    return bool(up > np.cos(_FALLEN))


def _push(world: RigidWorld, before: dict[int, np.ndarray]) -> None:
    """Push bodies to all sides in turn, each until it falls. before: their rotations."""
    for way in np.linspace(0.0, 2 * np.pi, _PUSHES, endpoint=False):
        for i, rotation in before.items():
            strength = _PULL if _angle(_rotation(world, i), rotation) < _FALLEN else 0.0
            world.push(i, strength * np.array([np.cos(way), np.sin(way)]))
        world.step(_PUSH_SECONDS)
    for i in before:
        world.push(i, np.zeros(2))


def _rotation(world: RigidWorld, i: int) -> np.ndarray:
    return rotation_from_quaternion(world.turn(i))


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    """Return the angle between two rotations, `3 x 3` each, radians."""
    return float(np.arccos(np.clip((np.sum(one * other) - 1) / 2, -1.0, 1.0)))
