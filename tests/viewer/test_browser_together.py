"""Several datasets side by side, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import Shared
from playwright.sync_api import Page, expect
from viewer import others
from viewer.browsing import Visit, soon
from viewer.scripts import payload

import simgen
from simgen.cli import main

pytestmark = pytest.mark.slow

IMAGES = others.images(36, seed=8)
CLASSES = ("ball", "BO X", "hen")
"""Of the COCO folder; simgen's dataset has `ball`, `box` and others."""


@pytest.fixture(scope="session")
def pair(stills_folder: Path, shared: Shared) -> Path:
    """The folder of a view of simgen's dataset beside one in COCO's format."""

    def make(out: Path) -> None:
        dataset = others.coco(out.parent / "pets", IMAGES, CLASSES)
        words = ["--out", str(out), "--no-stats", "--arrays", "none", "--processes", "1"]
        assert main(["view", str(stills_folder), str(dataset), *words]) == 0

    return shared("together/view", make)


@pytest.fixture
def page_of(pair: Path) -> str:
    return (pair / "index.html").as_uri()


def counts(page: Page) -> list[str]:
    return page.locator(".pane-head .count").all_text_contents()


def bars(page: Page, pane: int) -> dict[str, str]:
    rows = page.locator(".pane").nth(pane).locator(".class-bar")
    return dict(row.split("|") for row in rows.evaluate_all(
        "all => all.map(one => `${one.children[0].textContent}|${one.children[2].textContent}`)"
    ))  # fmt: skip


def coco_objects(kind: int) -> int:
    return sum(label == kind for image in IMAGES for label, _ in image.labels)


def seen(sample: simgen.Sample, name: str) -> int:
    return sum(o.class_name == name and o.visible_pixels > 0 for o in sample.objects)


def test_counts_and_classes_are_beside_each_other(
    visit: Visit, page_of: str, stills_folder: Path
) -> None:
    page = visit(page_of)
    samples = list(simgen.open(str(stills_folder)))
    synthetic = sum(item.visible_pixels > 0 for sample in samples for item in sample.objects)
    real = sum(len(image.labels) for image in IMAGES)
    assert counts(page) == [f"12 images, {synthetic} objects", f"36 images, {real} objects"]
    first, second = bars(page, 0), bars(page, 1)
    assert list(first) == list(second)
    assert list(first)[:2] == ["ball", "box"]
    for name in ("ball", "box"):
        assert int(first[name]) == sum(seen(sample, name) for sample in samples)
    assert first["hen"] == "\N{EN DASH}"
    assert [int(second[n]) for n in ("ball", "box", "hen")] == [*map(coco_objects, (0, 1, 2))]
    widths = [
        page.locator(".pane")
        .nth(n)
        .locator(".bar")
        .evaluate_all("all => all.map(b => b.offsetWidth)")
        for n in (0, 1)
    ]
    assert np.max(widths) > 50
    shares = [int(second["hen"]) / real, int(second["ball"]) / real]
    at = list(second).index("hen")
    assert widths[1][at] / widths[1][0] == pytest.approx(shares[0] / shares[1], abs=0.06)


def test_a_filter_holds_for_all(visit: Visit, page_of: str, stills_folder: Path) -> None:
    page = visit(page_of)
    page.locator(".pane").first.locator(".class-bar", has_text="box").click()
    expect(page.locator(".chip").first).to_contain_text("class: box")
    samples = [s for s in simgen.open(str(stills_folder)) if seen(s, "box")]
    real = sum(any(kind == 1 for kind, _ in image.labels) for image in IMAGES)
    expect(page.locator(".pane-head .count").first).to_have_text(
        re.compile(f"^{len(samples)}( of 12)? images")
    )
    expect(page.locator(".pane-head .count").last).to_have_text(re.compile(f"^{real} of 36 images"))
    page.evaluate("location.hash = '#f.visibility=0.9..&sort=objects&order=down'")
    expect(page.locator(".pane .hint").last).to_have_text(
        "No values here, so not filtered: visible part"
    )
    expect(page.locator(".pane-head .count").last).to_have_text(re.compile("^36 images"))
    most = sorted((len(image.labels) for image in IMAGES), reverse=True)

    def captions() -> list[str]:
        return page.locator("#grid-1 .row:not([hidden]) .cell").evaluate_all(
            "all => all.sort((a, b) => a.dataset.at - b.dataset.at).slice(0, 3)"
            ".map(cell => cell.querySelector('.value').textContent)"
        )

    assert soon(captions, [str(n) for n in most[:3]]) == [str(n) for n in most[:3]]


def test_the_size_of_thumbnails_holds_for_all(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#size=100", viewport={"width": 1600, "height": 800})

    def widths() -> list[float]:
        return [
            page.locator(f"#grid-{n} .row:not([hidden]) .cell").first.evaluate(
                "cell => cell.offsetWidth"
            )
            for n in (0, 1)
        ]

    small = widths()
    assert 100 <= min(small) <= max(small) < 125
    page.locator("#size").fill("8.3")
    large = [w >= 300 for w in widths()]
    assert soon(lambda: [w >= 300 for w in widths()], [True, True]) == [True, True], large
    assert "size=315" in page.url
    # Enlarged thumbnails are replaced by images, those of COCO by what kind of file they are.
    for n, pattern in enumerate([r"/images/000000/0000\.png$", r"/images/000000/0000\.jpg$"]):
        picture = page.locator(f"#cell-{n}-0 img")
        expect(picture).to_have_attribute("src", re.compile(pattern))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("-")
    assert soon(lambda: "size=252" in page.url, True)


def test_an_image_opens_on_the_page_of_its_dataset(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#f.class=hen")
    page.locator("#grid-1 .thumb").first.click()
    page.wait_for_selector("main.image[data-shown]")
    assert "/2-pets/index.html#image=" in page.url
    page.go_back()
    page.wait_for_selector("#app[data-ready]")
    expect(page.locator(".chip").first).to_contain_text("class: hen")


def test_objects_and_lists(visit: Visit, page_of: str, pair: Path, tmp_path: Path) -> None:
    page = visit(page_of)
    page.locator("body").press("o")
    for pane in (0, 1):
        expect(page.locator(f"#crops-{pane} .crop.there").first).to_be_visible()
    page.locator("body").press("o")
    boxes = [page.locator(f"#cell-1-{at} .choose") for at in (1, 4)]
    boxes[0].check(force=True)
    boxes[1].click(modifiers=["Shift"], force=True)
    save = page.locator(".pane").last.locator(".small")
    expect(save).to_have_text("Save list of 4")
    with page.expect_download() as waiting:
        save.click()
    waiting.value.save_as(tmp_path / "list.txt")
    ids = payload(pair / "2-pets/data/names.js")["ids"]
    assert (tmp_path / "list.txt").read_text().split() == [str(n) for n in ids[1:5]]


def test_a_filter_shows_a_histogram_of_each(visit: Visit, page_of: str) -> None:
    page = visit(page_of)
    page.locator(".filter", has_text="brightness").first.locator("summary").click()
    expect(page.locator(".filter[open] .bars")).to_have_count(2)
    page.locator(".filter", has_text="class").first.locator("summary").click()
    hens = sum(any(kind == 2 for kind, _ in image.labels) for image in IMAGES)
    row = page.locator(".filter[open] .choice", has_text="hen").locator(".count")
    expect(row).to_have_text(f"0 · {hens}")
