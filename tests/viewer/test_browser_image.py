"""The page of an image in a real browser, compared with the arrays and records of the dataset."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from regions import add_regions
from viewer.browsing import (
    HOSTILE,
    Visit,
    click,
    drawn,
    hover,
    inked_near,
    numbers,
    open_image,
    soon,
)

import simgen
from simgen.cli import main
from simgen.dataset.sample import Sample
from simgen.labels import IGNORE
from simgen.labels.drawing import colours

pytestmark = pytest.mark.slow


def sample_of(folder: Path, place: str) -> Sample:
    scene, frame = map(int, place.split("/"))
    return next(s for s in simgen.open(str(folder)) if (s.scene, s.frame) == (scene, frame))


def probed(page: Page) -> dict[str, str]:
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[data-probe]')]"
        ".map(node => [node.dataset.probe, node.textContent]))"
    )


def pixels_of(sample: Sample) -> list[tuple[int, int]]:
    """A pixel of each instance and of the stage, column and row."""
    found = []
    for instance in np.unique(sample.instances):
        rows, columns = np.nonzero(sample.instances == instance)
        found.append((int(columns[len(rows) // 2]), int(rows[len(rows) // 2])))
    return found


@pytest.mark.parametrize("place", ["0/1", "1/0", "1/2"])
@pytest.mark.corpus(1)
def test_the_probe_says_what_the_arrays_say(
    place: str, visit: Visit, seen: str, seen_folder: Path
) -> None:
    page, sample = open_image(visit, seen, place), sample_of(seen_folder, place)
    names = {item.instance_id: item.class_name for item in sample.objects}
    for x, y in pixels_of(sample):
        hover(page, sample.instances.shape, x, y)
        expect(page.locator(".probe-at")).to_have_text(f"column {x}, row {y}")
        said = probed(page)
        instance = int(sample.instances[y, x])
        shown_as = f"{instance} ({names[instance]})" if instance else "0 (stage)"
        assert said["instance"] == shown_as
        assert numbers(said["class"])[0] == sample.semantic[y, x]
        assert numbers(said["panoptic"])[0] == sample.panoptic[y, x]
        depth = sample.depth[y, x]
        if np.isfinite(depth):
            assert numbers(said["depth"])[0] == pytest.approx(depth, rel=1e-3)
            assert said["depth"].endswith(" m")
        else:
            assert said["depth"] == "background"
        for label in ("flow_forward", "flow_backward"):
            flow = getattr(sample, label)
            if flow is None:
                assert label not in said
            elif np.isfinite(flow[y, x]).all():
                assert numbers(said[label]) == pytest.approx(flow[y, x], rel=2e-3, abs=2e-3)
            else:
                assert said[label] == "none"
        if np.any(sample.normals[y, x]):
            assert numbers(said["normals"]) == pytest.approx(sample.normals[y, x], abs=0.011)
        if instance:
            coordinates = sample.object_coordinates[y, x]
            assert numbers(said["object_coordinates"]) == pytest.approx(coordinates, abs=0.008)


@pytest.mark.exhaustive
def test_keys_move_the_probe(visit: Visit, seen: str, seen_folder: Path) -> None:
    page = open_image(visit, seen, "0/0")
    height, width = sample_of(seen_folder, "0/0").instances.shape
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+Shift+ArrowDown")
    expect(page.locator(".probe-at")).to_have_text(
        f"column {width // 2 + 1}, row {height // 2 + 10}"
    )
    expect(page.locator("[aria-live=polite]")).to_contain_text("depth")


def test_masks_are_drawn_where_the_instances_are(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = open_image(visit, seen, "0/1", "&show=masks")
    sample = sample_of(seen_folder, "0/1")

    def inked() -> np.ndarray:
        return drawn(page, sample.instances.shape, ".over")[..., 3] > 0

    assert soon(lambda: np.array_equal(inked(), sample.instances > 0), True)
    page.keyboard.press("m")
    assert not soon(lambda: bool(inked().any()), False)


@pytest.mark.exhaustive
def test_amodal_masks_are_outlined_and_striped_where_hidden(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = open_image(visit, seen, "0/1", "&show=silhouettes")
    sample = sample_of(seen_folder, "0/1")
    page.wait_for_timeout(100)
    inked = drawn(page, sample.instances.shape, ".over")[..., 3] > 0
    whole = np.any(list(sample.amodal_masks.values()), axis=0)
    assert inked.any()
    assert not (inked & ~whole).any()


def corner_points(sample: Sample, overlay: str) -> list[np.ndarray]:
    """Points that lie on the lines of an overlay, for each object that has it."""
    points = []
    for item in sample.objects:
        if overlay in ("boxes", "amodal"):
            box = item.bbox if overlay == "boxes" else item.amodal_bbox
            points += [] if box is None else [np.array([box[0] + box[2], box[1] + box[3] / 2])]
        elif item.visible_pixels == 0:
            continue
        elif overlay == "oriented":
            points.append(np.mean(item.oriented_box[:2], axis=0))
        elif overlay == "cuboids":
            points.append((item.corners[0] + item.corners[1]) / 2)
        elif overlay == "keypoints":
            points += [point.pixel for point in item.keypoints if point.visibility > 0]
    return points


LINES = {"boxes": "b", "amodal": "a", "oriented": "o", "cuboids": "c", "keypoints": "k"}
"""Overlays and their keys."""


@pytest.mark.exhaustive
def test_lines_are_drawn_where_the_record_has_them(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = open_image(visit, seen, "0/1", "&show=names")
    sample = sample_of(seen_folder, "0/1")
    shape = sample.instances.shape
    most = np.array([shape[1], shape[0]]) - 1
    page.keyboard.press("i")
    for overlay, key in {
        "boxes": "b",
        "amodal": "a",
        "oriented": "o",
        "cuboids": "c",
        "keypoints": "k",
    }.items():
        points = [p for p in corner_points(sample, overlay) if np.all((p > 1) & (p < most))]
        assert points
        page.keyboard.press(key)
        assert soon(lambda at=points: all(inked_near(page, shape, at)), True), overlay
        inked = drawn(page, shape, ".over")[..., 3] > 0
        assert inked.mean() < 0.25, f"{overlay}: lines, not areas"
        page.keyboard.press(key)


@pytest.mark.exhaustive
def test_boxes_under_a_fisheye_are_bent(visit: Visit, seen_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bent"
    shutil.copytree(seen_folder, folder, ignore=shutil.ignore_patterns("view"))
    path = folder / "scenes/000000/frame_0001.json"
    plain = json.loads(path.read_text())
    plain["camera"]["lens"] |= {"model": "kannala_brandt", "coefficients": [0.9, 0, 0, 0]}
    path.write_text(json.dumps(plain))
    assert main(["view", str(folder), "--no-stats", "--processes", "1"]) == 0
    page = open_image(visit, (folder / "view/index.html").as_uri(), "0/1", "&show=cuboids")
    sample = sample_of(folder, "0/1")
    points = []
    for item in (one for one in sample.objects if one.visible_pixels):
        places = item.box_min + np.linspace(0, 1, 9)[:, None] * [item.size[0], 0, 0]
        pose = item.object_to_camera
        points += list(sample.camera.project(places @ pose[:3, :3].T + pose[:3, 3]))
    most = np.array([sample.camera.width, sample.camera.height]) - 1
    points = [p for p in points if np.all((p > 1) & (p < most))]
    assert len(points) > 5
    assert soon(lambda: all(inked_near(page, sample.instances.shape, points)), True)


LAYERS = {
    "depth": (colours.colour_depth, 4.0),
    "normals": (colours.colour_normals, 2.0),
    "flow_forward": (colours.colour_flow, 2.0),
    "object_coordinates": (colours.colour_coordinates, 1.0),
    "semantic": (colours.colour_classes, 0.0),
    "instances": (colours.colour_ids, 0.0),
}


@pytest.mark.exhaustive
def test_layers_have_the_colours_of_the_documentation(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = open_image(visit, seen, "0/1", "&show=names&mode=full")
    sample = sample_of(seen_folder, "0/1")

    def near(expected: np.ndarray, most: float) -> bool:
        found = drawn(page, sample.instances.shape, ".stage canvas")[..., :3]
        return bool(np.abs(found - expected).mean() <= most)

    for layer, (colour, most) in LAYERS.items():
        page.get_by_label("Layer to compare with").select_option(layer)
        expect(page.locator(".legend figcaption")).to_be_visible()
        expected = colour(getattr(sample, layer)).astype(float)
        assert expected.any()

        assert soon(partial(near, expected, most), True), layer


@pytest.mark.exhaustive
def test_regions_to_be_ignored_are_no_class(
    visit: Visit, cast_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(cast_folder, tmp_path / "regions"))
    add_regions(folder)
    assert main(["view", str(folder), "--no-stats", "--processes", "1"]) == 0
    address = (folder / "view/index.html").as_uri()
    page = open_image(visit, address, "0/1", "&show=names&mode=full&layer=semantic")
    sample = sample_of(folder, "0/1")
    expect(page.locator(".legend")).to_contain_text("ignore region")
    expected = colours.colour_classes(sample.semantic).astype(float)

    def differ() -> float:
        found = drawn(page, sample.semantic.shape, ".stage canvas")[..., :3]
        return float(np.abs(found - expected).max())

    assert soon(differ, 0.0) == 0.0
    rows, columns = np.nonzero(sample.semantic == IGNORE)
    middle = len(rows) // 2
    hover(page, sample.semantic.shape, int(columns[middle]), int(rows[middle]))
    expect(page.locator("[data-probe='class']")).to_have_text("65535 (ignore region)")
    expect(page.locator("[data-probe='panoptic']")).to_contain_text(", ignore region")


def test_the_legend_of_depth_is_in_metres(visit: Visit, seen: str, seen_folder: Path) -> None:
    page = open_image(visit, seen, "0/1", "&layer=depth")
    depth = sample_of(seen_folder, "0/1").depth
    ends = np.quantile(depth[np.isfinite(depth)], [0.98, 0.02])
    expect(page.locator(".ticks span").first).to_be_visible()
    ticks = [numbers(text)[0] for text in page.locator(".ticks span").all_text_contents()]
    assert [ticks[0], ticks[-1]] == pytest.approx(ends, rel=0.02)
    assert ticks == sorted(ticks, reverse=True)


def test_the_wipe_moves_by_keys_and_pointer(visit: Visit, seen: str) -> None:
    page = open_image(visit, seen, "0/1", "&layer=depth")
    handle = page.get_by_role("slider", name="Wipe between image and layer")
    expect(handle).to_have_attribute("aria-valuenow", "50")
    handle.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "48")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    handle.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40)
    page.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "25")


def test_a_link_to_an_instance_shows_its_facts(visit: Visit, seen: str, seen_folder: Path) -> None:
    item = max(sample_of(seen_folder, "0/1").objects, key=lambda one: one.visible_pixels)
    page = open_image(visit, seen, "0/1", f"&instance={item.instance_id}")
    button = page.locator(f"[data-instance='{item.instance_id}']")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#objects dd").first).to_be_visible()
    terms = page.locator("#objects dt").all_text_contents()
    facts = dict(zip(terms, page.locator("#objects dd").all_text_contents(), strict=True))
    assert facts["asset"] == item.asset
    assert numbers(facts["visible"])[0] == pytest.approx(100 * item.visible_fraction, abs=0.5)
    assert numbers(facts["inside the frame"])[0] == pytest.approx(
        100 * item.inside_fraction, abs=0.5
    )
    assert numbers(facts["size"]) == pytest.approx(item.size, rel=0.01)
    assert numbers(facts["distance"])[0] == pytest.approx(np.linalg.norm(item.centre), rel=0.01)
    position = item.object_to_world[:3, 3]
    assert numbers(facts["position"]) == pytest.approx(position, rel=0.01, abs=1e-3)


def test_the_card_and_a_click_tell_which_instance_it_is(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page, sample = open_image(visit, seen, "0/1"), sample_of(seen_folder, "0/1")
    x, y = pixels_of(sample)[-1]
    instance = int(sample.instances[y, x])
    hover(page, sample.instances.shape, x, y)
    expect(page.locator(".card strong")).to_contain_text(str(instance))
    click(page, sample.instances.shape, x, y)
    expect(page.locator(f"[data-instance='{instance}']")).to_have_attribute("aria-expanded", "true")
    assert f"instance={instance}" in page.url


def test_under_a_still_pointer_the_card_tells_of_the_next_image(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    before, after = sample_of(seen_folder, "0/0"), sample_of(seen_folder, "1/0")
    left = (before.instances > 0) & (after.instances == 0)
    y, x = (int(one[0]) for one in np.nonzero(left))
    page = open_image(visit, seen, "0/0")
    hover(page, before.instances.shape, x, y)
    expect(page.locator(".card strong")).to_contain_text(str(before.instances[y, x]))
    for _ in range(3):
        page.keyboard.press("n")
    page.wait_for_selector("main.image[data-arrays='1/0']")
    expect(page.locator(".probe-at")).to_have_text(f"column {x}, row {y}")
    expect(page.locator(".card")).to_be_hidden()


def test_hostile_names_are_only_text(visit: Visit, seen: str, seen_folder: Path) -> None:
    sample = next(
        s for s in simgen.open(str(seen_folder)) if any(o.class_name == HOSTILE for o in s.objects)
    )
    page = open_image(visit, seen, f"{sample.scene}/{sample.frame}", "&layer=semantic")
    expect(page.locator("#objects")).to_contain_text(HOSTILE)
    expect(page.locator(".legend")).to_contain_text(HOSTILE)
    assert page.evaluate("globalThis.broken") is None
    assert page.locator("img[onerror]").count() == 0


@pytest.mark.exhaustive
def test_complaints_command_and_factors_of_the_scene(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page = open_image(visit, seen, "0/1")
    expect(page.locator(".complaint-list")).to_contain_text("visible-pixels")
    expect(page.locator(".command code")).to_contain_text("--scene 0")
    page.locator("#factors summary").click()
    focal = simgen.open(str(seen_folder)).spec(0).factors["camera.focal_length_mm_range"][0]
    expect(page.locator("#factors")).to_contain_text(f"{focal:.4g}")
    page.keyboard.press("n")
    page.wait_for_selector("main.image[data-shown='0/2']")
    expect(page.locator(".complaint-list")).to_have_count(0)


def test_a_sequence_plays_and_stops(visit: Visit, seen: str) -> None:
    page = open_image(visit, seen, "0/0")
    # At 24 frames a second on a busy machine, who looks now and then misses some.
    page.evaluate(
        """() => {
            const main = document.querySelector("main.image");
            window.shown = [];
            new MutationObserver(() => window.shown.push(main.dataset.shown))
                .observe(main, { attributeFilter: ["data-shown"] });
        }"""
    )
    page.keyboard.press(" ")
    shown = page.evaluate(
        """async () => {
            for (let i = 0; i < 500 && window.shown.length < 4; i++)
                await new Promise(done => setTimeout(done, 20));
            return window.shown.slice(0, 4);
        }"""
    )
    assert shown == ["0/1", "0/2", "0/0", "0/1"]
    page.keyboard.press(" ")
    expect(page.get_by_label("Play", exact=True)).to_have_attribute("aria-pressed", "false")


@pytest.mark.exhaustive
def test_the_next_image_is_there_before_it_is_asked_for(visit: Visit, seen: str) -> None:
    page = open_image(visit, seen, "0/1", "&layer=depth")
    page.wait_for_selector("main.image[data-near='0/1']")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("data%20set/")[-1]))
    for key, place in (("n", "0/2"), ("p", "0/1"), ("p", "0/0")):
        page.keyboard.press(key)
        page.wait_for_selector(f"main.image[data-shown='{place}']")
        expect(page.locator(".ticks")).to_be_visible()
    # What lies beyond is asked for, and nothing twice.
    page.wait_for_selector("main.image[data-near='0/0']")
    assert set(asked) <= {"view/arrays/000001/0000.js", "view/data/scenes/000001.js",
                          "scenes/000001/frame_0000.rgb.png"}  # fmt: skip
    assert len(asked) == len(set(asked))


def test_large_images_are_kept_in_bounded_memory(visit: Visit, seen: str) -> None:
    page = visit(seen)
    kept = page.evaluate(
        """async () => {
            const kept = [];
            for (const size of [[96, 72], [1280, 720], [1920, 1080], [8192, 8192]]) {
                const files = new Simgen.Files(), made = files.index();
                const tag = [...document.querySelectorAll("head script")].at(-1);
                tag.removeAttribute("src");
                const running = { value: tag, configurable: true };
                Object.defineProperty(document, "currentScript", running);
                simgenData("index", { size, palette: "112233" });
                delete document.currentScript;
                tag.onload();
                await made;
                kept.push(files.frames.limit);
            }
            return kept;
        }"""
    )
    most = [36 * 96 * 72, 36 * 1280 * 720, 36 * 1920 * 1080]
    assert kept[0] > 2, "the image, and one on either side"
    assert all(count > 1 and count * size < 200e6 for count, size in zip(kept, most, strict=False))
    assert kept[3] == 1


def test_zoomed_in_the_probe_still_knows_its_pixel(
    visit: Visit, seen: str, seen_folder: Path
) -> None:
    page, sample = open_image(visit, seen, "0/1"), sample_of(seen_folder, "0/1")
    x, y = pixels_of(sample)[-1]
    hover(page, sample.instances.shape, x, y)
    page.mouse.wheel(0, -600)
    hover(page, sample.instances.shape, x, y)
    expect(page.locator(".probe-at")).to_have_text(f"column {x}, row {y}")


def test_the_served_page_does_the_same(visit: Visit, served: str, seen_folder: Path) -> None:
    page, sample = open_image(visit, served, "1/1"), sample_of(seen_folder, "1/1")
    x, y = pixels_of(sample)[-1]
    hover(page, sample.instances.shape, x, y)
    expect(page.locator("[data-probe=instance]")).to_contain_text(str(sample.instances[y, x]))


def test_a_frame_that_is_not_there_is_one_line(visit: Visit, seen: str) -> None:
    page = visit(seen, "#scene=0&frame=9")
    expect(page.get_by_role("alert").first).to_have_text(
        "scene 0 has no frame 9; it has 3 frames, counted from 0"
    )


def test_a_slider_goes_through_the_frames_of_a_scene(visit: Visit, seen: str) -> None:
    page = open_image(visit, seen, "1/0")
    slider = page.locator("#scrubber")
    expect(slider).to_have_value("0")
    slider.fill("2")
    page.wait_for_selector("main.image[data-shown='1/2']")
    expect(page.locator(".scrubber .count")).to_have_text("3 / 3")
    assert "frame=2" in page.url
    page.locator(".place").click()
    page.keyboard.press("p")
    page.wait_for_selector("main.image[data-shown='1/1']")
    expect(slider).to_have_value("1")
