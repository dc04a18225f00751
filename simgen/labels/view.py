"""FrameView: one rendered frame with the geometry behind its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.geometry.raycast import weighted
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.nearest import nearest_triangles
from simgen.labels.rows import rotate_rows, take_rows, transform_rows
from simgen.labels.world import World
from simgen.spec.frame import RawFrame

_SAME_PLACE = 1e-3
"""Relative distance by which a triangle found by our ray may differ from the renderer's hit."""


@dataclass(frozen=True)
class SurfaceHits:
    """The triangles of a surface's mesh behind `n` pixels.

    triangle: `n` int32. weights: `n x 3` float32, barycentric.
    """

    triangle: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class CodePixels:
    """The pixels of an image sorted by their code.

    order: flat indices of all pixels. codes: sorted codes that occur. starts, ends: the range in
    `order` of each code's pixels, which are sorted too.
    """

    order: np.ndarray
    codes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def members(self, code: int) -> np.ndarray:
        """Return the flat indices of a code's pixels; empty if there are none."""
        place = int(np.searchsorted(self.codes, code))
        if place == len(self.codes) or self.codes[place] != code:
            return self.order[:0]
        return self.order[self.starts[place] : self.ends[place]]


class FrameView:
    """The data from which the labels of one frame are computed.

    Data shared by several labels is computed on first use, and must not be modified. Images of
    vectors are stored as rows, `3 x H W`, which numpy processes several times faster than
    `H x W x 3`.
    """

    def __init__(self, world: World, raw: RawFrame, frame: int) -> None:
        self.world = world
        self.raw = raw
        self.frame = frame
        self.lens = world.lens(frame)
        self._hits: dict[int, SurfaceHits] = {}
        self._rows_at: dict[int, np.ndarray] = {}
        self._pixels_at: dict[int, np.ndarray] = {}

    @property
    def code(self) -> np.ndarray:
        """`H x W` int32; see `RawFrame`."""
        return self.raw.code

    @cached_property
    def instances(self) -> np.ndarray:
        """`H x W` uint16, or uint32 in scenes with more than 65,535 objects."""
        ids = np.maximum(self.code - self.world.stage_count, 0)
        return ids.astype(np.uint16 if len(self.world.spec.objects) < 2**16 else np.uint32)

    @cached_property
    def by_code(self) -> CodePixels:
        """The pixels sorted by code."""
        return pixels_by_code(self.code)

    @property
    def things(self) -> tuple[int, ...]:
        """Codes of all surfaces that the frame shows."""
        return tuple(int(code) for code in self.by_code.codes if code > 0)

    @property
    def cam_to_world(self) -> np.ndarray:
        """`4 x 4`, OpenCV axes."""
        return self.world.camera(self.frame)

    @cached_property
    def pixels(self) -> np.ndarray:
        """Centres of all pixels, `H x W x 2`."""
        height, width = self.code.shape
        columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
        return np.stack(np.meshgrid(columns, rows), axis=-1)

    @property
    def ray_rows(self) -> np.ndarray:
        """`rays` as `3 x H W`."""
        return self.world.pixel_rays(self.lens)

    @property
    def rays(self) -> np.ndarray:
        """Unit directions in camera axes, `H x W x 3`; NaN for pixels without a ray."""
        return self.image(self.ray_rows)

    @property
    def origin_rows(self) -> np.ndarray:
        """Origins of the rays in camera axes, metres: `3 x H W`, or `3 x 1` if shared by all."""
        return self.world.pixel_origins(self.lens)

    @cached_property
    def point_rows(self) -> np.ndarray:
        """`points` as `3 x H W`."""
        distance = self.raw.distance.reshape(-1)
        rows = self.ray_rows * np.where(np.isfinite(distance), distance, 1.0)
        rows += self.origin_rows
        return rows

    @property
    def points(self) -> np.ndarray:
        """Points that the pixels show, in camera axes, metres, `H x W x 3`. On the background, the
        point a metre along the ray, as `Lens.at_infinity` represents infinity."""
        return self.image(self.point_rows)

    def image(self, rows: np.ndarray) -> np.ndarray:
        """Return `k x H W` rows as an image, `H x W x k`, without a copy."""
        return rows.T.reshape(*self.code.shape, len(rows))

    def hits_on(self, code: int) -> SurfaceHits:
        """Return the triangles behind a surface's pixels, in their order.

        Rays are cast against the surface whose code Blender found. Where a ray hits nothing, or
        another point of the surface than Blender (it missed at an edge), the triangle nearest to
        Blender's hit is used.
        """
        if code not in self._hits:
            self._hits[code] = self._cast(code)
        return self._hits[code]

    def _cast(self, code: int) -> SurfaceHits:
        members = self.by_code.members(code)
        rays = self.ray_rows.take(members, axis=1).astype(np.float32)
        directions = rotate_rows(self.cam_to_world[:3, :3], rays)
        origins = transform(self.cam_to_world, take_rows(self.origin_rows, members).T)
        starts, local = self.world.local_rays(code, self.frame, origins, directions)
        found = self.world.caster(code, self.frame).first(starts, local)
        distance = self.raw.distance.reshape(-1)[members]
        lost = np.flatnonzero(~(np.abs(found.distance - distance) <= _SAME_PLACE * distance))
        if len(lost):
            near = self._nearest(code, members[lost])
            found.triangle[lost], found.weights[lost] = near
        return SurfaceHits(found.triangle, found.weights)

    def _nearest(self, code: int, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the triangles of a surface nearest to the points of some pixels (flat indices)."""
        to_thing = invert_rigid(self.world.pose(code, self.frame)) @ self.cam_to_world
        points = transform(to_thing, self.point_rows[:, members].T)
        faces = self.world.surfaces[code - 1].mesh.faces
        return nearest_triangles(self.world.vertices(code, self.frame), faces, points)

    def rows_at(self, other: int) -> np.ndarray:
        """`points_at` as `3 x H W`."""
        if other not in self._rows_at:
            self._rows_at[other] = self._follow(other)
        return self._rows_at[other]

    def points_at(self, other: int) -> np.ndarray:
        """Return the positions in another frame of the points that the pixels show now.

        `H x W x 3`, metres, in that frame's camera axes; on the background, the sky as
        `Lens.at_infinity` represents it.
        """
        return self.image(self.rows_at(other))

    def pixels_at(self, other: int) -> np.ndarray:
        """Return the other frame's pixels of `points_at`, `H x W x 2`; NaN without an image."""
        if other not in self._pixels_at:
            self._pixels_at[other] = self.world.lens(other).project(self.points_at(other))
        return self._pixels_at[other]

    def _follow(self, other: int) -> np.ndarray:
        to_other = invert_rigid(self.world.camera(other))
        still = to_other @ self.cam_to_world
        points, sky = self.point_rows, self.by_code.members(0)
        found = transform_rows(still, points)
        found[:, sky] = self._sky_at(other, still, sky)
        for code in self.things:
            surface, members = self.world.surfaces[code - 1], self.by_code.members(code)
            if surface.deforms:
                found[:, members] = self._deformed_at(code, other, to_other).T
            elif surface.moves:
                there, here = self.world.pose(code, other), self.world.pose(code, self.frame)
                matrix = to_other @ there @ invert_rigid(here) @ self.cam_to_world
                found[:, members] = transform_rows(matrix, points.take(members, axis=1))
        return found

    def _sky_at(self, other: int, still: np.ndarray, members: np.ndarray) -> np.ndarray:
        """Return the sky behind some pixels, `3 x n`. still: `4 x 4`, between the camera axes."""
        directions = rotate_rows(still[:3, :3], self.ray_rows.take(members, axis=1))
        origins = transform_rows(still, take_rows(self.origin_rows, members))
        return self.world.lens(other).at_infinity(origins.T, directions.T).T

    def _deformed_at(self, code: int, other: int, to_other: np.ndarray) -> np.ndarray:
        found = self.hits_on(code)
        faces = self.world.surfaces[code - 1].mesh.faces[found.triangle]
        points = weighted(found.weights, self.world.vertices(code, other)[faces])
        return transform(to_other @ self.world.pose(code, other), points)


def pixels_by_code(code: np.ndarray) -> CodePixels:
    """Sort the pixels of an image of codes, `H x W`."""
    flat = code.reshape(-1)
    if flat.size and flat.min() >= 0 and flat.max() < 2**16:
        flat = flat.astype(np.uint16)  # numpy uses radix sort for 16-bit integers, ten times faster
    order = np.argsort(flat, kind="stable")
    ordered = flat[order].astype(np.int64)
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    ends = np.append(starts[1:], len(ordered))
    return CodePixels(order, ordered[starts], starts, ends[: len(starts)])
