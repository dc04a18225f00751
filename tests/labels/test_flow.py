"""Flow, scene flow and occlusion against scenes of boxes that are worked out in float64."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labels.scenes import (
    FISHEYE,
    PANORAMA,
    PARALLEL,
    Box,
    Place,
    Scene,
    camera,
    made,
    moving,
    still,
)

from simgen.labels import flow
from simgen.spec.scene import LensSpec

LENSES = {
    "pinhole": LensSpec(36.0, 36.0),
    "fisheye": FISHEYE,
    "panorama": PANORAMA,
    "parallel": PARALLEL,
}
every_lens = pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES.keys())
every_scene = pytest.mark.parametrize("make", [still, moving])
Make = Callable[..., Scene]


@every_lens
@every_scene
def test_flow_is_that_of_the_formulas_in_every_pixel(make: Make, lens: LensSpec) -> None:
    scene = make(lens)
    view = scene.view(1)
    for found, other in ((made(flow.FLOW_FORWARD, view), 2), (made(flow.FLOW_BACKWARD, view), 0)):
        expected = scene.flow(1, other)
        assert found is not None
        assert found.dtype == np.float32
        assert np.array_equal(np.isnan(found), np.isnan(expected))
        assert np.nanmax(np.abs(found - expected)) < 0.01  # at edges too: nothing bleeds
        assert np.nanmax(np.abs(expected)) > 1
    assert set(np.unique(view.code)) == set(range(len(scene.boxes) + 1))


@every_lens
@every_scene
def test_occlusion_is_that_of_the_formulas(make: Make, lens: LensSpec) -> None:
    scene = make(lens)
    view = scene.view(1)
    for found, other in (
        (made(flow.OCCLUSION_FORWARD, view), 2),
        (made(flow.OCCLUSION_BACKWARD, view), 0),
    ):
        expected = scene.occlusion(1, other)
        assert found is not None
        assert found.dtype == bool
        assert expected.sum() > 10
        assert (found != expected).sum() <= 2  # rays that graze an edge


@every_lens
def test_scene_flow_is_the_motion_between_the_cameras_axes(lens: LensSpec) -> None:
    scene = moving(lens)
    view = scene.view(1)
    distance, code = scene.sight(1)
    here = scene.origins() + scene.rays() * np.where(np.isfinite(distance), distance, 0)[:, None]
    expected = scene.seen_from(1, 2) - here
    found = made(flow.SCENE_FLOW_FORWARD, view)
    assert found is not None
    flat, seen = found.reshape(-1, 3), code > 0
    assert np.isnan(flat[~seen]).all()
    assert np.abs(flat[seen] - expected[seen]).max() < 1e-5


def test_the_ends_of_a_sequence_have_no_neighbour() -> None:
    scene = still()
    first, last = scene.view(0), scene.view(2)
    assert made(flow.FLOW_BACKWARD, first) is None
    assert made(flow.OCCLUSION_BACKWARD, first) is None
    assert made(flow.SCENE_FLOW_BACKWARD, first) is None
    assert made(flow.FLOW_FORWARD, last) is None
    assert made(flow.OCCLUSION_FORWARD, last) is None
    assert made(flow.SCENE_FLOW_FORWARD, last) is None
    assert made(flow.FLOW_FORWARD, first) is not None


def test_what_gets_behind_the_camera_has_no_flow() -> None:
    wall = Box((3.0, 0.1, 3.0), (Place((0.0, 2.0, 0.0)),))
    scene = Scene((wall,), (camera((0, 0, 0)), camera((0, 3.0, 0))))
    found, occluded = (
        made(flow.FLOW_FORWARD, scene.view(0)),
        made(flow.OCCLUSION_FORWARD, scene.view(0)),
    )
    assert found is not None
    assert occluded is not None
    assert np.isnan(found).all()
    assert occluded.all()


def test_parallel_rays_to_the_sky_are_seen_where_they_go_on() -> None:
    """Moved without a turn, a camera sees the sky pass by like anything else; turned a little, it
    sees another place of it in every pixel."""
    box = Box((0.3, 0.3, 0.3), (Place((0.0, 3.0, 0.0)),))
    cameras = (camera((0, 0, 0)), camera((0.75, 0.2, 0)), camera((0, 0, 0), yaw=1e-6))
    scene = Scene((box,), cameras, PARALLEL)
    view = scene.view(0)
    sky = view.code == 0
    found, occluded = made(flow.FLOW_FORWARD, view), made(flow.OCCLUSION_FORWARD, view)
    assert found is not None
    assert occluded is not None
    assert np.allclose(found, [-0.75 * 80 / 2, 0])
    assert (occluded == scene.occlusion(0, 1)).all()
    assert (occluded & sky).any()
    assert (occluded & sky).sum() < sky.sum()
    back, hidden = (
        made(flow.FLOW_BACKWARD, scene.view(2)),
        made(flow.OCCLUSION_BACKWARD, scene.view(2)),
    )
    assert back is not None
    assert hidden is not None
    assert np.isnan(back[sky]).all()
    assert hidden[sky].all()
    assert np.abs(back[~sky] - [-0.75 * 80 / 2, 0]).max() < 1e-3


def test_forward_then_backward_returns() -> None:
    scene = moving(width=160, height=120)
    world = scene.world()
    there, back = (
        made(flow.FLOW_FORWARD, scene.view(0, world)),
        made(flow.FLOW_BACKWARD, scene.view(1, world)),
    )
    occluded = made(flow.OCCLUSION_FORWARD, scene.view(0, world))
    assert there is not None
    assert back is not None
    assert occluded is not None
    target = scene.centres().reshape(120, 160, 2) + there
    at = (target - 0.5).astype(np.float32)
    returned = cv2.remap(back, at[..., 0], at[..., 1], cv2.INTER_LINEAR)
    error = np.linalg.norm(there + returned, axis=-1)[~occluded]
    assert np.mean(error < 0.05) > 0.9
    assert np.median(error) < 0.005


def test_a_panorama_wraps_the_short_way() -> None:
    behind = Box((1.0, 0.1, 1.0), (Place((0.0, -3.0, 0.0)), Place((0.4, -3.0, 0.0))))
    scene = Scene((behind,), (camera((0, 0, 0)),) * 2, PANORAMA)
    found = made(flow.FLOW_FORWARD, scene.view(0))
    assert found is not None
    assert np.abs(found[..., 0]).max() < 5  # not once around the image
    assert np.abs(found - scene.flow(0, 1)).max() < 0.01


@st.composite
def rigid_motions(draw: st.DrawFn) -> Scene:
    def number(low: float, high: float) -> float:
        return draw(st.floats(low, high))

    places = tuple(
        Place(
            (number(-0.5, 0.5), number(2.0, 3.0), number(-0.4, 0.4)),
            (number(-1, 1), number(-1, 1), 1.0),
            number(-3, 3),
        )
        for _ in range(2)
    )
    half = (number(0.1, 0.5), number(0.1, 0.5), number(0.1, 0.5))
    cameras = tuple(
        camera((number(-0.3, 0.3), 0.0, number(-0.2, 0.2)), number(-0.3, 0.3), number(-0.2, 0.2))
        for _ in range(2)
    )
    boxes = (Box(half, places, scale=number(0.5, 2.0)), Box((2.0, 0.1, 0.3), (Place((0, 5, 0)),)))
    return Scene(boxes, cameras, width=24, height=18)


@settings(max_examples=40)
@given(rigid_motions())
def test_points_follow_any_rigid_motion(scene: Scene) -> None:
    found = scene.view(0).points_at(1).reshape(-1, 3)
    assert np.allclose(found, scene.seen_from(0, 1), atol=1e-6)
