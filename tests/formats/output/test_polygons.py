"""Masks as polygons: what pycocotools and OpenCV fill is the mask again."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage

import simgen
from simgen.formats.export import Options, export
from simgen.formats.output.polygons import Loss, joined, outlines
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(np.any)


def coded(mask: np.ndarray) -> dict[str, Any]:
    rle = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": rle["size"], "counts": rle["counts"].decode()}


def filled(polygons: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """By pycocotools, as whoever reads a COCO file does it."""
    flat = [polygon.reshape(-1).astype(float).tolist() for polygon in polygons]
    return coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(flat, *shape))).astype(bool)


def without_holes(mask: np.ndarray) -> np.ndarray:
    """Holes are what the outside cannot reach from side to side of pixels."""
    return ndimage.binary_fill_holes(mask)


@given(MASKS)
def test_polygons_filled_are_the_mask_without_its_holes(mask: np.ndarray) -> None:
    polygons = outlines(coded(mask))
    assert all(len(polygon) >= 4 for polygon in polygons)
    assert (filled(polygons, mask.shape) == without_holes(mask)).all()


@given(MASKS)
def test_parts_that_are_joined_fill_the_same(mask: np.ndarray) -> None:
    polygon = joined(outlines(coded(mask)))
    assert (filled([polygon], mask.shape) == without_holes(mask)).all()


@given(MASKS)
def test_opencv_fills_the_same_at_the_centres_of_pixels(mask: np.ndarray) -> None:
    """Another rasteriser: sixteen times finer, where the lines that it draws are a sixteenth of a
    pixel, seen at the centres of the pixels."""
    fine = np.zeros([16 * side for side in mask.shape], np.uint8)
    cv2.fillPoly(fine, [16 * joined(outlines(coded(mask))).astype(np.int32)], 1)
    shown, expected = fine[8::16, 8::16].astype(bool), without_holes(mask)
    # Lines between parts may cross centres of pixels that belong to none.
    assert (shown[expected]).all()
    if len(outlines(coded(mask))) == 1:
        assert (shown == expected).all()


@given(MASKS)
def test_a_polygons_area_and_box_are_those_of_the_pixels(mask: np.ndarray) -> None:
    polygons = outlines(coded(mask))
    areas = [abs(twice_area(polygon)) / 2 for polygon in polygons]
    assert sum(areas) == without_holes(mask).sum()
    rows, columns = np.nonzero(mask)
    corners = np.concatenate(polygons)
    assert corners.min(axis=0).tolist() == [columns.min(), rows.min()]
    assert corners.max(axis=0).tolist() == [columns.max() + 1, rows.max() + 1]


def twice_area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def test_straight_sides_have_two_corners() -> None:
    mask = np.zeros((20, 30), bool)
    mask[3:9, 4:20] = True
    (polygon,) = outlines(coded(mask))
    assert sorted(map(tuple, polygon.tolist())) == [(4, 3), (4, 9), (20, 3), (20, 9)]


def test_what_is_lost_is_told() -> None:
    ring = np.ones((10, 10), bool)
    ring[2:8, 2:8] = False
    loss = Loss()
    assert loss.remarks() == []
    loss.add(coded(ring), outlines(coded(ring)))
    assert loss.worst == pytest.approx(0.64)
    whole = np.ones((10, 10), bool)
    loss.add(coded(whole), outlines(coded(whole)))
    (remark,) = loss.remarks()
    assert "mean IoU 0.8200, worst 0.6400, of 2 objects" in remark


# --- coco-polygons ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("polygons") / "out"
    options = Options(selection=Selection(min_pixels=150, hardly_seen="crowd"))
    (done,) = export(["coco-polygons"], [SimgenSource(simgen.open(stills_folder))], out, options)
    assert any("mean IoU" in remark for remark in done.remarks)
    return out


def test_coco_reads_polygons(exported: Path, stills_folder: Path) -> None:
    path = exported / "annotations/instances_train.json"
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    masks = {
        (sample.image_id, item.class_name, item.bbox): sample.instances == item.instance_id
        for sample in simgen.open(stills_folder)
        for item in sample.objects
    }
    names = {number: entry["name"] for number, entry in coco.cats.items()}
    assert coco.anns
    for entry in coco.anns.values():
        key = entry["image_id"], names[entry["category_id"]], tuple(entry["bbox"])
        mask = masks[key]
        assert entry["area"] == mask.sum()
        if entry["iscrowd"]:
            assert (coco.annToMask(entry) == mask).all()
            continue
        assert all(len(part) >= 6 and len(part) % 2 == 0 for part in entry["segmentation"])
        assert (coco.annToMask(entry) == without_holes(mask)).all()


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_it_agrees_with_itself(kind: str, exported: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(exported / "annotations/instances_train.json"))
        kept = [entry for entry in truth.anns.values() if not entry["iscrowd"]]
        found = [
            {key: entry[key] for key in ("image_id", "category_id", "bbox")} | {"score": 1.0}
            for entry in kept
        ]
        if kind == "segm":
            for result, entry in zip(found, kept, strict=True):
                result["segmentation"] = truth.annToRLE(entry)
                del result["bbox"]
        judged = COCOeval(truth, truth.loadRes(found), kind)
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    assert judged.stats[0] == judged.stats[8] == 1.0


def test_supervision_reads_it(exported: Path, stills_folder: Path) -> None:
    read = supervision.DetectionDataset.from_coco(
        str(exported / "train"),
        str(exported / "annotations/instances_train.json"),
        force_masks=True,
    )
    frames = {f"{s.scene:06d}_{s.frame:04d}": s for s in simgen.open(stills_folder)}
    assert read.classes == ["ball", "box", "mug"]
    for path, _, found in read:
        sample = frames[Path(path).stem]
        items = [item for item in sample.objects if item.bbox is not None]
        boxes = np.array([item.bbox for item in items])
        boxes[:, 2:] += boxes[:, :2]
        assert (found.xyxy == boxes).all()
        for item, mask in zip(items, found.mask, strict=True):
            # It draws the border as well.
            assert mask[sample.instances == item.instance_id].all()
