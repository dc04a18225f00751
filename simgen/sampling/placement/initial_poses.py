"""Initial poses: bodies in the air, or just above a support, before they come to rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.geometry.transforms import (
    quaternion_about_z,
    quaternion_product,
    random_rotation,
    rotation_from_quaternion,
    yaw_towards,
)
from simgen.sampling.placement.rigid_bodies import RigidWorld
from simgen.spec.rng import Stream
from simgen.spec.scene import Quaternion

_LIFT = 1e-3
"""Initial distance from the support, metres at the 10 cm scale."""
_DARTS = 400
"""Number of positions to try for a body before it is omitted."""
_WALL = 0.01
"""Maximum gap kept to obstacles, metres at the 10 cm scale."""
_OFF_CENTRE = 0.1
"""Maximum distance of an object from the centre of a place for one, over the place's size."""
_SKEW = np.radians(1.5)
"""Standard deviation of headings on supports that have any."""
_HALF = float(np.sqrt(0.5))
INITIAL_POSES: dict[str, Quaternion] = {
    "upright": (1.0, 0.0, 0.0, 0.0),
    "side": (_HALF, _HALF, 0.0, 0.0),
    "upside_down": (0.0, 1.0, 0.0, 0.0),
}
"""Rotations by initial pose, before a random one about the vertical; `tumbled` is fully random."""


@dataclass(frozen=True)
class Arrangement:
    """How bodies are arranged before they come to rest.

    method: `drop`, `scatter`, `grid` or `stack`. spread: radius of the area that they are put on; 1
    makes a loose pile. gap: metres between bodies that are scattered or in a grid, if there is
    room. crowd: number of dropped or stacked bodies from which on they settle in the faster way.
    batch: number of dropped bodies above which they fall in batches; 0 drops all at once.
    """

    spread: float
    max_seconds: float
    method: str = "drop"
    gap: float = 0.02
    crowd: int = 1_000_000
    batch: int = 0


_Propose = Callable[[int, float], np.ndarray]
"""Takes a body and a radius; returns a position in the plane, `2`."""


def put(world: RigidWorld, indices: list[int], arrangement: Arrangement, rng: Stream) -> None:
    """Give bodies their initial poses. A body that finds no place is removed."""
    _START[arrangement.method](world, indices, arrangement, rng)
    world.forward()


def pile_up(world: RigidWorld, indices: list[int], arrangement: Arrangement, rng: Stream) -> None:
    """Put bodies in the air above the centre, on top of each other where they would touch."""
    spread = arrangement.spread * 0.75 * float(np.sqrt(np.sum(np.square(world.radii))))
    centres = _others(world, indices)
    for i in indices:
        rotation = _initial_rotation(world, i, rng)
        angle, reach = rng.uniform(0, 2 * np.pi), spread * np.sqrt(rng.uniform())
        centre = np.array([reach * np.cos(angle), reach * np.sin(angle), 0.0])
        if world.hindrances:  # so that bodies fall between the walls
            room = np.maximum(world.half_size - world.radii[i], 0.0)
            centre[:2] = np.clip(centre[:2], -room, room)
        centre[2] = _free_height(world, i, centre, centres)
        centres[i] = centre
        world.set_pose(i, centre, rotation)


def _free_height(
    world: RigidWorld, i: int, centre: np.ndarray, others: dict[int, np.ndarray]
) -> float:
    """Return the lowest height at which the body's sphere clears the support and other spheres."""
    height = world.radii[i] * 1.05
    for j, other in others.items():
        reach = (world.radii[i] + world.radii[j]) * 1.02
        gap = reach**2 - float(np.sum((centre[:2] - other[:2]) ** 2))
        if gap > 0:
            height = max(height, float(other[2] + np.sqrt(gap)))
    return height


def scatter(world: RigidWorld, indices: list[int], arrangement: Arrangement, rng: Stream) -> None:
    """Put bodies apart from each other: random positions are tried until one has a gap to all
    others."""
    if world.headings:
        _stand(world, indices, arrangement, rng, lambda i, reach: _along(world, rng))
    else:
        _stand(world, indices, arrangement, rng, lambda i, reach: _dart(reach, rng))


