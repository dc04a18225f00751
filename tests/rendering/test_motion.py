"""Flow, scene flow, occlusion and tracks of the real pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from agreement import check_everything, fetch
from conftest import SEQUENCE, STILL, Generate
from oracle import near_edge

import simgen

pytestmark = pytest.mark.render


@pytest.mark.exhaustive
def test_moving_deforming_objects_and_cameras(moving_folder: Path) -> None:
    dataset = simgen.open(moving_folder)
    objects = [item for scene in dataset.scenes for item in dataset.spec(scene).objects]
    assert any(item.trajectory for item in objects), "something moves"
    assert {True, False} == {item.deformation is not None for item in objects}
    poses = [sample.camera.cam_to_world for sample in dataset]
    assert not np.allclose(poses[0], poses[1]), "the camera moves"
    tally = check_everything(dataset)
    assert tally.looked_at["flow at edges"] > 1000


@pytest.mark.exhaustive
def test_falling_objects(generate: Generate) -> None:
    """Physics, with a camera that only trembles."""
    dataset = simgen.open(
        generate(*SEQUENCE, "seed=4", "camera.path=handheld", "motion.objects=physics")
    )
    first, second = dataset[0], dataset[1]
    falls = [
        before.object_to_world[2, 3] - after.object_to_world[2, 3]
        for before, after in zip(first.objects, second.objects, strict=True)
    ]
    assert max(falls) > 1e-3, "something falls"
    check_everything(dataset)


def test_a_still_scenes_flow_is_that_of_depth_k_and_pose(still_folder: Path) -> None:
    """Nothing but the stored depth, K and two poses, in every pixel, edges included."""
    first, second = simgen.open(still_folder)
    expected = rigid_flow(first, second)
    drawn = np.isfinite(first.depth)
    off = np.linalg.norm(first.flow_forward - expected, axis=-1)
    assert np.linalg.norm(expected[drawn], axis=-1).mean() > 1, "the camera moves by pixels"
    assert off[drawn].max() < 1e-3
    back = np.linalg.norm(second.flow_backward - rigid_flow(second, first), axis=-1)
    assert back[np.isfinite(second.depth)].max() < 1e-3


def rigid_flow(here: simgen.Sample, there: simgen.Sample) -> np.ndarray:
    """`H x W x 2`: the motion of all pixels when only the camera moves."""
    height, width = here.depth.shape
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    pixels = np.stack([u, v, np.ones_like(u)], axis=-1)
    depth = np.where(np.isfinite(here.depth), here.depth, 1.0).astype(float)
    points = pixels @ np.linalg.inv(here.camera.K).T * depth[..., None]
    move = np.linalg.inv(there.camera.cam_to_world) @ here.camera.cam_to_world
    seen = (points @ move[:3, :3].T + move[:3, 3]) @ there.camera.K.T
    return seen[..., :2] / seen[..., 2:] - pixels[..., :2]


def test_flow_warps_the_next_frame_onto_this_one(still_folder: Path) -> None:
    """Photometric, so independent of all geometry: pixels fetched from where the flow points look
    like those here, several times more so than pixels fetched from the same place."""
    first, second = simgen.open(still_folder)
    for here, there, flow, occluded in (
        (first, second, first.flow_forward, first.occlusion_forward),
        (second, first, second.flow_backward, second.occlusion_backward),
    ):
        # The filter of the image blends things at edges, which then move as neither of them does.
        clear = ~occluded.astype(bool) & ~near_edge(here.panoptic)
        clear &= np.isfinite(here.depth)
        assert clear.mean() > 0.5
        warped = fetch(there.rgb, flow)
        error = np.abs(warped - here.rgb).mean(axis=-1)[clear].mean()
        unmoved = np.abs(there.rgb.astype(float) - here.rgb).mean(axis=-1)[clear].mean()
        flipped = np.abs(fetch(there.rgb, -flow) - here.rgb).mean(axis=-1)[clear].mean()
        assert error < 0.6 * unmoved
        assert error < 0.6 * flipped


@pytest.mark.exhaustive
def test_there_and_back_again(moving_folder: Path) -> None:
    """Where nothing is hidden, the flow back from where the flow ends leads home."""
    dataset = simgen.open(moving_folder)
    here, there = dataset[0], dataset[1]
    height, width = here.depth.shape
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    ends = here.flow_forward + np.stack([columns, rows], axis=-1)
    usable = ~here.occlusion_forward.astype(bool) & np.isfinite(ends).all(axis=-1)
    x, y = (np.floor(np.where(usable, ends[..., axis], 0)).astype(int) for axis in (0, 1))
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    # Of the pixel in which the flow ends, whose centre is up to 0.71 pixels away.
    same = usable & (there.panoptic[y, x] == here.panoptic)
    home = np.linalg.norm(here.flow_forward + there.flow_backward[y, x], axis=-1)
    assert same.sum() > 0.5 * same.size
    assert np.median(home[same]) < 0.2
    assert (home[same] < 1).mean() > 0.98


@pytest.mark.exhaustive
def test_depth_of_field_and_motion_blur_leave_labels_as_they_are(generate: Generate) -> None:
    """Two datasets that differ in nothing but how the image is exposed."""
    words = (
        *SEQUENCE, "seed=6", "frames_per_scene=3", "camera.path=orbit",
        "motion.objects=keyframed", "motion.deform_probability=0.5",
    )  # fmt: skip
    sharp = generate(*words)
    blurred = generate(
        *words, "camera.f_stop_range=[1.0,1.4]", "camera.shutter=0.8", "camera.row_exposure=0.4"
    )
    image = {"rgb", "albedo", "diffuse", "specular", "emission"}
    for one, other in zip(files_of(sharp), files_of(blurred), strict=True):
        assert one.name == other.name
        kind = one.name.split(".")[1]
        if kind == "json" and one.name != "spec.json":
            assert without_lens(one) == without_lens(other)
        elif kind in image:
            if kind == "rgb":
                assert one.read_bytes() != other.read_bytes(), f"{one.name} is not blurred"
        elif one.name != "spec.json":
            assert one.read_bytes() == other.read_bytes(), f"{one.name} differs"


def files_of(dataset: Path) -> list[Path]:
    return sorted(path for path in (dataset / "scenes").rglob("*") if path.is_file())


def without_lens(path: Path) -> dict[str, object]:
    """A frame's JSON but for its aperture and focus, and for the exposure of another image."""
    plain = json.loads(path.read_text())
    plain.pop("exposure_stops", None)
    if "camera" in plain:
        for key in ("f_stop", "focus_distance"):
            del plain["camera"]["lens"][key]
    return plain


@pytest.mark.exhaustive
def test_labels_are_of_the_middle_of_the_exposure(still_folder: Path, generate: Generate) -> None:
    """A blurred image looks more like the sharp one of its moment than like that moved ahead or
    back by a third of a frame."""
    blurred = simgen.open(generate(*STILL, "camera.shutter=1.0", "labels=[rgb]"))
    sharp = simgen.open(still_folder)
    for soft, crisp, flow in (
        (blurred[0], sharp[0], sharp[0].flow_forward),
        (blurred[1], sharp[1], sharp[1].flow_backward),
    ):
        assert np.array_equal(soft.camera.cam_to_world, crisp.camera.cam_to_world)
        errors = [
            np.abs(fetch(crisp.rgb, part * flow) - soft.rgb).mean() for part in (0, -1 / 3, 1 / 3)
        ]
        assert errors[0] > 0, "it is blurred"
        assert errors[0] < min(errors[1:])
