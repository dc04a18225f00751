"""Regions to be ignored arrive in every format as that format knows them, and count nowhere as
objects."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from regions import add_regions

import simgen
from simgen.dataset.reader import Dataset
from simgen.dataset.sample import Sample
from simgen.formats.export import Exported, Options, export
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.registry import format_names
from simgen.formats.sources import SimgenSource, open_source
from simgen.formats.validate.detect import detect
from simgen.formats.validate.run import validate
from simgen.labels import IGNORE
from simgen.training.targets import detection_target


@pytest.fixture(scope="module")
def folder(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every frame has a region of class `box` and one of class `mug`."""
    made = tmp_path_factory.mktemp("regions") / "dataset"
    shutil.copytree(cast_folder, made)
    add_regions(made)
    return made


@pytest.fixture
def data(folder: Path) -> Dataset:
    return simgen.open(folder)


def exported(folder: Path, name: str, out: Path, **options: Any) -> Exported:
    (done,) = export([name], [SimgenSource(simgen.open(folder))], out, Options(**options))
    return done


def in_regions(sample: Sample) -> np.ndarray:
    """`H x W` bool."""
    masks = [coco_mask.decode(region.segmentation) for region in sample.record.ignore_regions]
    return np.logical_or.reduce(masks)


def crowds(out: Path) -> list[dict[str, Any]]:
    entries = [
        entry
        for path in sorted(out.glob("annotations/instances_*.json"))
        for entry in json.loads(path.read_text())["annotations"]
    ]
    assert {entry["iscrowd"] for entry in entries} <= {0, 1}
    return [entry for entry in entries if entry["iscrowd"]]


def test_the_dataset_is_a_good_one(folder: Path) -> None:
    assert not validate(folder, detect(folder), processes=1).findings


@pytest.mark.parametrize("name", format_names())
@pytest.mark.corpus(3)
def test_regions_do_not_count_as_objects(
    name: str, folder: Path, cast_folder: Path, tmp_path: Path
) -> None:
    with_regions = exported(folder, name, tmp_path / "with")
    without = exported(cast_folder, name, tmp_path / "without")
    assert with_regions.objects == without.objects > 0
    assert with_regions.images == without.images


@pytest.mark.parametrize(
    "name", ["coco", "coco-polygons", "voc", "kitti", "cityscapes", "huggingface", "webdataset"]
)
def test_what_is_exported_is_valid(name: str, folder: Path, tmp_path: Path) -> None:
    exported(folder, name, tmp_path / "out")
    report = validate(tmp_path / "out", detect(tmp_path / "out"), processes=1)
    assert not [found for found in report.findings if found.severity == "error"]


@pytest.mark.parametrize("name", ["coco", "coco-polygons"])
def test_coco_has_crowds_in_run_lengths(
    name: str, folder: Path, data: Dataset, tmp_path: Path
) -> None:
    exported(folder, name, tmp_path / "out")
    expected = {
        (sample.image_id, region.class_id, region.area, region.bbox, region.segmentation["counts"])
        for sample in data
        for region in sample.record.ignore_regions
    }
    assert expected == {
        (
            entry["image_id"], entry["category_id"], entry["area"], tuple(entry["bbox"]),
            entry["segmentation"]["counts"],
        )
        for entry in crowds(tmp_path / "out")
    }  # fmt: skip


def test_the_datasets_own_coco_files_have_crowds(folder: Path, data: Dataset) -> None:
    coco = COCO(folder / "annotations/instances.json")
    regions = sum(len(sample.record.ignore_regions) for sample in data)
    assert len(coco.getAnnIds(iscrowd=True)) == regions == 2 * len(data)
    panoptic = json.loads((folder / "annotations/panoptic.json").read_text())
    for sample, image in zip(data, panoptic["annotations"], strict=True):
        crowded = {s["category_id"]: s["area"] for s in image["segments_info"] if s["iscrowd"]}
        assert crowded == {r.class_id: r.area for r in sample.record.ignore_regions}


