"""Simulates rigid bodies with MuJoCo: they fall onto a support until they rest, or frame by frame.

Why MuJoCo rather than Blender's Bullet: bodies of many convex pieces (a bowl that holds an apple)
are cheap, contacts have no invisible margin, it does not need bpy, and its results are
reproducible. Everything is simulated with the median object scaled to 10 cm, so that the tuned
constants below suit thimbles and wardrobes. Gravity in that small world is the earth's, so its
clock differs: with lengths `unit` times the real ones, times are sqrt(unit) times the real ones
(Froude's law of similarity).
"""

from __future__ import annotations

import logging
from dataclasses import replace

import mujoco
import numpy as np

from simgen.geometry.transforms import continuous
from simgen.sampling.placement.bodies import Body, Obstacles, Pose, radius
from simgen.sampling.placement.crowds import CrowdedWorld
from simgen.sampling.placement.initial_poses import Arrangement, put
from simgen.sampling.placement.rigid_bodies import RigidWorld
from simgen.sampling.placement.stability import push_unsteady
from simgen.spec.rng import Stream, uniform
from simgen.stages.stage import Support

log = logging.getLogger(__name__)

_ROUNDS = 4
_TERMINAL_SPEED = 1.0
"""m/s that a falling object approaches: faster ones would only bounce off the pile."""
_HEAPS = ("drop", "stack")
"""Methods that make heaps: objects that are put down apart from each other settle quickly in any
number."""
_FALL = (0.05, 0.25)
"""Height by which bodies are lifted before a rendered fall, metres at the 10 cm scale."""


def settle(
    bodies: list[Body],
    support: Support,
    arrangement: Arrangement,
    rng: Stream,
    obstacles: Obstacles = (),
) -> list[Pose | None]:
    """Let bodies fall onto a support and return where they come to rest.

    obstacles: convex point sets in the world, `n x 3` each, metres. Bodies that fall off, overlap
    another or keep moving are dropped again; those that still do after four rounds are None. Every
    returned body is at rest, on the support, and overlaps nothing by more than a hundredth of the
    median object's size. Unstable bodies are pushed over first
    (`simgen.sampling.placement.stability`).
    """
    if not bodies:
        return []
    try:
        return _settled(_world(bodies, support, arrangement, obstacles), arrangement, rng)
    except mujoco.FatalError as error:
        # Contacts between batches are computed without all that MuJoCo does in a step.
        if not arrangement.batch:
            raise
        log.warning("MuJoCo failed on a heap in batches (%s); dropped all at once", error)
        whole = replace(arrangement, batch=0)
        return _settled(_world(bodies, support, whole, obstacles), whole, rng)


def _settled(world: RigidWorld, arrangement: Arrangement, rng: Stream) -> list[Pose | None]:
    """Let the bodies of a world come to rest, and remove those that do not."""
    waiting = list(range(len(world.bodies)))
    for _ in range(_ROUNDS):
        put(world, waiting, arrangement, rng)
        world.run(arrangement.max_seconds)
        push_unsteady(world, arrangement.max_seconds)
        waiting = world.offenders()
        if not waiting:
            break
    while waiting:
        # Bodies that leaned on a removed one have to settle again.
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
    """Let bodies fall onto the support and return their poses in every frame.

    They hang in the air in frame 0 and fall as in a vacuum. A body that has left the support by the
    last frame is removed (None) and the others fall again without it. In the last frame the
    remaining ones are above the support, at rest or not.
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


def _world(
    bodies: list[Body], support: Support, arrangement: Arrangement, obstacles: Obstacles
) -> RigidWorld:
    unit, count = _unit(bodies), len(bodies)
    if arrangement.method == "drop" and 0 < arrangement.batch < count:
        return CrowdedWorld(bodies, support, unit, _TERMINAL_SPEED, obstacles)
    crowd = arrangement.method in _HEAPS and count >= arrangement.crowd
    return RigidWorld(bodies, support, unit, _TERMINAL_SPEED, obstacles, crowd)


def _unit(bodies: list[Body]) -> float:
    """Return the factor that makes the median body 10 cm across."""
    return 0.1 / (2 * float(np.median([radius(body) for body in bodies])))


def _continuous(poses: list[Pose]) -> tuple[Pose, ...]:
    """Return the same poses with quaternions that do not change sign between frames."""
    turns = continuous([pose.rotation for pose in poses]).tolist()
    pairs = zip(poses, turns, strict=True)
    return tuple(Pose(pose.position, (w, x, y, z)) for pose, (w, x, y, z) in pairs)
