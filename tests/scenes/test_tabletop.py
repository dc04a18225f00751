import numpy as np
import pytest

from scenes import checks

NAME = "tabletop"
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_table_and_chairs_stand_on_the_floor(scene: int) -> None:
    height = checks.drawn(NAME, scene).params["height"]
    assert 0.68 <= height <= 0.78
    for part in checks.built(NAME, scene):
        low, high = checks.in_world(part).bounds
        if part.name == "floor":
            assert high[2] == pytest.approx(-height)
        elif part.stuff in ("furniture", "plant", "lamp", "table") and part.class_name != "book":
            assert low[2] == pytest.approx(-height, abs=1e-6)


@pytest.mark.parametrize("scene", SCENES)
def test_grow_makes_room_for_pile_and_cameras_and_changes_nothing_that_has_room(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert checks.fitted(spec, 0.1, 1.0).params["width"] == spec.params["width"]
    grown = checks.fitted(spec, 1.5, 6.0)
    assert min(grown.params["width"], grown.params["depth"]) > 2.0 * 1.5
    for part in checks.build(grown).parts:
        solid = checks.in_world(part)
        own = part.stuff in ("floor", "table", "cloth") or part.name.startswith("chair")
        # Where cameras are, there is nothing but the table and its chairs.
        assert own or np.linalg.norm(solid.vertices[:, :2], axis=1).min() > 6.0, part.name


def test_draws_vary() -> None:
    specs = [checks.drawn(NAME, scene).params for scene in range(200)]
    assert 0.5 < np.mean([p["walls"] for p in specs]) < 0.8
    assert 0.2 < np.mean([p["round"] for p in specs]) < 0.4
    assert {p["legs"] for p in specs} == {0.0, 1.0, 2.0, 3.0}
    assert all(0.9 <= p["width"] <= 1.6 for p in specs)
