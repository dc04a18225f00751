"""`simgen assets add` on folders arranged as published libraries are: classes, sizes, axes,
textures, symmetries, licences; and damaged folders."""

from __future__ import annotations

import contextlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import library_folders as libraries
import numpy as np
import pytest
import trimesh
from mesh_files import read

from simgen.assets import baking, checking, entries, folder
from simgen.assets.entries import Axis, Entry, Symmetries
from simgen.assets.files import read_asset
from simgen.assets.importing import ImportOptions
from simgen.assets.layouts import registry
from simgen.assets.layouts.layout import licence
from simgen.commands.assets import actions
from simgen.errors import InputError
from simgen.formats.bop.models import in_model


class InThisProcess:
    """An examiner without the process of its own, whose start takes longer than a whole test."""

    examine = staticmethod(checking.examine)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "examiner", lambda: contextlib.nullcontext(InThisProcess()))


def add(source: Path, library: Path, **options: object) -> tuple[dict[str, Entry], list[str]]:
    """Import a folder; return its entries by id and the lines of output."""
    said: list[str] = []
    actions.add(source, library, ImportOptions(**options), False, said.append)  # type: ignore[arg-type]
    return {entry.id: entry for entry in entries.read(library)}, said


def test_bop_keeps_symmetries_axes_and_colours(tmp_path: Path) -> None:
    found, said = add(libraries.bop(tmp_path / "bop"), tmp_path / "lib")
    ape, eggbox = found["ape/obj_000001"], found["eggbox/obj_000010"]
    assert ape.size == (0.076, 0.078, 0.092)
    assert eggbox.size == (0.15, 0.107, 0.069)
    assert any("recognized the layout bop" in line for line in said)
    moved = list(map(float, libraries.HALF_TURN))
    moved[11] = 0.004
    assert eggbox.symmetries == Symmetries((Axis((0, 0, 1), (0.005, 0, 0)),), (tuple(moved),))
    assert in_model(eggbox.symmetries, 1.0, np.zeros(3)) == {
        "symmetries_discrete": [libraries.HALF_TURN],
        "symmetries_continuous": [{"axis": [0, 0, 1], "offset": [5.0, 0, 0]}],
    }
    mesh = read_asset(tmp_path / "lib", ape).mesh
    corners = mesh.vertices[mesh.faces]
    image = mesh.surfaces[0]
    assert image is not None
    assert image.image is not None
    height, width = image.image.shape[:2]
    for face, uv in zip(corners, mesh.uv, strict=True):
        for point, (u, v) in zip(face, uv, strict=True):
            texel = image.image[int((1 - v) * height), int(u * width), :3].tolist()
            assert texel == ([0, 0, 255] if point[0] > 0 else [255, 0, 0])
    textured = read_asset(tmp_path / "lib", eggbox).mesh.surfaces[0]
    assert textured is not None
    assert textured.image is not None
    assert textured.image[0, 0].tolist() == [200, 30, 30, 255]
    assert len(folder.load_all(tmp_path / "lib").assets) == 2


def test_a_scale_moves_symmetries_too(tmp_path: Path) -> None:
    found, _ = add(libraries.bop(tmp_path / "bop"), tmp_path / "lib", scale=2.0)
    symmetries = found["eggbox/obj_000010"].symmetries
    assert symmetries.continuous[0].offset == (0.01, 0, 0)
    assert symmetries.discrete[0][11] == 0.008
    assert symmetries.discrete[0][:3] == (-1, 0, 0)


def test_bop_in_metres_as_hot3d(tmp_path: Path) -> None:
    """GLBs in metres beside a table in millimetres, with names."""
    models = tmp_path / "hot3d/object_models"
    libraries.glb(models / "obj_000001.glb", (0.07, 0.08, 0.12))
    content = {"1": libraries.info((70.004, 80.0, 120.003), name="Mug (white)")}
    libraries.json_file(models / "models_info.json", content)
    found, _ = add(tmp_path / "hot3d", tmp_path / "lib")
    entry = found["mug_white/obj_000001"]
    assert entry.unit == 1.0
    assert entry.size == (0.07, 0.08, 0.12)
    assert entry.up == "z"


