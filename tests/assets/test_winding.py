"""Faces that are wound the wrong way are found, and no others."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from simgen.assets.winding import wrongly_wound


def sphere(radius: float = 1.0, centre: tuple[float, float, float] = (0.0, 0.0, 0.0)):
    return trimesh.creation.icosphere(1, radius).apply_translation(centre)


@given(st.sets(st.integers(0, 79)))
def test_of_a_closed_part_just_the_wrong_ones_are_turned(turned: set[int]) -> None:
    mesh = sphere()
    wrong = np.isin(np.arange(80), list(turned))
    faces = np.where(wrong[:, None], mesh.faces[:, ::-1], mesh.faces)
    assert (wrongly_wound(mesh.vertices, faces) == wrong).all()


def test_of_an_open_part_the_smaller_half_is_turned() -> None:
    mesh = trimesh.creation.cylinder(1.0, 1.0, sections=24)
    faces = np.array(mesh.faces[np.abs(mesh.face_normals[:, 2]) < 0.5])
    faces[5] = faces[5][::-1]
    assert np.flatnonzero(wrongly_wound(mesh.vertices, faces)).tolist() == [5]


def test_the_wall_of_a_hollow_stays_inside_out() -> None:
    inner = sphere(0.5)
    inner.invert()
    both = trimesh.util.concatenate([sphere(), inner])
    assert not wrongly_wound(both.vertices, both.faces).any()


def test_a_part_beside_another_is_turned_whole() -> None:
    beside = sphere(0.5, (3.0, 0.0, 0.0))
    beside.invert()
    both = trimesh.util.concatenate([sphere(), beside])
    assert wrongly_wound(both.vertices, both.faces).tolist() == [False] * 80 + [True] * 80


@pytest.mark.parametrize("far", [0.0, 1e4])
def test_a_flat_sheet_is_left_alone(far: float) -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]) + far
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    assert not wrongly_wound(vertices, faces).any()


def test_an_edge_of_three_faces_joins_none_of_them() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -1, 0]], float)
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 1, 4]])
    assert not wrongly_wound(vertices, faces).any()
