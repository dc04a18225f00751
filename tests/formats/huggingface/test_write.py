"""Hugging Face: `datasets` loads and streams it, with class names, images and splits."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import webdataset
from datasets import ClassLabel, Image, load_dataset
from pyarrow import parquet
from pycocotools import mask as coco_mask

import simgen
from simgen.errors import InputError
from simgen.formats import export as exporting
from simgen.formats.export import Options, export, plan_of
from simgen.formats.output.target import atomic_folder
from simgen.formats.pipeline.mixing import Mix
from simgen.formats.pipeline.selection import Selection
from simgen.formats.registry import format_of
from simgen.formats.sources import SimgenSource, open_source

LIMIT = 60_000
"""Bytes of a shard: a few images."""


def source(folder: Path) -> SimgenSource:
    return SimgenSource(simgen.open(folder))


def export_small(sources: list[SimgenSource], out: Path, options: Options) -> None:
    """With shards of `LIMIT`."""
    plan = replace(plan_of(sources, options), shard_bytes=LIMIT)
    with (
        atomic_folder(out, {"format": "huggingface"}) as target,
        format_of("huggingface").write(target, plan) as add,
    ):
        for item in plan.items():
            add(item)


@pytest.fixture(scope="module")
def made(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("huggingface") / "out"
    export_small([source(stills_folder)], out, Options())
    return out


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of `datasets`, so that nothing is left of earlier runs."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", folder)


def objects(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The lists of a row, turned into one of objects."""
    columns = row["objects"]
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def check_row(row: dict[str, Any], sample: simgen.Sample) -> None:
    assert row["image_id"] == sample.image_id
    assert (np.asarray(row["image"]) == sample.rgb).all()
    assert (row["height"], row["width"]) == sample.rgb.shape[:2]
    left = sample.instances.copy()
    for item in objects(row):
        mask = coco_mask.decode(item["segmentation"]).astype(bool)
        assert (mask == (sample.instances == item["id"])).all()
        assert (sample.semantic[mask] == item["category"] + 1).all()
        assert item["area"] == mask.sum()
        rows, columns = np.nonzero(mask)
        x, y = columns.min(), rows.min()
        assert item["bbox"] == [x, y, columns.max() - x + 1, rows.max() - y + 1]
        assert not item["iscrowd"]
        left[mask] = 0
    assert not left.any()


def test_datasets_loads_what_the_dataset_has(made: Path, stills_folder: Path) -> None:
    data = simgen.open(stills_folder)
    loaded = load_dataset(str(made))
    there = [split for split in data.splits if len(data.split(split))]
    assert list(loaded) == there
    for split in there:
        samples = data.split(split)
        assert len(loaded[split]) == len(samples)
        for row, sample in zip(loaded[split], samples, strict=True):
            check_row(row, sample)
        features = loaded[split].features
        assert isinstance(features["image"], Image)
        category = features["objects"]["category"].feature
        assert isinstance(category, ClassLabel)
        assert tuple(category.names) == data.classes
        first = objects(loaded[split][0])[0]
        record = next(o for o in samples[0].objects if o.instance_id == first["id"])
        assert category.int2str(first["category"]) == record.class_name


def test_datasets_streams_it(made: Path, stills_folder: Path) -> None:
    data = simgen.open(stills_folder)
    streamed = load_dataset(str(made), split="train", streaming=True)
    rows = list(streamed)
    for row, sample in zip(rows, data.split("train"), strict=True):
        check_row(row, sample)
    assert streamed.num_shards == len(list(made.glob("data/train-*")))


def test_shards_are_bounded_and_rows_grouped(made: Path) -> None:
    paths = sorted(made.glob("data/*.parquet"))
    assert len(paths) > 3
    for path in paths:
        file = parquet.ParquetFile(path)
        assert path.stat().st_size <= LIMIT or file.metadata.num_rows == 1
        for number in range(file.num_row_groups):
            assert file.metadata.row_group(number).num_rows <= 100


def test_keypoints_and_crowds(cast_folder: Path, tmp_path: Path) -> None:
    options = Options(selection=Selection(min_pixels=60, hardly_seen="crowd"))
    (done,) = export(["huggingface"], [source(cast_folder)], tmp_path / "out", options)
    assert "depth" in done.remarks[0]
    assert "keypoints" not in done.remarks[0]
    crowds = points = 0
    data = simgen.open(cast_folder).split("train")
    rows = load_dataset(str(tmp_path / "out"), split="train")
    for row, sample in zip(rows, data, strict=True):
        records = {record.instance_id: record for record in sample.objects}
        for item in objects(row):
            record = records[item["id"]]
            crowds += item["iscrowd"]
            assert item["iscrowd"] == (record.visible_pixels < 60)
            assert item["visible_fraction"] == record.visible_fraction
            assert item["keypoint_names"] == [point.name for point in record.keypoints or ()]
            found = np.array(item["keypoints"]).reshape(-1, 3)
            for (x, y, v), point in zip(found, record.keypoints or (), strict=True):
                assert v == point.visibility
                assert [x, y] == (point.pixel.tolist() if v else [0, 0])
                points += 1
    assert crowds
    assert points


