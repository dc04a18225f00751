"""Ray casting against many instances of meshes. Each mesh is prepared once, and only when a ray
comes near one of its instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import box_of

_NEAR = 1e-4
"""Margin of bounding boxes, as a fraction of the scene's size, since rays are single precision."""
_TINY = 1e-30
"""Replaces zeros in directions, to avoid a division by zero."""


@dataclass(frozen=True)
class Instance:
    """A placed mesh.

    vertices: `V x 3`, metres. faces: `F x 3`. offset: `3`, added to the vertices. Instances that
    share both arrays share one prepared mesh.
    """

    vertices: np.ndarray
    faces: np.ndarray
    offset: np.ndarray


class InstancedCaster:
    """Instances prepared for ray casting, in the axes in which they are placed."""

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
        """Return the index of the instance that each of `n` rays hits first: `n` int, -1 for none.

        origins: `n x 3` or `3`. directions: `n x 3`. far: where rays end, `n` or one for all, in
        multiples of the direction's length.
        """
        origins = np.broadcast_to(origins, directions.shape)
        nearest = np.broadcast_to(np.asarray(far, float), len(directions)).copy()
        found = np.full(len(directions), -1)
        for numbers, rays in self._near(origins, directions, nearest, range(len(self._instances))):
            starts = origins[rays] - self._offsets(numbers)
            caster = self._caster(int(numbers[0]))
            hits = caster.first(starts, directions[rays], nearest[rays])
            # If a ray hits several instances of a mesh, the nearest is written last and so counts.
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
        """Return whether each of `n` rays hits any instance: `n` bool.

        among: indices of the only instances to test. Other arguments as for `first`.
        """
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
        """Return, for each mesh, the pairs of an instance and a ray that hits its box: `k` each."""
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
    """Return whether rays (`n x 3`) come near boxes (`m x 2 x 3`) before they end: `m x n` bool.

    The slab method: Kay and Kajiya, Ray tracing complex scenes, 1986.
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
