"""What every stage is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from scenes import checks
from simgen.spec.scene import to_plain
from simgen.stages.registry import load_stage, stage_names
from simgen.stages.stage import StagePart

SCENES = {name: range(6) for name in checks.SIZES} | {
    "outdoor": (0, 1, 2, 5, 6, 10),
    "forest": (0, 1),
}
"""Every kind of site is among those outdoors."""
FLAT = {"tabletop": 5e-4, "bin": 5e-4, "shelf": 5e-4, "room": 5e-4, "outdoor": 1e-3, "aerial": 1e-3,
        "forest": 1e-3, "kitchen": 5e-4, "desk": 5e-4, "meal": 5e-4}  # fmt: skip
"""Metres that a support may be off its height: paint and mats lie on some."""
CORNERS = {"tabletop": 0.06, "bin": 0.06, "shelf": 0.06, "room": 0.06, "outdoor": 0.03,
           "kitchen": 0.06, "desk": 0.06, "meal": 0.06}  # fmt: skip
"""Metres from the corners of pieces to those of the mesh."""
ENOUGH = {"aerial": 4, "outdoor": 12, "forest": 2}
"""Scenes in which all kinds of stuff appear."""
UNUSED = {"outdoor": {"window"}}
"""Stuff of older datasets, whose name keeps the ids of those after it."""


def scenes(names: Iterable[str]) -> list[tuple[str, int]]:
    return [(name, scene) for name in names for scene in SCENES[name]]


def is_solid(name: str, part: StagePart) -> bool:
    """Whether a part is a closed solid as a whole: plants and paint are not."""
    if name == "outdoor":
        return part.stuff in ("path", "road", "fence")
    if name == "forest":
        return part.stuff == "ground"
    return name != "aerial" or (part.stuff != "vegetation" and part.name != "marks")


def test_all_stages_are_looked_at() -> None:
    assert set(SCENES) == set(stage_names())


@pytest.mark.parametrize(("name", "scene"), scenes(FLAT))
@pytest.mark.corpus(1)
def test_supports_are_solid_ground_with_free_space_above(name: str, scene: int) -> None:
    checks.supports_are_solid_and_free(name, scene, FLAT[name])


@pytest.mark.parametrize(("name", "scene"), [*scenes(CORNERS), ("aerial", 0), ("aerial", 1)])
@pytest.mark.corpus(5)
def test_solid_parts_are_closed_and_face_outward_and_their_pieces_fit(
    name: str, scene: int
) -> None:
    for part in checks.built(name, scene):
        if is_solid(name, part):
            checks.is_closed_and_outward(part.mesh)
            if name in CORNERS:
                checks.pieces_match(part.mesh, CORNERS[name])


@pytest.mark.parametrize(("name", "scene"), scenes(SCENES))
@pytest.mark.corpus(7)
def test_all_slots_have_materials_and_parts_names_of_their_own(name: str, scene: int) -> None:
    checks.slots_have_materials(name, scene)
    checks.parts_have_own_names(name, scene)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.corpus(3)
def test_a_stage_follows_from_its_spec_alone(name: str) -> None:
    checks.same_bytes(name, 1)
    assert {type(value) for value in checks.drawn(name, 1).params.values()} == {float}
    assert to_plain(checks.drawn(name, 1)) != to_plain(checks.drawn(name, 2))


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.exhaustive
def test_all_kinds_of_stuff_appear_and_no_others(name: str) -> None:
    found = checks.stuff_in_use(name, range(ENOUGH.get(name, 24)))
    assert found == set(load_stage(name).stuff) - UNUSED.get(name, set())


@pytest.mark.parametrize("name", SCENES)
def test_fitting_a_stage_twice_changes_nothing(name: str) -> None:
    once = checks.fitted(checks.drawn(name, 3), 1.0, 5.0)
    twice = checks.fitted(once, 1.0, 5.0)
    assert twice.params == pytest.approx(once.params)
    assert twice.materials == once.materials
    assert np.isfinite(list(once.params.values())).all()


WITH_PIECES = [name for name in SCENES if name != "forest"]
"""Woodland has no part that is ever apart, and millions of triangles."""


@pytest.mark.parametrize(
    ("name", "scene"), [(name, scene) for name in WITH_PIECES for scene in (0, 1)]
)
@pytest.mark.corpus(1)
def test_what_is_whole_has_the_triangles_of_its_parts(name: str, scene: int) -> None:
    """Scenes without labelled furnishings, such as older ones, have a table and its legs apart."""
    spec = checks.drawn(name, scene)
    assert spec.whole
    before = replace(spec, whole=False)
    assert "whole" not in to_plain(before)
    parts = checks.build(before).parts
    assert len({part.name for part in parts}) == len(parts)
    both = [corners(checks.whole(parts)), corners(checks.whole(checks.built(name, scene)))]
    assert both[0].shape == both[1].shape
    assert np.allclose(both[0], both[1], rtol=0, atol=1e-9)
    names = {part.name for part in parts}
    assert name != "tabletop" or {"table_top", "legs"} <= names
    assert not any(other.endswith("_books") for other in names)


def corners(mesh: trimesh.Trimesh) -> np.ndarray:
    """The corners of all triangles, `n x 9`, in an order of their own."""
    rows = mesh.triangles.reshape(-1, 9).round(9)
    return rows[np.lexsort(rows.T)]
