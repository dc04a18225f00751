import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.assets import textures
from simgen.assets.textures import Pictures, find_textures, read_texture
from simgen.errors import AssetError, InputError


def png(pixels: np.ndarray) -> bytes:
    coded = io.BytesIO()
    Image.fromarray(pixels).save(coded, "PNG")
    return coded.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


RED_OVER_BLUE = np.zeros((4, 6, 3), np.uint8)
RED_OVER_BLUE[:2, :, 0] = 200
RED_OVER_BLUE[2:, :, 2] = 100
DATA = png(RED_OVER_BLUE)


def test_pixels_come_row_0_on_top(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(DATA)
    pixels = read_texture(tmp_path, "a.png", sha256(DATA))
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, RED_OVER_BLUE)


def test_grey_and_16_bit_images_have_three_channels(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 30).astype(np.uint16).reshape(5, 6)
    for name, values in {"grey": (deep >> 8).astype(np.uint8), "deep": deep}.items():
        data = png(values)
        (tmp_path / name).write_bytes(data)
        pixels = read_texture(tmp_path, name, sha256(data))
        assert pixels.shape == (5, 6, 3)
        np.testing.assert_allclose(pixels[..., 1], deep / 257.0, atol=1.0)


def test_transparent_pixels_are_laid_over_white(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = (10, 20, 30, 255)
    pixels[0, 1] = (0, 0, 0, 51)
    data = png(pixels)
    (tmp_path / "a.png").write_bytes(data)
    found = read_texture(tmp_path, "a.png", sha256(data))
    assert found[0, 0].tolist() == [10, 20, 30]
    assert found[0, 1].tolist() == [204, 204, 204]
    assert found[1, 1].tolist() == [255, 255, 255]


def test_images_are_found_sorted_with_size_and_checksum(tmp_path: Path) -> None:
    (tmp_path / "wood").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.PNG", "wood/a.png", "a.jpg.png", ".hidden/c.png", "notes.txt"):
        (tmp_path / name).write_bytes(DATA)
    found = find_textures(tmp_path)
    assert [texture.file for texture in found.found] == ["a.jpg.png", "b.PNG", "wood/a.png"]
    assert {texture.size for texture in found.found} == {(6, 4)}
    assert {texture.sha256 for texture in found.found} == {sha256(DATA)}
    assert found.skipped == ()


def test_broken_images_are_skipped_with_a_reason(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    gif = io.BytesIO()
    Image.new("RGB", (4, 4)).save(gif, "GIF")
    broken = {
        "bomb.png": bomb.getvalue(),
        "cut.png": png(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))[:4000],
        "empty.jpg": b"",
        "other.png": gif.getvalue(),
        "text.jpeg": b"not an image",
    }
    for name, data in {**broken, "good.png": DATA}.items():
        (tmp_path / name).write_bytes(data)
    found = find_textures(tmp_path)
    assert [texture.file for texture in found.found] == ["good.png"]
    assert [skipped.file for skipped in found.skipped] == sorted(broken)
    assert all(skipped.reason and "\n" not in skipped.reason for skipped in found.skipped)
    for name, data in broken.items():
        with pytest.raises(AssetError, match=name):
            read_texture(tmp_path, name, sha256(data))


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textures, "MAX_FILE_BYTES", len(DATA) - 1)
    (tmp_path / "a.png").write_bytes(DATA)
    with pytest.raises(InputError, match=r"a\.png: it is larger than"):
        find_textures(tmp_path)


def test_large_images_are_scaled_down(tmp_path: Path) -> None:
    data = png(np.full((10, textures.MAX_SIDE * 2, 3), 77, np.uint8))
    (tmp_path / "a.png").write_bytes(data)
    pixels = read_texture(tmp_path, "a.png", sha256(data))
    assert pixels.shape == (5, textures.MAX_SIDE, 3)
    assert np.all(pixels == 77)


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"materials\.textures.*missing"):
        find_textures(tmp_path / "missing")
    with pytest.raises(InputError, match="no usable JPEG or PNG files"):
        find_textures(tmp_path)


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "textures"
    folder.mkdir()
    (folder / "a.png").write_bytes(DATA)
    (tmp_path / "secret.png").write_bytes(DATA)
    (folder / "link.png").symlink_to("../secret.png")
    (folder / "inner.png").symlink_to("a.png")
    found = find_textures(folder)
    assert [texture.file for texture in found.found] == ["a.png", "inner.png"]
    assert [skipped.file for skipped in found.skipped] == ["link.png"]
    with pytest.raises(AssetError, match="outside the folder"):
        read_texture(folder, "link.png", sha256(DATA))


def test_missing_changed_and_foreign_images_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "textures"
    folder.mkdir()
    (folder / "a.png").write_bytes(DATA)
    (tmp_path / "secret.png").write_bytes(DATA)
    pictures = Pictures(textures=folder)
    assert pictures.texture("a.png", sha256(DATA)).shape == (4, 6, 3)
    with pytest.raises(AssetError, match="the file does not exist"):
        pictures.texture("b.png", sha256(DATA))
    with pytest.raises(AssetError, match="expected 000000000000"):
        pictures.texture("a.png", "0" * 64)
    with pytest.raises(AssetError, match="expected a path below"):
        pictures.texture("../secret.png", sha256(DATA))
    with pytest.raises(AssetError, match=r"materials\.textures"):
        Pictures().texture("a.png", sha256(DATA))


def test_worlds_are_found_below_their_folder(tmp_path: Path) -> None:
    (tmp_path / "dawn.exr").write_bytes(b"0")
    pictures = Pictures(hdris=tmp_path)
    assert pictures.hdri("dawn.exr") == tmp_path / "dawn.exr"
    with pytest.raises(AssetError, match="dusk"):
        pictures.hdri("dusk.exr")
    with pytest.raises(AssetError):
        Pictures().hdri("dawn.exr")
