"""Placement: chooses a support of the stage for each object, and lets it come to rest there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.living import STANDING
from simgen.config.draws import Draws
from simgen.errors import InputError
from simgen.geometry.transforms import (
    quaternion_about_z,
    random_rotation,
    rotation_from_quaternion,
    yaw_towards,
)
from simgen.sampling.placement.bodies import Body, Pose, radius
from simgen.sampling.placement.initial_poses import Arrangement
from simgen.sampling.placement.simulation import settle, simulate_fall
from simgen.spec.rng import Stream
from simgen.stages.stage import StagePart, Support

Paths = list[tuple[Pose, ...] | None]
"""For each body: its pose in every frame, a single pose if it is at rest, or None if it found no
place."""

ROOTED = "rooted"
"""Tag of trees and houses."""
CROWN = "crown"
"""Tag of rooted objects whose crowns may overlap: trees."""
_ABOVE = 1e-4
"""Height above a support, metres, from which on a part stands on it rather than being the support.
"""
_NEAR = 0.5
"""Distance around a support within which parts are obstacles, metres."""
_BESIDE_ONE = 0.05
"""The same for a place for one object, which stands in its middle."""
_AIRY = 0.25
"""Share of the space that floating bodies fill with their bounding spheres."""
_DARTS = 400
_FILLED, _FILLED_ROW = 0.4, 0.7
"""Share of a support that can be covered by scattered objects, and by objects in a row."""


@dataclass(frozen=True)
class TaggedBody:
    """A body with the tags of its class. `rooted` and `standing` bodies stay where they are put."""

    body: Body
    tags: tuple[str, ...]


def place(
    draws: Draws,
    things: Sequence[TaggedBody],
    supports: Sequence[Support],
    parts: Sequence[StagePart],
) -> Paths:
    """Let bodies come to rest on the supports of a stage, each on one that it fits on.

    Raises `InputError` for bodies that should fall where nothing is below them.
    """
    config = draws.config
    method = draws.pick("placement.methods")
    falls = config.motion.objects == "physics"
    if falls and not supports:
        raise InputError(
            f"motion.objects=physics: scene={config.scene.name} has no support for "
            "falling objects; choose another stage"
        )
    bodies = [thing.body for thing in things]
    if method == "float" or not supports:
        return _float(draws, bodies, supports)
    gap = draws.number("placement.gap_range")
    apart = method in ("scatter", "grid") and not falls
    bodies = [_held(thing, apart) for thing in things]
    arrangement = Arrangement(
        config.placement.spread,
        config.placement.max_seconds,
        method,
        gap,
        config.placement.crowd,
        config.placement.batch,
    )
    chosen = _choose(draws, things, supports, gap)
    paths: Paths = [None] * len(things)
    standing: list[np.ndarray] = []
    for number in sorted(range(len(supports)), key=lambda n: _turn(supports[n])):
        support = supports[number]
        mine = [n for n, choice in enumerate(chosen) if choice == number]
        if not mine:
            continue
        around = (*obstacles(parts, support), *_near(standing, support))
        how, rng = _fitting(arrangement, support), draws.stream("placement", number)
        upright = [] if apart else [n for n in mine if bodies[n].rooted]
        if upright:
            # Nothing that falls may hit them, so they are there first.
            still = settle([bodies[n] for n in upright], support, replace(how, method="scatter"),
                           draws.stream("placement.standing", number), around)  # fmt: skip
            for n, rest in zip(upright, still, strict=True):
                if rest is not None:
                    paths[n] = (rest,)
                    around = (*around, *_standing(bodies[n], rest))
            mine = [n for n in mine if n not in upright]
        if not mine:
            continue
        found = _rest(draws, [bodies[n] for n in mine], support, how, rng, around)
        for n, path in zip(mine, found, strict=True):
            paths[n] = path
            if support.headings and path is not None:
                standing += _standing(bodies[n], path[-1])
    return paths


def _turn(support: Support) -> int:
    """Return when objects are put on a support. Structured supports lie on others, whose objects
    must keep off theirs; on some, objects are put on those of others."""
    if not support.headings:
        return 2
    return 1 if support.drop else 0


def _held(thing: TaggedBody, apart: bool) -> Body:
    """Return the body, rooted if it stays where it is put. apart: whether all bodies are put down
    separately; among bodies that fall, trees and houses fall too."""
    upright = thing.body.initial_pose == "upright"
    rooted = upright and (STANDING in thing.tags or (apart and ROOTED in thing.tags))
    return replace(thing.body, rooted=rooted, crown=apart and rooted and CROWN in thing.tags)


def _fitting(arrangement: Arrangement, support: Support) -> Arrangement:
    """Replace dropping by scattering under a low ceiling and where objects stand in rows."""
    low = np.isfinite(support.clear) and arrangement.method in ("drop", "stack")
    return replace(arrangement, method="scatter") if low or support.headings else arrangement


def _rest(
    draws: Draws,
    bodies: list[Body],
    support: Support,
    arrangement: Arrangement,
    rng: Stream,
    around: Sequence[np.ndarray],
) -> Paths:
    config = draws.config
    if config.motion.objects == "physics":
        frames, rate = draws.moments, config.motion.frame_rate
        return simulate_fall(bodies, support, arrangement, frames, rate, rng, around)
    rests = settle(bodies, support, arrangement, rng, around)
    return [None if rest is None else (rest,) for rest in rests]


def obstacles(parts: Sequence[StagePart], support: Support) -> tuple[np.ndarray, ...]:
    """Return convex pieces, `n x 3` in the world, of parts on or beside a support."""
    pieces = (piece + np.array(part.position) for part in parts for piece in part.mesh.pieces)
    return _near(pieces, support)


def _near(pieces: Iterable[np.ndarray], support: Support) -> tuple[np.ndarray, ...]:
    """Return the convex pieces that objects on a support can touch."""
    x, y, z = support.centre
    half = np.array(support.half_size) + (_BESIDE_ONE if support.single else _NEAR)
    low, high = np.array([x, y]) - half, np.array([x, y]) + half
    found = []
    for points in pieces:
        beside = (points[:, :2].min(axis=0) > high) | (points[:, :2].max(axis=0) < low)
        above = points[:, 2].min() - z
        if points[:, 2].max() > z + _ABOVE and not beside.any() and above < support.clear:
            found.append(points)
    return tuple(found)


def _standing(body: Body, pose: Pose) -> list[np.ndarray]:
    """Return the convex pieces of a placed body, in the world."""
    turn = rotation_from_quaternion(pose.rotation)
    return [piece @ turn.T + pose.position for piece in body.pieces]


def _choose(
    draws: Draws, things: Sequence[TaggedBody], supports: Sequence[Support], gap: float
) -> list[int]:
    """Choose a support for each body, by index: one that it fits on and that is not yet full, if
    possible, with a probability proportional to the free area. If there are structured and other
    supports with room, a random decision for each body selects the kind."""
    any_structured = any(support.headings for support in supports)
    free = np.array([_room(support) for support in supports])
    chosen = []

    def has_room(n: int, foot: float) -> bool:
        return bool(free[n] > 0 if supports[n].single else free[n] >= foot)

    for number, thing in enumerate(things):
        size = np.ptp(np.concatenate(thing.body.pieces), axis=0)
        foot = float(np.prod(size[:2] + gap))
        fits = [n for n, support in enumerate(supports) if _takes(support, thing.tags, size)]
        if any_structured:
            upright = thing.body.initial_pose == "upright"
            structured = upright and draws.flag("placement.structured", number)
            rows = [n for n in fits if supports[n].headings and has_room(n, foot)]
            loose = [n for n in fits if not supports[n].headings]
            fits = (rows if structured else loose) or fits
        roomy = [n for n in fits if has_room(n, foot)]
        if roomy:
            chance = draws.stream("placement.support", number).random()
            shares = np.cumsum(free[roomy]) / free[roomy].sum()
            chosen.append(roomy[int(np.searchsorted(shares, chance, side="right"))])
        else:
            chosen.append(max(fits, key=lambda n: free[n], default=0))
        free[chosen[-1]] -= free[chosen[-1]] if supports[chosen[-1]].single else foot
    return chosen


def _room(support: Support) -> float:
    """Return the area that objects can cover, square metres."""
    return float(4 * np.prod(support.half_size) * (_FILLED_ROW if support.headings else _FILLED))


def _takes(support: Support, tags: tuple[str, ...], size: np.ndarray) -> bool:
    if support.tags and not set(support.tags) & set(tags):
        return False
    if size[2] > support.clear:
        return False
    if not support.headings:
        return bool(max(size[:2]) <= 2 * min(support.half_size))
    turn = rotation_from_quaternion(quaternion_about_z(yaw_towards(support.headings[0])))
    turned = np.abs(turn[:2, :2]) @ size[:2]
    return bool((turned <= 2 * np.array(support.half_size)).all())


def _float(draws: Draws, bodies: list[Body], supports: Sequence[Support]) -> Paths:
    """Put bodies anywhere in the air, with random rotations and disjoint bounding spheres."""
    radii = [radius(body) for body in bodies]
    volume = float(np.sum(np.power(radii, 3))) / _AIRY
    reach = max(draws.config.placement.spread, 0.1) * volume ** (1 / 3)
    x, y, z = supports[0].centre if supports else (0.0, 0.0, 0.0)
    middle = np.array([x, y, z + reach + max(radii) if supports else 0.0])
    centres: list[np.ndarray] = []
    paths: Paths = []
    for number, body in enumerate(bodies):
        rng = draws.stream("placement.float", number)
        turn = random_rotation(rng)
        at = _dart(rng, reach, radii[number], list(zip(centres, radii, strict=False)))
        centres.append(np.full(3, np.inf) if at is None else at)
        if at is None:
            paths.append(None)
            continue
        points = np.concatenate(body.pieces)
        own = (points.min(axis=0) + points.max(axis=0)) / 2
        position = middle + at - rotation_from_quaternion(turn) @ own
        paths.append((Pose(position, turn),))
    return paths


def _dart(
    rng: Stream, reach: float, size: float, others: list[tuple[np.ndarray, float]]
) -> np.ndarray | None:
    for number in range(_DARTS):
        way = rng.normal(size=3)
        length = reach * (1 + number / _DARTS) * rng.random() ** (1 / 3)
        at = length * way / np.linalg.norm(way)
        if all(np.linalg.norm(at - other) > size + r for other, r in others):
            return at
    return None
