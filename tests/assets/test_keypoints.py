"""Keypoints and parts of meshes: where they lie, where they come from, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_files import load, read

from simgen.assets import objtext
from simgen.assets.classes import CLASSES
from simgen.assets.folder import scan
from simgen.assets.library import Library
from simgen.config import AssetsConfig
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData
from simgen.spec.scene import AssetRef

NOT_ON_THE_SURFACE = {"rim_centre"}
TWO = "points: {tip: [0.1, 0.2, 0.3], foot: [0, 0, -1]}\nskeleton: [[tip, foot]]\n"


def draw(name: str, seed: int) -> MeshData:
    kind = CLASSES[name]
    return kind.build(kind.draw(np.random.Generator(np.random.PCG64(seed))))


def distance_to(mesh: MeshData, point: np.ndarray) -> float:
    """Metres from a point to the nearest triangle, found in millimetres: trimesh's limits are
    absolute."""
    triangles = 1000 * mesh.vertices[mesh.faces]
    points = np.tile(1000 * point, (len(triangles), 1))
    near = trimesh.triangles.closest_point(triangles, points)
    return float(np.linalg.norm(near - points, axis=1).min()) / 1000


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"ball"}))
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
@pytest.mark.corpus(5)
def test_keypoints_lie_on_the_mesh_and_can_be_seen(name: str, seed: int) -> None:
    mesh = draw(name, seed)
    caster = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).ray
    directions = np.random.default_rng(0).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for keypoint, place in mesh.keypoints.items():
        point = np.array(place)
        if keypoint not in NOT_ON_THE_SURFACE:
            assert distance_to(mesh, point) < 1e-5, keypoint
        if keypoint == "rim_centre" and len(mesh.slots) > 1:
            continue  # food covers it
        free = ~caster.intersects_any(point + 0.001 * directions, directions)
        assert free.mean() > 0.1, f"{keypoint} is buried"


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"ball"}))
@pytest.mark.corpus(20)
def test_all_members_of_a_class_have_the_same_keypoints(name: str) -> None:
    first, second = draw(name, 1), draw(name, 2)
    assert list(first.keypoints) == list(second.keypoints)
    assert first.skeleton == second.skeleton != ()
    assert len({*first.skeleton}) == len(first.skeleton)


@pytest.mark.exhaustive
def test_the_catalogue_lists_them() -> None:
    path = Path(__file__).parents[2] / "assets" / "catalogue.yaml"
    catalogue = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in CLASSES:
        assert catalogue[name].get("keypoints", []) == list(draw(name, 0).keypoints)


def test_names_say_where_the_points_are() -> None:
    mug, chair, teapot = (draw(name, 3).keypoints for name in ("mug", "chair", "teapot"))
    assert mug["handle_top"][2] > mug["handle_middle"][2] > mug["handle_bottom"][2]
    assert mug["handle_middle"][0] == pytest.approx(draw("mug", 3).vertices[:, 0].max(), abs=1e-3)
    assert mug["rim_front"][1] < 0 < mug["rim_back"][1]
    assert mug["rim_left"][0] < 0 < mug["rim_right"][0]
    assert chair["seat_front_left"][1] < chair["seat_back_left"][1]
    assert chair["foot_back_right"][0] > 0 == chair["foot_back_right"][2]
    assert chair["back_top_right"][2] > 0.9 * draw("chair", 3).vertices[:, 2].max()
    assert teapot["spout_tip"][0] > 0 > teapot["handle_middle"][0]
    assert teapot["knob_top"][2] == pytest.approx(draw("teapot", 3).vertices[:, 2].max())


def write(folder: Path, file: str, text: str | bytes) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        write(tmp_path, f"lamp/{name}.stl", trimesh.creation.box((1, 2, 3)).export(file_type="stl"))
    return tmp_path


def test_a_file_of_its_own_comes_before_that_of_the_class(folder: Path) -> None:
    write(folder, "lamp/keypoints.yaml", "points: {all: [0, 0, 0]}")
    write(folder, "lamp/a.keypoints.yaml", TWO)
    mesh = load(folder, "lamp/a.stl", 0.01, "y")
    # y up: (x, y, z) becomes (x, -z, y), and a unit is a centimetre.
    assert mesh.keypoints["tip"] == pytest.approx((0.001, -0.003, 0.002))
    assert mesh.skeleton == (("tip", "foot"),)
    assert list(load(folder, "lamp/b.stl", 1.0, "z").keypoints) == ["all"]


def test_other_keypoints_are_another_asset(folder: Path) -> None:
    without = read(folder, "lamp/a.stl", 1.0, "z").sha256
    assert read(folder, "lamp/b.stl", 1.0, "z").sha256 == without
    write(folder, "lamp/a.keypoints.yaml", TWO)
    asset = AssetRef("file", "lamp/a.stl", {}, "lamp/a.stl", without, 1.0, "z")
    with pytest.raises(AssetError, match="changed since"):
        Library(folder).mesh(asset)
    (first, second) = scan(folder, AssetsConfig()).assets
    assert first.sha256 != second.sha256 == without
    drawn = AssetRef("file", "lamp/a.stl", {}, "lamp/a.stl", first.sha256, 1.0, "z")
    assert set(Library(folder).mesh(drawn).keypoints) == {"tip", "foot"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("points: [", "not valid YAML"),
        ("[1, 2]", r"found \[1, 2\], expected 'points'"),
        ("poinst: {a: [0, 0, 0]}", "the keys .*poinst"),
        ("points: {}", "1 to 500"),
        ("points: {a: [0, 0]}", r"points: a: found \[0, 0\], expected \[x, y, z\]"),
        ("points: {a: [0, 0, .nan]}", "points: a"),
        ("points: {a: [0, 0, true]}", "points: a"),
        ("points: {1: [0, 0, 0]}", "the name 1"),
        ("points: {a: [0, 0, 0]}\nskeleton: [[a, b]]", "skeleton: found 'b'"),
        ("points: {a: [0, 0, 0]}\nskeleton: [a]", "skeleton: found 'a', expected a pair"),
        ("points: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("[" * 5000, "not valid YAML"),
        ("#" * 70_000, "at most 65536"),
        (b"\xff\xfe\xfa", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder: Path, text: str | bytes, said: str) -> None:
    write(folder, "lamp/a.keypoints.yaml", text)
    found = scan(folder, AssetsConfig())
    assert [asset.id for asset in found.assets] == ["lamp/b.stl"]
    (skipped,) = found.skipped
    assert skipped.file == "lamp/a.stl"
    assert "\n" not in skipped.reason
    assert "a.keypoints.yaml" in skipped.reason
    with pytest.raises(AssetError, match=said):
        load(folder, "lamp/a.stl", 1.0, "z")


def test_a_link_out_of_the_folder_is_not_read(folder: Path, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "keypoints.yaml"
    outside.write_text(TWO)
    (folder / "lamp" / "keypoints.yaml").symlink_to(outside)
    with pytest.raises(AssetError, match="outside the asset folder"):
        load(folder, "lamp/a.stl", 1.0, "z")


def shifted(x: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[0, 3] = x
    return matrix


def test_nodes_of_a_glb_are_parts_of_one_instance(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    scene.add_geometry(trimesh.creation.box((1, 1, 1)), node_name="body", geom_name="box")
    wheel = trimesh.creation.icosphere(1, 0.25)
    turned = trimesh.transformations.rotation_matrix(np.pi / 2, (0, 0, 1)) @ shifted(3)
    scene.add_geometry(wheel, node_name="left", geom_name="wheel", transform=shifted(-2))
    scene.add_geometry(
        wheel, node_name="right", geom_name="wheel", transform=turned, parent_node_name="left"
    )
    write(tmp_path, "car/a.glb", scene.export(file_type="glb"))
    mesh = load(tmp_path, "car/a.glb", 1.0, "z")
    assert mesh.parts == ("body", "left", "right")
    centres = {
        name: mesh.vertices[np.unique(mesh.faces[mesh.part == number])].mean(axis=0)
        for number, name in enumerate(mesh.parts)
    }
    assert centres["body"] == pytest.approx([0, 0, 0], abs=1e-6)
    assert centres["left"] == pytest.approx([-2, 0, 0], abs=1e-6)
    assert centres["right"] == pytest.approx([-2, 3, 0], abs=1e-6)
    assert np.bincount(mesh.part).tolist() == [12, 80, 80]


def test_objects_and_groups_of_an_obj_are_parts(tmp_path: Path) -> None:
    lines = ["mtllib m.mtl", "v 9 9 9"]
    for z in range(4):
        lines += [f"v 0 0 {z}", f"v 1 0 {z}", f"v 0 1 {z}"]
    lines += ["o seat", "usemtl red", "f 2 3 4", "o leg_1", "f 5 6 7", "usemtl blue", "f 5 7 6"]
    lines += ["g foot", "f 8 9 10", "o seat", "g", "f 11 12 13"]
    write(tmp_path, "chair/a.obj", "\n".join(lines))
    write(tmp_path, "chair/m.mtl", "newmtl red\nKd 1 0 0\nnewmtl blue\nKd 0 0 1\n")
    mesh = load(tmp_path, "chair/a.obj", 1.0, "z")
    assert mesh.parts == ("seat", "leg_1", "leg_1/foot")
    height = mesh.vertices[mesh.faces][:, :, 2].mean(axis=1)
    found = {
        (float(z), mesh.parts[part], mesh.slots[slot])
        for z, part, slot in zip(height, mesh.part, mesh.slot, strict=True)
    }
    assert found == {
        (0.0, "seat", "red"),
        (1.0, "leg_1", "red"),
        (1.0, "leg_1", "blue"),
        (2.0, "leg_1/foot", "blue"),
        (3.0, "seat", "blue"),
    }


def test_a_file_without_parts_has_one_without_a_name(folder: Path) -> None:
    mesh = load(folder, "lamp/a.stl", 1.0, "z")
    assert mesh.parts == ("",)
    assert not mesh.part.any()


def test_a_group_for_every_face_is_no_part(tmp_path: Path) -> None:
    stream = io.StringIO("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    stream.seek(0, io.SEEK_END)
    for number in range(objtext.MOST_PARTS + 1):
        stream.write(f"g face{number}\nf 1 2 3\n")
    write(tmp_path, "many/a.obj", stream.getvalue())
    assert load(tmp_path, "many/a.obj", 1.0, "z").parts == ("",)


def test_parts_keep_their_names_where_they_share_a_material() -> None:
    mug = draw("mug", 0)
    assert mug.parts == ("body", "handle")
    assert mug.slots == ("body",), "the handle is of the body's material"
    # The mug stands about the z axis, and its handle alone reaches far out along x.
    middles = mug.vertices[mug.faces].mean(axis=1)
    handle = middles[mug.part == 1]
    assert handle[:, 0].max() > np.linalg.norm(middles[mug.part == 0], axis=1).max() * 0.5
    assert handle[:, 0].max() > middles[mug.part == 0][:, 0].max() + 0.01
