"""Rigid bodies in MuJoCo: their poses, whether they move, and which of them are invalid.

Lengths are scaled so that the median body is 10 cm across; `simgen.sampling.placement.simulation`
explains why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import mujoco
import numpy as np

from simgen.geometry.transforms import rotation_from_quaternion
from simgen.sampling.placement.bodies import Body, Obstacles, Pose, bounds, radius
from simgen.sampling.placement.mujoco_model import PIT, compiled, ease
from simgen.spec.scene import Quaternion
from simgen.stages.stage import Support

_FILM_TIMESTEP = 5e-4
"""Contacts are as hard as the time step allows, and a fast body in free fall must not visibly
penetrate the table."""
_CHUNK_SECONDS = 0.1
_GRAVITY = 9.81
_SPIN_DAMPING = 1.5
"""1/s. Rolling objects come to rest, toppling ones still topple."""
_MAX_DEPTH = 1.0e-3
"""Maximum overlap of two bodies at rest, metres at the 10 cm scale."""
_MAX_REAL_DEPTH = 1.0e-3
"""Maximum overlap in the real world, metres, for large bodies."""
_LEAST_MAX_DEPTH = 1.0e-4
"""Lower limit of the maximum overlap, since trees and houses at rest sink in more."""
_ROOTED = 1e6
"""Damping that keeps rooted bodies in place, 1/s."""
STILL_SPEED = 4e-3
STILL_SPIN = 0.08


class RigidWorld:
    """A MuJoCo model and its state, in units where the median body is 10 cm across, with the centre
    of the support at the origin.

    terminal_speed: m/s that a falling body approaches; infinite in a vacuum. crowd: bodies at rest
    sleep until hit, and contacts are softer and without rolling friction. Raises `ShapeError` for
    bodies that MuJoCo rejects.
    """

    def __init__(
        self,
        bodies: list[Body],
        support: Support,
        unit: float,
        terminal_speed: float,
        obstacles: Obstacles,
        crowd: bool = False,
        twins: bool = False,
    ) -> None:
        self.unit = unit
        self._crowd = crowd
        self.origin = np.array(support.centre)
        self.bodies = bodies
        self.half_size = np.array(support.half_size) * unit
        self.round = support.round
        self.clear = support.clear * unit
        self.headings = support.headings
        self.single = support.single
        self.drop = support.drop * unit
        self.bounds = [bounds(body) * unit for body in bodies]
        self.radii = [radius(body) * unit for body in bodies]
        self.removed: set[int] = set()
        around = [(piece - self.origin) * unit for piece in obstacles]
        self.hindrances = [np.stack([p.min(axis=0), p.max(axis=0)]) for p in around]
        self.model = compiled(bodies, support, unit, around, twins)
        if crowd:
            ease(self.model, STILL_SPEED)
        self.data = mujoco.MjData(self.model)
        self._set_damping(terminal_speed)

    def away(self, i: int) -> bool:
        """Return whether a body is out of the scene: on the floor of the pit, or not placed yet."""
        height = float(self.centre(i)[2])
        return i in self.removed or not PIT / 2 < height < 500

    def about_mass(self, i: int, points: np.ndarray) -> np.ndarray:
        """Return world points, `n x 3`, relative to a body's centre of mass in the last step."""
        return points - self.data.xipos[i + 1]

    def turn(self, i: int) -> Quaternion:
        w, x, y, z = (float(value) for value in self._qpos(i)[3:])
        return w, x, y, z

    def turned(self, i: int, rotation: Quaternion) -> np.ndarray:
        """Return the corners of a body's pieces, `n x 3`, about its origin, rotated."""
        points = np.concatenate(self.bodies[i].pieces) * self.unit
        return points @ rotation_from_quaternion(rotation).T

    def corners(self, i: int) -> np.ndarray:
        """Return the corners of a body's pieces at its current pose, `n x 3`."""
        return self.turned(i, self.turn(i)) + self._qpos(i)[:3]

    def extent(self, i: int) -> np.ndarray:
        """Return the current bounding box of a body, `2 x 3`."""
        corners = self.corners(i)
        return np.stack([corners.min(axis=0), corners.max(axis=0)])

    def run(self, max_seconds: float) -> None:
        """Simulate until everything has been at rest for three chunks in a row."""
        self._wake()
        still = 0
        for _ in range(max(1, round(max_seconds / _CHUNK_SECONDS))):
            self.step(_CHUNK_SECONDS)
            still = still + 1 if not self._moving().any() else 0
            if still == 3:
                break
        self._wake()

    def _wake(self) -> None:
        """Wake all bodies: two sleeping bodies have no contacts, and do not notice that a third is
        removed."""
        if not self._crowd:
            return
        qpos, qvel = self.data.qpos.copy(), self.data.qvel.copy()
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:], self.data.qvel[:] = qpos, qvel
        mujoco.mj_forward(self.model, self.data)

    def forward(self) -> None:
        """Compute everything that depends on the poses, contacts included."""
        mujoco.mj_forward(self.model, self.data)

    def groups(self, indices: Iterable[int]) -> list[list[int]]:
        """Split bodies into groups to simulate separately: a single one."""
        return [list(indices)]

    @contextmanager
    def only(self, indices: Iterable[int]) -> Iterator[None]:
        """Simulate these bodies, here with all others."""
        yield

    def contacts(self, i: int) -> np.ndarray:
        """Return the contact points of a body in the last step: `n x 3`."""
        bodies = self.model.geom_bodyid[self.data.contact.geom]
        return self.data.contact.pos[(bodies == i + 1).any(axis=1)]

    def step(self, seconds: float) -> None:
        mujoco.mj_step(self.model, self.data, nstep=round(seconds / self.model.opt.timestep))

    def push(self, i: int, strength: np.ndarray) -> None:
        """Pull at a body's centre of mass from now on. strength: `2`, horizontal, relative to its
        weight."""
        self.data.xfrc_applied[i + 1, :2] = self.model.body_mass[i + 1] * _GRAVITY * strength

    def lift(self, height: float) -> None:
        self.data.qpos[2::7] += height

    def shoot(self, start: np.ndarray, frames: int, interval: float) -> list[list[Pose]]:
        """Return the poses of all bodies in every frame, starting from rest. interval: between two
        frames, seconds of this world."""
        steps = int(np.ceil(interval / _FILM_TIMESTEP))
        self.model.opt.timestep = interval / steps
        self.model.geom_solref[:, 0] = 2 * _FILM_TIMESTEP
        # A simulation that fails for one body must not be reset for all of them.
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
        """Return bodies that are not above the table, or whose simulation failed."""
        broken = ~np.isfinite(self.data.qpos.reshape(-1, 7)).all(axis=1)
        bad = self._off_table() | broken
        return [i for i in np.flatnonzero(bad).tolist() if i not in self.removed]

    def _poses(self) -> list[Pose]:
        return [self.pose(i) for i in range(len(self.radii))]

    def offenders(self) -> list[int]:
        """Return bodies that still move, left the table or overlap another one."""
        bad = self._moving() | self._off_table()
        deepest = np.clip(_MAX_REAL_DEPTH * self.unit, _LEAST_MAX_DEPTH, _MAX_DEPTH)
        for contact in self.data.contact:
            if contact.dist < -deepest:
                pair = self.model.geom_bodyid[list(contact.geom)] - 1
                # Remove the later body: one of the two is enough.
                bad[pair.max()] = True
        return [i for i in np.flatnonzero(bad).tolist() if i not in self.removed]

    def remove(self, indices: list[int]) -> None:
        """Remove bodies from the scene: far away, on the floor of the pit."""
        self.removed.update(indices)
        for i in indices:
            self.set_pose(i, np.array([1e3 + 10 * i, 0, PIT + self.radii[i]]), (1, 0, 0, 0))

    def rests(self) -> list[Pose | None]:
        """Return where the bodies lie, None for removed ones. A body that lies on the support alone
        is lifted by its penetration; a rooted one stands on it."""
        return [None if i in self.removed else self._rest(i) for i in range(len(self.radii))]

    def _rest(self, i: int) -> Pose:
        pose, sunk = self.pose(i), -float(self.extent(i)[0, 2])
        if not self.bodies[i].rooted and (sunk <= 0 or self._touches_others(i)):
            return pose
        return Pose(pose.position + np.array([0.0, 0.0, sunk / self.unit]), pose.rotation)

    def _touches_others(self, i: int) -> bool:
        bodies = self.model.geom_bodyid[self.data.contact.geom]
        others = bodies[(bodies == i + 1).any(axis=1)]
        return bool((others > 0).all(axis=1).any())

    def pose(self, i: int) -> Pose:
        return Pose(self._qpos(i)[:3] / self.unit + self.origin, self.turn(i))

    def _qpos(self, i: int) -> np.ndarray:
        return self.data.qpos[7 * i : 7 * i + 7]

    def set_pose(self, i: int, centre: np.ndarray, rotation: Quaternion) -> None:
        """Put the centre of a body's own box at `centre`."""
        turned = np.zeros(3)
        mujoco.mju_rotVecQuat(turned, self.bounds[i].mean(axis=0), np.array(rotation, float))
        self._qpos(i)[:3] = centre - turned
        self._qpos(i)[3:] = rotation
        self.data.qvel[6 * i : 6 * i + 6] = 0

    def centre(self, i: int) -> np.ndarray:
        turned = np.zeros(3)
        mujoco.mju_rotVecQuat(turned, self.bounds[i].mean(axis=0), self._qpos(i)[3:])
        return self._qpos(i)[:3] + turned

    def _moving(self) -> np.ndarray:
        velocity = self.data.qvel.reshape(-1, 6)
        speed = np.linalg.norm(velocity[:, :3], axis=1)
        spin = np.linalg.norm(velocity[:, 3:], axis=1)
        moving = (speed > STILL_SPEED) | (spin > STILL_SPIN) | ~np.isfinite(speed + spin)
        moving[list(self.removed)] = False
        return moving

    def _off_table(self) -> np.ndarray:
        centres = np.array([self.centre(i) for i in range(len(self.radii))])
        inside = np.abs(centres[:, :2]) <= self.half_size
        if self.round:
            inside = np.linalg.norm(centres[:, :2] / self.half_size, axis=1, keepdims=True) <= 1
        return ~inside.all(axis=1) | (centres[:, 2] < 0)

    def _set_damping(self, terminal_speed: float) -> None:
        """Set viscous air: a terminal speed for falling, a slow end for rolling."""
        for i, body in enumerate(self.bodies):
            mass, inertia = self.model.body_mass[i + 1], self.model.body_inertia[i + 1].mean()
            fall, spin = _GRAVITY / terminal_speed, _SPIN_DAMPING
            if body.rooted:
                fall = spin = _ROOTED
            self.model.dof_damping[6 * i : 6 * i + 3] = mass * fall
            self.model.dof_damping[6 * i + 3 : 6 * i + 6] = inertia * spin
