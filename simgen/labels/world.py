"""All surfaces of a scene in each frame, for ray casting. Codes are those of `RawFrame`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from simgen.geometry.lens import Lens, lens_of, pixel_ray_rows
from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import pose_at, shape_at
from simgen.geometry.raycast import Caster, Cutout, cutout_of
from simgen.geometry.transforms import box_of, invert_rigid, transform
from simgen.labels.bundle import bundle_of
from simgen.labels.rows import rotate_rows, take_rows
from simgen.spec.scene import MaterialSpec, ObjectSpec, SceneSpec
from simgen.stages.furnishings import ignored_class
from simgen.stages.stage import StagePart

SAME_SURFACE = 1e-4
"""Relative distance by which a surface must be nearer than a point to hide it; a smaller difference
is attributed to the point's own surface."""


@dataclass(frozen=True)
class Surface:
    """A part of the stage, or an object.

    item: the object's spec, or None for a part of the stage. mesh: unscaled. materials: sampled
    materials by slot; other slots keep the mesh's own material.
    """

    name: str
    mesh: MeshData
    item: ObjectSpec | None
    position: np.ndarray
    """Position of a stage part, `3`, metres."""
    materials: dict[str, MaterialSpec]

    @property
    def deforms(self) -> bool:
        return self.item is not None and self.item.deformation is not None

    @property
    def moves(self) -> bool:
        return self.item is not None and bool(self.item.trajectory)

    @property
    def scale(self) -> float:
        return self.item.scale if self.item else 1.0

    @cached_property
    def cutout(self) -> Cutout | None:
        return cutout_of(self.mesh, tuple(self.materials))

    @cached_property
    def see_through(self) -> np.ndarray:
        """Whether each slot of the mesh transmits light, bool."""
        found = []
        for slot, own in zip(self.mesh.slots, self.mesh.surfaces, strict=True):
            drawn = self.materials.get(slot)
            if drawn is not None:
                found.append(drawn.transmission > 0)
            else:
                found.append(own is not None and own.base_color[3] < 1)
        return np.array(found, bool)


@dataclass(frozen=True)
class Shape:
    """The shape of an object's mesh at one time, in the mesh's own axes and unscaled. Rigid objects
    with the same mesh share their shape."""

    vertices: np.ndarray
    mesh: MeshData
    cutout: Cutout | None

    @cached_property
    def box(self) -> np.ndarray:
        """Lowest and highest corner, `2 x 3`."""
        return box_of(self.vertices)

    @cached_property
    def caster(self) -> Caster:
        return Caster(self.vertices, self.mesh.faces, self.cutout)

    @cached_property
    def face_normals(self) -> np.ndarray:
        """Unit normals, `F x 3`; 0 for degenerate triangles."""
        a, b, c = (self.vertices[self.mesh.faces[:, i]] for i in range(3))
        normals = np.cross(b - a, c - a)
        length = np.linalg.norm(normals, axis=1, keepdims=True)
        return normals / np.where(length > 0, length, 1.0)


