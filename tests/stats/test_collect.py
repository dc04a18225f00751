"""What is counted, against the labels themselves; and the same of a dataset in other formats."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

import simgen
from simgen.formats.export import Options, export
from simgen.formats.sources import open_source
from simgen.report.counting.quantities import GRID, SPHERE
from simgen.report.counting.sphere import cell, coverage
from simgen.stats import as_json
from simgen.stats.collect import collect, gather, silent
from simgen.stats.statistics import Statistics


@pytest.fixture(scope="module")
def found(stills_folder: Path) -> Statistics:
    return collect(open_source(str(stills_folder)), silent)


def test_images_objects_and_classes(found: Statistics, stills_folder: Path) -> None:
    images: Counter[str] = Counter()
    objects: Counter[tuple[str, str]] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    with_class: Counter[tuple[str, str]] = Counter()
    for sample in simgen.open(stills_folder):
        images[sample.split] += 1
        # Of the masks: what is seen is what has a pixel.
        seen = [o.class_name for o in sample.objects if (sample.instances == o.instance_id).any()]
        objects.update((sample.split, name) for name in seen)
        names = sorted(set(seen))
        with_class.update((sample.split, name) for name in names)
        together.update((a, b) for a in names for b in names if a < b)
    assert found.images == images
    assert found.together == together
    for name, one in found.by_class.items():
        for split in found.splits:
            assert one.objects[split] == objects[split, name]
            assert one.images[split] == with_class[split, name]
    assert found.object_count == objects.total() > 20


def test_quantities_of_objects(found: Statistics, stills_folder: Path) -> None:
    values: dict[str, list[float]] = {name: [] for name in ("size", "visibility", "distance")}
    rows = np.zeros((GRID, GRID), int)
    for sample in simgen.open(stills_folder):
        height, width = sample.instances.shape
        for item in sample.objects:
            ys, xs = np.nonzero(sample.instances == item.instance_id)
            if not len(xs):
                continue
            left, right, top, bottom = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
            area = (right - left) * (bottom - top) / (height * width)
            values["size"].append(float(np.sqrt(area)))
            values["visibility"].append(item.visible_fraction)
            middle = (item.box_min + item.box_max) / 2
            world = item.object_to_world[:3, :3] @ middle + item.object_to_world[:3, 3]
            eye = sample.camera.cam_to_world[:3, 3]
            values["distance"].append(float(np.linalg.norm(world - eye)))
            row, column = (top + bottom) / 2 / height * GRID, (left + right) / 2 / width * GRID
            rows[int(row), int(column)] += 1
    for name, expected in values.items():
        histogram = found.histograms[name]
        assert histogram.count == len(expected)
        assert histogram.mean == pytest.approx(np.mean(expected), rel=1e-6)
        assert histogram.low == pytest.approx(min(expected), rel=1e-6)
        assert histogram.high == pytest.approx(max(expected), rel=1e-6)
        counts = np.histogram(expected, histogram.axis.edges)[0]
        # A value at an edge may round to either side.
        assert np.abs(counts - histogram.counts).sum() <= 2
    assert (found.positions == rows).all()


def test_measures_of_pictures(found: Statistics, stills_folder: Path) -> None:
    brightness, hues = [], []
    for sample in simgen.open(stills_folder):
        brightness.append((sample.rgb @ np.array([0.299, 0.587, 0.114])).mean() / 255)
        hues.append(sample.rgb.reshape(-1, 3).mean(axis=0) / 255)
    assert found.histograms["brightness"].mean == pytest.approx(np.mean(brightness), abs=0.002)
    assert found.mean_colour == pytest.approx(tuple(np.mean(hues, axis=0)))
    assert found.hues.sum() == pytest.approx(1)


def test_views_of_an_object_that_is_known() -> None:
    bands, steps = SPHERE
    assert cell(np.array([0.0, 0.0, 1.0]))[0] == bands - 1
    assert cell(np.array([0.0, 0.0, -1.0]))[0] == 0
    assert cell(np.array([1.0, 0.0, 0.1])) == (bands // 2, steps // 2)
    assert cell(np.array([-1.0, -1e-9, 0.1])) == (bands // 2, 0)
    # All cells cover the same solid angle: even points on the sphere fill them evenly.
    points = np.random.Generator(np.random.PCG64(1)).normal(size=(60_000, 3))
    counts = np.zeros(SPHERE, int)
    for point in points / np.linalg.norm(points, axis=1, keepdims=True):
        counts[cell(point)] += 1
    assert counts.min() > 150
    assert counts.max() < 270
    assert coverage(counts) == 1


def test_views_are_where_the_camera_is(found: Statistics, stills_folder: Path) -> None:
    expected = np.zeros(SPHERE, int)
    for sample in simgen.open(stills_folder):
        eye = np.append(sample.camera.cam_to_world[:3, 3], 1)
        for item in sample.objects:
            if item.bbox is not None:
                at = (np.linalg.inv(item.object_to_world) @ eye)[:3]
                towards = at - (item.box_min + item.box_max) / 2
                expected[cell(towards / np.linalg.norm(towards))] += 1
    assert np.abs(found.sphere - expected).sum() <= 2


@pytest.mark.parametrize("name", ["coco", "yolo", "voc"])
def test_another_format_of_the_same_images(
    name: str, found: Statistics, stills_folder: Path, tmp_path: Path
) -> None:
    export([name], [open_source(str(stills_folder))], tmp_path / "out", Options())
    other, drawn = gather(str(tmp_path / "out"))
    assert drawn is None
    assert other.image_count == found.image_count
    assert other.object_count == found.object_count
    assert {n: c.objects.total() for n, c in other.by_class.items()} == {
        n: c.objects.total() for n, c in found.by_class.items()
    }
    for one in ("brightness", "sharpness", "objects"):
        assert other.histograms[one].mean == pytest.approx(found.histograms[one].mean, rel=1e-9)
    assert other.histograms["size"].mean == pytest.approx(found.histograms["size"].mean, rel=1e-3)
    assert other.histograms["distance"].count == 0
    assert {"distance", "sphere", "asked"} <= set(other.left_out)


def test_near_duplicates_are_found_and_frames_of_a_scene_are_told_apart(
    stills_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export(["coco"], [open_source(str(stills_folder))], out, Options(copy=True))
    first, second = sorted(out.rglob("*.png"))[:2]
    image = cv2.imread(str(first))
    cv2.imwrite(str(second), np.clip(image.astype(int) + 3, 0, 255).astype(np.uint8))
    found, _ = gather(str(out))
    assert found.near_duplicates is not None
    names = {frozenset((pair.first, pair.second)) for pair in found.near_duplicates.pairs}
    assert any({first.stem, second.stem} <= {n.rsplit("/", 1)[-1] for n in pair} for pair in names)
    assert found.near_duplicates.same_scene == 0


def test_an_image_that_cannot_be_read_is_said(stills_folder: Path, tmp_path: Path) -> None:
    out = shutil.copytree(stills_folder, tmp_path / "out")
    sorted(out.rglob("*.rgb.png"))[0].write_bytes(b"no image")
    found, _ = gather(str(out))
    assert found.left_out == {"some pictures": "1 of 12 images cannot be read"}
    assert found.image_count == 12


def test_an_image_whose_labels_cannot_be_read_is_left_out(
    stills_folder: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(stills_folder, tmp_path / "out")
    (out / "scenes/000002/frame_0001.json").write_bytes(b"{")
    (out / "scenes/000004/frame_0000.json").unlink()
    found, drawn = gather(str(out))
    assert (found.image_count, drawn is None) == (10, False)
    said = found.left_out.pop("damaged")
    assert said.startswith("2 of 12 images are damaged and not counted; the first: scenes/000002/")
    assert not found.left_out


def test_the_json_is_whole_and_without_nan(found: Statistics) -> None:
    read = json.loads(as_json.to_json(as_json.of_one(found, None)), parse_constant=pytest.fail)
    assert read["version"] == 1
    assert sum(read["images"].values()) == found.image_count
    for one in read["histograms"].values():
        assert len(one["edges"]) == len(one["counts"]) + 1
        assert sum(one["counts"]) == one["count"]
        assert one["low"] <= one["quantiles"]["0.5"] <= one["high"]
    assert str(found.name) == "stills"
