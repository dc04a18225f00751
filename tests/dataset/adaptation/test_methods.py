"""Methods of adaptation do what they say, each by a measure of its own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from drawn_sets import changed, scene

from simgen.dataset.adaptation import measured
from simgen.dataset.adaptation.adaptation import Adaptation, Asked, Key, Real, checked
from simgen.dataset.adaptation.methods import (
    METHODS,
    cumulative_shares,
    lab_statistics,
    low_amplitudes,
)

PLAIN = [name for name, method in METHODS.items() if not method.trained]


def picture(seed: int) -> np.ndarray:
    return scene(np.random.default_rng(seed))[0]


def lab(image: np.ndarray) -> np.ndarray:
    return lab_statistics(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def learnt(method: str, images: list[np.ndarray], **options: float) -> Adaptation:
    """What the method would keep of images."""
    arrays = {
        "colour": lambda: {"lab": np.stack([lab(image) for image in images])},
        "histogram": lambda: {"shares": np.stack([cumulative_shares(image) for image in images])},
        "fourier": lambda: {"amplitudes": np.stack([low_amplitudes(i, 20) for i in images])},
        "noise": lambda: {
            "readings": np.array([readings(image) for image in images]),
            "pixels": np.array(float(images[0].shape[0] * images[0].shape[1])),
        },
    }[method]()
    asked = checked(method, options)
    return Adaptation((asked,), 0, Real("some", ()), (arrays,))


def readings(image: np.ndarray) -> tuple[float, float, float]:
    luma = measured.luma_of(image)
    return measured.edge_width(luma), measured.noise(luma), measured.blockiness(luma)


def test_colour_takes_over_means_and_spreads() -> None:
    source, target = picture(1), (picture(2) * [0.8, 0.7, 0.6]).astype(np.uint8)
    made = learnt("colour", [target]).apply(source, Key(0))
    np.testing.assert_allclose(lab(made), lab(target), atol=1.0)
    assert np.abs(lab(source) - lab(target)).max() > 5
    half = learnt("colour", [target], strength=0.5).apply(source, Key(0))
    np.testing.assert_allclose(lab(half), (lab(source) + lab(target)) / 2, atol=1.0)
    np.testing.assert_allclose(
        learnt("colour", [target], strength=0.0).apply(source, Key(0)), source, atol=1
    )


def test_histogram_takes_over_histograms_and_keeps_the_order_of_values() -> None:
    source, target = picture(1), picture(2)
    made = learnt("histogram", [target]).apply(source, Key(0))
    off = np.abs(cumulative_shares(made) - cumulative_shares(target)).mean()
    assert off < 0.1 * np.abs(cumulative_shares(source) - cumulative_shares(target)).mean()
    for channel in range(3):
        pairs = source[..., channel].ravel(), made[..., channel].ravel()
        order = np.argsort(pairs[0], kind="stable")
        assert (np.diff(pairs[1][order].astype(int))[np.diff(pairs[0][order]) > 0] >= 0).all()


def test_fourier_takes_over_low_amplitudes_and_no_others() -> None:
    # Weak contrast, so that nothing is clipped.
    source, target = (picture(seed) // 4 + 90 for seed in (1, 2))
    made = learnt("fourier", [target], beta=0.03).apply(source, Key(0))
    cut = int(0.03 * min(source.shape[:2]))
    inside = low_amplitudes(made, cut), low_amplitudes(target, cut)
    np.testing.assert_allclose(*inside, atol=0.02)
    spectra = [np.fft.rfft2(image.astype(float), axes=(0, 1)) for image in (source, made)]
    above = (slice(cut + 1, -cut), slice(cut + 1, None))
    np.testing.assert_allclose(
        *(np.abs(s[above]) / source[..., 0].size for s in spectra), atol=0.02
    )


def test_fourier_with_the_images_own_amplitudes_changes_nothing() -> None:
    source = picture(3)
    made = learnt("fourier", [source], beta=0.05).apply(source, Key(0))
    np.testing.assert_allclose(made.astype(int), source, atol=1)


@pytest.mark.parametrize(("change", "reading"), [("blur", 0), ("noise", 1), ("JPEG", 2)])
def test_noise_matches_what_was_done_to_the_real_image(change: str, reading: int) -> None:
    source = picture(1)
    ((target, _),) = changed([(picture(2), [])], change, np.random.default_rng(0))
    wanted, before = readings(target)[reading], readings(source)[reading]
    after = readings(learnt("noise", [target]).apply(source, Key(0)))[reading]
    assert abs(after - wanted) < 0.25 * abs(before - wanted)


def test_noise_sharpens_what_is_softer_than_the_real_image() -> None:
    source, target = cv2.GaussianBlur(picture(1), (0, 0), 1.2), picture(2)
    made = learnt("noise", [target]).apply(source, Key(0))
    before, after, wanted = (readings(image)[0] for image in (source, made, target))
    assert abs(after - wanted) < 0.6 * abs(before - wanted)


@pytest.mark.parametrize("method", PLAIN)
def test_an_image_depends_on_nothing_but_its_key(method: str) -> None:
    adaptation = learnt(method, [picture(seed) for seed in range(2, 9)])
    keys = [Key.of(number, 0, "rgb") for number in range(5)]
    first = [adaptation.apply(picture(1), key) for key in keys]
    again = [adaptation.apply(picture(1), key) for key in keys[::-1]][::-1]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len({image.tobytes() for image in first}) > 2  # the real ones' variety comes along


@pytest.mark.parametrize("method", [name for name in PLAIN if name != "noise"])
def test_all_images_of_a_scene_go_the_same_way(method: str) -> None:
    adaptation = learnt(method, [picture(seed) for seed in range(2, 20)])
    keys = [Key.of(7, frame, label) for frame in range(3) for label in ("rgb", "rgb_right")]
    assert len({adaptation.apply(picture(1), key).tobytes() for key in keys}) == 1


def test_noise_of_two_images_of_a_scene_is_as_strong_and_not_the_same() -> None:
    strong = [changed([(picture(n), [])], "noise", np.random.default_rng(n))[0][0] for n in (2, 3)]
    adaptation = learnt("noise", strong)
    first, second = (adaptation.apply(picture(1), Key(0, name)) for name in "ab")
    assert first.tobytes() != second.tobytes()
    assert readings(first)[1] == pytest.approx(readings(second)[1], abs=0.4)


@pytest.mark.parametrize("method", PLAIN)
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (31, 17), (25, 400)])
@pytest.mark.parametrize("value", [0, 255, None])
def test_images_of_any_size_keep_it(method: str, shape: tuple[int, int], value: int | None) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*shape, 3), np.uint8)
    if value is not None:
        image[:] = value
    made = learnt(method, [picture(2)]).apply(image, Key(0))
    assert made.shape == image.shape
    assert made.dtype == np.uint8


def test_methods_follow_one_another() -> None:
    one, other = learnt("colour", [picture(2)]), learnt("fourier", [picture(2)])
    both = Adaptation(
        (*one.methods, *other.methods), 0, Real("some", ()), (*one.arrays, *other.arrays)
    )
    made = other.apply(one.apply(picture(1), Key(0)), Key(0))
    np.testing.assert_array_equal(both.apply(picture(1), Key(0)), made)
    assert isinstance(both.methods[1], Asked)


def test_methods_that_are_joined_go_to_the_same_real_image() -> None:
    """Two that only set brightness, to dark or light images, never meet half-way."""
    targets = [np.full((40, 40, 3), value, np.uint8) for value in (30, 220)]
    parts = [learnt(name, targets) for name in ("colour", "fourier")]
    both = Adaptation(
        tuple(part.methods[0] for part in parts), 0, Real("some", ()),
        tuple(part.arrays[0] for part in parts),
    )  # fmt: skip
    for number in range(8):
        alone = [part.apply(picture(1), Key(number)).mean() for part in (*parts, both)]
        np.testing.assert_allclose(alone, alone[0], atol=12)