class World:
    """A scene's surfaces: `surfaces[code - 1]` is the surface of pixels with that code.

    meshes: one unscaled mesh per object of the spec, in its order. stage: parts of the stage.
    """

    def __init__(
        self, spec: SceneSpec, meshes: Sequence[MeshData], stage: Sequence[StagePart]
    ) -> None:
        self.spec = spec
        self.stage = tuple(stage)
        self.stage_count = len(stage)
        ignored = ((code, ignored_class(part, spec)) for code, part in enumerate(stage, start=1))
        self.ignored: dict[int, str] = {code: name for code, name in ignored if name}
        """Class of each stage part that is an ignore region, by code."""
        drawn = spec.stage.materials
        parts = [
            Surface(
                p.name,
                p.mesh,
                None,
                np.array(p.position),
                drawn if p.materials is None else p.materials,
            )
            for p in stage
        ]
        objects = [
            Surface(item.class_name, mesh, item, np.zeros(3), item.materials)
            for item, mesh in zip(spec.objects, meshes, strict=True)
        ]
        self.surfaces: tuple[Surface, ...] = (*parts, *objects)
        self._rigid: dict[tuple[int, tuple[str, ...]], Shape] = {}
        self._deformed: dict[int, dict[int, Shape]] = {}
        self._origins_of = lru_cache(1)(_origins_of)

    def code(self, instance_id: int) -> int:
        return self.stage_count + instance_id

    def pose(self, code: int, frame: int) -> np.ndarray:
        """Return the pose of a surface, `4 x 4` rigid, from its own axes to the world."""
        surface = self.surfaces[code - 1]
        if surface.item is not None:
            return pose_at(surface.item, self.spec.moment(frame))
        pose = np.eye(4)
        pose[:3, 3] = surface.position
        return pose

    def camera(self, frame: int) -> np.ndarray:
        """Return the camera's pose, `4 x 4`, camera to world, OpenCV axes."""
        return np.array(self.spec.cameras[frame].cam_to_world)

    def lens(self, frame: int) -> Lens:
        return lens_of(self.spec.cameras[frame].lens, *self.spec.size(frame))

    def pixel_rays(self, lens: Lens) -> np.ndarray:
        """Return the unit directions through a lens's pixel centres in camera axes, `3 x H W`,
        read-only."""
        return pixel_ray_rows(lens)

    def pixel_origins(self, lens: Lens) -> np.ndarray:
        """Return their origins in camera axes, metres: `3 x H W`, or `3 x 1` if shared by all."""
        return self._origins_of(lens)

    def vertices(self, code: int, frame: int) -> np.ndarray:
        """Return a surface's vertices, scaled and deformed, in its own axes, `V x 3`, metres."""
        shape, scale = self.shape(code, frame), self.surfaces[code - 1].scale
        return shape.vertices if scale == 1 else scale * shape.vertices

    def caster(self, code: int, frame: int) -> Caster:
        """Return the ray caster of a surface, in its own axes."""
        return self.shape(code, frame).caster.scaled(self.surfaces[code - 1].scale)

    def shape(self, code: int, frame: int) -> Shape:
        """Return the unscaled shape of a surface in a frame."""
        surface = self.surfaces[code - 1]
        if surface.item is not None and surface.deforms:
            return self._deformed_shape(code, frame, surface, surface.item)
        drawn = tuple(slot for slot in surface.mesh.slots if slot in surface.materials)
        key = id(surface.mesh), drawn
        if key not in self._rigid:
            self._rigid[key] = Shape(surface.mesh.vertices, surface.mesh, surface.cutout)
        return self._rigid[key]

    def _deformed_shape(self, code: int, frame: int, surface: Surface, item: ObjectSpec) -> Shape:
        shapes, frame = self._deformed.setdefault(code, {}), self.spec.moment(frame)
        if frame not in shapes:
            for old in [number for number in shapes if abs(number - frame) > 2]:
                del shapes[old]  # labels of a frame only need its two neighbours
            rate = self.spec.frame_rate
            vertices = shape_at(item, surface.mesh.vertices, frame, rate) / item.scale
            shapes[frame] = Shape(vertices, surface.mesh, surface.cutout)
        return shapes[frame]

    def local_rays(
        self, code: int, frame: int, origins: np.ndarray, rows: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Transform rays from the world to a surface's own axes.

        origins: `n x 3` or `1 x 3`. rows: directions, `3 x n`. Returns origins, `n x 3` or `1 x 3`,
        and directions, `n x 3`.
        """
        inverse = invert_rigid(self.pose(code, frame))
        return transform(inverse, origins), rotate_rows(inverse[:3, :3], rows).T

    def blocked(
        self, frame: int, origins: np.ndarray, directions: np.ndarray, far: float | np.ndarray
    ) -> np.ndarray:
        """Return whether each ray hits a surface, `n` bool.

        origins: world, `3` shared by all rays, or `n x 3` of parallel rays. directions: `n x 3`,
        world. far: end of the rays as a multiple of their directions, a scalar or `n`; may be
        infinite.
        """
        rows = np.ascontiguousarray(directions.T, np.float32)
        limits = np.broadcast_to(np.asarray(far, np.float32), len(directions))
        found = self._backdrop.blocked(origins, rows.T, limits)
        if len(self._single):
            self._block_singly(frame, origins, rows, limits, found)
        return found

    def _block_singly(
        self,
        frame: int,
        origins: np.ndarray,
        rows: np.ndarray,
        limits: np.ndarray,
        found: np.ndarray,
    ) -> None:
        """Set `found` for rays blocked by surfaces that are tested one by one."""
        bundle = bundle_of(origins, rows, limits)
        spheres = [self.sphere(code, frame) for code in self._single]
        centres = np.array([centre for centre, _ in spheres])
        radii = np.array([radius for _, radius in spheres])
        for code, rays in zip(self._single, bundle.towards(centres, radii), strict=True):
            free = rays[~found[rays]]
            if len(free):
                starts = take_rows(np.atleast_2d(origins).T, free).T
                starts, local = self.local_rays(code, frame, starts, rows.take(free, axis=1))
                found[free] = self.caster(code, frame).blocked(starts, local, limits[free])

    @cached_property
    def _single(self) -> tuple[int, ...]:
        """Codes of the surfaces that are tested one by one: objects, which may move, and surfaces
        with cutouts."""
        return tuple(
            code
            for code, surface in enumerate(self.surfaces, start=1)
            if surface.item is not None or surface.cutout is not None
        )

    @cached_property
    def _backdrop(self) -> Caster:
        """All other surfaces as one mesh in world axes: few triangles, near most rays."""
        corners, faces, count = [np.zeros((0, 3))], [np.zeros((0, 3), np.int32)], 0
        for code in sorted(set(range(1, len(self.surfaces) + 1)) - set(self._single)):
            corners.append(transform(self.pose(code, 0), self.vertices(code, 0)))
            faces.append(self.surfaces[code - 1].mesh.faces + count)
            count += len(corners[-1])
        return Caster(np.concatenate(corners), np.concatenate(faces))

    def sphere(self, code: int, frame: int) -> tuple[np.ndarray, float]:
        """Return the bounding sphere of a surface: centre in the world, and radius."""
        box, scale = self.shape(code, frame).box * self.surfaces[code - 1].scale, 1 + 1e-5
        middle = transform(self.pose(code, frame), box.mean(axis=0)[None])[0]
        return middle, float(np.linalg.norm(box[1] - box[0])) / 2 * scale


def _origins_of(lens: Lens) -> np.ndarray:
    return np.ascontiguousarray(lens.pixel_origins().reshape(-1, 3).T)