def test_panoptic_crowds_follow_their_class(folder: Path, tmp_path: Path) -> None:
    exported(folder, "coco", tmp_path / "out", selection=Selection(drop=("mug",)))
    for path in (tmp_path / "out/annotations").glob("panoptic_*.json"):
        plain = json.loads(path.read_text())
        names = {row["id"]: row["name"] for row in plain["categories"]}
        for image in plain["annotations"]:
            shown = [s for s in image["segments_info"] if s["iscrowd"]]
            assert [names[s["category_id"]] for s in shown] == ["box"]
            with Image.open(tmp_path / "out" / path.stem / image["file_name"]) as png:
                red, green, blue = np.moveaxis(np.array(png).astype(int), 2, 0)
            ids = red + 256 * green + 65536 * blue
            assert set(np.unique(ids)) - {0} == {s["id"] for s in image["segments_info"]}
            assert (ids == shown[0]["id"]).sum() == shown[0]["area"]


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (Selection(drop=("mug",)), {"box"}),
        (Selection(keep=("mug",)), {"mug"}),
        (Selection(rename={"mug": "cup"}), {"box", "cup"}),
        (Selection(min_pixels=10**6, min_visibility=1.0), {"box", "mug"}),
    ],
)
def test_regions_are_chosen_by_their_class(
    selection: Selection, left: set[str], folder: Path, tmp_path: Path
) -> None:
    exported(folder, "coco", tmp_path / "out", selection=selection)
    for path in (tmp_path / "out/annotations").glob("instances_*.json"):
        names = {row["id"]: row["name"] for row in json.loads(path.read_text())["categories"]}
    assert {names[entry["category_id"]] for entry in crowds(tmp_path / "out")} == left


def test_regions_are_resized(folder: Path, data: Dataset, tmp_path: Path) -> None:
    exported(folder, "coco", tmp_path / "out", size=Size.read("48x36"))
    found = crowds(tmp_path / "out")
    assert len(found) == 2 * len(data)
    for entry in found:
        mask = coco_mask.decode(entry["segmentation"])
        assert mask.shape == (36, 48)
        assert mask.sum() == entry["area"] > 0
        assert coco_mask.toBbox(entry["segmentation"]).tolist() == entry["bbox"]


def test_voc_has_difficult_boxes_and_void(folder: Path, data: Dataset, tmp_path: Path) -> None:
    exported(folder, "voc", tmp_path / "out")
    for sample in data:
        name = f"{sample.scene:06d}_{sample.frame:04d}"
        tree = ElementTree.parse(tmp_path / f"out/Annotations/{name}.xml")
        difficult = [item for item in tree.iter("object") if item.findtext("difficult") == "1"]
        assert sorted(item.findtext("name") or "" for item in difficult) == ["box", "mug"]
        for kind in ("Class", "Object"):
            with Image.open(tmp_path / f"out/Segmentation{kind}/{name}.png") as png:
                assert ((np.array(png) == 255) == in_regions(sample)).all()


def test_kitti_does_not_care(folder: Path, data: Dataset, tmp_path: Path) -> None:
    exported(folder, "kitti", tmp_path / "out")
    for number, sample in enumerate(data):
        rows = (tmp_path / f"out/training/label_2/{number:06d}.txt").read_text().splitlines()
        ignored = [row.split() for row in rows if row.startswith("DontCare ")]
        assert sorted(
            (float(x), float(y), float(r) - float(x) + 1, float(b) - float(y) + 1)
            for x, y, r, b in (row[4:8] for row in ignored)
        ) == sorted(region.bbox for region in sample.record.ignore_regions)


def test_cityscapes_ignores_pixels_and_has_groups(
    folder: Path, data: Dataset, tmp_path: Path
) -> None:
    exported(folder, "cityscapes", tmp_path / "out")
    for sample in data:
        base = tmp_path / f"out/gtFine/{sample.split}/simgen"
        stem = f"simgen_{sample.scene:06d}_{sample.frame:06d}_gtFine"
        images = {}
        for kind in ("labelIds", "labelTrainIds", "instanceIds"):
            with Image.open(base / f"{stem}_{kind}.png") as png:
                images[kind] = np.array(png)
        ignored = in_regions(sample)
        assert (images["labelIds"][ignored] == 0).all()
        assert (images["labelTrainIds"][ignored] == 255).all()
        for region in sample.record.ignore_regions:
            mask = coco_mask.decode(region.segmentation).astype(bool)
            assert (images["instanceIds"][mask] == region.class_id).all()


