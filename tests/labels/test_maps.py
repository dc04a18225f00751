"""Labels of single pixels against scenes of boxes that are worked out in float64."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from labels.scenes import FISHEYE, PANORAMA, Box, Place, Scene, box_mesh, camera, made, mesh, moving

from simgen.geometry.mesh import SurfaceData
from simgen.labels import maps
from simgen.spec.scene import LensSpec, MaterialSpec

PINHOLE = LensSpec(36.0, 36.0)
every_lens = pytest.mark.parametrize("lens", [PINHOLE, FISHEYE, PANORAMA])
GLASS = MaterialSpec("glass", (1, 1, 1), (1, 1, 1), 0.0, transmission=1.0)
PAINT = MaterialSpec("painted", (1, 1, 1), (1, 1, 1), 0.5)


@every_lens
def test_both_depths(lens: LensSpec) -> None:
    scene = moving(lens)
    view, (distance, code) = scene.view(1), scene.sight(1)
    depth, ray = made(maps.depth, view).reshape(-1), made(maps.ray_distance, view).reshape(-1)
    seen = code > 0
    assert depth.dtype == ray.dtype == np.float32
    assert np.allclose(ray[seen], distance[seen], rtol=1e-6)
    assert np.allclose(depth[seen], (distance * scene.rays()[:, 2])[seen], rtol=1e-5, atol=1e-6)
    assert np.isposinf(depth[~seen]).all()
    assert np.isposinf(ray[~seen]).all()
    if lens.model == "equirectangular":
        assert (depth[seen] < 0).any()  # behind the camera


@every_lens
def test_normals_of_boxes_are_their_axes(lens: LensSpec) -> None:
    scene = moving(lens)
    found = made(maps.normals, scene.view(1)).reshape(-1, 3)
    distance, code = scene.sight(1)
    rays, pose = scene.rays(), scene.cameras[1]
    assert found.dtype == np.float32
    assert (found[code == 0] == 0).all()
    assert np.einsum("ij,ij->i", found, rays).max() <= 1e-6
    for number, box in enumerate(scene.boxes, start=1):
        here = code == number
        world = pose[:3, 3] + (rays[here] * distance[here, None]) @ pose[:3, :3].T
        rest = box.rested((world - box.pose(1)[:3, 3]) @ box.pose(1)[:3, :3], 1)
        side = np.abs(np.abs(rest / box.half) - 1).argmin(axis=1)
        outward = np.eye(3)[side] * np.sign(rest)
        expected = outward @ box.pose(1)[:3, :3].T @ pose[:3, :3]
        clear = np.sort(np.abs(np.abs(rest / box.half) - 1), axis=1)[:, 1] > 1e-5  # not on an edge
        assert clear.mean() > 0.99
        assert np.abs(found[here] - expected)[clear].max() < 1e-6


@every_lens
def test_object_coordinates_are_those_in_the_box_at_rest(lens: LensSpec) -> None:
    scene = moving(lens)
    found = made(maps.object_coordinates, scene.view(1)).reshape(-1, 3)
    distance, code = scene.sight(1)
    rays, pose = scene.rays(), scene.cameras[1]
    assert found.dtype == np.float32
    assert (found[code <= scene.stage_count] == 0).all()
    for number, box in list(enumerate(scene.boxes, start=1))[scene.stage_count :]:
        here = code == number
        assert here.sum() > 5
        world = pose[:3, 3] + (rays[here] * distance[here, None]) @ pose[:3, :3].T
        rest = box.rested((world - box.pose(1)[:3, 3]) @ box.pose(1)[:3, :3], 1)
        expected = rest / (2 * np.array(box.half)) + 0.5
        assert np.abs(found[here] - expected).max() < 1e-4


def test_a_flat_object_is_in_the_middle_of_its_missing_side() -> None:
    scene = screen()
    found = made(maps.object_coordinates, scene.view(0))
    assert (found[..., 1] == 0.5).all()
    assert found[..., 0].min() < 0.3 < 0.7 < found[..., 0].max()


def screen(**more: object) -> Scene:
    """A square of two triangles that fills the image: x -1..1 and z -1..1 at y = 1. Its image is
    that of a very thin box."""
    corners = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    uv = np.array([[[0, 0], [2, 0], [2, 1]], [[0, 0], [2, 1], [0, 1]]])
    flat = mesh(corners, faces, uv, **more)  # type: ignore[arg-type]
    box = Box((1.0, 0.0, 1.0), (Place((0.0, 1.0, 0.0)),))
    return Scene((box,), (camera((0, 0, 0)),), meshes=(flat,))


def across() -> tuple[np.ndarray, np.ndarray]:
    """x and z on the screen behind each pixel, 1 metre before a camera with f = 80 pixels."""
    u, v = np.meshgrid(np.arange(80) + 0.5, np.arange(60) + 0.5)
    return (u - 40) / 80, (30 - v) / 80


def test_uv_is_interpolated_between_corners() -> None:
    x, z = across()
    found = made(maps.uv, screen().view(0))
    assert found.dtype == np.float32
    assert np.abs(found[..., 0] - (x + 1)).max() < 1e-5
    assert np.abs(found[..., 1] - (z + 1) / 2).max() < 1e-5


def test_uv_is_nan_where_nothing_is() -> None:
    scene = moving()
    found = made(maps.uv, scene.view(0))
    nothing = (scene.sight(0)[1] == 0).reshape(60, 80)
    assert np.array_equal(np.isnan(found).all(axis=-1), nothing)


def test_semantic_names_the_class_of_objects_alone() -> None:
    scene = moving()
    found = made(maps.semantic, scene.view(1))
    assert found.dtype == np.uint16
    # Sky, floor, wall, and three objects of the classes 1, 2, 1.
    assert np.array_equal(found.reshape(-1), np.array([0, 0, 0, 1, 2, 1])[scene.sight(1)[1]])


def test_parts_are_those_of_the_triangle() -> None:
    x, z = across()
    found = made(maps.parts, screen(part=np.array([0, 1]), parts=("lower", "upper")).view(0))
    clear = np.abs(x - z) > 1e-9
    assert found.dtype == np.uint16
    assert np.array_equal(found[clear], np.where(z > x, 2, 1)[clear])


def test_a_mesh_of_one_part_is_part_1_and_the_stage_is_0() -> None:
    scene = moving()
    found = made(maps.parts, scene.view(1)).reshape(-1)
    assert np.array_equal(found, scene.sight(1)[1] > scene.stage_count)


def test_transparent_is_what_lets_light_through() -> None:
    x, z = across()
    slots = {"slot": np.array([0, 1]), "slots": ("pane", "frame")}
    glass = dataclasses.replace(screen(**slots), materials=({"pane": GLASS, "frame": PAINT},))
    clear = np.abs(x - z) > 1e-9
    found = made(maps.transparent, glass.view(0))
    assert found.dtype == bool
    assert np.array_equal(found[clear], (z < x)[clear])

    own = {"surfaces": (SurfaceData((1, 1, 1, 0.4)), SurfaceData())}
    assert np.array_equal(
        made(maps.transparent, screen(**slots, **own).view(0))[clear], (z < x)[clear]
    )
    drawn = dataclasses.replace(screen(**slots, **own), materials=({"pane": PAINT},))
    assert not made(maps.transparent, drawn.view(0)).any()


def test_a_stage_of_glass_is_transparent() -> None:
    scene = moving()
    spec = scene.spec()
    stage = dataclasses.replace(spec.stage, materials={"body": GLASS})
    world = type(scene.world())(
        dataclasses.replace(spec, stage=stage),
        [box_mesh(np.array(b.half) / b.scale) for b in scene.boxes[2:]],
        scene.stage,
    )
    found = made(maps.transparent, scene.view(1, world)).reshape(-1)
    assert np.array_equal(found, np.isin(scene.sight(1)[1], (1, 2)))
