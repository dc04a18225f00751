"""Rigid bodies dropped onto a table until they lie still, or filmed as they fall, with MuJoCo.

MuJoCo and not Blender's own Bullet: bodies made of many convex pieces (a bowl that holds an apple)
cost little, contacts have no invisible margin, it needs no bpy, and its result is the same on
every run. Everything is simulated with the median object scaled to 10 cm, so that the tuned
constants below hold for thimbles and wardrobes alike. Gravity is the earth's in that small world
too, so its clock runs differently: with lengths `unit` times as long as in the real one, times are
sqrt(unit) times as long (Froude's law of similarity).
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from simgen.geometry import continuous, random_rotation
from simgen.rng import Stream, uniform
from simgen.spec import Quaternion
from simgen.stage import Support

_TIMESTEP = 0.002
_FILM_TIMESTEP = 5e-4
"""Contacts are as hard as the time step allows. A body in free fall is fast, and should not be seen
to dive into the table."""
_CHUNK_SECONDS = 0.1
_ROUNDS = 4
_GRAVITY = 9.81
_TERMINAL_SPEED = 1.0
"""m/s that a falling object approaches: faster ones would only bounce off the pile."""
_SPIN_DAMPING = 1.5
"""1/s. Rolling objects come to rest, toppling ones still topple."""
_MAX_DEPTH = 1.0e-3
"""Metres, at the 10 cm scale, by which two bodies at rest may overlap."""
_STILL_SPEED = 4e-3
_STILL_SPIN = 0.08
_FALL = (0.05, 0.25)
"""Metres, at the 10 cm scale, by which filmed bodies are lifted before they are let go."""
_PIT = -3.0
"""Height of the floor that catches what falls off the table."""


@dataclass(frozen=True)
class Body:
    """A rigid body. pieces: convex point sets, each `n x 3`, metres, in the object's frame."""

    pieces: tuple[np.ndarray, ...]
    density: float
    friction: float


@dataclass(frozen=True)
class Drop:
    """How bodies are let fall. upright: probability that a body falls in its natural pose."""

    spread: float
    upright: float
    max_seconds: float


@dataclass(frozen=True)
class Pose:
    """Where a body is: the origin of its frame, `3`, metres, and its frame to the world."""

    position: np.ndarray
    rotation: Quaternion


def radius(body: Body) -> float:
    """Radius of the sphere about the box centre that holds the body, metres."""
    points = np.concatenate(body.pieces)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    return float(np.linalg.norm(points - centre, axis=1).max())


def settle(bodies: list[Body], support: Support, drop: Drop, rng: Stream) -> list[Pose | None]:
    """Let bodies fall onto the table and return where they lie still.

    Bodies that fall off, overlap another or keep moving are dropped again, and given up (None)
    after four rounds. What is returned lies still, on the table, and overlaps nothing by more than
    a hundredth of the median object's size.
    """
    world = _World(bodies, support, _unit(bodies), _TERMINAL_SPEED)
    waiting = list(range(len(bodies)))
    for _ in range(_ROUNDS):
        world.place(waiting, drop, rng)
        world.run(drop.max_seconds)
        waiting = world.offenders()
        if not waiting:
            break
    while waiting:
        # What leant on a body that is taken away has to find a new rest.
        world.remove(waiting)
        world.run(drop.max_seconds)
        waiting = world.offenders()
    return world.rests()


def film(
    bodies: list[Body], support: Support, drop: Drop, frames: int, frame_rate: float, rng: Stream
) -> list[tuple[Pose, ...] | None]:
    """Let bodies fall onto the table and return where each of them is in every frame.

    They hang in the air in frame 0 and fall as in a vacuum. A body that has left the table by the
    last frame is taken out (None) and the others fall again without it. In the last frame those
    that are left are over the table, at rest or not.
    """
    unit = _unit(bodies)
    world = _World(bodies, support, unit, np.inf)
    world.place(list(range(len(bodies))), drop, rng)
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