def test_bop_names_its_faults(tmp_path: Path) -> None:
    models = libraries.bop(tmp_path / "bop") / "lm/models"
    table = json.loads((models / "models_info.json").read_text())
    table["2"] = libraries.info((1.0, 2.0, 3.0))
    table["1"]["symmetries_discrete"] = [[2.0] * 16]
    table["10"]["size_y"] = "wide"
    libraries.json_file(models / "models_info.json", table)
    libraries.colored_ply(models / "obj_000007.ply", (9.0, 9.0, 9.0))
    said = add(tmp_path / "bop", tmp_path / "lib")[1]
    assert "models/1: not imported: symmetries_discrete: expected rigid 4 x 4" in "\n".join(said)
    assert any(line.startswith("models/10: not imported: size_x, size_y, size_z") for line in said)
    assert "models/2: not imported: models_info.json lists it, but there is no" in "\n".join(said)
    assert "models/obj_000007.ply: not imported: models_info.json does not list it" in said


def test_gso_finds_textures_categories_and_licences(tmp_path: Path) -> None:
    libraries.gso(tmp_path / "gso", "Nintendo_Mario", "Action Figures")
    libraries.gso(tmp_path / "gso", "Big_Bowl", "None")
    found, _ = add(tmp_path / "gso", tmp_path / "lib")
    assert set(found) == {"action_figures/nintendo_mario", "big_bowl/big_bowl"}
    entry = found["big_bowl/big_bowl"]
    assert (entry.size, entry.up, entry.licence) == ((0.1, 0.2, 0.3), "z", "CC-BY-4.0")
    surface = read_asset(tmp_path / "lib", entry).mesh.surfaces[0]
    assert surface is not None
    assert surface.image is not None
    assert surface.image[0, 0].tolist() == [200, 30, 30, 255]
    assert not (tmp_path / "gso/Big_Bowl/meshes/texture.png").exists()


def test_an_archive_of_a_model_gives_it_its_name(tmp_path: Path) -> None:
    libraries.gso(tmp_path / "gso", "x")
    with zipfile.ZipFile(tmp_path / "Red_Mug.zip", "w") as archive:
        for path in (tmp_path / "gso/x").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "gso/x"))
    found, _ = add(tmp_path / "Red_Mug.zip", tmp_path / "lib")
    assert set(found) == {"red_mug/red_mug"}
    libraries.bop(tmp_path / "bop")
    with zipfile.ZipFile(tmp_path / "lm_models.zip", "w") as archive:
        for path in (tmp_path / "bop/lm/models").iterdir():
            archive.write(path, f"models/{path.name}")
    found, _ = add(tmp_path / "lm_models.zip", tmp_path / "lib2")
    assert set(found) == {"ape/obj_000001", "eggbox/obj_000010"}


def test_ycb_takes_the_smallest_scan(tmp_path: Path) -> None:
    found, said = add(libraries.ycb(tmp_path / "ycb"), tmp_path / "lib")
    assert set(found) == {"master_chef_can/002_master_chef_can", "cups/065-a_cups"}
    assert found["cups/065-a_cups"].size == (0.1, 0.1, 0.14)
    assert any(line.startswith("013_apple: not imported: it has no mesh") for line in said)


def test_shapenet_gets_the_size_of_its_class(tmp_path: Path) -> None:
    found, _ = add(libraries.shapenet(tmp_path / "shapenet"), tmp_path / "lib")
    mug = found["mug/model_of_03797390"]
    assert max(mug.size) == pytest.approx(0.1186, rel=1e-3)
    x, y, z = 0.48, 0.6, 0.64
    assert np.array(mug.size) / max(mug.size) == pytest.approx(np.array([x, z, y]) / z, rel=1e-3)
    assert mug.uses[0].endswith("images/texture0.jpg")
    assert "give --scale" in found["gizmo/model_of_09999999"].notes[-1]
    one = tmp_path / "shapenet/03797390"
    assert set(add(one, tmp_path / "lib2")[0]) == {"mug/model_of_03797390"}


def test_objaverse_has_classes_of_lvis_and_licences(tmp_path: Path) -> None:
    found, said = add(libraries.objaverse(tmp_path / ".objaverse"), tmp_path / "lib")
    mug, other = found[f"mug/{'a' * 32}"], found[f"food_drink/{'b' * 32}"]
    assert (mug.name, mug.author, mug.licence) == ("My mug", "Ann", "CC-BY-4.0")
    assert max(mug.size) == pytest.approx(0.1186, rel=1e-3)
    assert other.licence == "CC0-1.0"
    assert "unit guessed: 0.1 m" in other.notes[0]
    assert any("its class is unknown" in line and "--class" in line for line in said)
    given, _ = add(tmp_path / ".objaverse", tmp_path / "lib2", class_name="thing")
    assert {entry.class_name for entry in given.values()} == {"thing"}
    assert len(given) == 3


