"""Measures of pictures, against their formulas written out in NumPy, and against cases that are
known beforehand."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from simgen.report.counting.measures import HUES, colours, measure

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(9, 24), st.integers(9, 24), st.just(3)))


@given(PICTURES)
def test_the_formulas(rgb: np.ndarray) -> None:
    found = measure(rgb)
    luma = rgb @ np.array([0.299, 0.587, 0.114])
    assert found.brightness == pytest.approx(luma.mean() / 255, abs=0.6 / 255)
    assert found.contrast == pytest.approx(luma.std() / 255, abs=0.6 / 255)
    high, low = rgb.max(axis=2).astype(float), rgb.min(axis=2).astype(float)
    saturation = np.divide(high - low, high, out=np.zeros_like(high), where=high > 0)
    assert found.saturation == pytest.approx(saturation.mean(), abs=1 / 255)
    assert 0 <= found.fingerprint < 2**64


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    grey = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (40, 60), np.uint8)
    kernel = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    expected = ndimage.convolve(grey.astype(float), kernel, mode="mirror").var()
    found = measure(np.repeat(grey[..., None], 3, axis=2)).sharpness
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_blurred_picture_is_less_sharp_and_looks_the_same() -> None:
    coarse = np.random.Generator(np.random.PCG64(2)).integers(0, 256, (8, 9)).astype(float)
    grey = np.kron(coarse, np.ones((20, 20)))
    noisy = grey + np.random.Generator(np.random.PCG64(3)).normal(0, 4, grey.shape)
    rgb, soft = (_grey(x) for x in (noisy, ndimage.gaussian_filter(noisy, 2)))
    assert measure(soft).sharpness < measure(rgb).sharpness / 4
    assert (measure(soft).fingerprint ^ measure(rgb).fingerprint).bit_count() <= 3


@pytest.mark.parametrize("turned", [False, True])
def test_the_fingerprint_of_a_ramp(turned: bool) -> None:
    ramp = np.tile(np.arange(0, 180, 2.0), (80, 1))
    found = measure(_grey(ramp[:, ::-1] if turned else ramp)).fingerprint
    assert found == (0 if turned else 2**64 - 1)


def test_the_first_bit_is_the_left_upper_corner() -> None:
    cells = np.tile(np.arange(9, 0, -1.0) * 20, (8, 1))
    cells[0, 1] = cells[0, 0] + 10
    assert measure(_grey(np.kron(cells, np.ones((4, 4))))).fingerprint == 2**63


@given(st.integers(0, HUES - 1))
def test_a_hue_falls_in_its_bin(number: int) -> None:
    rgb = np.round(np.array(colorsys.hsv_to_rgb((number + 0.5) / HUES, 0.9, 0.9)) * 255)
    found = colours(np.full((5, 7, 3), rgb, np.uint8))
    assert found.hues.argmax() == number
    assert found.hues.sum() == pytest.approx(1)
    assert found.mean == pytest.approx(tuple(rgb / 255))


def test_grey_has_no_hue() -> None:
    assert not colours(np.full((4, 4, 3), 77, np.uint8)).hues.any()


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(values, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
