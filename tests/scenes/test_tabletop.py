import importlib.util
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgen.mesh import MeshData
from simgen.rng import stream
from simgen.spec import StageSpec, to_plain
from simgen.stage import StagePart

_PATH = Path(__file__).resolve().parents[2] / "scenes" / "tabletop.py"
_SPEC = importlib.util.spec_from_file_location("tabletop", _PATH)
tabletop = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(tabletop)

SEEDS = range(24)


def stage(seed: int, **params: float) -> StageSpec:
    drawn = tabletop.draw(stream(seed, "stage"))
    return replace(drawn, params={**drawn.params, **params})


def parts(seed: int, **params: float) -> dict[str, StagePart]:
    return {part.name: part for part in tabletop.build(stage(seed, **params))}


def world_bounds(part: StagePart) -> np.ndarray:
    return part.mesh.bounds() + np.array(part.position)


def signed_volume(mesh: MeshData) -> float:
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_top_is_flat_at_zero_and_as_large_as_drawn(seed: int) -> None:
    p = stage(seed).params
    low, high = world_bounds(parts(seed)["table_top"])
    assert high[2] == 0.0
    assert low[2] == pytest.approx(-p["thickness"])
    assert high[:2] * 2.0 == pytest.approx([p["width"], p["depth"]])
    assert low[:2] == pytest.approx(-high[:2])
    assert 0.9 <= p["width"] <= 1.6


@pytest.mark.parametrize("seed", SEEDS)
def test_top_face_covers_all_but_the_rim(seed: int) -> None:
    spec = stage(seed)
    mesh = parts(seed)["table_top"].mesh
    corners = mesh.vertices[mesh.faces]
    flat = corners[(corners[..., 2] == 0.0).all(axis=1)]
    edges = flat[:, 1:, :2] - flat[:, :1, :2]
    area = 0.5 * np.abs(np.linalg.det(edges)).sum()
    p = spec.params
    full = p["width"] * p["depth"] * (np.pi / 4.0 if p["round"] else 1.0)
    assert 0.9 * full < area <= full


@pytest.mark.parametrize("seed", SEEDS)
def test_meshes_are_closed_and_face_outward(seed: int) -> None:
    for part in parts(seed).values():
        faces = part.mesh.faces
        edges = Counter(map(tuple, faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).tolist()))
        assert set(edges.values()) == {1}, part.name
        assert all((b, a) in edges for a, b in edges), part.name
        assert signed_volume(part.mesh) > 0.0, part.name


@pytest.mark.parametrize("seed", SEEDS)
def test_uvs_keep_lengths(seed: int) -> None:
    for part in parts(seed).values():
        mesh = part.mesh
        assert np.isfinite(mesh.uv).all()
        space = np.ptp(mesh.vertices[mesh.faces], axis=1).sum(axis=1)
        sheet = np.ptp(mesh.uv, axis=1).sum(axis=1)
        # Not a single triangle runs back over the whole texture.
        assert (sheet <= 2.0 * space + 1e-6).all(), part.name


@pytest.mark.parametrize("seed", SEEDS)
def test_table_stands_on_the_floor(seed: int) -> None:
    built = parts(seed)
    height = stage(seed).params["height"]
    assert 0.68 <= height <= 0.78
    assert world_bounds(built["floor"])[1, 2] == pytest.approx(-height)
    for index in range(4):
        low, high = world_bounds(built[f"leg_{index}"])
        assert low[2] == pytest.approx(-height)
        assert high[2] == pytest.approx(world_bounds(built["table_top"])[0, 2])
        assert (np.abs([low[:2], high[:2]]) < world_bounds(built["table_top"])[1, :2]).all()


def test_walls_keep_clear_of_cameras() -> None:
    walls = [part for seed in SEEDS for name, part in parts(seed).items() if "wall" in name]
    assert walls
    for wall in walls:
        points = wall.mesh.vertices + np.array(wall.position)
        outward = np.array(wall.position[:2]) / np.linalg.norm(wall.position[:2])
        assert (points[:, :2] @ outward).min() >= 2.6 - 1e-9


def test_about_half_of_the_draws_have_walls() -> None:
    with_walls = [stage(seed).params["walls"] for seed in range(200)]
    assert 0.4 < np.mean(with_walls) < 0.6


def test_materials_fit_the_slots() -> None:
    spec = stage(5, walls=1.0)
    slots = {slot for part in tabletop.build(spec) for slot in part.mesh.slots}
    assert slots == set(spec.materials) == {"top", "legs", "floor", "wall"}


def test_draw_depends_on_its_stream_alone() -> None:
    assert stage(0) == stage(0)
    assert stage(0) != stage(1)
    assert {type(value) for value in stage(0).params.values()} == {float}
    assert to_plain(stage(0))["name"] == "tabletop"


@pytest.mark.parametrize("is_round", [0.0, 1.0])
def test_a_table_can_be_made_larger_afterwards(is_round: float) -> None:
    built = parts(2, round=is_round, width=4.0, depth=3.0)
    assert world_bounds(built["table_top"])[1] == pytest.approx([2.0, 1.5, 0.0])


def test_size_range_is_kept() -> None:
    drawn = tabletop.draw(stream(0), size_range=(3.0, 3.5), thickness_range=(0.1, 0.1))
    assert 3.0 <= drawn.params["width"] <= 3.5
    assert drawn.params["thickness"] == 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_grow_makes_room_for_pile_and_cameras_and_changes_nothing_that_has_room(seed: int) -> None:
    spec = stage(seed)
    assert tabletop.grow(spec, 0.1, 1.0).params["width"] == spec.params["width"]
    grown = tabletop.grow(spec, 1.5, 6.0)
    assert min(grown.params["width"], grown.params["depth"]) > 2.0 * 1.5
    assert grown.params["wall_distance"] > 6.0
    assert grown.params["floor_size"] / 2.0 > grown.params["wall_distance"]


@pytest.mark.parametrize("seed", SEEDS)
def test_support_lies_within_the_flat_face(seed: int) -> None:
    spec = stage(seed)
    support = tabletop.support(spec)
    vertices = parts(seed)["table_top"].mesh.vertices
    flat = vertices[vertices[:, 2] == 0.0, :2]
    assert (np.array(support.half_size) <= np.abs(flat).max(axis=0)).all()
    assert support.round == bool(spec.params["round"])
