"""A real browser, for tests and for scripts that look at pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WORDS = ("--no-sandbox", "--disable-dev-shm-usage")
"""Root has no sandbox, and containers often next to no /dev/shm."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window. Raises `RuntimeError` where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise RuntimeError("no Chromium to look at pages with; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*_WORDS])
        yield browser
        browser.close()
