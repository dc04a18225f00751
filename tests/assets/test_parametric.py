"""The parametric objects: closed, metric, varied, reproducible, and filled by their pieces."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, cKDTree

from simgen.assets.classes import CLASSES
from simgen.assets.parametric import ParametricClass
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData
from simgen.sampling.randomizers.materials import KINDS
from simgen.spec.parameters import between, cases, count, flag, nested
from simgen.spec.parameters import draw as draw_numbers
from simgen.spec.parameters import read as read_numbers

CATALOGUE = yaml.safe_load(
    (Path(__file__).parents[2] / "assets" / "catalogue.yaml").read_text(encoding="utf-8")
)
TAGS = {
    *("tabletop", "kitchen", "office", "toy", "tool", "food", "packaging", "bathroom", "decor"),
    *("worktop", "desk", "meal", "sanitary"),
    *(
        "furniture",
        "outdoor",
        "aerial",
        "vehicle",
        "garden",
        "rooted",
        "crown",
        "room",
        "street",
        "wall",
        "counter",
    ),
}
VARIED = ("bowl", "pizza", "plate")
"""Classes whose members lack some slots: those of food that they do not have."""
HOLLOW = [name for name, entry in CATALOGUE.items() if entry.get("hollow")]

every_class = pytest.mark.parametrize("name", sorted(CLASSES))
any_seed = given(seed=st.integers(0, 2**32 - 1))
few = settings(max_examples=4)


def draw(name: str, seed: int) -> dict[str, float]:
    return CLASSES[name].draw(np.random.Generator(np.random.PCG64(seed)))


@functools.lru_cache(maxsize=128)
def make(name: str, seed: int) -> MeshData:
    return CLASSES[name].build(draw(name, seed))


def components(mesh: MeshData) -> list[trimesh.Trimesh]:
    """The connected components, by shared vertex indices and not by position."""
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    label = trimesh.graph.connected_component_labels(
        trimesh.graph.face_adjacency(mesh.faces), node_count=len(mesh.faces)
    )
    return [
        whole.submesh([np.nonzero(label == number)[0]], append=True, repair=False)
        for number in range(label.max() + 1)
    ]


def planes(mesh: MeshData) -> list[np.ndarray]:
    """Outward half-spaces of each piece, `k x 4`."""
    return [ConvexHull(piece).equations for piece in mesh.pieces]


def outside(points: np.ndarray, mesh: MeshData) -> np.ndarray:
    """How far each point (`n x 3`) is outside the union of the pieces (at least; < 0 inside)."""
    depth = [(points @ half[:, :3].T + half[:, 3]).max(axis=1) for half in planes(mesh)]
    return np.min(depth, axis=0)


def tolerance(mesh: MeshData) -> float:
    """What the pieces may be off by: 2 mm, or 3 % of a large object's size. `fitted` makes the
    rest of the way."""
    return max(0.002, 0.03 * float(np.ptp(mesh.bounds(), axis=0).max()))


def broken(mesh: MeshData) -> MeshData:
    """The mesh with one face turned inside out."""
    faces = mesh.faces.copy()
    faces[0] = faces[0, ::-1]
    return dataclasses.replace(mesh, faces=faces)


def is_closed(part: trimesh.Trimesh) -> bool:
    return bool(part.is_watertight and part.is_winding_consistent and part.volume > 0)


def all_closed(mesh: MeshData) -> bool:
    """Whether every component is closed and faces outward, however many there are: each directed
    edge occurs once, as does its reverse, and every component's volume is positive."""
    edges = mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    forward, times = np.unique(edges, axis=0, return_counts=True)
    if times.max() > 1 or not np.array_equal(forward, np.unique(edges[:, ::-1], axis=0)):
        return False
    label = trimesh.graph.connected_component_labels(
        trimesh.graph.face_adjacency(mesh.faces), node_count=len(mesh.faces)
    )
    corners = mesh.vertices[mesh.faces]
    first = np.unique(label, return_index=True)[1]
    a, b, c = np.moveaxis(corners - corners[first[label], :1], 1, 0)
    return bool(np.bincount(label, np.einsum("ij,ij->i", a, np.cross(b, c))).min() > 0)


