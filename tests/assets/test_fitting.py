"""Pieces reach as far as their mesh, and no farther than it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull

from simgen.assets.classes import CLASSES
from simgen.assets.fitting import fitted
from simgen.geometry.mesh import MeshData


def as_mesh(shape: trimesh.Trimesh, pieces: tuple[np.ndarray, ...]) -> MeshData:
    count = len(shape.faces)
    return MeshData(
        np.asarray(shape.vertices, dtype=float),
        np.asarray(shape.faces, dtype=np.int32),
        np.zeros((count, 3, 2), np.float32),
        np.zeros(count, np.int32),
        ("slot",),
        pieces=pieces,
    )


def stands_out(points: np.ndarray, pieces: tuple[np.ndarray, ...]) -> float:
    """The farthest that a point is outside of all pieces, metres; by their planes, so at most."""
    least = np.full(len(points), np.inf)
    for piece in pieces:
        planes = ConvexHull(piece).equations
        least = np.minimum(least, (points @ planes[:, :3].T + planes[:, 3]).max(axis=1))
    return float(least.max())


def test_a_coarse_piece_of_a_ball_becomes_round() -> None:
    ball = trimesh.creation.icosphere(3, 0.04)
    coarse = np.asarray(trimesh.creation.icosphere(1, 0.04).vertices)
    assert stands_out(ball.vertices, (coarse,)) > 1.5e-3
    (piece,) = fitted(as_mesh(ball, (coarse,)))
    assert stands_out(ball.vertices, (piece,)) < 5e-4
    assert np.linalg.norm(piece, axis=1).max() < 0.0405
    assert np.abs(piece).max() <= np.abs(ball.vertices).max(), "within the box of the mesh"


def test_the_nearest_of_several_pieces_grows() -> None:
    box = trimesh.creation.box((0.2, 0.1, 0.1))
    left, right = (box.vertices * [0.5, 1, 1] + [x, 0, 0] for x in (-0.05, 0.05))
    short = right - [0.003, 0, 0]
    first, second = fitted(as_mesh(box, (left, short)))
    assert first.tolist() == left.tolist()
    assert second[:, 0].max() == pytest.approx(0.1)


def test_pieces_that_fit_stay_as_they_are() -> None:
    box = trimesh.creation.box((0.2, 0.1, 0.1))
    (piece,) = fitted(as_mesh(box, (np.asarray(box.vertices),)))
    assert piece.tolist() == box.vertices.tolist()


def test_what_stands_far_out_does_so_on_purpose() -> None:
    box = trimesh.creation.box((0.2, 0.1, 0.1))
    cord = replace(as_mesh(box, ()), pieces=(box.vertices * [0.7, 1, 1],))
    (piece,) = fitted(cord)
    assert piece[:, 0].max() == pytest.approx(0.07)


@pytest.mark.parametrize("name", ["apple", "mug", "bottle", "knife", "banana"])
def test_the_pieces_of_common_classes_are_within_a_millimetre(name: str) -> None:
    mesh = CLASSES[name].build(CLASSES[name].draw(np.random.default_rng(3)))
    assert stands_out(mesh.vertices, fitted(mesh)) < 1.2e-3
