"""Generate the pictures of the viewer in docs/images, with a real Chromium.

    python scripts/make_viewer_picture.py my_dataset
    python scripts/make_viewer_picture.py my_dataset --place "#scene=3&frame=2&layer=normals"
    python scripts/make_viewer_picture.py my_dataset --predictions my_results.json \\
        --place "#scene=0&frame=0&score=0.5" --out docs/images/viewer-predictions.png
    python scripts/make_viewer_picture.py my_dataset other_dataset --place "#grid=boxes" \\
        --out docs/images/viewer-together.png

The dataset should have depth, keypoints and an attractive image. Its view is rewritten.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import ViewportSize

from simgen.cli import main as simgen

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from chromium import chromium  # type: ignore[import-not-found]

_OUT = Path(__file__).resolve().parents[1] / "docs/images/viewer.png"
_PLACE = "#scene=0&frame=0&show=boxes,masks,keypoints,names&layer=depth"
_SIZE: ViewportSize = {"width": 1180, "height": 720}
_MOST_BYTES = 300_000


def main() -> None:
    parser = argparse.ArgumentParser(description="See the top of the file.")
    parser.add_argument("datasets", nargs="+", help="several are shown side by side")
    parser.add_argument("--place", default=_PLACE, help="the image, as in the address")
    parser.add_argument("--out", type=Path, default=_OUT)
    parser.add_argument("--predictions", type=Path, help="a detector's results, as of simgen view")
    given = parser.parse_args()
    more = ["--predictions", str(given.predictions)] if given.predictions else []
    with tempfile.TemporaryDirectory() as folder:
        code = simgen(["view", *given.datasets, "--out", f"{folder}/view", *more])
        if code:
            sys.exit(code)
        shot = photograph(f"{Path(folder).as_uri()}/view/index.html{given.place}")
    given.out.write_bytes(small(shot))
    print(f"{given.out}: {given.out.stat().st_size // 1000} kB")


def photograph(url: str) -> np.ndarray:
    """Return a screenshot, `H x W x 3` uint8, BGR; an image's page has the probe at its centre."""
    with chromium() as browser:
        page = browser.new_page(viewport=_SIZE, color_scheme="light")
        page.goto(url)
        page.wait_for_selector("#app[data-ready]", state="attached")
        if "scene=" in url:
            page.wait_for_selector("main.image[data-arrays]")
            page.keyboard.press("Shift+ArrowUp")
        page.wait_for_timeout(1000)
        content = page.screenshot()
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def small(picture: np.ndarray) -> bytes:
    """Encode a PNG within the size limit of the docs, smoothing it step by step until it fits."""
    for colours in (256, 64, 32, 16):
        step = 256 // colours
        coarse = picture if step == 1 else (picture // step * step + step // 2).astype(np.uint8)
        content = cv2.imencode(".png", coarse, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
        if len(content) <= _MOST_BYTES:
            break
    return content


if __name__ == "__main__":
    main()