class _World:
    """A MuJoCo model and its state, in units where the median body is 10 cm across.

    terminal_speed: m/s that a falling body approaches; infinite in a vacuum.
    """

    def __init__(
        self, bodies: list[Body], support: Support, unit: float, terminal_speed: float
    ) -> None:
        self.unit = unit
        self.half_size = np.array(support.half_size) * unit
        self.round = support.round
        self.bounds = [_bounds(body) * unit for body in bodies]
        self.radii = [radius(body) * unit for body in bodies]
        self.removed: set[int] = set()
        self.model = _compile(bodies, support, unit)
        self.data = mujoco.MjData(self.model)
        self._set_damping(terminal_speed)

    def place(self, indices: list[int], drop: Drop, rng: Stream) -> None:
        """Put bodies in the air above the middle, one above the other where they would touch."""
        spread = drop.spread * 0.75 * float(np.sqrt(np.sum(np.square(self.radii))))
        centres = {i: self._centre(i) for i in range(len(self.radii)) if i not in indices}
        centres = {i: centre for i, centre in centres.items() if centre[2] > _PIT / 2}
        for i in indices:
            angle, reach = rng.uniform(0, 2 * np.pi), spread * np.sqrt(rng.uniform())
            upright = rng.uniform() < drop.upright
            yaw = rng.uniform(0, 2 * np.pi)
            tumbled = random_rotation(rng)
            rotation = (np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)) if upright else tumbled
            centre = np.array([reach * np.cos(angle), reach * np.sin(angle), 0.0])
            centre[2] = self._free_height(i, centre, centres)
            centres[i] = centre
            self._set_pose(i, centre, rotation)
        mujoco.mj_forward(self.model, self.data)

    def run(self, max_seconds: float) -> None:
        """Simulate until everything has been still for three chunks in a row."""
        steps = round(_CHUNK_SECONDS / _TIMESTEP)
        still = 0
        for _ in range(max(1, round(max_seconds / _CHUNK_SECONDS))):
            mujoco.mj_step(self.model, self.data, nstep=steps)
            still = still + 1 if not self._moving().any() else 0
            if still == 3:
                return

    def lift(self, height: float) -> None:
        self.data.qpos[2::7] += height

    def shoot(self, start: np.ndarray, frames: int, interval: float) -> list[list[Pose]]:
        """The poses of all bodies in every frame, from a state of rest on. interval: between two
        frames, seconds of this world."""
        steps = int(np.ceil(interval / _FILM_TIMESTEP))
        self.model.opt.timestep = interval / steps
        self.model.geom_solref[:, 0] = 2 * _FILM_TIMESTEP
        # A simulation that fails for one body must not start again for all of them.
        self.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:] = start
        self.remove(sorted(self.removed))
        shots = [self._poses()]
        for _ in range(frames - 1):
            mujoco.mj_step(self.model, self.data, nstep=steps)
            shots.append(self._poses())
        return shots

    def lost(self) -> list[int]:
        """Bodies that are not over the table, or whose simulation failed."""
        broken = ~np.isfinite(self.data.qpos.reshape(-1, 7)).all(axis=1)
        bad = self._off_table() | broken
        return [i for i in np.flatnonzero(bad).tolist() if i not in self.removed]

    def _poses(self) -> list[Pose]:
        return [self.pose(i) for i in range(len(self.radii))]

    def offenders(self) -> list[int]:
        """Bodies that still move, left the table or overlap another one."""
        bad = self._moving() | self._off_table()
        for contact in self.data.contact:
            if contact.dist < -_MAX_DEPTH:
                pair = self.model.geom_bodyid[list(contact.geom)] - 1
                # The later body goes: one of the two is enough.
                bad[pair.max()] = True
        return [i for i in np.flatnonzero(bad).tolist() if i not in self.removed]

    def remove(self, indices: list[int]) -> None:
        """Take bodies out of the world: far away, on the floor of the pit."""
        self.removed.update(indices)
        for i in indices:
            self._set_pose(i, np.array([1e3 + 10 * i, 0, _PIT + self.radii[i]]), (1, 0, 0, 0))

    def rests(self) -> list[Pose | None]:
        return [None if i in self.removed else self.pose(i) for i in range(len(self.radii))]

    def pose(self, i: int) -> Pose:
        w, x, y, z = (float(value) for value in self._qpos(i)[3:])
        return Pose(self._qpos(i)[:3] / self.unit, (w, x, y, z))

    def _qpos(self, i: int) -> np.ndarray:
        return self.data.qpos[7 * i : 7 * i + 7]

    def _set_pose(self, i: int, centre: np.ndarray, rotation: tuple[float, ...]) -> None:
        """Put the middle of a body's box at `centre`."""
        turned = np.zeros(3)
        mujoco.mju_rotVecQuat(turned, self.bounds[i].mean(axis=0), np.array(rotation, float))
        self._qpos(i)[:3] = centre - turned
        self._qpos(i)[3:] = rotation
        self.data.qvel[6 * i : 6 * i + 6] = 0

    def _centre(self, i: int) -> np.ndarray:
        turned = np.zeros(3)
        mujoco.mju_rotVecQuat(turned, self.bounds[i].mean(axis=0), self._qpos(i)[3:])
        return self._qpos(i)[:3] + turned

    def _free_height(self, i: int, centre: np.ndarray, others: dict[int, np.ndarray]) -> float:
        """Lowest height at which the body's sphere clears the table and all other spheres."""
        height = self.radii[i] * 1.05
        for j, other in others.items():
            reach = (self.radii[i] + self.radii[j]) * 1.02
            gap = reach**2 - float(np.sum((centre[:2] - other[:2]) ** 2))
            if gap > 0:
                height = max(height, float(other[2] + np.sqrt(gap)))
        return height

    def _moving(self) -> np.ndarray:
        velocity = self.data.qvel.reshape(-1, 6)
        speed = np.linalg.norm(velocity[:, :3], axis=1)
        spin = np.linalg.norm(velocity[:, 3:], axis=1)
        moving = (speed > _STILL_SPEED) | (spin > _STILL_SPIN) | ~np.isfinite(speed + spin)
        moving[list(self.removed)] = False
        return moving

    def _off_table(self) -> np.ndarray:
        centres = np.array([self._centre(i) for i in range(len(self.radii))])
        inside = np.abs(centres[:, :2]) <= self.half_size
        if self.round:
            inside = np.linalg.norm(centres[:, :2] / self.half_size, axis=1, keepdims=True) <= 1
        return ~inside.all(axis=1) | (centres[:, 2] < 0)

    def _set_damping(self, terminal_speed: float) -> None:
        """Viscous air: a terminal speed for falling, a slow end for rolling."""
        for i in range(len(self.radii)):
            mass, inertia = self.model.body_mass[i + 1], self.model.body_inertia[i + 1].mean()
            self.model.dof_damping[6 * i : 6 * i + 3] = mass * _GRAVITY / terminal_speed
            self.model.dof_damping[6 * i + 3 : 6 * i + 6] = inertia * _SPIN_DAMPING


