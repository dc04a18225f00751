"""Scenes of boxes whose every answer is a formula: rays, slabs and projections in float64.

Nothing here calls the code under test except to hand it its inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from simgen.geometry.mesh import MeshData, SurfaceData
from simgen.labels.label import Label
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.frame import RawFrame
from simgen.spec.scene import (
    AssetRef,
    CameraSpec,
    DeformationSpec,
    EnvironmentSpec,
    LensSpec,
    MaterialSpec,
    ObjectSpec,
    PoseSpec,
    RenderSpec,
    SceneSpec,
    StageSpec,
)
from simgen.stages.stage import StagePart

FISHEYE = LensSpec(9.0, 36.0, "kannala_brandt")
PANORAMA = LensSpec(30.0, 36.0, "equirectangular")
PARALLEL = LensSpec(36.0, 36.0, "orthographic", view_width=2.0)


def mesh(
    vertices: np.ndarray,
    faces: np.ndarray,
    uv: np.ndarray | None = None,
    slot: np.ndarray | None = None,
    slots: tuple[str, ...] = ("body",),
    surfaces: tuple[SurfaceData | None, ...] = (),
    part: np.ndarray | None = None,
    parts: tuple[str, ...] = ("",),
) -> MeshData:
    count = len(faces)
    return MeshData(
        np.asarray(vertices, float),
        np.asarray(faces, np.int32),
        np.zeros((count, 3, 2), np.float32) if uv is None else np.asarray(uv, np.float32),
        np.zeros(count, np.int32) if slot is None else np.asarray(slot, np.int32),
        slots,
        surfaces,
        part=np.zeros(count, np.int32) if part is None else np.asarray(part, np.int32),
        parts=parts,
    )


def box_mesh(half: Sequence[float]) -> MeshData:
    """A box about the origin; its faces in the order -x, +x, -y, +y, -z, +z, two triangles each."""
    corners = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], float)
    quads = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    faces = [triangle for a, b, c, d in quads for triangle in ((a, b, c), (a, c, d))]
    return mesh(corners * np.array(half), np.array(faces))


def rotation(axis: Sequence[float], angle: float) -> tuple[np.ndarray, tuple[float, ...]]:
    """`3 x 3` and the quaternion (w, x, y, z) of a turn, each by its own formula (Rodrigues)."""
    unit = np.array(axis, float) / np.linalg.norm(axis)
    cross = np.cross(np.eye(3), unit)
    matrix = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    half = np.sin(angle / 2)
    return matrix, (float(np.cos(angle / 2)), *(float(half * value) for value in unit))


@dataclass(frozen=True)
class Place:
    position: tuple[float, float, float]
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    angle: float = 0.0

    @property
    def matrix(self) -> np.ndarray:
        pose = np.eye(4)
        pose[:3, :3] = rotation(self.axis, self.angle)[0]
        pose[:3, 3] = self.position
        return pose


@dataclass(frozen=True)
class Box:
    """A box; half its sides at rest, metres. places: one per frame, or one for all. stretch: factor
    along z in each frame, for a box that is squashed (its foot stays, its volume too)."""

    half: tuple[float, float, float]
    places: tuple[Place, ...]
    stretch: tuple[float, ...] = ()
    scale: float = 1.0
    stuff: str = ""
    """Of the stage if not empty."""

    def pose(self, frame: int) -> np.ndarray:
        return self.places[frame if len(self.places) > 1 else 0].matrix

    def shaped(self, points: np.ndarray, frame: int) -> np.ndarray:
        """Points of the box at rest (`n x 3`, its own axes, metres) in a frame, its own axes."""
        if not self.stretch:
            return points
        foot, k = np.array([0, 0, -self.half[2]]), self.stretch[frame]
        return foot + (points - foot) * np.array([k**-0.5, k**-0.5, k])

    def rested(self, points: np.ndarray, frame: int) -> np.ndarray:
        """The inverse of `shaped`."""
        if not self.stretch:
            return points
        foot, k = np.array([0, 0, -self.half[2]]), self.stretch[frame]
        return foot + (points - foot) / np.array([k**-0.5, k**-0.5, k])

    def meets(self, frame: int, eye: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Lengths of world directions (`n x 3`) from an eye, or one each, to the box; infinity for
        a miss."""
        pose = self.pose(frame)
        origin, rays = (eye - pose[:3, 3]) @ pose[:3, :3], directions @ pose[:3, :3]
        ends = self.shaped(np.array([self.half]) * np.array([[-1], [1]]), frame)
        with np.errstate(divide="ignore", invalid="ignore"):
            times = (ends[:, None] - origin) / rays
        first, last = times.min(axis=0).max(axis=1), times.max(axis=0).min(axis=1)
        return np.where((first <= last) & (first > 0), first, np.inf)


