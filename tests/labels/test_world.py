"""Blocked rays against the formulas of boxes, one by one, and against trimesh."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from geometry.test_raycast import checks, square
from hypothesis import given, settings
from hypothesis import strategies as st
from labels.scenes import Box, Place, Scene, box_mesh, camera, moving
from trimesh.ray.ray_pyembree import RayMeshIntersector

from simgen.geometry.motion import placed_at
from simgen.labels.bundle import bundle_of
from simgen.labels.nearest import nearest_triangles
from simgen.labels.rows import rotate_rows, transform_rows


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.integers(0, 2), st.booleans())
def test_blocked_is_what_the_boxes_say(seed: int, frame: int, parallel: bool) -> None:
    rng = np.random.default_rng(seed)
    scene = moving()
    eye = rng.normal(size=3) * [1, 1, 0.4] + [0, 1, 1.0]
    directions = rng.normal(size=(400, 3)) * rng.uniform(0.5, 3)
    if parallel:
        directions = directions[0] * rng.uniform(0.1, 3, (400, 1))
        eye = rng.normal(size=(400, 3)) * [1, 1, 0.4] + [0, 1, 1.0]
    far = np.where(rng.random(400) < 0.2, np.inf, rng.uniform(0.3, 1.5, 400))
    near = np.min([box.meets(frame, eye, directions) for box in scene.boxes], axis=0)
    found = scene.world().blocked(frame, eye, directions, far)
    inside = [(np.abs(_local(box, frame, eye)) < box.half).all(axis=1) for box in scene.boxes]
    # From within, a box's far side is met too.
    assert ((found != (near < far)) & ~np.any(inside, axis=0)).sum() <= 1


def _local(box: Box, frame: int, points: np.ndarray) -> np.ndarray:
    pose = box.pose(frame)
    return box.rested((np.atleast_2d(points) - pose[:3, 3]) @ pose[:3, :3], frame)


def test_many_objects_that_share_a_mesh() -> None:
    rng = np.random.default_rng(1)
    shared = box_mesh((0.1, 0.1, 0.1))
    scales = rng.uniform(0.3, 2, 60)
    boxes = tuple(
        Box(
            (0.1 * s, 0.1 * s, 0.1 * s),
            (Place(tuple(rng.normal(size=3)), tuple(rng.normal(size=3)), rng.uniform(0, 3)),),  # type: ignore[arg-type]
            scale=float(s),
        )
        for s in scales
    )
    scene = Scene(boxes, (camera((0, -4, 0)),), meshes=(shared,) * 60)
    world = scene.world()
    eye, directions = np.array([0, -4.0, 0]), rng.normal(size=(3000, 3)) + [0, 3, 0]
    near = np.min([box.meets(0, eye, directions) for box in boxes], axis=0)
    assert (world.blocked(0, eye, directions, 1.2) != (near < 1.2)).sum() <= 1
    assert 100 < (near < 1.2).sum() < 2900
    assert len({id(world.shape(code, 0)) for code in range(1, 61)}) == 1


def test_vertices_are_scaled_and_deformed() -> None:
    scene = moving()
    world = scene.world()
    for number, item in enumerate(scene.spec().objects):
        code, box = world.code(item.instance_id), scene.boxes[scene.stage_count + number]
        for frame in range(3):
            rest = box_mesh(box.half).vertices
            expected = box.shaped(rest, frame) @ box.pose(frame)[:3, :3].T
            expected = expected + box.pose(frame)[:3, 3]
            points = world.vertices(code, frame)
            pose = world.pose(code, frame)
            assert np.allclose(points @ pose[:3, :3].T + pose[:3, 3], expected, atol=1e-9)
            mesh = world.surfaces[code - 1].mesh
            assert np.allclose(placed_at(item, mesh.vertices, frame, 4.0), expected, atol=1e-9)


def test_a_world_without_anything_blocks_nothing() -> None:
    world = Scene((), (camera((0, 0, 0)),)).world()
    assert not world.blocked(0, np.zeros(3), np.eye(3), np.inf).any()


@settings(max_examples=50)
@given(st.integers(0, 2**31), st.booleans())
def test_a_bundle_leaves_out_no_ray_that_meets_a_ball(seed: int, parallel: bool) -> None:
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(300, 3)) * rng.uniform(0.1, 5, (300, 1))
    limits = rng.uniform(0.1, 3, 300)
    centres, radii = rng.normal(size=(8, 3)) * 2, rng.uniform(0.01, 1.5, 8)
    origins = np.zeros(3)
    if parallel:
        directions = directions[0] * rng.uniform(0, 3, (300, 1))
        origins = rng.normal(size=(300, 3)) * 2
        limits[rng.random(300) < 0.2] = np.inf
    rows = np.ascontiguousarray(directions.T, np.float32)
    bundle = bundle_of(origins, rows, limits.astype(np.float32))
    for centre, radius, found in zip(centres, radii, bundle.towards(centres, radii), strict=True):
        # The nearest point of each segment to the ball's middle.
        ways = centre - origins
        squared = np.maximum((directions**2).sum(axis=1), 1e-12)
        t = np.clip((directions * ways).sum(axis=1) / squared, 0, limits)
        away = np.linalg.norm(t[:, None] * directions - ways, axis=1)
        met = np.flatnonzero(away < radius * (1 - 1e-5))
        assert set(met) <= set(found)
        assert len(set(found)) == len(found)
        if np.linalg.norm(centre) > 2 * radius:
            assert len(found) < 300


def test_rows() -> None:
    rng = np.random.default_rng(0)
    matrix, points = rng.normal(size=(4, 4)), rng.normal(size=(7, 3))
    matrix[3] = 0, 0, 0, 1
    expected = (matrix @ np.column_stack([points, np.ones(7)]).T)[:3]
    assert np.allclose(transform_rows(matrix, points.T), expected)
    assert np.allclose(rotate_rows(matrix[:3, :3], points.T), expected - matrix[:3, 3:])
    assert rotate_rows(matrix[:3, :3], points.T.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("spread", [0.01, 1.0])
def test_the_nearest_triangle_is_trimeshs(spread: float) -> None:
    ball = trimesh.creation.icosphere(2)
    points = ball.sample(50, seed=0) * (1 + spread * np.random.default_rng(0).random((50, 1)))
    triangle, weights = nearest_triangles(ball.vertices, ball.faces, points)
    places = np.einsum("ni,nij->nj", weights, ball.vertices[ball.faces[triangle]])
    each = np.array([
        trimesh.triangles.closest_point(ball.triangles, np.tile(p, (len(ball.faces), 1)))
        for p in points
    ])  # fmt: skip
    least = np.linalg.norm(each - points[:, None], axis=2).min(axis=1)
    assert np.allclose(np.linalg.norm(places - points, axis=1), least, atol=1e-6)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert weights.min() >= 0


def test_occluders_with_holes_let_rays_through() -> None:
    screen = Box((0.5, 0.5, 0.0), (Place((0.0, 0.0, 0.0)), Place((0.3, 0.0, 0.0))))
    item = square(checks())
    scene = Scene((screen,), (camera((0, 0, 3)),) * 2, meshes=(item,))
    rng = np.random.default_rng(0)
    targets = np.column_stack([rng.uniform(0, 1.6, (500, 2)), np.full(500, -1.0)])
    eye = np.array([0.5, 0.5, 2.0])
    for frame, shift in ((0, 0.0), (1, 0.3)):
        on = eye + (targets - eye) * 2 / 3 - [shift, 0, 0]
        x, y = on[:, 0] * 4, (1 - on[:, 1]) * 4
        there = (np.floor(x) + np.floor(y)) % 2 == 1
        there &= (on[:, :2] > 0).all(axis=1) & (on[:, :2] < 1).all(axis=1)
        clear = (np.abs(x - np.round(x)) > 0.05) & (np.abs(y - np.round(y)) > 0.05)
        found = scene.world().blocked(frame, eye, targets - eye, 1.0)
        assert np.array_equal(found[clear], there[clear])
        assert found.sum() > 50


def test_still_scenes_against_trimesh() -> None:
    scene = moving()
    world = scene.world()
    placed = []
    for code, surface in enumerate(world.surfaces, start=1):
        pose, points = world.pose(code, 1), world.vertices(code, 1)
        points = points @ pose[:3, :3].T + pose[:3, 3]
        placed.append(trimesh.Trimesh(points, surface.mesh.faces, process=False))
    rays = RayMeshIntersector(trimesh.util.concatenate(placed))
    eye = np.array([0.1, 0.2, 1.3])
    directions = np.random.default_rng(4).normal(size=(2000, 3))
    expected = rays.intersects_any(np.tile(eye, (2000, 1)), directions)
    assert (world.blocked(1, eye, directions, np.inf) != expected).sum() <= 1