def test_other_peoples_boxes_without_masks(tmp_path: Path) -> None:
    """COCO by hand: an object with a fractional box alone, a region to be ignored, nothing."""
    coco, names = tmp_path / "coco", ["a.jpg", "b.jpg"]
    (coco / "annotations").mkdir(parents=True)
    (coco / "train").mkdir()
    for name in names:
        image = np.full((20, 30, 3), 90, np.uint8)
        assert cv2.imwrite(str(coco / "train" / name), image)
    images = [
        {"id": 7 + i, "file_name": name, "width": 30, "height": 20} for i, name in enumerate(names)
    ]
    entries = [
        {"id": 1, "image_id": 7, "category_id": 4, "bbox": [1.25, 2.5, 10.125, 3], "iscrowd": 0},
        {"id": 2, "image_id": 7, "category_id": 9, "bbox": [0, 0, 5, 5], "iscrowd": 1},
    ]
    for entry in entries:
        entry["area"] = 25.5
    categories = [{"id": 4, "name": "cat"}, {"id": 9, "name": "dog"}]
    content = {"images": images, "annotations": entries, "categories": categories}
    (coco / "annotations" / "instances_train.json").write_text(json.dumps(content))
    found = open_source(str(coco))
    export(["huggingface", "webdataset"], [found], tmp_path / "out")
    rows = load_dataset(str(tmp_path / "out" / "huggingface"), split="train")
    first, second = objects(rows[0]), objects(rows[1])
    assert [item["bbox"] for item in first] == [[1.25, 2.5, 10.125, 3], [0, 0, 5, 5]]
    assert [item["iscrowd"] for item in first] == [0, 1]
    assert [item["category"] for item in first] == [0, 1]
    assert [item["segmentation"] for item in first] == [None, None]
    assert second == []
    shards = [str(tmp_path / "out/webdataset/train/train-000000.tar")]
    streamed = list(webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8"))
    assert [entry["jpg"].shape for entry in streamed] == [(20, 30, 3)] * 2
    plain = streamed[0]["json"]["objects"]
    assert [item["bbox"] for item in plain] == [item["bbox"] for item in first]
    assert [item["category"] for item in plain] == ["cat", "dog"]
    assert [item["segmentation"] for item in plain] == [None, None]
    assert "camera" not in streamed[0]["json"]


def test_an_interrupted_export_ends_in_the_same_files(
    made: Path, stills_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, out, old = [source(stills_folder)], tmp_path / "out", exporting.mixed

    def broken(*words: Any) -> Any:
        for number, item in enumerate(old(*words)):
            if number == 9:
                raise RuntimeError("on the way")
            yield item

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "mixed", broken)
        with pytest.raises(RuntimeError, match="on the way"):
            export_small(sources, out, Options())
    kept = {p.name: p.stat().st_ino for p in tmp_path.glob(".out.partial/whole/data/*")}
    assert kept
    export_small(sources, out, Options())
    assert {p.name: p.stat().st_ino for p in out.glob("data/*")}.items() >= kept.items()
    for path in made.rglob("*"):
        if path.is_file():
            assert (out / path.relative_to(made)).read_bytes() == path.read_bytes()


def test_names_with_signs_of_yaml_stay(stills_folder: Path, tmp_path: Path) -> None:
    renamed = {"mug": "yes", "ball": "a: b #c", "box": "Öl 'x'"}
    options = Options(selection=Selection(rename=renamed))
    export(["huggingface"], [source(stills_folder)], tmp_path / "out", options)
    rows = load_dataset(str(tmp_path / "out"), split="train")
    assert rows.features["objects"]["category"].feature.names == ["a: b #c", "Öl 'x'", "yes"]


def test_what_hugging_face_cannot_name_is_refused(stills_folder: Path, tmp_path: Path) -> None:
    options = Options(mix=Mix(splits=("my-train:1",)))
    with pytest.raises(InputError, match="'my-train' is not a valid name for Hugging Face"):
        export(["huggingface"], [source(stills_folder)], tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_without_pyarrow_a_line_says_what_to_install(
    stills_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'simgen\[huggingface\]'"):
        export(["huggingface"], [source(stills_folder)], tmp_path / "out")
