"""Cameras: views drawn from their own streams, lenses from their config, paths that are smooth and
of the length that was asked for, and nothing ever below the table or inside of the pile."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.config import CameraConfig, Config
from simgen.config.draws import Draws
from simgen.errors import SceneError
from simgen.geometry.lens import MODELS, lens_of
from simgen.sampling.randomizers import views as view_search
from simgen.sampling.randomizers.camera import Scenery, Shot, Subject
from simgen.sampling.randomizers.camera_paths import (
    TREMOR_HZ,
    TREMOR_SHIFT,
    TREMOR_TURN,
    TREMOR_WAVES,
)
from simgen.sampling.randomizers.views import NoViewError
from simgen.spec.rng import stream
from simgen.spec.scene import CameraSpec, to_plain
from simgen.stages.stage import Room

PILE = Subject(np.array([0.05, -0.02, 0.06]), radius=0.2)
TOP = 0.15
OBJECTS = (Subject(np.array([0.2, 0.1, 0.05]), 0.06), Subject(np.array([-0.1, 0.0, 0.04]), 0.08))
VIEWS = Shot(64, 48, frames=6, frame_rate=0.0)
FILM = Shot(64, 48, frames=25, frame_rate=24.0)
PATHS = ("static", "orbit", "dolly", "linear", "handheld")

seeds = st.integers(0, 5_000)


def configured(**values: Any) -> CameraConfig:
    config = CameraConfig()
    for key, value in values.items():
        assert hasattr(config, key)
        setattr(config, key, value)
    return config


def scenery(room: Room | None = None, ground: float = 0.0) -> Scenery:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    boxes = tuple(each.centre + each.radius / np.sqrt(3) * corners for each in OBJECTS)
    return Scenery(PILE, OBJECTS, boxes, ground, TOP, room)


@dataclass
class Judging:
    """Says yes to the views that a function likes. seen: those it was asked about."""

    clears: Callable[[CameraSpec], bool] = lambda view: True
    wants: Callable[[CameraSpec], bool] = lambda view: True
    shares: Callable[[CameraSpec], float] = lambda view: 1.0
    seen: list[CameraSpec] = field(default_factory=list)

    def clear(self, view: CameraSpec, number: int) -> bool:
        self.seen.append(view)
        return self.clears(view)

    def recognisable(self, view: CameraSpec) -> float:
        return self.shares(view)

    def wanted(self, view: CameraSpec, number: int) -> bool:
        return self.wants(view)


def draw_cameras(
    config: CameraConfig, pile: Subject, shot: Shot, seed: int, scene: int
) -> tuple[CameraSpec, ...]:
    assert pile is PILE
    draws = Draws(Config(seed=seed, camera=config), scene)
    return view_search.draw_cameras(draws, scenery(), shot, Judging())


def matrices(cameras: tuple[CameraSpec, ...]) -> np.ndarray:
    return np.array([camera.cam_to_world for camera in cameras])


def eyes(cameras: tuple[CameraSpec, ...]) -> np.ndarray:
    return matrices(cameras)[:, :3, 3]


def angles(cameras: tuple[CameraSpec, ...]) -> np.ndarray:
    """Radians by which each camera is turned against the one before."""
    turns = matrices(cameras)[:, :3, :3]
    cosine = (np.einsum("nij,nij->n", turns[1:], turns[:-1]) - 1) / 2
    return np.arccos(np.clip(cosine, -1, 1))


def length(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def aim_of(seed: int, scene: int = 0, frame: int = 0) -> np.ndarray:
    """The point that a frame looks at, from its stream."""
    rng = stream(seed, scene, "camera.offset", frame)
    return PILE.centre + rng.uniform(-0.12, 0.12, 3) * PILE.radius


def image_of(camera: CameraSpec, point: np.ndarray, shot: Shot = FILM) -> np.ndarray:
    pose = np.array(camera.cam_to_world)
    local = (point - pose[:3, 3]) @ pose[:3, :3]
    return lens_of(camera.lens, shot.width, shot.height).project(local)


@given(seeds, st.integers(0, 5))
def test_views_are_drawn_from_the_streams_of_their_keys(seed: int, frame: int) -> None:
    config = CameraConfig()
    camera = draw_cameras(config, PILE, VIEWS, seed, 3)[frame]

    def drawn(key: str, low: float, high: float) -> float:
        return low + (high - low) * stream(seed, 3, f"camera.{key}_range", frame).random()

    azimuth, elevation = drawn("azimuth_deg", 0, 360), drawn("elevation_deg", 18, 65)
    roll, focal = drawn("roll_deg", -6, 6), drawn("focal_length_mm", 28, 70)
    fill = drawn("fill", 0.85, 1.25)
    aim = aim_of(seed, 3, frame)
    azimuth, elevation = np.radians(azimuth), np.radians(elevation)
    flat = np.cos(elevation)
    way = [flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)]
    distance = max(PILE.radius * focal / (fill * 36 * 48 / 64 / 2), 1.25 * PILE.radius)
    pose = np.array(camera.cam_to_world)
    assert camera.lens.focal_length_mm == pytest.approx(focal)
    assert pose[:3, 3] == pytest.approx(aim + distance * np.array(way), abs=1e-12)
    assert pose[:3, 2] == pytest.approx(-np.array(way), abs=1e-12), "looks at the aim"
    level = np.array([-np.sin(azimuth), np.cos(azimuth), 0])
    assert pose[:3, 0] @ level == pytest.approx(np.cos(np.radians(roll)), abs=1e-12)


def test_a_new_range_for_the_lens_leaves_the_views_alone() -> None:
    before = draw_cameras(CameraConfig(), PILE, VIEWS, 0, 0)
    after = draw_cameras(
        configured(f_stop_range=[2.0, 8.0], focus_range=[0.5, 2.0], travel_range=[1.0, 2.0]),
        PILE, VIEWS, 0, 0,
    )  # fmt: skip
    assert matrices(before).tolist() == matrices(after).tolist()
    assert all(2.0 <= camera.lens.f_stop <= 8.0 for camera in after)
    assert {camera.lens.f_stop for camera in before} == {0.0}


def test_focus_is_drawn_in_distances_to_the_aim() -> None:
    config = configured(f_stop_range=[1.4, 16.0], focus_range=[0.5, 0.6])
    for seed in range(30):
        camera = draw_cameras(config, PILE, VIEWS, seed, 0)[0]
        distance = np.linalg.norm(eyes((camera,))[0] - aim_of(seed))
        assert 0.5 <= camera.lens.focus_distance / distance <= 0.6
        assert 1.4 <= camera.lens.f_stop <= 16.0


def test_the_lens_is_what_the_config_says() -> None:
    config = configured(
        model="brown_conrady", distortion=[-0.1, 0.01], principal_point=[0.48, 0.53],
        pixel_aspect=1.1, sensor_width_mm=24.0,
    )  # fmt: skip
    lens = draw_cameras(config, PILE, VIEWS, 0, 0)[0].lens
    assert (lens.model, lens.coefficients) == ("brown_conrady", (-0.1, 0.01))
    assert (lens.principal_point, lens.pixel_aspect) == ((0.48, 0.53), 1.1)
    assert lens.sensor_width_mm == 24.0


@pytest.mark.parametrize("model", ["pinhole", "brown_conrady", "kannala_brandt", "orthographic"])
@pytest.mark.parametrize("middle", [[0.5, 0.5], [0.4, 0.62]])
@pytest.mark.corpus(4)
def test_what_is_aimed_at_is_in_the_images_middle(model: str, middle: list[float]) -> None:
    config = configured(model=model, principal_point=middle, focal_length_mm_range=[18.0, 40.0])
    for seed in range(20):
        camera = draw_cameras(config, PILE, VIEWS, seed, 0)[0]
        assert image_of(camera, aim_of(seed)) == pytest.approx([32, 24], abs=1e-6)


@pytest.mark.parametrize(
    ("model", "focal"), [("pinhole", 50.0), ("kannala_brandt", 20.0), ("orthographic", 4.0)]
)
@pytest.mark.parametrize(("width", "height"), [(64, 48), (48, 64)])
@pytest.mark.parametrize("aspect", [1.0, 1.25])
def test_the_pile_fills_the_smaller_side(
    model: str, focal: float, width: int, height: int, aspect: float
) -> None:
    """A disk of the pile's diameter, square to the line of sight, takes up `fill` of the side."""
    config = configured(
        model=model, focal_length_mm_range=[focal, focal], fill_range=[0.7, 0.7],
        roll_deg_range=[0.0, 0.0], pixel_aspect=aspect,
    )  # fmt: skip
    shot = Shot(width, height, 1, 0.0)
    camera = draw_cameras(config, PILE, shot, 4, 0)[0]
    pose = np.array(camera.cam_to_world)
    ends = [aim_of(4) + side * PILE.radius * pose[:3, :2].T for side in (1, -1)]
    high, low = (image_of(camera, end, shot) for end in ends)
    # Pixels that are not square: lengths are compared as parts of the image's own sides.
    parts = [(high[0, 0] - low[0, 0]) / width, (high[1, 1] - low[1, 1]) / height]
    assert max(parts) == pytest.approx(0.7, rel=1e-6)


