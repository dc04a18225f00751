"""Real data: class maps, groups, splits, tiles, and that no test image is trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import InputError
from simgen.training.detection import Detections, DetectionSet, LabelledImage
from simgen.training.leaks import refuse_leaks
from simgen.training.photographs.classes import map_classes, target_classes
from simgen.training.photographs.read import open_photographs, read_photographs
from simgen.training.photographs.scale import matching_scale
from simgen.training.photographs.split import test_groups as groups_to_test
from simgen.training.photographs.tiles import corners_of, cut, suppress
from simgen.training.study.schema import DataConfig


def photographs(folder: Path, names: list[str], sizes: list[tuple[int, int]]) -> Path:
    """A COCO dataset of noise with one box of class car in each image, and one of a bird."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(len(names))
    images, annotations = [], []
    for number, (name, (width, height)) in enumerate(zip(names, sizes, strict=True), 1):
        pixels = rng.integers(0, 255, (height, width, 3), np.uint8)
        cv2.imwrite(str(folder / "images" / f"{name}.png"), pixels)
        entry = {"id": number, "file_name": f"images/{name}.png", "street": name[0]}
        images.append(entry | {"width": width, "height": height})
        for category, box in ((7, [4, 6, 10, 8]), (9, [1, 1, 5, 5])):
            annotations.append(
                {"id": len(annotations) + 1, "image_id": number, "category_id": category}
                | {"bbox": box, "area": box[2] * box[3], "iscrowd": 0}
            )
    categories = [{"id": 7, "name": "Car"}, {"id": 9, "name": "bird"}]
    plain = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(plain))
    return folder


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    names = [f"{street}_{n:03d}" for street in "abc" for n in range(4)]
    sizes = [(64, 48) if name[0] != "c" else (80, 48) for name in names]
    return photographs(tmp_path / "streets", names, sizes)


def read(folder: Path, *, training: bool = True, **keys: object):
    config = replace(DataConfig(), **keys)
    return read_photographs(open_photographs(str(folder)), config, ("Car",), training, 0)


def test_groups_are_never_on_both_sides_of_a_split(streets: Path) -> None:
    for method in ("auto", "prefix", "field:street", "image"):
        found = read(streets, group_by=method)
        test, rest = found.test.images, found.training.images
        assert len(test) + len(rest) == 12
        assert test
        assert rest
        assert not {image.group for image in test} & {image.group for image in rest}
        refuse_leaks([found.training], found.test)


def test_boxes_of_other_classes_are_left_out_and_said_to_be(streets: Path) -> None:
    found = read(streets, training=False)
    assert len(found.test.images) == 12
    assert not found.training.images
    np.testing.assert_array_equal(found.test.images[0].boxes, [[4, 6, 14, 14]])
    assert any("12 boxes of other classes" in line for line in found.remarks)


def test_one_group_cannot_be_split(tmp_path: Path) -> None:
    folder = photographs(tmp_path / "one", ["a_1", "a_2"], [(64, 48)] * 2)
    with pytest.raises(InputError, match=r"one group.*data\.group_by"):
        read(folder, group_by="prefix")


@pytest.mark.parametrize("method", ["town", "field:weather"])
def test_a_group_that_nothing_says_is_refused(streets: Path, method: str) -> None:
    with pytest.raises(InputError, match=rf"data\.group_by={method}"):
        read(streets, group_by=method)


def test_a_test_image_among_those_to_train_on_is_found(streets: Path, tmp_path: Path) -> None:
    found = read(streets, training=False)
    smuggled = photographs(tmp_path / "more", ["x_1", "y_2"], [(64, 48), (80, 40)])
    copied = cv2.imread(str(found.test.images[3].file))
    cv2.imwrite(str(smuggled / "images" / "x_1.png"), copied, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    other = read(smuggled, training=False).test
    with pytest.raises(InputError, match=r"x_1\.png is identical to the test image .*a_003\.png"):
        refuse_leaks([other], found.test)


def test_a_neighbour_of_a_test_image_is_found(streets: Path) -> None:
    found = read(streets, training=False, group_by="field:street").test
    near = replace(found, images=(found.images[0],))
    rest = replace(found, images=found.images[1:])
    with pytest.raises(InputError, match="group 'a'"):
        refuse_leaks([near], rest)
    # A scene that happens to have the name of a street is no neighbour.
    refuse_leaks([replace(near, real=False)], rest)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=12),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 5),
)
def test_a_split_leaves_something_on_both_sides(sizes: list[int], share: float, seed: int) -> None:
    groups = [f"g{place}" for place, size in enumerate(sizes) for _ in range(size)]
    chosen = groups_to_test(groups, share, seed)
    assert 0 < len(chosen) < len(sizes)
    assert chosen == groups_to_test(groups[::-1], share, seed)


