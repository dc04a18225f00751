"""The pages, in a real browser: nothing is asked for elsewhere, no name becomes code, it fits a
phone; and the command that writes them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chromium import chromium
from playwright.sync_api import Page

from simgen import cli
from simgen.report.counting.counts import ClassCounts
from simgen.report.counting.histogram import Axis, Histogram
from simgen.stats.charts import log_ticks, of_classes, of_histogram
from simgen.stats.compare import compare
from simgen.stats.comparison_page import html_of as html_of_two
from simgen.stats.page import html_of, write_page
from simgen.stats.statistics import Statistics

EVIL = "<img src=x onerror=alert(1)>\"'&$x$ </svg><script>alert(2)</script>"


@pytest.fixture(scope="module")
def page_of(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(str(stills_folder), tmp_path_factory.mktemp("stats"))


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def opened(page: Page, path: Path) -> tuple[list[str], list[str]]:
    """Requests and complaints of a page that is opened."""
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    return asked, said


@pytest.mark.exhaustive
def test_it_opens_from_a_file_and_asks_for_nothing(page_of: Path, browser_page: Page) -> None:
    asked, said = opened(browser_page, page_of)
    assert asked == [page_of.as_uri()]
    assert said == []
    for width in (390, 1280):
        browser_page.set_viewport_size({"width": width, "height": 800})
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= width
    figures = browser_page.locator("figure").count()
    assert figures > 30
    # Beside every figure a table says the same, for those who cannot see it.
    assert browser_page.locator("figure svg[aria-hidden=true]").count() == figures
    assert browser_page.locator("figure details table caption").count() == figures
    assert browser_page.locator("table tbody tr th[scope=row]").count() > 100
    links = browser_page.locator("nav a").evaluate_all("all => all.map(a => a.hash)")
    assert all(browser_page.locator(f"section{link}").count() == 1 for link in links)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.exhaustive
def test_letters_stand_out_in_light_and_dark(
    page_of: Path, browser_page: Page, scheme: str
) -> None:
    browser_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    browser_page.goto(page_of.as_uri())
    card = colour(browser_page, "figure", "backgroundColor")
    for what, key in (("figure svg text", "fill"), ("figcaption p", "color"), ("h3", "color")):
        assert contrast(colour(browser_page, what, key), card) > 4.5, what
    browser_page.emulate_media(color_scheme="light")


def colour(page: Page, what: str, key: str) -> tuple[float, ...]:
    text = page.locator(what).first.evaluate(f"node => getComputedStyle(node)['{key}']")
    return tuple(float(number) for number in re.findall(r"[\d.]+", text)[:3])


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """WCAG's contrast ratio."""
    low, high = sorted(luminance(one) for one in (a, b))
    return (high + 0.05) / (low + 0.05)


def luminance(rgb: tuple[float, ...]) -> float:
    parts = [c / 255 for c in rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def evil() -> Statistics:
    found = Statistics((EVIL, "mug"), (EVIL, "val"), name=EVIL, kind="simgen")
    found.images.update({EVIL: 3, "val": 1})
    for name in found.classes:
        one = found.by_class.setdefault(name, ClassCounts())
        one.objects[EVIL] = one.images[EVIL] = 3
        one.histograms["size"].add(0.3)
        one.sphere[3, 4] = 3
    found.together[EVIL, "mug"] = 3
    found.histograms["size"].add(0.3)
    found.left_out[EVIL] = EVIL
    return found


@pytest.mark.parametrize("two", [False, True])
def test_no_name_becomes_code(two: bool, tmp_path: Path, browser_page: Page) -> None:
    found = evil()
    text = html_of_two(found, found, compare(found, found)) if two else html_of(found, None)
    path = tmp_path / "evil.html"
    path.write_text(text, encoding="utf-8")
    asked, said = opened(browser_page, path)
    assert asked == [path.as_uri()]
    assert said == []
    assert browser_page.locator("script, img").count() == 0
    assert browser_page.locator("h1").inner_text().startswith(EVIL[:12])
    for figure in re.findall(r"<svg.*?</svg>", text):
        ET.fromstring(figure.replace("xlink:", ""))


@pytest.mark.exhaustive
def test_the_same_dataset_gives_the_same_bytes(
    page_of: Path, stills_folder: Path, tmp_path: Path
) -> None:
    again = write_page(str(stills_folder), tmp_path)
    for name in ("stats.html", "stats.json"):
        assert (again.parent / name).read_bytes() == (page_of.parent / name).read_bytes()
    text = again.read_text()
    assert str(stills_folder.parent) not in text
    assert len(text) < 1_000_000
    ids = re.findall(r' id="([^"]+)"', text)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    assert used <= set(ids)


def test_the_command(
    stills_folder: Path, cast_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["stats", str(stills_folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"]
    assert cli.main(["stats", str(stills_folder), str(cast_folder), "--out", str(tmp_path)]) == 0
    assert "Jensen-Shannon" in capsys.readouterr().out
    plain = json.loads((tmp_path / "stats.json").read_text())
    assert plain["comparison"]["quantities"]
    assert (tmp_path / "stats.html").is_file()
    assert cli.main(["stats", str(tmp_path / "nothing")]) == 2
    assert "no dataset here" in capsys.readouterr().err


def test_numbers_and_names_in_figures_stay_as_they_are() -> None:
    axis = Axis("length", "Length", "m", 0, 1, 1000)
    found = Histogram(axis)
    for value in (0.0505, 0.0521, 0.0555):
        found.add(value)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", of_histogram(found).svg)
    ticks = [text for text in texts if re.fullmatch(r"0\.\d+", text)]
    assert len(ticks) == len(set(ticks)) > 2
    numbers = [float(tick) for tick in ticks]
    assert np.ptp(np.diff(numbers)) < 1e-9
    name = "v1.23456 #010101"
    one = Statistics((name,), ("train",), name="a", kind="simgen")
    one.by_class[name] = ClassCounts()
    one.by_class[name].objects["train"] = 3
    assert f">{name}</text>" in of_classes(one).svg


def test_ticks_of_ratios_are_round_and_inside() -> None:
    assert log_ticks(0.3, 3) == [0.5, 1, 2]
    assert log_ticks(1e-2, 1e4) == pytest.approx([10.0**n for n in range(-2, 5)])
    for low in (0.011, 0.4, 7.0):
        assert len(log_ticks(low, low * 30)) >= 2
