"""What is behind the pixels of a frame, against scenes of boxes worked out in float64."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from labels.scenes import FISHEYE, PANORAMA, moving, still

from simgen.labels.view import FrameView, pixels_by_code
from simgen.spec.scene import LensSpec

every_lens = pytest.mark.parametrize("lens", [LensSpec(36.0, 36.0), FISHEYE, PANORAMA])


@settings(max_examples=60)
@given(arrays.arrays(np.int32, (4, 5), elements=st.sampled_from([0, 1, 2, 7, 65_535, 70_000])))
def test_pixels_by_code_holds_each_pixel_once(code: np.ndarray) -> None:
    found = pixels_by_code(code)
    assert found.codes.tolist() == sorted(set(code.ravel().tolist()))
    for value in (0, 1, 2, 3, 7, 65_535, 70_000, 80_000):
        assert found.members(value).tolist() == np.flatnonzero(code.ravel() == value).tolist()


@every_lens
def test_points_are_what_the_rays_meet(lens: LensSpec) -> None:
    scene = still(lens)
    distance, code = scene.sight(1)
    expected = scene.rays() * np.where(code > 0, distance, 1)[:, None]
    assert np.allclose(scene.view(1).points.reshape(-1, 3), expected, atol=1e-9)


@every_lens
def test_points_at_another_time(lens: LensSpec) -> None:
    scene = moving(lens)
    view = scene.view(1)
    for other in (0, 1, 2):
        found = view.points_at(other).reshape(-1, 3)
        assert np.allclose(found, scene.seen_from(1, other), atol=1e-5)


@every_lens
def test_hits_are_triangles_at_the_points(lens: LensSpec) -> None:
    scene = moving(lens)
    view = scene.view(1)
    code, pose = view.code.reshape(-1), scene.cameras[1]
    for number, box in enumerate(scene.boxes, start=1):
        here, found = code == number, view.hits_on(number)
        mesh = view.world.surfaces[number - 1].mesh
        rest = mesh.vertices * box.scale
        corners = box.shaped(rest, 1)[mesh.faces[found.triangle]]
        local = np.einsum("ni,nij->nj", found.weights, corners)
        world = local @ box.pose(1)[:3, :3].T + box.pose(1)[:3, 3]
        camera = (world - pose[:3, 3]) @ pose[:3, :3]
        assert np.abs(camera - view.points.reshape(-1, 3)[here]).max() < 1e-4


def test_rays_that_miss_take_the_nearest_triangle() -> None:
    """The renderer saw the objects a little larger than our meshes are: rays at their edges pass
    ours, and meet whatever is behind, or nothing."""
    scene = moving(width=160, height=120)
    smaller = tuple(
        dataclasses.replace(
            box,
            half=tuple(0.97 * h for h in box.half),  # type: ignore[arg-type]
            stretch=(),
        )
        for box in scene.boxes
        if not box.stuff
    )
    shrunk = dataclasses.replace(scene, boxes=(*scene.boxes[:2], *smaller))
    view = FrameView(shrunk.world(), scene.raw(1), 1)
    triangle = view.hits_on(3).triangle
    assert (triangle >= 0).all()
    # Each triangle is one of the side that the renderer saw, up to its edges.
    distance, _ = scene.sight(1)
    pose, box = scene.cameras[1], scene.boxes[2]
    here = view.code.reshape(-1) == 3
    world = pose[:3, 3] + (scene.rays()[here] * distance[here, None]) @ pose[:3, :3].T
    rest = (world - box.pose(1)[:3, 3]) @ box.pose(1)[:3, :3]
    away = np.abs(np.abs(rest / box.half) - 1)
    axis = away.argmin(axis=1)
    side = 2 * axis + (rest[np.arange(len(rest)), axis] > 0)
    clear = np.sort(away, axis=1)[:, 1] > 0.04
    assert clear.mean() > 0.6
    assert np.array_equal(triangle[clear] // 2, side[clear])


def test_instances_are_16_bits_wide_until_they_need_more() -> None:
    scene = moving()
    view = scene.view(0)
    assert view.instances.dtype == np.uint16
    assert np.array_equal(view.instances, np.maximum(view.code - 2, 0))
