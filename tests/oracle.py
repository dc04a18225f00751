"""An independent opinion on what a camera sees: trimesh and embree, and nothing of the labels.

Reads the frame's JSON and the spec's geometry, casts a ray through the centre of every pixel
against all triangles of the scene, and says which object each ray meets first and how deep.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from simgen.assets.library import Library
from simgen.spec import SceneSpec
from simgen.stages import load_stage


@dataclass(frozen=True)
class Seen:
    """ids: `H x W` instance ids, 0 for stage and nothing. depth: `H x W` planar metres, inf."""

    ids: np.ndarray
    depth: np.ndarray


class Oracle:
    """All triangles of a scene in world coordinates, and whose they are."""

    def __init__(self, spec: SceneSpec, folder: Path, library: Library) -> None:
        record = json.loads((folder / "frame_0000.json").read_text())
        meshes, owners = [], []
        for part in load_stage(spec.stage.name).build(spec.stage):
            meshes.append(trimesh.Trimesh(
                part.mesh.vertices + np.array(part.position), part.mesh.faces, process=False
            ))  # fmt: skip
            owners.append(np.zeros(len(part.mesh.faces), int))
        for item, described in zip(spec.objects, record["objects"], strict=True):
            mesh = library.mesh(item.asset)
            pose = np.array(described["object_to_world"])
            points = described["scale"] * mesh.vertices
            homogeneous = np.column_stack([points, np.ones(len(points))])
            placed = (pose @ homogeneous.T).T[:, :3]
            meshes.append(trimesh.Trimesh(placed, mesh.faces, process=False))
            owners.append(np.full(len(mesh.faces), described["instance_id"]))
        self._folder = folder
        self._mesh = trimesh.util.concatenate(meshes)
        self._owners = np.concatenate(owners)
        self._caster = RayMeshIntersector(self._mesh)

    @property
    def vertices(self) -> np.ndarray:
        """`n x 3`, world, metres: the stage's, then the objects' in the order of their ids."""
        return self._mesh.vertices

    def look(self, frame: int) -> Seen:
        camera = json.loads((self._folder / f"frame_{frame:04d}.json").read_text())["camera"]
        k, pose = np.array(camera["K"]), np.array(camera["cam_to_world"])
        width, height = camera["width"], camera["height"]
        u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        rays = np.stack([u.ravel(), v.ravel(), np.ones(u.size)]).T @ np.linalg.inv(k).T
        directions = rays @ pose[:3, :3].T
        origins = np.tile(pose[:3, 3], (len(rays), 1))
        faces = self._caster.intersects_first(origins, directions)
        ids = np.where(faces >= 0, self._owners[faces], 0)
        depth = self._planar_depth(faces, origins, directions)
        return Seen(ids.reshape(height, width), depth.reshape(height, width))

    def _planar_depth(
        self, faces: np.ndarray, origins: np.ndarray, directions: np.ndarray
    ) -> np.ndarray:
        """Where each ray meets its triangle's plane, in float64. Rays have z = 1 in the camera,
        so the ray parameter is the planar depth."""
        depth = np.full(len(faces), np.inf)
        hit = faces >= 0
        corners = self._mesh.triangles[faces[hit]]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        towards = np.einsum("ij,ij->i", normals, corners[:, 0] - origins[hit])
        along = np.einsum("ij,ij->i", normals, directions[hit])
        with np.errstate(divide="ignore", invalid="ignore"):
            depth[hit] = towards / along
        return depth


def near_edge(ids: np.ndarray) -> np.ndarray:
    """`H x W` bool: pixels with another id in their 3 x 3 neighbourhood."""
    padded = np.pad(ids, 1, mode="edge")
    height, width = ids.shape
    shifts = [padded[r : r + height, c : c + width] for r in range(3) for c in range(3)]
    return np.any([shift != ids for shift in shifts], axis=0)


def depth_step(depth: np.ndarray, relative: float) -> np.ndarray:
    """`H x W` bool: pixels whose 3 x 3 neighbourhood spans more than a part of their depth."""
    padded = np.pad(depth, 1, mode="edge")
    height, width = depth.shape
    shifts = np.array([padded[r : r + height, c : c + width] for r in range(3) for c in range(3)])
    with np.errstate(invalid="ignore"):
        return ~(shifts.max(axis=0) - shifts.min(axis=0) <= relative * depth)