def grid(world: RigidWorld, indices: list[int], arrangement: Arrangement, rng: Stream) -> None:
    """Put bodies in rows and columns with slight jitter."""
    pitch = 2 * max(world.radii) + arrangement.gap * world.unit
    cells = _cells(world, pitch, len(indices))
    cells = cells[rng.permutation(len(cells))]
    free = iter(cells)
    jitter = 0.25 * arrangement.gap * world.unit

    def next_cell(i: int, reach: float) -> np.ndarray:
        cell = next(free, None)
        return _dart(reach, rng) if cell is None else cell + rng.uniform(-jitter, jitter, 2)

    _stand(world, indices, arrangement, rng, next_cell)


def _cells(world: RigidWorld, pitch: float, count: int) -> np.ndarray:
    """Return at least `count` cells of a square grid, if they fit, from the centre outwards."""
    most = np.maximum(np.floor((world.half_size - pitch / 2) / pitch), 0).astype(int)
    side = int(np.ceil(np.sqrt(count)))
    nx, ny = (min(int(m), side) for m in most)
    x, y = np.meshgrid(np.arange(-nx, nx + 1), np.arange(-ny, ny + 1))
    cells = np.stack([x.ravel(), y.ravel()], axis=1) * pitch
    order = np.argsort(np.abs(cells).max(axis=1), kind="stable")
    return cells[order[: max(count, 1)]]


def stack(world: RigidWorld, indices: list[int], arrangement: Arrangement, rng: Stream) -> None:
    """Put bodies in stacks of two to four, wider ones at the bottom."""
    waiting = sorted(indices, key=lambda i: -world.radii[i])
    while waiting:
        size = int(rng.integers(2, 5))
        pile, waiting = waiting[:size], waiting[size:]
        scatter(world, pile[:1], arrangement, rng)
        if pile[0] in world.removed:
            world.remove(pile[1:])
            continue
        below = pile[0]
        for i in pile[1:]:
            _put_on_top(world, i, below, rng)
            below = i


def _put_on_top(world: RigidWorld, i: int, below: int, rng: Stream) -> None:
    flat = world.centre(below)[:2] + 0.1 * world.radii[i] * rng.uniform(-1, 1, 2)
    rotation = _initial_rotation(world, i, rng)
    own = world.bounds[i].mean(axis=0) @ rotation_from_quaternion(rotation).T
    height = world.extent(below)[1, 2] + _LIFT - world.turned(i, rotation)[:, 2].min()
    world.set_pose(i, np.array([*flat, height + own[2]]), rotation)


def _stand(
    world: RigidWorld, indices: list[int], arrangement: Arrangement, rng: Stream, propose: _Propose
) -> None:
    """Put bodies just above the support, each at the first free proposed position."""
    everything = np.array([r + arrangement.gap * world.unit / 2 for r in world.radii])
    reach = arrangement.spread * 1.5 * float(np.sqrt(np.sum(np.square(everything))))
    for i in indices:
        world.set_pose(i, np.array([0.0, 0.0, 1e3]), (1, 0, 0, 0))  # out of the way
    # Large ones first: small ones still find gaps.
    for i in sorted(indices, key=lambda i: -world.radii[i]):
        rotation = _initial_rotation(world, i, rng)
        corners = world.turned(i, rotation)
        half = np.ptp(corners, axis=0) / 2
        spot = _spot(world, i, half, arrangement, propose, reach)
        if spot is None:
            world.remove([i])
            continue
        foot = np.array([*spot, half[2] + _LIFT + world.drop])
        own = world.bounds[i].mean(axis=0) @ rotation_from_quaternion(rotation).T
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        world.set_pose(i, foot - middle + own, rotation)


