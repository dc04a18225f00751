"""What every stage is asked for, checked with trimesh, which the stages do not use."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import trimesh
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from trimesh.ray.ray_pyembree import RayMeshIntersector

from simgen.config import Config
from simgen.config.draws import Draws
from simgen.geometry.mesh import MeshData
from simgen.spec.scene import StageSpec
from simgen.stages.registry import build_stage, draw_stage, fit_stage, load_stage
from simgen.stages.stage import StageContent, StagePart, Support

SIZES = {
    "tabletop": [0.9, 1.6],
    "bin": [0.3, 0.6],
    "shelf": [0.7, 1.3],
    "room": [3.2, 5.0],
    "flying": [2.0, 3.0],
    "outdoor": [2.5, 5.0],
    "aerial": [60.0, 110.0],
    "forest": [3.0, 5.0],
    "kitchen": [2.4, 3.8],
    "desk": [1.1, 1.8],
    "meal": [0.8, 1.8],
}


@cache
def drawn(name: str, scene: int) -> StageSpec:
    config = Config()
    config.scene.name = name
    config.scene.size_range = SIZES[name]
    return draw_stage(name, load_stage(name), Draws(config, scene))


@cache
def content(name: str, scene: int) -> StageContent:
    return build(drawn(name, scene))


def built(name: str, scene: int) -> tuple[StagePart, ...]:
    return content(name, scene).parts


def build(spec: StageSpec) -> StageContent:
    return build_stage(load_stage(spec.name), spec)


def fitted(spec: StageSpec, pile: float, reach: float) -> StageSpec:
    return fit_stage(load_stage(spec.name), spec, pile, reach)


def in_world(part: StagePart) -> trimesh.Trimesh:
    vertices = part.mesh.vertices + np.array(part.position)
    return trimesh.Trimesh(vertices, part.mesh.faces, process=False)


def whole(parts: tuple[StagePart, ...]) -> trimesh.Trimesh:
    return trimesh.util.concatenate([in_world(part) for part in parts])


def supports_are_solid_and_free(name: str, scene: int, tolerance: float) -> None:
    """Rays from above meet solid ground at a support's height, and nothing before."""
    caster = RayMeshIntersector(whole(built(name, scene)))
    for support in content(name, scene).supports:
        # An object in a place for one may protrude: the handle of a pan over the edge of a cooker.
        points = grid_within(replace(support, half_size=tuple(np.multiply(support.half_size, 0.35)))
                             if support.single else support)  # fmt: skip
        high = min(support.clear, 0.9)
        start = points + [0.0, 0.0, high - 1e-4]
        down = np.tile([0.0, 0.0, -1.0], (len(points), 1))
        found, rays, _ = caster.intersects_location(start, down, multiple_hits=False)
        assert len(set(rays)) == len(points), (support.name, "has holes")
        wrong = np.abs(found[:, 2] - points[rays, 2])
        # A pan stands on the bars of a grate.
        most = 0.03 if support.name.startswith("burner") else tolerance
        assert wrong.max() <= most, (support.name, found[wrong.argmax()], support.centre)
        # From the side, for what is upright and thin.
        up = points + [0.0, 0.0, 0.03]
        first = np.tile(up[0], (len(up) - 1, 1))
        reach = up[1:] - first
        places, rays, _ = caster.intersects_location(
            first, reach / np.linalg.norm(reach, axis=1)[:, None], multiple_hits=False
        )
        away = np.linalg.norm(places - first[rays], axis=1)
        assert (away >= np.linalg.norm(reach[rays], axis=1) - 1e-6).all(), support.name


def grid_within(support: Support, count: int = 15) -> np.ndarray:
    """`n x 3` points on a support, its very corners included."""
    axis = np.linspace(-1.0, 1.0, count)
    x, y = (value.ravel() for value in np.meshgrid(axis, axis))
    inside = x**2 + y**2 <= 1.0 if support.round else np.ones(len(x), bool)
    flat = np.stack([x[inside] * support.half_size[0], y[inside] * support.half_size[1]], axis=1)
    return np.column_stack([flat, np.zeros(len(flat))]) + np.array(support.centre)


def is_closed_and_outward(mesh: MeshData) -> None:
    """Each edge is passed once in each direction, and each component has a positive volume."""
    edges = mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    there = edges[:, 0] * len(mesh.vertices) + edges[:, 1]
    back = edges[:, 1] * len(mesh.vertices) + edges[:, 0]
    assert len(np.unique(there)) == len(there)
    assert np.array_equal(np.sort(there), np.sort(back))
    links = (np.ones(len(edges)), (edges[:, 0], edges[:, 1]))
    _, component = connected_components(coo_matrix(links, shape=(len(mesh.vertices),) * 2))
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    volume = np.bincount(component[mesh.faces[:, 0]], np.einsum("ij,ij->i", a, np.cross(b, c)))
    used = np.unique(component[mesh.faces[:, 0]])
    assert (volume[used] > 0.0).all()


def pieces_match(mesh: MeshData, tolerance: float) -> None:
    """Corners of pieces are corners of the mesh, but for bevels and round edges of cushions."""
    low, high = mesh.bounds()
    tree = cKDTree(mesh.vertices)
    for piece in mesh.pieces:
        assert piece.ndim == 2
        assert piece.shape[1] == 3
        assert len(piece) >= 4
        assert (piece >= low - 6e-3).all()
        assert (piece <= high + 6e-3).all()
        assert tree.query(piece)[0].max() <= tolerance


def slots_have_materials(name: str, scene: int) -> None:
    spec = drawn(name, scene)
    for part in built(name, scene):
        known = spec.materials if part.materials is None else part.materials
        assert set(part.mesh.slots) <= set(known), part.name


def same_bytes(name: str, scene: int) -> None:
    for one, other in zip(build(drawn(name, scene)).parts, built(name, scene), strict=True):
        assert one.name == other.name
        assert one.position == other.position
        assert one.mesh.vertices.tobytes() == other.mesh.vertices.tobytes()
        assert one.mesh.faces.tobytes() == other.mesh.faces.tobytes()
        assert one.mesh.uv.tobytes() == other.mesh.uv.tobytes()


def stuff_in_use(name: str, scenes: range) -> set[str]:
    return {part.stuff for scene in scenes for part in built(name, scene)} - {"background"}


def room_is_free(name: str, scene: int) -> None:
    """No part of the stage reaches into the box where cameras may be."""
    room = content(name, scene).room
    assert room is not None
    low, high = np.array(room.low), np.array(room.high)
    assert (low < high).all()
    axes = [np.linspace(a + 1e-6, b - 1e-6, 9) for a, b in zip(low, high, strict=True)]
    caster = RayMeshIntersector(whole(built(name, scene)))
    for axis in range(3):
        u, v = (value.ravel() for value in np.meshgrid(*(axes[k] for k in range(3) if k != axis)))
        start = np.insert(np.stack([u, v], axis=1), axis, low[axis], axis=1)
        ahead = np.tile(np.eye(3)[axis], (len(start), 1))
        found, _rays, _ = caster.intersects_location(start, ahead, multiple_hits=False)
        assert (found[:, axis] >= high[axis] - 1e-9).all(), found[found[:, axis] < high[axis]][:3]


def parts_have_own_names(name: str, scene: int) -> None:
    names = [part.name for part in built(name, scene)]
    assert len(set(names)) == len(names)