def test_enough_classes_and_all_in_the_catalogue():
    assert len(CLASSES) >= 12
    assert set(CATALOGUE) == set(CLASSES)
    assert len(HOLLOW) >= 6
    assert all(name == kind.name for name, kind in CLASSES.items())


def check_components_are_closed_and_face_outward(name: str, mesh: MeshData) -> None:
    assert all_closed(mesh)
    fewest, most = CATALOGUE[name].get("faces", (500, 8000))
    assert fewest <= len(mesh.faces) <= most
    triangles = mesh.vertices[mesh.faces]
    assert trimesh.triangles.area(triangles).min() > 1e-11
    assert set(np.unique(mesh.faces)) == set(range(len(mesh.vertices)))


def test_the_closedness_check_can_fail():
    mesh = make("mug", 0)
    assert all_closed(mesh)
    assert all(is_closed(part) for part in components(mesh))
    assert not all_closed(broken(mesh))
    assert not all_closed(dataclasses.replace(mesh, faces=mesh.faces[:, ::-1]))
    assert not all(is_closed(part) for part in components(broken(mesh)))
    inverted = dataclasses.replace(mesh, faces=mesh.faces[:, ::-1])
    assert not any(is_closed(part) for part in components(inverted))


def check_size_is_metric_and_the_object_stands_on_the_ground(name: str, mesh: MeshData) -> None:
    low, high = mesh.bounds()
    size = high - low
    expected = CATALOGUE[name]["size"]
    assert low[2] == 0.0
    assert expected["height"][0] <= size[2] <= expected["height"][1]
    assert expected["length"][0] <= size[:2].max() <= expected["length"][1]
    # The origin is below the object, not beside it.
    assert np.all(np.abs(low + high)[:2] < 0.5 * size[:2])


def check_uv_is_finite_metric_and_never_collapsed(mesh: MeshData) -> None:
    assert mesh.uv.dtype == np.float32
    assert np.isfinite(mesh.uv).all()
    assert np.ptp(mesh.uv.reshape(-1, 2), axis=0).min() > 0.005
    corner = mesh.uv[:, 1:].astype(float) - mesh.uv[:, :1]
    flat = np.abs(corner[:, 0, 0] * corner[:, 1, 1] - corner[:, 0, 1] * corner[:, 1, 0]) / 2
    solid = trimesh.triangles.area(mesh.vertices[mesh.faces])
    stretch = flat / solid
    # Nine tenths of the surface have texture within a factor of two of its size in metres.
    assert solid[(stretch > 0.25) & (stretch < 4.0)].sum() > 0.9 * solid.sum()


@every_class
@pytest.mark.corpus(4)
def test_slots_match_the_catalogue(name):
    entry = CATALOGUE[name]
    optional = {"keypoints", "symmetries", "aliases", "faces", "hollow"}
    assert set(entry) - optional == {"description", "size", "density", "friction", "tags", "slots"}
    assert entry["tags"]
    assert set(entry["tags"]) <= TAGS
    assert 50 < entry["density"] < 8000
    assert 0.1 < entry["friction"] < 1.5
    assert all(kinds and set(kinds) <= set(KINDS) for kinds in entry["slots"].values())
    found = set()
    for seed in range(30 if name in VARIED else 6):
        mesh = make(name, seed)
        found |= set(mesh.slots)
        assert name in VARIED or mesh.slots == tuple(entry["slots"])
        assert mesh.slots == tuple(slot for slot in entry["slots"] if slot in mesh.slots)
        assert set(mesh.slot) == set(range(len(mesh.slots)))
    assert found == set(entry["slots"])


