"""Large heaps: a window of bodies moves at a time, all others are fixed.

Newton's solver factorises touching bodies together, so the cost of a step grows much faster than
the heap. Here the bodies are dropped in batches. While a batch falls, only the bodies below it move
with it; then the heap comes to rest group by group. Each body has a twin without degrees of freedom
(a MuJoCo mocap body) that takes its place while it is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import mujoco
import numpy as np

from simgen.sampling.placement.bodies import Body, Obstacles
from simgen.sampling.placement.rigid_bodies import STILL_SPEED, STILL_SPIN, RigidWorld
from simgen.spec.scene import Quaternion
from simgen.stages.stage import Support

_BATCH = 16
"""Number of bodies that fall together."""
_BELOW = 2
"""Number of bodies below each falling one that move with it."""
_GROUP = 8
"""Number of neighbours that come to rest together, with those that they touch."""
_TIMESTEP = 0.004
_STIFFNESS = 0.008
"""Time constant of a contact, two time steps: the shortest that MuJoCo allows."""
_CLEARANCE = 1.02
_PARKED = 1e3
"""Where the twins of moving bodies and fixed bodies are, metres at the 10 cm scale."""
_DROP_SECONDS = 1.2
"""Time for a batch to fall onto the heap; what still moves then comes to rest with its neighbours.
"""
_REST_SECONDS = 1.0
"""Time for a group to come to rest before its neighbours may move again."""
_CHECK_SECONDS = 0.2
"""Time for which a group must not move to be at rest."""
_TOGETHER = 48
"""Number of bodies up to which the entire heap must be at rest at the same time."""
_SPIN = 4.0
"""Damping of rotations relative to the usual one: heaps stop rocking sooner."""
_SHIFT = 1e-3
"""A body that moves farther, metres at the 10 cm scale, may disturb those that it touches."""


class CrowdedWorld(RigidWorld):
    """A `RigidWorld` that simulates a few bodies at a time.

    Outside `only` all bodies are in their places, and `run` lets those settle that were put
    somewhere since the last call, or were disturbed.
    """

    def __init__(
        self,
        bodies: list[Body],
        support: Support,
        unit: float,
        terminal_speed: float,
        obstacles: Obstacles,
    ) -> None:
        self._fresh: set[int] = set()
        self._disturbed: set[int] = set()
        self._fixed: list[int] | None = None
        self._speed, self._spin = np.zeros(len(bodies)), np.zeros(len(bodies))
        super().__init__(bodies, support, unit, terminal_speed, obstacles, twins=True)
        self.model.body_gravcomp[:] = 0.0
        self.model.opt.timestep = _TIMESTEP
        self.model.dof_damping.reshape(-1, 6)[:, 3:] *= _SPIN
        self.model.geom_solref[:, 0] = _STIFFNESS
        self._kept = self.data.qpos.copy(), self.data.qvel.copy()
        self.model.opt.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP
        self.model.opt.sleep_tolerance = STILL_SPEED
        self._park_twins()

    def set_pose(self, i: int, centre: np.ndarray, rotation: Quaternion) -> None:
        super().set_pose(i, centre, rotation)
        self._fresh.add(i)

    def remove(self, indices: list[int]) -> None:
        self._disturbed |= self._touching(indices)
        super().remove(indices)
        self._fresh -= set(indices)
        self._disturbed -= self.removed

    def step(self, seconds: float) -> None:
        before = self.data.qpos.reshape(-1, 7).copy()
        super().step(seconds)
        after = self.data.qpos.reshape(-1, 7)
        alike = np.abs(np.sum(before[:, 3:] * after[:, 3:], axis=1)).clip(0.0, 1.0)
        moving = np.ones(len(before), dtype=bool)
        moving[self._fixed or []] = False
        speed = np.linalg.norm(after[:, :3] - before[:, :3], axis=1) / seconds
        self._speed[moving] = speed[moving]
        self._spin[moving] = (2 * np.arccos(alike) / seconds)[moving]

    def _moving(self) -> np.ndarray:
        """Return which bodies moved in the last step: a mean, since some tremble on the spot."""
        moving = ~((self._speed <= STILL_SPEED) & (self._spin <= STILL_SPIN))
        moving[[*self.removed, *(self._fixed or ())]] = False
        return moving

    def forward(self) -> None:
        """Compute positions and contacts of all bodies, without forces."""
        self._wake()  # sleeping bodies have no contacts

    def _compute(self) -> None:
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_collision(self.model, self.data)

    def groups(self, indices: Iterable[int]) -> list[list[int]]:
        """Split bodies into groups of neighbours, each with the bodies that it touches."""
        found: list[list[int]] = []
        left = sorted(indices, key=lambda i: tuple(self.centre(i)))
        while left:
            first = self.centre(left[0])
            left.sort(key=lambda i: float(np.linalg.norm(self.centre(i) - first)))
            found.append(left[:_GROUP])
            left = left[_GROUP:]
        return found

    @contextmanager
    def only(self, indices: Iterable[int]) -> Iterator[None]:
        """Fix all other bodies, except those that touch these."""
        moving = set(indices)
        moving |= self._touching(moving)
        self._fix([i for i in range(len(self.radii)) if i not in moving and i not in self.removed])
        try:
            yield
        finally:
            self._release()

    def run(self, max_seconds: float) -> None:
        if self._fixed is not None:
            super().run(max_seconds)
            return
        fresh = sorted(self._fresh, key=lambda i: float(self.centre(i)[2]))
        settling = set(self._disturbed)
        for start in range(0, len(fresh), _BATCH):
            settling |= self._drop(fresh[start : start + _BATCH], max_seconds)
        self._fresh, self._disturbed = set(), set()
        self._rest_in_groups(settling, max_seconds)

    def _drop(self, batch: list[int], max_seconds: float) -> set[int]:
        """Let bodies fall from just above the heap. Return those that have to come to rest."""
        waiting = self._fresh
        settled = [i for i in range(len(self.radii)) if i not in waiting | self.removed]
        moving = self._lower(batch, settled)
        self._fresh = waiting - set(batch)
        self._fix([i for i in range(len(self.radii)) if i not in moving and i not in self.removed])
        # Those still waiting in the air are out of the way, too.
        for i in self._fresh:
            self.data.mocap_pos[i] = [_PARKED, _PARKED, _PARKED]
        before = self.data.qpos.reshape(-1, 7)[:, :3].copy()
        super().run(min(max_seconds, _DROP_SECONDS))
        self._release()
        return self._restless() | self._unsupported(before, moving - set(batch))

    def _lower(self, batch: list[int], settled: list[int]) -> set[int]:
        """Lower bodies until their spheres touch the heap. Return them and those below them."""
        boxes = {j: self.extent(j) for j in settled}
        moving = set(batch)
        above: dict[int, np.ndarray] = {}
        for i in batch:
            centre, size = self.centre(i), self.radii[i] * _CLEARANCE
            low, high = centre[:2] - size, centre[:2] + size
            below = [
                j for j, b in boxes.items() if (b[0, :2] < high).all() and (b[1, :2] > low).all()
            ]
            below.sort(key=lambda j: -float(boxes[j][1, 2]))
            moving |= set(below[:_BELOW])
            height = size + max((float(boxes[j][1, 2]) for j in below[:1]), default=0.0)
            for j, other in above.items():
                reach = size + self.radii[j] * _CLEARANCE
                gap = reach**2 - float(np.sum((centre[:2] - other[:2]) ** 2))
                if gap > 0:
                    height = max(height, float(other[2] + np.sqrt(gap)))
            self.data.qpos[7 * i + 2] += min(0.0, height - float(centre[2]))
            above[i] = self.centre(i)
        return moving

    def _rest_in_groups(self, indices: set[int], max_seconds: float) -> None:
        """Let bodies come to rest, group by group, until no group moves when it is its turn."""
        everything = set(range(len(self.radii))) - self.removed
        together = len(everything) <= _TOGETHER
        for _ in range(max(1, round(max_seconds))):
            left = everything if together else indices - self.removed
            before = self.data.qpos.reshape(-1, 7)[:, :3].copy()
            for group in [sorted(left)] if together else self.groups(left):
                with self.only(group):
                    self.step(_CHECK_SECONDS)
            restless = self._restless()
            for group in self.groups(restless):
                with self.only(group):
                    super().run(min(max_seconds, _REST_SECONDS))
            indices = self._restless() | self._unsupported(before, everything)
            if not (restless if together else indices):
                return

    def _restless(self) -> set[int]:
        return set(np.flatnonzero(self._moving()).tolist())

    def _unsupported(self, before: np.ndarray, indices: set[int]) -> set[int]:
        """Return the bodies that touch any of these that moved, and these. before: `N x 3`."""
        shift = np.linalg.norm(self.data.qpos.reshape(-1, 7)[:, :3] - before, axis=1)
        moved = {i for i in indices if shift[i] > _SHIFT}
        return self._touching(moved) if moved else set()

    def _touching(self, indices: Iterable[int]) -> set[int]:
        """Return the bodies that touch any of these, and these, in the last computed contacts."""
        count = len(self.radii)
        pairs = self.model.geom_bodyid[self.data.contact.geom] - 1
        mine = np.isin(pairs, list(indices)).any(axis=1)
        found = pairs[mine]
        return set(found[(found >= 0) & (found < count)].tolist()) - self.removed

    def _fix(self, indices: list[int]) -> None:
        """Replace bodies by their twins."""
        self._fixed = indices
        self._kept = self.data.qpos.copy(), self.data.qvel.copy()
        for i in indices:
            pose = self.data.qpos[7 * i : 7 * i + 7]
            self.data.mocap_pos[i], self.data.mocap_quat[i] = pose[:3], pose[3:]
            pose[:3] = [_PARKED + 10.0 * i, _PARKED, 0.0]
            self.data.qvel[6 * i : 6 * i + 6] = 0
            self.model.body_gravcomp[i + 1] = 1.0
        self._wake()

    def _release(self) -> None:
        """Replace the twins by their bodies."""
        qpos, qvel = self._kept
        for i in self._fixed or ():
            self.data.qpos[7 * i : 7 * i + 7] = qpos[7 * i : 7 * i + 7]
            self.data.qvel[6 * i : 6 * i + 6] = qvel[6 * i : 6 * i + 6]
            self.model.body_gravcomp[i + 1] = 0.0
        self._fixed = None
        self._park_twins()
        self._wake()  # sleeping bodies have no contacts

    def _park_twins(self) -> None:
        count = len(self.radii)
        self.data.mocap_pos[:] = [-_PARKED, -_PARKED, 0.0]
        self.data.mocap_pos[:, 0] -= 10.0 * np.arange(count)

    def _wake(self) -> None:
        pose = self.data.mocap_pos.copy(), self.data.mocap_quat.copy()
        force = self.data.xfrc_applied.copy()
        qpos, qvel = self.data.qpos.copy(), self.data.qvel.copy()
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:], self.data.qvel[:] = qpos, qvel
        self.data.mocap_pos[:], self.data.mocap_quat[:] = pose
        self.data.xfrc_applied[:] = force
        self._compute()
