"""Which parts of a stage are members of a built-in class, or would be taken for one."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
import trimesh
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from trimesh.ray.ray_pyembree import RayMeshIntersector

from assets.test_parametric import CATALOGUE
from scenes import checks
from simgen.assets.classes import CLASSES
from simgen.geometry.transforms import rotation_about
from simgen.stages.registry import stage_names
from simgen.stages.stage import StagePart

SCENES = {
    **{"room": range(30), "shelf": range(30), "tabletop": range(30), "bin": range(12)},
    **{"outdoor": range(12), "aerial": range(3), "flying": range(6)},
    **{"forest": range(2), "kitchen": range(16), "desk": range(20)},
    **{"meal": range(20)},
}
OF_NO_CLASS = {
    *("backdrop", "floor", "ceiling", "rug", "wall", "wall_wall", "wall_window", "wall_curtain"),
    *("wall_door", "wall_picture", "wall_furniture", "hung", "mats", "runner", "conveyor"),
    "napkins",
    # Furniture that is not taken for a table, a bookcase or a couch.
    *("counter", "nightstand", "sideboard"),
    # Ground and what lies or stands on it. A single blade of grass is no plant to anybody.
    *("lawn", "path", "pavement", "kerb", "road", "square", "terrace", "beside_terrace", "yard"),
    *("marks", "bays", "beds", "soil", "field_a", "field_b", "lawn_a", "lawn_b", "tufts", "fallen"),
    *("edge", "median"),  # a fence, or a wall; grass between lanes
    *("ground", "patch", "log"),
    *("paint", "shelter", "kiosk", "cabinet", "bicycles", "pole"),
}
"""Kinds of parts: their names without numbers. A new kind has a class, or is decided on here."""
MADE_OF_SEVERAL = {
    # Many of a class in one mesh.
    *("bookcase_books", "shelf_books", "goods"),
    # What only looks like a member, or merges with its neighbours.
    *("bin", "bush", "hedge", "far_tree", "house", "ceiling_lamp", "lamp", "shelf", "cloth"),
    *("table", "round_mats", "street_tree", "perimeter", "skyline_tree", "skyline_house"),
}
"""Kinds that are a crowd in some scene."""
PLAUSIBLE = 2.5
"""Factor by which a furnishing may leave the sizes of its class: coffee tables are low, palms are
wide, and the door of a refrigerator is open."""
JOINT = 0.03
"""Largest gap between pieces of a thing, over its largest extent."""

every_stage = pytest.mark.parametrize("name", sorted(SCENES))


def kind_of(part: StagePart) -> str:
    return re.sub(r"_?\d+", "", part.name)


def labelled(name: str) -> list[tuple[int, StagePart]]:
    """The parts that are to be instances, each shape once, with their scene."""
    found = {
        (id(part.mesh), part.heading): (scene, part)
        for scene in SCENES[name]
        for part in checks.built(name, scene)
        if part.class_name and not part.crowd
    }
    return list(found.values())


def own(part: StagePart) -> np.ndarray:
    """`n x 3` vertices along the part's own axes."""
    return np.asarray(part.mesh.vertices @ rotation_about([0.0, 0.0, part.heading]))


def test_all_stages_are_looked_at() -> None:
    assert set(SCENES) == set(stage_names())


@every_stage
@pytest.mark.exhaustive
def test_a_parts_class_is_a_built_in_one(name: str) -> None:
    for scene in SCENES[name]:
        for part in checks.built(name, scene):
            assert part.class_name in ("", *CLASSES), part.name
            assert part.class_name or not part.crowd, part.name


@pytest.mark.exhaustive
def test_of_every_kind_of_part_it_is_decided_whether_it_has_a_class() -> None:
    parts = [part for name in SCENES for n in SCENES[name] for part in checks.built(name, n)]
    assert {kind_of(part) for part in parts if not part.class_name} == OF_NO_CLASS
    assert not {kind_of(part) for part in parts if part.class_name} & OF_NO_CLASS
    assert {kind_of(part) for part in parts if part.crowd} == MADE_OF_SEVERAL


@every_stage
@pytest.mark.corpus(2)
def test_a_labelled_part_is_one_thing_of_a_plausible_size(name: str) -> None:
    for scene, part in labelled(name):
        size = np.ptp(own(part), axis=0)
        usual = CATALOGUE[part.class_name]["size"]
        tall, wide = usual["height"], usual["length"]
        assert tall[0] / PLAUSIBLE < size[2] < tall[1] * PLAUSIBLE, (scene, part.name)
        assert wide[0] / PLAUSIBLE < max(size[:2]) < wide[1] * PLAUSIBLE, (scene, part.name)
        assert hangs_together(own(part), part.mesh.faces), (scene, part.name)


