"""Edges of 3D boxes lie where points on them do, by the projection of the lens itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.spatial import cKDTree

from simgen.geometry.lens import STRAIGHT, Lens
from simgen.labels.drawing.edges import box_edges

SIZE = (320, 240)
LENSES = {
    "pinhole": Lens("pinhole", *SIZE, 250, 250, 160, 120),
    "brown_conrady": Lens(
        "brown_conrady", *SIZE, 200, 200, 150, 125, (-0.3, 0.1, 0.002, -0.001, 0, 0, 0, 0)
    ),
    "kannala_brandt": Lens("kannala_brandt", *SIZE, 90, 90, 160, 120, (0.05, -0.01, 0, 0)),
    "equirectangular": Lens("equirectangular", *SIZE, 320 / (2 * np.pi), 240 / np.pi, 160, 120),
    "orthographic": Lens("orthographic", *SIZE, 150, 140, 160, 120),
}
PLACES = {
    "before": (0.1, -0.05, 1.5),
    "beside": (0.9, 0.3, 0.6),
    "half behind": (0.6, 0.0, 0.1),
    "behind": (0.2, 0.1, -1.2),
    "below": (0.05, 1.1, 0.03),
}
LOW, HIGH = np.array([-0.3, -0.2, -0.4]), np.array([0.25, 0.3, 0.5])


def pose_at(place: str) -> np.ndarray:
    turn, _ = np.linalg.qr(np.random.default_rng(len(place)).normal(size=(3, 3)))
    pose = np.eye(4)
    pose[:3, :3] = turn * np.sign(np.linalg.det(turn))
    pose[:3, 3] = PLACES[place]
    return pose


def edges_in_camera(pose: np.ndarray) -> np.ndarray:
    """`12 x 2 x 3`: both ends of each edge, by which two corners differ in one of x, y, z."""
    corners = np.array(list(itertools.product(*zip(LOW, HIGH, strict=True))))
    pairs = [(a, b) for a, b in itertools.combinations(corners, 2) if (a != b).sum() == 1]
    return np.array(pairs) @ pose[:3, :3].T + pose[:3, 3]


def along(lens: Lens, edges: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """`n x 2`: pixels of places on all edges that lie in the image."""
    points = edges[:, :1] + parts[:, None] * (edges[:, 1:] - edges[:, :1])
    pixels = lens.project(points.reshape(-1, 3))
    return pixels[lens.contains(pixels)]


def distance(points: np.ndarray, lines: list[np.ndarray]) -> np.ndarray:
    """Of each point from the nearest segment of some polylines, pixels."""
    starts = np.concatenate([line[:-1] for line in lines])
    ways = np.concatenate([np.diff(line, axis=0) for line in lines])
    part = ((points[:, None] - starts) * ways).sum(-1) / np.maximum((ways**2).sum(-1), 1e-12)
    nearest = starts + part.clip(0, 1)[..., None] * ways
    return np.linalg.norm(points[:, None] - nearest, axis=-1).min(axis=1)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("model", LENSES)
def test_lines_are_where_points_on_the_edges_are(model: str, place: str) -> None:
    lens, pose = LENSES[model], pose_at(place)
    lines = box_edges(lens.project, SIZE, pose, LOW, HIGH)
    edges = edges_in_camera(pose)
    seen = along(lens, edges, np.random.default_rng(7).random(97))
    if not len(seen):
        assert not any(lens.contains(line.astype(float)).any() for line in lines)
        return
    assert distance(seen, lines).max() < 0.3
    # And nowhere else: no line joins what the lens tears apart.
    drawn = [
        line[:-1] + part * np.diff(line, axis=0)
        for line in lines
        for part in np.linspace(0, 1, 9)[:, None, None]
    ]
    points = np.concatenate([part.reshape(-1, 2) for part in drawn]).astype(float)
    points = points[lens.contains(points)]
    dense = along(lens, edges, np.linspace(0, 1, 20_001))
    if len(points):
        assert cKDTree(dense).query(points)[0].max() < 1.0


@pytest.mark.parametrize("model", STRAIGHT)
def test_a_straight_edge_needs_two_points(model: str) -> None:
    lines = box_edges(LENSES[model].project, SIZE, pose_at("before"), LOW, HIGH)
    assert [len(line) for line in lines] == [2] * 12


def test_lenses_bend_and_seams_tear() -> None:
    fish = box_edges(LENSES["kannala_brandt"].project, SIZE, pose_at("beside"), LOW, HIGH)
    assert max(map(len, fish)) > 4
    torn = box_edges(LENSES["equirectangular"].project, SIZE, pose_at("behind"), LOW, HIGH)
    assert len(torn) > 12
    ends = np.concatenate([line[[0, -1]] for line in torn])[:, 0]
    assert (np.abs(ends) < 0.01).any()
    assert (np.abs(ends - SIZE[0]) < 0.01).any()


@pytest.mark.filterwarnings("error")
def test_nothing_is_drawn_of_no_numbers() -> None:
    nothing = np.full((4, 4), np.nan)
    for lens in LENSES.values():
        assert box_edges(lens.project, SIZE, nothing, LOW, HIGH) == []
