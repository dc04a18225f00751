"""YOLO exports, compared with the dataset and read by supervision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import supervision
import yaml
from pycocotools import mask as coco_mask
from scipy import ndimage

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.export import Options, export
from simgen.formats.items import Item
from simgen.formats.pipeline.mixing import Mix
from simgen.formats.pipeline.selection import Selection
from simgen.formats.registry import format_of
from simgen.formats.sources import SimgenSource, open_source
from simgen.formats.yolo.pose import flip_places
from simgen.formats.yolo.write import box_row

SPLITS = Options(mix=Mix(splits=("train:1", "val:1")))
KINDS = ("yolo", "yolo-seg", "yolo-pose", "yolo-obb")


@pytest.fixture(scope="module")
def exported(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("yolo") / "out"
    export(KINDS, [SimgenSource(simgen.open(cast_folder))], out, SPLITS)
    return out


@pytest.fixture(scope="module")
def frames(cast_folder: Path) -> dict[str, Sample]:
    return {f"{s.scene:06d}_{s.frame:04d}": s for s in simgen.open(cast_folder)}


def rows(folder: Path) -> Iterator[tuple[str, list[list[float]]]]:
    for path in sorted(folder.glob("labels/*/*.txt")):
        lines = path.read_text().splitlines()
        yield path.stem, [[float(word) for word in line.split()] for line in lines]


def data(folder: Path) -> dict:
    return yaml.safe_load((folder / "data.yaml").read_text())


def seen(sample: Sample) -> list:
    return [item for item in sample.objects if item.bbox is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_every_image_has_its_labels_and_no_cache(kind: str, exported: Path) -> None:
    folder = exported / kind
    images = {p.relative_to(folder / "images").with_suffix("") for p in folder.glob("images/*/*")}
    labels = {p.relative_to(folder / "labels").with_suffix("") for p in folder.glob("labels/*/*")}
    assert images == labels
    assert len(images) == 6
    assert {p.suffix for p in folder.glob("labels/*/*")} == {".txt"}
    assert data(folder)["names"] == {0: "ball", 1: "box", 2: "mug"}
    for split in ("train", "val"):
        assert (folder / data(folder)[split]).is_dir()


@pytest.mark.parametrize("kind", KINDS)
def test_all_coordinates_are_within_the_image(
    kind: str, exported: Path, frames: dict[str, Sample]
) -> None:
    found = [row for _, some in rows(exported / kind) for row in some]
    assert len(found) == sum(len(seen(frame)) for frame in frames.values()) > 10
    for row in found:
        values = np.array(row[1:5] if kind == "yolo-pose" else row[1:])
        assert ((values >= 0) & (values <= 1)).all()
        assert row[0] in (0, 1, 2)


@pytest.mark.parametrize("kind", ["yolo", "yolo-pose"])
def test_boxes(kind: str, exported: Path, frames: dict[str, Sample]) -> None:
    for name, some in rows(exported / kind):
        for row, item in zip(some, seen(frames[name]), strict=True):
            number, cx, cy, w, h = row[:5]
            assert number + 1 == item.class_id
            box = (cx - w / 2) * 96, (cy - h / 2) * 72, w * 96, h * 72
            np.testing.assert_allclose(box, item.bbox, atol=1e-4)
            assert len(row) == 5 or kind == "yolo-pose"


def test_polygons_are_the_masks(exported: Path, frames: dict[str, Sample]) -> None:
    lost = 0
    for name, some in rows(exported / "yolo-seg"):
        for row, item in zip(some, seen(frames[name]), strict=True):
            assert len(row) >= 7
            assert len(row) % 2 == 1
            points = np.array(row[1:]).reshape(-1, 2) * [96, 72]
            rle = coco_mask.frPyObjects([points.reshape(-1).tolist()], 72, 96)
            shown = coco_mask.decode(coco_mask.merge(rle)).astype(bool)
            mask = frames[name].instances == item.instance_id
            assert (shown == ndimage.binary_fill_holes(mask)).all()
            lost += (shown != mask).any()
            low, size = points.min(axis=0), np.ptp(points, axis=0)
            np.testing.assert_allclose([*low, *size], item.bbox, atol=1e-4)
    assert lost  # of the handles of mugs


def test_keypoints(exported: Path, frames: dict[str, Sample]) -> None:
    described = data(exported / "yolo-pose")
    count, columns = described["kpt_shape"]
    names = described["kpt_names"][0]
    assert columns == 3
    assert len(names) == count == len(set(names)) == len(described["flip_idx"])
    some_seen = 0
    for name, some in rows(exported / "yolo-pose"):
        for row, item in zip(some, seen(frames[name]), strict=True):
            triples = np.array(row[5:]).reshape(count, 3)
            points = {point.name: point for point in item.keypoints}
            for point_name, (x, y, v) in zip(names, triples, strict=True):
                point = points.get(point_name)
                if point is None or point.visibility == 0:
                    assert (x, y, v) == (0, 0, 0)
                else:
                    some_seen += 1
                    assert v == point.visibility
                    np.testing.assert_allclose([x * 96, y * 72], point.pixel, atol=1e-4)
    assert some_seen > 50


def test_turned_boxes_hold_their_masks(exported: Path, frames: dict[str, Sample]) -> None:
    """By OpenCV: corners in order around a rectangle, as small as that of the mask's pixels."""
    whole = 0
    for name, some in rows(exported / "yolo-obb"):
        for row, item in zip(some, seen(frames[name]), strict=True):
            assert len(row) == 9
            corners = np.array(row[1:]).reshape(4, 2) * [96, 72]
            assert cv2.isContourConvex(corners.astype(np.float32))
            if (item.oriented_box < 0).any() or (item.oriented_box > [96, 72]).any():
                continue
            whole += 1
            y, x = np.nonzero(frames[name].instances == item.instance_id)
            around = np.concatenate([np.stack([x + a, y + b], 1) for a in (0, 1) for b in (0, 1)])
            rectangle = cv2.minAreaRect(around.astype(np.float32))
            sides = np.linalg.norm(np.diff(corners, axis=0), axis=1)
            assert sides[0] * sides[1] <= np.prod(rectangle[1]) * 1.001
            for point in around:
                assert (
                    cv2.pointPolygonTest(corners.astype(np.float32), point.astype(float), True)
                    > -1e-3
                )
    assert whole > 15


