"""Masks of other people's COCO: polygons and run lengths, checked before they are used."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from simgen.errors import InputError
from simgen.formats.coco.masks import mask_of
from simgen.formats.reading.external import Repairs

DISC = np.hypot(*(np.indices((10, 20)) - np.array([5, 9])[:, None, None])) < 4


def disc(counts: str) -> Any:
    rle = coco_mask.encode(np.asfortranarray(DISC, np.uint8))
    if counts == "string":
        return {"size": [10, 20], "counts": rle["counts"].decode()}
    flat = DISC.T.reshape(-1)
    borders = np.flatnonzero(np.diff(flat)) + 1
    return {"size": [10, 20], "counts": np.diff([0, *borders, flat.size]).tolist()}


@pytest.mark.parametrize("counts", ["string", "list"])
def test_run_lengths(counts: str) -> None:
    mask = mask_of(disc(counts), 10, 20, Repairs(), "here")
    assert mask is not None
    assert (coco_mask.decode(mask) == DISC).all()


@pytest.mark.parametrize(
    ("segmentation", "said"),
    [
        ({"size": [20, 10], "counts": [200]}, r"size \[20, 10\]; expected .* \[10, 20\]"),
        ({"size": [10, 20], "counts": [100, 99]}, "runs of 199 pixels for a size of 200 pixels"),
        ({"size": [10, 20], "counts": [-100, 300]}, "counts that are not pixel counts"),
        ({"size": [10, 20], "counts": "zzzz9999"}, "counts are not run lengths"),
        ({"size": [10, 20], "counts": "T3V"}, "counts are truncated"),
        ({"size": [10, 20], "counts": "T3T3T3"}, "runs of 300 pixels"),
        ({"size": [10, 20], "counts": "oooooooooooooooo0"}, "counts are not run lengths"),
        ({"size": [10, 20], "counts": "\N{SNOWMAN}"}, r"expected run lengths of size \[10, 20\]"),
        ({"size": [10, 20]}, "counts of type NoneType"),
        ([[1, 2, 3, 4, 5]], r"expected polygons \[x, y, x, y, ...\]"),
        ([["1", 2, 3, 4, 5, 6]], r"expected polygons \[x, y, x, y, ...\]"),
        ([[float("nan"), 2, 3, 4, 5, 6]], r"expected polygons \[x, y, x, y, ...\]"),
        ("text", "expected polygons or run lengths"),
    ],
)
def test_broken_masks(segmentation: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"here: segmentation: .*{said}"):
        mask_of(segmentation, 10, 20, Repairs(), "here")


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(0, 3))
def test_compressed_run_lengths_are_read_as_pycocotools_writes_them(
    runs: list[int], height: int
) -> None:
    total = sum(runs)
    if not total:
        return
    size = [1, total] if height % 2 else [total, 1]
    coded = coco_mask.frPyObjects({"size": size, "counts": runs}, *size)
    mask = mask_of({"size": size, "counts": coded["counts"].decode()}, *size, Repairs(), "here")
    flat = np.repeat(np.arange(len(runs)) % 2, runs)
    if mask is None:
        assert not flat.any()
    else:
        assert coco_mask.decode(mask).reshape(-1).tolist() == flat.tolist()


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=20))
def test_any_text_is_a_mask_or_an_error(text: str) -> None:
    with contextlib.suppress(InputError):
        mask = mask_of({"size": [10, 20], "counts": text}, 10, 20, Repairs(), "here")
        assert mask is None or coco_mask.decode(mask).shape == (10, 20)


def test_a_polygon_of_four_numbers_is_no_box() -> None:
    repairs = Repairs()
    assert mask_of([[1, 2, 8, 6]], 10, 20, repairs, "here") is None
    assert repairs.remarks("x") == ("x: 1 polygons omitted: fewer than three corners",)


def test_polygons_far_outside_take_no_memory() -> None:
    far = [[-1e12, -1e12, 1e12, -1e12, 1e12, 1e12, -1e12, 1e12]]
    mask = mask_of(far, 10, 20, Repairs(), "here")
    assert mask is not None
    assert coco_mask.area(mask) == 200
