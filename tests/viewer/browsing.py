"""What tests in a browser share: where image pixels are on the page, and what is drawn there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

import numpy as np
from playwright.sync_api import Page, Position

Visit = Callable[..., Page]
"""From the address of a page, and its fragment, to the page, open."""

HOSTILE = "<img src=x onerror=globalThis.broken=1>"
"""Name of a class that would run if it were taken for HTML."""

_CANVAS = """
    const canvas = document.createElement("canvas"), shown = document.querySelector(name);
    const ctx = canvas.getContext("2d", {willReadFrequently: true});
    Object.assign(canvas, {width: shown.width, height: shown.height});
    ctx.drawImage(shown, 0, 0);
    const scale = Math.min(canvas.width / width, canvas.height / height);
    const left = (canvas.width - width * scale) / 2, top = (canvas.height - height * scale) / 2;
"""
"""A copy of a canvas, where the image is as large as fits, in the middle."""

_PIXELS = """([name, width, height]) => {
    CANVAS
    let all;
    try {
        all = ctx.getImageData(0, 0, canvas.width, canvas.height).data;
    } catch (error) {
        if (error.name === "SecurityError") return null;
        throw error;
    }
    const out = [];
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        const row = Math.floor(top + (y + 0.5) * scale);
        const at = row * canvas.width + Math.floor(left + (x + 0.5) * scale);
        out.push(...all.subarray(4 * at, 4 * at + 4));
    }
    return out;
}""".replace("CANVAS", _CANVAS)

_NEAR = """([name, width, height, points]) => {
    CANVAS
    return points.map(([x, y]) => {
        const part = ctx.getImageData(left + x * scale - 8, top + y * scale - 8, 16, 16);
        return part.data.some((value, i) => i % 4 === 3 && value > 0);
    });
}""".replace("CANVAS", _CANVAS)


def open_image(visit: Visit, url: str, place: str, rest: str = "") -> Page:
    """The page of an image, `scene/frame`, with its arrays."""
    scene, frame = place.split("/")
    page = visit(url, f"#scene={scene}&frame={frame}{rest}")
    page.wait_for_selector(f"main.image[data-arrays='{place}']")
    return page


def hover(page: Page, shape: Sequence[int], x: float, y: float) -> None:
    """Moves the pointer to a pixel's centre. shape: of the image, height and width.

    By the stage and not by the page: Playwright then waits until the stage has kept its place for
    two frames. Chromium may drop what the mouse does before a page's first frame.
    """
    page.locator("#stage").hover(position=_position(page, shape, x, y))


def click(page: Page, shape: Sequence[int], x: float, y: float) -> None:
    """Clicks on a pixel's centre, as `hover`."""
    page.locator("#stage").click(position=_position(page, shape, x, y))


def _position(page: Page, shape: Sequence[int], x: float, y: float) -> Position:
    box = page.locator("#stage").bounding_box()
    assert box is not None
    height, width = shape
    scale = min(box["width"] / width, box["height"] / height)
    left, top = (box["width"] - width * scale) / 2, (box["height"] - height * scale) / 2
    return {"x": left + (x + 0.5) * scale, "y": top + (y + 0.5) * scale}


def drawn(page: Page, shape: Sequence[int], canvas: str) -> np.ndarray:
    """`H x W x 4`: what a canvas of the stage shows at the centre of each pixel.

    No script may read a canvas that shows a photograph from a file, so this waits until the layer
    that was asked for has been drawn over it.
    """
    height, width = shape
    values = None
    until = time.monotonic() + 10
    while values is None and time.monotonic() < until:
        values = page.evaluate(_PIXELS, [canvas, width, height])
    assert values is not None, f"{canvas} still shows a photograph"
    return np.array(values, np.float64).reshape(height, width, 4)


def inked_near(page: Page, shape: Sequence[int], points: Sequence[np.ndarray]) -> list[bool]:
    """Whether anything is drawn within some pixels of the page of each point of the image."""
    height, width = shape
    return page.evaluate(_NEAR, [".over", width, height, [point.tolist() for point in points]])


def numbers(text: str) -> list[float]:
    """All that stand in a text as people read them."""
    plain = text.replace("\u2212", "-").replace("\u202f", "")
    return [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", plain)]


def soon[T](read: Callable[[], T], expected: T) -> T:
    """What is read of a page, as soon as it is what is expected, or after ten seconds whatever it
    is by then. Pages draw when they get round to it."""
    until = time.monotonic() + 10
    while (found := read()) != expected and time.monotonic() < until:
        time.sleep(0.05)
    return found
