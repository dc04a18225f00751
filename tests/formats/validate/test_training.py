"""What trainers stumble over is counted alike, whatever kind of dataset it is in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from regions import add_regions

from simgen.formats.export import export
from simgen.formats.sources import open_source
from simgen.formats.validate.detect import detect
from simgen.formats.validate.seen import Census, Seen
from simgen.formats.validate.training import rare, stumbles


def census_of(path: Path) -> Census:
    work = detect(path).work(path, 0)
    seen = Seen()
    for part in work.parts:
        seen.add(part.check(*part.arguments))
    return seen.census


@pytest.mark.exhaustive
def test_all_kinds_count_alike(stills_folder: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(stills_folder, tmp_path / "data"))
    add_regions(data)
    formats = ["coco", "coco-polygons", "voc", "yolo", "yolo-seg"]
    export(formats, [open_source(str(data))], tmp_path / "out")
    own = census_of(data)
    assert own == census_of(stills_folder)
    assert own.boxes > 40
    assert own.tiny > 0
    assert own.cut > 0
    for name in formats:
        found = census_of(tmp_path / "out" / name)
        known = name.startswith("coco")
        assert found == (own if known else replace(own, known=0, hardly=0))


@pytest.mark.parametrize(
    ("size", "box", "tiny", "cut"),
    [
        ((640, 480), (100, 100, 7, 9), True, False),
        ((640, 480), (100, 100, 8, 8), False, False),
        ((640, 480), (100, 100, 40, 2), False, False),
        ((1280, 960), (100, 100, 15, 15), True, False),
        ((1280, 960), (100, 100, 16, 16), False, False),
        ((64, 48), (20, 20, 7, 7), True, False),
        ((640, 480), (0, 100, 50, 50), False, True),
        ((640, 480), (100, 430, 50, 50), False, True),
        ((640, 480), (589, 100, 50, 50), False, False),
    ],
)
def test_boxes(size: tuple[int, int], box: tuple[float, ...], tiny: bool, cut: bool) -> None:
    census = Census()
    census.image(size, [box])
    assert (census.tiny, census.cut) == (tiny, cut)


@pytest.mark.parametrize(
    ("census", "rules"),
    [
        (Census(images=100, boxes=100, tiny=25, cut=50, empty=25, known=100, hardly=10), set()),
        (Census(images=100, boxes=100, tiny=26), {"training/tiny-boxes"}),
        (Census(images=100, boxes=100, cut=51), {"training/cut-boxes"}),
        (Census(images=100, boxes=100, empty=26), {"training/empty-images"}),
        (Census(images=100, boxes=100, known=50, hardly=6), {"training/hardly-visible"}),
        (Census(images=5, boxes=10, tiny=10, cut=10, empty=5, known=10, hardly=10), set()),
    ],
)
def test_shares_that_are_too_large(census: Census, rules: set[str]) -> None:
    assert {found.rule for found in stumbles("here", census)} == rules


def test_a_class_is_rare_beside_the_others() -> None:
    counts = {"mug": 500, "cup": 480, "pan": 10}
    (found,) = rare("here", [*counts, "never"], counts)
    assert (found.rule, found.place) == ("training/rare-class", "pan")
    assert not [*rare("here", [*counts], {"mug": 20, "cup": 20, "pan": 1})]
