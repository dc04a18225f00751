"""How much of an object a camera would see, before anything is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.geometry.lens import lens_of
from simgen.geometry.raycast import Caster
from simgen.geometry.transforms import invert_rigid, transform
from simgen.spec.scene import CameraSpec

_RAYS = 48
"""Rays along each side of the grid that an object is looked at with."""
_LOOKS = 9
"""Rays along each side of the grid that an image is looked at with."""
_TOO_NEAR = 0.15
"""Part of the way to the subject within which nothing should fill the image."""
_MOST_BLOCKED = 0.34
_POINTS = 48
"""Vertices of a thing that are looked at."""
_MARGIN = 0.25
"""Part of its size by which a region is prepared beyond what a view needs of it, on each side."""
_END = 0.999
"""Part of the way to a point within which something hides it: what lies on a table touches it."""


@dataclass(frozen=True)
class Look:
    """How a thing is seen. share: part of it that is in the image, with nothing else in front.
    side: longer side of that part's box, pixels. facing: how wide it looks across its length, as
    part of how wide it can look: near 0 for a sheet seen from its edge."""

    share: float
    side: float
    facing: float


@dataclass(frozen=True)
class _Region:
    """What was prepared for rays in a box. caster: None where the box is empty."""

    low: np.ndarray
    high: np.ndarray
    caster: Caster | None

    def holds(self, low: np.ndarray, high: np.ndarray) -> bool:
        return bool((low >= self.low).all() and (high <= self.high).all())


class Sight:
    """The surfaces of a scene. meshes: world vertices `V x 3` and faces `F x 3` of each thing."""

    def __init__(self, meshes: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        self._meshes = list(meshes)
        self._owner = np.repeat(np.arange(len(meshes)), [len(faces) for _, faces in meshes])
        boxes = [(vertices.min(axis=0), vertices.max(axis=0)) for vertices, _ in meshes]
        self._low, self._high = np.array(boxes).reshape(-1, 2, 3).swapaxes(0, 1)
        self._kept: dict[tuple[int, ...], _Region] = {}

    @cached_property
    def _all(self) -> Caster:
        starts = np.cumsum([0, *(len(vertices) for vertices, _ in self._meshes)])
        vertices = np.concatenate([vertices for vertices, _ in self._meshes])
        faces = [faces + start for (_, faces), start in zip(self._meshes, starts, strict=False)]
        return Caster(vertices, np.concatenate(faces))

    def hidden(self, camera: CameraSpec, numbers: Sequence[int], among: Sequence[int]) -> float:
        """The part of some things that others are in front of, seen from either side.

        numbers: the things looked at, as places in `meshes`; among: those that may hide them. Of
        each, some of its vertices count, in the image or not.
        """
        points = np.concatenate([_some(self._meshes[number][0]) for number in numbers])
        origins, ways = _sight_lines(camera, points)
        sights = np.concatenate([points, np.atleast_2d(origins)])
        caster = self._around(sights.min(axis=0), sights.max(axis=0), tuple(among))
        if caster is None:
            return 0.0
        return float(caster.blocked(origins, ways, np.full(len(points), _END)).mean())

    def _around(self, low: np.ndarray, high: np.ndarray, among: tuple[int, ...]) -> Caster | None:
        """As `_within`, kept for the next view, which looks at much the same region: a street's
        surfaces take longer to prepare than many views of it to judge."""
        kept = self._kept.get(among)
        if kept is None or not kept.holds(low, high):
            if kept is not None:
                low, high = np.minimum(low, kept.low), np.maximum(high, kept.high)
            margin = _MARGIN * (high - low)
            low, high = low - margin, high + margin
            kept = _Region(low, high, self._within(low, high, among))
            self._kept[among] = kept
        return kept.caster

    def _within(self, low: np.ndarray, high: np.ndarray, among: Sequence[int]) -> Caster | None:
        """The triangles of some things that rays in a box can meet, and some more; None when there
        are none. A meadow has a million others."""
        corners = [np.zeros((0, 3))]
        apart = _apart(self._low, self._high, low, high)
        for vertices, faces in (self._meshes[number] for number in among if not apart[number]):
            here = vertices[faces]
            outside = _apart(here.min(axis=1), here.max(axis=1), low, high)
            corners.append(here[~outside].reshape(-1, 3))
        found = np.concatenate(corners)
        return Caster(found, np.arange(len(found)).reshape(-1, 3)) if len(found) else None

    def blocked(self, camera: CameraSpec, width: int, height: int, subject: np.ndarray) -> bool:
        """Whether something right before the camera fills a third of the image or more: it stands
        behind a door, or in a cupboard. subject: `3`, what it looks at, metres."""
        pose = np.array(camera.cam_to_world)
        x, y = ((np.arange(_LOOKS) + 0.5) / _LOOKS * side for side in (width, height))
        points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        _, origins, rays = _cast(camera, width, height, points)
        near = _TOO_NEAR * np.linalg.norm(subject - pose[:3, 3])
        far = np.full(len(rays), near, np.float32)
        everything = range(len(self._meshes))
        starts = np.atleast_2d(origins)
        low, high = starts.min(axis=0) - near, starts.max(axis=0) + near
        caster = self._within(low, high, everything)
        if caster is None:
            return False
        hits = caster.blocked(origins, rays / np.linalg.norm(rays, axis=1)[:, None], far)
        return bool(len(rays)) and float(hits.mean()) > _MOST_BLOCKED

    def looks(
        self, camera: CameraSpec, width: int, height: int, numbers: Sequence[int]
    ) -> tuple[Look, ...]:
        """How some things are seen, as places in `meshes`: judged by some of their vertices."""
        lens, pose = lens_of(camera.lens, width, height), np.array(camera.cam_to_world)
        points = [_some(self._meshes[number][0]) for number in numbers]
        owners = np.repeat(numbers, [len(some) for some in points])
        every = np.concatenate(points)
        pixels = lens.project(transform(invert_rigid(pose), every))
        shown = np.isfinite(pixels).all(axis=1) & lens.contains(pixels)
        first = self._all.first(*_sight_lines(camera, every[shown]))
        # A thing's own front side does not hide it.
        shown[shown] = (first.distance > _END) | (self._owner[first.triangle] == owners[shown])
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
        """Of thing `number`: visible / inside the image, and inside the image / whole.

        Areas in the image, on a grid of rays; cut-out texels count as there. (0, 0) for a thing
        that is behind the camera.
        """
        vertices, faces = self._meshes[number]
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
        own = Caster(vertices, faces).first(origins, rays)
        whole = own.triangle >= 0
        inside = whole & (points >= 0).all(axis=1) & (points < (width, height)).all(axis=1)
        if not inside.any():
            return 0.0, 0.0
        starts = origins if origins.ndim == 1 else origins[inside]
        first = self._all.first(starts, rays[inside])
        mine = (first.triangle >= 0) & (self._owner[first.triangle] == number)
        return float(mine.mean()), float(inside.sum() / whole.sum())


def _sight_lines(camera: CameraSpec, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where a camera sees points (`n x 3`), `3` or `n x 3`, and the ways from there to them,
    `n x 3`: world, metres."""
    pose = np.array(camera.cam_to_world)
    lens = lens_of(camera.lens, 1, 1)  # of any size: no pixels are asked for
    origins, _ = lens.sight_lines(transform(invert_rigid(pose), points))
    origins = transform(pose, origins)
    return origins, points - origins


