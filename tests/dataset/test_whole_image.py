"""A damaged image is told from a whole one without being decoded."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from simgen.dataset.whole_image import damage

KINDS = (".png", ".jpg", ".webp", ".bmp", ".tif")


def image(kind: str) -> bytes:
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (48, 64, 3), np.uint8), (0, 0), 3)
    done, buffer = cv2.imencode(kind, picture)
    assert done
    return buffer.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_image_is_whole(kind: str) -> None:
    assert damage(io.BytesIO(image(kind)), (64, 48)) == ""


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("part", [0.0, 0.02, 0.5, 0.95])
@pytest.mark.parametrize("kind", KINDS)
def test_an_image_that_is_cut_short_is_not(kind: str, part: float) -> None:
    content = image(kind)
    assert damage(io.BytesIO(content[: int(len(content) * part)]))


@pytest.mark.parametrize("kind", [".png", ".jpg"])
def test_an_image_whose_end_was_never_written_is_not(kind: str) -> None:
    content = image(kind)
    half = len(content) // 2
    assert damage(io.BytesIO(content[:half] + bytes(len(content) - half)))


@pytest.mark.parametrize("kind", [".png", ".jpg"])
def test_what_lies_behind_an_image_does_no_harm(kind: str) -> None:
    assert damage(io.BytesIO(image(kind) + b"somebody's notes")) == ""


def test_a_png_of_another_size_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", None)  # by its header alone
    found = damage(io.BytesIO(image(".png")), (64, 64))
    assert found == "it is 64x48 pixels, its labels are for 64x64"
