"""Run lengths and boxes of masks, against pycocotools and against trying all angles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from simgen.labels import masks

small_ids = hnp.arrays(
    np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 3)
)


def flat(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask.T)


@given(small_ids)
def test_masks_boxes_and_areas_agree_with_the_ids(ids: np.ndarray) -> None:
    found = masks.visible_pixels(ids)
    assert list(found) == sorted(set(np.unique(ids).tolist()) - {0})
    height, width = ids.shape
    for number, pixels in found.items():
        expected = ids == number
        rle = masks.run_lengths(pixels, height, width)
        assert np.array_equal(coco_mask.decode(rle), expected)
        assert rle["counts"] == _encoded(expected)
        assert len(pixels) == coco_mask.area(rle)
        assert list(masks.bounding_box(pixels, height)) == coco_mask.toBbox(rle).tolist()


def _encoded(mask: np.ndarray) -> str:
    return coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"].decode("ascii")


def test_an_empty_mask_has_run_lengths_too() -> None:
    rle = masks.run_lengths(np.zeros(0, np.int64), 4, 5)
    assert not coco_mask.decode(rle).any()
    assert rle["size"] == [4, 5]


def test_a_box_counts_both_of_its_ends() -> None:
    mask = np.zeros((10, 20), bool)
    mask[2:5, 3:9] = True
    assert masks.bounding_box(flat(mask), 10) == (3.0, 2.0, 6.0, 3.0)


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.8, 1.2, np.pi / 2])
def test_the_oriented_box_of_a_turned_rectangle_is_that_rectangle(angle: float) -> None:
    half = np.array([60.0, 25.0])
    rows, columns = np.mgrid[:200, :220] + 0.5
    arm = np.stack([columns - 110, rows - 100], axis=-1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mask = (np.abs(arm @ turn) < half).all(axis=-1)
    corners = masks.oriented_box(flat(mask), 200)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    # Whole pixels reach up to 0.71 beyond a slanting side.
    assert sorted(sides) == pytest.approx([50, 50, 120, 120], abs=1.5)
    assert corners.mean(axis=0) == pytest.approx([110, 100], abs=0.75)


@given(small_ids)
def test_the_oriented_box_is_the_smallest_that_holds_all_pixels(ids: np.ndarray) -> None:
    for pixels in masks.visible_pixels(ids).values():
        corners = masks.oriented_box(pixels, ids.shape[0])
        first, second = corners[1] - corners[0], corners[3] - corners[0]
        assert abs(first @ second) < 1e-9
        area = float(np.linalg.norm(first) * np.linalg.norm(second))
        columns, rows = np.divmod(pixels, ids.shape[0])
        squares = np.concatenate(
            [np.stack([columns + i, rows + j], axis=1) for i in (0, 1) for j in (0, 1)]
        )
        for side, start in ((first, corners[0]), (second, corners[0])):
            along = (squares - start) @ side / (side @ side)
            assert along.min() > -1e-9
            assert along.max() < 1 + 1e-9
        angles = np.linspace(0, np.pi / 2, 721)
        u = squares @ np.stack([np.cos(angles), np.sin(angles)])
        v = squares @ np.stack([-np.sin(angles), np.cos(angles)])
        assert area <= float((np.ptp(u, axis=0) * np.ptp(v, axis=0)).min()) + 1e-9
