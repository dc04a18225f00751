"""The check of a refiner: what moves is found, and what only looks different is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from drawn_sets import PIXELS

from simgen.training.refiner.edges import Edges, compare_edges, joined

HEIGHT, WIDTH = 150, 200


def cars(rng: np.random.Generator, shift: float = 0.0) -> tuple[np.ndarray, list[np.ndarray]]:
    """Antialiased boxes and discs on noise; shift: pixels to the right, of the image and not of the
    masks."""
    image = rng.normal(110, 4, (HEIGHT, WIDTH, 3))
    masks = []
    for row in range(2):
        for column in range(4):
            x, y = 28 + 45 * column + rng.uniform(-4, 4), 40 + 65 * row + rng.uniform(-4, 4)
            part, hard = (_drawn(x + by, y, (row + column) % 2) for by in (shift, 0.0))
            colour = rng.choice([40.0, 190.0]) + rng.normal(0, 3, (HEIGHT, WIDTH, 3))
            image = image * (1 - part[..., None]) + colour * part[..., None]
            masks.append(hard >= 0.5)
    return np.clip(image, 0, 255).round().astype(np.uint8), masks


def _drawn(x: float, y: float, kind: int) -> np.ndarray:
    big = np.zeros((8 * HEIGHT, 8 * WIDTH), np.float32)
    at = round(8 * x), round(8 * y)
    if kind:
        cv2.circle(big, at, 8 * 11, 1.0, -1)
    else:
        cv2.rectangle(big, (at[0] - 96, at[1] - 56), (at[0] + 96, at[1] + 56), 1.0, -1)
    return cv2.resize(big, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("name", PIXELS)
def test_what_only_looks_different_has_not_moved(name: str) -> None:
    rng = np.random.default_rng(0)
    image, masks = cars(rng)
    after = np.clip(PIXELS[name][1](image.astype(np.float64), rng), 0, 255).astype(np.uint8)
    found = compare_edges(image, after, masks)
    assert found.figures["edges"] > 20
    assert found.wrong == ""


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.6, 2.5])
def test_how_far_objects_moved_is_measured(shift: float) -> None:
    image, masks = cars(np.random.default_rng(1))
    after, _ = cars(np.random.default_rng(1), shift)
    found = compare_edges(image, after, masks)
    assert found.figures["most_moved"] == pytest.approx(shift, abs=0.4)
    assert bool(found.wrong) == (shift > 1)


def test_one_object_that_moves_is_enough() -> None:
    image, masks = cars(np.random.default_rng(2))
    moved, _ = cars(np.random.default_rng(2), 2.0)
    part = cv2.dilate(masks[3].astype(np.uint8), np.ones((9, 9)))[..., None] > 0
    found = compare_edges(image, np.where(part, moved, image), masks)
    assert "moved by" in found.wrong


def test_objects_that_vanish_are_found() -> None:
    image, masks = cars(np.random.default_rng(3))
    found = compare_edges(image, cv2.GaussianBlur(image, (0, 0), 12), masks)
    assert "lost" in found.wrong


def test_nothing_to_check_is_no_success() -> None:
    image = np.full((60, 60, 3), 90, np.uint8)
    mask = np.zeros((60, 60), bool)
    mask[20:40, 20:40] = True
    assert "too few" in compare_edges(image, image, [mask]).wrong
    assert joined([]).figures["edges"] == 0


def test_parts_are_joined() -> None:
    found = joined([Edges(np.array([0.1, 0.4]), 1), Edges(np.array([0.2]), 0)])
    assert found.figures["edges"] == 4
    assert found.figures["most_moved"] == 0.4
    assert found.figures["lost_share"] == 0.25
