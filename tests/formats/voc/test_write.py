"""Pascal VOC exports, compared with the dataset and read by supervision."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco_mask

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.export import Options, export
from simgen.formats.items import Annotation, Item, Picture
from simgen.formats.output.palette import colours, palette_png
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource
from simgen.formats.voc.write import beyond, has_masks, inclusive, painted


@pytest.fixture(scope="module")
def exported(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("voc") / "out"
    source = SimgenSource(simgen.open(stills_folder))
    options = Options(Selection(min_pixels=100, hardly_seen="crowd"), quality=95)
    (done,) = export(["voc"], [source], out, options)
    assert all("--min-pixels: marked" in remark for remark in done.remarks)
    return out


@pytest.fixture(scope="module")
def frames(stills_folder: Path) -> dict[str, Sample]:
    return {f"{s.scene:06d}_{s.frame:04d}": s for s in simgen.open(stills_folder)}


def seen(sample: Sample) -> list:
    return [item for item in sample.objects if item.bbox is not None]


def test_boxes_count_from_one_and_hold_both_ends(exported: Path, frames: dict[str, Sample]) -> None:
    paths = sorted(exported.glob("Annotations/*.xml"))
    assert [path.stem for path in paths] == sorted(frames)
    for path in paths:
        root = ElementTree.parse(path).getroot()
        sample = frames[path.stem]
        assert root.findtext("filename") == f"{path.stem}.jpg"
        assert (exported / "JPEGImages" / f"{path.stem}.jpg").is_file()
        assert [root.findtext(f"size/{k}") for k in ("width", "height", "depth")] == [
            "96", "72", "3",
        ]  # fmt: skip
        for node, item in zip(root.findall("object"), seen(sample), strict=True):
            mask = sample.instances == item.instance_id
            box = [int(node.findtext(f"bndbox/{k}")) for k in ("xmin", "ymin", "xmax", "ymax")]
            rows, columns = np.nonzero(mask)
            assert box == [columns.min() + 1, rows.min() + 1, columns.max() + 1, rows.max() + 1]
            assert node.findtext("name") == item.class_name
            assert node.findtext("truncated") == str(int(item.inside_fraction < 0.85))
            assert node.findtext("occluded") == str(int(item.unoccluded_fraction < 0.95))
            assert node.findtext("difficult") == str(int(mask.sum() < 100))


def test_masks_are_numbers_in_a_palette(exported: Path, frames: dict[str, Sample]) -> None:
    ignored = 0
    for name, sample in frames.items():
        with Image.open(exported / "SegmentationClass" / f"{name}.png") as image:
            assert image.mode == "P"
            by_class = np.array(image)
            shown = np.array(image.convert("RGB"))
        with Image.open(exported / "SegmentationObject" / f"{name}.png") as image:
            by_object = np.array(image)
        expected = np.zeros((72, 96), int)
        for place, item in enumerate(seen(sample), start=1):
            mask = sample.instances == item.instance_id
            few = mask.sum() < 100
            ignored += few
            assert set(by_class[mask]) == {255 if few else item.class_id}
            assert set(by_object[mask]) == {255 if few else place}
            expected[mask] = 1
        assert ((by_class == 0) == (expected == 0)).all()
        assert ((by_object == 0) == (expected == 0)).all()
        # Red, green, yellow: aeroplane, bicycle, bird in VOC's own legend; void is cream.
        legend = {0: (0, 0, 0), 1: (128, 0, 0), 2: (0, 128, 0), 3: (128, 128, 0)}
        legend[255] = (224, 224, 192)
        for number in np.unique(by_class):
            assert {tuple(c) for c in shown[by_class == number].tolist()} == {legend[number]}
    assert ignored


def test_vocs_colours() -> None:
    """Of classes 4 to 20, as the development kit lists them; all 256 are different."""
    known = {4: (0, 0, 128), 8: (64, 0, 0), 15: (192, 128, 128), 16: (0, 64, 0), 20: (0, 64, 128)}
    table = colours()
    assert {number: tuple(table[number].tolist()) for number in known} == known
    assert len(np.unique(table, axis=0)) == 256


def test_every_image_is_in_the_list_of_its_split(exported: Path, frames: dict[str, Sample]) -> None:
    for folder in ("Main", "Segmentation"):
        lists = {
            path.stem: path.read_text().splitlines()
            for path in (exported / "ImageSets" / folder).glob("*.txt")
        }
        listed = {name: split for split, names in lists.items() for name in names}
        assert listed == {name: sample.split for name, sample in frames.items()}
        assert sum(map(len, lists.values())) == len(frames)


def test_supervision_reads_it(exported: Path, frames: dict[str, Sample]) -> None:
    read = supervision.DetectionDataset.from_pascal_voc(
        str(exported / "JPEGImages"), str(exported / "Annotations")
    )
    assert set(read.classes) == {"ball", "box", "mug"}
    assert len(read) == len(frames)
    for path, _, found in read:
        items = seen(frames[Path(path).stem])
        assert [read.classes[number] for number in found.class_id] == [i.class_name for i in items]
        boxes = np.array([item.bbox for item in items])
        boxes[:, 2:] += boxes[:, :2]
        assert (found.xyxy == boxes).all()


# --- what VOC cannot hold -----------------------------------------------------------------------


def strip(width: int, *columns: int, **given: object) -> Annotation:
    """An object that covers some columns of an image of one row."""
    mask = np.zeros((1, width), np.uint8)
    mask[:, columns] = 1
    rle = coco_mask.encode(np.asfortranarray(mask))
    rle["counts"] = rle["counts"].decode()
    entry = Annotation("thing", (float(columns[0]), 0.0, 1.0, 1.0), rle, float(len(columns)))
    return replace(entry, **given)


def item(width: int, *entries: Annotation) -> Item:
    return Item("a", "train", 1, Picture(width, 1, Path("a.png")), entries)


def test_beyond_254_objects_is_void() -> None:
    crowded = item(300, *(strip(300, place) for place in range(300)))
    by_class, by_object = painted(crowded, {"thing": 1})
    assert by_object[0].tolist() == [*range(1, 255), *[255] * 46]
    assert by_class[0].tolist() == [1] * 300
    assert beyond(crowded, {"thing": 1}) == 46


def test_beyond_254_classes_is_void() -> None:
    one = item(2, strip(2, 0), strip(2, 1, class_name="last"))
    numbers = {"thing": 254, "last": 255}
    by_class, by_object = painted(one, numbers)
    assert by_class[0].tolist() == [254, 255]
    assert by_object[0].tolist() == [1, 2]
    assert beyond(one, numbers) == 1


def test_where_masks_overlap_the_smallest_is_seen() -> None:
    small_first = item(4, strip(4, 1), strip(4, 0, 1, 2))
    assert painted(small_first, {"thing": 7})[1][0].tolist() == [2, 1, 2, 0]


def test_an_image_with_boxes_alone_has_no_masks() -> None:
    assert has_masks(item(2, strip(2, 0)))
    assert not has_masks(item(2, strip(2, 0), strip(2, 1, mask=None)))
    assert not has_masks(item(2))


@given(
    st.integers(1, 50), st.integers(1, 50),
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_boxes_stay_within_the_image(
    width: int, height: int, left: float, top: float, w: float, h: float
) -> None:
    x, y = left * width, top * height
    box = inclusive((x, y, w * (width - x), h * (height - y)), width, height)
    assert 1 <= box["xmin"] <= box["xmax"] <= width
    assert 1 <= box["ymin"] <= box["ymax"] <= height


def test_a_class_with_a_colon_is_refused(stills_folder: Path, tmp_path: Path) -> None:
    options = Options(Selection(rename={"mug": "cup: blue"}))
    with pytest.raises(InputError, match="cannot store colons"):
        export(["voc"], [SimgenSource(simgen.open(stills_folder))], tmp_path / "out", options)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_a_picture_of_numbers_holds_them(width: int, height: int, seed: int) -> None:
    numbers = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    with Image.open(io.BytesIO(palette_png(numbers))) as image:
        assert (np.array(image) == numbers).all()