@pytest.mark.parametrize("name", ["yolo", "yolo-seg", "yolo-pose", "yolo-obb"])
def test_yolo_says_what_it_leaves_out(
    name: str, folder: Path, cast_folder: Path, data: Dataset, tmp_path: Path
) -> None:
    done = exported(folder, name, tmp_path / "with")
    exported(cast_folder, name, tmp_path / "without")
    for path in (tmp_path / "without").glob("labels/*/*.txt"):
        there = tmp_path / "with" / path.relative_to(tmp_path / "without")
        assert there.read_text() == path.read_text()
    (remark,) = [line for line in done.remarks if "ignore regions" in line]
    assert remark.startswith(f"omitted {2 * len(data)} ignore regions")
    assert "scene.label_furnishings=instances" in remark


@pytest.mark.parametrize("name", ["bop", "bop-webdataset"])
def test_bop_says_what_it_leaves_out(
    name: str, folder: Path, data: Dataset, tmp_path: Path
) -> None:
    done = exported(folder, name, tmp_path / "out")
    assert f"omitted {2 * len(data)} ignore regions, which BOP cannot store" in done.remarks


def _of_huggingface(out: Path) -> list[tuple[list[int], list[int]]]:
    from pyarrow import parquet

    rows = [
        row for path in sorted(out.glob("data/*")) for row in parquet.read_table(path).to_pylist()
    ]
    return [(row["objects"]["id"], row["objects"]["iscrowd"]) for row in rows]


def _of_webdataset(out: Path) -> list[tuple[list[int], list[int]]]:
    found = []
    for path in sorted(out.glob("*/*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    objects = json.load(tar.extractfile(member))["objects"]  # type: ignore[arg-type]
                    found.append(([o["id"] for o in objects], [o["iscrowd"] for o in objects]))
    return found


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("huggingface", _of_huggingface),
        ("webdataset", _of_webdataset),
        ("webdataset-dense", _of_webdataset),
    ],
)
def test_tables_say_which_are_crowds(
    name: str,
    read: Callable[[Path], list[tuple[list[int], list[int]]]],
    folder: Path,
    data: Dataset,
    tmp_path: Path,
) -> None:
    exported(folder, name, tmp_path / "out")
    rows = read(tmp_path / "out")
    assert len(rows) == len(data)
    for ids, is_crowd in rows:
        assert sum(is_crowd) == 2
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("drop", [(), ("mug",)])
def test_dense_classes_are_ignored_where_regions_are(
    drop: tuple[str, ...], folder: Path, data: Dataset, tmp_path: Path
) -> None:
    exported(folder, "webdataset-dense", tmp_path / "out", selection=Selection(drop=drop))
    semantic = {}
    for path in (tmp_path / "out").glob("*/*.tar"):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".npz"):
                    file = tar.extractfile(member)
                    assert file is not None
                    semantic[member.name] = np.load(io.BytesIO(file.read()))["semantic"]
    for sample in data:
        expected = np.zeros_like(sample.semantic, bool)
        for region in sample.record.ignore_regions:
            if region.class_name not in drop:
                expected |= coco_mask.decode(region.segmentation).astype(bool)
        found = semantic[f"{sample.scene:06d}_{sample.frame:04d}.npz"]
        assert ((found == IGNORE) == expected).all()
        assert found[~expected].max() <= 3 - len(drop)


def test_other_peoples_crowds_come_through(folder: Path, data: Dataset, tmp_path: Path) -> None:
    exported(folder, "coco", tmp_path / "first")
    (done,) = export(["coco"], [open_source(str(tmp_path / "first"))], tmp_path / "second")
    assert len(crowds(tmp_path / "second")) == 2 * len(data)
    (voc,) = export(["voc"], [open_source(str(tmp_path / "first"))], tmp_path / "voc")
    assert done.objects == voc.objects == exported(folder, "coco", tmp_path / "third").objects


def test_targets_have_crowds_where_they_are_asked_for(data: Dataset) -> None:
    for sample in data:
        plain, crowded = detection_target(sample), detection_target(sample, crowds=True)
        assert not plain.iscrowd.any()
        assert crowded.iscrowd.tolist() == [0] * len(plain.labels) + [1, 1]
        assert crowded.iscrowd.dtype == np.int64
        boxes = [[x, y, x + w, y + h] for x, y, w, h in (
            region.bbox for region in sample.record.ignore_regions
        )]  # fmt: skip
        assert crowded.boxes[-2:].tolist() == boxes
        assert (crowded.masks[-2:].sum(axis=(1, 2)) == crowded.area[-2:]).all()
