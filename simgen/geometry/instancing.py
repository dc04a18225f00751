"""Rays against many placed meshes. A mesh is prepared once, however often it is placed, and only
when a ray comes near one of its instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import box_of

_NEAR = 1e-4
"""Part of the scene's size by which boxes are larger than what is in them: rays are single
precision."""
_TINY = 1e-30
"""In place of a direction's zero, by which no number can be divided."""


@dataclass(frozen=True)
class Instance:
    """A mesh, shared or not, and where it is.

    vertices: `V x 3` in metres, faces: `F x 3`. offset: `3`, what is added to the vertices. Those
    that share both arrays are prepared once.
    """

    vertices: np.ndarray
    faces: np.ndarray
    offset: np.ndarray


class InstancedCaster:
    """Instances, ready for rays in the axes that they are placed in."""

    def __init__(self, instances: Sequence[Instance]) -> None:
        self._instances = tuple(instances)
        boxes: dict[int, np.ndarray] = {}
        for one in instances:
            if id(one.vertices) not in boxes:
                boxes[id(one.vertices)] = box_of(one.vertices)
        placed = [boxes[id(one.vertices)] + one.offset for one in instances]
        self._boxes = np.array(placed).reshape(-1, 2, 3)
        self._casters: dict[tuple[int, int], Caster] = {}

    def first(
        self, origins: np.ndarray, directions: np.ndarray, far: np.ndarray | float
    ) -> np.ndarray:
        """The instance that each of `n` rays meets first: `n` int, -1 for none.

        origins: `n x 3` or `3`; directions: `n x 3`. far: `n` or for all, lengths of the direction
        after which a ray ends.
        """
        origins = np.broadcast_to(origins, directions.shape)
        nearest = np.broadcast_to(np.asarray(far, float), len(directions)).copy()
        found = np.full(len(directions), -1)
        for numbers, rays in self._near(origins, directions, nearest, range(len(self._instances))):
            starts = origins[rays] - self._offsets(numbers)
            caster = self._caster(int(numbers[0]))
            hits = caster.first(starts, directions[rays], nearest[rays])
            # Of the instances of one mesh, the nearest counts: it is written last.
            order = np.argsort(-hits.distance, kind="stable")
            order = order[hits.triangle[order] >= 0]
            closer = order[hits.distance[order] <= nearest[rays[order]]]
            found[rays[closer]] = numbers[closer]
            nearest[rays[closer]] = hits.distance[closer]
        return found

    def blocked(
        self,
        origins: np.ndarray,
        directions: np.ndarray,
        far: np.ndarray | float,
        among: Sequence[int] | None = None,
    ) -> np.ndarray:
        """Whether each of `n` rays meets any of some instances, or of all: `n` bool. Arguments as
        for `first`."""
        origins = np.broadcast_to(origins, directions.shape)
        ends = np.broadcast_to(np.asarray(far, float), len(directions))
        blocked = np.zeros(len(directions), bool)
        numbers = range(len(self._instances)) if among is None else among
        for those, rays in self._near(origins, directions, ends, numbers):
            open_still = ~blocked[rays]
            those, rays = those[open_still], rays[open_still]
            if len(rays):
                starts = origins[rays] - self._offsets(those)
                hits = self._caster(int(those[0])).blocked(starts, directions[rays], ends[rays])
                blocked[rays[hits]] = True
        return blocked

    def _near(
        self,
        origins: np.ndarray,
        directions: np.ndarray,
        far: np.ndarray,
        among: Sequence[int],
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each mesh, pairs of an instance of it and a ray that meets its box: `k` each."""
        numbers = np.asarray(among, int)
        meets = _meets(self._boxes[numbers], origins, directions, far)
        groups: dict[tuple[int, int], list[int]] = {}
        for place in np.flatnonzero(meets.any(axis=1)):
            groups.setdefault(self._key(int(numbers[place])), []).append(int(place))
        found = []
        for places in groups.values():
            rows, rays = np.nonzero(meets[places])
            found.append((numbers[np.array(places)[rows]], rays))
        return found

    def _key(self, number: int) -> tuple[int, int]:
        one = self._instances[number]
        return id(one.vertices), id(one.faces)

    def _caster(self, number: int) -> Caster:
        key = self._key(number)
        if key not in self._casters:
            one = self._instances[number]
            self._casters[key] = Caster(one.vertices, one.faces)
        return self._casters[key]

    def _offsets(self, numbers: np.ndarray) -> np.ndarray:
        return np.array([self._instances[number].offset for number in numbers])


def _meets(
    boxes: np.ndarray, origins: np.ndarray, directions: np.ndarray, far: np.ndarray
) -> np.ndarray:
    """Whether rays (`n x 3`) come near boxes (`m x 2 x 3`) before they end: `m x n` bool.

    By slabs: Kay and Kajiya, Ray tracing complex scenes, 1986.
    """
    more = _NEAR * np.ptp(boxes, axis=(0, 1)).max() if len(boxes) else 0.0
    enter = np.zeros((len(boxes), len(directions)), np.float32)
    leave = np.broadcast_to(far.astype(np.float32), enter.shape).copy()
    for axis in range(3):
        start, way = origins[:, axis], directions[:, axis]
        way = np.where(np.abs(way) < _TINY, _TINY, way)
        low, high = boxes[:, 0, axis, None] - more, boxes[:, 1, axis, None] + more
        with np.errstate(over="ignore"):
            one = ((low - start) / way).astype(np.float32)
            other = ((high - start) / way).astype(np.float32)
        np.maximum(enter, np.minimum(one, other), out=enter)
        np.minimum(leave, np.maximum(one, other), out=leave)
    return enter <= leave
