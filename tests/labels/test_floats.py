"""Rounding of float32 to fewer bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simgen.labels.floats import rounded

FLOATS = arrays(
    np.float32,
    st.integers(1, 20),
    elements=st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False),
)


@given(FLOATS, st.integers(1, 22))
def test_values_are_the_nearest_with_so_many_bits(values: np.ndarray, bits: int) -> None:
    found = rounded(values, bits)
    assert found.dtype == np.float32
    exact, near = values.astype(float), found.astype(float)
    assert (np.abs(near - exact) <= np.abs(exact) * 2.0 ** -(bits + 1)).all()
    mantissa = np.frexp(near)[0] * 2 ** (bits + 1)
    assert (mantissa == np.round(mantissa)).all()
    assert (rounded(found, bits) == found).all()


@pytest.mark.parametrize("bits", [10, 18, 23])
def test_infinity_and_zero_stay(bits: int) -> None:
    values = np.array([np.inf, -np.inf, 0.0, 1.0], np.float32)
    assert (rounded(values, bits) == values).all()


def test_all_bits_are_the_same_values() -> None:
    values = np.array([0.1, 1 / 3], np.float32)
    assert (rounded(values, 23) == values).all()
