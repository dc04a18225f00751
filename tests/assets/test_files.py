"""The user's own mesh folder: what is read, how it is converted, and what is refused and how."""

from __future__ import annotations

import io
import json
import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import trimesh
from mesh_files import load, read
from PIL import Image
from trimesh.visual.material import PBRMaterial
from trimesh.visual.texture import TextureVisuals

from simgen.assets import files, images
from simgen.assets.folder import scan
from simgen.config import AssetsConfig
from simgen.errors import AssetError, InputError

QUAD_UV = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
MTL = "newmtl painted\nKd 0.5 0.25 1.0\nd 0.5\nNs 250\nillum 2\n"


def png(color: tuple[int, ...] = (200, 10, 30), size: tuple[int, int] = (4, 2)) -> bytes:
    """A one-coloured image whose top left pixel is white."""
    image = Image.new("RGB", size, color)
    image.putpixel((0, 0), (255, 255, 255))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def bomb(width: int = 60_000) -> bytes:
    """The header of a PNG that announces `width` squared pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 9) + b"IDAT" + bytes(13)


def obj_quad(extra: str = "", uv: bool = True) -> str:
    """An OBJ quad of 0.4 x 0.2 in its x-y plane; `extra` comes before the face."""
    corners = ["v 0 0 0", "v 0.4 0 0", "v 0.4 0.2 0", "v 0 0.2 0"]
    texture = [f"vt {u} {v}" for u, v in QUAD_UV] if uv else []
    face = "f 1/1 2/2 3/3 4/4" if uv else "f 1 2 3 4"
    return "\n".join([*corners, *texture, extra, face]) + "\n"


def box(side: float = 0.1) -> trimesh.Trimesh:
    return trimesh.creation.box((side, side, side))


def write(folder: Path, file: str, data: bytes | str) -> Path:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def reason(folder: Path, file: str, **options: object) -> str:
    """Why `scan` skips a file. A good one beside it keeps the folder usable."""
    write(folder, "good/box.stl", box().export(file_type="stl"))
    found = {item.file: item.reason for item in scan(folder, AssetsConfig(**options)).skipped}
    assert "\n" not in found[file]
    assert file not in found[file]
    return found[file]


def only(folder: Path, **options: object):
    (asset,) = scan(folder, AssetsConfig(**options)).assets
    return asset


def glb(tree: dict, binary: bytes = b"") -> bytes:
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<2I", len(text), 0x4E4F534A) + text
    if binary:
        chunks += struct.pack("<2I", len(binary), 0x004E4942) + binary
    return struct.pack("<3I", 0x46546C67, 2, 12 + len(chunks)) + chunks


def textured_glb(factor=(0.5, 0.25, 1.0, 1.0), **material) -> bytes:
    """A box, textured, hung twice into a scene with transforms."""
    mesh = box(0.2)
    image = Image.open(io.BytesIO(png()))
    surface = PBRMaterial(
        name="paint",
        baseColorTexture=image,
        baseColorFactor=np.array(factor),
        roughnessFactor=0.25,
        metallicFactor=0.0,
        **material,
    )
    mesh.visual = TextureVisuals(uv=mesh.vertices[:, :2] * 5 + 0.5, material=surface)
    scene = trimesh.Scene()
    scene.add_geometry(mesh, transform=trimesh.transformations.translation_matrix((0, 1, 0)))
    scene.add_geometry(mesh, transform=trimesh.transformations.translation_matrix((0, 0, 3)))
    return scene.export(file_type="glb")


# --- what is found -----------------------------------------------------------------------------


def test_scan_finds_every_format_below_its_class_in_order(tmp_path: Path) -> None:
    for suffix in ("obj", "glb", "ply", "STL"):
        write(tmp_path, f"mug/deep/a.{suffix}", box().export(file_type=suffix.lower()))
    gltf = box().export(file_type="gltf")
    for name, data in gltf.items():
        write(tmp_path, f"bowl/{name}", data)
    write(tmp_path, "mug/deep/a.txt", "not a mesh")
    write(tmp_path, "mug/.hidden.obj", "")
    write(tmp_path, ".git/x.obj", "")
    found = scan(tmp_path, AssetsConfig())
    assert found.skipped == ()
    assert [asset.id for asset in found.assets] == [
        "bowl/model.gltf",
        "mug/deep/a.STL",
        "mug/deep/a.glb",
        "mug/deep/a.obj",
        "mug/deep/a.ply",
    ]
    assert found.classes == ("bowl", "mug")
    assert {asset.triangles for asset in found.assets} == {12}
    assert [asset.up for asset in found.assets] == ["y", "z", "y", "y", "z"]
    for asset in found.assets:
        assert asset.size == pytest.approx((0.1, 0.1, 0.1))
        assert len(asset.sha256) == 64


def test_fingerprint_of_a_single_file_is_its_sha256(tmp_path: Path) -> None:
    import hashlib

    data = box().export(file_type="stl")
    write(tmp_path, "mug/a.stl", data)
    assert only(tmp_path).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("side_file", ["a.mtl", "skin.png"])
def test_fingerprint_changes_with_a_side_file_alone(tmp_path: Path, side_file: str) -> None:
    write(tmp_path, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(tmp_path, "mug/a.mtl", MTL + "map_Kd skin.png\n")
    write(tmp_path, "mug/skin.png", png())
    before = only(tmp_path).sha256
    assert only(tmp_path).sha256 == before
    write(tmp_path, "mug/unused.png", png((1, 2, 3)))
    assert only(tmp_path).sha256 == before
    changed = png((9, 9, 9)) if side_file == "skin.png" else MTL + "map_Kd skin.png\n# new\n"
    write(tmp_path, f"mug/{side_file}", changed)
    assert only(tmp_path).sha256 != before


# --- conversions -------------------------------------------------------------------------------


def test_unit_and_up_keep_the_files_frame(tmp_path: Path) -> None:
    write(tmp_path, "mug/a.obj", "v 10 20 30\nv 40 20 30\nv 10 20 50\nf 1 3 2\n")
    y_up = load(tmp_path, "mug/a.obj", 0.01, "y")
    np.testing.assert_allclose(y_up.vertices[0], (0.1, -0.3, 0.2))  # (x, -z, y), not centred
    z_up = load(tmp_path, "mug/a.obj", 0.01, "z")
    np.testing.assert_allclose(z_up.vertices[0], (0.1, 0.2, 0.3))
    np.testing.assert_array_equal(load(tmp_path, "mug/a.obj", 0.01, "auto").vertices, y_up.vertices)
    for mesh, up in ((y_up, (0, 0, 1)), (z_up, (0, 1, 0))):  # a turn keeps the winding
        a, b, c = mesh.vertices[mesh.faces[0]]
        normal = np.cross(b - a, c - a)
        np.testing.assert_allclose(normal / np.linalg.norm(normal), up, atol=1e-12)


@pytest.mark.parametrize("suffix", ["ply", "stl", "stl_ascii"])
def test_ply_and_stl_are_z_up(tmp_path: Path, suffix: str) -> None:
    tall = trimesh.creation.box((0.1, 0.1, 0.5))
    name = f"mug/a.{suffix[:3]}"
    data = tall.export(file_type=suffix)
    write(tmp_path, name, data)
    asset = only(tmp_path)
    assert asset.size == pytest.approx((0.1, 0.1, 0.5))
    assert asset.up == "z"
    mesh = load(tmp_path, name, 1.0, "auto")
    assert len(mesh.vertices) == 8  # STL repeats its corners: they are welded


def test_ascii_ply_with_polygons_is_triangulated(tmp_path: Path) -> None:
    header = "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\n"
    header += "property float z\nelement face 1\nproperty list uchar int vertex_indices\n"
    write(tmp_path, "mug/a.ply", header + "end_header\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n")
    assert only(tmp_path).triangles == 2


def test_mtl_colour_becomes_linear_and_alpha_and_roughness_are_read(tmp_path: Path) -> None:
    write(tmp_path, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(tmp_path, "mug/a.mtl", MTL)
    mesh = load(tmp_path, "mug/a.obj", 1.0, "auto")
    assert mesh.slots == ("painted",)
    (surface,) = mesh.surfaces
    assert surface.base_color == pytest.approx((0.2140411, 0.0508761, 1.0, 0.5), abs=1e-6)
    assert surface.roughness == pytest.approx(0.5)
    assert surface.metallic == 0.0
    assert surface.image is None


def test_obj_texture_and_uv(tmp_path: Path) -> None:
    write(tmp_path, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(tmp_path, "mug/a.mtl", MTL + "map_Kd -s 1 1 1 -clamp on tex\\my skin.png\n")
    write(tmp_path, "mug/tex/my skin.png", png())
    mesh = load(tmp_path, "mug/a.obj", 1.0, "auto")
    (surface,) = mesh.surfaces
    assert surface.image.shape == (2, 4, 4)
    assert surface.image.dtype == np.uint8
    assert surface.image[0, 0].tolist() == [255] * 4  # row 0 on top
    assert surface.image[1, 3].tolist() == [200, 10, 30, 255]
    assert surface.base_color == (1.0, 1.0, 1.0, 0.5)
    expected = {(0.0, 0.0): (0, 0, 0), (1.0, 0.0): (0.4, 0, 0), (1.0, 1.0): (0.4, 0, 0.2)}
    corners = dict(
        zip(
            map(tuple, mesh.uv.reshape(-1, 2).tolist()), mesh.vertices[mesh.faces.ravel()], strict=1
        )
    )
    for uv, position in expected.items():
        np.testing.assert_allclose(corners[uv], position, atol=1e-12)


def test_each_material_of_an_obj_gets_its_slot(tmp_path: Path) -> None:
    lines = "mtllib a.mtl\nusemtl red\nf 1 2 3\nusemtl blue\nf 1 3 4\nusemtl red\nf 1 2 4\n"
    corners = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
    write(tmp_path, "mug/a.obj", corners + lines)
    write(tmp_path, "mug/a.mtl", "newmtl red\nKd 1 0 0\nnewmtl blue\nKd 0 0 1\n")
    mesh = load(tmp_path, "mug/a.obj", 1.0, "auto")
    assert sorted(mesh.slots) == ["blue", "red"]
    colors = {name: s.base_color[:3] for name, s in zip(mesh.slots, mesh.surfaces, strict=True)}
    assert colors == {"red": (1, 0, 0), "blue": (0, 0, 1)}
    assert np.bincount(mesh.slot)[mesh.slots.index("red")] == 2


def test_relative_indices_and_indented_lines_mean_the_same_mesh(tmp_path: Path) -> None:
    first = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
    second = "v 0 0 2\nv 1 0 2\nv 0 1 2\n"
    write(tmp_path, "mug/absolute.obj", first + "f 1 2 3\n" + second + "f 4 5 6\n")
    relative = "\t" + first + "f -3 -2 -1\n" + second.replace("v ", "v\t") + "  f -3 -2 -1\n"
    write(tmp_path, "mug/relative.obj", relative)
    expected = load(tmp_path, "mug/absolute.obj", 1.0, "z")
    found = load(tmp_path, "mug/relative.obj", 1.0, "z")
    np.testing.assert_array_equal(found.vertices[found.faces], expected.vertices[expected.faces])


def test_glb_nodes_are_flattened_and_factors_are_exact_and_linear(tmp_path: Path) -> None:
    factor = (0.5, 0.2501, 0.003, 1.0)
    data = textured_glb(factor)
    # The file holds what PBRMaterial made of it; put the exact numbers back.
    length = struct.unpack("<I", data[12:16])[0]
    tree, binary = json.loads(data[20 : 20 + length]), data[28 + length :]
    tree["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] = factor
    write(tmp_path, "mug/a.glb", glb(tree, binary))
    mesh = load(tmp_path, "mug/a.glb", 1.0, "auto")
    assert len(mesh.faces) == 24
    # y up (0, 1, 0) becomes z up (0, 0, 1), and (0, 0, 3) becomes (0, -3, 0)
    np.testing.assert_allclose(mesh.bounds(), [[-0.1, -3.1, -0.1], [0.1, 0.1, 1.1]], atol=1e-6)
    assert mesh.slots == ("paint",)
    (surface,) = mesh.surfaces
    assert surface.base_color == factor
    assert (surface.roughness, surface.metallic) == (0.25, 0.0)
    assert surface.image[0, 0].tolist() == [255] * 4
    assert mesh.uv.min() == pytest.approx(0.0)
    assert mesh.uv.max() == pytest.approx(1.0)


def test_glb_metallic_roughness_map_is_averaged_and_opaque_ignores_alpha(tmp_path: Path) -> None:
    maps = Image.new("RGB", (2, 2), (0, 102, 0))
    write(tmp_path, "mug/a.glb", textured_glb((1, 1, 1, 0.5), metallicRoughnessTexture=maps))
    (surface,) = load(tmp_path, "mug/a.glb", 1.0, "auto").surfaces
    assert surface.roughness == pytest.approx(0.25 * 102 / 255)
    assert surface.base_color[3] == 1.0


def test_several_primitives_load_the_same_every_time_and_mirrored_nodes_keep_outside_out(
    tmp_path: Path,
) -> None:
    data = textured_glb()
    length = struct.unpack("<I", data[12:16])[0]
    tree, binary = json.loads(data[20 : 20 + length]), data[28 + length :]
    tree["meshes"][0]["primitives"] *= 3
    for node in tree["nodes"]:
        if "mesh" in node:
            node.pop("matrix", None)
            node["scale"] = [-1, 1, 1]
            node["mesh"] = 0
            node["name"] = "same"
    write(tmp_path, "mug/a.glb", glb(tree, binary))
    mesh, again = (load(tmp_path, "mug/a.glb", 1.0, "auto") for _ in range(2))
    assert len(mesh.faces) == 2 * 3 * 12
    np.testing.assert_array_equal(mesh.faces, again.faces)
    np.testing.assert_array_equal(mesh.uv, again.uv)
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", normals, corners.mean(axis=1)) > 0).all()


def test_ply_colours_are_averaged_in_linear_light(tmp_path: Path) -> None:
    mesh = box()
    mesh.visual.vertex_colors = [[255, 0, 128, 255]] * 4 + [[0, 0, 128, 255]] * 4
    write(tmp_path, "mug/a.ply", mesh.export(file_type="ply"))
    (surface,) = load(tmp_path, "mug/a.ply", 1.0, "auto").surfaces
    assert surface.base_color == pytest.approx((0.5, 0.0, 0.2158605, 1.0), abs=1e-6)


def test_a_mesh_without_materials_leaves_the_surface_open_and_gets_metric_uv(
    tmp_path: Path,
) -> None:
    write(tmp_path, "mug/a.obj", obj_quad(uv=False))
    mesh = load(tmp_path, "mug/a.obj", 0.5, "auto")
    assert mesh.slots == ("default",)
    assert mesh.surfaces == (None,)
    assert np.ptp(mesh.uv.reshape(-1, 2), axis=0) == pytest.approx((0.2, 0.1))
    edges = np.diff(mesh.vertices[mesh.faces], axis=1), np.diff(mesh.uv, axis=1)
    lengths = [np.linalg.norm(edge, axis=2) for edge in edges]
    np.testing.assert_allclose(*lengths, rtol=1e-6)


def test_open_and_doubled_geometry_is_accepted_with_notes(tmp_path: Path) -> None:
    write(tmp_path, "mug/a.obj", obj_quad() + "f 1 1 2\nf 1 2 2\nv 9 nan 9\n")
    asset = only(tmp_path)
    assert asset.triangles == 2
    assert "2 of 4 faces have no area: removed" in asset.notes
    assert any(note.startswith("not closed") for note in asset.notes)
    write(tmp_path, "mug/a.obj", box().export(file_type="obj"))
    assert only(tmp_path).notes == ()


# --- textures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, "the file does not exist"),
        (b"no image at all", "not a readable image"),
        (png(size=(64, 64))[:100], "cannot be decoded"),
        (bomb(), "pixels"),
        (bomb(10_000), "10000 x 10000"),
    ],
)
def test_an_unusable_texture_falls_back_to_the_colour(
    tmp_path: Path, data: bytes | None, expected: str
) -> None:
    write(tmp_path, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(tmp_path, "mug/a.mtl", MTL + "map_Kd skin.png\n")
    if data is not None:
        write(tmp_path, "mug/skin.png", data)
    assert any(expected in note for note in only(tmp_path).notes)
    (surface,) = load(tmp_path, "mug/a.obj", 1.0, "auto").surfaces
    assert surface.image is None
    assert surface.base_color[0] == pytest.approx(0.2140411)


def test_an_unusable_texture_inside_a_glb_is_noted(tmp_path: Path) -> None:
    data = textured_glb()
    start = data.index(b"\x89PNG")
    write(tmp_path, "mug/a.glb", data[:start] + b"XXXX" + data[start + 4 :])
    assert any("'paint' is not used" in note for note in only(tmp_path).notes)


def test_large_textures_are_scaled_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_SIDE", 8)
    write(tmp_path, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(tmp_path, "mug/a.mtl", MTL + "map_Kd skin.png\n")
    write(tmp_path, "mug/skin.png", png(size=(32, 16)))
    found = read(tmp_path, "mug/a.obj", 1.0, "auto")
    assert found.mesh.surfaces[0].image.shape == (4, 8, 4)
    assert any("scaled down from 32 x 16" in note for note in found.notes)


# --- references that lead out ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("../../secret.png", "outside the asset folder"),
        ("{outside}/secret.png", "absolute path"),
        ("C:\\secret.png", "absolute path"),
        ("~/secret.png", "absolute path"),
        ("http://127.0.0.1:9/secret.png", "a URL"),
        ("file:///etc/passwd", "a URL"),
        ("%2e%2e/%2e%2e/secret.png", "outside the asset folder"),
        ("link.png", "outside the asset folder"),
    ],
)
def test_references_out_of_the_folder_are_not_read(
    tmp_path: Path, reference: str, expected: str
) -> None:
    folder = tmp_path / "assets"
    secret = write(tmp_path, "secret.png", png((1, 2, 3)))
    write(folder, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(folder, "mug/a.mtl", f"{MTL}map_Kd {reference.format(outside=tmp_path)}\n")
    (folder / "mug/link.png").symlink_to(secret)
    asset = only(folder)
    assert any(expected in note and "not used" in note for note in asset.notes)
    assert load(folder, "mug/a.obj", 1.0, "auto").surfaces[0].image is None


def test_a_texture_shared_by_classes_is_inside(tmp_path: Path) -> None:
    write(tmp_path, "mug/a.obj", obj_quad("mtllib a.mtl\nusemtl painted"))
    write(tmp_path, "mug/a.mtl", MTL + "map_Kd ../textures/skin.png\n")
    write(tmp_path, "textures/skin.png", png())
    assert load(tmp_path, "mug/a.obj", 1.0, "auto").surfaces[0].image is not None


@pytest.mark.parametrize("uri", ["../../secret.bin", "/etc/passwd", "gone.bin"])
def test_a_gltf_buffer_that_cannot_be_read_is_named(tmp_path: Path, uri: str) -> None:
    parts = box().export(file_type="gltf")
    tree = json.loads(parts["model.gltf"])
    for name, data in parts.items():
        write(tmp_path, f"assets/mug/{name}", data)
    (tmp_path / "assets/mug/model.gltf").unlink()
    write(tmp_path, "secret.bin", parts[tree["buffers"][0]["uri"]])
    tree["buffers"][0]["uri"] = uri
    write(tmp_path, "assets/mug/a.gltf", json.dumps(tree))
    assert uri in reason(tmp_path / "assets", "mug/a.gltf")


def test_load_stays_inside_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.stl", box().export(file_type="stl"))
    (tmp_path / "assets/mug").mkdir(parents=True)
    (tmp_path / "assets/mug/link.stl").symlink_to(tmp_path / "a.stl")
    for file in ("../a.stl", str(tmp_path / "a.stl"), "mug/link.stl"):
        with pytest.raises(AssetError, match="outside the asset folder"):
            load(tmp_path / "assets", file, 1.0, "auto")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "other/a.stl", box().export(file_type="stl"))
    folder = tmp_path / "assets"
    write(folder, "good/a.stl", box().export(file_type="stl"))
    (folder / "good/link.stl").symlink_to(tmp_path / "other/a.stl")
    (folder / "mug").symlink_to(tmp_path / "other")
    found = scan(folder, AssetsConfig())
    assert [asset.id for asset in found.assets] == ["good/a.stl"]
    assert [item.file for item in found.skipped] == ["good/link.stl", "mug"]
    assert all("link to a target outside" in item.reason for item in found.skipped)


# --- files that are refused --------------------------------------------------------------------


def bad_files() -> dict[str, tuple[bytes, str]]:
    """File name to its bytes and what the reason must say."""
    image = png(size=(64, 64))
    stl, ascii_stl = (box().export(file_type=kind) for kind in ("stl", "stl_ascii"))
    nan_ply = box()
    nan_ply.vertices[3] = np.nan
    cloud = trimesh.PointCloud(np.random.default_rng(0).random((20, 3))).export(file_type="ply")
    broken_obj = box().export(file_type="obj").replace("v 0.05000000", "v inf", 1)
    point = "v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n"
    line = "v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n"
    data = textured_glb()
    deep = b'{"asset": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    cases = {f"empty.{kind}": (b"", "empty") for kind in ("obj", "glb", "gltf", "ply", "stl")}
    return cases | {
        **{f"image.{kind}": (image, "found a PNG image") for kind in ("obj", "glb", "stl", "ply")},
        **{f"text.{kind}": (b"hello\n" * 50, "found text") for kind in ("obj", "glb", "gltf")},
        "text.stl": (b"hello\n" * 50, "found text, expected an STL"),
        "text.ply": (b"hello\n" * 50, "found text, expected a PLY"),
        "solid.stl": (b"solid state physics\n" * 9, "no facets"),
        "lfs.glb": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        "cut.stl": (stl[:-100], "truncated: its header announces 12 triangles"),
        "cut_ascii.stl": (ascii_stl.encode()[:-90], "truncated"),
        "cut.ply": (box().export(file_type="ply")[:-60], "cannot be read"),
        "cut.glb": (data[:-500], "truncated"),
        "cut_early.glb": (data[:15], "expected a binary glTF"),
        "deep.gltf": (deep, "JSON cannot be read"),
        "number.gltf": (b'{"asset": {}, "nodes": [{"mesh": 7}], "meshes": []}', "IndexError"),
        "lying.ply": (
            b"ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\n"
            b"property float x\nelement face 1\nproperty list uchar int vertex_indices\n"
            b"end_header\n",
            "truncated: its header announces 4000000000 vertices",
        ),
        "cloud.ply": (cloud, "found 20 vertices and no faces"),
        "cloud.obj": (b"v 1 2 3\nv 3 4 5\n", "found 2 vertices and no faces"),
        "nan.ply": (nan_ply.export(file_type="ply"), "NaN or infinite coordinates in 1 of 8"),
        "inf.obj": (broken_obj.encode(), "NaN or infinite"),
        "point.obj": (point.encode(), "all vertices in one point"),
        "line.obj": (line.encode(), "no face with an area"),
        "index.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "expected a .obj mesh"),
        "draco.glb": (
            glb({"asset": {}, "extensionsRequired": ["KHR_draco_mesh_compression"]}),
            "KHR_draco_mesh_compression",
        ),
    }


@pytest.mark.parametrize("name", sorted(bad_files()))
def test_bad_files_are_skipped_with_a_reason(tmp_path: Path, name: str) -> None:
    data, expected = bad_files()[name]
    write(tmp_path, f"mug/{name}", data)
    found = reason(tmp_path, f"mug/{name}")
    assert expected in found
    with pytest.raises(AssetError, match=f"^mug/{name}: "):
        load(tmp_path, f"mug/{name}", 1.0, "auto")


@pytest.mark.parametrize(
    ("side", "unit", "right", "size"),
    [
        (1200.0, 1.0, 0.001, 1.2),
        (50.0, 1.0, 0.001, 0.05),
        (9.0, 0.01, 0.01, 0.09),
        (1e-4, 1.0, 1000, 0.1),
        (0.1, 0.001, 1, 0.1),
    ],
)
def test_sizes_out_of_range_suggest_a_unit_that_fits(
    tmp_path: Path, side: float, unit: float, right: float, size: float
) -> None:
    options = AssetsConfig(unit=unit, size_range=(0.002, 20.0) if unit != right else (1.0, 20.0))
    write(tmp_path, "mug/a.ply", box(side).export(file_type="ply"))
    with pytest.raises(InputError) as caught:
        scan(tmp_path, options)
    assert f"{side * unit:.3g} m with assets.unit={unit:g}" in str(caught.value)
    if unit == right:  # it is the range that is odd
        assert "widen assets.size_range" in str(caught.value)
    else:
        assert f"set assets.unit={right:g} (it would be {size:g} m)" in str(caught.value)


@pytest.mark.parametrize(
    ("class_name", "sides", "unit"),
    [
        ("bracket", (60.0, 25.0, 90.0), 0.001),  # millimetres, as parts come
        ("mug", (9.0,), 0.01),  # a mug of 9 mm or 9 m there is not
        ("mug", (9.0, 95.0), 0.01),
        ("chair", (900.0, 0.9, 850.0), 0.001),
        ("bracket", (3000.0, 40.0), 0.001),
    ],
)
def test_one_unit_is_offered_for_a_whole_folder(
    tmp_path: Path, class_name: str, sides: tuple[float, ...], unit: float
) -> None:
    for number, side in enumerate(sides):
        write(tmp_path, f"{class_name}/{number}.ply", box(side).export(file_type="ply"))
    options = AssetsConfig(size_range=(0.002, 5.0))
    try:
        reasons = [item.reason for item in scan(tmp_path, options).skipped]
    except InputError as error:
        reasons = [str(error)]
    sizes = sorted(side * unit for side in sides)
    become = f"the {len(sides)} meshes would be {sizes[0]:.3g} to {sizes[-1]:.3g} m"
    become = become if len(sides) > 1 else f"it would be {sizes[0]:.3g} m"
    assert reasons
    assert all(f"set assets.unit={unit:g} ({become})" in reason for reason in reasons)


def test_one_mesh_in_another_unit_than_its_folder_is_no_reason_to_scale_all(tmp_path: Path) -> None:
    for number, side in enumerate((0.09, 0.1, 0.11, 95.0)):
        write(tmp_path, f"mug/{number}.ply", box(side).export(file_type="ply"))
    (skipped,) = scan(tmp_path, AssetsConfig()).skipped
    assert "assets.unit=0.001" not in skipped.reason
    assert "scale this one, or import it with `simgen assets add --unit 0.001`" in skipped.reason


def million_triangles(kind: str) -> bytes:
    count = 2_000_000
    if kind == "stl":
        return bytes(80) + struct.pack("<I", count) + bytes(50 * count)
    if kind == "obj":
        return b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" + b"f 1 2 3\n" * count
    if kind == "ply":
        header = b"ply\nformat binary_little_endian 1.0\nelement vertex 3\nproperty float x\n"
        header += b"element face 2000000\nproperty list uchar int vertex_indices\nend_header\n"
        return header + bytes(13 * count)
    tree = {
        "asset": {"version": "2.0"},
        "accessors": [{"count": 3, "bufferView": 0}, {"count": 3 * count, "bufferView": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "nodes": [{"mesh": 0}],
    }
    return glb(tree) if kind == "glb" else json.dumps(tree).encode()


@pytest.mark.parametrize("kind", ["stl", "obj", "ply", "glb", "gltf"])
def test_two_million_triangles_are_refused_without_a_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write(tmp_path, f"mug/a.{kind}", million_triangles(kind))
    real = trimesh.load_scene

    def guarded(*args: object, file_type: str, **options: object) -> trimesh.Scene:
        assert file_type == "stl", "it was loaded"
        assert len(args[0].getbuffer()) < 10_000, "it was loaded"
        return real(*args, file_type=file_type, **options)

    monkeypatch.setattr(trimesh, "load_scene", guarded)
    found = reason(tmp_path, f"mug/a.{kind}")
    assert "expected at most 500000;" in found
    assert "assets.max_triangles" in found
    assert "found at least 2000000" in found or kind == "obj"


def test_instances_count_towards_the_triangles(tmp_path: Path) -> None:
    data = textured_glb()  # 12 triangles, hung in twice
    write(tmp_path, "mug/a.glb", data)
    assert "at least 24 triangles" in reason(tmp_path, "mug/a.glb", max_triangles=20)


def test_polygons_count_after_the_load_at_the_latest(tmp_path: Path) -> None:
    quads = trimesh.creation.icosphere(1)
    write(tmp_path, "mug/a.ply", quads.export(file_type="ply"))
    assert "found at least 80 triangles" in reason(tmp_path, "mug/a.ply", max_triangles=79)


def test_large_files_are_refused_by_their_size(tmp_path: Path) -> None:
    with write(tmp_path, "mug/a.obj", "").open("wb") as file:
        file.truncate(3 * 2**20)
    found = reason(tmp_path, "mug/a.obj", max_file_mb=2)
    assert "found 3 MB, expected at most 2 MB" in found
    assert "assets.max_file_mb" in found


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), KeyError("two\nlines")])
def test_whatever_a_loader_raises_becomes_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    write(tmp_path, "mug/a.stl", box().export(file_type="stl"))

    def fail(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(files.trimesh, "load_scene", fail)
    with (
        caplog.at_level(logging.DEBUG, "simgen.assets"),
        pytest.raises(AssetError, match=f"^mug/a.stl: .*{type(error).__name__}") as raised,
    ):
        load(tmp_path, "mug/a.stl", 1.0, "auto")
    assert "\n" not in str(raised.value)
    assert "Traceback" in caplog.text


def test_node_loops_do_not_hang(tmp_path: Path) -> None:
    tree = json.loads(box().export(file_type="gltf")["model.gltf"])
    (binary,) = [v for k, v in box().export(file_type="gltf").items() if k == "gltf_buffer_0.bin"]
    loop = [{"children": [1]}, {"children": [0], "mesh": 0}]
    tree |= {"nodes": loop, "scenes": [{"nodes": [0]}], "scene": 0}
    tree["buffers"] = [{"byteLength": len(binary)}]
    write(tmp_path, "mug/a.glb", glb(tree, binary))
    reason(tmp_path, "mug/a.glb")


def test_unprintable_names_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "good/a.stl", box().export(file_type="stl"))
    write(tmp_path, "mug/two\nlines.stl", box().export(file_type="stl"))
    (skipped,) = scan(tmp_path, AssetsConfig()).skipped
    assert "unprintable" in skipped.reason
    assert "\n" not in skipped.file


# --- folders that are refused ------------------------------------------------------------------


def test_folders_without_usable_meshes_are_one_clear_line(tmp_path: Path) -> None:
    write(tmp_path, "file", "x")
    write(tmp_path, "flat/a.stl", box().export(file_type="stl"))
    write(tmp_path, "other/mug/readme.txt", "x")
    write(tmp_path, "bad/mug/a.stl", "")
    (tmp_path / "nothing").mkdir()
    expected = {
        "gone": "found nothing",
        "file": "found a file",
        "nothing": "an empty folder",
        "flat": "1 mesh files directly in it",
        "other": "no mesh file",
        "bad": "no usable mesh among 1; the first is mug/a.stl: the file is empty",
    }
    for name, found in expected.items():
        with pytest.raises(InputError) as raised:
            scan(tmp_path / name, AssetsConfig())
        message = str(raised.value)
        assert found in message
        assert "mug/a.obj" in message
        assert str(tmp_path / name) in message
        assert "\n" not in message
        assert not isinstance(raised.value, AssetError)


def test_a_mesh_outside_any_class_is_skipped(tmp_path: Path) -> None:
    write(tmp_path, "a.stl", box().export(file_type="stl"))
    assert "in no class folder" in reason(tmp_path, "a.stl")