def test_a_camera_that_sees_all_around_stands_upright_near_the_pile_and_above_all() -> None:
    config = configured(model="equirectangular", roll_deg_range=[0.0, 0.0])
    for seed in range(50):
        camera = draw_cameras(config, PILE, VIEWS, seed, 0)[0]
        pose = np.array(camera.cam_to_world)
        assert pose[2, 3] > TOP
        assert pose[:3, 1] == pytest.approx([0, 0, -1]), "down is down"
        assert np.linalg.norm(pose[:3, 3] - PILE.centre) < 3.3 * PILE.radius


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("path", ["views", *PATHS])
@given(seeds, st.floats(0, 10), st.floats(0, 100), st.floats(1, 89), st.floats(4, 80))
@settings(max_examples=25)
@pytest.mark.corpus(3)
def test_no_camera_is_below_the_table_or_anything_but_a_pose(
    path: str, model: str, seed: int, travel: float, shake: float, elevation: float, focal: float
) -> None:
    config = configured(
        path=path, model=model, travel_range=[travel, travel], shake=shake,
        elevation_deg_range=[elevation, elevation], focal_length_mm_range=[focal, focal],
    )  # fmt: skip
    poses = matrices(draw_cameras(config, PILE, FILM, seed, 0))
    turns = poses[:, :3, :3]
    assert np.isfinite(poses).all()
    assert turns @ turns.transpose(0, 2, 1) == pytest.approx(np.tile(np.eye(3), (25, 1, 1)))
    assert np.linalg.det(turns) == pytest.approx(1)
    assert poses[:, 2, 3].min() >= 0.04 * PILE.radius
    if model == "equirectangular":
        assert poses[:, 2, 3].min() > TOP
    elif path != "views" and model != "orthographic":
        away = np.linalg.norm(poses[:, :3, 3] - aim_of(seed), axis=1)
        assert away.min() > 1.2 * PILE.radius


