"""Folders of photographs: what is read, how it is turned and cut, and what is refused."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.assets.photographs import find_photographs, focal_length_px, read_photograph
from simgen.assets.textures import Pictures
from simgen.errors import AssetError, InputError
from simgen.spec.scene import BackgroundSpec

QUARTERS = np.zeros((40, 60, 3), np.uint8)
"""Red, green, blue and white, from the top left."""
QUARTERS[:20, :30, 0] = QUARTERS[:20, 30:, 1] = QUARTERS[20:, :30, 2] = 255
QUARTERS[20:, 30:] = 255


def jpeg(path: Path, pixels: np.ndarray, orientation: int = 1, focal: int = 0) -> str:
    """Write a JPEG with EXIF data; return its SHA-256."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    if focal:
        exif.get_ifd(0x8769)[0xA405] = focal
    coded = io.BytesIO()
    Image.fromarray(pixels).save(coded, "JPEG", quality=95, subsampling=0, exif=exif)
    path.write_bytes(coded.getvalue())
    return hashlib.sha256(coded.getvalue()).hexdigest()


def names(pixels: np.ndarray) -> list[str]:
    """The colours of the four quarters, row by row."""
    known = {(255, 0, 0): "red", (0, 255, 0): "green", (0, 0, 255): "blue", (255,) * 3: "white"}
    height, width = pixels.shape[:2]
    middles = pixels[height // 4 :: height // 2, width // 4 :: width // 2].reshape(-1, 3)
    return [
        known[min(known, key=lambda c: int(np.abs(np.subtract(c, middle.astype(int))).sum()))]
        for middle in middles
    ]


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, ["red", "green", "blue", "white"]),
        (2, ["green", "red", "white", "blue"]),
        (3, ["white", "blue", "green", "red"]),
        (6, ["blue", "red", "white", "green"]),
        (8, ["green", "white", "red", "blue"]),
    ],
)
def test_photographs_are_turned_upright(
    tmp_path: Path, orientation: int, expected: list[str]
) -> None:
    digest = jpeg(tmp_path / "a.jpg", QUARTERS, orientation)
    (found,) = find_photographs(tmp_path).found
    assert found.size == ((60, 40) if orientation < 5 else (40, 60))
    assert names(read_photograph(tmp_path, "a.jpg", digest, *found.size)) == expected


def test_a_photograph_covers_the_image_and_loses_both_sides_alike(tmp_path: Path) -> None:
    ramp = np.repeat(np.linspace(0, 255, 300, dtype=np.uint8)[None, :, None], 100, axis=0)
    Image.fromarray(np.repeat(ramp, 3, axis=2)).save(tmp_path / "a.png")
    (found,) = find_photographs(tmp_path).found
    shown = read_photograph(tmp_path, "a.png", found.sha256, 50, 50)
    assert shown.shape == (50, 50, 3)
    # The middle third of the width remains.
    np.testing.assert_allclose(shown[25, :, 0], np.linspace(86, 169, 50), atol=2)


def test_focal_lengths_are_those_of_the_diagonal(tmp_path: Path) -> None:
    jpeg(tmp_path / "a.jpg", np.zeros((300, 400, 3), np.uint8), focal=26)
    (found,) = find_photographs(tmp_path).found
    assert found.focal_35mm == 26
    # 26 mm before film with a diagonal of 43.27 mm; here the diagonal is 500 pixels.
    assert focal_length_px(found, 400, 300) == pytest.approx(500 * 26 / 43.2666, rel=1e-5)
    assert focal_length_px(found, 800, 300) == pytest.approx(1000 * 26 / 43.2666, rel=1e-5)
    # By the angle: a point at half the diagonal is seen where the film's corner would be.
    angle = np.arctan(250 / focal_length_px(found, 400, 300))
    assert angle == pytest.approx(np.arctan(43.2666 / 2 / 26), rel=1e-5)


@pytest.mark.parametrize("focal", [0, 1, 60_000])
def test_implausible_focal_lengths_are_unknown(tmp_path: Path, focal: int) -> None:
    jpeg(tmp_path / "a.jpg", QUARTERS, focal=focal)
    (found,) = find_photographs(tmp_path).found
    assert focal_length_px(found, 60, 40) == 0


def test_files_that_cannot_be_used_are_named_and_skipped(tmp_path: Path) -> None:
    jpeg(tmp_path / "good.jpg", QUARTERS)
    (tmp_path / "text.jpg").write_text("not an image")
    whole = (tmp_path / "good.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")
    (tmp_path / "elsewhere.jpg").symlink_to(os.devnull)
    Image.new("RGB", (8, 8)).save(tmp_path / "ignored.gif")
    folder = find_photographs(tmp_path)
    assert [found.file for found in folder.found] == ["good.jpg"]
    reasons = {one.file: one.reason for one in folder.skipped}
    assert reasons.keys() == {"text.jpg", "cut.jpg", "huge.png", "elsewhere.jpg"}
    assert "not a readable image" in reasons["text.jpg"]
    assert "cannot be decoded" in reasons["cut.jpg"]
    assert "9000 x 9000" in reasons["huge.png"]
    assert "link to a target outside" in reasons["elsewhere.jpg"]
    assert all("\n" not in reason for reason in reasons.values())


def test_folders_without_photographs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"background.images=.*: no usable JPEG or PNG files"):
        find_photographs(tmp_path)
    with pytest.raises(InputError, match=r"background.images=.*nowhere: not a folder"):
        find_photographs(tmp_path / "nowhere")


def test_missing_and_changed_photographs_are_named(tmp_path: Path) -> None:
    digest = jpeg(tmp_path / "a.jpg", QUARTERS)
    spec = BackgroundSpec("a.jpg", digest)
    with pytest.raises(AssetError, match=r"name it with background\.images"):
        Pictures().photograph(spec, 8, 8)
    jpeg(tmp_path / "a.jpg", QUARTERS[::-1])
    with pytest.raises(AssetError, match=r"a\.jpg: its SHA-256 is .*restore the original"):
        Pictures(photographs=tmp_path).photograph(spec, 8, 8)
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(AssetError, match=r"a\.jpg: the file does not exist"):
        Pictures(photographs=tmp_path).photograph(spec, 8, 8)
    with pytest.raises(AssetError, match="expected a path below"):
        Pictures(photographs=tmp_path).photograph(BackgroundSpec("../a.jpg", digest), 8, 8)