def _cast(
    camera: CameraSpec, width: int, height: int, pixels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of some pixels (`n x 2`) that the lens sends a ray through, and their rays: origins,
    `3` or `n x 3`, and directions, `n x 3`, world."""
    lens, pose = lens_of(camera.lens, width, height), np.array(camera.cam_to_world)
    rays = lens.rays(pixels)
    there = np.isfinite(rays).all(axis=1)
    origins = transform(pose, lens.origins(pixels[there]))
    return pixels[there], origins, rays[there] @ pose[:3, :3].T


def _longer_side(pixels: np.ndarray) -> float:
    return float(np.ptp(pixels, axis=0).max()) if len(pixels) else 0.0


def _facing(points: np.ndarray, camera: CameraSpec) -> float:
    """`Look.facing` of points, `n x 3`."""
    middle = points.mean(axis=0)
    (way,) = _sight_lines(camera, middle[None])[1]
    way = way / np.linalg.norm(way)
    spread = points - middle
    own = np.linalg.svd(spread, compute_uv=False)
    seen = np.linalg.svd(spread - np.outer(spread @ way, way), compute_uv=False)
    return float(min(1.0, seen[1] / own[1])) if len(own) > 1 and own[1] > 0 else 1.0


def _some(vertices: np.ndarray) -> np.ndarray:
    """Vertices spread over all of a mesh's, `n x 3`."""
    return vertices[np.unique(np.linspace(0, len(vertices) - 1, _POINTS).astype(int))]


def _apart(low: np.ndarray, high: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether boxes (`... x 3` each) lie outside the box from start to end: `...` bool. A little
    more than that box, since rays are single precision."""
    more = 1e-3 * np.abs(end - start).max() + 1e-4
    return ((low > end + more) | (high < start - more)).any(axis=-1)