def test_abo_reads_its_listings(tmp_path: Path) -> None:
    found, said = add(libraries.abo(tmp_path / "abo"), tmp_path / "lib")
    chair = found["office_chair/b0a"]
    assert (chair.name, chair.licence, chair.size) == ("A", "CC-BY-4.0", (0.5, 0.5, 0.9))
    assert any(line.startswith("B0B: not imported: its class is unknown") for line in said)


def test_partnet_is_one_mesh_in_its_rest_pose_with_parts(tmp_path: Path) -> None:
    found, _ = add(libraries.partnet(tmp_path / "partnet"), tmp_path / "lib")
    entry = found["kitchen_pot/100015"]
    # 0.4 deep, 0.5 wide, 0.8 + 0.1 high; the usual size of a pot is 0.3 m.
    assert entry.size == pytest.approx([0.4 / 3, 0.5 / 3, 0.3], abs=1e-5)
    mesh = read_asset(tmp_path / "lib", entry).mesh
    assert mesh.parts == ("lid", "body")
    heights = [mesh.vertices[mesh.faces[mesh.part == part]][..., 2] for part in (0, 1)]
    assert (heights[0].max(), heights[1].min()) == pytest.approx((0.3, 0.0), abs=1e-5)
    assert (heights[0].min(), heights[1].max()) == pytest.approx((0.8 / 3, 0.8 / 3), abs=1e-5)
    surface = mesh.surfaces[0]
    assert surface is not None
    assert surface.image is not None


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("mobility.urdf", "<!DOCTYPE x [<!ENTITY a 'b'>]><robot/>", "document type"),
        ("mobility.urdf", "<robot", "not valid XML"),
        ("mobility.urdf", "<robot/>", "found 0 visual meshes"),
        ("textured_objs/original-1.obj", "v 0 0\nf 1 2 3\n", "expected OBJ"),
        ("textured_objs/original-1.obj", None, "does not exist in the folder"),
        ("meta.json", "{}", "its class is unknown"),
        ("meta.json", "[" * 100_000, "not valid JSON"),
    ],
)
def test_partnet_names_its_faults(
    tmp_path: Path, file: str, content: str | None, reason: str
) -> None:
    path = libraries.partnet(tmp_path / "partnet") / "100015" / file
    path.unlink() if content is None else path.write_text(content)
    said = add(tmp_path / "partnet", tmp_path / "lib")[1]
    assert any(line.startswith("100015: not imported: ") and reason in line for line in said)


def test_nothing_outside_a_library_is_read(tmp_path: Path) -> None:
    libraries.write(tmp_path / "secret.obj", libraries.obj_text((1, 1, 1), "x.mtl"))
    root = libraries.partnet(tmp_path / "partnet") / "100015"
    text = (root / "mobility.urdf").read_text().replace("textured_objs/", "../../")
    (root / "mobility.urdf").write_text(text.replace("original-1", "secret"))
    assert "does not exist in the folder" in "\n".join(add(tmp_path / "partnet", tmp_path / "a")[1])
    libraries.ycb(tmp_path / "ycb")
    scan = tmp_path / "ycb/002_master_chef_can/google_16k/textured.obj"
    scan.unlink()
    scan.symlink_to(tmp_path / "secret.obj")
    assert "a link to a target outside" in "\n".join(add(tmp_path / "ycb", tmp_path / "b")[1])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("bop", libraries.bop),
        ("gso", lambda folder: libraries.gso(folder, "Mug")),
        ("ycb", libraries.ycb),
        ("shapenet", libraries.shapenet),
        ("objaverse", libraries.objaverse),
        ("abo", libraries.abo),
        ("partnet", libraries.partnet),
    ],
)
def test_each_layout_is_recognized_as_no_other(
    tmp_path: Path, name: str, make: Callable[[Path], Path]
) -> None:
    make(tmp_path / "any/where")
    holding = {
        each for each, layout in registry.LAYOUTS.items() if layout.find(tmp_path / "any/where")
    }
    assert holding == {name}
    assert registry.detect(tmp_path / "any/where", registry.PLAIN) is None


