"""Scenes of a few plain solids, seen by rays that share nothing with the labels but Embree.

Rays come from OpenCV's own inverse of each lens model, and meet triangles through trimesh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from simgen.geometry.mesh import MeshData
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.frame import RawFrame
from simgen.spec.scene import (
    AssetRef,
    CameraSpec,
    DeformationSpec,
    EnvironmentSpec,
    LensSpec,
    ObjectSpec,
    PoseSpec,
    RenderSpec,
    SceneSpec,
    StageSpec,
)

LENSES = {
    "pinhole": LensSpec(30.0, 36.0, principal_point=(0.53, 0.46), pixel_aspect=1.1),
    "brown_conrady": LensSpec(24.0, 36.0, "brown_conrady", (-0.28, 0.09, 0.001, -0.002, -0.01)),
    "kannala_brandt": LensSpec(12.0, 36.0, "kannala_brandt", (0.02, -0.01, 0.003, -0.0005)),
    "equirectangular": LensSpec(30.0, 36.0, "equirectangular"),
    "orthographic": LensSpec(
        30.0, 36.0, "orthographic", (), (0.53, 0.46), pixel_aspect=1.1, view_width=1.8
    ),
}


def solid(mesh: trimesh.Trimesh, **more: object) -> MeshData:
    count = len(mesh.faces)
    return MeshData(
        np.asarray(mesh.vertices, float),
        np.asarray(mesh.faces, np.int32),
        np.zeros((count, 3, 2), np.float32),
        np.zeros(count, np.int32),
        ("body",),
        **more,  # type: ignore[arg-type]
    )


def box(*sides: float) -> MeshData:
    return solid(trimesh.creation.box(sides))


def ball(radius: float, subdivisions: int = 4) -> MeshData:
    return solid(trimesh.creation.icosphere(subdivisions, radius))


@dataclass(frozen=True)
class Thing:
    """A solid at a place in the camera's axes, metres, turned by a rotation vector, radians."""

    mesh: MeshData
    place: tuple[float, float, float]
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0
    deformation: DeformationSpec | None = None

    @property
    def pose(self) -> np.ndarray:
        pose = np.eye(4)
        pose[:3, :3] = cv2.Rodrigues(np.array(self.turn))[0]
        pose[:3, 3] = self.place
        return pose

    def placed(self) -> trimesh.Trimesh:
        """At rest, in camera axes."""
        points = self.scale * self.mesh.vertices @ self.pose[:3, :3].T + self.pose[:3, 3]
        return trimesh.Trimesh(points, self.mesh.faces, process=False)