def _bounds(body: Body) -> np.ndarray:
    points = np.concatenate(body.pieces)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def _compile(bodies: list[Body], support: Support, unit: float) -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    spec.option.timestep = _TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    spec.compiler.boundmass = 1e-4
    spec.compiler.boundinertia = 1e-9
    half_x, half_y = (half * unit for half in support.half_size)
    shape = mujoco.mjtGeom.mjGEOM_CYLINDER if support.round else mujoco.mjtGeom.mjGEOM_BOX
    size = [half_x, 0.1, 0.0] if support.round else [half_x, half_y, 0.1]
    spec.worldbody.add_geom(type=shape, size=size, pos=[0, 0, -0.1])
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], pos=[0, 0, _PIT])
    for i, body in enumerate(bodies):
        _add_body(spec, i, body, unit)
    return spec.compile()


def _add_body(spec: mujoco.MjSpec, index: int, body: Body, unit: float) -> None:
    item = spec.worldbody.add_body()
    item.add_freejoint()
    for number, piece in enumerate(body.pieces):
        name = f"{index}.{number}"
        spec.add_mesh(
            name=name,
            uservert=(piece * unit).ravel(),
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX,
        )
        item.add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=name,
            density=body.density,
            # Sliding, torsional and rolling friction; rolling is what stops apples.
            friction=[body.friction, 0.005, 0.0015],
            condim=6,
            solimp=[0.95, 0.99, 0.001, 0.5, 2],
        )
