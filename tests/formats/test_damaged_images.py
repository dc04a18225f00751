"""No format takes an image that is damaged: the export ends with its name, and puts nothing in
place."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from formats.tiny import coco_content, coco_file, image

import simgen
from simgen.errors import SimgenError
from simgen.formats.export import Options, export
from simgen.formats.registry import format_names
from simgen.formats.sources import open_source


def cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 9 // 10])


@pytest.fixture
def folder(cast_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cast_folder, tmp_path / "dataset"))


def refused(name: str, source: Path, out: Path, file: str, options: Options | None = None) -> None:
    with pytest.raises(SimgenError, match=rf"{file}: .*; the export is incomplete"):
        export([name], [open_source(str(source))], out, options)
    assert not out.exists()


WITHOUT_IMAGES = {"pointcloud", "pointcloud-pcd"}


@pytest.mark.parametrize("name", sorted({*format_names()} - WITHOUT_IMAGES))
@pytest.mark.corpus(6)
def test_an_image_that_is_cut_short(name: str, folder: Path, tmp_path: Path) -> None:
    path = simgen.open(folder)[-1].path("rgb")
    assert isinstance(path, Path)
    cut_short(path)
    refused(name, folder, tmp_path / "out", path.name)


@pytest.mark.parametrize("label", ["panoptic", "rgb_right"])
def test_another_label_that_is_cut_short(label: str, folder: Path, tmp_path: Path) -> None:
    path = simgen.open(folder)[-1].path(label)
    assert isinstance(path, Path)
    cut_short(path)
    refused("coco" if label == "panoptic" else "kitti", folder, tmp_path / "out", path.name)


def test_an_image_of_another_size_than_its_labels(folder: Path, tmp_path: Path) -> None:
    path = simgen.open(folder)[0].path("rgb")
    assert isinstance(path, Path)
    cv2.imwrite(str(path), np.zeros((72, 95, 3), np.uint8))
    refused("yolo", folder, tmp_path / "out", path.name)


@pytest.mark.parametrize("kind", ["jpg", "png"])
@pytest.mark.parametrize("copy", [True, False])
def test_other_peoples_images(kind: str, copy: bool, tmp_path: Path) -> None:
    cut_short(image(tmp_path / f"data/train/a.{kind}"))
    content = coco_content({}, file_name=f"a.{kind}")
    coco_file(tmp_path / "data/annotations/instances_train.json", content)
    refused("coco", tmp_path / "data", tmp_path / "out", f"a.{kind}", Options(copy=copy))
