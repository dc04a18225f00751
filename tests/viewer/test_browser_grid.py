"""The grid in a real browser: what it shows is what the dataset says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from viewer.browsing import HOSTILE, Visit, soon
from viewer.stub_view import stub_view

import simgen
from simgen.cli import main
from simgen.dataset.sample import Sample
from simgen.formats.sources import open_source

pytestmark = pytest.mark.slow

LEFT = """[...document.querySelectorAll('.row:not([hidden]) .cell')]
    .filter(cell => cell.style.visibility !== 'hidden')
    .sort((a, b) => a.dataset.at - b.dataset.at)"""
"""The cells that hold an image, in order."""


def shown(page: Page) -> list[str]:
    """Scene and frame of the images in the grid, in order."""
    return page.evaluate(f"{LEFT}.map(cell => cell.querySelector('.where').textContent)")


def where(sample: Sample) -> str:
    return f"{sample.scene} · {sample.frame}"


def seen_objects(sample: Sample) -> list:
    return [item for item in sample.objects if item.visible_pixels > 0]


@pytest.mark.exhaustive
def test_the_first_screen_has_a_thumbnail_of_every_image(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = visit(seen)
    wanted = [where(sample) for sample in simgen.open(str(seen_folder))]
    assert soon(lambda: shown(page), wanted) == wanted
    expect(page.locator("#count")).to_have_text("6 images")
    expect(page.locator(".thumb img.there")).to_have_count(6)
    widths = page.evaluate(f"{LEFT}.map(cell => cell.querySelector('img').naturalWidth)")
    assert min(widths) > 0


CASES: dict[str, tuple[str, Callable[[Sample], bool]]] = {
    "class": ("f.class=box", lambda s: any(o.class_name == "box" for o in seen_objects(s))),
    "two classes": (
        f"f.class=ball,{quote(quote(HOSTILE))}",
        lambda s: any(o.class_name in ("ball", HOSTILE) for o in seen_objects(s)),
    ),
    "size": ("f.pixels=200..", lambda s: any(o.visible_pixels >= 200 for o in seen_objects(s))),
    "one object that passes all": (
        "f.class=box&f.pixels=..180&f.visibility=0.5..",
        lambda s: any(
            o.class_name == "box" and o.visible_pixels <= 180 and o.visible_fraction >= 0.5
            for o in seen_objects(s)
        ),
    ),
    "distance": (
        "f.distance=..1.2",
        lambda s: any(np.linalg.norm(o.centre) <= 1.2 for o in seen_objects(s)),
    ),
    "frame": ("f.frame=1..2", lambda s: s.frame >= 1),
    "complaints": ("f.complaints=1..", lambda s: (s.scene, s.frame) == (0, 1)),
    "nothing": ("f.frame=7..", lambda s: False),
    "split": ("f.split=val", lambda s: s.split == "val"),
}


@pytest.mark.exhaustive
def test_a_filter_in_the_address_keeps_what_passes(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page, samples = visit(seen), list(simgen.open(str(seen_folder)))
    for case, (fragment, passes) in CASES.items():
        page.evaluate("hash => { location.hash = hash; }", fragment)
        expect(page.locator(".chip").first).to_be_visible()
        expected = [where(sample) for sample in samples if passes(sample)]
        assert soon(lambda: shown(page), expected) == expected, case
        assert page.locator(".empty").is_visible() == (not expected), case


@pytest.mark.parametrize("key", ["camera.roll_deg_range", "sensor.exposure_range"])
def test_every_drawn_number_is_a_filter(
    key: str, visit: Visit, seen: str, seen_folder: Path
) -> None:
    dataset = simgen.open(str(seen_folder))
    values = [float(np.mean(dataset.spec(scene).factors[key])) for scene in (0, 1)]
    page = visit(seen, f"#f.{key}={np.mean(values):.6f}..")
    kept = int(np.argmax(values))
    wanted = [f"{kept} · {frame}" for frame in range(3)]
    assert soon(lambda: shown(page), wanted) == wanted


def test_filters_are_set_removed_and_reset(visit: Visit, seen: str) -> None:
    page = visit(seen)
    page.keyboard.press("/")
    page.keyboard.type("frame")
    expect(page.locator(".filter:visible")).to_have_count(1)
    page.locator(".filter:visible summary").click()
    low = page.get_by_label("Lowest frame")
    low.focus()
    low.press("ArrowRight")
    wanted = ["0 · 1", "0 · 2", "1 · 1", "1 · 2"]
    assert soon(lambda: shown(page), wanted) == wanted
    expect(page.locator("#count")).to_have_text("4 of 6 images")
    page.get_by_label("Only images with problems").check()
    wanted = ["0 · 1"]
    assert soon(lambda: shown(page), wanted) == wanted
    assert {"f.frame=1..", "f.complaints=1.."} <= set(re.split("[#&]", page.url))
    page.locator(".chip[data-filter=complaints]").click()
    assert soon(lambda: len(shown(page)), 4) == 4
    page.locator("#reset").click()
    assert soon(lambda: len(shown(page)), 6) == 6
    expect(page.locator(".chips")).to_be_hidden()


BOXES = """[...document.querySelectorAll('.row:not([hidden]) .cell')]
    .filter(cell => cell.querySelector('.boxes'))
    .map(cell => [cell.dataset.place, cell.querySelector('.boxes').getAttribute('viewBox'),
        [...cell.querySelectorAll('.boxes rect[stroke]')].map(rect =>
            ['x', 'y', 'width', 'height'].map(name => Number(rect.getAttribute(name))))])"""


def test_boxes_on_the_thumbnails_are_those_of_the_records(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = visit(seen)
    page.keyboard.press("b")
    expect(page.locator(".boxes")).to_have_count(6)
    assert "grid=boxes" in page.url
    found = {place: (view, boxes) for place, view, boxes in page.evaluate(BOXES)}
    for sample in simgen.open(str(seen_folder)):
        view, boxes = found[f"{sample.scene}/{sample.frame}"]
        assert view == "0 0 96 72"
        assert boxes == [list(item.bbox) for item in sample.objects if item.bbox is not None]
    page.get_by_role("button", name="Boxes").click()
    expect(page.locator(".boxes")).to_have_count(0)


def test_boxes_follow_the_filters(visit: Visit, seen: str) -> None:
    page = visit(seen, "#grid=boxes")
    expect(page.locator(".boxes")).to_have_count(6)
    page.evaluate("location.hash = '#grid=boxes&f.frame=1..1'")
    expect(page.locator(".boxes")).to_have_count(2)
    assert [place for place, *_ in page.evaluate(BOXES)] == ["0/1", "1/1"]


@pytest.mark.exhaustive
def test_names_say_how_many_images_they_are_in(visit: Visit, seen: str, seen_folder: Path) -> None:
    page = visit(seen)
    page.locator(".filter summary", has_text=re.compile("^class$")).click()
    label = page.locator(".choice", has_text="box")
    images = [
        s
        for s in simgen.open(str(seen_folder))
        if any(o.class_name == "box" for o in seen_objects(s))
    ]
    expect(label.locator(".count")).to_have_text(str(len(images)))
    page.locator(".filter summary", has_text=re.compile("^split$")).click()
    counts = page.locator(".filter", has_text=re.compile("^split")).locator(".choice .count")
    expect(counts.first).to_be_visible()
    assert sum(int(text) for text in counts.all_text_contents()) == 6


@pytest.mark.exhaustive
def test_names_are_counted_beyond_one_word_of_flags(visit: Visit, seen: str) -> None:
    """Category c is bit c % 32 of word c // 32 of an image."""
    has = np.random.default_rng(3).random((50, 70)) < 0.3
    words = np.zeros((50, 3), np.uint32)
    for image, category in np.argwhere(has):
        words[image, category // 32] |= np.uint32(1 << (int(category) % 32))
    found = visit(seen).evaluate(
        """([values, names]) => Simgen.select.counts(
            Uint32Array.from(values), {kind: "flags", categories: Array(names).fill("")}, 50)""",
        [words.ravel().tolist(), 70],
    )
    assert found == has.sum(axis=0).tolist()


@pytest.mark.exhaustive
def test_sorting_by_a_column(visit: Visit, seen: str, seen_folder: Path) -> None:
    page = visit(seen)
    page.locator("#sort").select_option("objects")
    page.locator("#way").click()
    samples = sorted(simgen.open(str(seen_folder)), key=lambda sample: -len(seen_objects(sample)))
    wanted = [where(sample) for sample in samples]
    assert soon(lambda: shown(page), wanted) == wanted
    values = page.evaluate(f"{LEFT}.map(cell => cell.querySelector('.value').textContent)")
    assert sorted(map(int, values)) == sorted(len(seen_objects(sample)) for sample in samples)


def test_keys_open_an_image_and_come_back(visit: Visit, seen: str) -> None:
    page = visit(seen, "#f.frame=1..")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("main.image[data-shown='0/2']")
    assert page.url.endswith("#scene=0&frame=2&f.frame=1..")
    page.keyboard.press("n")
    page.wait_for_selector("main.image[data-shown='1/1']")
    page.go_back()
    expect(page.locator("#grid")).to_be_visible()
    assert soon(lambda: len(shown(page)), 4) == 4
    expect(page.locator(".cell.active .where")).to_have_text("1 · 1")
    page.go_forward()
    expect(page.locator("#stage")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#grid")).to_be_visible()


@pytest.mark.exhaustive
def test_the_help_lists_the_keys(visit: Visit, seen: str) -> None:
    page = visit(seen)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize(
    "fragment", ["#f.=..&f.x=1..&sort=nothing&scene=-1", "#%E0%A4%A&f.class=%25"]
)
@pytest.mark.corpus(1)
def test_an_address_that_makes_no_sense_shows_a_grid(
    fragment: str, visit: Visit, seen: str
) -> None:
    page = visit(seen, fragment)
    expect(page.locator("#count")).to_contain_text("6 images")


@pytest.fixture(scope="module")
def stubs(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a view of 100,000 images, with one thumbnail for all."""
    folder = tmp_path_factory.mktemp("stubs") / "view"
    return stub_view(folder, cast_folder, instances=1).as_uri()


@pytest.mark.exhaustive
def test_a_hundred_thousand_images_take_no_more_elements_than_the_screen(
    visit: Visit, stubs: str
) -> None:
    page = visit(stubs)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    expect(page.locator("#count")).to_have_text("99 999 images".replace(" ", "\u202f", 1))

    def elements() -> int:
        return page.evaluate("document.querySelectorAll('*').length")

    at_first = elements()
    assert at_first < 1500
    for part in (0.3, 0.7, 1.0):
        page.evaluate(f"grid.scrollTop = grid.scrollHeight * {part}")
        page.wait_for_timeout(60)
    assert soon(lambda: shown(page)[-1:], ["33332 · 2"]) == ["33332 · 2"]
    assert elements() < at_first + 400
    page.evaluate("location.hash = 'f.frame=2..&f.brightness=0.4..'")
    expect(page.locator("#count")).to_contain_text("of")
    assert soon(lambda: {text.split(" ")[-1] for text in shown(page)}, {"2"}) == {"2"}
    assert elements() < at_first + 400
    scripts = [url for url in loaded if url.endswith(".js")]
    assert len(scripts) <= 1, "only the column that is filtered by"


def test_a_rectangle_and_a_range_choose_images(visit: Visit, seen: str) -> None:
    page = visit(seen, "#size=200", viewport={"width": 1000, "height": 800})
    expect(page.locator(".mark:not([hidden])")).to_have_count(1)  # after which the grid keeps still
    ends = [page.locator(f"#cell-{at} .thumb").bounding_box() for at in (1, 5)]
    (x1, y1), (x2, y2) = ((box["x"] + box["width"] / 2, box["y"] + 40) for box in ends if box)
    page.keyboard.down("Shift")
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=4)
    expect(page.locator("#grid .band")).to_be_visible()
    page.mouse.up()
    page.keyboard.up("Shift")
    chosen = page.locator(".row:not([hidden]) .choose:checked")
    # Three columns: the rectangle touches the last two of both rows.
    expect(chosen).to_have_count(4)
    expect(page.locator("#chosen")).to_contain_text("4 chosen")
    assert page.locator("main.image").is_hidden()
    # Without the chip the grid is laid out again; a click on a cell must still reach that cell.
    page.evaluate("window.before = document.getElementById('cell-0')")
    page.locator("#chosen").click()
    page.locator("#cell-0 .choose").click()
    expect(page.locator("#chosen")).to_contain_text("1 chosen")
    page.locator("#cell-3 .choose").click(modifiers=["Shift"])
    expect(chosen).to_have_count(4)
    expect(page.locator("#cell-4 .choose")).not_to_be_checked()
    assert page.evaluate("window.before === document.getElementById('cell-0')")


def test_a_saved_list_is_a_dataset_by_the_command_that_comes_with_it(
    visit: Visit, seen: str, seen_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(seen, "#f.frame=1..2")
    expect(page.locator("#count")).to_have_text("4 of 6 images")
    with page.expect_download() as waiting:
        page.locator("#save").click()
    name = waiting.value.suggested_filename
    waiting.value.save_as(tmp_path / name)
    words = shlex.split(page.locator(".saved code").inner_text())
    assert words[:3] == ["simgen", "export", "coco"]
    assert words[3] == str(seen_folder)
    monkeypatch.chdir(tmp_path)
    assert main(words[1:]) == 0
    source = open_source(words[4])
    wanted = [s.image_id for s in simgen.open(str(seen_folder)) if s.frame >= 1]
    assert [item.source_id for item in source] == wanted
    page.locator(".saved [aria-label=Close]").click()
    expect(page.locator(".saved")).to_be_hidden()