@pytest.mark.parametrize("path", PATHS)
def test_a_sequence_is_the_same_again_has_one_lens_and_survives_json(path: str) -> None:
    config = configured(path=path, f_stop_range=[2.0, 8.0])
    cameras = draw_cameras(config, PILE, FILM, 5, 2)
    assert cameras == draw_cameras(config, PILE, FILM, 5, 2)
    assert len({camera.lens for camera in cameras}) == 1
    plain = json.loads(json.dumps(to_plain(cameras)))
    assert [line["cam_to_world"] for line in plain] == matrices(cameras).tolist()
    values = np.array([camera.cam_to_world for camera in cameras], dtype=object).ravel()
    assert {type(value) for value in values} == {float}
    assert draw_cameras(config, PILE, FILM, 5, 3) != cameras


def test_a_static_camera_is_the_first_view() -> None:
    cameras = draw_cameras(configured(path="static"), PILE, FILM, 5, 0)
    assert set(cameras) == {draw_cameras(CameraConfig(), PILE, VIEWS, 5, 0)[0]}


@pytest.mark.parametrize("path", ["orbit", "dolly", "linear"])
@pytest.mark.parametrize("frames", [2, 9, 60])
def test_the_path_is_as_long_as_it_says(path: str, frames: int) -> None:
    config = configured(path=path, travel_range=[0.3, 0.3])
    for seed in range(10):
        first = draw_cameras(CameraConfig(), PILE, VIEWS, seed, 0)[0]
        distance = np.linalg.norm(eyes((first,))[0] - aim_of(seed))
        cameras = draw_cameras(config, PILE, Shot(64, 48, frames, 24.0), seed, 0)
        steps = np.linalg.norm(np.diff(eyes(cameras), axis=0), axis=1)
        assert steps == pytest.approx(steps[0], rel=1e-6), "at an even pace"
        # Two frames see the chord of an orbit.
        assert steps.sum() == pytest.approx(0.3 * distance, rel=0.02 if path == "orbit" else 1e-9)


