"""COCO panoptic says what its PNGs show. They are read here byte by byte, not by our reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from synthetic import CLASSES, HEIGHT, WIDTH, write_dataset

import simgen
from simgen.dataset.layout import Layout
from simgen.formats.coco.panoptic import write_panoptic


def shown(path: Path) -> np.ndarray:
    """The ids of a panoptic PNG: `H x W`."""
    with Image.open(path) as image:
        assert image.mode == "RGB"
        assert "icc_profile" not in image.info
        assert "gamma" not in image.info
        pixels = np.asarray(image, np.int64)
    return pixels[..., 0] + 256 * pixels[..., 1] + 256**2 * pixels[..., 2]


def check_panoptic(root: Path, exported: dict[str, Any]) -> None:
    """That ids, areas and boxes are those of the PNGs, and that every category exists."""
    categories = {item["id"]: item for item in exported["categories"]}
    assert list(categories) == list(range(1, len(categories) + 1))
    assert len(exported["images"]) == len(exported["annotations"]) > 0
    for image, annotation in zip(exported["images"], exported["annotations"], strict=True):
        assert image["id"] == annotation["image_id"]
        assert (root / image["file_name"]).is_file()
        ids = shown(root / annotation["file_name"])
        assert ids.shape == (image["height"], image["width"])
        segments = {item["id"]: item for item in annotation["segments_info"]}
        assert len(segments) == len(annotation["segments_info"])
        assert set(np.unique(ids).tolist()) == set(segments)
        assert 0 not in segments  # in the format: no segment
        for number, item in segments.items():
            rows, columns = np.nonzero(ids == number)
            x, y = columns.min(), rows.min()
            assert item["area"] == len(rows)
            assert item["bbox"] == [x, y, columns.max() - x + 1, rows.max() - y + 1]
            assert item["iscrowd"] in (0, 1)
            assert not item["iscrowd"] or categories[item["category_id"]]["isthing"]
            assert item["category_id"] in categories


def test_the_json_says_what_the_pngs_show(tmp_path: Path) -> None:
    root = tmp_path / "d"
    write_dataset(root, ("rgb", "panoptic", "camera"))
    place = Layout(root)
    assert write_panoptic(simgen.open(root), place.panoptic, place.scratch) == 6
    exported = json.loads(place.panoptic.read_text())
    check_panoptic(root, exported)
    things = [item["name"] for item in exported["categories"] if item["isthing"]]
    stuff = [item["name"] for item in exported["categories"] if not item["isthing"]]
    assert tuple(things) == CLASSES
    assert stuff == ["background", "table", "floor", "wall"]
    # Scene 1 was given up; the ids leave room for it, as COCO instances do.
    assert [image["id"] for image in exported["images"]] == [1, 2, 3, 7, 8, 9]
    assert (exported["images"][0]["width"], exported["images"][0]["height"]) == (WIDTH, HEIGHT)
    assert exported["images"][0]["file_name"].endswith("frame_0000.rgb.png")


def test_a_wrong_area_is_noticed(tmp_path: Path) -> None:
    root = tmp_path / "d"
    write_dataset(root, ("rgb", "panoptic", "camera"))
    place = Layout(root)
    write_panoptic(simgen.open(root), place.panoptic, place.scratch)
    exported = json.loads(place.panoptic.read_text())
    exported["annotations"][3]["segments_info"][0]["area"] += 1
    with pytest.raises(AssertionError):
        check_panoptic(root, exported)


def test_without_rgb_it_names_the_ids(tmp_path: Path) -> None:
    root = tmp_path / "d"
    write_dataset(root, ("panoptic", "camera"), scenes=(0,), frames=1)
    place = Layout(root)
    write_panoptic(simgen.open(root), place.panoptic, place.scratch)
    check_panoptic(root, json.loads(place.panoptic.read_text()))


def test_an_empty_dataset_is_an_empty_list(tmp_path: Path) -> None:
    root = tmp_path / "d"
    write_dataset(root, ("panoptic", "camera"), scenes=(0,), frames=1)
    for path in (root / "scenes").iterdir():
        path.rename(tmp_path / path.name)
    place = Layout(root)
    write_panoptic(simgen.open(root), place.panoptic, place.scratch)
    exported = json.loads(place.panoptic.read_text())
    assert exported["images"] == exported["annotations"] == []


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_run_writes_it(moving_folder: Path) -> None:
    exported = json.loads(Layout(moving_folder).panoptic.read_text())
    check_panoptic(moving_folder, exported)
    kinds = {item["id"]: item for item in exported["categories"]}
    for sample, annotation in zip(simgen.open(moving_folder), exported["annotations"], strict=True):
        ids = shown(moving_folder / annotation["file_name"])
        classes = {item.instance_id: item.class_id for item in sample.objects}
        for item in annotation["segments_info"]:
            here = np.unique(sample.instances[ids == item["id"]]).tolist()
            if kinds[item["category_id"]]["isthing"] and not item["iscrowd"]:
                assert here == [item["id"]]
                assert classes[item["id"]] == item["category_id"]
            else:
                assert here == [0]
