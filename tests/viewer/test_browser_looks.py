"""Pages fit their window, can be read, and can be used without a mouse or eyes."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from viewer.browsing import Visit, soon

from simgen.cli import main

pytestmark = pytest.mark.slow

IMAGE = "#scene=0&frame=1&layer=depth&instance=2"
PAGES = {"grid": "#f.frame=0..2", "image": IMAGE}

_TEXTS = """() => {
    const seen = (node) => node.checkVisibility() && node.getClientRects().length;
    const opaque = (colour) => !/, 0\\)$|\\/ 0\\)$|^transparent$/.test(colour);
    return [...document.querySelectorAll('body *')].filter((node) =>
        seen(node) && !node.closest('.unseen, .stage, svg') && !node.disabled
        && [...node.childNodes].some((part) => part.nodeType === 3 && part.textContent.trim())
    ).map((node) => {
        let under = node;
        const paper = (one) => getComputedStyle(one).backgroundColor;
        while (under && !opaque(paper(under))) under = under.parentElement;
        const style = getComputedStyle(node);
        return [node.className + ' ' + node.textContent.trim().slice(0, 30), style.color,
            under ? paper(under) : 'rgb(255, 255, 255)'];
    });
}"""
"""Each text with its colour and that of what lies under it."""


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    parts = [float(word) / 255 for word in re.findall(r"[\d.]+", colour)[:3]]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.exhaustive
def test_texts_can_be_read(name: str, scheme: str, visit: Visit, seen: str) -> None:
    page = visit(seen, PAGES[name], color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(node => (node.open = true))")
    page.wait_for_timeout(300)
    texts = page.evaluate(_TEXTS)
    assert len(texts) > 30
    poor = [(text, a, b) for text, a, b in texts if contrast(a, b) < 4.5]
    assert poor == [], "WCAG 2.2, 1.4.3 (AA) asks for 4.5"


def wider_than_the_window(page: Page) -> list[str]:
    """Elements that stick out on the right, but for those in a box of their own that scrolls."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((node) =>
            node.checkVisibility() && !node.closest('.stage, code, .unseen')
            && node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML)"""
    )


@pytest.mark.parametrize("width", [390, 1280, 2560])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.exhaustive
def test_nothing_is_wider_than_the_window(name: str, width: int, visit: Visit, seen: str) -> None:
    page = visit(seen, PAGES[name], viewport={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert wider_than_the_window(page) == []


@pytest.mark.exhaustive
def test_a_phone_filters_and_probes(visit: Visit, seen: str) -> None:
    page = visit(seen, viewport={"width": 390, "height": 844}, has_touch=True)
    expect(page.locator("#filters")).to_be_hidden()
    page.get_by_role("button", name="Filters").tap()
    page.locator(".filter summary", has_text="class").tap()
    page.locator(".choice", has_text="box").tap()
    expect(page.locator(".chip")).to_contain_text("class: box")
    page.get_by_role("button", name="Filters").tap()
    page.locator(".row:not([hidden]) .thumb").first.tap()
    page.wait_for_selector("main.image[data-arrays]")
    page.locator("#stage").tap()
    expect(page.locator(".probe-at")).to_contain_text("column 48")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.exhaustive
def test_all_controls_have_names(name: str, visit: Visit, seen: str) -> None:
    page = visit(seen, PAGES[name])
    page.evaluate("document.querySelectorAll('details').forEach(node => (node.open = true))")
    page.wait_for_timeout(200)

    def unnamed(role: Any) -> int:
        named = page.get_by_role(role, name=re.compile(r"\S"))
        return page.get_by_role(role).count() - named.count()

    for role in ("button", "checkbox", "slider", "combobox", "searchbox", "link"):
        assert soon(partial(unnamed, role), 0) == 0, role


@pytest.mark.exhaustive
def test_the_theme_can_be_chosen(visit: Visit, seen: str) -> None:
    page = visit(seen, color_scheme="light")

    def paper() -> float:
        return luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    bright = paper()
    page.keyboard.press("t")
    page.keyboard.press("t")
    assert paper() < 0.05 < bright


def test_focus_is_seen(visit: Visit, seen: str) -> None:
    page = visit(seen)
    for _ in range(4):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"


def test_without_arrays_the_page_says_what_to_do(
    visit: Visit, seen_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(seen_folder, folder, ignore=shutil.ignore_patterns("view"))
    assert main(["view", str(folder), "--arrays", "none", "--no-stats", "--processes", "1"]) == 0
    page = visit((folder / "view/index.html").as_uri(), "#scene=0&frame=1&layer=depth")
    expect(page.locator("#layers")).to_contain_text("simgen view --arrays all")
    page.locator("#stage").hover(position={"x": 300, "y": 300})
    expect(page.locator("[data-probe=instance]")).to_have_count(1)


def test_a_missing_file_is_one_line(browser, seen_folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    shutil.copytree(seen_folder, tmp_path / "holes")
    (tmp_path / "holes/view/data/scenes/000000.js").unlink()
    page = browser.new_page()
    page.goto((tmp_path / "holes/view/index.html").as_uri() + IMAGE)
    words = "data/scenes/000000.js: missing; write the page again with: simgen view"
    expect(page.get_by_role("alert").first).to_have_text(words)
    page.close()
