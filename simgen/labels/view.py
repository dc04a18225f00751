"""FrameView: one rendered frame together with the geometry behind its pixels."""

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
"""Part of its distance by which a triangle that our ray found may lie off what the renderer saw."""


@dataclass(frozen=True)
class SurfaceHits:
    """Which triangles of a thing's mesh are behind `n` pixels.

    triangle: `n` int32. weights: `n x 3` float32, barycentric.
    """

    triangle: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class CodePixels:
    """The pixels of an image sorted by their code.

    order: flat indices of all pixels. codes, starts, ends: each code that occurs, in order, and
    from where to where in `order` its pixels are, which are in order too.
    """

    order: np.ndarray
    codes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def members(self, code: int) -> np.ndarray:
        """Flat indices of the pixels of a code, which may be none."""
        place = int(np.searchsorted(self.codes, code))
        if place == len(self.codes) or self.codes[place] != code:
            return self.order[:0]
        return self.order[self.starts[place] : self.ends[place]]


class FrameView:
    """What the labels of one frame are made from. What several labels need is computed on first
    use, and must not be modified.

    Images of vectors are kept as rows, `3 x H W`: numpy goes through them several times faster than
    through pixels of three.
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
        return pixels_by_code(self.code)

    @property
    def things(self) -> tuple[int, ...]:
        """Codes of all things that the frame shows."""
        return tuple(int(code) for code in self.by_code.codes if code > 0)

    @property
    def cam_to_world(self) -> np.ndarray:
        """`4 x 4`, OpenCV axes."""
        return self.world.camera(self.frame)

    @cached_property
    def pixels(self) -> np.ndarray:
        """`H x W x 2`: the centres of all pixels."""
        height, width = self.code.shape
        columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
        return np.stack(np.meshgrid(columns, rows), axis=-1)

    @property
    def ray_rows(self) -> np.ndarray:
        """`rays` as `3 x H W`."""
        return self.world.pixel_rays(self.lens)

    @property
    def rays(self) -> np.ndarray:
        """`H x W x 3`: unit directions in camera axes; NaN where the lens sends no ray."""
        return self.image(self.ray_rows)

    @property
    def origin_rows(self) -> np.ndarray:
        """Where the rays start, camera axes, metres: `3 x H W`, or `3 x 1` where all share it."""
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
        """`H x W x 3`: what each pixel shows, in camera axes, metres. Where there is nothing, the
        place a metre along the ray, which `Lens.at_infinity` takes for what is infinitely far."""
        return self.image(self.point_rows)

    def image(self, rows: np.ndarray) -> np.ndarray:
        """`k x H W` rows as an image, `H x W x k`, without a copy."""
        return rows.T.reshape(*self.code.shape, len(rows))

    def hits_on(self, code: int) -> SurfaceHits:
        """The triangles behind a thing's pixels, in their order: by rays of our own against what
        Blender found there. Where these meet nothing, or something else of the thing than Blender
        did (they slipped past an edge), the thing's triangle that is nearest to what Blender saw.
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
        """Nearest triangles of a thing to what some pixels (flat indices) show."""
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
        """`H x W x 3`: where what each pixel shows now is in another frame, in that frame's camera
        axes, metres. Where there is nothing, what `Lens.at_infinity` says of the sky there."""
        return self.image(self.rows_at(other))

    def pixels_at(self, other: int) -> np.ndarray:
        """`H x W x 2`: the pixels of `points_at` in the other frame; NaN where there is none."""
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
        """`3 x n`: the sky behind some pixels. still: `4 x 4`, from these camera axes to others."""
        directions = rotate_rows(still[:3, :3], self.ray_rows.take(members, axis=1))
        origins = transform_rows(still, take_rows(self.origin_rows, members))
        return self.world.lens(other).at_infinity(origins.T, directions.T).T

    def _deformed_at(self, code: int, other: int, to_other: np.ndarray) -> np.ndarray:
        found = self.hits_on(code)
        faces = self.world.surfaces[code - 1].mesh.faces[found.triangle]
        points = weighted(found.weights, self.world.vertices(code, other)[faces])
        return transform(to_other @ self.world.pose(code, other), points)


def pixels_by_code(code: np.ndarray) -> CodePixels:
    """The pixels of an image of codes, `H x W`, sorted by them."""
    flat = code.reshape(-1)
    if flat.size and flat.min() >= 0 and flat.max() < 2**16:
        flat = flat.astype(np.uint16)  # numpy sorts short numbers by their digits, ten times faster
    order = np.argsort(flat, kind="stable")
    ordered = flat[order].astype(np.int64)
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    ends = np.append(starts[1:], len(ordered))
    return CodePixels(order, ordered[starts], starts, ends[: len(starts)])
