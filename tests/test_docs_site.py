"""The documentation as a site: it builds, needs nothing from elsewhere, and can be searched."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import chromium

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make docs` makes it, elsewhere."""
    folder = tmp_path_factory.mktemp("site")
    (recipe,) = re.findall(
        r"^docs:.*\n\t@\$\(BIN\)/python (.*)$", (ROOT / "Makefile").read_text(), re.M
    )
    words = recipe.replace("build/docs", str(folder / "html")).split()
    done = subprocess.run(
        [sys.executable, *words, "-d", str(folder / "trees")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "html"


class Links(HTMLParser):
    """What a page loads, where it leads, and what can be led to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.followed: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if "src" in found:
            self.loaded.append(found["src"])
        if "href" in found:
            (self.followed if tag == "a" else self.loaded).append(found["href"])


@pytest.mark.exhaustive
def test_every_page_is_there_and_leads_somewhere(site: Path) -> None:
    pages = {path.stem: Links(site / f"{path.stem}.html") for path in (ROOT / "docs").glob("*.md")}
    assert len(pages) > 15
    for name, links in pages.items():
        for target in links.followed:
            if re.match(r"https?://", target):
                continue
            file, _, part = target.partition("#")
            stem = file.removesuffix(".html") or name
            assert (site / file).exists(), f"{name}: {target}"
            if part and stem in pages:
                assert part in pages[stem].ids, f"{name}: {target}"


@pytest.mark.exhaustive
def test_every_page_is_reached_from_the_first_one(site: Path) -> None:
    first = Links(site / "index.html")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.stem == "index" or f"{path.stem}.html" in first.followed


@pytest.mark.exhaustive
def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.glob("*.html"):
        away = [name for name in Links(page).loaded if re.match(r"(https?:)?//", name)]
        assert away == [], page.name
    for sheet in site.rglob("*.css"):
        urls = re.findall(
            r"(?:@import\s+|url\()[\"']?([^\"')]+)", sheet.read_text(encoding="utf-8")
        )
        assert [url for url in urls if url.startswith(("http", "//"))] == [], sheet.name


@pytest.mark.exhaustive
def test_the_page_of_python_has_what_the_docstrings_say(site: Path) -> None:
    import simgen

    text = re.sub(r"<[^>]+>", "", (site / "api.html").read_text(encoding="utf-8"))
    text = " ".join(text.split())
    for name in simgen.__all__:
        assert f"simgen.{name}(" in text
    assert "metres along the optical axis, infinity on the background" in text  # Sample.depth
    assert "autodoc:" not in text


@pytest.mark.exhaustive
def test_a_browser_opens_it_from_the_folder_and_searches(site: Path) -> None:
    asked, said = [], []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for name in ("index", "config", "gallery"):
            page.goto((site / f"{name}.html").as_uri())
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, f"{name} is {wide} pixels wide"
            broken = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
            assert page.evaluate(broken) == []
        page.goto((site / "search.html").as_uri() + "?q=fisheye")
        page.wait_for_selector("#search-results li a:text-is('Labels')")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
