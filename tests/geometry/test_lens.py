"""Camera models against OpenCV's own functions, and against themselves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from miniature import opencv_camera

from simgen.errors import InputError
from simgen.geometry.lens import (
    COEFFICIENTS,
    MODELS,
    Lens,
    lens_of,
)
from simgen.geometry.lens_models import brown_conrady_limit, fisheye_limit
from simgen.spec.scene import LensSpec

WIDTH, HEIGHT = 640, 480

small = st.floats(-1, 1)
RATIONAL = st.tuples(*(small,) * 8).map(
    lambda k: tuple(
        float(scale * part)
        for scale, part in zip((0.3, 0.1, 0.005, 0.005, 0.02, 0.3, 0.1, 0.02), k, strict=True)
    )
)
FISHEYE = st.tuples(*(small,) * 4).map(
    lambda k: tuple(
        float(scale * part) for scale, part in zip((0.05, 0.02, 0.005, 0.001), k, strict=True)
    )
)


def lens(model: str, coefficients: tuple[float, ...] = (), **more: float) -> tuple[LensSpec, Lens]:
    spec = LensSpec(
        more.get("focal_length_mm", 24.0), 36.0, model, coefficients,
        (0.53, 0.46), more.get("pixel_aspect", 1.1),
        view_width=2.5 if model == "orthographic" else 0.0,
    )  # fmt: skip
    return spec, lens_of(spec, WIDTH, HEIGHT)


def points_before(seed: int, widest: float = 0.8) -> np.ndarray:
    """`200 x 3`: points up to `widest` = tangent of their angle to the axis."""
    rng = np.random.default_rng(seed)
    flat = rng.uniform(-1, 1, (200, 2)) * widest / np.sqrt(2)
    return np.column_stack([flat, np.ones(200)]) * rng.uniform(0.3, 30, (200, 1))


def by_opencv(spec: LensSpec, points: np.ndarray) -> np.ndarray:
    k = opencv_camera(spec, WIDTH, HEIGHT)
    zero, given_k = np.zeros(3), np.array(spec.coefficients or (0.0,) * 5)
    if spec.model == "kannala_brandt":
        pixels = cv2.fisheye.projectPoints(points[:, None], zero, zero, k, given_k)[0]
    else:
        pixels = cv2.projectPoints(points[:, None], zero, zero, k, given_k)[0]
    return pixels[:, 0] + 0.5  # OpenCV counts from the middle of the top left pixel


@settings(max_examples=60)
@given(RATIONAL, st.integers(0, 100))
def test_brown_conrady_is_opencvs(coefficients: tuple[float, ...], seed: int) -> None:
    spec, made = lens("brown_conrady", coefficients)
    points = points_before(seed)
    pixels = made.project(points)
    seen = np.isfinite(pixels[:, 0])
    inside = np.sum((points[:, :2] / points[:, 2:]) ** 2, axis=1) <= brown_conrady_limit(
        made.coefficients
    )
    assert (seen == inside).all()
    assert np.abs(pixels[seen] - by_opencv(spec, points)[seen]).max(initial=0) < 1e-6


@settings(max_examples=60)
@given(FISHEYE, st.integers(0, 100))
def test_kannala_brandt_is_opencvs(coefficients: tuple[float, ...], seed: int) -> None:
    spec, made = lens("kannala_brandt", coefficients)
    points = points_before(seed, widest=10.0)
    pixels = made.project(points)
    angle = np.arctan2(np.hypot(points[:, 0], points[:, 1]), points[:, 2])
    seen = np.isfinite(pixels[:, 0])
    assert (seen == (angle <= fisheye_limit(made.coefficients))).all()
    assert np.abs(pixels[seen] - by_opencv(spec, points)[seen]).max(initial=0) < 1e-6


def test_pinhole_is_opencvs() -> None:
    spec, made = lens("pinhole")
    points = points_before(0)
    assert np.abs(made.project(points) - by_opencv(spec, points)).max() < 1e-6
    assert np.isnan(made.project(points * [1, 1, -1])).all(), "behind the camera"
    assert np.allclose(made.matrix @ points[0] / points[0, 2], [*made.project(points)[0], 1])


@settings(max_examples=60)
@given(RATIONAL, st.integers(0, 100))
def test_brown_conrady_rays_go_back(coefficients: tuple[float, ...], seed: int) -> None:
    _, made = lens("brown_conrady", coefficients)
    points = points_before(seed)
    slopes = points[:, :2] / points[:, 2:]
    # Tangential distortion moves the rim, so leave a margin to it.
    points = points[np.sum(slopes**2, axis=1) < 0.9 * brown_conrady_limit(made.coefficients)]
    rays = made.rays(made.project(points))
    assert np.abs(rays - points / np.linalg.norm(points, axis=1)[:, None]).max(initial=0) < 1e-8


@settings(max_examples=60)
@given(FISHEYE, st.integers(0, 100))
def test_kannala_brandt_rays_go_back(coefficients: tuple[float, ...], seed: int) -> None:
    _, made = lens("kannala_brandt", coefficients)
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 0.98 * fisheye_limit(made.coefficients), 200)
    around = rng.uniform(0, 2 * np.pi, 200)
    rays = np.stack(
        [np.sin(angle) * np.cos(around), np.sin(angle) * np.sin(around), np.cos(angle)], axis=1
    )
    assert np.abs(made.rays(made.project(3 * rays)) - rays).max() < 1e-7


@settings(max_examples=60)
@given(arrays.arrays(float, (20, 3), elements=st.floats(-5, 5)))
def test_equirectangular_is_longitude_and_latitude(points: np.ndarray) -> None:
    _, made = lens("equirectangular")
    points = points[np.hypot(points[:, 0], points[:, 2]) > 1e-3]
    pixels = made.project(points)
    longitude = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    elevation = np.degrees(np.arctan2(-points[:, 1], np.hypot(points[:, 0], points[:, 2])))
    assert np.allclose(pixels[:, 0], (longitude + 180) / 360 * WIDTH)
    assert np.allclose(pixels[:, 1], (90 - elevation) / 180 * HEIGHT)
    unit = points / np.linalg.norm(points, axis=1)[:, None]
    assert np.allclose(made.rays(pixels), unit, atol=1e-9)


def test_equirectangular_wraps_around() -> None:
    _, made = lens("equirectangular")
    right, left = np.array([[WIDTH - 3.0, 9.0]]), np.array([[2.0, 8.0]])
    assert np.allclose(made.displacement(right, left), [[5.0, -1.0]])
    assert np.allclose(made.displacement(left, right), [[-5.0, 1.0]])


@given(
    arrays.arrays(float, (30, 2), elements=st.floats(0, 1)),
    st.sampled_from(
        [
            ("brown_conrady", (-0.25, 0.08, 0.004, -0.003, -0.01, 0.06, 0.02, 0.005)),
            ("brown_conrady", (0.3, -0.1, 0.0, 0.0, 0.1)),
            ("brown_conrady", (-0.3, 0.05)),
            ("kannala_brandt", (-0.02, 0.006, -0.003, 0.0005)),
            ("pinhole", ()),
            ("equirectangular", ()),
            ("orthographic", ()),
        ]
    ),
)
def test_pixels_come_back_from_their_rays(
    places: np.ndarray, kind: tuple[str, tuple[float, ...]]
) -> None:
    _, made = lens(*kind)
    pixels = places * [WIDTH, HEIGHT]
    rays = made.rays(pixels)
    there = np.isfinite(rays[:, 0])
    assert np.allclose(np.linalg.norm(rays[there], axis=1), 1)
    back = made.project(made.origins(pixels[there]) + 7 * rays[there])
    off = np.abs(made.displacement(pixels[there], back))
    if kind[0] == "equirectangular":  # at a pole every longitude is the same direction
        off = off[np.abs(rays[there][:, 1]) < 1 - 1e-9]
    assert off.max(initial=0) < 1e-5


@settings(max_examples=60)
@given(arrays.arrays(float, (20, 3), elements=st.floats(-50, 50)))
def test_orthographic_is_a_scale(points: np.ndarray) -> None:
    _, made = lens("orthographic")
    assert np.allclose(np.diag(made.matrix), [WIDTH / 2.5, 1.1 * WIDTH / 2.5, 1])
    pixels = made.project(points)
    before = points[:, 2] > 1e-9
    assert (np.isfinite(pixels).all(axis=1) == before).all()
    flat = np.column_stack([points[:, :2], np.ones(len(points))])
    assert np.allclose(pixels[before], (flat @ made.matrix.T)[before, :2])
    assert (made.rays(pixels[before]) == [0, 0, 1]).all()
    assert np.allclose(made.origins(pixels[before]), points[before] * [1, 1, 0], atol=1e-9)


@given(st.sampled_from(MODELS), st.integers(0, 100))
def test_sight_lines_are_the_rays_of_their_pixels(model: str, seed: int) -> None:
    _, made = lens(model, (0.01,) if COEFFICIENTS[model] else ())
    points = points_before(seed)
    origins, ways = made.sight_lines(points)
    assert np.allclose(origins + ways, points)
    pixels = made.project(points)
    assert np.allclose(made.origins(pixels), origins, atol=1e-9)
    unit = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    assert np.allclose(made.rays(pixels), unit, atol=1e-7)
    # What is infinitely far behind a point has its image.
    beyond = made.at_infinity(origins, unit)
    assert np.allclose(made.project(beyond), pixels)
    assert np.allclose(made.sight_lines(beyond)[0], origins, atol=1e-9)


def test_to_parallel_rays_what_is_infinitely_far_aside_has_no_image() -> None:
    _, made = lens("orthographic")
    aside = np.array([[1e-6, 0.0, 1.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, 1e-12, 1.0]])
    found = made.at_infinity(np.ones((4, 3)), aside)
    assert np.isnan(found[:3]).all()
    assert found[3].tolist() == [1, 1, 1]


def test_an_orthographic_lens_needs_a_width() -> None:
    with pytest.raises(InputError, match="view_width"):
        lens_of(LensSpec(30, 36, "orthographic"), 4, 3)


def test_beyond_the_turning_point_there_is_nothing() -> None:
    """r (1 - 0.3 r^2) grows up to r^2 = 1 / 0.9, where it is 2/3 of r."""
    _, made = lens("brown_conrady", (-0.3, 0.0))
    edge = np.sqrt(1 / 0.9)
    assert brown_conrady_limit(made.coefficients) == pytest.approx(1 / 0.9, rel=2e-3)
    at = lambda r: np.array([r, 0.0, 1.0])  # noqa: E731
    assert np.isfinite(made.project(at(edge * 0.998))).all()
    assert np.isnan(made.project(at(edge * 1.002))).all()
    rim = made.cx + made.fx * edge * 2 / 3
    assert np.isfinite(made.rays(np.array([rim - 0.5, made.cy]))).all()
    assert np.isnan(made.rays(np.array([rim + 0.01, made.cy]))).all()


@pytest.mark.parametrize(
    "coefficients",
    [
        (0.971, -0.227),  # steep at first and flat towards its end
        (0.1, 0.02, 0.0, 0.0, -0.03, 0.03, -0.07, 0.01),
        (0.4, -0.6, 0.002, -0.001, 0.9, -0.9, -0.4, -0.3),  # up to a pole
    ],
)
def test_wherever_a_direction_lands_it_comes_back(coefficients: tuple[float, ...]) -> None:
    _, made = lens("brown_conrady", coefficients)
    radius = np.linspace(0, 0.98 * np.sqrt(brown_conrady_limit(made.coefficients)), 200)[:, None]
    around = np.radians(np.arange(0, 360, 30))
    x, y = radius * np.cos(around), radius * np.sin(around)
    points = np.stack([x, y, np.ones_like(x)], axis=-1)
    rays = made.rays(made.project(points))
    assert np.abs(rays - points / np.linalg.norm(points, axis=-1)[..., None]).max() < 1e-7


def test_beyond_a_pole_there_is_nothing() -> None:
    """r / (1 - r^2 / 2) goes to infinity at r^2 = 2 and comes back from the other side."""
    _, made = lens("brown_conrady", (0.0, 0.0, 0.0, 0.0, 0.0, -0.5))
    assert brown_conrady_limit(made.coefficients) == pytest.approx(2, rel=2e-3)
    assert np.isfinite(made.project(np.array([1.4, 0.0, 1.0]))).all()
    assert np.isnan(made.project(np.array([4.0, 0.0, 1.0]))).all()


def test_beyond_a_fisheyes_turning_point_there_is_nothing() -> None:
    """theta (1 - 0.2 theta^2) grows up to theta^2 = 1 / 0.6, where it is 2/3 of theta."""
    _, made = lens("kannala_brandt", (-0.2,))
    edge = np.sqrt(1 / 0.6)
    assert fisheye_limit(made.coefficients) == pytest.approx(edge, rel=1e-3)
    rim = made.cx + made.fx * edge * 2 / 3
    assert np.isfinite(made.rays(np.array([rim - 0.5, made.cy]))).all()
    assert np.isnan(made.rays(np.array([rim + 0.01, made.cy]))).all()
    at = lambda angle: np.array([np.sin(angle), 0.0, np.cos(angle)])  # noqa: E731
    assert np.isfinite(made.project(at(edge * 0.998))).all()
    assert np.isnan(made.project(at(edge * 1.002))).all()


def test_a_fisheye_sees_behind_itself() -> None:
    _, made = lens("kannala_brandt", ())
    ray = np.array([np.sin(2.0), 0.0, np.cos(2.0)])
    pixel = made.project(ray)
    assert pixel == pytest.approx([made.cx + 2.0 * made.fx, made.cy])
    assert np.allclose(made.rays(pixel), ray)


def test_pixel_rays_start_in_the_top_left_corner() -> None:
    _, made = lens("brown_conrady", (-0.2, 0.05))
    rays = made.pixel_rays()
    assert rays.shape == (HEIGHT, WIDTH, 3)
    assert np.allclose(made.project(rays[3, 5]), [5.5, 3.5], atol=1e-6)


def test_unknown_models_are_refused() -> None:
    with pytest.raises(InputError, match="telecentric"):
        lens_of(LensSpec(30, 36, "telecentric"), 4, 3)
