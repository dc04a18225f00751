"""Other people's datasets and predictions in a real browser."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Shared
from playwright.sync_api import Page, expect
from viewer import others
from viewer.browsing import HOSTILE, Visit, drawn, numbers, soon
from viewer.scripts import payload, unpacked

import simgen
from simgen.cli import main

pytestmark = pytest.mark.slow

FOUND, MISSED, FALSE = (56, 201, 150), (255, 165, 0), (240, 84, 178)
IMAGES = others.images(36, seed=5)
CLEAR = others.Drawn("000004", 80, 60, ((0, (10.5, 10.5, 20, 15)), (1, (45.5, 30.5, 25, 20))))
"""A cat that is found and a dog that is missed; lines run through centres of pixels."""


def detection(box: list[float], score: float, category: int = 5, image: int = 4) -> dict[str, Any]:
    return {"image_id": image, "category_id": category, "bbox": box, "score": score}


@pytest.fixture(scope="session")
def pets(shared: Shared) -> Path:
    """A view of a COCO folder with a detector's results. The hens have a hostile name."""
    return shared("pets/view", _pets)


def _pets(out: Path) -> None:
    images = [CLEAR, *IMAGES]
    classes = (*others.CLASSES[:2], HOSTILE)
    dataset = others.coco(out.parent / "pets", images, classes)
    clear = [detection([10.5, 10.5, 20, 15], 0.9), detection([60.5, 5.5, 15, 12], 0.75),
             detection([45.5, 30.5, 25, 20], 0.125, 15)]  # fmt: skip
    rows = clear + others.detections(IMAGES)
    results = others.put_json(out.parent / "results.json", rows)
    words = ["--predictions", str(results), "--out", str(out), "--no-stats", "--processes", "1"]
    assert main(["view", str(dataset), *words]) == 0


@pytest.fixture
def page_of(pets: Path) -> str:
    return (pets / "index.html").as_uri()


def counted(pets: Path, threshold: float) -> dict[str, np.ndarray]:
    """Missed, false and found of each image."""
    outcomes = payload(pets / "data/outcomes.js")
    kinds = payload(pets / "data/index.js")["predictions"]["kinds"]
    labels = {name: unpacked(packed) for name, packed in outcomes["labels"].items()}
    found = {name: unpacked(packed) for name, packed in outcomes["detections"].items()}
    hit = labels["score"] >= np.float32(threshold)
    is_false = [kinds[kind] not in ("correct", "ignored") for kind in found["kind"]]
    wrong = np.array(is_false) & (found["score"] >= np.float32(threshold))

    def per_image(images: np.ndarray) -> np.ndarray:
        return np.bincount(images, minlength=len(IMAGES) + 1)

    return {
        "missed": per_image(labels["image"][~hit]),
        "found": per_image(labels["image"][hit]),
        "false": per_image(found["image"][wrong]),
    }


def names(page: Page) -> list[str]:
    return page.evaluate(
        "[...document.querySelectorAll('.row:not([hidden]) .cell')]"
        ".filter(cell => cell.style.visibility !== 'hidden')"
        ".sort((a, b) => a.dataset.at - b.dataset.at)"
        ".map(cell => cell.querySelector('.where').textContent)"
    )


