"""Files of all kinds are seen as a person sees them; what is damaged is named."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_sets import scene, write_coco
from PIL import Image

from simgen.dataset.adaptation.measured import shrunk
from simgen.errors import InputError
from simgen.formats.items import Picture
from simgen.stats.gap import detail, tone
from simgen.stats.gap.appearance import APPEARANCE, measured
from simgen.stats.gap.look import Look
from simgen.stats.gap.measuring import Measured, measure
from simgen.stats.gap.pictures import read_pixels
from simgen.stats.gap.scale import Scale
from simgen.stats.gap.sides import open_side

READINGS = [one.id for kind in APPEARANCE for one in kind.readings]


def look(rgb: np.ndarray) -> Look:
    return Look(rgb, rgb, float("nan"))


def read(path: Path, *, labelled: bool = False, size: tuple[int, int] = (60, 40)) -> np.ndarray:
    return read_pixels(Picture(*size, path), labelled=labelled).rgb


@pytest.fixture
def picture() -> Image.Image:
    """60 x 40, red on the left and blue on the right."""
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, :30], rgb[:, 30:] = (200, 30, 30), (30, 30, 200)
    return Image.fromarray(rgb)


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "P", "RGBA"])
def test_all_modes_are_colour(mode: str, picture: Image.Image, tmp_path: Path) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    picture.convert(mode).save(tmp_path / f"a.{suffix}")
    found = read(tmp_path / f"a.{suffix}")
    assert found.shape == (40, 60, 3)
    assert found.dtype == np.uint8
    assert found[20, 10, 0] > 150 > 90 > found[20, 10, 2]
    assert found[20, 50, 2] > 150 > 90 > found[20, 50, 0]


@pytest.mark.parametrize("mode", ["L", "I;16", "1"])
def test_grey_has_three_equal_channels(mode: str, tmp_path: Path) -> None:
    values = np.linspace(0, 65535 if mode == "I;16" else 255, 2400).reshape(40, 60)
    grey = values.astype(np.uint16 if mode == "I;16" else np.uint8)
    image = Image.fromarray(grey)
    (image.convert("1") if mode == "1" else image).save(tmp_path / "a.png")
    found = read(tmp_path / "a.png")
    assert (found == found[..., :1]).all()
    assert found.min() == 0
    assert found.max() >= 254
    assert tone.saturation(look(found)) == 0
    assert tone.hues(look(found)).sum() == pytest.approx(0)


def test_exif_turns_an_image_unless_labels_say_otherwise(
    picture: Image.Image, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[274] = 6
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    turned = read(tmp_path / "a.jpg")
    assert turned.shape == (60, 40, 3)
    assert turned[5, 20, 0] > 150  # left has become top
    assert read(tmp_path / "a.jpg", labelled=True).shape == (40, 60, 3)
    assert read(tmp_path / "a.jpg", labelled=True, size=(40, 60)).shape == (60, 40, 3)


def test_tables_of_a_jpeg_are_known(picture: Image.Image, tmp_path: Path) -> None:
    steps = []
    for quality in (95, 30):
        picture.save(tmp_path / "a.jpg", quality=quality)
        steps.append(read_pixels(Picture(60, 40, tmp_path / "a.jpg"), labelled=False).quantisation)
    assert steps[0] < 10 < 60 < steps[1]
    picture.save(tmp_path / "a.png")
    found = read_pixels(Picture(60, 40, tmp_path / "a.png"), labelled=False)
    assert np.isnan(found.quantisation)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (23, 400)])
def test_tiny_and_long_images_have_numbers_or_none(size: tuple[int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    found = measured(look(rgb), READINGS)
    assert np.isfinite(found["brightness"])
    assert not any(np.isinf(value) for value in found.values())
    assert np.isfinite(tone.hues(look(rgb))).all()


def test_an_even_image_has_no_infinite_measures() -> None:
    for value in (0, 128, 255):
        found = measured(look(np.full((64, 64, 3), value, np.uint8)), READINGS)
        assert not any(np.isinf(one) for one in found.values())


def test_measures_are_what_they_say() -> None:
    """A step that is blurred by 2 pixels, and even grey with noise of 6 levels."""
    step = np.zeros((96, 96), np.float32)
    step[:, 48:] = 200
    soft = cv2.GaussianBlur(step, (0, 0), 2.0)
    rgb = np.repeat(soft.round().astype(np.uint8)[..., None], 3, axis=2)
    assert detail.edge_width(look(rgb)) == pytest.approx(2.0, rel=0.1)
    grey = np.random.default_rng(0).normal(128, 6, (128, 128, 1)).round().astype(np.uint8)
    assert detail.noise(look(np.repeat(grey, 3, axis=2))) == pytest.approx(6, rel=0.2)
    assert tone.brightness(look(np.full((9, 9, 3), 51, np.uint8))) == pytest.approx(0.2)
    warm = np.full((40, 40, 3), (200, 100, 50), np.uint8)
    assert tone.warmth(look(warm)) == pytest.approx(2, abs=0.2)


def test_images_are_never_enlarged() -> None:
    rgb = np.zeros((40, 60, 3), np.uint8)
    assert shrunk(rgb, 3.0) is rgb
    assert shrunk(rgb, 0.5).shape == (20, 30, 3)
    assert shrunk(rgb, 1e-6).shape == (1, 1, 3)


def measured_folder(path: Path) -> Measured:
    side = open_side(str(path), 0, "auto", {})
    return measure(side, (Scale("area", "", area=1e6),), None, 16, lambda done, total: None)


def damage(folder: Path) -> set[str]:
    """Three files that cannot be read, one of them only once it is decoded."""
    content = (folder / "0001.jpg").read_bytes()
    (folder / "0001.jpg").write_bytes(content[: len(content) // 2])
    (folder / "0002.jpg").write_bytes(b"")
    (folder / "0003.jpg").write_bytes(b"no image at all")
    return {"0001", "0002.jpg", "0003.jpg"}


def test_damaged_files_are_named_and_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    folder = write_coco(tmp_path / "set", [scene(rng) for _ in range(8)], ".jpg")
    names = damage(folder / "images")
    for path in (folder, folder / "images"):  # with labels, and without
        found = measured_folder(path)
        assert len(found.side.entries) == 5
        assert found.side.total == 8
        said = " ".join(found.side.left_out)
        assert all(name in said for name in names)
        assert str(tmp_path) not in said


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(InputError, match="no dataset"):
        open_side(str(tmp_path), 0, "auto", {})


def test_a_part_of_a_set_is_spread_evenly(tmp_path: Path) -> None:
    for number in range(20):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number:02d}.png")
    found = open_side(str(tmp_path), 5, "auto", {})
    assert [entry.name for entry in found.entries] == [f"{n:02d}.png" for n in (0, 5, 10, 14, 19)]
    assert found.total == 20
    assert not found.labelled