@dataclass(frozen=True)
class Scene:
    boxes: tuple[Box, ...]
    """Those of the stage first."""
    cameras: tuple[np.ndarray, ...]
    """Camera to world, one per frame."""
    lens: LensSpec = field(default_factory=lambda: LensSpec(36.0, 36.0))
    width: int = 80
    height: int = 60
    baseline: float = 0.0
    track_count: int = 0
    meshes: tuple[MeshData, ...] = ()
    """In place of the boxes' own."""
    materials: tuple[dict[str, MaterialSpec], ...] = ()

    @property
    def stage_count(self) -> int:
        return sum(bool(box.stuff) for box in self.boxes)

    # ---- What the code under test is given

    @property
    def stage(self) -> tuple[StagePart, ...]:
        parts = []
        for number, box in enumerate(self.boxes):
            if box.stuff:
                place = tuple(map(float, box.pose(0)[:3, 3]))
                parts.append(StagePart(f"part{number}", box_mesh(box.half), place, box.stuff))
        return tuple(parts)

    def spec(self) -> SceneSpec:
        items = [
            self._item(box, number)
            for number, box in enumerate(box for box in self.boxes if not box.stuff)
        ]
        cameras = tuple(
            CameraSpec(tuple(tuple(map(float, row)) for row in pose), self.lens)
            for pose in self.cameras
        )
        return SceneSpec(
            seed=3, index=1, classes=("cube", "slab"), labels=(), objects=tuple(items),
            stage=StageSpec("none", {}, {}), environment=EnvironmentSpec("plain", 1.0),
            lights=(), cameras=cameras,
            render=RenderSpec(self.width, self.height, 1, False, 1, 0),
            frame_rate=4.0, stereo_baseline=self.baseline, track_count=self.track_count,
            stuff=("background", "floor", "wall"),
        )  # fmt: skip

    def _item(self, box: Box, number: int) -> ObjectSpec:
        poses = tuple(
            PoseSpec(place.position, rotation(place.axis, place.angle)[1])  # type: ignore[arg-type]
            for place in box.places
        )
        how = None
        if box.stretch:  # 1 + a sin(2 pi f t + p): with f = 1 and 4 frames a second
            amplitude = box.stretch[1] - 1
            how = DeformationSpec("squash", amplitude, 1.0, 0.0)
            angles = 2 * np.pi * np.arange(len(box.stretch)) / 4
            assert np.allclose(box.stretch, 1 + amplitude * np.sin(angles))
        return ObjectSpec(
            instance_id=number + 1, class_name="cube", class_id=1 + number % 2,
            asset=AssetRef("parametric", "cube"), scale=box.scale, position=poses[0].position,
            rotation=poses[0].rotation,
            materials=self.materials[number] if self.materials else {},
            trajectory=poses if len(poses) > 1 else (), deformation=how,
        )  # fmt: skip

    def world(self, **changes: Any) -> World:
        """changes: of the spec."""
        objects = [box for box in self.boxes if not box.stuff]
        meshes = self.meshes or [box_mesh(np.array(b.half) / b.scale) for b in objects]
        return World(replace(self.spec(), **changes), meshes, self.stage)

    def view(self, frame: int, world: World | None = None) -> FrameView:
        world = world or self.world()
        return FrameView(world, self.raw(frame), frame)

    # ---- Answers

    def centres(self) -> np.ndarray:
        """`H W x 2`."""
        u, v = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        return np.stack([u.ravel(), v.ravel()], axis=1)

    @property
    def focal(self) -> float:
        """Pixels; of parallel rays, pixels per metre."""
        if self.lens.model == "orthographic":
            return self.width / self.lens.view_width
        return self.lens.focal_length_mm / self.lens.sensor_width_mm * self.width

    def rays(self) -> np.ndarray:
        """`H W x 3` unit, camera axes. The fisheye is equidistant: radius = f theta."""
        offset = self.centres() - np.array([self.width, self.height]) / 2
        if self.lens.model == "orthographic":
            return np.tile([0.0, 0.0, 1.0], (len(offset), 1))
        if self.lens.model == "equirectangular":
            a, b = (offset * [2 * np.pi / self.width, np.pi / self.height]).T
            return np.stack([np.cos(b) * np.sin(a), np.sin(b), np.cos(b) * np.cos(a)], axis=1)
        radius = np.linalg.norm(offset, axis=1) / self.focal
        if self.lens.model == "kannala_brandt":
            away = offset / self.focal / np.maximum(radius, 1e-12)[:, None]
            return np.column_stack([away * np.sin(radius)[:, None], np.cos(radius)])
        rays = np.column_stack([offset / self.focal, np.ones(len(offset))])
        return rays / np.linalg.norm(rays, axis=1, keepdims=True)

    def origins(self) -> np.ndarray:
        """`H W x 3`: where the rays start, camera axes."""
        offset = self.centres() - np.array([self.width, self.height]) / 2
        if self.lens.model == "orthographic":
            return np.column_stack([offset / self.focal, np.zeros(len(offset))])
        return np.zeros((len(offset), 3))

    def project(self, points: np.ndarray) -> np.ndarray:
        """`n x 3` camera axes to `n x 2`; NaN behind a pinhole."""
        x, y, z = points.T
        middle = np.array([self.width, self.height]) / 2
        if self.lens.model == "equirectangular":
            a, b = np.arctan2(x, z), np.arctan2(y, np.hypot(x, z))
            turn = [self.width / (2 * np.pi), self.height / np.pi]
            return middle + np.stack([a, b], axis=1) * turn
        if self.lens.model == "kannala_brandt":
            theta, radius = np.arctan2(np.hypot(x, y), z), np.hypot(x, y)
            return (
                middle + self.focal * points[:, :2] * (theta / np.maximum(radius, 1e-12))[:, None]
            )
        z = np.where(z > 0, z, np.nan)
        if self.lens.model == "orthographic":
            return middle + self.focal * points[:, :2] + 0 * z[:, None]
        return middle + self.focal * points[:, :2] / z[:, None]

    def sight(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Metres along each pixel's ray to what it meets, infinity for nothing, and codes."""
        pose = self.cameras[frame]
        directions = self.rays() @ pose[:3, :3].T
        starts = pose[:3, 3] + self.origins() @ pose[:3, :3].T
        layers = np.array([box.meets(frame, starts, directions) for box in self.boxes])
        distance = layers.min(axis=0)
        return distance, np.where(np.isfinite(distance), layers.argmin(axis=0) + 1, 0)

    def raw(self, frame: int) -> RawFrame:
        distance, code = self.sight(frame)
        shape = self.height, self.width
        return RawFrame(None, distance.reshape(shape), code.reshape(shape).astype(np.int32))

    def seen_from(self, frame: int, other: int) -> np.ndarray:
        """`H W x 3`: what each pixel shows, in the camera axes of another frame. For the sky
        directions; of parallel rays a metre along them, if they are parallel to the other's."""
        distance, code = self.sight(frame)
        camera, then = self.cameras[frame], self.cameras[other]
        rays = self.rays() @ camera[:3, :3].T
        starts = camera[:3, 3] + self.origins() @ camera[:3, :3].T
        out = rays @ then[:3, :3]
        if self.lens.model == "orthographic":
            out = (starts - then[:3, 3]) @ then[:3, :3] * [1, 1, 0] + [0, 0, 1]
            out[~np.isclose(camera[:3, 2] @ then[:3, 2], 1, rtol=0, atol=1e-15)] = np.nan
        for number, box in enumerate(self.boxes, start=1):
            here = code == number
            world = starts[here] + rays[here] * distance[here, None]
            pose, later = box.pose(frame), box.pose(other)
            rest = box.rested((world - pose[:3, 3]) @ pose[:3, :3], frame)
            world = box.shaped(rest, other) @ later[:3, :3].T + later[:3, 3]
            out[here] = (world - then[:3, 3]) @ then[:3, :3]
        return out

    def flow(self, frame: int, other: int) -> np.ndarray:
        """`H x W x 2`."""
        flow = self.project(self.seen_from(frame, other)) - self.centres()
        if self.lens.model == "equirectangular":
            flow[:, 0] -= self.width * np.round(flow[:, 0] / self.width)
        return flow.reshape(self.height, self.width, 2)

    def hidden(self, frame: int, eye: np.ndarray, directions: np.ndarray, sky: np.ndarray):
        """Whether a box stands on the way from an eye along world directions (`n x 3`)."""
        near = np.min([box.meets(frame, eye, directions) for box in self.boxes], axis=0)
        return near < np.where(sky, np.inf, 1 - 1e-4)

    def occlusion(self, frame: int, other: int) -> np.ndarray:
        """`H x W` bool."""
        points, pose = self.seen_from(frame, other), self.cameras[other]
        pixels = self.project(points)
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= 0) & (pixels <= [self.width, self.height])).all(axis=1)
        sky = self.sight(frame)[1] == 0
        origins = np.zeros(3)
        if self.lens.model == "orthographic":
            origins, points = points * [1, 1, 0], points * [0, 0, 1]
        eye = pose[:3, 3] + origins @ pose[:3, :3].T
        hidden = self.hidden(other, eye, points @ pose[:3, :3].T, sky)
        return (hidden | ~inside).reshape(self.height, self.width)


