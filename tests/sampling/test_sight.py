"""How much of a thing is seen, against areas that can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.config import CameraConfig
from simgen.geometry.instancing import Instance
from simgen.geometry.transforms import as_rows, look_at
from simgen.sampling.framing import Onlooker
from simgen.sampling.randomizers.camera import Scenery, Shot, Subject
from simgen.sampling.visibility import Sight
from simgen.spec.scene import CameraSpec, LensSpec
from simgen.stages.stage import Room


def sheet_of(corners: np.ndarray) -> Instance:
    return Instance(corners, np.array([[0, 1, 2], [0, 2, 3]]), np.zeros(3))


def square(size: float, distance: float, shift: float = 0.0) -> Instance:
    """A square across the line of sight of a camera at the origin that looks along x."""
    y = np.array([-1, 1, 1, -1]) * size / 2 + shift
    z = np.array([-1, -1, 1, 1]) * size / 2
    return sheet_of(np.stack([np.full(4, distance), y, z], axis=1))


def turned(sheet: Instance) -> Instance:
    """Seen from its other side."""
    return replace(sheet, faces=sheet.faces[:, ::-1])


CAMERA = CameraSpec(
    as_rows(look_at([0.0, 0.0, 0.0], [1.0, 0.0, 0.0])),
    LensSpec(focal_length_mm=36.0, sensor_width_mm=36.0),
)
"""It sees one metre across at one metre."""


@pytest.mark.parametrize(
    ("near", "visible"),
    [
        (square(0.5, 1.0, shift=9.0), 1.0),
        (square(0.5, 1.0, shift=0.25), 0.5),
        (square(0.25, 1.0), 0.75),
        (square(2.0, 1.0), 0.0),
        (square(2.0, 3.0), 1.0),
    ],
)
def test_what_stands_in_front_hides(near: Instance, visible: float) -> None:
    sight = Sight([square(1.0, 2.0), near])
    seen, inside = sight.parts_seen(0, CAMERA, 100, 100)
    assert seen == pytest.approx(visible, abs=0.03)
    assert inside == 1.0


@pytest.mark.parametrize(("shift", "inside"), [(0.0, 1.0), (1.0, 0.5), (0.75, 0.75), (3.0, 0.0)])
def test_what_is_outside_the_image_is_cut_off(shift: float, inside: float) -> None:
    sight = Sight([square(1.0, 2.0, shift)])
    assert sight.parts_seen(0, CAMERA, 100, 100)[1] == pytest.approx(inside, abs=0.03)


@pytest.mark.parametrize(
    ("near", "share", "side"),
    [
        (square(0.5, 1.0, shift=9.0), 1.0, 50),
        (square(0.5, 1.0, 0.25), 0.5, 50),
        (square(2.0, 1.0), 0.0, 0),
    ],
)
def test_looks_tell_what_is_seen_of_a_thing(near: Instance, share: float, side: float) -> None:
    """Half a square is still as high as all of it."""
    (look,) = Sight([square(1.0, 2.0), near]).looks(CAMERA, 100, 100, [0])
    assert (look.share, look.side) == (pytest.approx(share), pytest.approx(side, abs=1))
    assert look.facing == pytest.approx(1.0)


PARALLEL = CameraSpec(
    CAMERA.cam_to_world, LensSpec(36.0, 36.0, model="orthographic", view_width=2.0)
)
"""It sees two metres across at any distance."""


@pytest.mark.parametrize(
    ("near", "part"),
    [(square(1.0, 1.0), 1.0), (square(0.5, 1.0), 0.25), (square(1.0, 0.2, shift=0.5), 0.5),
     (square(2.0, 3.0), 0.0), (square(2.0, -1.0), 0.0)],
)  # fmt: skip
def test_to_parallel_rays_near_things_are_no_larger(near: Instance, part: float) -> None:
    sight = Sight([square(1.0, 2.0), near])
    visible, inside = sight.parts_seen(0, PARALLEL, 100, 100)
    assert visible == pytest.approx(1 - part, abs=0.05)
    assert inside == 1.0
    (look,) = sight.looks(PARALLEL, 100, 100, [0])
    if part in (0.0, 1.0):
        assert look.share == pytest.approx(1 - part)
        assert look.side == pytest.approx(50 * (1 - part), abs=1)
        assert sight.hidden(PARALLEL, [0], [1]) == part


@pytest.mark.parametrize(("size", "distance", "blocked"), [
    (1.5, 0.1, True), (1.5, 0.9, False), (0.9, 0.1, False),
])  # fmt: skip
def test_parallel_rays_are_blocked_by_what_fills_their_image(
    size: float, distance: float, blocked: bool
) -> None:
    sight = Sight([square(1.0, 2.0), square(size, distance)])
    assert sight.blocked(PARALLEL, 100, 100, np.array([2.0, 0.0, 0.0])) is blocked


def test_a_sheet_beside_the_middle_faces_parallel_rays_as_one_in_it() -> None:
    sight = Sight([square(0.4, 2.0, shift=0.7)])
    assert sight.looks(PARALLEL, 100, 100, [0])[0].facing == pytest.approx(1.0)
    assert sight.looks(CAMERA, 100, 100, [0])[0].facing < 0.99


@pytest.mark.parametrize(("low", "clear"), [(-1.1, True), (-0.9, False)])
def test_a_view_is_not_clear_whose_rays_start_behind_a_wall(low: float, clear: bool) -> None:
    some = Subject(np.array([2.0, 0, 0]), 0.5)
    room = Room((-1.0, low, -1.1), (3.0, 1.1, 1.1))
    scenery = Scenery(some, (some,), (), 0.0, 1.0, room)
    sight = Sight([square(1.0, 2.0)])
    judge = Onlooker(CameraConfig(), scenery, Shot(100, 100, 1, 0.0), sight, range(0))
    assert judge.clear(PARALLEL, 0) is clear
    assert judge.clear(CAMERA, 0)


def test_what_is_outside_of_the_image_is_no_part_of_a_look() -> None:
    sight = Sight([square(1.0, 2.0), square(1.0, 2.0, 1.0), square(1.0, 2.0, 3.0)])
    inside, half, outside = sight.looks(CAMERA, 100, 100, range(3))
    assert (inside.share, half.share, outside.share) == (1.0, 0.5, 0.0)
    assert outside.side == 0


@pytest.mark.parametrize("degrees", [0, 10, 45, 80])
def test_a_sheet_faces_the_camera_or_shows_its_edge(degrees: float) -> None:
    """A sheet higher than wide, turned about its height."""
    turn = np.radians(degrees)
    y, z = np.array([-1, 1, 1, -1]) * 0.2, np.array([-1, -1, 1, 1]) * 0.5
    sheet = np.stack([20 + y * np.sin(turn), y * np.cos(turn), z], axis=1)
    (look,) = Sight([sheet_of(sheet)]).looks(CAMERA, 100, 100, [0])
    assert look.facing == pytest.approx(np.cos(turn), abs=1e-6)


@pytest.mark.parametrize(("degrees", "worth"), [(0, 1.0), (60, 1.0), (85, 0.25)])
def test_a_view_of_a_flat_things_edge_is_worth_less(degrees: float, worth: float) -> None:
    """Of two things one is a sheet; from its edge it cannot be recognised, and halves the rest."""
    turn = np.radians(degrees)
    y, z = np.array([-1, 1, 1, -1]) * 0.2, np.array([-1, -1, 1, 1]) * 0.5
    sheet = np.stack([3 + y * np.sin(turn), y * np.cos(turn), z], axis=1)
    sight = Sight([sheet_of(sheet), square(0.4, 3.0, shift=0.9)])
    some = Subject(np.zeros(3), 1.0)
    scenery = Scenery(some, (some, some), (), 0.0, 1.0, None)
    judge = Onlooker(CameraConfig(), scenery, Shot(100, 100, 1, 0.0), sight, range(0))
    assert judge.recognisable(CAMERA) == worth


@pytest.mark.parametrize(("size", "distance", "blocked"), [
    (0.14, 0.1, True), (0.05, 0.1, False), (0.14, 0.9, False), (1.0, 0.4, False), (0.5, 0.2, True),
])  # fmt: skip
def test_a_camera_behind_something_near_is_blocked(
    size: float, distance: float, blocked: bool
) -> None:
    """The square at `distance` fills size / distance of each side of the image."""
    sight = Sight([square(1.0, 2.0), square(size, distance)])
    assert sight.blocked(CAMERA, 100, 100, np.array([2.0, 0.0, 0.0])) is blocked


def test_what_is_behind_the_camera_is_not_seen() -> None:
    assert Sight([square(1.0, -2.0)]).parts_seen(0, CAMERA, 100, 100) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("near", "part"),
    [
        (square(2.0, 1.0), 1.0),
        (turned(square(2.0, 1.0)), 1.0),
        (square(2.0, 1.0, shift=1.0), 0.5),
        (square(2.0, 3.0), 0.0),
        (square(1.0, 2.0), 0.0),
    ],
    ids=["in front", "seen from behind", "before one half", "behind", "under it"],
)
def test_what_is_hidden_by_some_things(near: Instance, part: float) -> None:
    sight = Sight([square(1.0, 2.0), square(2.0, 0.5), near])
    assert sight.hidden(CAMERA, [0], [2]) == pytest.approx(part, abs=0.01)
    assert sight.hidden(CAMERA, [0], []) == 0


def test_what_is_hidden_does_not_depend_on_the_views_judged_before() -> None:
    squares = [square(1.0, 2.0), *(square(0.3, 1.0, shift) for shift in (-0.4, 0.1, 0.5))]
    together, eyes = Sight(squares), np.random.default_rng(0).uniform(-3, 1.5, (40, 3))
    found = []
    for eye in eyes:
        view = CameraSpec(as_rows(look_at(eye.tolist(), [2.0, 0.0, 0.0])), CAMERA.lens)
        found.append(together.hidden(view, [0], [1, 2, 3]))
        assert found[-1] == Sight(squares).hidden(view, [0], [1, 2, 3])
    assert len(set(found)) > 2