@pytest.mark.parametrize("path", ["orbit", "dolly", "linear"])
def test_more_frames_divide_the_same_path(path: str) -> None:
    config = configured(path=path)
    few = draw_cameras(config, PILE, Shot(64, 48, 5, 24.0), 1, 0)
    many = draw_cameras(config, PILE, Shot(64, 48, 9, 24.0), 1, 0)
    assert matrices(many[::2]) == pytest.approx(matrices(few), abs=1e-12)


def test_an_orbit_keeps_its_height_its_distance_and_its_aim() -> None:
    for seed in range(10):
        cameras = draw_cameras(configured(path="orbit"), PILE, FILM, seed, 0)
        around = eyes(cameras) - aim_of(seed)
        assert around[:, 2] == pytest.approx(around[0, 2])
        assert np.linalg.norm(around, axis=1) == pytest.approx(np.linalg.norm(around[0]))
        for camera in cameras:
            assert image_of(camera, aim_of(seed)) == pytest.approx([32, 24], abs=1e-6)


def test_a_dolly_goes_straight_in_either_direction_and_does_not_turn() -> None:
    nearer = set()
    for seed in range(30):
        cameras = draw_cameras(configured(path="dolly"), PILE, FILM, seed, 0)
        away = np.linalg.norm(eyes(cameras) - aim_of(seed), axis=1)
        nearer.add(bool(away[-1] < away[0]))
        assert angles(cameras).max() < 1e-6
        assert image_of(cameras[-1], aim_of(seed)) == pytest.approx([32, 24], abs=1e-6)
    assert nearer == {True, False}


def test_a_linear_camera_goes_straight_and_looks_at_the_pile_or_nowhere_else() -> None:
    looking = set()
    for seed in range(30):
        cameras = draw_cameras(configured(path="linear"), PILE, FILM, seed, 0)
        second = np.diff(eyes(cameras), n=2, axis=0)
        assert np.abs(second).max() < 1e-9
        images = np.array([image_of(camera, aim_of(seed)) for camera in cameras])
        follows = bool(np.abs(images - [32, 24]).max() < 1e-6)
        assert follows or angles(cameras).max() < 1e-6
        assert images[12] == pytest.approx([32, 24], abs=1e-6), "half way it sees the aim"
        looking.add(follows)
    assert looking == {True, False}


def test_a_hand_moves_in_time_whatever_the_number_and_rate_of_frames() -> None:
    config = configured(path="handheld")
    slow = draw_cameras(config, PILE, Shot(64, 48, 13, 12.0), 3, 0)
    fast = draw_cameras(config, PILE, Shot(64, 48, 49, 48.0), 3, 0)
    assert fast[::4] == slow
    assert draw_cameras(config, PILE, Shot(64, 48, 5, 12.0), 3, 0) == slow[:5]


@given(seeds)
@settings(max_examples=30)
@pytest.mark.exhaustive
def test_a_hand_is_never_faster_than_its_waves(seed: int) -> None:
    """A sine of amplitude a and frequency f moves at most at 2 pi f a; a tremor's waves have a f
    in common."""
    config = configured(path="handheld", travel_range=[0.0, 0.0], shake=2.0)
    cameras = draw_cameras(config, PILE, Shot(64, 48, 60, 240.0), seed, 0)
    distance = max(np.linalg.norm(eyes(cameras) - aim_of(seed), axis=1))
    rate = 2.0 * 2 * np.pi * TREMOR_HZ[0] * TREMOR_WAVES * np.sqrt(3) / 240
    assert np.linalg.norm(np.diff(eyes(cameras), axis=0), axis=1).max() < (
        rate * TREMOR_SHIFT * distance
    )
    assert 0 < angles(cameras).max() < 1.01 * rate * TREMOR_TURN
    assert np.linalg.norm(np.ptp(eyes(cameras), axis=0)) > 0


