"""Ray casting against triangle meshes, with Embree. Cut-out texels are holes, as in the image."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from simgen.geometry.mesh import MeshData

_MOST_LAYERS = 16
"""Maximum number of consecutive holes through which a ray is followed."""
_STEP = 1e-5
"""Step of a ray past a hole, relative to its distance. A smaller step would be lost in float32
rounding, and the ray would hit the same hole again."""


@dataclass(frozen=True)
class Hits:
    """The first hits of `n` rays on a mesh.

    triangle: `n` int32, -1 for no hit. distance: `n` float32, in multiples of the direction's
    length, infinity for no hit. weights: `n x 3` float32, barycentric weights of the triangle's
    corners; undefined for no hit.
    """

    triangle: np.ndarray
    distance: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Cutout:
    """The holes in a mesh's triangles.

    uv: `F x 3 x 2`, per corner, v up. slot: `F`, index into `images`.
    images: alpha of each slot, `h x w` uint8, row 0 on top, or None for a slot without holes.
    """

    uv: np.ndarray
    slot: np.ndarray
    images: tuple[np.ndarray | None, ...]

    def holes(self, triangle: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return whether points on triangles (`n`; weights `n x 3`) are in holes: `n` bool."""
        uv = weighted(weights, self.uv[triangle])
        slots = self.slot[triangle]
        holes = np.zeros(len(triangle), bool)
        for number, image in enumerate(self.images):
            if image is not None:
                here = slots == number
                holes[here] = _alpha(image, uv[here]) <= 0.5
        return holes


class Caster:
    """Triangles prepared for ray casting.

    vertices: `V x 3`. faces: `F x 3`. Rays are in the same axes and units.
    """

    def __init__(
        self, vertices: np.ndarray, faces: np.ndarray, cutout: Cutout | None = None
    ) -> None:
        self._scene = rtcore_scene.EmbreeScene()
        self._cutout = cutout
        self._scale = 1.0
        # Embree reads corners face by face twice as fast as indices.
        TriangleMesh(self._scene, vertices.astype(np.float32)[faces])

    def scaled(self, factor: float) -> Caster:
        """Return the triangles scaled by `factor`, at no cost."""
        other = copy.copy(self)
        other._scale = self._scale * factor
        return other

    def first(
        self, origins: np.ndarray, directions: np.ndarray, far: np.ndarray | None = None
    ) -> Hits:
        """Return the first hit of each of `n` rays.

        origins: `n x 3` or `3`. directions: `n x 3`. far: where rays end, `n`, in multiples of the
        direction's length.
        """
        origins, directions = _rays(origins, directions, self._scale)
        hits = self._cast(origins, directions, far)
        if self._cutout is None:
            return hits
        return self._through_holes(origins, directions, far, hits, self._cutout)

    def blocked(
        self, origins: np.ndarray, directions: np.ndarray, far: np.ndarray | None = None
    ) -> np.ndarray:
        """Return whether each of `n` rays hits a surface: `n` bool. Arguments as for `first`."""
        if self._cutout is not None:
            return self.first(origins, directions, far).triangle >= 0
        origins, directions = _rays(origins, directions, self._scale)
        if not len(directions):
            return np.zeros(0, bool)
        limits = None if far is None else _plain(far)
        return self._scene.run(origins, directions, dists=limits, query="OCCLUDED") == 0

    def _cast(self, origins: np.ndarray, directions: np.ndarray, far: np.ndarray | None) -> Hits:
        if not len(directions):
            empty = np.zeros(0, np.float32)
            return Hits(np.zeros(0, np.int32), empty, np.zeros((0, 3), np.float32))
        limits = None if far is None else _plain(far)
        found = self._scene.run(origins, directions, dists=limits, output=True)
        weights = np.empty((len(directions), 3), np.float32)
        weights[:, 1], weights[:, 2] = found["u"], found["v"]
        weights[:, 0] = 1 - found["u"] - found["v"]
        triangle, distance = found["primID"], found["tfar"]
        distance[triangle < 0] = np.inf
        return Hits(triangle, distance, weights)

    def _through_holes(
        self,
        origins: np.ndarray,
        directions: np.ndarray,
        far: np.ndarray | None,
        hits: Hits,
        cutout: Cutout,
    ) -> Hits:
        """Continue the rays whose first hit is in a hole."""
        triangle, distance = hits.triangle.copy(), hits.distance.copy()
        weights = hits.weights.copy()
        going = np.flatnonzero(triangle >= 0)
        for _ in range(_MOST_LAYERS):
            going = going[cutout.holes(triangle[going], weights[going])]
            if not len(going):
                break
            start = distance[going] * np.float32(1 + _STEP) + np.float32(_STEP)
            moved = origins[going] + start[:, None] * directions[going]
            rest = None if far is None else np.maximum(far[going] - start, 0)
            onward = self._cast(moved, directions[going], rest)
            triangle[going], weights[going] = onward.triangle, onward.weights
            distance[going] = start + onward.distance
            going = going[onward.triangle >= 0]
        return Hits(triangle, distance, weights)


def cutout_of(mesh: MeshData, drawn: Sequence[str] = ()) -> Cutout | None:
    """Return the holes of a mesh, or None if it has none.

    drawn: slots whose surface was replaced by a sampled one, which has no holes.
    """
    images = tuple(
        _holes_of(surface.image) if surface is not None and slot not in drawn else None
        for slot, surface in zip(mesh.slots, mesh.surfaces, strict=True)
    )
    if all(image is None for image in images):
        return None
    return Cutout(mesh.uv, mesh.slot, images)


def _holes_of(image: np.ndarray | None) -> np.ndarray | None:
    if image is None or image[..., 3].min() == 255:
        return None
    return image[..., 3]


def _alpha(image: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Return the alpha, 0..1, of a repeating texture at `n x 2` coordinates, bilinearly
    interpolated."""
    height, width = image.shape
    x = uv[:, 0] * width - 0.5
    y = (1 - uv[:, 1]) * height - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = x - left, y - top
    columns = (left % width, (left + 1) % width)
    rows = (top % height, (top + 1) % height)
    upper = image[rows[0], columns[0]] * (1 - across) + image[rows[0], columns[1]] * across
    lower = image[rows[1], columns[0]] * (1 - across) + image[rows[1], columns[1]] * across
    return (upper * (1 - down) + lower * down) / 255.0


def weighted(weights: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return weighted means over triangle corners: `n x 3` weights, `n x 3 x k` values, `n x k`."""
    return np.einsum("ni,nik->nk", weights, corners)


def _rays(
    origins: np.ndarray, directions: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return origins and directions for Embree, `n x 3` float32 each.

    Instead of scaling the triangles by `scale`, rays are divided by it, which gives the same hits.
    """
    directions, origins = np.asarray(directions, np.float32), np.asarray(origins, np.float32)
    if scale != 1:
        directions, origins = directions * np.float32(1 / scale), origins * np.float32(1 / scale)
    starts = np.empty(directions.shape, np.float32)
    for axis in range(3):  # several times faster than broadcasting along such a short last axis
        starts[:, axis] = origins[..., axis]
    return starts, _plain(directions)


def _plain(values: np.ndarray) -> np.ndarray:
    """Return a contiguous, writable float32 array, as Embree's binding requires."""
    return np.require(values, np.float32, ["C", "W"])
