"""Benchmark of the viewer's pages with very many images, in a real Chromium.

    python scripts/bench_view_browser.py
    python scripts/bench_view_browser.py --images 20000 --instances 5

The view consists of stubs (`tests/viewer/stub_view.py`): real columns, all instances, one
thumbnail. It is opened from its folder. Times are measured by the page's clock:

  first paint   from the start of navigation to the first contentful paint, and until the first
                screen's thumbnails are loaded
  scroll        from a jump to a random position until the next frame is displayed
  filter, sort  from the change until the new count, or order, is displayed; the first use, which
                also loads a column, is reported separately
  memory        the page's JavaScript heap, and the memory of its process (PSS of /proc)

Figures depend on the machine, which should otherwise be idle.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from cast import MOVING, cast_dataset  # type: ignore[import-not-found]
from chromium import chromium  # type: ignore[import-not-found]
from viewer.scripts import payload  # type: ignore[import-not-found]
from viewer.stub_view import stub_view  # type: ignore[import-not-found]

_SHOWN = "await new Promise(done => requestAnimationFrame(() => setTimeout(done)));"
"""Resolves when a frame is about to be displayed."""
_SCROLL = f"""async (part) => {{
    const start = performance.now();
    grid.scrollTop = grid.scrollHeight * part;
    {_SHOWN}
    return performance.now() - start;
}}"""
_CHANGE = """async ([hash, selector]) => {
    const text = () => document.querySelector(selector).textContent;
    const before = text(), start = performance.now();
    location.hash = hash;
    while (text() === before) {
        if (performance.now() - start > 20_000) throw new Error(`${hash} changed nothing`);
        await new Promise(done => setTimeout(done));
    }
    SHOWN
    return performance.now() - start;
}""".replace("SHOWN", _SHOWN)


def _filters(view: Path) -> dict[str, Callable[[int], str]]:
    """Return functions to URL hashes, each of which selects a different set of images than the
    previous one."""
    columns = {column["id"]: column for column in payload(view / "data/index.js")["columns"]}

    def at(name: str, part: float) -> str:
        low, high = columns[name]["min"], columns[name]["max"]
        return f"{low + part * (high - low):.5g}"

    return {
        "category": lambda i: f"f.split={('train', 'train,val', 'train,val,test')[i % 3]}",
        "number": lambda i: f"f.brightness={at('brightness', 0.2 + 0.05 * i)}..",
        "two numbers": lambda i: (
            f"f.brightness={at('brightness', 0.2)}..&f.contrast=..{at('contrast', 0.8 - 0.05 * i)}"
        ),
        "class": lambda i: f"f.class=ball&f.brightness={at('brightness', 0.2 + 0.05 * i)}..",
        "size of objects": lambda i: f"f.class=ball&f.pixels={9000 + 500 * i}..",
    }


def main() -> None:
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        small = cast_dataset(Path(folder) / "small", *MOVING, "num_scenes=2", "seed=4")
        view = Path(folder) / "view"
        page = stub_view(view, small, given.images, given.instances).as_uri()
        print(f"{given.images} images, {given.instances} instances each")
        _first_paint(browser, page, given.rounds)
        _use(browser, page, _filters(view), given.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="See the top of the file.")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--instances", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def _first_paint(browser: Browser, url: str, rounds: int) -> None:
    painted, filled = [], []
    for _ in range(rounds):
        page = _open(browser, url)
        page.wait_for_selector(".thumb img.there")
        painted.append(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        )
        filled.append(page.evaluate("performance.now()"))
        page.close()
    _say("first paint", painted)
    _say("first thumbnails", filled)


def _use(browser: Browser, url: str, filters: dict[str, Callable[[int], str]], rounds: int) -> None:
    page = _open(browser, url)
    page.wait_for_selector("#app[data-ready]", state="attached")
    rng = random.Random(0)
    _say("scroll", [page.evaluate(_SCROLL, rng.random()) for _ in range(10 * rounds)])
    for name, words in filters.items():
        _changes(page, f"filter: {name}", words, "#count", rounds)
    _changes(page, "sort", _sort, ".row:not([hidden]) .where", rounds)
    print(f"{'elements':28} {page.evaluate('document.querySelectorAll(`*`).length'):8}")
    _memory(browser, page)
    page.close()


def _sort(number: int) -> str:
    return f"sort={('sharpness', 'contrast')[number % 2]}&order={('up', 'down')[number // 2 % 2]}"


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(url)
    return page


def _changes(
    page: Page, name: str, words: Callable[[int], str], selector: str, rounds: int
) -> None:
    first, *later = [page.evaluate(_CHANGE, [words(i), selector]) for i in range(rounds + 1)]
    _say(f"{name}, first", [first])
    _say(name, later)


def _memory(browser: Browser, page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    heap = next(item["value"] for item in metrics if item["name"] == "JSHeapUsedSize")
    print(f"{'JavaScript heap':28} {heap / 1e6:8.0f} MB")
    infos = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    held = [_held(item["id"]) for item in infos if item["type"] == "renderer"]
    print(f"{'process of the page':28} {max(held):8.0f} MB")


def _held(process: int) -> float:
    """Return the proportional set size, MB."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1000 if found else float("nan")


def _say(name: str, times: Sequence[float]) -> None:
    middle, most = statistics.median(times), max(times)
    print(f"{name:28} {middle:8.0f} ms  (at most {most:.0f}, of {len(times)})", flush=True)


if __name__ == "__main__":
    main()
