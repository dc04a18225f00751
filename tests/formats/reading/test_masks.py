"""Run lengths, read without trust, against pycocotools and numpy."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask

from simgen.formats.reading import masks

MASKS = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.integers(0, 1)
)


def encoded(mask: np.ndarray) -> dict:
    coded = coco_mask.encode(np.asfortranarray(mask))
    return {"size": coded["size"], "counts": coded["counts"].decode()}


@given(MASKS)
def test_what_pycocotools_encodes_is_read(mask: np.ndarray) -> None:
    coded = encoded(mask)
    runs = masks.runs_of(coded)
    assert isinstance(runs, np.ndarray)
    assert masks.area_of(runs) == mask.sum()
    assert masks.pixels_of(runs).tolist() == np.flatnonzero(mask.T).tolist()
    rows, columns = np.nonzero(mask)
    about = None
    if len(rows):
        about = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert masks.box_of(runs, mask.shape[0]) == about
    plain = {"size": coded["size"], "counts": runs.tolist()}
    assert np.array_equal(masks.runs_of(plain), runs)


@given(MASKS, st.data())
def test_damaged_counts_are_said_or_harmless(mask: np.ndarray, data: st.DataObject) -> None:
    """pycocotools would read or write beyond its memory for some of them."""
    coded = encoded(mask)
    text = coded["counts"]
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(max_codepoint=300))
    coded["counts"] = text[:place] + letter + text[place + 1 :]
    with contextlib.suppress(ValueError):
        runs = masks.runs_of(coded)
        assert runs.min() >= 0
        assert runs.sum() == mask.size


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.fixed_dictionaries({"size": inner, "counts": inner})
    ),
    max_leaves=8,
))  # fmt: skip
def test_anything_else_is_said(value: object) -> None:
    with contextlib.suppress(ValueError):
        masks.runs_of(value)