@pytest.mark.exhaustive
def test_a_steady_hand_only_sways() -> None:
    config = configured(path="handheld", shake=0.0, travel_range=[0.4, 0.4])
    shot = Shot(64, 48, 600, 10.0)  # a minute holds three periods of the slowest sway
    for seed in range(5):
        cameras = draw_cameras(config, PILE, shot, seed, 0)
        for camera in cameras[::50]:
            assert image_of(camera, aim_of(seed), shot) == pytest.approx([32, 24], abs=1e-6)
        points = eyes(cameras)
        distance = np.linalg.norm(points.mean(axis=0) - aim_of(seed))
        flat = points - points.mean(axis=0)
        width = np.ptp(flat @ np.linalg.svd(flat, full_matrices=False)[2][0])
        assert width == pytest.approx(0.4 * distance, rel=0.15)


def posed(config: CameraConfig, scene: int = 0, **kwargs: Any) -> CameraSpec:
    """The first view of what `kwargs` say, with one frame."""
    draws = Draws(Config(seed=8, camera=config), scene)
    return view_search.draw_cameras(draws, scenery(**kwargs), Shot(64, 48, 1, 0.0), Judging())[0]


@pytest.mark.parametrize("pixels", [8.0, 20.0, 30.0])
@pytest.mark.parametrize("model", ["pinhole", "brown_conrady", "kannala_brandt", "orthographic"])
def test_an_object_takes_up_the_pixels_that_were_asked_for(pixels: float, model: str) -> None:
    config = configured(aim="object", object_px_range=[pixels, pixels], model=model)
    for scene in range(10):
        camera = posed(config, scene, ground=-np.inf)
        number = int(stream(8, scene, "camera.aim", 0).integers(2))
        box = image_of(camera, scenery().corners[number], Shot(64, 48, 1, 0.0))
        assert np.ptp(box, axis=0).max() == pytest.approx(pixels, rel=0.02)


def test_the_camera_stands_as_high_and_as_far_as_asked() -> None:
    for scene in range(20):
        high = posed(configured(height_range=[1.4, 1.8]), scene, ground=0.3)
        assert 1.7 <= eyes((high,))[0, 2] <= 2.1
        far = posed(configured(distance_range=[3.0, 4.0]), scene)
        aim = stream(8, scene, "camera.offset", 0).uniform(-0.12, 0.12, 3) * 0.2 + PILE.centre
        assert 3.0 <= np.linalg.norm(eyes((far,))[0] - aim) <= 4.0


@pytest.mark.parametrize("elevation", [90.0, -90.0])
@pytest.mark.parametrize("model", MODELS)
def test_straight_down_and_up_are_views_like_any_other(elevation: float, model: str) -> None:
    """As if they were a little less steep, from the side that their azimuth says."""
    place = scenery(ground=-np.inf)
    for scene in range(5):
        views = []
        for angle in (elevation, elevation * (1 - 1e-7)):
            draws = Draws(Config(seed=8, camera=configured(
                elevation_deg_range=angle, model=model)), scene)  # fmt: skip
            views.append(view_search.draw_cameras(draws, place, Shot(64, 48, 1, 0), Judging())[0])
        straight, steep = matrices(tuple(views))
        assert straight == pytest.approx(steep, abs=1e-6)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("elevation", [90.0, -90.0])
def test_paths_begin_above_and_below_what_they_look_at(path: str, elevation: float) -> None:
    config = configured(path=path, elevation_deg_range=elevation, travel_range=[0.3, 0.3])
    draws = Draws(Config(seed=8, camera=config), 2)
    found = view_search.draw_cameras(draws, scenery(ground=-np.inf), FILM, Judging())
    turns = matrices(found)[:, :3, :3]
    assert turns @ turns.transpose(0, 2, 1) == pytest.approx(np.stack([np.eye(3)] * 25), abs=1e-9)
    assert angles(found).max() < 0.3, "nothing jumps"


