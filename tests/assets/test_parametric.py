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

from simgen.assets.parametric import CLASSES
from simgen.mesh import MeshData

CATALOGUE = yaml.safe_load(
    (Path(__file__).parents[2] / "assets" / "catalogue.yaml").read_text(encoding="utf-8")
)
KINDS = {
    *("plastic", "ceramic", "metal", "painted", "wood", "glass", "paper", "print", "fabric"),
    *("rubber", "stone", "fruit_red", "fruit_yellow", "fruit_green", "stem", "wax"),
    *("leather", "rust", "cardboard", "chrome", "brushed_metal", "gold", "dark_plastic"),
    *("clear_plastic", "screen", "keys", "orange_peel", "carrot", "dough", "icing", "chocolate"),
    *("foliage", "soil", "terracotta", "plush", "sign_red", "clock_face"),
    *("bark", "brick", "roof_tiles", "car_paint", "tyre", "window_glass", "worn_paint"),
    *("plaster", "concrete", "book_cover", "pages", "package_print", "shipping_carton"),
    *("label_print", "phone_screen", "computer_screen", "football", "basketball", "tennis_ball"),
    *("beach_ball", "banana", "tableware", "bottle_glass", "clear_glass"),
}
TAGS = {
    *(
        "tabletop",
        "kitchen",
        "office",
        "toy",
        "tool",
        "food",
        "packaging",
        "bathroom",
        "decor",
        "room",
    ),
    *("furniture", "outdoor", "aerial", "vehicle", "garden", "rooted", "crown"),
}
SIZES = {
    # class: (lowest, highest) height, (lowest, highest) longest horizontal side, metres
    "apple": ((0.050, 0.115), (0.060, 0.095)),
    "backpack": ((0.43, 0.61), (0.27, 0.46)),
    "ball": ((0.040, 0.085), (0.040, 0.085)),
    "banana": ((0.024, 0.042), (0.110, 0.205)),
    "bench": ((0.7, 0.91), (1.15, 1.95)),
    "bin": ((0.44, 1.14), (0.25, 0.85)),
    "book": ((0.014, 0.046), (0.150, 0.236)),
    "bookcase": ((1.09, 2.11), (0.595, 1.105)),
    "bottle": ((0.150, 0.281), (0.037, 0.105)),
    "bowl": ((0.030, 0.110), (0.108, 0.192)),
    "box": ((0.045, 0.191), (0.054, 0.161)),
    "building_block": ((0.004, 0.026), (0.0155, 0.102)),
    "cake_slice": ((0.078, 0.128), (0.089, 0.129)),
    "can": ((0.085, 0.136), (0.050, 0.088)),
    "candle": ((0.050, 0.162), (0.034, 0.084)),
    "car": ((1.38, 1.66), (3.75, 4.82)),
    "carrot": ((0.024, 0.065), (0.122, 0.322)),
    "cell_phone": ((0.008, 0.013), (0.136, 0.174)),
    "chair": ((0.76, 1.09), (0.37, 0.71)),
    "clock": ((0.097, 0.404), (0.068, 0.413)),
    "computer_mouse": ((0.030, 0.049), (0.094, 0.131)),
    "couch": ((0.8, 0.96), (1.4, 2.75)),
    "cup": ((0.051, 0.084), (0.080, 0.225)),
    "donut": ((0.023, 0.046), (0.075, 0.107)),
    "fire_hydrant": ((0.6, 0.9), (0.26, 0.48)),
    "fork": ((0.009, 0.019), (0.161, 0.214)),
    "frying_pan": ((0.041, 0.095), (0.345, 0.521)),
    "hammer": ((0.023, 0.036), (0.25, 0.36)),
    "house": ((5.3, 12.3), (8.7, 14.5)),
    "keyboard": ((0.012, 0.038), (0.334, 0.476)),
    "knife": ((0.007, 0.019), (0.196, 0.343)),
    "lamp": ((0.37, 1.7), (0.27, 0.48)),
    "laptop": ((0.155, 0.290), (0.284, 0.429)),
    "microwave": ((0.26, 0.335), (0.43, 0.555)),
    "mug": ((0.079, 0.111), (0.085, 0.135)),
    "orange": ((0.054, 0.094), (0.062, 0.092)),
    "paper_cup": ((0.094, 0.167), (0.080, 0.098)),
    "pear": ((0.070, 0.145), (0.055, 0.085)),
    "pen": ((0.009, 0.017), (0.129, 0.153)),
    "plate": ((0.015, 0.040), (0.168, 0.280)),
    "potted_plant": ((0.233, 0.925), (0.105, 0.655)),
    "refrigerator": ((1.43, 1.97), (0.55, 1.0)),
    "remote": ((0.015, 0.024), (0.128, 0.222)),
    "scissors": ((0.007, 0.011), (0.126, 0.236)),
    "screwdriver": ((0.022, 0.04), (0.155, 0.285)),
    "spoon": ((0.009, 0.019), (0.116, 0.214)),
    "stapler": ((0.042, 0.073), (0.107, 0.171)),
    "stop_sign": ((1.75, 2.82), (0.58, 0.82)),
    "suitcase": ((0.53, 1.13), (0.27, 0.52)),
    "table": ((0.7, 0.78), (0.95, 1.95)),
    "teapot": ((0.070, 0.165), (0.130, 0.250)),
    "teddy_bear": ((0.158, 0.415), (0.13, 0.413)),
    "toothbrush": ((0.011, 0.023), (0.161, 0.199)),
    "toy_car": ((0.021, 0.092), (0.06, 0.172)),
    "traffic_cone": ((0.44, 0.94), (0.25, 0.68)),
    "tree": ((3.0, 10.8), (1.7, 9.6)),
    "tumbler": ((0.079, 0.146), (0.060, 0.090)),
    "tv": ((0.34, 0.88), (0.52, 1.3)),
    "umbrella": ((0.8, 1.0), (0.1, 1.26)),
    "vase": ((0.119, 0.261), (0.050, 0.190)),
    "wine_glass": ((0.149, 0.226), (0.053, 0.120)),
    "wrench": ((0.004, 0.0115), (0.135, 0.28)),
}
FEWEST = {"building_block": 250, "refrigerator": 300, "stop_sign": 300, "tv": 300}
"""Faces of what is plain: fewer than elsewhere."""
MOST = {
    **dict.fromkeys(("bookcase", "car", "couch", "house", "suitcase", "teddy_bear"), 20000),
    **{"toy_car": 20000, "tree": 30000},
}
"""Faces of what has many parts, or many leaves."""
HOLLOW = ("bowl", "mug", "plate", "tumbler", "vase", "wine_glass")

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
    assert set(CATALOGUE) == set(CLASSES) == set(SIZES)
    assert all(name == kind.name for name, kind in CLASSES.items())


