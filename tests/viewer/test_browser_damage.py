"""Damaged files in a real browser: people open the viewer to see what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from viewer.browsing import Visit

from simgen.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def damaged(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two sequences of three frames: of scene 0, frame 0 has no depth, frame 1 no record and frame
    2 half a picture; of scene 1, frame 2 has none."""
    folder = tmp_path_factory.mktemp("damaged") / "data"
    shutil.copytree(cast_folder, folder)
    scene = folder / "scenes/000000"
    (scene / "frame_0000.depth.exr").unlink()
    (scene / "frame_0001.json").write_bytes(b'{"scene": 0,')
    picture = scene / "frame_0002.rgb.png"
    picture.write_bytes(picture.read_bytes()[:300])
    (folder / "scenes/000001/frame_0002.rgb.png").unlink()
    out = ["--out", str(folder.parent / "view")]
    words = ["--arrays", "all", "--no-stats", "--processes", "1", *out]
    assert main(["view", str(folder), *words]) == 0
    return (folder.parent / "view/index.html").as_uri()


def test_the_grid_marks_them_and_a_filter_finds_them(visit: Visit, damaged: str) -> None:
    page = visit(damaged)
    marks = page.locator(".row:not([hidden]) .cell .mark:visible")
    expect(marks).to_have_text(["damaged"] * 4)
    page.get_by_label("Only damaged images").check()
    expect(page.locator("#count")).to_have_text("4 of 6 images")


def reason(page: Page) -> str:
    expect(page.locator(".tags")).to_contain_text("damaged")
    return page.locator(".complaint-list li p").first.inner_text()


def test_the_page_of_each_says_why_and_shows_what_is_left(visit: Visit, damaged: str) -> None:
    page = visit(damaged, "#scene=0&frame=0&layer=depth")
    page.wait_for_selector("main.image[data-arrays='0/0']")
    assert reason(page) == "scenes/000000/frame_0000.depth.exr: missing"
    expect(page.locator("#layers")).to_contain_text("This frame does not have this label.")
    page.locator("#stage").hover()
    expect(page.locator("[data-probe=normals]")).to_have_count(1)
    expect(page.locator("[data-probe=depth]")).to_have_count(0)
    page.keyboard.press("n")
    page.wait_for_selector("main.image[data-arrays='0/1']")
    assert reason(page).startswith("scenes/000000/frame_0001.json: not JSON")
    page.locator("#stage").hover()
    expect(page.locator("[data-probe=instance]")).to_have_count(1)
    page.keyboard.press("n")
    page.wait_for_selector("main.image[data-shown='0/2']")
    said = "scenes/000000/frame_0002.rgb.png: not a readable PNG"
    assert reason(page) == said
    expect(page.locator(".stage-message")).to_have_text(said)
    page.keyboard.press("n")
    page.wait_for_selector("main.image[data-shown='1/0']")
    expect(page.locator(".complaint-list, .tag.bad")).to_have_count(0)
    page.keyboard.press("p")
    page.wait_for_selector("main.image[data-shown='0/2']")


@pytest.mark.exhaustive
def test_a_missing_picture_is_not_asked_for(visit: Visit, damaged: str) -> None:
    page = visit(damaged, "#scene=1&frame=2")
    said = "scenes/000001/frame_0002.rgb.png: missing"
    expect(page.locator(".stage-message")).to_have_text(said)