@pytest.mark.parametrize("elevation", [90.0, 60.0])
@pytest.mark.parametrize("model", ["pinhole", "kannala_brandt", "brown_conrady", "orthographic"])
@pytest.mark.parametrize("middle", [[0.5, 0.5], [0.6, 0.4]])
def test_a_pixel_is_as_wide_on_the_ground_as_asked(
    elevation: float, model: str, middle: list[float]
) -> None:
    wanted = 0.004
    config = configured(
        elevation_deg_range=elevation, gsd_range=wanted, model=model, principal_point=middle,
        roll_deg_range=0.0,
    )  # fmt: skip
    shot = Shot(640, 480, 1, 0.0)
    for scene in range(4):
        draws = Draws(Config(seed=8, camera=config), scene)
        (camera,) = view_search.draw_cameras(draws, scenery(ground=-0.1), shot, Judging())
        pose, lens = np.array(camera.cam_to_world), lens_of(camera.lens, 640, 480)
        pixels = np.array([[320.0, 240.0], [320.5, 240.0], [319.5, 240.0]])
        rays = lens.rays(pixels) @ pose[:3, :3].T
        starts = pose[:3, 3] + np.atleast_2d(lens.origins(pixels)) @ pose[:3, :3].T
        ground = starts + rays * ((-0.1 - starts[:, 2:]) / rays[:, 2:])
        assert np.linalg.norm(ground[1] - ground[2]) == pytest.approx(wanted, rel=1e-3)


def test_a_camera_does_not_go_into_what_it_looks_at_for_its_pixels() -> None:
    with pytest.raises(SceneError, match="below the objects it looks at"):
        posed(configured(elevation_deg_range=90.0, gsd_range=1e-6), ground=0.0)


def starts_of(camera: CameraSpec) -> np.ndarray:
    """`4 x 3`: where the rays of the image's corners start, world."""
    pose, corners = np.array(camera.cam_to_world), np.array([[0, 0], [64, 0], [0, 48], [64, 48.0]])
    return pose[:3, 3] + lens_of(camera.lens, 64, 48).origins(corners) @ pose[:3, :3].T


def test_parallel_rays_show_what_a_pinhole_does_where_it_looks() -> None:
    """From the same side, and as far away or farther."""
    for seed in range(30):
        like, camera = (
            draw_cameras(configured(model=model), PILE, VIEWS, seed, 0)[0]
            for model in ("pinhole", "orthographic")
        )
        pose, own = np.array(like.cam_to_world), np.array(camera.cam_to_world)
        assert own[:3, :3] == pytest.approx(pose[:3, :3])
        away = np.linalg.norm(pose[:3, 3] - aim_of(seed))
        if away > 1.26 * PILE.radius:  # a pinhole does not come nearer, whatever it is to fill
            assert camera.lens.view_width == pytest.approx(away * 36 / like.lens.focal_length_mm)
        assert np.linalg.norm(own[:3, 3] - aim_of(seed)) >= away - 1e-9


@pytest.mark.parametrize("path", PATHS)
@given(seeds, st.floats(8, 90), st.floats(0.3, 2))
@settings(max_examples=20)
def test_parallel_rays_start_above_the_table(
    path: str, seed: int, elevation: float, fill: float
) -> None:
    config = configured(
        path=path, model="orthographic", elevation_deg_range=elevation, fill_range=fill,
        roll_deg_range=0.0,
    )  # fmt: skip
    cameras = draw_cameras(config, PILE, FILM, seed, 0)
    assert len({camera.lens for camera in cameras}) == 1, "the scale stays"
    assert starts_of(cameras[0])[:, 2].min() > -0.2 * PILE.radius * (path != "static")
    if path == "static":
        assert starts_of(cameras[0])[:, 2].min() >= 0.049 * PILE.radius


def test_parallel_rays_start_in_the_room_where_it_is_large_enough() -> None:
    room = Room((-1.6, -1.5, 0.1), (1.7, 1.5, 1.9))
    config = configured(model="orthographic", elevation_deg_range=[30.0, 60.0])
    for seed in range(20):
        draws = Draws(Config(seed=seed, camera=config), 0)
        found = view_search.draw_cameras(draws, scenery(room), VIEWS, Judging())
        for camera in found:
            assert (starts_of(camera) >= np.array(room.low) - 1e-9).all()
            assert (starts_of(camera) <= np.array(room.high) + 1e-9).all()