@every_class
@settings(max_examples=2)
@any_seed
@pytest.mark.corpus(8)
def test_parameters_are_plain_and_rebuild_the_same_bytes(name, seed):
    params = draw(name, seed)
    assert all(type(value) is float for value in params.values())
    again = json.loads(json.dumps(params))
    assert again == params == draw(name, seed)
    first, second = CLASSES[name].build(params), CLASSES[name].build(again)
    assert params == again, "build must not write to its parameters"
    for field in ("vertices", "faces", "uv", "slot"):
        assert getattr(first, field).tobytes() == getattr(second, field).tobytes()
    assert [a.tobytes() for a in first.pieces] == [b.tobytes() for b in second.pieces]


@every_class
@pytest.mark.corpus(8)
def test_draws_differ_between_seeds(name):
    meshes = [make(name, seed) for seed in range(5)]
    assert len({mesh.vertices.tobytes() for mesh in meshes}) == 5
    sizes = np.array([np.ptp(mesh.bounds(), axis=0) for mesh in meshes])
    assert np.ptp(sizes, axis=0).max() > 0.003


def check_pieces_fill_the_object(mesh: MeshData) -> None:
    assert 1 <= len(mesh.pieces) <= 60
    for piece in mesh.pieces:
        assert piece.shape[1] == 3
        assert 4 <= len(piece) <= 64
        assert ConvexHull(piece).volume > 1e-10
    points = np.concatenate(mesh.pieces)
    bounds = np.stack([points.min(axis=0), points.max(axis=0)])
    assert np.abs(bounds - mesh.bounds()).max() < min(tolerance(mesh), 0.003)
    assert abs(points[:, 2].min()) < 3e-4
    assert outside(mesh.vertices, mesh).max() < tolerance(mesh)


@every_class
@few
@any_seed
@pytest.mark.corpus(5)
def test_members_are_closed_metric_textured_and_filled_by_their_pieces(name, seed):
    mesh = make(name, seed)
    check_components_are_closed_and_face_outward(name, mesh)
    check_size_is_metric_and_the_object_stands_on_the_ground(name, mesh)
    check_uv_is_finite_metric_and_never_collapsed(mesh)
    check_pieces_fill_the_object(mesh)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"bottle", "broccoli", "tree"}))
@pytest.mark.corpus(10)
def test_pieces_do_not_stick_out(name):
    # A bottle is left out: its pieces fill the inside that its cap closes. Those of
    # trees and broccoli fill the crown, which is air between leaves or buds.
    mesh = make(name, 1)
    faces = [piece[ConvexHull(piece).simplices].mean(axis=1) for piece in mesh.pieces]
    points = np.concatenate([*faces, *mesh.pieces])
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    surface, _ = trimesh.sample.sample_surface(whole, 30000, seed=0)
    far = points[cKDTree(surface).query(points)[0] > tolerance(mesh)]
    inside = np.zeros(len(far), dtype=bool)
    for part in components(mesh):
        inside |= winding(part, far) > 0.5
    assert inside.all()


def winding(part: trimesh.Trimesh, points: np.ndarray) -> np.ndarray:
    """Winding number of a closed surface around points (`n x 3`): 1 inside, 0 outside."""
    total = np.zeros(len(points))
    for i, point in enumerate(points):
        a, b, c = np.moveaxis(part.triangles - point, 1, 0)
        la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
        triple = np.einsum("ij,ij->i", a, np.cross(b, c))
        below = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
        total[i] = 2 * np.arctan2(triple, below).sum() / (4 * np.pi)
    return total


@pytest.mark.parametrize("name", HOLLOW)
@few
@any_seed
def test_hollows_are_open_in_mesh_and_pieces(name, seed):
    mesh = CLASSES[name].build({**draw(name, seed), "contents": 0.0})  # without food
    top = mesh.bounds()[1, 2]
    axis = mesh.vertices[np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]) < 1e-9]
    floor = axis[:, 2].max()
    assert 0.001 < floor < 0.65 * top  # that of a wine glass is the highest
    air = np.linspace(floor + 0.002, top, 9)[:, None] * (0, 0, 1)
    assert outside(air, mesh).min() > 0
    assert outside(np.array([[0.0, 0.0, floor - 0.001]]), mesh).max() < 0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.corpus(3)
