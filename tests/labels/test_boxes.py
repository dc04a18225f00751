"""3D boxes and their corners in the image, against OpenCV's projection of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from solids import LENSES, Scene, Thing, ball, box

from simgen.labels.boxes import EDGES, corners_of
from simgen.labels.objects import landmarks, object_records
from simgen.labels.record import ObjectRecord
from simgen.labels.silhouettes import silhouettes
from simgen.spec.scene import DeformationSpec


def records(scene: Scene) -> tuple[ObjectRecord, ...]:
    view = scene.view()
    return object_records(view, silhouettes(view), landmarks(view.world))


def test_corner_i_is_high_where_its_bits_are_set() -> None:
    corners = corners_of(np.array([[0.0, 0, 0], [1, 2, 4]]))
    assert (corners.sum(axis=1) == np.arange(8)).all()
    assert len(EDGES) == 12
    assert all((corners[a] != corners[b]).sum() == 1 for a, b in EDGES)


@pytest.mark.parametrize("model", ["pinhole", "brown_conrady", "kannala_brandt"])
def test_corners_reproject(model: str) -> None:
    thing = Thing(box(0.3, 0.2, 0.1), (0.1, -0.1, 1.3), (0.3, 0.8, -0.4), scale=1.5)
    scene = Scene([thing], LENSES[model])
    (found,) = records(scene)
    assert found.size == pytest.approx([0.45, 0.3, 0.15])
    assert found.centre == pytest.approx(thing.place)
    signs = np.array([[1 if i >> axis & 1 else -1 for axis in range(3)] for i in range(8)])
    points = (signs * [0.225, 0.15, 0.075])[:, None]
    turn, place = np.array(thing.turn), np.array(thing.place)
    given = np.array(scene.lens.coefficients or (0.0,) * 4)
    project = cv2.fisheye.projectPoints if model == "kannala_brandt" else cv2.projectPoints
    expected, _ = project(points, turn, place, scene.k(), given)
    assert np.abs(found.corners - expected.reshape(8, 2)).max() < 1e-6


def test_a_corner_behind_the_camera_has_no_image() -> None:
    (found,) = records(Scene([Thing(box(0.2, 0.2, 4.0), (0.3, 0, 0.5))]))
    behind = np.isnan(found.corners).any(axis=1)
    assert behind.tolist() == [i < 4 for i in range(8)]  # bit 2 is z


def test_the_box_of_a_shape_that_changes_is_that_of_the_moment() -> None:
    taller = DeformationSpec("squash", 0.44, 1.0, np.pi / 2)  # s = 0.44 at frame 0
    (found,) = records(Scene([Thing(box(0.2, 0.2, 0.2), (0, 0, 1.5), deformation=taller)]))
    assert found.size == pytest.approx([0.2 / 1.2, 0.2 / 1.2, 0.288])
    assert found.box_min[2] == pytest.approx(-0.1)


def test_amodal_masks_and_keypoints_are_made_when_they_are_asked_for() -> None:
    thing = Thing(ball(0.2), (0, 0, 1.5))
    (with_all,) = records(Scene([thing]))
    (plain,) = records(Scene([thing], labels=("objects",)))
    assert with_all.amodal_segmentation == with_all.segmentation is not None
    assert with_all.keypoints is not None
    assert with_all.skeleton is not None
    assert plain.amodal_segmentation is plain.keypoints is plain.skeleton is None
    assert plain.amodal_bbox == with_all.amodal_bbox == plain.bbox


def test_an_object_out_of_sight_has_a_record_all_the_same() -> None:
    (found,) = records(Scene([Thing(ball(0.2), (0, 0, -1.5))]))
    assert found.bbox is found.oriented_box is found.segmentation is found.amodal_bbox is None
    assert found.amodal_segmentation is None
    assert found.visible_pixels == found.visible_fraction == found.inside_fraction == 0
    assert np.isnan(found.corners).all()
