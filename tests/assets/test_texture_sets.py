"""Texture sets by the names of their files: which belong together, which are used, and that other
images stay single textures."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from simgen.assets import installed, texture_sets
from simgen.assets.hdris import find_hdris
from simgen.assets.texture_maps import read_map
from simgen.assets.textures import find_textures
from simgen.config import MaterialsConfig
from simgen.errors import AssetError, InputError
from simgen.sampling.randomizers.materials import draw_surface
from simgen.spec.rng import stream
from simgen.spec.scene import MaterialSpec, TextureMap, to_plain

AMBIENTCG = [
    *(f"Bricks075A/Bricks075A_1K-JPG_{end}.jpg" for end in ("Color", "NormalGL", "NormalDX")),
    *(f"Bricks075A/Bricks075A_1K-JPG_{end}.jpg" for end in ("Roughness", "Displacement")),
    "Bricks075A/Bricks075A_1K-JPG_AmbientOcclusion.jpg",
    "Bricks075A/Bricks075A.png",
]
POLYHAVEN = [
    *("wall/textures/brick_wall_001_diff_1k.jpg", "wall/textures/brick_wall_001_nor_gl_1k.exr"),
    *("wall/textures/brick_wall_001_rough_1k.exr", "wall/textures/brick_wall_001_disp_1k.png"),
    "wall/textures/brick_wall_001_arm_1k.jpg",
]


def write(path: Path, *color: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((4, 4, len(color)), color[::-1], np.uint8)
    if path.suffix == ".exr":
        OpenEXR.File({}, {"RGB": pixels.astype(np.float32)[..., ::-1] / 255}).write(str(path))
    else:
        cv2.imwrite(str(path), pixels)
    return path


def test_sets_of_ambientcg_and_poly_haven() -> None:
    poly, ambient = sorted(
        texture_sets.group([*AMBIENTCG, *POLYHAVEN]), key=lambda s: -ord(s.color[0])
    )
    assert ambient.color == AMBIENTCG[0]
    assert set(ambient.maps) == {"normal", "roughness", "displacement"}
    assert AMBIENTCG[2] in ambient.others
    assert AMBIENTCG[6] in ambient.others
    assert poly.color == POLYHAVEN[0]
    assert poly.maps == {
        "normal": POLYHAVEN[1],
        "roughness": POLYHAVEN[2],
        "displacement": POLYHAVEN[3],
    }


@pytest.mark.parametrize(
    ("files", "color", "maps"),
    [
        (["a_albedo.png", "a_normal.png"], "a_albedo.png", {"normal"}),
        (["Base Color.png", "Roughness.png"], "Base Color.png", {"roughness"}),
        (
            ["x_col_01_1k.jpg", "x_col_02_1k.jpg", "x_nor_dx_1k.jpg"],
            "x_col_01_1k.jpg",
            {"normal_dx"},
        ),
        (["x_diff_4k.jpg", "x_diff_2k.jpg", "x_arm_1k.jpg"], "x_diff_2k.jpg", {"arm"}),
        (["x_basecolor.png", "x_orm.png", "x_metallic.png"], "x_basecolor.png", {"arm"}),
        (["a/diffuse.png", "a/normal.png"], "a/diffuse.png", {"normal"}),
        (["a_color.png"], None, set()),
        (["a_normal.png", "a_rough.png"], None, set()),
        (["one/a_color.png", "two/a_normal.png"], None, set()),
        (["wood.png", "metal.png", "rough wood.png"], None, set()),
        (["red_metal.png", "red_color_photo.png"], None, set()),
    ],
)
def test_names(files: list[str], color: str | None, maps: set[str]) -> None:
    found = texture_sets.group(files)
    assert [item.color for item in found] == ([color] if color else [])
    assert [set(item.maps) for item in found] == ([maps] if color else [])


def folder_of_sets(folder: Path) -> Path:
    for file in (*AMBIENTCG, *POLYHAVEN):
        write(folder / file, 60, 120, 200)
    write(folder / "poster.jpg", 1, 2, 3)
    write(folder / "lone_normal.png", 128, 128, 255)
    return folder


def test_a_folder_of_sets_and_single_images(tmp_path: Path) -> None:
    found = find_textures(folder_of_sets(tmp_path), sets=True)
    assert found.skipped == ()
    kinds = {item.file: {each.kind for each in item.maps} for item in found.found}
    three = {"normal", "roughness", "displacement"}
    assert kinds == {
        AMBIENTCG[0]: three, POLYHAVEN[0]: three, "poster.jpg": set(), "lone_normal.png": set()
    }  # fmt: skip
    for item in found.found:
        for each in item.maps:
            pixels = read_map(tmp_path, each)
            assert pixels.shape == (4, 4, 3)
            assert pixels[0, 0] == pytest.approx(np.array([60, 120, 200]) / 255, abs=0.02)


def test_without_sets_every_image_is_a_texture_as_before(tmp_path: Path) -> None:
    found = find_textures(folder_of_sets(tmp_path))
    assert len(found.found) == len([f for f in (*AMBIENTCG, *POLYHAVEN) if ".exr" not in f]) + 2
    assert all(item.maps == () for item in found.found)


def test_an_installed_width_replaces_the_drawn_size(tmp_path: Path) -> None:
    folder_of_sets(tmp_path)
    item = installed.Item("wall", "polyhaven", "texture", "CC0-1.0", "x", width=2.5)
    installed.write(tmp_path, [item])
    found = find_textures(tmp_path, sets=True)
    config = MaterialsConfig(texture_probability=1.0)
    drawn = [draw_surface(config, ("wood",), found, 0.1, stream(n, "set")) for n in range(50)]
    widths = {spec.texture: spec.scale for spec in drawn}
    assert widths == {
        AMBIENTCG[0]: 0.1, POLYHAVEN[0]: 2.5, "poster.jpg": 0.1, "lone_normal.png": 0.1
    }  # fmt: skip
    assert {spec.bump for spec in drawn} == {0.0}


def test_specs_without_maps_are_written_as_before() -> None:
    spec = MaterialSpec("image", (1, 1, 1), (1, 1, 1), 0.5)
    assert "maps" not in to_plain(spec)
    with_maps = replace(spec, maps=(TextureMap("normal", "a.png", "0"),))
    assert to_plain(with_maps)["maps"] == [{"kind": "normal", "file": "a.png", "sha256": "0"}]


def test_a_damaged_map_takes_its_set_out(tmp_path: Path) -> None:
    folder_of_sets(tmp_path)
    (tmp_path / POLYHAVEN[2]).write_bytes(b"not OpenEXR")
    found = find_textures(tmp_path, sets=True)
    assert [item.file for item in found.skipped] == [POLYHAVEN[0]]
    assert POLYHAVEN[2] in found.skipped[0].reason
    assert "not a readable OpenEXR" in found.skipped[0].reason


def test_colours_in_openexr_are_skipped_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path / "a_diff_1k.exr", 9, 9, 9)
    write(tmp_path / "a_rough_1k.jpg", 9, 9, 9)
    with pytest.raises(InputError, match="save them as JPEG or PNG"):
        find_textures(tmp_path, sets=True)


def test_a_map_that_changed_or_left_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a_rough.png", 9, 9, 9)
    wanted = TextureMap("roughness", "a_rough.png", hashlib.sha256(path.read_bytes()).hexdigest())
    assert read_map(tmp_path, wanted).shape == (4, 4, 3)
    write(path, 8, 8, 8)
    with pytest.raises(AssetError, match="restore the original"):
        read_map(tmp_path, wanted)
    path.unlink()
    with pytest.raises(AssetError, match="does not exist"):
        read_map(tmp_path, wanted)
    with pytest.raises(AssetError, match="expected a path below"):
        read_map(tmp_path, replace(wanted, file="../a_rough.png"))


def test_deep_and_large_maps_keep_their_values(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 4096).astype(np.uint16), (16, 1))
    cv2.imwrite(str(tmp_path / "a_disp.png"), ramp)
    digest = hashlib.sha256((tmp_path / "a_disp.png").read_bytes()).hexdigest()
    pixels = read_map(tmp_path, TextureMap("displacement", "a_disp.png", digest))
    assert pixels.shape == (8, 2048, 3)
    assert len(np.unique(pixels[0, :, 0])) == 2048
    assert pixels[3, :, 1] == pytest.approx(np.linspace(0, 1, 2048), abs=1e-3)


def test_one_resolution_of_each_world(tmp_path: Path) -> None:
    for name in ("dawn_1k.hdr", "dawn_4k.hdr", "dawn_8k.hdr", "noon_2k.hdr", "plain.hdr"):
        cv2.imwrite(str(tmp_path / name), np.full((8, 16, 3), 0.5, np.float32))
    found = [item.file for item in find_hdris(tmp_path, sets=True).found]
    assert found == ["dawn_4k.hdr", "noon_2k.hdr", "plain.hdr"]
    assert len(find_hdris(tmp_path).found) == 5