def test_the_mug_handle_ends_inside_the_wall(seed):
    mesh = make("mug", seed)
    body, handle = components(mesh)
    tips = handle.vertices[-2:]
    assert np.all(winding(body, tips) > 0.5)
    # No point of the handle is in the air inside: each is in the wall or beyond the outer wall.
    ring = body.vertices[np.argmax(np.linalg.norm(body.vertices[:, :2], axis=1))]
    radius = np.linalg.norm(handle.vertices[:, :2], axis=1)
    near = handle.vertices[radius < np.linalg.norm(ring[:2])]
    beyond = near + 0.006 * unit(near * (1.0, 1.0, 0.0))
    assert len(near) > 10
    assert np.all((winding(body, near) > 0.5) | (winding(body, beyond) < 0.5))


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclasses.dataclass(frozen=True)
class Seat:
    height: float = between(0.4, 0.5)


@dataclasses.dataclass(frozen=True)
class Stool:
    legs: int = count(3, 4)
    turns: bool = flag(above=3.5, of="legs")
    low: bool = flag(below=0.25)
    style: str = cases("round", "square", "odd", at=(0.5, 0.75), of="kind")
    seat: Seat = nested(Seat)


def test_parameters_are_typed_readings_of_stored_numbers():
    stored = draw_numbers(Stool, np.random.Generator(np.random.PCG64(7)))
    again = np.random.Generator(np.random.PCG64(7))
    bounds = {"legs": (3.0, 4.99), "low": (0.0, 1.0), "kind": (0.0, 1.0), "height": (0.4, 0.5)}
    assert stored == {name: again.uniform(*limits) for name, limits in bounds.items()}
    numbers = {"legs": 3.6, "low": 0.2, "kind": 0.75, "height": 0.45}
    assert read_numbers(Stool, numbers) == Stool(3, True, True, "odd", Seat(0.45))
    numbers |= {"legs": 3.4, "low": 0.25, "kind": 0.5}
    assert read_numbers(Stool, numbers) == Stool(3, False, False, "square", Seat(0.45))
    assert read_numbers(Stool, {**numbers, "legs": 4.2}).legs == 4


def test_numbers_of_another_class_are_refused():
    params = draw("mug", 0)
    with pytest.raises(AssetError, match=r"Mug: .*'wall'"):
        CLASSES["mug"].build({name: params[name] for name in params if name != "wall"})


def test_a_class_without_typed_parameters_is_refused():
    with pytest.raises(TypeError, match=r"'stool': expected a dataclass"):
        ParametricClass("stool", draw, make)


