"""Pascal VOC as a source: splits, masks, and what is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from formats.tiny import only, voc

from simgen.errors import InputError
from simgen.formats.sources import open_source


def test_voc_counts_from_one(tmp_path: Path) -> None:
    item = only(open_source(voc(tmp_path)))
    assert item.seen[0].bbox == (0, 0, 20, 10)
    assert not item.seen[0].crowd
    assert item.split == "train"
    assert only(open_source(voc(tmp_path, flags="<difficult>1</difficult>"))).seen[0].crowd


def test_splits_of_voc(tmp_path: Path) -> None:
    folder = voc(tmp_path)
    lists = tmp_path / "ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "val.txt").write_text("a\n")
    (lists / "trainval.txt").write_text("a\n")
    (lists / "cat_val.txt").write_text("a  1\n")
    assert only(open_source(folder)).split == "val"
    (lists / "train.txt").write_text("a\n")
    with pytest.raises(InputError, match=r"image a is in ImageSets/Main/train.txt and in val.txt"):
        open_source(folder)


def test_masks_of_voc_that_are_elsewhere_are_left_out(tmp_path: Path) -> None:
    folder = voc(tmp_path, 1, 1, 4, 4)
    (tmp_path / "SegmentationObject").mkdir()
    numbers = np.zeros((10, 20), np.uint8)
    numbers[6:, 15:] = 1
    cv2.imwrite(str(tmp_path / "SegmentationObject/a.png"), numbers)
    source = open_source(folder)
    assert only(source).seen[0].mask is None
    assert "masks omitted" in source.remarks[0]


BOMB = '<!DOCTYPE a [<!ENTITY b "cc">]><annotation>&b;</annotation>'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:-20], "expected XML"),
        (lambda text: BOMB, "a document type"),
        (lambda text: text.replace("<name>cat</name>", ""), "object 1: no name"),
        (
            lambda text: text.replace("<xmin>1<", "<xmin>one<"),
            "object 1: no bndbox",
        ),
        (lambda text: text.replace("<xmin>1<", "<xmin>30<"), "expected min to be at most max"),
        (lambda text: text.replace("<width>20<", "<width>21<"), "its labels state 21x10"),
        (lambda text: text.replace(">a.png<", ">../../a.png<"), "expected a path within"),
    ],
)
def test_broken_voc(change: Callable[[str], str], said: str, tmp_path: Path) -> None:
    folder = voc(tmp_path)
    path = tmp_path / "Annotations/a.xml"
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=said):
        list(open_source(folder))