def test_classes_map_by_name_alias_and_choice() -> None:
    real = ("person", "potted plant", "cup", "sports ball")
    aliases = {"ball": ("sports ball",), "mug": ()}
    found = map_classes(("potted_plant", "mug", "ball", "fork"), aliases, real, {"mug": "cup"})
    assert found == {"potted_plant": "potted plant", "mug": "cup", "ball": "sports ball"}
    assert target_classes(found, real) == ("potted plant", "cup", "sports ball")
    with pytest.raises(InputError, match=r"data\.class_map\.mug=cub.*did you mean 'cup'"):
        map_classes(("mug",), {}, real, {"mug": "cub"})
    with pytest.raises(InputError, match="none of its classes"):
        map_classes(("fork",), {}, real, {})


@given(
    width=st.integers(1, 500),
    height=st.integers(1, 500),
    side=st.integers(64, 200),
    overlap=st.integers(0, 60),
)
def test_tiles_cover_their_image(width: int, height: int, side: int, overlap: int) -> None:
    covered = np.zeros((height, width), bool)
    for x, y in corners_of(width, height, side, overlap):
        assert 0 <= x <= max(0, width - side)
        assert 0 <= y <= max(0, height - side)
        covered[y : y + side, x : x + side] = True
    assert covered.all()


def test_what_is_found_in_tiles_is_found_once_and_in_its_place(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    cv2.imwrite(str(tmp_path / "wide.png"), rng.integers(0, 255, (60, 200, 3), np.uint8))
    boxes = np.array([[10, 10, 20, 20], [90, 30, 110, 50], [170, 5, 195, 25]], np.float32)
    image = LabelledImage(
        tmp_path / "wide.png",
        200,
        60,
        boxes,
        np.zeros(3, np.int64),
        np.zeros(3, bool),
        "g",
        "a" * 64,
    )
    tiles = cut(DetectionSet("t", ("car",), (image,), real=True), tmp_path / "cut", 100, 40, 2.0)
    assert tiles.whole.images == (image,)
    assert {(part.width, part.height) for part in tiles.parts.images} == {(100, 100)}
    found = [
        Detections(part.boxes, np.full(len(part.boxes), 0.9, np.float32), part.classes)
        for part in (
            replace(p, boxes=p.boxes[~p.ignore], classes=p.classes[~p.ignore])
            for p in tiles.parts.images
        )
    ]
    (merged,) = tiles.merged(found)
    order = np.argsort(merged.boxes[:, 0])
    overlap = np.abs(merged.boxes[order] - boxes)
    assert len(merged.boxes) == 3
    assert overlap.max() <= 5  # a box at the edge of a tile is clipped there


def squares(side: float) -> DetectionSet:
    box = np.array([[0, 0, side, side]], np.float32)
    one = LabelledImage(Path("a"), 99, 99, box, np.zeros(1, int), np.zeros(1, bool), "g", "s")
    return DetectionSet("t", ("car",), (one,), real=True)


@pytest.mark.parametrize(("real", "synthetic", "factor"), [
    (25.0, 13.4, 0.5), (20.0, 21.0, 1.0), (20.0, 24.5, 2**0.25), (10.0, 900.0, 2.0),
    (900, 9, 0.25),
])  # fmt: skip
def test_photographs_are_scaled_to_the_size_of_synthetic_objects_in_coarse_steps(
    real: float, synthetic: float, factor: float
) -> None:
    assert matching_scale(squares(real), squares(synthetic)) == pytest.approx(factor)
    nothing = DetectionSet("t", ("car",), (), real=False)
    assert matching_scale(squares(real), nothing) == 1.0


def test_cars_across_the_image_are_as_large_as_cars_at_an_angle() -> None:
    turned = 40 * np.cos(np.pi / 4) + 16 * np.sin(np.pi / 4)
    across = np.array([[0, 0, 40, 16]], np.float32)
    (one,) = squares(turned).images
    real = DetectionSet("t", ("car",), (replace(one, boxes=across),), real=True)
    assert matching_scale(real, squares(turned)) == 1.0


def test_suppression_keeps_the_best_of_a_class() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [0, 0, 10, 10]], np.float32)
    scores, classes = np.array([0.5, 0.9, 0.4], np.float32), np.array([0, 0, 1])
    assert suppress(boxes, scores, classes, 0.5).tolist() == [1, 2]