def test_large_libraries_are_found_whole_with_their_damaged_models(tmp_path: Path) -> None:
    for number in range(250):
        libraries.write(tmp_path / f"sapien/dataset/{number}/mobility.urdf", "<robot/>")
    libraries.write(tmp_path / "sapien/dataset/x/semantics.txt", "")
    layout, places = registry.detect(tmp_path / "sapien", registry.AUTO) or pytest.fail("none")
    assert (layout.name, len(places)) == ("partnet", 251)
    libraries.gso(tmp_path / "gso", "Mug")
    libraries.write(tmp_path / "gso/Bowl/model.config", "")
    said = add(tmp_path / "gso", tmp_path / "lib")[1]
    assert "Bowl: not imported: it has no meshes/model.obj; download it again" in said


def test_tables_of_the_same_name_without_models_are_no_layout(tmp_path: Path) -> None:
    libraries.json_file(tmp_path / "models/models_info.json", {"resnet": {"size": 3}})
    libraries.glb(tmp_path / "models/chair.glb", (1, 1, 1))
    libraries.write(tmp_path / "original/readme.txt", "")
    libraries.write(tmp_path / "12345678/a.obj", "")
    libraries.write(tmp_path / "glbs/a.glb", "")
    libraries.write(tmp_path / "mug/meshes/model.obj", "")
    assert registry.detect(tmp_path, registry.AUTO) is None


def test_plain_folders_have_no_layout(tmp_path: Path) -> None:
    libraries.write(tmp_path / "mug/a.obj", libraries.obj_text((0.1, 0.1, 0.1), "a.mtl"))
    assert registry.detect(tmp_path, registry.AUTO) is None
    assert set(add(tmp_path, tmp_path / "lib")[0]) == {"mug/a"}
    with pytest.raises(InputError, match=r"layout 'gso'; expected NAME/meshes/model\.obj"):
        add(tmp_path, tmp_path / "lib2", layout="gso")


def test_damaged_tables_are_one_line(tmp_path: Path) -> None:
    libraries.bop(tmp_path / "bop")
    (tmp_path / "bop/lm/models/models_info.json").write_text('{"1": ')
    said = add(tmp_path / "bop", tmp_path / "a")[1]
    assert any("models_info.json: not valid JSON" in line for line in said)
    libraries.objaverse(tmp_path / "o")
    table = tmp_path / "o/hf-objaverse-v1/lvis-annotations.json.gz"
    table.write_bytes(table.read_bytes()[:20])
    said = add(tmp_path / "o", tmp_path / "b")[1]
    assert any("lvis-annotations.json.gz: cannot be read" in line for line in said)
    shutil.rmtree(tmp_path / "bop/lm/models_eval")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by", "CC-BY-4.0"),
        ("by-nc-sa", "CC-BY-NC-SA-4.0"),
        ("cc0", "CC0-1.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial 3.0", "CC-BY-NC-3.0"),
        ("All rights  reserved", "All rights reserved"),
        ("", ""),
    ],
)
def test_licences_become_identifiers(text: str, expected: str) -> None:
    assert licence(text) == expected


def test_colours_in_a_texture_are_those_at_the_vertices(tmp_path: Path) -> None:
    """At points within the faces too: the texture interpolates between the corners."""
    sphere = trimesh.creation.icosphere(subdivisions=2, radius=50.0)
    colors = np.clip(128 + 2.5 * sphere.vertices, 0, 255).astype(np.uint8)
    sphere.visual.vertex_colors = np.hstack([colors, np.full((len(colors), 1), 255, np.uint8)])
    libraries.write(tmp_path / "a/ball.ply", sphere.export(file_type="ply"))
    assert "written to a texture" in baking.bake(tmp_path / "a/ball.ply", tmp_path / "a/ball.glb")
    mesh = read(tmp_path, "a/ball.glb", 0.001, "z").mesh
    surface = mesh.surfaces[0]
    assert surface is not None
    assert surface.image is not None
    assert len(mesh.vertices) == len(sphere.vertices)
    height, width = surface.image.shape[:2]
    inside = np.array([0.5, 0.3, 0.2])
    points = 1000.0 * np.einsum("k,fkd->fd", inside, mesh.vertices[mesh.faces])
    u, v = np.einsum("k,fkd->df", inside, mesh.uv)
    texels = surface.image[((1 - v) * height).astype(int), (u * width).astype(int), :3]
    assert np.abs(texels.astype(float) - (128 + 2.5 * points)).max() < 8.0


def test_a_single_colour_is_no_texture(tmp_path: Path) -> None:
    box = libraries.box_mesh((0.1, 0.1, 0.1))
    box.visual.vertex_colors = [10, 20, 30, 255]
    libraries.write(tmp_path / "box.ply", box.export(file_type="ply"))
    assert baking.bake(tmp_path / "box.ply", tmp_path / "box.glb") == ""
