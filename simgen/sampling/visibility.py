"""Prediction of how much of an object a camera sees, without rendering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.geometry.instancing import Instance, InstancedCaster
from simgen.geometry.lens import lens_of
from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import invert_rigid, transform
from simgen.spec.scene import CameraSpec

_RAYS = 48
"""Rays along each side of the grid for judging an object."""
_LOOKS = 9
"""Rays along each side of the grid for judging an image."""
_TOO_NEAR = 0.15
"""Share of the distance to the subject within which nothing should fill the image."""
_MOST_BLOCKED = 0.34
_POINTS = 48
"""Number of sampled vertices per object."""
_END = 0.999
"""Share of the distance to a point within which something hides it: objects touch the table."""
_BEHIND = 1.001
"""Factor on the distance to an object's surface up to which a ray hits the object itself."""


@dataclass(frozen=True)
class Look:
    """How an object is seen. share: fraction of it that is in the image and not hidden. side:
    longer side of that part's box, pixels. facing: its apparent width relative to the maximum
    possible: near 0 for a sheet seen edge-on."""

    share: float
    side: float
    facing: float


class Sight:
    """Visibility tests against the surfaces of a scene. things: meshes in world coordinates."""

    def __init__(self, things: Sequence[Instance]) -> None:
        self._things = tuple(things)
        self._caster = InstancedCaster(things)

    def _vertices(self, number: int) -> np.ndarray:
        """Return the vertices of an object, `V x 3` in the world."""
        return self._things[number].vertices + self._things[number].offset

    def _some(self, number: int) -> np.ndarray:
        """Return vertices spread over an object, `n x 3` in the world."""
        thing = self._things[number]
        places = np.linspace(0, len(thing.vertices) - 1, _POINTS).astype(int)
        return thing.vertices[np.unique(places)] + thing.offset

    def hidden(self, camera: CameraSpec, numbers: Sequence[int], among: Sequence[int]) -> float:
        """Return the share of some objects that others hide, from either side.

        numbers: indices of the objects in `things`; among: indices of those that may hide them. A
        sample of vertices of each counts, inside the image or not.
        """
        points = np.concatenate([self._some(number) for number in numbers])
        origins, ways = _sight_lines(camera, points)
        return float(self._caster.blocked(origins, ways, _END, among).mean())

    def blocked(self, camera: CameraSpec, width: int, height: int, subject: np.ndarray) -> bool:
        """Return whether something close to the camera fills a third of the image or more, as if
        the camera stood behind a door or in a cupboard.

        subject: point that the camera looks at, `3`, world, metres.
        """
        pose = np.array(camera.cam_to_world)
        x, y = ((np.arange(_LOOKS) + 0.5) / _LOOKS * side for side in (width, height))
        points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        _, origins, rays = _cast(camera, width, height, points)
        near = _TOO_NEAR * np.linalg.norm(subject - pose[:3, 3])
        hits = self._caster.blocked(origins, rays / np.linalg.norm(rays, axis=1)[:, None], near)
        return bool(len(rays)) and float(hits.mean()) > _MOST_BLOCKED

    def looks(
        self, camera: CameraSpec, width: int, height: int, numbers: Sequence[int]
    ) -> tuple[Look, ...]:
        """Return how some objects are seen, as indices in `things`, judged by a sample of their
        vertices."""
        lens, pose = lens_of(camera.lens, width, height), np.array(camera.cam_to_world)
        points = [self._some(number) for number in numbers]
        owners = np.repeat(numbers, [len(some) for some in points])
        every = np.concatenate(points)
        pixels = lens.project(transform(invert_rigid(pose), every))
        shown = np.isfinite(pixels).all(axis=1) & lens.contains(pixels)
        first = self._caster.first(*_sight_lines(camera, every[shown]), _END)
        # An object's own front side does not hide it.
        shown[shown] = (first < 0) | (first == owners[shown])
        return tuple(
            Look(
                float(shown[owners == number].mean()),
                _longer_side(pixels[shown & (owners == number)]),
                _facing(some, camera),
            )
            for number, some in zip(numbers, points, strict=True)
        )

    def parts_seen(
        self, number: int, camera: CameraSpec, width: int, height: int
    ) -> tuple[float, float]:
        """Return, for object `number`: visible / inside the image, and inside the image / entire
        object.

        Areas in the image, on a grid of rays; cut-out texels count as solid. (0, 0) for an object
        behind the camera.
        """
        vertices = self._vertices(number)
        lens = lens_of(camera.lens, width, height)
        pose = np.array(camera.cam_to_world)
        pixels = lens.project(transform(invert_rigid(pose), vertices))
        pixels = pixels[np.isfinite(pixels).all(axis=1)]
        if not len(pixels):
            return 0.0, 0.0
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        x, y = (np.linspace(a, b, _RAYS + 1) for a, b in zip(low, high, strict=True))
        grid = np.stack(np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2), axis=-1)
        points, origins, rays = _cast(camera, width, height, grid.reshape(-1, 2))
        own = Caster(vertices, self._things[number].faces).first(origins, rays)
        whole = own.triangle >= 0
        inside = whole & (points >= 0).all(axis=1) & (points < (width, height)).all(axis=1)
        if not inside.any():
            return 0.0, 0.0
        starts = origins if origins.ndim == 1 else origins[inside]
        first = self._caster.first(starts, rays[inside], own.distance[inside] * _BEHIND)
        mine = first == number
        return float(mine.mean()), float(inside.sum() / whole.sum())


def _sight_lines(camera: CameraSpec, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the origins, `3` or `n x 3`, and directions, `n x 3`, from a camera to points (`n x
    3`): world, metres."""
    pose = np.array(camera.cam_to_world)
    lens = lens_of(camera.lens, 1, 1)  # the image size does not matter here
    origins, _ = lens.sight_lines(transform(invert_rigid(pose), points))
    origins = transform(pose, origins)
    return origins, points - origins


def _cast(
    camera: CameraSpec, width: int, height: int, pixels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return those pixels (`n x 2`) that the lens sends a ray through, and their rays: origins, `3`
    or `n x 3`, and directions, `n x 3`, world."""
    lens, pose = lens_of(camera.lens, width, height), np.array(camera.cam_to_world)
    rays = lens.rays(pixels)
    there = np.isfinite(rays).all(axis=1)
    origins = transform(pose, lens.origins(pixels[there]))
    return pixels[there], origins, rays[there] @ pose[:3, :3].T


def _longer_side(pixels: np.ndarray) -> float:
    return float(np.ptp(pixels, axis=0).max()) if len(pixels) else 0.0


def _facing(points: np.ndarray, camera: CameraSpec) -> float:
    """Return `Look.facing` of points, `n x 3`."""
    middle = points.mean(axis=0)
    (way,) = _sight_lines(camera, middle[None])[1]
    way = way / np.linalg.norm(way)
    spread = points - middle
    own = np.linalg.svd(spread, compute_uv=False)
    seen = np.linalg.svd(spread - np.outer(spread @ way, way), compute_uv=False)
    return float(min(1.0, seen[1] / own[1])) if len(own) > 1 and own[1] > 0 else 1.0