@dataclass(frozen=True)
class Scene:
    """Things before a camera that stands in the world's origin."""

    things: Sequence[Thing]
    lens: LensSpec = field(default_factory=lambda: LENSES["pinhole"])
    width: int = 96
    height: int = 72
    labels: tuple[str, ...] = ("objects", "amodal_masks", "occlusion_order", "keypoints")

    def distances(self, number: int, pixels: np.ndarray) -> np.ndarray:
        """Metres along the rays through pixels (`n x 2`) to a thing that is alone; infinity."""
        rays = self.rays(pixels)
        usable = np.isfinite(rays[:, 0])
        caster = RayMeshIntersector(self.things[number].placed())
        distance = np.full(len(rays), np.inf)
        origins = self.origins(pixels)[usable]
        places, index, _ = caster.intersects_location(origins, rays[usable], multiple_hits=False)
        away = np.linalg.norm(places - origins[index], axis=1)
        distance[np.flatnonzero(usable)[index]] = away
        return distance

    def origins(self, pixels: np.ndarray) -> np.ndarray:
        """`n x 3`: where the rays through pixels start."""
        if self.lens.model != "orthographic":
            return np.zeros((len(pixels), 3))
        flat = (pixels - self.k()[:2, 2]) / np.diag(self.k())[:2]
        return np.column_stack([flat, np.zeros(len(flat))])

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """`n x 3` unit, by OpenCV."""
        lens, k = self.lens, self.k()
        if lens.model == "orthographic":
            return np.tile([0.0, 0.0, 1.0], (len(pixels), 1))
        if lens.model == "equirectangular":
            across = (pixels[:, 0] / self.width - 0.5) * 2 * np.pi
            down = (pixels[:, 1] / self.height - 0.5) * np.pi
            level = np.cos(down)
            return np.stack([np.sin(across) * level, np.sin(down), np.cos(across) * level], axis=1)
        flat = np.ascontiguousarray(pixels, float)[:, None]
        if lens.model == "kannala_brandt":
            radius = np.linalg.norm((pixels - k[:2, 2]) / np.diag(k)[:2], axis=1)
            theta = _inverse_theta(radius, lens.coefficients)
            away = (pixels - k[:2, 2]) / np.diag(k)[:2] / np.maximum(radius, 1e-12)[:, None]
            return np.column_stack([away * np.sin(theta)[:, None], np.cos(theta)])
        given = np.array(lens.coefficients or (0.0,) * 5)
        stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-12)
        plane = cv2.undistortPoints(flat, k, given, None, None, None, stop)[:, 0]
        rays = np.column_stack([plane, np.ones(len(plane))])
        again = cv2.projectPoints(rays[:, None], np.zeros(3), np.zeros(3), k, given)[0][:, 0]
        # Beyond where the distortion turns back, OpenCV's search ends anywhere.
        radius = np.linspace(0, 12, 100_000)
        k1, k2, _, _, k3 = given[:5]
        bent = radius * (1 + k1 * radius**2 + k2 * radius**4 + k3 * radius**6)
        turns = np.flatnonzero(np.diff(bent) <= 0)
        most = radius[turns[0]] if len(turns) else 12.0
        lost = np.linalg.norm(again - pixels, axis=1) > 1e-6
        rays[lost | (np.linalg.norm(plane, axis=1) > most)] = np.nan
        return rays / np.linalg.norm(rays, axis=1, keepdims=True)

    def k(self) -> np.ndarray:
        lens = self.lens
        fx = lens.focal_length_mm / lens.sensor_width_mm * self.width
        if lens.model == "orthographic":
            fx = self.width / lens.view_width
        px, py = lens.principal_point
        return np.array(
            [[fx, 0, px * self.width], [0, fx * lens.pixel_aspect, py * self.height], [0, 0, 1]]
        )

    def spec(self) -> SceneSpec:
        objects = []
        for number, thing in enumerate(self.things, start=1):
            angle = float(np.linalg.norm(thing.turn))
            axis = np.array(thing.turn) / max(angle, 1e-12) * np.sin(angle / 2)
            pose = PoseSpec(thing.place, (float(np.cos(angle / 2)), *map(float, axis)))
            asset = AssetRef("parametric", f"solid{number}")
            objects.append(
                ObjectSpec(
                    number, "solid", 1, asset, thing.scale, pose.position, pose.rotation, {},
                    deformation=thing.deformation,
                )
            )  # fmt: skip
        rows = tuple(tuple(map(float, row)) for row in np.eye(4))
        return SceneSpec(
            seed=0, index=0, classes=("solid",), labels=self.labels, objects=tuple(objects),
            stage=StageSpec("none", {}, {}), environment=EnvironmentSpec("plain", 1.0),
            lights=(), cameras=(CameraSpec(rows, self.lens),),
            render=RenderSpec(self.width, self.height, 1, False, 1, 0), frame_rate=1.0,
        )  # fmt: skip

    def centres(self) -> np.ndarray:
        """`H W x 2`: pixel centres, row by row."""
        columns, rows = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        return np.stack([columns.ravel(), rows.ravel()], axis=1)

    def layers(self) -> np.ndarray:
        """`N x H x W`: distance to each thing when it is alone."""
        pixels = self.centres()
        found = [self.distances(number, pixels) for number in range(len(self.things))]
        return np.array(found).reshape(len(self.things), self.height, self.width)

    def view(self) -> FrameView:
        """The frame as a perfect renderer would give it."""
        spec, layers = self.spec(), self.layers()
        nearest = layers.min(axis=0)
        code = np.where(np.isfinite(nearest), layers.argmin(axis=0) + 1, 0).astype(np.int32)
        world = World(spec, [thing.mesh for thing in self.things], ())
        return FrameView(world, RawFrame(None, nearest, code), 0)


def _inverse_theta(radius: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """Angle to the axis of a distorted radius, by bisection."""
    powers = np.array([1.0, *coefficients])

    def distorted(theta: np.ndarray) -> np.ndarray:
        return sum(k * theta ** (2 * i + 1) for i, k in enumerate(powers))

    angles = np.linspace(0, np.pi, 100_000)
    turns = np.flatnonzero(np.diff(distorted(angles)) <= 0)
    widest = angles[turns[0]] if len(turns) else np.pi
    low, high = np.zeros_like(radius), np.full_like(radius, widest)
    for _ in range(60):
        middle = (low + high) / 2
        above = distorted(middle) > radius
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(np.abs(distorted(low) - radius) < 1e-9, low, np.nan)
