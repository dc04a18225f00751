"""Visibility against shapes whose silhouettes are known: squares facing the camera."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.labels.visibility import Silhouette

WIDTH, HEIGHT = 64, 48
K = np.array([[50.0, 0, WIDTH / 2], [0, 50.0, HEIGHT / 2], [0, 0, 1]])


def square(half: float) -> Silhouette:
    corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    return Silhouette(corners, np.array([[0, 1, 2], [0, 2, 3]]))


def at(x: float, y: float, z: float) -> np.ndarray:
    pose = np.eye(4)
    pose[:3, 3] = x, y, z
    return pose


def drawn(x: float, half: float, z: float = 1.0) -> np.ndarray:
    """The square's mask by projecting its sides: an opinion of its own."""
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    across = np.abs((columns - K[0, 2]) / K[0, 0] * z - x) < half
    return across & (np.abs((rows - K[1, 2]) / K[1, 1] * z) < half)


def test_a_square_in_plain_view_is_seen_whole() -> None:
    seen = square(0.2).visibility(at(0, 0, 1), K, drawn(0, 0.2))
    assert (seen.visible, seen.inside, seen.whole) == (400, 400, 400.0)
    assert seen.visible_fraction == seen.inside_fraction == seen.unoccluded_fraction == 1.0


def test_what_hides_an_object_lowers_its_visible_part_only() -> None:
    mask = drawn(0, 0.2)
    mask[:, : WIDTH // 2] = False
    seen = square(0.2).visibility(at(0, 0, 1), K, mask)
    assert seen.visible_fraction == seen.unoccluded_fraction == 0.5
    assert seen.inside_fraction == 1.0


def test_the_border_of_the_frame_lowers_the_part_inside() -> None:
    x = WIDTH / 2 / K[0, 0]  # centred on the right border: half of it is outside
    seen = square(0.2).visibility(at(x, 0, 1), K, drawn(x, 0.2))
    assert seen.inside_fraction == pytest.approx(0.5, abs=0.03)
    assert seen.unoccluded_fraction == 1.0
    assert seen.visible_fraction == seen.inside_fraction


def test_an_object_out_of_view_has_no_part_inside() -> None:
    seen = square(0.2).visibility(at(1.2, 0, 1), K, np.zeros((HEIGHT, WIDTH), bool))
    assert seen.inside == seen.visible == 0
    assert seen.whole == pytest.approx(400, rel=0.01)
    assert seen.unoccluded_fraction == 0.0


@pytest.mark.parametrize("z", [-1.0, 0.0])
def test_an_object_behind_the_camera_is_nowhere(z: float) -> None:
    seen = square(0.2).visibility(at(0, 0, z), K, np.zeros((HEIGHT, WIDTH), bool))
    assert (seen.visible, seen.inside, seen.whole) == (0, 0, 0.0)
    assert seen.visible_fraction == 0.0


def test_huge_silhouettes_are_counted_in_bounded_time() -> None:
    k = np.array([[2000.0, 0, 2000], [0, 2000.0, 1500], [0, 0, 1]])
    mask = np.ones((3000, 4000), bool)
    seen = square(50.0).visibility(at(0, 0, 1), k, mask)
    # The canvas is three frames wide and high.
    assert seen.whole == pytest.approx(9 * mask.size, rel=0.01)
    assert seen.inside == mask.size