def test_a_camera_of_parallel_rays_is_never_too_low_for_its_pixels() -> None:
    camera = posed(configured(model="orthographic", elevation_deg_range=90.0, gsd_range=1e-4))
    assert camera.lens.view_width == pytest.approx(64e-4)
    assert eyes((camera,))[0, 2] > TOP


def test_cameras_stay_in_their_room() -> None:
    room = Room((-0.6, -0.5, 0.1), (0.7, 0.5, 0.9))
    for path in ("views", *PATHS):
        config = configured(path=path, distance_range=[2.0, 4.0], travel_range=[0.5, 1.0])
        draws = Draws(Config(seed=8, camera=config), 0)
        found = view_search.draw_cameras(draws, scenery(room), FILM, Judging())
        for eye in eyes(found):
            assert (eye >= np.array(room.low) - 1e-9).all()
            assert (eye <= np.array(room.high) + 1e-9).all()


def test_views_are_drawn_until_one_pleases() -> None:
    config = configured(aim="object", attempts=5)
    third = Judging()
    third.wants = lambda view: len(third.seen) == 3
    draws = Draws(Config(camera=config), 0)
    shot = Shot(64, 48, 1, 0.0)
    assert view_search.draw_cameras(draws, scenery(), shot, third) == (third.seen[2],)
    assert len(set(third.seen)) == 3
    for judge, clear in ((Judging(wants=never), 5), (Judging(clears=never), 0)):
        with pytest.raises(NoViewError) as found:
            view_search.draw_cameras(Draws(Config(camera=config), 0), scenery(), shot, judge)
        assert (found.value.tried, found.value.clear) == (5, clear)


def test_of_views_that_show_too_little_the_best_is_taken_with_its_factors() -> None:
    """Here a view shows the more the higher it is."""
    draws = Draws(Config(seed=8, camera=configured(recognisable=0.99)), 0)
    judge = Judging(shares=lambda view: float(eyes((view,))[0, 2]) / 10)
    found = view_search.draw_cameras(draws, scenery(), Shot(64, 48, 1, 0.0), judge)
    heights = eyes(tuple(judge.seen))[:, 2]
    assert len(set(heights)) == 12
    assert eyes(found)[0, 2] == heights.max()
    told = draws.factors()["camera.focal_length_mm_range"]
    assert told == (found[0].lens.focal_length_mm,)


@pytest.mark.parametrize(("wanted", "aim"), [(0.0, "pile"), (0.9, "object"), (0.9, "sphere")])
def test_the_first_view_is_taken_where_nothing_is_asked_of_it(wanted: float, aim: str) -> None:
    judge = Judging(shares=lambda view: 0.0)
    draws = Draws(Config(seed=8, camera=configured(recognisable=wanted, aim=aim)), 0)
    view_search.draw_cameras(draws, scenery(), Shot(64, 48, 1, 0.0), judge)
    assert len(judge.seen) == 1


def never(view: CameraSpec) -> bool:
    return False


@pytest.mark.parametrize("path", PATHS)
def test_the_whole_path_is_clear(path: str) -> None:
    """From its beginning, its end, and in between; a wall stands on one side."""
    config = configured(path=path, travel_range=[0.8, 1.2])

    def this_side(view: CameraSpec) -> bool:
        return bool(eyes((view,))[0, 0] > -0.1)

    crossed = 0
    for scene in range(20):
        draws = Draws(Config(seed=8, camera=config), scene)
        found = view_search.draw_cameras(draws, scenery(), FILM, Judging(this_side))
        assert len(found) == FILM.frames
        assert all(this_side(found[n]) for n in (0, 6, 12, 18, 24))
        free = Draws(Config(seed=8, camera=config), scene)
        anywhere = view_search.draw_cameras(free, scenery(), FILM, Judging())
        crossed += this_side(anywhere[12]) and not all(this_side(camera) for camera in anywhere)
    assert path == "static" or crossed  # else this would say nothing
