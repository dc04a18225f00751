"""What was exported comes back when it is read as another's dataset."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage

import simgen
from simgen.formats.export import Options, export
from simgen.formats.items import Annotation, Item
from simgen.formats.pipeline.mixing import Mix
from simgen.formats.pipeline.resizing import Size, resized
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource, Source, open_source

KINDS = ("coco", "coco-polygons", "yolo", "yolo-seg", "yolo-pose", "yolo-obb", "voc")

CROWD = Options(Selection(min_pixels=120, hardly_seen="crowd"))


@pytest.fixture(scope="module")
def original(cast_folder: Path) -> dict[str, Item]:
    source = SimgenSource(simgen.open(cast_folder))
    return {item.name: CROWD.selection.of(item) for item in source}


@pytest.fixture(scope="module")
def exported(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sources") / "out"
    export(KINDS, [SimgenSource(simgen.open(cast_folder))], out, CROWD)
    return out


def held(kind: str, item: Item) -> list[Annotation]:
    """The objects of an image that a format has a place for: YOLO has none for crowds."""
    return [entry for entry in item.seen if not (entry.crowd and kind.startswith("yolo"))]


@pytest.mark.parametrize("kind", KINDS)
def test_images_classes_splits_and_boxes_come_back(
    kind: str, exported: Path, original: dict[str, Item]
) -> None:
    source = open_source(str(exported / kind))
    assert source.classes == ("ball", "box", "mug")
    items = list(source)
    assert len(source) == len(items) == len({item.image_id for item in items})
    assert {item.name: item.split for item in items} == {
        item.name: item.split for item in original.values()
    }
    assert set(source.splits) >= {item.split for item in items}
    for item in items:
        before = held(kind, original[item.name])
        assert (item.width, item.height) == (96, 72)
        assert (item.picture.pixels() == original[item.name].picture.pixels()).all()
        for entry, old in zip(item.seen, before, strict=True):
            assert entry.class_name == old.class_name
            assert entry.crowd == old.crowd
            # Turned boxes have another upright box about them than the masks.
            if kind != "yolo-obb":
                assert entry.bbox == pytest.approx(old.bbox, abs=1e-4)


@pytest.mark.parametrize("kind", ["coco", "coco-polygons", "yolo-seg", "voc"])
def test_masks_come_back(kind: str, exported: Path, original: dict[str, Item]) -> None:
    compared = 0
    for item in open_source(str(exported / kind)):
        before = held(kind, original[item.name])
        for entry, old in zip(item.seen, before, strict=True):
            if kind == "voc" and old.crowd:
                assert entry.mask is None  # it is void
                continue
            compared += 1
            exact = kind in ("coco", "voc") or old.crowd
            expected = old.decoded() if exact else ndimage.binary_fill_holes(old.decoded())
            assert (entry.decoded() == expected).all()
            assert entry.area == expected.sum()
    assert compared > 10


def points(entry: Annotation) -> dict[str, tuple[float, float, int]]:
    keypoints = entry.keypoints or ()
    return {m.name: (m.x, m.y, m.visibility) for m in keypoints if m.visibility}


@pytest.mark.parametrize("kind", ["coco", "yolo-pose"])
def test_keypoints_come_back(kind: str, exported: Path, original: dict[str, Item]) -> None:
    compared = 0
    for item in open_source(str(exported / kind)):
        before = held(kind, original[item.name])
        for entry, old in zip(item.seen, before, strict=True):
            found, expected = points(entry), points(old)
            assert set(found) == set(expected)
            for name, triple in expected.items():
                assert found[name] == pytest.approx(triple, abs=1e-4)
                compared += 1
            if kind == "coco":
                assert skeleton(entry) >= skeleton(old)
    assert compared > 50


def skeleton(entry: Annotation) -> set[tuple[str, str]]:
    assert entry.keypoints is not None
    return {(entry.keypoints[a].name, entry.keypoints[b].name) for a, b in entry.skeleton}


def test_turned_boxes_come_back(exported: Path, original: dict[str, Item]) -> None:
    for item in open_source(str(exported / "yolo-obb")):
        before = [entry for entry in original[item.name].seen if not entry.crowd]
        for entry, old in zip(item.seen, before, strict=True):
            assert entry.mask is None
            expected = np.clip(old.oriented_box, 0, [96, 72])
            np.testing.assert_allclose(entry.oriented_box, expected, atol=1e-4)


def test_coco_keeps_ids_and_visibility(exported: Path, original: dict[str, Item]) -> None:
    for item in open_source(str(exported / "coco")):
        old = original[item.name]
        assert item.image_id == old.image_id
        for entry, before in zip(item.seen, old.seen, strict=True):
            assert entry.visible_fraction == before.visible_fraction
            assert entry.amodal_bbox == before.amodal_bbox


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_coco_of_coco_is_perfect(kind: str, exported: Path, tmp_path: Path) -> None:
    """By COCOeval: what went through the source is what was there."""
    export(["coco"], [open_source(str(exported / "coco"))], tmp_path / "out")
    name = "annotations/instances_train.json"
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(exported / "coco" / name))
        again = json.loads((tmp_path / "out" / name).read_text())["annotations"]
        if kind == "keypoints":
            # Of all the same number, as COCO has one class of them.
            mugs = truth.getCatIds(["mug"])
            again = [entry for entry in again if entry["category_id"] in mugs]
        found = [entry | {"score": 1.0} for entry in again if not entry["iscrowd"]]
        judged = COCOeval(truth, truth.loadRes(found), kind)
        if kind == "keypoints":
            judged.params.catIds = mugs
            count = len(truth.cats[mugs[0]]["keypoints"])
            judged.params.kpt_oks_sigmas = np.full(count, 0.05)
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    assert judged.stats[0] == 1.0


def test_keypoints_of_others_are_named_in_coco(exported: Path, tmp_path: Path) -> None:
    export(["coco"], [open_source(str(exported / "yolo-pose"))], tmp_path / "out")
    path = next(tmp_path.glob("out/annotations/instances_*.json"))
    content = json.loads(path.read_text())
    names = {entry["id"]: entry["keypoints"] for entry in content["categories"]}
    for entry in content["annotations"]:
        assert len(entry["keypoints"]) == 3 * len(names[entry["category_id"]]) > 0


@pytest.mark.parametrize("kind", [*KINDS, "cityscapes"])
def test_the_same_export_gives_the_same_files(
    kind: str, exported: Path, cast_folder: Path, tmp_path: Path
) -> None:
    opened: list[Source] = [SimgenSource(simgen.open(cast_folder))]
    if kind != "cityscapes":
        opened.append(open_source(str(exported / "yolo-pose")))
    contents = []
    for name in ("a", "b"):
        export([kind], opened, tmp_path / name, Options(size=Size.read("60")))
        found = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        contents.append([(p.relative_to(tmp_path / name), p.read_bytes()) for p in found])
    assert contents[0] == contents[1]
    assert not [path for path, _ in contents[0] if path.name.endswith(".cache")]


def test_a_source_says_the_same_each_time(exported: Path) -> None:
    for kind in KINDS:
        source = open_source(str(exported / kind))
        assert [plain(item) for item in source] == [plain(item) for item in source]
        assert source.digest == open_source(str(exported / kind)).digest
        assert source.remarks == ()


def plain(item: Item) -> tuple[Any, ...]:
    boxes = tuple((entry.class_name, entry.bbox, str(entry.mask)) for entry in item.annotations)
    return item.name, item.split, item.image_id, boxes


def test_real_and_synthetic_are_mixed(exported: Path, cast_folder: Path, tmp_path: Path) -> None:
    sources = [SimgenSource(simgen.open(cast_folder)), open_source(str(exported / "yolo"))]
    options = Options(Selection(drop=("box",)), Mix(proportions=(0.5, 1.0)), Size.read("48"))
    done = export(["coco", "yolo", "yolo-obb", "voc"], sources, tmp_path / "out", options)
    assert {entry.images for entry in done} == {9}
    masks = set()
    for path in tmp_path.glob("out/coco/annotations/instances_*.json"):
        content = json.loads(path.read_text())
        assert [entry["name"] for entry in content["categories"]] == ["ball", "mug"]
        names = {entry["id"]: entry["file_name"][0] for entry in content["images"]}
        masks |= {(names[e["image_id"]], bool(e["segmentation"])) for e in content["annotations"]}
    assert masks == {("0", True), ("1", False)}


def test_turned_boxes_follow_the_size(exported: Path) -> None:
    item = next(iter(open_source(str(exported / "yolo-obb"))))
    small = resized(item, Size.read("48x18"))
    for entry, old in zip(small.annotations, item.annotations, strict=True):
        np.testing.assert_allclose(entry.oriented_box, old.oriented_box * [0.5, 0.25])