def test_supervision_reads_boxes_and_polygons(exported: Path, frames: dict[str, Sample]) -> None:
    for kind, is_obb in (("yolo", False), ("yolo-seg", False), ("yolo-obb", True)):
        folder = exported / kind
        read = supervision.DetectionDataset.from_yolo(
            str(folder / "images/train"), str(folder / "labels/train"), str(folder / "data.yaml"),
            force_masks=kind == "yolo-seg", is_obb=is_obb,
        )  # fmt: skip
        assert read.classes == ["ball", "box", "mug"]
        for path, _, found in read:
            items = seen(frames[Path(path).stem])
            assert (found.class_id + 1).tolist() == [item.class_id for item in items]
            if kind == "yolo":
                boxes = np.array([item.bbox for item in items])
                boxes[:, 2:] += boxes[:, :2]
                np.testing.assert_allclose(found.xyxy, boxes, atol=1e-3)
            if kind == "yolo-seg":
                for item, mask in zip(items, found.mask, strict=True):
                    kept = frames[Path(path).stem].instances == item.instance_id
                    assert (mask & kept).sum() / kept.sum() > 0.9


# --- what is special ----------------------------------------------------------------------------


def test_an_image_without_objects_has_an_empty_file(stills_folder: Path, tmp_path: Path) -> None:
    dataset = simgen.open(stills_folder)
    largest = [max(item.visible_pixels for item in sample.objects) for sample in dataset]
    options = Options(selection=Selection(min_pixels=int(np.median(largest)) + 1))
    export(["yolo"], [SimgenSource(dataset)], tmp_path / "out", options)
    sizes = [len(path.read_text()) for path in (tmp_path / "out").glob("labels/*/*.txt")]
    assert len(sizes) == 12
    assert 0 < sizes.count(0) < 12


def test_regions_to_be_ignored_are_left_out(stills_folder: Path, tmp_path: Path) -> None:
    source = SimgenSource(simgen.open(stills_folder))
    crowd = Options(selection=Selection(min_pixels=150, hardly_seen="crowd"))
    (done,) = export(["yolo"], [source], tmp_path / "a", crowd)
    export(["yolo"], [source], tmp_path / "b", Options(selection=Selection(min_pixels=150)))
    assert list(rows(tmp_path / "a")) == list(rows(tmp_path / "b"))
    assert any("ignore regions" in remark for remark in done.remarks)


def test_a_split_that_is_missing_has_another_in_its_place(
    stills_folder: Path, tmp_path: Path
) -> None:
    source = SimgenSource(simgen.open(stills_folder))
    options = Options(mix=Mix(splits=("a:1", "b:1"), only=("b",)))
    (done,) = export(["yolo"], [source], tmp_path / "out", options)
    described = data(tmp_path / "out")
    assert described["train"] == described["val"] == described["b"] == "images/b"
    assert any("train and val" in remark for remark in done.remarks)
    assert open_source(str(tmp_path / "out")).splits == ("train",)


def test_no_keypoints_is_an_error(stills_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'yolo-pose' needs keypoints"):
        export(["yolo-pose"], [SimgenSource(simgen.open(stills_folder))], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_boxes_are_clipped(cast_folder: Path) -> None:
    item = next(iter(SimgenSource(simgen.open(cast_folder))))
    beyond = replace(item.annotations[0], bbox=(-10.0, 60.0, 30.0, 40.0))
    assert box_row(beyond, item) == pytest.approx((10 / 96, 66 / 72, 20 / 96, 12 / 72))


def test_an_object_without_a_mask_has_its_box(cast_folder: Path, tmp_path: Path) -> None:
    class Boxes(SimgenSource):
        def __iter__(self) -> Iterator[Item]:
            for item in super().__iter__():
                bare = [replace(e, mask=None, oriented_box=None) for e in item.annotations]
                yield replace(item, annotations=tuple(bare))

    dataset = simgen.open(cast_folder)
    done = export(["yolo-seg", "yolo-obb"], [Boxes(dataset)], tmp_path / "out")
    count = sum(len(seen(sample)) for sample in dataset)
    assert f"{count} objects without a mask: wrote their boxes as polygons" in done[1].remarks
    for kind in ("yolo-seg", "yolo-obb"):
        for name, some in rows(tmp_path / "out" / kind):
            assert all(len(row) == 9 for row in some), name


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (("nose", "left_eye", "right_eye"), [0, 2, 1]),
        (("RightHand", "LeftHand", "tail"), [1, 0, 2]),
        (("ear.L", "ear.R"), [1, 0]),
        (("left", "upright", "right"), [2, 1, 0]),
        (("left_wheel",), [0]),
        (("light", "roof"), [0, 1]),
        (("left_RIGHT", "right_LEFT"), [1, 0]),
    ],
)
def test_left_and_right_change_places(names: tuple[str, ...], places: list[int]) -> None:
    assert flip_places(names) == places


def test_the_formats_take_any_dataset() -> None:
    assert all(format_of(kind).needs == frozenset() for kind in KINDS)