def colours_on(page: Page, box: tuple[float, ...], canvas: np.ndarray) -> set[tuple[int, ...]]:
    """The opaque colours at the middles of a box's sides."""
    x, y, w, h = (int(value) for value in box)
    points = [(y, x + w // 2), (y + h, x + w // 2), (y + h // 2, x), (y + h // 2, x + w)]
    pixels = [canvas[row, column] for row, column in points]
    return {tuple(int(v) for v in pixel[:3]) for pixel in pixels if pixel[3] > 250}


def test_what_was_found_missed_and_false_is_drawn_where_it_is(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#image=000004&show=boxes,detections&score=0.5")
    page.wait_for_selector("main.image[data-shown='0/0']")
    expect(page.locator(".place")).to_have_text("000004")
    shape = (CLEAR.height, CLEAR.width)
    cat, dog = (box for _, box in CLEAR.labels)

    def seen() -> list[bool]:
        canvas = drawn(page, shape, ".over")
        places = [(cat, FOUND), (dog, MISSED), ((60.5, 5.5, 15, 12), FALSE)]
        return [colour in colours_on(page, box, canvas) for box, colour in places]

    assert soon(seen, [True] * 3) == [True] * 3
    canvas = drawn(page, shape, ".over")
    assert not canvas[38:42, 2:30, 3].any()
    badges = page.locator("#detections .badge")
    expect(badges).to_have_text(["✓ 1 found", "? 1 missed", "✕ 1 false"])
    page.evaluate("location.hash = '#image=000004&show=boxes,detections&score=0.1'")
    expect(badges).to_have_text(["✓ 2 found", "? 0 missed", "✕ 1 false"])
    assert soon(lambda: FOUND in colours_on(page, dog, drawn(page, shape, ".over")), True)


def test_the_threshold_counts_and_filters(visit: Visit, page_of: str, pets: Path) -> None:
    page = visit(page_of)
    index = payload(pets / "data/index.js")
    expect(page.locator("#predictions output")).to_have_text(
        f"{index['predictions']['threshold']:.3g}"
    )
    slider = page.locator("#predictions").get_by_label("Score threshold")
    slider.fill("0.6")
    wanted = counted(pets, 0.6)
    sums = [int(wanted[name].sum()) for name in ("found", "missed", "false")]
    badges = page.locator("#predictions .badge")
    assert soon(lambda: [numbers(t)[0] for t in badges.all_text_contents()], sums) == sums
    assert "score=0.6" in page.url
    page.get_by_label(re.compile("images with missed objects")).check()
    listed = [image.name for image in [CLEAR, *IMAGES]]
    left = [listed[place] for place in np.flatnonzero(wanted["missed"])]
    expect(page.locator("#count")).to_have_text(f"{len(left)} of {len(listed)} images")
    page.get_by_label(re.compile("images with false detections")).check()
    both = [listed[n] for n in np.flatnonzero((wanted["missed"] > 0) & (wanted["false"] > 0))]
    expect(page.locator("#count")).to_have_text(f"{len(both)} of {len(listed)} images")
    shown = names(page)
    assert shown == both[: len(shown)]
    slider.fill("0")
    fewer = int((counted(pets, 0)["missed"] > 0).sum())
    assert fewer < len(left)
    page.locator(".chip[data-filter='false']").click()
    expect(page.locator("#count")).to_have_text(f"{fewer} of {len(listed)} images")


@pytest.mark.exhaustive
def test_images_are_sorted_by_their_errors(visit: Visit, page_of: str, pets: Path) -> None:
    page = visit(page_of, "#sort=missed&order=down&score=0.5")
    counts = counted(pets, 0.5)["missed"]
    listed = [image.name for image in [CLEAR, *IMAGES]]
    wanted = [listed[n] for n in np.argsort(-counts, kind="stable")]
    assert soon(lambda: names(page) == wanted[: len(names(page))], True)
    first = page.locator(".cell[data-at='0']")
    expect(first.locator(".badge").first).to_have_text(f"? {counts.max()}")


@pytest.mark.exhaustive
def test_thumbnails_have_boxes_of_what_was_detected(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#grid=boxes&score=0.5")
    boxes = page.locator(".cell[data-place='0/0'] .boxes rect[stroke]")
    expect(boxes).to_have_count(3)
    strokes = [box.get_attribute("stroke") for box in boxes.all()]
    assert strokes == [f"rgb({' '.join(map(str, c))} / 1)" for c in (MISSED, FOUND, FALSE)]


def test_the_list_says_why_a_detection_is_false(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#image=000004&score=0.1")
    rows = page.locator("#detections li")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("cat 0.75")
    expect(rows.nth(0)).to_contain_text("false: background")
    expect(rows.nth(1)).to_contain_text("cat 0.9")
    expect(rows.nth(1)).to_contain_text("found")
    rows.nth(1).hover()
    states = page.locator("#objects .object-state")
    expect(states).to_have_text(["found", "found"])


def test_names_of_other_people_are_text(visit: Visit, page_of: str) -> None:
    page = visit(page_of, f"#grid=boxes&f.class={HOSTILE.replace('=', '%3D')}")
    page.locator(".filter summary", has_text=re.compile("^class$")).click()
    expect(page.locator(".choice", has_text=HOSTILE)).to_be_visible()
    places = [n for n, image in enumerate([CLEAR, *IMAGES]) if any(k == 2 for k, _ in image.labels)]
    page.evaluate(f"location.hash = '#image={[CLEAR, *IMAGES][places[0]].name}'")
    expect(page.locator("#objects")).to_contain_text(HOSTILE)
    assert page.evaluate("globalThis.broken") is None


@pytest.mark.exhaustive
def test_a_click_finds_the_smallest_box(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#image=000004")
    page.wait_for_selector("main.image[data-shown='0/0']")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    scale = min(box["width"] / CLEAR.width, box["height"] / CLEAR.height)
    left = (box["width"] - CLEAR.width * scale) / 2
    top = (box["height"] - CLEAR.height * scale) / 2
    page.locator("#stage").click(position={"x": left + 20 * scale, "y": top + 17 * scale})
    expect(page.locator(".object[aria-expanded=true]")).to_contain_text("cat 1")


def test_a_dataset_of_others_without_predictions(visit: Visit, tmp_path: Path) -> None:
    dataset = others.voc(tmp_path / "birds", IMAGES[:5])
    out = tmp_path / "view"
    assert main(["view", str(dataset), "--out", str(out), "--no-stats"]) == 0
    page = visit((out / "index.html").as_uri(), "#grid=boxes")
    wanted = [image.name for image in IMAGES[:5]]
    assert soon(lambda: names(page), wanted) == wanted
    count = sum(len(image.labels) for image in IMAGES[:5])
    expect(page.locator(".boxes rect[stroke]")).to_have_count(count)
    for part in ("#predictions", ".badge", "#layers"):
        assert page.locator(part).count() == 0
    titles = page.locator(".filter summary").all_text_contents()
    assert "frame" not in titles
    assert "visible part" not in titles
    page.locator(".thumb").first.click()
    expect(page.locator(".place")).to_have_text(wanted[0])
    assert f"image={wanted[0]}" in page.url
    expect(page.get_by_label("File")).to_contain_text(f"{wanted[0]}.jpg")
    page.keyboard.press("n")
    expect(page.locator(".place")).to_have_text(wanted[1])


def test_simgens_own_dataset_with_predictions(
    visit: Visit, cast_folder: Path, tmp_path: Path
) -> None:
    plain = json.loads((cast_folder / "annotations/instances.json").read_text())
    rows = [
        {"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"],
         "score": 0.8} for a in plain["annotations"][1:]
    ]  # fmt: skip
    results = others.put_json(tmp_path / "results.json", rows)
    out = tmp_path / "view"
    words = ["--predictions", str(results), "--out", str(out), "--no-stats", "--arrays", "none"]
    assert main(["view", str(cast_folder), *words]) == 0
    page = visit((out / "index.html").as_uri(), "#f.missed=1..")
    expect(page.locator("#count")).to_have_text("1 of 6 images")
    page.locator(".thumb").first.click()
    expect(page.locator("#detections .badge[data-outcome=missed]")).to_have_text("? 1 missed")


CROPS = """[...document.querySelectorAll('#crops .row:not([hidden]) .cell')]
    .filter(cell => cell.style.visibility !== 'hidden').sort((a, b) => a.dataset.at - b.dataset.at)
    .map(cell => [cell.querySelector('.where').textContent, cell.dataset.place,
        cell.querySelector('.value').textContent])"""
"""Class, place and score of the crops in sight, in order."""


def test_objects_are_cut_out_of_their_images(visit: Visit, page_of: str) -> None:
    page = visit(page_of)
    page.keyboard.press("o")
    count = sum(len(image.labels) for image in [CLEAR, *IMAGES])
    expect(page.locator(".crops-bar .count")).to_have_text(f"{count} in {len(IMAGES) + 1} images")
    expect(page.locator(".crop.there").first).to_be_visible()
    assert sorted(page.evaluate(CROPS)[:2]) == [["cat", "0/0", ""], ["dog", "0/0", ""]]
    assert page.locator("#crops .broken").count() == 0
    page.locator("#crops .thumb").first.click()
    expect(page.locator(".object[aria-expanded=true]")).to_have_count(1)
    assert "image=000004" in page.url
    assert "instance=" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#crops")).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator("#grid")).to_be_visible()


@pytest.mark.parametrize("kind", ["false", "missed", "found"])
@pytest.mark.corpus(1)
def test_errors_are_cut_out_too(kind: str, visit: Visit, page_of: str, pets: Path) -> None:
    page = visit(page_of, f"#grid={kind}&score=0.5")
    count = int(counted(pets, 0.5)[kind].sum())
    expect(page.locator(".crops-bar .count")).to_have_text(f"{count} in {len(IMAGES) + 1} images")
    expect(page.locator(".crop.there").first).to_be_visible()
    scores = [float(value) for *_, value in page.evaluate(CROPS) if value]
    if kind == "false":
        assert scores == sorted(scores, reverse=True)
        assert min(scores) >= 0.5
    assert bool(scores) == (kind != "missed")


@pytest.mark.exhaustive
def test_filters_of_objects_choose_crops(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#grid=objects&f.class=dog&f.pixels=200..")
    images = [CLEAR, *IMAGES]
    wanted = [
        f"{n // 32}/{n % 32}"
        for n, image in enumerate(images)
        for kind, (_, _, w, h) in image.labels
        if kind == 1 and w * h >= 200
    ]
    crops = [["dog", place, ""] for place in wanted[:6]]
    assert soon(lambda: page.evaluate(CROPS)[:6], crops) == crops
    expect(page.locator(".crops-bar .count")).to_contain_text(f"{len(wanted)} in ")


def saved(page: Page) -> list[str]:
    with page.expect_download() as download:
        page.locator("#save").click()
    assert download.value.suggested_filename == "pets-images.txt"
    return Path(download.value.path()).read_text().splitlines()


def test_a_list_of_images_is_saved(visit: Visit, page_of: str, pets: Path) -> None:
    page = visit(page_of, "#f.missed=1..&score=0.5")
    ids = payload(pets / "data/names.js")["ids"]
    wanted = [str(ids[place]) for place in np.flatnonzero(counted(pets, 0.5)["missed"])]
    expect(page.locator("#count")).to_have_text(f"{len(wanted)} of {len(ids)} images")
    assert saved(page) == wanted
    page.locator(".cell[data-at='2']").hover()
    page.locator(".cell[data-at='2'] .choose").check()
    page.keyboard.press("x")
    expect(page.locator("#save")).to_have_text("Save list of 2")
    assert saved(page) == [wanted[0], wanted[2]]
    page.locator("#chosen").click()
    assert page.locator(".choose:checked").count() == 0
    assert saved(page) == wanted


@pytest.mark.exhaustive
def test_ids_of_simgens_own_images(visit: Visit, seen: str, seen_folder: Path) -> None:
    page = visit(seen, "#f.frame=1..")
    expect(page.locator("#count")).to_have_text("4 of 6 images")
    with page.expect_download() as download:
        page.locator("#save").click()
    lines = Path(download.value.path()).read_text().splitlines()
    wanted = [str(s.image_id) for s in simgen.open(str(seen_folder)) if s.frame >= 1]
    assert lines == wanted


def test_tags_do_not_cover_small_objects(visit: Visit, page_of: str) -> None:
    page = visit(page_of, "#image=000004")
    boxes = [[100, 100, 30, 12], [100, 118, 30, 12], [140, 100, 24, 14], [300, 200, 200, 150]]
    tags = [{"box": box, "width": 60, "first": False} for box in boxes]
    placed = page.evaluate("tags => Simgen.tags.place(tags, 16, [640, 480])", tags)
    assert placed[3] is not None
    rects = [rect for rect in placed if rect]
    for rect in rects:
        for x, y, w, h in boxes[:3]:
            across = min(rect[0] + rect[2], x + w) - max(rect[0], x)
            down = min(rect[1] + rect[3], y + h) - max(rect[1], y)
            assert max(across, 0) * max(down, 0) <= 0.35 * w * h
    chosen = [{"box": box, "width": 60, "first": True} for box in [[0, 0, 5, 5]] * 3]
    assert None not in page.evaluate("tags => Simgen.tags.place(tags, 16, [60, 40])", chosen)


def test_the_command_has_the_whole_path(visit: Visit, seen: str, seen_folder: Path) -> None:
    page = visit(seen, "#scene=1&frame=0")
    expect(page.locator(".command code")).to_have_text(
        f"simgen replay {shlex.quote(str(seen_folder))} --scene 1"
    )


def test_masks_of_detections_are_drawn(visit: Visit, shared: Shared) -> None:
    def make(out: Path) -> None:
        dataset = others.coco(out.parent / "clear", [CLEAR])
        half = [[10, 10, 20, 10, 20, 26, 10, 26]]
        whole = [[55, 5, 75, 5, 75, 21, 55, 21]]
        rows = [detection([10, 10, 20, 16], 0.9) | {"segmentation": half},
                detection([55, 5, 20, 16], 0.6) | {"segmentation": whole}]  # fmt: skip
        results = others.put_json(out.parent / "masks.json", rows)
        words = ["--predictions", str(results), "--out", str(out), "--no-stats"]
        assert main(["view", str(dataset), *words, "--processes", "1"]) == 0

    page = visit((shared("masks/view", make) / "index.html").as_uri(), "#image=000004&score=0.5")
    page.wait_for_selector("main.image[data-shown='0/0']")
    shape = (CLEAR.height, CLEAR.width)

    def inside() -> list[tuple[int, ...]]:
        canvas = drawn(page, shape, ".over").astype(int)
        return [tuple(canvas[y, x]) for x, y in ((14, 18), (26, 18), (65, 13))]

    def coloured() -> list[bool]:
        masked, beside, wrong = inside()
        near = [
            np.abs(np.subtract(p[:3], c)).max() < 12 for p, c in ((masked, FOUND), (wrong, FALSE))
        ]
        return [near[0], near[1], 80 < masked[3] < 200, not beside[3]]

    assert soon(coloured, [True] * 4) == [True] * 4
    page.evaluate("location.hash = '#image=000004&score=0.7'")
    assert soon(lambda: inside()[2][3], 0) == 0
    page.keyboard.press("m")
    assert soon(lambda: inside()[0][3], 0) == 0