def _spot(
    world: RigidWorld,
    i: int,
    half: np.ndarray,
    arrangement: Arrangement,
    propose: _Propose,
    reach: float,
) -> np.ndarray | None:
    """Return a position, `2`, where a box of half sizes `half` overlaps no other; None if none is
    found."""
    others = [j for j in range(len(world.radii)) if j != i and not world.away(j)]
    mixed = [world.bodies[i].crown and world.bodies[j].crown for j in others]
    crowns = _stacked(
        [_inner(world.extent(j)) for j, both in zip(others, mixed, strict=True) if both]
    )
    bodies = _stacked([world.extent(j) for j, both in zip(others, mixed, strict=True) if not both])
    hindrances = _stacked(world.hindrances)
    room = world.half_size - half[:2]
    top = 2 * half[2] + _LIFT + world.drop
    if (room < 0).any() or top > world.clear:
        return None
    for number in range(_DARTS):
        # If it is crowded, search farther away, and finally accept smaller gaps.
        late = number / _DARTS
        gap = arrangement.gap * world.unit * min(1.0, 2 - 2 * late)
        spot = propose(i, reach * (1 + 2 * late))
        spot = np.clip(spot, -room, room)
        if world.round and np.linalg.norm(spot / np.maximum(room, 1e-9)) > 1:
            continue
        box = np.array([[*(spot - half[:2]), world.drop], [*(spot + half[:2]), top]])
        hindered = _meets(box, hindrances, min(gap, _WALL))
        if not hindered and not _meets(box, bodies, gap) and not _meets(_inner(box), crowns, gap):
            return spot
    return None


def _dart(reach: float, rng: Stream) -> np.ndarray:
    angle, radius = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.uniform())
    return radius * np.array([np.cos(angle), np.sin(angle)])


def _along(world: RigidWorld, rng: Stream) -> np.ndarray:
    """Return a random position on the support, `2`. If everything faces the same way across it,
    backs are at its rim, which is a wall."""
    spot = rng.uniform(-1.0, 1.0, 2) * world.half_size
    if world.single:
        return spot * _OFF_CENTRE
    across = int(np.argmin(world.half_size))
    front = np.array([np.cos(world.headings[0]), np.sin(world.headings[0])])[across]
    if len(world.headings) == 1 and abs(front) > _HALF:
        spot[across] = -np.sign(front) * world.half_size[across]
    return spot


def _others(world: RigidWorld, indices: list[int]) -> dict[int, np.ndarray]:
    """Return the centres of the bodies that are already placed."""
    rest = (i for i in range(len(world.radii)) if i not in indices and not world.away(i))
    return {i: world.centre(i) for i in rest}


def _initial_rotation(world: RigidWorld, i: int, rng: Stream) -> Quaternion:
    """Return a body's initial rotation, with a random turn about the vertical, or the one that its
    support requires."""
    yaw = rng.uniform(0, 2 * np.pi)
    if world.headings:
        heading = world.headings[int(rng.integers(len(world.headings)))]
        yaw = yaw_towards(heading) + rng.normal(0.0, _SKEW)
    tumbled = random_rotation(rng)
    initial_pose = world.bodies[i].initial_pose
    if initial_pose == "tumbled":
        return tumbled
    turn = quaternion_about_z(yaw)
    return quaternion_product(turn, INITIAL_POSES[initial_pose])


def _inner(box: np.ndarray) -> np.ndarray:
    """Return the central half of a box (`2 x 3`) in the plane: a crown without its rim."""
    half = (box[1] - box[0]) / 4 * [1, 1, 0]
    return np.stack([box[0] + half, box[1] - half])


def _stacked(boxes: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack(boxes) if boxes else np.empty((0, 2, 3))


def _meets(box: np.ndarray, others: np.ndarray, gap: float) -> bool:
    """Return whether a box (`2 x 3`) is closer than `gap` in the plane to one of others (`n x 2 x
    3`), and shares a height with it."""
    apart = np.maximum(box[0] - others[:, 1], others[:, 0] - box[1])
    return bool(((apart[:, :2] < gap).all(axis=1) & (apart[:, 2] < 0)).any())


_START: dict[str, Callable[[RigidWorld, list[int], Arrangement, Stream], None]] = {
    "drop": pile_up,
    "scatter": scatter,
    "grid": grid,
    "stack": stack,
}