@every_class
@few
@any_seed
def test_components_are_closed_and_face_outward(name, seed):
    mesh = make(name, seed)
    assert all_closed(mesh)
    assert FEWEST.get(name, 500) <= len(mesh.faces) <= MOST.get(name, 8000)
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


@every_class
@few
@any_seed
def test_sizes_are_metric_and_the_object_stands_on_the_ground(name, seed):
    low, high = make(name, seed).bounds()
    size = high - low
    tall, wide = SIZES[name]
    assert low[2] == 0.0
    assert tall[0] <= size[2] <= tall[1]
    assert wide[0] <= size[:2].max() <= wide[1]
    # The origin is below the object, not beside it.
    assert np.all(np.abs(low + high)[:2] < 0.5 * size[:2])


@every_class
@few
@any_seed
def test_uv_is_finite_metric_and_never_collapsed(name, seed):
    mesh = make(name, seed)
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
def test_slots_match_the_catalogue(name):
    entry = CATALOGUE[name]
    optional = {"keypoints", "symmetries", "aliases"}
    assert set(entry) - optional == {"description", "density", "friction", "tags", "slots"}
    assert entry["tags"]
    assert set(entry["tags"]) <= TAGS
    assert 50 < entry["density"] < 8000
    assert 0.1 < entry["friction"] < 1.5
    assert all(kinds and set(kinds) <= KINDS for kinds in entry["slots"].values())
    for seed in range(6):
        mesh = make(name, seed)
        assert mesh.slots == tuple(entry["slots"])
        assert set(mesh.slot) == set(range(len(mesh.slots)))


@every_class
@few
@any_seed
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
def test_draws_differ_between_seeds(name):
    meshes = [make(name, seed) for seed in range(5)]
    assert len({mesh.vertices.tobytes() for mesh in meshes}) == 5
    sizes = np.array([np.ptp(mesh.bounds(), axis=0) for mesh in meshes])
    assert np.ptp(sizes, axis=0).max() > 0.003


@every_class
@few
@any_seed
def test_pieces_fill_the_object(name, seed):
    mesh = make(name, seed)
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


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"bottle", "tree"}))
def test_pieces_do_not_stick_out(name):
    # A bottle is left out: its pieces fill the inside that its cap closes. A tree's fill its crown,
    # which is air between leaves.
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
    mesh = make(name, seed)
    top = mesh.bounds()[1, 2]
    axis = mesh.vertices[np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1]) < 1e-9]
    floor = axis[:, 2].max()
    assert 0.001 < floor < 0.65 * top  # that of a wine glass is the highest
    air = np.linspace(floor + 0.002, top, 9)[:, None] * (0, 0, 1)
    assert outside(air, mesh).min() > 0
    assert outside(np.array([[0.0, 0.0, floor - 0.001]]), mesh).max() < 0


@pytest.mark.parametrize("seed", range(8))
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


def test_sources_never_touch_global_random_state():
    folder = Path(__file__).parents[2] / "simgen" / "assets" / "parametric"
    for source in folder.glob("*.py"):
        text = source.read_text(encoding="utf-8")
        assert "import random" not in text
        assert "default_rng" not in text
        assert "np.random." not in text.replace("np.random.Generator", ""), source.name


def test_aliases_are_plain_names_each_of_one_class() -> None:
    aliases = [alias for entry in CATALOGUE.values() for alias in entry.get("aliases", ())]
    assert len(set(aliases)) == len(aliases) > 40
    assert not set(aliases) & set(CLASSES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", alias) for alias in aliases)
