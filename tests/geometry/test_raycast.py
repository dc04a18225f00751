"""Rays against meshes: distances by hand, holes by the alpha that was painted."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from labels.scenes import mesh

from simgen.geometry.mesh import MeshData, SurfaceData
from simgen.geometry.raycast import Caster, cutout_of, weighted

DOWN = np.array([0.0, 0.0, -1.0])


def square(alpha: np.ndarray | None, repeat: float = 1.0, z: float = 0.0) -> MeshData:
    """x and y 0..1, two triangles; the texture's u runs along x and its v along y."""
    corners = np.array([[0, 0, z], [1, 0, z], [1, 1, z], [0, 1, z]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    image = None
    if alpha is not None:
        image = np.zeros((*alpha.shape, 4), np.uint8)
        image[..., 3] = alpha
    surface = SurfaceData(image=image)
    return mesh(corners, faces, corners[faces][..., :2] * repeat, surfaces=(surface,))


def caster(item: MeshData) -> Caster:
    return Caster(item.vertices, item.faces, cutout_of(item))


def grid(count: int) -> np.ndarray:
    """`n x 3`: points one metre above the square, none on its diagonal."""
    places = (np.arange(count) + 0.5) / count
    x, y = np.meshgrid(places, places + 1e-4)
    return np.stack([x.ravel(), y.ravel(), np.ones(count**2)], axis=1)


def checks(size: int = 64, fields: int = 4) -> np.ndarray:
    """Alpha of a chessboard, row 0 on top."""
    field = np.arange(size) * fields // size
    return np.where((field[:, None] + field) % 2, 255, 0).astype(np.uint8)


def test_the_first_triangle_and_where_on_it() -> None:
    solid = caster(square(None))
    above = grid(9)
    hits = solid.first(above, np.tile(2 * DOWN, (81, 1)))
    assert np.allclose(hits.distance, 0.5)  # in lengths of the direction
    assert hits.distance.dtype == hits.weights.dtype == np.float32
    assert hits.triangle.dtype == np.int32
    assert np.array_equal(hits.triangle == 1, above[:, 1] > above[:, 0])
    item = square(None)
    places = weighted(hits.weights, item.vertices[item.faces[hits.triangle]])
    assert np.allclose(places[:, :2], above[:, :2], atol=1e-6)


def test_a_ray_that_meets_nothing() -> None:
    hits = caster(square(None)).first(np.array([0.5, 0.4, 1.0]), -DOWN[None])
    assert hits.triangle.tolist() == [-1]
    assert np.isposinf(hits.distance).all()
    assert not caster(square(None)).blocked(np.array([0.5, 0.4, 1.0]), -DOWN[None]).any()


def test_far_ends_a_ray() -> None:
    solid, eye, down = caster(square(None)), np.array([0.5, 0.4, 1.0]), np.tile(DOWN, (3, 1))
    far = np.array([0.99, 1.01, np.inf])
    assert solid.blocked(eye, down, far).tolist() == [False, True, True]
    assert solid.first(eye, down, far).triangle.tolist() == [-1, 0, 0]
    checked = caster(square(np.array([[255, 255], [255, 254]], np.uint8)))  # no hole, but asked
    assert checked.blocked(eye, down, far).tolist() == [False, True, True]


def test_no_rays() -> None:
    none = np.zeros((0, 3))
    for item in (square(None), square(checks())):
        assert caster(item).first(np.zeros(3), none).triangle.shape == (0,)
        assert caster(item).blocked(np.zeros(3), none).shape == (0,)


def test_arrays_that_may_not_be_written_to() -> None:
    eye, down = np.array([0.5, 0.4, 1.0], np.float32), DOWN[None].astype(np.float32)
    for values in (eye, down):
        values.flags.writeable = False
    far = np.broadcast_to(np.float32(2), 1)
    assert caster(square(None)).blocked(eye, down, far).all()


def test_no_triangles() -> None:
    nothing = Caster(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    assert not nothing.blocked(np.zeros(3), DOWN[None]).any()
    assert nothing.first(np.zeros(3), DOWN[None]).triangle.tolist() == [-1]


@pytest.mark.parametrize("factor", [0.25, 3.0])
def test_scaled_is_as_if_the_vertices_were(factor: float) -> None:
    ball = trimesh.creation.icosphere(2, 0.5)
    rng = np.random.default_rng(0)
    origins = rng.normal(size=(500, 3))
    directions = 0.5 * factor * rng.normal(size=(500, 3)) - origins  # somewhere near the ball
    small = Caster(ball.vertices, ball.faces).scaled(factor).first(origins, directions)
    large = Caster(ball.vertices * factor, ball.faces).first(origins, directions)
    assert np.array_equal(small.triangle, large.triangle)
    assert np.allclose(small.distance, large.distance, rtol=1e-4)
    assert 50 < (small.triangle >= 0).sum() < 450


def test_holes_are_where_the_alpha_is_low() -> None:
    above = grid(60)
    hits = caster(square(checks())).first(above, np.tile(DOWN, (len(above), 1)))
    x, y = above[:, 0] * 4, (1 - above[:, 1]) * 4  # row 0 of the image is at y = 1
    there = (x.astype(int) + y.astype(int)) % 2 == 1
    clear = (np.abs(x - np.round(x)) > 0.05) & (np.abs(y - np.round(y)) > 0.05)
    assert np.array_equal((hits.triangle >= 0)[clear], there[clear])
    blocked = caster(square(checks())).blocked(above, np.tile(DOWN, (len(above), 1)))
    assert np.array_equal(blocked, hits.triangle >= 0)


def test_the_edge_of_a_hole_runs_halfway_between_texels() -> None:
    # Two texels: opaque left, clear right. Interpolated, alpha falls below one half at u = 0.5,
    # and, as the texture repeats, rises again at u = 1.
    item = caster(square(np.array([[255, 0]], np.uint8)))
    x = np.array([0.01, 0.26, 0.49, 0.51, 0.75, 0.99])
    above = np.stack([x, np.full(6, 0.4), np.ones(6)], axis=1)
    assert item.blocked(above, np.tile(DOWN, (6, 1))).tolist() == [True, True, True] + 3 * [False]


def test_a_texture_repeats() -> None:
    item = caster(square(np.array([[255, 0]], np.uint8), repeat=2.0))
    x = np.array([0.1, 0.4, 0.6, 0.9])
    above = np.stack([x, np.full(4, 0.37), np.ones(4)], axis=1)
    assert item.blocked(above, np.tile(DOWN, (4, 1))).tolist() == [True, False, True, False]


def test_rays_go_on_behind_holes_to_what_is_there() -> None:
    layers = [square(np.array([[255, 0]], np.uint8), z=-0.001 * k) for k in range(8)]
    wall = square(np.full((1, 2), 255, np.uint8), z=-0.5)
    items = [*layers, wall]
    joined = mesh(
        np.concatenate([item.vertices for item in items]),
        np.concatenate([item.faces + 4 * k for k, item in enumerate(items)]),
        np.concatenate([item.uv for item in items]),
        np.concatenate([item.slot + min(k // 8, 1) for k, item in enumerate(items)]),
        ("leaf", "wall"),
        (layers[0].surfaces[0], SurfaceData()),
    )
    above = np.array([[0.25, 0.4, 1.0], [0.75, 0.4, 1.0]])
    hits = caster(joined).first(above, np.tile(DOWN, (2, 1)))
    assert np.allclose(hits.distance, [1.0, 1.5], atol=1e-5)
    assert hits.triangle.tolist() == [1, 16]
    ends = np.array([1.4, 1.4])
    assert caster(joined).blocked(above, np.tile(DOWN, (2, 1)), ends).tolist() == [True, False]


def test_a_drawn_surface_has_no_holes() -> None:
    item = square(checks())
    assert cutout_of(item) is not None
    assert cutout_of(item, ("body",)) is None
    assert cutout_of(square(None)) is None
    assert cutout_of(square(np.full((2, 2), 255, np.uint8))) is None