def hangs_together(vertices: np.ndarray, faces: np.ndarray) -> bool:
    """Whether the boxes around the connected components form one group, but for gaps of
    `JOINT`."""
    edges = faces[:, [0, 1, 1, 2]].reshape(-1, 2)
    links = coo_matrix((np.ones(len(edges)), edges.T), shape=(len(vertices),) * 2)
    count, label = connected_components(links)
    low, high = np.full((2, count, 3), np.inf)
    np.minimum.at(low, label, vertices)
    np.minimum.at(high, label, -vertices)
    high = -high + JOINT * np.ptp(vertices, axis=0).max()
    near = np.ones((count, count), bool)
    for axis in range(3):
        near &= low[:, None, axis] <= high[None, :, axis]
    groups, _ = connected_components(near & near.T)
    return bool(groups == 1)


@every_stage
@pytest.mark.corpus(2)
def test_a_labelled_part_stands_on_floor_or_ground(name: str) -> None:
    for scene, part in labelled(name):
        vertices = part.mesh.vertices + np.array(part.position)
        lowest = vertices[vertices[:, 2] < vertices[:, 2].min() + 0.005].mean(axis=0)
        start = lowest + [0.0, 0.0, 0.2]
        (found, *_) = ground(name, scene).intersects_location(
            start[None], [[0.0, 0.0, -1.0]], multiple_hits=False
        )
        assert len(found), (scene, part.name)
        assert abs(found[0, 2] - lowest[2]) < 0.12, (scene, part.name)  # trunks reach below


@cache
def ground(name: str, scene: int) -> RayMeshIntersector:
    """All that things may stand on, a desk too: blades of grass reach above it."""
    built = checks.built(name, scene)
    parts = tuple(
        p for p in built if p.class_name in ("", "table") and not p.name.startswith("tufts")
    )
    return RayMeshIntersector(checks.whole(parts))


@every_stage
@pytest.mark.corpus(2)
def test_headings_are_along_a_parts_sides(name: str) -> None:
    """Turned any further, a part takes up more of the floor, but for round ones."""
    for scene, part in labelled(name):
        if part.class_name in ("couch", "table", "bookcase", "refrigerator", "house"):
            vertices = own(part)
            area = float(np.prod(np.ptp(vertices, axis=0)[:2]))
            for turn in (-0.2, -0.05, 0.05, 0.2):
                other = vertices @ rotation_about([0.0, 0.0, turn])
                assert float(np.prod(np.ptp(other, axis=0)[:2])) > 0.97 * area, (scene, part.name)


FRONTED = ("chair", "couch", "bookcase", "refrigerator", "house")
"""Classes whose fronts are told from their backs by what is there."""


def faces_ahead(class_name: str, part: StagePart) -> bool:
    """Whether the front of a thing is at -y of its own axes, as that of the built-in classes is."""
    vertices = own(part)
    middle = vertices.min(axis=0) + np.ptp(vertices, axis=0) / 2
    height = vertices[:, 2] - vertices[:, 2].min()
    if class_name in ("chair", "couch"):  # the back rises at the back
        top = vertices[height > 0.85 * height.max(), 1]
        return bool(top.min() + top.max() > 2 * middle[1])
    if class_name == "house":
        door = part.mesh.faces[part.mesh.slot == part.mesh.slots.index("door")]
        return bool(vertices[door.ravel(), 1].mean() < middle[1])
    # A back is flat and closed, a front is not.
    return (
        depths(vertices, part.mesh.faces, 1.0).std() > depths(vertices, part.mesh.faces, -1.0).std()
    )


def depths(vertices: np.ndarray, faces: np.ndarray, way: float) -> np.ndarray:
    """How far rays along y (`way` 1: from the front) get into a thing."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    shares = np.linspace(0.07, 0.93, 41)
    x, z = (v.ravel() for v in np.meshgrid(*(low[a] + shares * (high - low)[a] for a in (0, 2))))
    start = np.column_stack([x, np.full(len(x), (low if way > 0 else high)[1] - way), z])
    solid = RayMeshIntersector(trimesh.Trimesh(vertices, faces, process=False))
    ahead = np.tile([0.0, way, 0.0], (len(start), 1))
    found, *_ = solid.intersects_location(start, ahead, multiple_hits=False)
    assert len(found) > 200
    return np.asarray(found[:, 1])


@pytest.mark.parametrize("class_name", FRONTED)
@pytest.mark.parametrize("seed", range(6))
def test_the_front_of_built_in_things_is_told(class_name: str, seed: int) -> None:
    shape = CLASSES[class_name].build(CLASSES[class_name].draw(np.random.default_rng(seed)))
    assert faces_ahead(class_name, StagePart("thing", shape, (0.0, 0.0, 0.0)))
    assert not faces_ahead(class_name, StagePart("thing", shape, (0.0, 0.0, 0.0), heading=np.pi))


@pytest.mark.exhaustive
def test_fronts_are_where_those_of_the_built_in_classes_are() -> None:
    seen = set()
    for name in SCENES:
        for scene, part in labelled(name):
            if part.class_name in FRONTED:
                assert faces_ahead(part.class_name, part), (name, scene, part.name)
                seen.add((part.class_name, kind_of(part)))
    assert {kind for _, kind in seen} == {
        *("armchair", "bookcase", "chair", "house", "refrigerator", "shelf", "sofa")
    }
    assert {class_name for class_name, _ in seen} == set(FRONTED)
