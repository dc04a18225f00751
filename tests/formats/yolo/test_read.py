"""YOLO as a source: its layouts, its kinds of rows, and what is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from formats.tiny import YOLO, image, only, yolo

from simgen.errors import InputError
from simgen.formats.sources import open_source


@pytest.mark.parametrize(
    ("described", "picture", "label", "split"),
    [
        ("train: images/train", "images/train/a.png", "labels/train/a.txt", "train"),
        ("train: ../train/images", "train/images/a.png", "train/labels/a.txt", "train"),
        ("path: .\nval: images", "images/a.png", "labels/a.txt", "val"),
        ("path: elsewhere\nval: images", "images/a.png", "labels/a.txt", "val"),
        ("path: sub\nval: images", "sub/images/a.png", "sub/labels/a.txt", "val"),
        ("test: pictures", "pictures/deep/a.png", "pictures/deep/a.txt", "test"),
        ("validation: [images/x]", "images/x/a.png", "labels/x/a.txt", "val"),
        ("train: list.txt", "images/images/a.png", "images/labels/a.txt", "train"),
    ],
)
def test_layouts_of_yolo(
    described: str, picture: str, label: str, split: str, tmp_path: Path
) -> None:
    image(tmp_path / picture)
    (tmp_path / label).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / label).write_text("1 0.5 0.5 0.2 0.4\n")
    (tmp_path / "list.txt").write_text(f"./{picture}\n")
    (tmp_path / "data.yaml").write_text(YOLO + described)
    for opened in (tmp_path, tmp_path / "data.yaml"):
        source = open_source(str(opened))
        assert source.classes == ("cat", "dog")
        item = only(source)
        assert item.split == split
        assert item.seen[0].class_name == "dog"
        assert item.seen[0].bbox == pytest.approx((8, 3, 4, 4))


def test_yolo_polygons(tmp_path: Path) -> None:
    rows = "0 0.1 0.1 0.6 0.1 0.6 0.6 0.1 0.6", "1 0 0 0.5 0 0 0.5"
    square, triangle = only(open_source(yolo(tmp_path, *rows))).seen
    assert square.area == 50
    assert square.decoded()[1:6, 2:12].all()
    assert triangle.bbox == (0, 0, 10, 5)
    assert triangle.oriented_box is None
    assert square.oriented_box is None  # beside a triangle, four corners are a polygon


def test_yolo_keypoints_without_visibility(tmp_path: Path) -> None:
    rows = "0 0.5 0.5 1 1 0.5 0.5 0 0", "1 0.5 0.5 1 1 -1 -1 1 1"
    more = "kpt_shape: [2, 2]\nkpt_names:\n  0: [nose, tail]\n"
    cat, dog = only(open_source(yolo(tmp_path, *rows, more=more))).seen
    assert cat.keypoints is not None
    assert dog.keypoints is not None
    assert [(m.name, m.x, m.y, m.visibility) for m in cat.keypoints] == [
        ("nose", 10, 5, 2), ("tail", 0, 0, 0),
    ]  # fmt: skip
    assert [(m.name, m.visibility) for m in dog.keypoints] == [("point_0", 0), ("point_1", 2)]


def test_an_image_without_a_label_file_has_no_objects(tmp_path: Path) -> None:
    folder = yolo(tmp_path, "")
    image(tmp_path / "images/train/b.png")
    assert [item.annotations for item in open_source(folder)] == [(), ()]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("0 0.5 0.5 0.2 0.2", "2 0.5 0.5 0.2 0.2"), "a.txt: line 2: class 2; expected 0 to 1"),
        (("-1 0.5 0.5 0.2 0.2",), "class -1"),
        (("0.5 0.5 0.5 0.2 0.2",), "class 0.5"),
        (("0 0.5 0.5 0.2",), "4 columns; expected at least 5"),
        (("0 0.5 0.5 0.2 0.2 0.9",), "6 columns; expected 5 for a box"),
        (("0 0.5 0.5 0.2 x",), "expected numbers"),
        (("0 0.5 0.5 0.2 nan",), "nan; expected numbers"),
    ],
)
def test_broken_rows_of_yolo(rows: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        list(open_source(yolo(tmp_path, *rows)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("names: [a]", "no images"),
        ("train: images/train", "names: no names numbered from 0; expected"),
        ("train: images/train\nnames: [a, a]", "duplicate 'a'"),
        ("train: images/train\nnames: {0: a, 2: b}", "names: no names numbered from 0; expected"),
        ("train: missing\nnames: [a]", "missing, which does not exist"),
        ("train: [3]\nnames: [a]", "train: no folder; expected a folder"),
        ("train: images/train\nnames: [a]\nkpt_shape: [2, 4]", "kpt_shape"),
        ("train: images/train\nnames: &a [*a]", "RecursionError"),
        ("train: !!python/object/apply:os.system [ls]", "expected YAML"),
        ("- a", "list; expected keys"),
    ],
)
def test_broken_data_files(content: str, said: str, tmp_path: Path) -> None:
    yolo(tmp_path, "")
    (tmp_path / "data.yaml").write_text(content)
    with pytest.raises(InputError, match=said):
        open_source(str(tmp_path))
