"""An independent opinion on what a camera sees: trimesh, embree and OpenCV, nothing of the labels.

Reads a scene's JSON files and its assets' meshes, casts a ray through the centre of every pixel
against all triangles of the scene, and works out in float64 what the ray meets, how deep, where
that point is in another frame or for another camera, and whether it is hidden there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from simgen.spec.scene import SceneSpec
from simgen.stages.resolver import Resolver

HIDDEN = 1e-4
"""Part of a point's distance by which something has to be nearer to hide it."""
KEYPOINT_HIDDEN = 1e-5
"""The same for keypoints, of which nothing is known but what stands in front of them."""


# ---- Cameras


class Eye:
    """A camera of a frame's JSON. Axes are OpenCV's, pixel centres at +0.5."""

    def __init__(self, camera: dict[str, Any], to_the_right: float = 0.0) -> None:
        self.width, self.height = camera["width"], camera["height"]
        self.k = np.array(camera["K"])
        self.model = camera["lens"]["model"]
        self.distortion = np.array(camera["lens"]["coefficients"], float)
        self.pose = np.array(camera["cam_to_world"])
        self.pose[:3, 3] += to_the_right * self.pose[:3, 0]

    @property
    def centre(self) -> np.ndarray:
        return self.pose[:3, 3]

    @property
    def _opencv_k(self) -> np.ndarray:
        """K for OpenCV, which counts from the centre of the top left pixel."""
        k = self.k.copy()
        k[:2, 2] -= 0.5
        return k

    @cached_property
    def rays(self) -> np.ndarray:
        """`H W x 3`: unit directions through the pixels' centres, camera axes, row by row. NaN
        where the lens sends none."""
        u, v = np.meshgrid(np.arange(self.width), np.arange(self.height))
        pixels = np.stack([u.ravel(), v.ravel()], axis=1).astype(float)  # OpenCV's coordinates
        rays = self._rays(pixels)
        return rays / np.linalg.norm(rays, axis=1, keepdims=True)

    @cached_property
    def starts(self) -> np.ndarray:
        """`H W x 3`: where they start, camera axes."""
        starts = np.zeros((self.width * self.height, 3))
        if self.model == "orthographic":  # K is of pixels per metre, in the plane z = 0
            u, v = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
            starts[:, 0] = (u.ravel() - self.k[0, 2]) / self.k[0, 0]
            starts[:, 1] = (v.ravel() - self.k[1, 2]) / self.k[1, 1]
        return starts

    def sights(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From where in the world `n x 3` points of the world are seen, and the ways to them."""
        away = np.zeros(points.shape)
        if self.model == "orthographic":
            along = self.pose[:3, 2]
            ahead = (points - self.centre) @ along
            away = points - self.centre - ahead[:, None] * along
        return self.centre + away, points - self.centre - away

    def sky(self, other: Eye) -> np.ndarray:
        """`H W x 3`: what stands in another camera's axes for the sky that the pixels show: the
        direction; of parallel rays a point on them, as far as the other's are parallel to them."""
        if self.model != "orthographic":
            return self.rays @ self.pose[:3, :3].T @ other.pose[:3, :3]
        starts = self.centre + self.starts @ self.pose[:3, :3].T
        points = other.towards(starts) * [1, 1, 0] + [0, 0, 1]
        if np.linalg.norm(np.cross(self.pose[:3, 2], other.pose[:3, 2])) > 1e-9:
            points[:] = np.nan
        return points

    def _rays(self, pixels: np.ndarray) -> np.ndarray:
        k = self._opencv_k
        if self.model == "orthographic":
            return np.tile([0.0, 0.0, 1.0], (len(pixels), 1))
        if self.model == "pinhole":
            return np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(k).T
        if self.model == "equirectangular":
            # The full turn spans the width, the half turn from zenith to nadir the height.
            longitude = ((pixels[:, 0] + 0.5) / self.width - 0.5) * 2 * np.pi
            latitude = ((pixels[:, 1] + 0.5) / self.height - 0.5) * np.pi
            return np.stack([
                np.cos(latitude) * np.sin(longitude), np.sin(latitude),
                np.cos(latitude) * np.cos(longitude),
            ], axis=1)  # fmt: skip
        if self.model == "brown_conrady":
            stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-14)
            flat = cv2.undistortPoints(pixels[:, None], k, self.distortion, criteria=stop)
            start = flat[:, 0]
        else:
            start = cv2.fisheye.undistortPoints(pixels[:, None], k, self.distortion)[:, 0]
        return np.column_stack([self._refined(start, pixels), np.ones(len(pixels))])

    def _refined(self, plane: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        """Points on z = 1 that OpenCV projects onto pixels, by Newton's method from a first guess;
        OpenCV's own inverse stops early. NaN where it does not converge."""
        ones, step = np.ones((len(plane), 1)), 1e-6

        def image(points: np.ndarray) -> np.ndarray:
            return self._opencv_project(np.hstack([points, ones]))

        plane = np.where(np.abs(plane) < 1e3, plane, 0.0)
        for _ in range(20):
            off = image(plane) - pixels
            columns = [
                (image(plane + step * axis) - image(plane - step * axis)) / (2 * step)
                for axis in np.eye(2)
            ]
            (a, c), (b, d) = columns[0].T, columns[1].T
            determinant = a * d - b * c
            determinant[determinant == 0] = np.nan
            move = np.stack(
                [d * off[:, 0] - b * off[:, 1], a * off[:, 1] - c * off[:, 0]], axis=1
            ) / determinant[:, None]  # fmt: skip
            plane = plane - np.nan_to_num(move)
        found = np.abs(image(plane) - pixels).max(axis=1) < 1e-7
        plane[~found | (np.linalg.norm(plane, axis=1) > self._widest)] = np.nan
        return plane

    @cached_property
    def _widest(self) -> float:
        """Radius on z = 1 from where on Brown-Conrady's polynomial turns back towards the centre,
        by asking OpenCV along a line, without the tangential part."""
        if self.model != "brown_conrady":
            return np.inf
        radial = self.distortion.copy()
        radial[2:4] = 0
        line = np.linspace(0, 12, 100_000)
        points = np.stack([line, 0 * line, 0 * line + 1], axis=1)
        nowhere = np.zeros(3)
        image = cv2.projectPoints(points[:, None], nowhere, nowhere, np.eye(3), radial)[0][:, 0, 0]
        turns = np.flatnonzero(np.diff(image) <= 0)
        return line[turns[0]] if len(turns) else np.inf

    def _opencv_project(self, points: np.ndarray) -> np.ndarray:
        nowhere = np.zeros(3)
        if self.model == "kannala_brandt":
            pixels = cv2.fisheye.projectPoints(
                points[:, None], nowhere, nowhere, self._opencv_k, self.distortion
            )[0]
        else:
            pixels = cv2.projectPoints(
                points[:, None], nowhere, nowhere, self._opencv_k,
                self.distortion if len(self.distortion) else None,
            )[0]  # fmt: skip
        return pixels[:, 0]

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels, `n x 2`, of `n x 3` points in camera axes; NaN for those without an image, which
        are those behind the camera (a lens below 180 degrees is assumed) and those that distortion
        would fold back into the image."""
        pixels = np.full((len(points), 2), np.nan)
        if self.model == "equirectangular":
            longitude = np.arctan2(points[:, 0], points[:, 2])
            latitude = np.arctan2(points[:, 1], np.hypot(points[:, 0], points[:, 2]))
            pixels[:, 0] = (longitude / (2 * np.pi) + 0.5) * self.width
            pixels[:, 1] = (latitude / np.pi + 0.5) * self.height
            return pixels
        front = np.flatnonzero(points[:, 2] > 1e-9)
        if not len(front):
            return pixels
        if self.model == "orthographic":
            flat = np.column_stack([points[front, :2], np.ones(len(front))])
            pixels[front] = (flat @ self.k.T)[:, :2]
            return pixels
        found = self._opencv_project(points[front])
        plane = points[front, :2] / points[front, 2:]
        found[np.linalg.norm(plane, axis=1) > self._widest] = np.nan
        pixels[front] = found + 0.5
        return pixels

    def sees(self, pixels: np.ndarray) -> np.ndarray:
        """Whether pixels, `n x 2`, lie in the image: `n` bool."""
        x, y = pixels.T
        return (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)

    def towards(self, points: np.ndarray) -> np.ndarray:
        """`n x 3` points of the world in this camera's axes."""
        return (points - self.centre) @ self.pose[:3, :3]

    def moved(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """From one pixel to another; in a panorama across its seam where that is shorter."""
        flow = end - start
        if self.model == "equirectangular":
            flow[:, 0] -= self.width * np.round(flow[:, 0] / self.width)
        return flow


# ---- Answers


@dataclass(frozen=True)
class Seen:
    """What the rays through all pixels of an image meet.

    ids: `H x W` instance ids, 0 for stage and nothing. part: `H x W`, which thing at all: 0
    nothing, then the stage's parts and the objects. face: `H x W`, triangle of the whole scene, -1
    for nothing. depth: planar metres, distance: metres along the ray; infinity where nothing is.
    normals: `H x W x 3`, unit, camera axes, towards the camera, 0 for nothing; world_normals: the
    same in the world's. cosine: `H x W`, between ray and normal. points: `H x W x 3`, world,
    metres, NaN for nothing.
    """

    ids: np.ndarray
    part: np.ndarray
    face: np.ndarray
    depth: np.ndarray
    distance: np.ndarray
    normals: np.ndarray
    world_normals: np.ndarray
    cosine: np.ndarray
    points: np.ndarray


@dataclass(frozen=True)
class Moved:
    """Where what an image shows is for another camera or at another time.

    flow: `H x W x 2` pixels, NaN where it has no image. occluded: `H x W` bool, hidden or outside
    of the frame. seen_from: `H x W x 3`, the points in the other camera's axes, metres (the
    directions in which the sky is seen). world: `H x W x 3`, the points in the world, NaN for sky.
    """

    flow: np.ndarray
    occluded: np.ndarray
    seen_from: np.ndarray
    world: np.ndarray


# ---- The scene


class Moment:
    """All triangles of a scene in one frame, in world coordinates, and whose they are.

    corners: `F x 3 x 3`. part: `F`, from 1.
    """

    def __init__(self, placed: list[tuple[np.ndarray, np.ndarray]]) -> None:
        meshes = [trimesh.Trimesh(v, f, process=False) for v, f in placed]
        self.mesh = trimesh.util.concatenate(meshes)
        self.part = np.repeat(np.arange(1, len(placed) + 1), [len(f) for _, f in placed])
        self.corners = np.array(self.mesh.triangles)
        self._caster = RayMeshIntersector(self.mesh)

    def first(self, origin: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For `n x 3` rays from one point, or `n x 3` points: the first triangle, -1 for none, and
        how far it is, in lengths of the direction, in float64 from the triangle's plane; infinity
        for none."""
        face = np.full(len(directions), -1)
        usable = np.flatnonzero(np.isfinite(directions).all(axis=1))
        if len(usable):
            origins = np.broadcast_to(origin, directions.shape)[usable]
            face[usable] = self._caster.intersects_first(origins, directions[usable])
        far = np.full(len(directions), np.inf)
        hit = face >= 0
        normals = self.normals[face[hit]]
        along = np.einsum("ij,ij->i", normals, directions[hit])
        starts = np.broadcast_to(origin, directions.shape)[hit]
        towards = np.einsum("ij,ij->i", normals, self.corners[face[hit], 0] - starts)
        with np.errstate(divide="ignore", invalid="ignore"):
            far[hit] = towards / along
        return face, far

    @cached_property
    def normals(self) -> np.ndarray:
        """`F x 3`, not of unit length."""
        c = self.corners
        return np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0])


class Oracle:
    """A scene of a dataset. folder: where its frames' JSON files are."""

    def __init__(self, spec: SceneSpec, folder: Path, resolver: Resolver) -> None:
        self._folder = folder
        assets = resolver.resolve(spec)
        plain = json.loads((folder / "spec.json").read_text())
        assets = resolver.resolve(spec)
        self._stage = [
            (part.mesh.vertices + np.array(part.position), part.mesh.faces) for part in assets.parts
        ]
        self._meshes = assets.objects
        self._deformations = [item["deformation"] for item in plain["objects"]]
        self._moments: dict[int, Moment] = {}
        self._records: dict[int, dict[str, Any]] = {}
        self._eyes: dict[int, Eye] = {}
        self._views: dict[int, Seen] = {}

    @property
    def vertices(self) -> np.ndarray:
        """`n x 3`, world, metres, in frame 0: the stage's, then the objects' by their ids."""
        return self.moment(0).mesh.vertices

    def record(self, frame: int) -> dict[str, Any]:
        """A frame's JSON."""
        if frame not in self._records:
            text = (self._folder / f"frame_{frame:04d}.json").read_text()
            self._records[frame] = json.loads(text)
        return self._records[frame]

    def eye(self, frame: int) -> Eye:
        if frame not in self._eyes:
            self._eyes[frame] = Eye(self.record(frame)["camera"])
        return self._eyes[frame]

    def right_eye(self, frame: int) -> Eye:
        """The second camera of a stereo pair."""
        camera = self.record(frame)["camera"]
        return Eye(camera, camera["stereo_baseline"])

    def size(self, number: int) -> np.ndarray:
        """`3`: sides of the box of the object with index `number`, at rest, metres."""
        return (
            np.ptp(self._meshes[number].vertices, axis=0)
            * self.record(0)["objects"][number]["scale"]
        )

    def own_vertices(self, number: int, frame: int) -> np.ndarray:
        """`V x 3`: the vertices of the object with index `number` in its own axes, metres."""
        described = self.record(frame)["objects"][number]
        vertices = self._meshes[number].vertices
        how = self._deformations[number]
        if how is not None:
            vertices = deformed(vertices, how, self.record(frame)["camera"]["time"])
        return described["scale"] * vertices

    def placed(self, number: int, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Vertices, in the world, and faces of the object with index `number`."""
        pose = np.array(self.record(frame)["objects"][number]["object_to_world"])
        points = self.own_vertices(number, frame)
        homogeneous = np.column_stack([points, np.ones(len(points))])
        return (pose @ homogeneous.T).T[:, :3], self._meshes[number].faces

    def moment(self, frame: int) -> Moment:
        if frame not in self._moments:
            objects = [self.placed(number, frame) for number in range(len(self._meshes))]
            self._moments[frame] = Moment([*self._stage, *objects])
        return self._moments[frame]

    def look(self, frame: int) -> Seen:
        """What the camera of a frame sees."""
        if frame not in self._views:
            self._views[frame] = self._look(self.eye(frame), self.moment(frame))
        return self._views[frame]

    def _look(self, eye: Eye, moment: Moment) -> Seen:
        shape = (eye.height, eye.width)
        directions = eye.rays @ eye.pose[:3, :3].T
        starts = eye.centre + eye.starts @ eye.pose[:3, :3].T
        face, far = moment.first(starts, directions)
        hit = face >= 0
        part = np.where(hit, moment.part[face], 0)
        normals = moment.normals[face] @ eye.pose[:3, :3]
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
        cosine = np.einsum("ij,ij->i", normals, eye.rays)
        normals *= -np.sign(cosine)[:, None]
        normals[~hit] = 0
        points = starts + np.where(hit, far, np.nan)[:, None] * directions
        depth = np.where(hit, np.where(hit, far, 1.0) * eye.rays[:, 2], np.inf)
        return Seen(
            ids=np.maximum(part - len(self._stage), 0).reshape(shape),
            part=part.reshape(shape),
            face=face.reshape(shape),
            depth=depth.reshape(shape),
            distance=far.reshape(shape),
            normals=normals.reshape(*shape, 3),
            world_normals=(normals @ eye.pose[:3, :3].T).reshape(*shape, 3),
            cosine=np.abs(cosine).reshape(shape),
            points=points.reshape(*shape, 3),
        )

    def motion(self, frame: int, other: int) -> Moved:
        """From one frame to another."""
        return self._moved(frame, self.eye(other), self.moment(other))

    def parallax(self, frame: int) -> Moved:
        """From the left camera of a frame to the right one."""
        return self._moved(frame, self.right_eye(frame), self.moment(frame))

    def _moved(self, frame: int, there: Eye, then: Moment) -> Moved:
        here, now = self.eye(frame), self.moment(frame)
        seen = self.look(frame)
        shape = seen.ids.shape
        face, points = seen.face.ravel(), seen.points.reshape(-1, 3)
        hit = face >= 0
        world = np.full_like(points, np.nan)
        weights = barycentric(now.corners[face[hit]], points[hit])
        world[hit] = np.einsum("ni,nij->nj", weights, then.corners[face[hit]])
        seen_from = np.where(hit[:, None], there.towards(world), here.sky(there))
        origins, directions = there.sights(there.centre + seen_from @ there.pose[:3, :3].T)
        pixels = there.project(seen_from)
        u, v = np.meshgrid(np.arange(here.width) + 0.5, np.arange(here.height) + 0.5)
        flow = here.moved(np.stack([u.ravel(), v.ravel()], axis=1), pixels)
        met, far = then.first(origins, directions)
        # The sky is hidden by anything at all.
        hidden = (met >= 0) & (far < np.where(hit, 1 - HIDDEN, np.inf))
        occluded = hidden | ~there.sees(pixels)
        return Moved(
            flow=flow.reshape(*shape, 2),
            occluded=occluded.reshape(shape),
            seen_from=seen_from.reshape(*shape, 3),
            world=world.reshape(*shape, 3),
        )

    def carried(self, seen: Seen, frame: int, values: list[np.ndarray]) -> np.ndarray:
        """`H x W x K`: values that are given at the triangles' corners, where the pixels of a view
        are on the triangles; 0 on stage and background. values: `F x 3 x K` for each object."""
        stage = [np.zeros((len(faces), 3, values[0].shape[2])) for _, faces in self._stage]
        corners = np.concatenate([*stage, *values])
        face = seen.face.ravel()
        hit = np.flatnonzero(face >= 0)
        points = seen.points.reshape(-1, 3)[hit]
        weights = barycentric(self.moment(frame).corners[face[hit]], points)
        out = np.zeros((face.size, corners.shape[2]))
        out[hit] = np.einsum("ni,nij->nj", weights, corners[face[hit]])
        return out.reshape(*seen.ids.shape, -1)

    def object_coordinates(self, seen: Seen, frame: int) -> np.ndarray:
        """`H x W x 3`: 0..1 in the object's box at rest; 0 on stage and background."""
        values = []
        for mesh in self._meshes:
            low, size = mesh.vertices.min(axis=0), np.ptp(mesh.vertices, axis=0)
            # A flat mesh has no place along its normal; the middle stands for it.
            unit = np.where(size > 0, (mesh.vertices - low) / np.where(size > 0, size, 1), 0.5)
            values.append(unit[mesh.faces])
        return self.carried(seen, frame, values)

    def uv(self, seen: Seen, frame: int) -> np.ndarray:
        """`H x W x 2`: texture coordinates of objects."""
        return self.carried(seen, frame, [mesh.uv.astype(float) for mesh in self._meshes])

    def texture_stretch(self, seen: Seen) -> np.ndarray:
        """`H x W`: how much a texture coordinate changes over a metre of a pixel's triangle, at
        most: its longest side in the texture over its lowest height."""
        meshes = zip(self._meshes, self.record(0)["objects"], strict=True)
        per_face = [np.zeros(len(faces)) for _, faces in self._stage]
        for mesh, described in meshes:
            corners = described["scale"] * mesh.vertices[mesh.faces]
            sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
            cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            lowest = np.linalg.norm(cross, axis=1) / np.maximum(sides, 1e-12)
            across = np.linalg.norm(mesh.uv - np.roll(mesh.uv, 1, axis=1), axis=2).max(axis=1)
            per_face.append(across / np.maximum(lowest, 1e-12))
        stretch = np.concatenate(per_face)
        return np.where(seen.face >= 0, stretch[seen.face], 0)

    def alone(self, frame: int, number: int) -> np.ndarray:
        """`H x W` bool: what the object with index `number` covers with nothing else around."""
        return self._look(self.eye(frame), Moment([self.placed(number, frame)])).part > 0

    def visible(self, frame: int, points: np.ndarray, skin: float) -> np.ndarray:
        """Whether nothing stands between the camera and `n x 3` world points, but for what is
        within `skin` metres before them: `n` bool."""
        eye = self.eye(frame)
        origins, ways = eye.sights(points)
        away = np.linalg.norm(ways, axis=1)
        met, far = self.moment(frame).first(origins, ways)
        return (met < 0) | (far * away >= away - np.maximum(skin, KEYPOINT_HIDDEN * away))


# ---- Small things


def barycentric(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """`n x 3` weights of `n` points in the planes of `n x 3 x 3` triangles."""
    return trimesh.triangles.points_to_barycentric(corners, points, method="cross")


def deformed(vertices: np.ndarray, how: dict[str, Any], seconds: float) -> np.ndarray:
    """An oscillating shape, from the words of `simgen.geometry.motion`, point by point with
    matrices."""
    s = how["amplitude"] * np.sin(how["phase"] + 2 * np.pi * how["frequency"] * seconds)
    box = np.array([vertices.min(axis=0), vertices.max(axis=0)])
    middle, height = box.mean(axis=0), np.ptp(box[:, 2])
    foot = np.array([middle[0], middle[1], box[0, 2]])
    if how["kind"] == "squash":
        return foot + (vertices - foot) @ np.diag([(1 + s) ** -0.5, (1 + s) ** -0.5, 1 + s])
    axis = {"twist": [0, 0, 1], "bend": [0, 1, 0]}[how["kind"]]
    return np.array([
        foot + cv2.Rodrigues(s * (p[2] - foot[2]) / height * np.array(axis, float))[0] @ (p - foot)
        for p in vertices
    ])  # fmt: skip


def near_edge(ids: np.ndarray) -> np.ndarray:
    """`H x W` bool: pixels with another id in their 3 x 3 neighbourhood."""
    return np.any([shift != ids for shift in _neighbours(ids)], axis=0)


def surface_step(seen: Seen) -> np.ndarray:
    """`H x W` bool: pixels with a neighbour that shows another thing, or lies off the plane of the
    pixel's own face by more than 0.2 % of its distance: where one surface ends before another."""
    flat = np.nan_to_num(seen.points)
    height, width = seen.ids.shape
    padded = np.pad(flat, ((1, 1), (1, 1), (0, 0)), mode="edge")
    off = np.max([
        np.abs(np.einsum(
            "hwi,hwi->hw", seen.world_normals, padded[r : r + height, c : c + width] - flat
        ))
        for r in range(3) for c in range(3)
    ], axis=0)  # fmt: skip
    return near_edge(seen.part) | ~(off <= 2e-3 * seen.distance)


def _neighbours(image: np.ndarray) -> list[np.ndarray]:
    """The nine images shifted by up to a pixel each way."""
    padded = np.pad(image, 1, mode="edge")
    height, width = image.shape
    return [padded[r : r + height, c : c + width] for r in range(3) for c in range(3)]
