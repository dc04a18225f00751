"""A real Chromium that looks at views, and views for it to look at."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from conftest import Shared
from playwright.sync_api import Browser, ConsoleMessage, Page, Request
from viewer.browsing import HOSTILE, Visit

import simgen
from simgen.cli import main
from simgen.viewer.serve import address, server, site_of


# Of a file's tests rather than of the session: as long as it is open, Playwright keeps an event
# loop running in this thread, which other tests could not bear.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a page by its address and waits until it shows what it should. Afterwards nothing may
    have been said on the console, and no request may have left the folder of the dataset."""
    contexts, said, asked = [], [], []

    def open_page(url: str, fragment: str = "", **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8_000)

        def hear(message: ConsoleMessage) -> None:
            said.append(f"{message.type}: {message.text}")

        def see(request: Request) -> None:
            asked.append((url, request.url))

        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", see)
        page.goto(url + fragment)
        page.wait_for_selector("#app[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    for url, request in asked:
        home = url.rsplit("/view/", 1)[0] + "/"
        assert request.startswith((home, "data:,", "blob:")), f"{url} asked for {request}"


@pytest.fixture(scope="session")
def seen_folder(cast_folder: Path, shared: Shared) -> Path:
    """A dataset with all labels and its view: two sequences of three frames, of which the validator
    complains about scene 0, frame 1. The mugs have a hostile name. Only to be looked at."""
    return shared("seen/data set", lambda folder: _seen(cast_folder, folder))


def _seen(cast_folder: Path, folder: Path) -> None:
    shutil.copytree(cast_folder, folder)
    for path in [folder / "dataset.json", *folder.glob("scenes/*/frame_*.json")]:
        path.write_text(json.dumps(_renamed(json.loads(path.read_text()), "mug", HOSTILE)))
    record = folder / "scenes/000000/frame_0001.json"
    content = json.loads(record.read_text())
    content["objects"][0]["visible_pixels"] += 7
    record.write_text(json.dumps(content))
    assert main(["view", str(folder), "--validate", "--no-stats", "--processes", "1"]) == 0


def _renamed(plain: Any, old: str, new: str) -> Any:
    """JSON with a string in it replaced, but for what names meshes."""
    if isinstance(plain, dict):
        kept = ("config", "asset")
        return {
            key: value if key in kept else _renamed(value, old, new) for key, value in plain.items()
        }
    if isinstance(plain, list):
        return [_renamed(value, old, new) for value in plain]
    return new if plain == old else plain


@pytest.fixture(scope="session")
def seen(seen_folder: Path) -> str:
    """Address of the page of `seen_folder`."""
    return (seen_folder / "view/index.html").as_uri()


@pytest.fixture(scope="session")
def served(seen_folder: Path) -> Iterator[str]:
    """Address of the same page as `simgen view --serve` serves it."""
    with server(site_of(simgen.open(str(seen_folder)), seen_folder / "view"), 0) as bound:
        thread = threading.Thread(target=bound.serve_forever, daemon=True)
        thread.start()
        yield address(bound)
        bound.shutdown()
        thread.join()
