"""COCO as a source: its layouts, and what is broken."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from formats.tiny import coco_content, coco_file, image, only
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import InputError
from simgen.formats.reading.json_file import Reader
from simgen.formats.sources import open_source


@pytest.mark.parametrize(
    ("file", "picture", "opened", "split"),
    [
        ("annotations/instances_train2017.json", "train2017/a.png", "", "train"),
        ("annotations/instances_val.json", "val/a.png", "", "val"),
        ("annotations/instances_val.json", "images/val/a.png", "", "val"),
        ("annotations/instances_val.json", "images/a.png", "", "val"),
        ("train/_annotations.coco.json", "train/a.png", "", "train"),
        ("valid/_annotations.coco.json", "valid/a.png", "", "val"),
        ("annotations/instances_val2017.json", "val2017/a.png", "{file}", "val"),
        ("anything.json", "a.png", "{file}", "train"),
        ("anything.json", "images/a.png", "{file}", "train"),
        ("anything.json", "some/where/a.png", "{file}@{root}/some/where", "train"),
        ("labels/person_keypoints_val2017.json", "labels/a.png", "{file}", "val"),
    ],
)
def test_layouts_of_coco(file: str, picture: str, opened: str, split: str, tmp_path: Path) -> None:
    image(tmp_path / picture)
    path = coco_file(tmp_path / file, coco_content({}))
    source = open_source((opened or "{root}").format(file=path, root=tmp_path))
    assert source.classes == ("dog", "cat")
    assert source.splits == (split,)
    item = only(source)
    assert (item.name, item.split, item.image_id) == ("a", split, 7)
    assert (item.seen[0].class_name, item.seen[0].bbox, item.seen[0].area) == (
        "cat",
        (1, 2, 3, 4),
        12,
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (coco_content({"image_id": 8}), "annotation 1: image 8; expected an image"),
        (coco_content({}, {"category_id": 9}), "annotation 2: category 9; expected a category of"),
        (coco_content({"bbox": [1, 2, 3]}), "annotation 1: bbox"),
        (coco_content({"bbox": [1, 2, 3, float("nan")]}), "annotation 1: bbox"),
        (coco_content({"keypoints": [1, 2]}), "annotation 1: keypoints"),
        (coco_content({"category_id": "cat"}), "category 'cat'"),
        (coco_content({}, width=21), "has 20x10 pixels; its labels state 21x10"),
        (coco_content({}, width=0), "image 7: 0 x 10; expected width and height"),
        (coco_content({}, file_name="b.png"), "image b.png is not in"),
        (coco_content({}, file_name="../a.png"), "'../a.png'; expected a name within"),
        (coco_content({}, file_name="/etc/passwd"), "'/etc/passwd'; expected a name within"),
        (coco_content({}, file_name="x.json"), "x.json: expected one of .bmp"),
        (coco_content({}) | {"images": [{"id": 1}]}, "None x None; expected width and height"),
        (coco_content({}) | {"images": [3]}, "images: a list with elements that are not objects"),
        (
            coco_content({}) | {"images": 2 * coco_content()["images"]},
            "image 7: a duplicate id",
        ),
        ({"annotations": []}, "images: nothing; expected a list of objects"),
        ({}, "images: nothing"),
    ],
)
def test_broken_coco(content: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = coco_file(tmp_path / "x.json", content)
    image(tmp_path / "a.png")
    with pytest.raises(InputError, match=said.replace("(", r"\(")) as raised:
        list(open_source(str(path)))
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


NOT_JSON = ("", "[]", "{", '{"images": [', '{"images": [], ', '{"a": [1 2]}', '{"a" 3}', "[" * 9999)


@pytest.mark.parametrize("content", [*NOT_JSON, '{"a": ' + "[" * 99999])
def test_a_file_that_is_no_json(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InputError, match=r"x\.json: [^\n]+; expected JSON$"):
        open_source(str(tmp_path / "x.json"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4), st.integers(1, 40), st.booleans())
@pytest.mark.exhaustive
def test_json_in_parts(content: dict[str, Any], chunk: int, indented: bool) -> None:
    """However it is cut into chunks, the parts are those of the whole."""
    expected: list[tuple[str, Any]] = []
    for key, value in content.items():
        is_list = isinstance(value, list)
        expected += [(key, []), *((key, part) for part in value)] if is_list else [(key, value)]
    text = json.dumps(content, indent=1 if indented else None)
    assert list(Reader(io.StringIO(text), [], chunk).parts()) == expected


@pytest.mark.parametrize("place", ["annotations/instances.json", "labels.json"])
def test_a_folder_with_a_coco_file_elsewhere_says_what_to_name(place: str, tmp_path: Path) -> None:
    image(tmp_path / "images/a.png")
    file = coco_file(tmp_path / place, coco_content({}))
    with pytest.raises(InputError, match=f"if {place} is a COCO file, name it .*: {file}@FOLDER"):
        open_source(str(tmp_path))
    assert len(open_source(f"{file}@{tmp_path}/images")) == 1
