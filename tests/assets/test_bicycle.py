"""Bicycles stand: in a scene, and on their wheels and stand."""

from __future__ import annotations

import numpy as np
import pytest

import simgen
from simgen.assets.classes import CLASSES
from simgen.geometry.mesh import MeshData
from simgen.geometry.transforms import rotation_from_quaternion


def make(seed: int, **numbers: float) -> MeshData:
    kind = CLASSES["bicycle"]
    return kind.build({**kind.draw(np.random.default_rng(seed)), **numbers})


def of_slot(mesh: MeshData, slot: str) -> np.ndarray:
    return mesh.vertices[np.unique(mesh.faces[mesh.slot == mesh.slots.index(slot)])]


@pytest.mark.parametrize("seed", range(12))
def test_both_wheels_touch_the_ground(seed: int) -> None:
    tyres = of_slot(make(seed), "tyres")
    ahead = tyres[:, 1] < 0
    assert tyres[ahead, 2].min() < 0.012  # a turned front wheel is lifted a little
    assert tyres[~ahead, 2].min() < 0.012


@pytest.mark.parametrize("style", [0.1, 0.4])
def test_a_leaning_bicycle_has_a_foot_on_the_ground_on_its_left(style: float) -> None:
    """It faces -y, so its left is at +x."""
    mesh = make(3, style=style, lean=0.1)
    foot = of_slot(mesh, "metal")
    lowest = foot[foot[:, 2].argmin()]
    contact = of_slot(mesh, "tyres")
    contact = contact[contact[:, 2].argmin()]
    assert lowest[2] < 0.012
    assert lowest[0] > contact[0] + 0.1
    # It leans to that side: the saddle is left of the line between the wheels' contacts.
    assert of_slot(mesh, "saddle")[:, 0].mean() > contact[0] + 0.03


def test_styles_look_different() -> None:
    """A step-through frame has no high top tube; a racing bicycle's tyres are narrow."""
    city, low, mountain, racing = (make(5, style=s, lean=0.05) for s in (0.1, 0.4, 0.7, 0.9))
    wide = [np.ptp(of_slot(m, "saddle")[:, 0]) for m in (city, racing)]
    assert wide[0] > wide[1]
    middle = []
    for mesh in (city, low):
        frame = mesh.faces[mesh.slot == mesh.slots.index("frame")]
        centre = mesh.vertices[frame].mean(axis=1)
        between = np.abs(centre[:, 1]) < 0.12
        middle.append(np.quantile(centre[between, 2], 0.99))
    assert middle[1] < middle[0] - 0.05
    assert len(mountain.pieces) <= 40


def test_bicycles_outdoors_stay_upright() -> None:
    words = ["scene=outdoor", "assets.classes=[bicycle]", "objects.count_range=4"]
    upright = []
    for scene in range(3):
        spec = simgen.sample_scene(simgen.load_config(words), scene)
        upright += [rotation_from_quaternion(item.rotation)[2, 2] for item in spec.objects]
    assert len(upright) >= 8
    assert min(upright) > 1 - 1e-6


def test_only_outdoor_stages_have_them_by_default() -> None:
    for scene, has in (("outdoor", True), ("tabletop", False), ("bin", False), ("room", False)):
        spec = simgen.sample_scene(simgen.load_config([f"scene={scene}"]), 0)
        assert ("bicycle" in spec.classes) is has
