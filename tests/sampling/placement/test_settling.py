"""`scripts/measure_settling.py` on bodies whose depth and gap are known, and on sampled scenes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from simgen.config import Config
from simgen.stages.placed import PlacedMesh

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from measure_settling import DEEP, HIGH, Lie, Tally, measure, report, tally


def thing(instance_id: int, mesh: trimesh.Trimesh, at: tuple[float, float, float]) -> PlacedMesh:
    vertices = np.asarray(mesh.vertices) + np.array(at)
    return PlacedMesh(instance_id, f"thing{instance_id}", vertices, np.asarray(mesh.faces))


def cube(size: float) -> trimesh.Trimesh:
    return trimesh.creation.box((size, size, size))


TABLE = thing(0, trimesh.creation.box((1.0, 1.0, 0.04)), (0.0, 0.0, -0.02))


@pytest.mark.parametrize("sunk", [0.001, 0.004, 0.012])
def test_depth_of_a_cube_in_the_table(sunk: float) -> None:
    (lie,) = measure([TABLE, thing(1, cube(0.1), (0.2, 0.1, 0.05 - sunk))])
    assert lie.depth == pytest.approx(sunk, abs=1e-6)
    assert lie.stuck_in == "thing0"
    assert lie.gap == 0


@pytest.mark.parametrize("height", [0.0, 0.003, 0.05])
def test_gap_of_a_ball_over_the_table(height: float) -> None:
    ball = trimesh.creation.icosphere(4, 0.05)
    (lie,) = measure([TABLE, thing(1, ball, (0.0, 0.0, 0.05 + height))])
    assert lie.depth == pytest.approx(0, abs=1e-6)
    assert lie.gap == pytest.approx(height, abs=2e-4)


def test_two_cubes_that_meet_are_both_deep_and_a_third_is_not() -> None:
    one, other, far = (thing(n + 1, cube(0.1), (x, 0.0, 0.05)) for n, x in enumerate((0, 0.094, 1)))
    lies = measure([TABLE, one, other, far])
    assert [lie.depth for lie in lies] == pytest.approx([0.006, 0.006, 0.0], abs=1e-6)
    assert [lie.stuck_in for lie in lies[:2]] == ["thing2", "thing1"]


def test_a_thin_wall_through_a_cube_is_as_deep_as_the_cube_is_cut() -> None:
    wall = thing(0, trimesh.creation.box((0.002, 1.0, 1.0)), (0.02, 0.0, 0.0))
    (lie,) = measure([wall, thing(1, cube(0.1), (0.0, 0.0, 0.05))])
    assert lie.depth == pytest.approx(0.03, abs=2e-3)


def test_what_lies_in_a_hollow_is_not_inside_of_it() -> None:
    cup = trimesh.creation.annulus(0.05, 0.06, 0.1)
    (_, lie) = measure([TABLE, thing(1, cup, (0, 0, 0.05)), thing(2, cube(0.05), (0, 0, 0.025))])
    assert lie.depth == pytest.approx(0, abs=1e-6)


def test_what_hangs_over_a_thing_hangs_over_that_and_not_over_the_table() -> None:
    lies = measure([TABLE, thing(1, cube(0.1), (0, 0, 0.05)), thing(2, cube(0.05), (0, 0, 0.132))])
    assert [lie.gap for lie in lies] == pytest.approx([0.0, 0.007], abs=1e-6)


def test_the_report_counts_both() -> None:
    lies = [Lie(0, "mug", 0.003, "table", 0.0), Lie(0, "mug", 0.0, "", 0.006)]
    lies += [Lie(1, "fork", 0.0005, "table", 0.0)] * 2
    text = report("some", Tally(lies, drawn=5, seconds=[1.0, 3.0]))
    assert text.count("25.00%") == 2
    assert "20.00%" in text, "one of five found no place"
    assert "mug 1/2" in text


SCENES = {
    "tabletop": (["drop"], [4, 6]),
    "bin": (["drop"], [8, 8]),
    "shelf": (["scatter"], [6, 6]),
}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.exhaustive
def test_objects_of_sampled_scenes_lie_on_and_not_in_each_other(scene: str) -> None:
    methods, counts = SCENES[scene]
    config = Config(seed=5)
    config.scene.name = scene
    config.assets.tags = ["tabletop"]
    config.scene.size_range = [0.5, 0.5] if scene == "bin" else [1.0, 1.2]
    config.placement.methods = methods
    config.objects.count_range = counts
    total = tally(config, range(2))
    assert not total.failed
    assert len(total.lies) >= 0.8 * total.drawn
    assert [lie for lie in total.lies if lie.depth > DEEP or lie.gap > HIGH] == []
