"""Motorcycles stand: in a scene, and on their wheels and stand."""

from __future__ import annotations

import numpy as np
import pytest

import simgen
from simgen.assets.classes import CLASSES
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import rotation_from_quaternion

STYLES = {"standard": 0.1, "cruiser": 0.4, "sport": 0.6, "scooter": 0.9}
every_style = pytest.mark.parametrize("style", sorted(STYLES))


def make(style: str, seed: int = 3, **numbers: float) -> MeshData:
    kind = CLASSES["motorcycle"]
    drawn = kind.draw(np.random.default_rng(seed))
    return kind.build({**drawn, "style": STYLES[style], **numbers})


def of_slot(mesh: MeshData, slot: str) -> np.ndarray:
    return mesh.vertices[np.unique(mesh.faces[mesh.slot == mesh.slots.index(slot)])]


@every_style
@pytest.mark.parametrize("seed", range(4))
def test_both_wheels_touch_the_ground(style: str, seed: int) -> None:
    tyres = of_slot(make(style, seed), "tyres")
    ahead = tyres[:, 1] < 0
    assert tyres[ahead, 2].min() < 0.015  # a turned front wheel is lifted a little
    assert tyres[~ahead, 2].min() < 0.015


@pytest.mark.parametrize("style", ["standard", "cruiser", "sport"])
def test_it_leans_to_its_left_on_a_side_stand(style: str) -> None:
    """It faces -y, so its left is at +x."""
    mesh = make(style, lean=0.15, steer=0.0, luggage=0.99)
    contact = of_slot(mesh, "tyres")
    contact = contact[contact[:, 2].argmin()]
    foot = of_slot(mesh, "trim")
    foot = foot[foot[:, 2].argmin()]
    assert foot[2] < 0.015
    assert foot[0] > contact[0] + 0.2
    assert of_slot(mesh, "seat")[:, 0].mean() > contact[0] + 0.05


def test_a_scooter_is_upright_on_two_feet() -> None:
    mesh = make("scooter", steer=0.0)
    feet = of_slot(mesh, "trim")
    feet = feet[feet[:, 2] < 0.015]
    assert feet[:, 0].min() < -0.1
    assert feet[:, 0].max() > 0.1
    seat = of_slot(mesh, "seat")
    assert seat[:, 0].mean() == pytest.approx(of_slot(mesh, "tyres")[:, 0].mean(), abs=1e-3)


def test_styles_have_the_proportions_of_their_kind() -> None:
    same = {"lean": 0.1, "steer": 0.0, "luggage": 0.99, "screen": 0.99}
    found = {style: make(style, **same) for style in STYLES}
    wheel, seat, base = {}, {}, {}
    for style, mesh in found.items():
        tyres = of_slot(mesh, "tyres")
        ahead = tyres[:, 1] < tyres[:, 1].mean()
        wheel[style] = np.ptp(tyres[ahead, 1]) / 2
        base[style] = np.ptp(tyres[:, 1]) - np.ptp(tyres[ahead, 1])
        # The rider's place, between the pads' raised ends.
        seat[style] = np.median(of_slot(mesh, "seat")[:, 2])
    assert wheel["scooter"] < 0.26 < 0.29 < min(wheel["standard"], wheel["sport"])
    assert base["scooter"] < base["standard"] < base["cruiser"] < 1.7
    assert seat["cruiser"] < seat["standard"] - 0.05 < seat["sport"]


def test_a_scooter_can_be_stepped_through() -> None:
    """Between apron and seat, there is nothing from the floor to the handlebar."""
    for style, free in (("scooter", True), ("standard", False)):
        mesh = make(style, steer=0.0, lean=0.0)
        at = mesh.vertices[:, 1:] - of_slot(mesh, "tyres")[:, 1:].mean(axis=0) * (1, 0)
        between = (np.abs(at[:, 0] + 0.15) < 0.06) & (at[:, 1] > 0.35) & (at[:, 1] < 0.7)
        assert bool(between.any()) is not free


@every_style
def test_keypoints_are_where_they_are_called(style: str) -> None:
    at = {name: np.array(point) for name, point in make(style).keypoints.items()}
    assert at["wheel_front"][1] < at["saddle"][1] < at["wheel_back"][1] + 0.4
    assert at["headlight"][1] < at["saddle"][1] < at["tail_light"][1]
    assert at["handlebar_left"][0] > at["handlebar_right"][0] + 0.45
    assert 0.5 < at["tail_light"][2] < 1.1
    assert 0.6 < at["headlight"][2] < 1.1


@every_style
def test_a_motorcycle_is_small_enough_to_render_and_to_settle(style: str) -> None:
    for seed in range(12):
        mesh = make(style, seed)
        assert 8_000 < len(mesh.faces) < 30_000
        assert len(mesh.pieces) <= 60


def test_motorcycles_outdoors_stay_upright() -> None:
    words = ["scene=outdoor", "assets.classes=[motorcycle]", "objects.count_range=4"]
    upright = []
    for scene in range(3):
        spec = simgen.sample_scene(simgen.load_config(words), scene)
        upright += [rotation_from_quaternion(item.rotation)[2, 2] for item in spec.objects]
    assert len(upright) >= 8
    assert min(upright) > 1 - 1e-6


def test_only_outdoor_stages_have_them_by_default() -> None:
    for scene, has in (("outdoor", True), ("tabletop", False), ("bin", False), ("room", False)):
        spec = simgen.sample_scene(simgen.load_config([f"scene={scene}"]), 0)
        assert ("motorcycle" in spec.classes) is has
