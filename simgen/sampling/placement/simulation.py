"""Simulation with MuJoCo: rigid bodies fall onto a table until they lie still, or frame by frame.

MuJoCo and not Blender's own Bullet: bodies made of many convex pieces (a bowl that holds an apple)
cost little, contacts have no invisible margin, it needs no bpy, and its result is the same on
every run. Everything is simulated with the median object scaled to 10 cm, so that the tuned
constants below suit thimbles and wardrobes. Gravity is the earth's in that small world
too, so its clock runs differently: with lengths `unit` times as long as in the real one, times are
sqrt(unit) times as long (Froude's law of similarity).
"""

from __future__ import annotations

import numpy as np

from simgen.geometry.transforms import continuous
from simgen.sampling.placement.initial_poses import Arrangement, put
from simgen.sampling.placement.rigid_bodies import Body, Obstacles, Pose, RigidWorld, radius
from simgen.sampling.placement.stability import push_unsteady
from simgen.spec.rng import Stream, uniform
from simgen.stages.stage import Support

_ROUNDS = 4
_TERMINAL_SPEED = 1.0
"""m/s that a falling object approaches: faster ones would only bounce off the pile."""
_HEAPS = ("drop", "stack")
"""What is put down apart from each other takes little time, however much it is."""
_FALL = (0.05, 0.25)
"""Metres, at the 10 cm scale, by which bodies are lifted before a fall that is rendered."""


def settle(
    bodies: list[Body],
    support: Support,
    arrangement: Arrangement,
    rng: Stream,
    obstacles: Obstacles = (),
) -> list[Pose | None]:
    """Let bodies fall onto a support and return where they lie still.

    obstacles: what else they bump into, convex point sets in the world, `n x 3` each, metres.
    Bodies that fall off, overlap another or keep moving are dropped again; those that still do
    after four rounds are None. What is returned lies still, on the table, and overlaps nothing by
    more than a hundredth of the median object's size. Unstable bodies are pushed over first
    (`simgen.sampling.placement.stability`).
    """
    if not bodies:
        return []
    crowd = arrangement.method in _HEAPS and len(bodies) >= arrangement.crowd
    world = RigidWorld(bodies, support, _unit(bodies), _TERMINAL_SPEED, obstacles, crowd)
    waiting = list(range(len(bodies)))
    for _ in range(_ROUNDS):
        put(world, waiting, arrangement, rng)
        world.run(arrangement.max_seconds)
        push_unsteady(world, arrangement.max_seconds)
        waiting = world.offenders()
        if not waiting:
            break
    while waiting:
        # What leant on a body that is removed has to come to rest again.
        world.remove(waiting)
        world.run(arrangement.max_seconds)
        push_unsteady(world, arrangement.max_seconds)
        waiting = world.offenders()
    return world.rests()


def simulate_fall(
    bodies: list[Body],
    support: Support,
    arrangement: Arrangement,
    frames: int,
    frame_rate: float,
    rng: Stream,
    obstacles: Obstacles = (),
) -> list[tuple[Pose, ...] | None]:
    """Let bodies fall onto the table and return where each of them is in every frame.

    They hang in the air in frame 0 and fall as in a vacuum. A body that has left the table by the
    last frame is removed (None) and the others fall again without it. In the last frame those
    that are left are over the table, at rest or not.
    """
    if not bodies:
        return []
    unit = _unit(bodies)
    world = RigidWorld(bodies, support, unit, np.inf, obstacles)
    put(world, list(range(len(bodies))), arrangement, rng)
    world.lift(uniform(rng, _FALL))
    start = world.data.qpos.copy()
    while True:
        shots = world.shoot(start, frames, np.sqrt(unit) / frame_rate)
        lost = world.lost()
        if not lost:
            break
        world.removed.update(lost)
    return [
        None if i in world.removed else _continuous([shot[i] for shot in shots])
        for i in range(len(bodies))
    ]


def _unit(bodies: list[Body]) -> float:
    """The factor that makes the median body 10 cm across."""
    return 0.1 / (2 * float(np.median([radius(body) for body in bodies])))


def _continuous(poses: list[Pose]) -> tuple[Pose, ...]:
    """The same poses, with quaternions that do not change sign from one to the next."""
    turns = continuous([pose.rotation for pose in poses]).tolist()
    pairs = zip(poses, turns, strict=True)
    return tuple(Pose(pose.position, (w, x, y, z)) for pose, (w, x, y, z) in pairs)
