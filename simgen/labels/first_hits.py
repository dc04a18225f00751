"""What rays from any point meet first among all surfaces of a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.labels.bundle import bundle_of
from simgen.labels.world import World

_SAME = 1e-3
"""Relative difference up to which a distance in double precision replaces Embree's, which is single
precision; a larger one means that the ray is parallel to its triangle."""


@dataclass(frozen=True)
class FirstHits:
    """What each of `n` rays meets first.

    code: `n` int32 as in `RawFrame`, 0 for none. triangle: `n` int32, of the surface's mesh.
    weights: `n x 3` float32, barycentric. distance: `n` float64, metres, infinity for none.
    cosine: `n` float64, between ray and normal of the triangle, 0 (grazing) to 1.
    """

    code: np.ndarray
    triangle: np.ndarray
    weights: np.ndarray
    distance: np.ndarray
    cosine: np.ndarray


def first_hits(world: World, frame: int, origin: np.ndarray, directions: np.ndarray) -> FirstHits:
    """Cast rays from one point. origin: `3`; directions: `n x 3`, unit; both in the world."""
    count = len(directions)
    found = FirstHits(
        np.zeros(count, np.int32),
        np.full(count, -1, np.int32),
        np.zeros((count, 3), np.float32),
        np.full(count, np.inf),
        np.zeros(count),
    )
    spheres = [world.sphere(code, frame) for code in range(1, len(world.surfaces) + 1)]
    if not spheres or not count:
        return found
    rows = np.ascontiguousarray(directions.T, np.float32)
    bundle = bundle_of(origin, rows, np.full(count, np.inf, np.float32))
    centres = np.array([centre for centre, _ in spheres])
    radii = np.array([radius for _, radius in spheres])
    for code, rays in enumerate(bundle.towards(centres, radii), start=1):
        if len(rays):
            _cast(world, frame, code, origin, directions, rays, found)
    return found


def _cast(
    world: World,
    frame: int,
    code: int,
    origin: np.ndarray,
    directions: np.ndarray,
    rays: np.ndarray,
    found: FirstHits,
) -> None:
    """Enter into `found` where some rays meet a surface before all others so far."""
    rows = np.ascontiguousarray(directions[rays].T)
    start, local = world.local_rays(code, frame, origin[None], rows)
    hits = world.caster(code, frame).first(start, local, found.distance[rays])
    met = np.flatnonzero(hits.triangle >= 0)
    if not len(met):
        return
    triangle = hits.triangle[met]
    corner = world.surfaces[code - 1].mesh.faces[triangle, 0]
    normals = world.shape(code, frame).face_normals[triangle].astype(np.float64)
    along = (normals * local[met]).sum(axis=1)
    towards = (normals * (world.vertices(code, frame)[corner] - start)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = towards / along
    near = hits.distance[met].astype(np.float64)
    distance = np.where(np.abs(exact - near) <= _SAME * near, exact, near)
    closer = distance < found.distance[rays[met]]
    chosen = rays[met[closer]]
    found.code[chosen], found.triangle[chosen] = code, triangle[closer]
    found.weights[chosen] = hits.weights[met[closer]]
    found.distance[chosen] = distance[closer]
    found.cosine[chosen] = np.abs(along[closer])
