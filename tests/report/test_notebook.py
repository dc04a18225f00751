"""What notebooks show of samples and datasets."""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import simgen


class Page(HTMLParser):
    """What is in a piece of HTML: its elements, its text, its images, its table's rows."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.images: list[Image.Image] = []
        self.rows: list[list[str]] = []
        self.words = ""
        self.feed(source)
        assert self.opened == [], "elements that are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "img":
            kind, _, data = (dict(attrs)["src"] or "").partition(";base64,")
            assert kind in ("data:image/png", "data:image/jpeg")
            self.images.append(Image.open(io.BytesIO(base64.b64decode(data))))
            return
        self.opened.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data
        if self.opened and {"td", "th"} & set(self.opened):
            self.rows[-1][-1] += data


HARMLESS = {"div", "b", "p", "small", "span", "img", "table", "tr", "td", "th"}
PLAIN = {"style", "src", "alt", "width", "height"}


def test_a_sample_shows_its_image_and_its_objects(stills_folder: Path) -> None:
    sample = simgen.open(stills_folder)[3]
    page = Page(sample._repr_html_())
    assert page.tags <= HARMLESS
    assert page.attributes <= PLAIN
    (image,) = page.images
    assert image.size == (480, 360)  # of 96 x 72
    head, *rows = page.rows
    assert head[:3] == ["id", "class", "visible"]
    shown = {int(row[0]): row for row in rows}
    assert set(shown) == {item.instance_id for item in sample.objects}
    for number, (_, name, visible, box, distance, _) in shown.items():
        (item,) = (item for item in sample.objects if item.instance_id == number)
        assert name == item.class_name
        assert float(visible.split()[0]) == pytest.approx(100 * item.visibility, abs=0.51)
        assert float(distance.split()[0]) == pytest.approx(
            np.sqrt((item.centre**2).sum()), abs=0.01
        )
        rows_, columns = np.nonzero(sample.instances == number)
        if len(rows_):
            x, y, width, height = (float(value) for value in box.split(", "))
            assert (x, y) == (columns.min(), rows_.min())
            assert (width, height) == (np.ptp(columns) + 1, np.ptp(rows_) + 1)
        else:
            assert box == "not visible"
    order = [sample.objects[int(row[0]) - 1].visible_pixels for row in rows]
    assert order == sorted(order, reverse=True)


def test_its_picture_is_the_image_with_boxes(stills_folder: Path) -> None:
    sample = simgen.open(stills_folder)[0]
    data = sample._repr_png_()
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        drawn = np.asarray(image.convert("RGB"), int)
        plain = np.asarray(
            Image.fromarray(sample.rgb).resize((480, 360), Image.Resampling.BILINEAR)
        )
    change = np.abs(drawn - np.asarray(plain)).max(axis=-1)
    ids = np.repeat(np.repeat(sample.instances, 5, axis=0), 5, axis=1)
    on, off = change[ids > 0], change[ids == 0]
    assert on.mean() > 3 * off.mean()


def test_a_dataset_counts_what_its_images_show(stills_folder: Path) -> None:
    dataset = simgen.open(stills_folder)
    page = Page(dataset._repr_html_())
    assert page.tags <= HARMLESS
    assert "12 images, 6 scenes of 2" in page.words
    assert "train:0.8, val:0.1, test:0.1" in page.words
    assert len(page.images) == 6
    assert {image.size for image in page.images} == {(128, 96)}
    counts: dict[str, int] = {}
    for sample in dataset:
        ids = np.unique(sample.instances[sample.instances > 0])
        for item in sample.objects:
            counts[item.class_name] = counts.get(item.class_name, 0) + (item.instance_id in ids)
    assert {row[1]: int(row[2]) for row in page.rows[1:]} == counts
    assert [dataset.classes[int(row[0]) - 1] for row in page.rows[1:]] == [
        r[1] for r in page.rows[1:]
    ]


def test_a_large_dataset_takes_no_longer(
    stills_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many frames there are, few are read."""
    dataset = simgen.open(stills_folder)
    dataset.scenes = dataset.scenes * 20_000
    read: list[int] = []
    get = type(dataset).__getitem__
    monkeypatch.setattr(
        type(dataset), "__getitem__", lambda self, index: read.append(index) or get(self, index)
    )
    page = Page(dataset._repr_html_())
    assert "240,000 images" in page.words
    assert len(read) <= 40
    assert max(read) == 239_999


def test_names_from_a_dataset_stay_text(stills_folder: Path, tmp_path: Path) -> None:
    bad = '<img src=x onerror="alert(1)"><script>alert(2)</script>&amp;'
    folder = tmp_path / "<b>dataset"
    shutil.copytree(stills_folder, folder)
    dataset = simgen.open(folder)
    dataset.manifest = dataclasses.replace(dataset.manifest, classes=(bad, "x", "y"))
    assert Page(dataset._repr_html_()).tags <= HARMLESS
    sample = dataset[0]
    objects = tuple(dataclasses.replace(o, class_name=bad) for o in sample.record.objects or ())
    sample.record = dataclasses.replace(sample.record, objects=objects)
    sample.split = bad
    page = Page(sample._repr_html_())
    assert page.tags <= HARMLESS
    assert page.attributes <= PLAIN
    assert len(page.images) == 1
    assert bad[:50] in page.words


def test_what_cannot_be_read_is_a_line(stills_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(stills_folder, tmp_path / "d")
    for path in (tmp_path / "d/scenes").glob("*/frame_*.png"):
        path.write_bytes(b"<i>no picture")
    for thing in (simgen.open(tmp_path / "d"), simgen.open(tmp_path / "d")[0]):
        page = Page(thing._repr_html_())
        assert page.tags == {"p"}
        assert re.search(r"frame_\d+", page.words)


def test_without_images_or_objects_there_is_still_something(stills_folder: Path) -> None:
    sample = simgen.open(stills_folder)[0]
    sample.labels = ("objects", "camera")
    page = Page(sample._repr_html_())
    assert page.images == []
    assert len(page.rows) > 1
    assert sample._repr_png_() is None
    sample.labels = ("rgb", "camera")
    page = Page(sample._repr_html_())
    assert len(page.images) == 1
    assert page.rows == []


def test_ipython_takes_it(stills_folder: Path) -> None:
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(simgen.open(stills_folder)[0])
    assert {"text/html", "image/png", "text/plain"} <= set(data)
