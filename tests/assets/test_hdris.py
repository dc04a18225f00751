"""A user's folder of HDRI worlds: brightness, and what other people's files may be."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from simgen.assets import hdris
from simgen.assets.hdris import check_unchanged, find_hdris, mean_radiance, read_hdri
from simgen.errors import AssetError, InputError

LUMA = np.array([0.2126, 0.7152, 0.0722])


def picture(height: int = 32, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).gamma(0.5, 2.0, (height, 2 * height, 3)).astype(np.float32)


def save_exr(path: Path, pixels: np.ndarray, names: str = "RGB", **header: object) -> Path:
    planes = {name: np.ascontiguousarray(pixels[..., i]) for i, name in enumerate(names)}
    given = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **header}
    with OpenEXR.File(given, planes) as file:
        file.write(str(path))
    return path


def save_hdr(path: Path, pixels: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., ::-1]))
    return path


def test_the_mean_is_that_of_random_directions() -> None:
    image = picture(64)
    directions = np.random.default_rng(1).normal(size=(400_000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    rows = np.arccos(directions[:, 2]) / np.pi * 64
    columns = (np.arctan2(directions[:, 1], directions[:, 0]) / (2 * np.pi) + 0.5) * 128
    seen = image[rows.astype(int).clip(0, 63), columns.astype(int).clip(0, 127)] @ LUMA
    assert mean_radiance(image) == pytest.approx(seen.mean(), rel=0.02)


def test_a_bright_pole_weighs_little() -> None:
    image = np.zeros((90, 180, 3))
    image[0] = 1.0  # 2 degrees about the zenith: (1 - cos 2 deg) / 2 of the sphere
    assert mean_radiance(image) == pytest.approx((1 - np.cos(np.radians(2))) / 2, rel=1e-3)


@pytest.mark.parametrize("suffix", ["exr", "hdr"])
def test_files_are_read_as_they_were_written(suffix: str, tmp_path: Path) -> None:
    image = picture()
    path = (save_exr if suffix == "exr" else save_hdr)(tmp_path / f"a.{suffix}", image)
    again = read_hdri(path)
    assert again.dtype == np.float32
    # Radiance files share one exponent between three colours of eight bits.
    error = 1e-6 if suffix == "exr" else image.max(axis=-1, keepdims=True) / 100
    assert (np.abs(again - image) <= error).all()


def test_blenders_own_worlds_have_the_brightness_that_is_noted() -> None:
    from simgen.assets import environments
    from simgen.rendering.blender.lighting import environment_path

    for name in ("studio", "night"):
        measured = 1.0 / mean_radiance(read_hdri(environment_path(name)))
        assert measured == pytest.approx(environments.normalisation(name), rel=2e-3)


def test_a_folder_is_found_with_hashes_and_normalisation(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    one = save_exr(tmp_path / "b.exr", 3.0 * np.ones((16, 32, 3), np.float32))
    save_hdr(tmp_path / "sub/a.HDR".replace("HDR", "hdr"), picture(seed=4))
    (tmp_path / ".hidden.exr").write_bytes(b"x")
    (tmp_path / "readme.txt").write_text("x")
    found = find_hdris(tmp_path)
    assert [item.file for item in found.found] == ["b.exr", "sub/a.hdr"]
    assert not found.skipped
    assert found.found[0].sha256 == hashlib.sha256(one.read_bytes()).hexdigest()
    assert found.found[0].normalisation == pytest.approx(1 / 3)


def test_grey_images_have_one_channel(tmp_path: Path) -> None:
    path = save_exr(tmp_path / "y.exr", np.full((16, 32, 1), 2.0, np.float32), "Y")
    assert (read_hdri(path) == 2.0).all()


def _bomb_exr(path: Path) -> None:
    """An honest small file whose header announces 200,000 x 100,000 pixels."""
    save_exr(path, np.ones((16, 32, 3), np.float32))
    data = path.read_bytes()
    box = np.array([0, 0, 31, 15], "<i4").tobytes()
    assert data.count(box) >= 1
    path.write_bytes(data.replace(box, np.array([0, 0, 199_999, 99_999], "<i4").tobytes()))


def _bomb_hdr(path: Path) -> None:
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 120000\n" + b"\x02" * 99)


def _short_hdr(path: Path) -> None:
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2048 +X 4096\n" + b"\x02\x02" * 99)


def _truncated(path: Path) -> None:
    (save_exr if path.suffix == ".exr" else save_hdr)(path, picture(64))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _many_channels(path: Path) -> None:
    names = "ABCDEFGHIJKLMNOPRGB"
    save_exr(path, np.ones((16, 32, len(names)), np.float32), "".join(dict.fromkeys(names)))


def _not_numbers(path: Path) -> None:
    save_exr(path, np.full((16, 32, 3), np.nan, np.float32))


HOSTILE = {
    "empty.exr": lambda path: path.write_bytes(b""),
    "empty.hdr": lambda path: path.write_bytes(b""),
    "noise.exr": lambda path: path.write_bytes(b"\x76\x2f\x31\x01" + os.urandom(4000)),
    "noise.hdr": lambda path: path.write_bytes(b"#?RADIANCE\n" + zlib.compress(b"x" * 999)),
    "bomb.exr": _bomb_exr,
    "bomb.hdr": _bomb_hdr,
    "short.hdr": _short_hdr,
    "half.exr": _truncated,
    "half.hdr": _truncated,
    "square.exr": lambda path: save_exr(path, np.ones((32, 32, 3), np.float32)),
    "depth.exr": lambda path: save_exr(path, np.ones((16, 32, 1), np.float32), "Z"),
    "many.exr": _many_channels,
    "nan.exr": _not_numbers,
    "black.hdr": lambda path: save_hdr(path, np.zeros((16, 32, 3), np.float32)),
    "outside.exr": lambda path: path.symlink_to("/etc/hostname"),
    "folder.exr": lambda path: path.mkdir(),
}


def test_broken_and_hostile_files_cost_a_line_each(tmp_path: Path) -> None:
    for name, make in HOSTILE.items():
        make(tmp_path / name)
    save_exr(tmp_path / "good.exr", picture())
    found = find_hdris(tmp_path)
    assert [item.file for item in found.found] == ["good.exr"]
    reasons = {item.file: item.reason for item in found.skipped}
    assert set(reasons) == set(HOSTILE) - {"folder.exr"}
    assert all(reason and "\n" not in reason for reason in reasons.values())
    assert "200000 x 100000" in reasons["bomb.exr"]
    assert "120000 x 60000" in reasons["bomb.hdr"]
    assert "twice as wide" in reasons["square.exr"]
    assert "outside" in reasons["outside.exr"]


def test_parts_behind_the_first_count_too(tmp_path: Path) -> None:
    """All of a file's parts are decoded, however small the first one is."""
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "displayWindow": (np.zeros(2, np.int32), np.array([31, 15], np.int32)),
    }
    parts = [
        OpenEXR.Part(dict(header), {"RGB": np.zeros(shape, np.float16)}, name)
        for name, shape in (("first", (16, 32, 3)), ("second", (4100, 8200, 3)))
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "a.exr"))
    with pytest.raises(ValueError, match="it has 2 parts"):
        read_hdri(tmp_path / "a.exr")


def test_too_many_bytes_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_exr(tmp_path / "a.exr", picture())
    monkeypatch.setattr(hdris, "MAX_FILE_BYTES", 2**10)
    with pytest.raises(InputError, match=r"a\.exr: it is larger than"):
        find_hdris(tmp_path)


def test_folders_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a folder"):
        find_hdris(tmp_path / "none")
    with pytest.raises(InputError, match=r"no usable \.exr or \.hdr"):
        find_hdris(tmp_path)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    path = save_exr(tmp_path / "a.exr", picture())
    (item,) = find_hdris(tmp_path).found
    check_unchanged(path, item.sha256)
    save_exr(path, picture(seed=9))
    with pytest.raises(AssetError, match="SHA-256"):
        check_unchanged(path, item.sha256)
    path.unlink()
    with pytest.raises(AssetError, match="the file does not exist"):
        check_unchanged(path, item.sha256)