def camera(position: Sequence[float], yaw: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    """Camera to world: looks along the world's y, turned to the right by yaw and down by pitch."""
    forward = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0.0]])  # columns: right, down, forward
    turn = rotation((0, 0, 1), -yaw)[0] @ rotation((1, 0, 0), -pitch)[0]
    pose = np.eye(4)
    pose[:3, :3] = turn @ forward
    pose[:3, 3] = position
    return pose


def still(lens: LensSpec | None = None, **more: object) -> Scene:
    """A floor, a wall that ends within the image and two boxes, one in front of the other; only
    the camera moves."""
    boxes = (
        Box((4.0, 4.0, 0.1), (Place((0.0, 3.0, -0.1)),), stuff="floor"),
        Box((1.5, 0.05, 0.6), (Place((-1.0, 5.0, 0.6)),), stuff="wall"),
        Box((0.3, 0.2, 0.4), (Place((-0.2, 2.2, 0.4), (0, 0, 1), 0.5),), scale=2.0),
        Box((0.4, 0.4, 0.3), (Place((0.3, 3.2, 0.3), (1, 2, 3), 0.8),)),
    )
    cameras = (
        camera((0.0, 0.0, 1.0), 0.01, 0.2),
        camera((0.12, 0.05, 1.05), 0.05, 0.22),
        camera((0.3, 0.1, 1.0), 0.02, 0.2),
    )
    return Scene(boxes, cameras, lens or LensSpec(36.0, 36.0), **more)  # type: ignore[arg-type]


def moving(lens: LensSpec | None = None, **more: object) -> Scene:
    """Like `still`, with boxes that move and turn, and one that is squashed besides."""
    first = tuple(Place((-0.3 + 0.1 * k, 2.2, 0.4), (0, 0, 1), 0.5 + 0.1 * k) for k in range(3))
    second = tuple(Place((0.3 - 0.05 * k, 3.2, 0.5), (1, 2, 3), 0.8 - 0.1 * k) for k in range(3))
    third = tuple(Place((0.9 - 0.06 * k, 2.6, 0.3), (0, 0, 1), 0.2 * k) for k in range(3))
    base = still(lens, **more)
    boxes = (
        *base.boxes[:2],
        Box((0.3, 0.2, 0.4), first, scale=2.0),
        Box((0.4, 0.4, 0.3), second),
        Box((0.2, 0.25, 0.3), third, stretch=(1.0, 1.3, 1.0), scale=0.5),
    )
    return Scene(boxes, base.cameras, base.lens, **more)  # type: ignore[arg-type]


def made(label: Label, view: FrameView) -> Any:
    """A label of a view."""
    assert label.make is not None
    return label.make(SimpleNamespace(view=view))  # type: ignore[arg-type]