def test_aliases_are_plain_names_each_of_one_class() -> None:
    aliases = [alias for entry in CATALOGUE.values() for alias in entry.get("aliases", ())]
    assert len(set(aliases)) == len(aliases) > 40
    assert not set(aliases) & set(CLASSES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", alias) for alias in aliases)


@pytest.mark.parametrize("name", ["oven", "toaster", "microwave"])
def test_appliances_of_older_datasets_keep_their_slots_and_shape(name: str) -> None:
    """Numbers that were stored before the present design build the former shape."""
    older_slots = {
        "oven": ("case", "top", "panel", "window", "metal", "trim"),
        "toaster": ("body", "slots", "trim"),
        "microwave": ("case", "panel", "window", "display", "handle"),
    }
    drawn = draw(name, 3)
    of_design = list(drawn)[list(drawn).index("design") :]
    older = {key: number for key, number in drawn.items() if key not in of_design}
    plain = CLASSES[name].build(older)
    same = CLASSES[name].build({**drawn, "design": 0.0})
    assert plain.slots == same.slots == older_slots[name]
    assert plain.vertices.tobytes() == same.vertices.tobytes()
    assert CLASSES[name].build(drawn).slots == tuple(CATALOGUE[name]["slots"])


@pytest.mark.parametrize(
    ("name", "first", "older_slots"),
    [
        ("bowl", "contents", ("body",)),
        ("plate", "contents", ("body",)),
        ("pizza", "looks", ("crust", "cheese", "sausage", "leaves", "olives")),
    ],
)
def test_dishes_of_older_datasets_are_empty_and_pizzas_plain(
    name: str, first: str, older_slots: tuple[str, ...]
) -> None:
    drawn = draw(name, 7)
    later = list(drawn)[list(drawn).index(first) :]
    older = {key: number for key, number in drawn.items() if key not in later}
    plain = CLASSES[name].build(older)
    assert plain.slots == older_slots
    same = CLASSES[name].build({**drawn, first: 0.0})
    assert plain.vertices.tobytes() == same.vertices.tobytes()
    assert len(CLASSES[name].build({**drawn, first: 1.0}).faces) > len(plain.faces)


@pytest.mark.parametrize(("name", "share"), [("bowl", 2 / 3), ("plate", 1 / 2)])
@few
@any_seed
def test_food_lies_within_its_dish(name: str, share: float, seed: int) -> None:
    """No vertex of it is in the air outside: each is above the dish or in its wall."""
    drawn = draw(name, seed)
    full = CLASSES[name].build({**drawn, "contents": 1 - 0.6 * share * (seed % 7) / 7})
    empty = CLASSES[name].build({**drawn, "contents": 0.0})
    assert full.keypoints == empty.keypoints
    assert full.vertices[: len(empty.vertices)].tobytes() == empty.vertices.tobytes()
    food = full.vertices[len(empty.vertices) :]
    assert len(food) > 100
    # The outermost points of the dish at or below each height.
    away, height = np.linalg.norm(empty.vertices[:, :2], axis=1), empty.vertices[:, 2]
    order = np.argsort(height)
    reach = np.maximum.accumulate(away[order])
    place = np.searchsorted(height[order], food[:, 2], side="right") - 1
    assert np.all(np.linalg.norm(food[:, :2], axis=1) < reach[place])
    floor = empty.vertices[away < 1e-9, 2].max()
    assert food[:, 2].min() > floor - 0.0025


def test_houses_of_older_datasets_have_bare_roofs() -> None:
    later = {"dormers": 0.9, "skylights": 0.9, "solar": 0.9}
    older = {key: one for key, one in draw("house", 3).items() if key not in later}
    bare, full = (CLASSES["house"].build(numbers) for numbers in (older, {**older, **later}))
    low, high = bare.bounds()
    assert full.bounds()[0] == pytest.approx(low, abs=0.05)
    assert full.bounds()[1] == pytest.approx(high, abs=0.05)
    added = len(full.faces) - len(bare.faces)
    assert added > 100
    assert (
        bare.faces.tobytes()
        == CLASSES["house"].build({**older, **dict.fromkeys(later, 0.0)}).faces.tobytes()
    )


def test_cars_of_older_datasets_are_hatchbacks_and_saloons() -> None:
    later = ("body", "glass_roof", "roof_rails")
    drawn = draw("car", 3)
    older = {key: number for key, number in drawn.items() if key not in later}
    plain = CLASSES["car"].build(older)
    same = CLASSES["car"].build({**drawn, **dict.fromkeys(later, 0.0)})
    assert plain.vertices.tobytes() == same.vertices.tobytes()
    tall = CLASSES["car"].build({**older, "body": 0.7})
    assert tall.bounds()[1, 2] == pytest.approx(plain.bounds()[1, 2] + 0.18, abs=0.05)
    rails = CLASSES["car"].build({**older, "body": 0.7, "roof_rails": 0.9, "glass_roof": 0.9})
    assert len(rails.faces) > len(tall.faces)
