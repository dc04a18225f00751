"""What sources of other people's datasets have in common: names, links, broken images."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from formats.tiny import coco_content, coco_file, image, only, voc, yolo
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import InputError
from simgen.formats.export import export
from simgen.formats.reading.external import Names
from simgen.formats.sources import open_source


def test_opening_needs_no_blender() -> None:
    code = (
        "import sys; from simgen.formats.sources import open_source; "
        "assert not {'bpy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no dataset in a known format; expected a folder with"):
        open_source(str(tmp_path))
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(InputError, match="no dataset in a known format"):
        open_source(str(tmp_path / "a.txt"))
    path = coco_file(tmp_path / "x.json", coco_content())
    with pytest.raises(InputError, match="missing not found; expected the image folder"):
        open_source(f"{path}@{tmp_path / 'missing'}")


def test_images_of_the_same_name_get_names_of_their_own(tmp_path: Path) -> None:
    folder = yolo(tmp_path, "")
    for name in ("images/train/b/a.png", "images/train/A.jpg", "images/train/a b.c.png"):
        image(tmp_path / name)
    names = [item.name for item in open_source(folder)]
    assert len({name.lower() for name in names}) == 4
    assert all("." not in name and "/" not in name for name in names)


@given(st.lists(st.text(min_size=1).filter(lambda text: text.strip("./")), max_size=8))
def test_names_are_fit_for_files(texts: list[str]) -> None:
    names = Names()
    given_names = []
    for text in texts:
        with contextlib.suppress(ValueError):
            given_names.append(names.of(text))
    for name in given_names:
        assert name.isascii()
        assert 0 < len(name) < 200
        assert not set(name) & set("./\\ :\0")
    assert len({name.lower() for name in given_names}) == len(given_names)


@pytest.mark.parametrize("stored", ["b.png", "3fa9c1"])  # by its hash, as DVC and others store it
def test_a_symbolic_link_to_an_image_is_followed(stored: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    opened = yolo(folder, "0 0.5 0.5 0.2 0.2")
    picture = folder / "images/train/a.png"
    picture.rename(folder / stored)
    picture.symlink_to(f"../../{stored}")
    export(["yolo"], [open_source(opened)], tmp_path / "out")
    made = tmp_path / "out/images/train/a.png"
    assert made.read_bytes() == (folder / stored).read_bytes()
    assert not made.is_symlink()


def test_broken_images(tmp_path: Path) -> None:
    folder = voc(tmp_path)
    (tmp_path / "JPEGImages/a.png").write_bytes(b"no image")
    with pytest.raises(InputError, match="cannot read the file as an image"):
        list(open_source(folder))
    (tmp_path / "JPEGImages/a.png").unlink()
    with pytest.raises(InputError, match="not found"):
        list(open_source(folder))


def test_boxes_beyond_the_image_are_clipped_with_a_remark(tmp_path: Path) -> None:
    content = coco_content(
        {"bbox": [-5, -5, 10, 10]}, {"bbox": [30, 0, 5, 5]}, {"bbox": [0, 0, 0, 3]}
    )
    image(tmp_path / "a.png")
    source = open_source(str(coco_file(tmp_path / "x.json", content)))
    (done,) = export(["coco"], [source], tmp_path / "out")
    assert [entry.bbox for entry in only(source).seen] == [(0, 0, 5, 5)]
    said = " ".join(done.remarks)
    assert "1 boxes clipped: extended beyond the image" in said
    assert "2 boxes omitted" in said
