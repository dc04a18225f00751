"""Keypoints: where they are, and whether they are seen, on shapes where one can say so."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
import trimesh
from solids import LENSES, Scene, Thing, ball, box, solid

from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import shape_at
from simgen.labels.keypoints import keypoints, landmarks_of
from simgen.labels.record import Keypoint
from simgen.spec.scene import DeformationSpec


def of(scene: Scene) -> list[dict[str, Keypoint]]:
    view = scene.view()
    found = keypoints(view, tuple(landmarks_of(thing.mesh) for thing in scene.things))
    return [{point.name: point for point in points} for points in found]


def test_a_mesh_without_keypoints_has_those_of_its_box() -> None:
    marks = landmarks_of(box(0.2, 0.4, 0.6))
    points = dict(zip(marks.names, marks.points.tolist(), strict=True))
    assert points["centre"] == pytest.approx([0, 0, 0])
    assert points["corner_100"] == pytest.approx([0.1, -0.2, -0.3])
    assert points["corner_011"] == pytest.approx([-0.1, 0.2, 0.3])
    assert points["axis_y"] == pytest.approx([0, 0.2, 0])
    assert len(marks.names) == 12
    lengths = [np.linalg.norm(marks.points[a] - marks.points[b]) for a, b in marks.edges]
    assert sorted(lengths) == pytest.approx([0.1] + 5 * [0.2] + [0.3] + 4 * [0.4] + 4 * [0.6])


def test_every_point_of_a_ball_is_seen_on_its_near_side_alone() -> None:
    directions = trimesh.creation.icosphere(2).vertices
    named = {f"p{i}": tuple(0.3 * point) for i, point in enumerate(directions)}
    mesh = dataclasses.replace(ball(0.3, 5), keypoints=named)
    (found,) = of(Scene([Thing(mesh, (0.1, 0.05, 2.0), (0.3, 0.2, 0.1))]))
    away = np.array([found[name].position for name in named])
    outward = away - (0.1, 0.05, 2.0)
    cosine = np.sum(away * outward, axis=1) / np.linalg.norm(away, axis=1) / 0.3
    seen = np.array([found[name].visibility for name in named])
    assert (seen[cosine < -0.1] == 2).all()
    assert (seen[cosine > 0.15] == 1).all()
    assert (cosine < -0.1).sum() > 50
    assert (cosine > 0.15).sum() > 50


def test_hidden_by_itself_by_another_and_out_of_the_image() -> None:
    cube = box(0.2, 0.2, 0.2)  # face on: the camera looks along its z
    screen = Thing(box(0.04, 0.04, 0.001), (-0.055, -0.055, 0.6))
    (found, _) = of(Scene([Thing(cube, (0, 0, 1.1)), screen]))
    assert found["centre"].visibility == 1
    assert found["corner_110"].visibility == 2
    assert found["corner_111"].visibility == 1  # behind the front face
    assert found["corner_000"].visibility == 1  # behind the screen
    assert found["axis_z"].visibility == 1
    (aside,) = of(Scene([Thing(cube, (1.5, 0, 1.1))]))
    assert {point.visibility for point in aside.values()} == {0}
    (behind,) = of(Scene([Thing(cube, (0, 0, -1.1))]))
    assert {point.visibility for point in behind.values()} == {0}
    assert all(np.isnan(point.pixel).all() for point in behind.values())


def test_a_point_a_little_inside_its_surface_is_seen() -> None:
    mesh = dataclasses.replace(
        box(0.2, 0.2, 0.2), keypoints={"near": (0, 0, -0.0995), "deep": (0, 0, -0.09)}
    )
    (found,) = of(Scene([Thing(mesh, (0, 0, 1.0))]))
    assert found["near"].visibility == 2
    assert found["deep"].visibility == 1


@pytest.mark.parametrize("sizes_away", [3, 30, 300])
def test_the_tolerance_is_that_of_the_size_at_any_distance(sizes_away: float) -> None:
    """0.4 % of the diagonal beneath a surface, or behind a screen, is seen, 0.6 % is not."""
    size, away = np.sqrt(3) * 0.2, sizes_away * np.sqrt(3) * 0.2
    named = {f"p{k}": (0, 0, -0.1 + 0.001 * k * size) for k in (4, 6)}
    mesh = dataclasses.replace(box(0.2, 0.2, 0.2), keypoints=named)
    (found,) = of(Scene([Thing(mesh, (0, 0, away))]))
    assert [found[name].visibility for name in named] == [2, 1]
    for part, expected in ((0.004, 2), (0.006, 1)):
        screen = Thing(box(1.0, 1.0, 1e-6), (0, 0, away - 0.1 - part * size))
        on_top = dataclasses.replace(box(0.2, 0.2, 0.2), keypoints={"top": (0, 0, -0.1)})
        (found, _) = of(Scene([Thing(on_top, (0, 0, away)), screen]))
        assert found["top"].visibility == expected


@pytest.mark.parametrize("model", sorted(LENSES))
def test_points_project_as_opencv_has_it(model: str) -> None:
    thing = Thing(box(0.3, 0.2, 0.1), (0.1, -0.1, 1.3), (0.3, 0.8, -0.4), scale=1.5)
    scene = Scene([thing], LENSES[model])
    (found,) = of(scene)
    marks = landmarks_of(thing.mesh)
    expected = 1.5 * marks.points @ thing.pose[:3, :3].T + thing.place
    assert np.allclose([found[name].position for name in marks.names], expected)
    pixels = np.array([found[name].pixel for name in marks.names])
    rays, ways = scene.rays(pixels), expected - scene.origins(pixels)
    assert np.abs(np.cross(rays, ways)).max() < 1e-6
    if model in ("pinhole", "brown_conrady"):
        given = np.array(scene.lens.coefficients or (0.0,) * 4)
        none = np.zeros(3)
        again, _ = cv2.projectPoints(expected[:, None], none, none, scene.k(), given)
        assert np.abs(pixels - again[:, 0]).max() < 1e-6


@pytest.mark.parametrize("kind", ["twist", "bend", "squash"])
def test_keypoints_go_along_with_the_shape(kind: str) -> None:
    how = DeformationSpec(kind, 0.5, 1.0, 1.0)
    shape = solid(trimesh.creation.icosphere(3, 0.3).apply_translation((0.1, 0, 0.5)))
    chosen = {"a": 5, "b": 100, "c": 333}
    mesh: MeshData = dataclasses.replace(
        shape, keypoints={name: tuple(shape.vertices[i]) for name, i in chosen.items()}
    )
    thing = Thing(mesh, (0, 0, 2.0), (0.4, 0.1, 0.2), scale=0.7, deformation=how)
    scene = Scene([thing])
    (found,) = of(scene)
    deformed = shape_at(scene.spec().objects[0], mesh.vertices, 0, 1.0)
    moved = deformed @ thing.pose[:3, :3].T + thing.place
    for name, place in chosen.items():
        assert found[name].position == pytest.approx(moved[place])


def test_a_scene_without_objects_has_no_keypoints() -> None:
    scene = Scene([Thing(ball(0.1), (0, 0, 1))])
    assert keypoints(scene.view(), ()) == ()
