"""Views of COCO, YOLO and Pascal VOC datasets, read as pages read them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from viewer import others
from viewer.others import CLASSES, Drawn
from viewer.scripts import column, payload, unpacked

from simgen.cli import main
from simgen.viewer.serve import pages_of

IMAGES = others.images(40)
MAKERS = {"coco": others.coco, "yolo": others.yolo, "voc": others.voc}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def view(*words: object) -> int:
    return main(["view", *map(str, words), "--no-stats", "--processes", "1"])


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def frames(folder: Path) -> list[dict]:
    """The records of all images, in order."""
    scenes = sorted((folder / "data/scenes").glob("*.js"))
    return [frame for scene in scenes for frame in payload(scene)["frames"]]


def labels_of(record: dict) -> list[tuple[str, list[float]]]:
    return sorted((item["class_name"], item["bbox"]) for item in record["objects"])


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.corpus(3)
def test_pages_have_the_labels_of_the_files(
    make: Callable[[Path, list[Drawn]], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = make(tmp_path / "pets", IMAGES)
    before = files(dataset)
    assert view(dataset) == 0
    assert capsys.readouterr().out == "40 images: pets-view/index.html\n"
    assert files(dataset) == before
    out = tmp_path / "pets-view"
    assert payload(out / "data/names.js")["names"] == [image.name for image in IMAGES]
    records = frames(out)
    assert [record["file"].split(".")[0] for record in records] == [i.name for i in IMAGES]
    for record, image in zip(records, IMAGES, strict=True):
        assert record["camera"] == {"width": image.width, "height": image.height}
        found, wanted = labels_of(record), sorted((CLASSES[k], [*box]) for k, box in image.labels)
        assert [name for name, _ in found] == [name for name, _ in wanted]
        for (_, box), (_, exact) in zip(found, wanted, strict=True):
            assert box == pytest.approx(exact, abs=0.011)
    _, counts = column(out, "objects")
    assert counts.tolist() == [len(image.labels) for image in IMAGES]
    place = f"{33 // 32:06d}/{33 % 32:04d}"
    (shown,) = out.glob(f"images/{place}.*")
    (original,) = dataset.rglob(f"{IMAGES[33].name}.[jp][pn]g")
    assert shown.read_bytes() == original.read_bytes()
    assert (out / f"thumbs/{place}.jpg").is_file()


def test_objects_are_listed_for_filters(tmp_path: Path) -> None:
    assert view(others.coco(tmp_path / "pets", IMAGES)) == 0
    listed = payload(tmp_path / "pets-view/data/instances.js")
    image, kind = (unpacked(listed[name]).tolist() for name in ("image", "class"))
    wanted = [(n, k + 1) for n, one in enumerate(IMAGES) for k, _ in one.labels]
    assert sorted(zip(image, kind, strict=True)) == sorted(wanted)


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    dataset = others.yolo(tmp_path / "pets", IMAGES)
    assert view(dataset) == 0
    out = tmp_path / "pets-view"
    before = files(out / "data/scenes") | files(out / "thumbs")
    assert view(dataset) == 0
    assert files(out / "data/scenes") | files(out / "thumbs") == before
    (dataset / "labels/val" / f"{IMAGES[35].name}.txt").write_text("2 0.5 0.5 0.25 0.25")
    assert view(dataset) == 0
    after = files(out / "data/scenes") | files(out / "thumbs")
    assert {path.parent.name for path, time in after.items() if before[path] != time} <= {
        "000001",
        "scenes",
    }
    assert [item["class_name"] for item in frames(out)[35]["objects"]] == ["hen"]


def test_unreadable_images_are_marked_or_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES[:6])
    pictures = sorted((dataset / "val2017").iterdir())
    pictures[1].unlink()
    pictures[3].write_bytes(pictures[3].read_bytes()[:900])
    assert view(dataset) == 0
    first, damaged, missing = capsys.readouterr().out.splitlines()
    assert first == "5 images (1 of 6 are omitted): pets-view/index.html"
    assert f"{pictures[3].name}: " in damaged
    assert pictures[1].name in missing
    assert "not found" in missing
    out = tmp_path / "pets-view"
    index = payload(out / "data/index.js")
    assert index["images"] == 5
    assert [found["rule"] for found in index["findings"]] == ["damaged/left-out"]
    _, marked = column(out, "damaged")
    assert np.flatnonzero(marked == 1).tolist() == [2]


def test_the_validator_speaks_of_images(tmp_path: Path) -> None:
    dataset = others.yolo(tmp_path / "pets", IMAGES[:5])
    (dataset / "labels/val" / f"{IMAGES[2].name}.txt").write_text("0 0.5 0.5 1.5 0.2\n")
    (dataset / "images/val" / f"{IMAGES[0].name}.png").write_bytes(b"nothing")
    assert view(dataset, "--validate") == 0
    out = tmp_path / "pets-view"
    complained = [bool(record["complaints"]) for record in frames(out)]
    assert complained == [False, True, False, False]
    assert payload(out / "data/index.js")["validated"] is True


def test_masks_keypoints_and_ignore_regions(tmp_path: Path) -> None:
    dataset = others.coco(tmp_path / "pets", [Drawn("000003", 60, 50, ((0, (5, 6, 20, 10)),))])
    file = dataset / "annotations/instances_val2017.json"
    plain = json.loads(file.read_text())
    plain["categories"][0] |= {"keypoints": ["nose", "tail"], "skeleton": [[1, 2]]}
    plain["annotations"][0] |= {
        "segmentation": [[5, 6, 25, 6, 25, 16, 5, 16]],
        "keypoints": [7, 8, 2, 20, 12, 1],
    }
    crowd = {"id": 9, "image_id": 3, "category_id": 15, "bbox": [30, 20, 20, 20], "iscrowd": 1}
    plain["annotations"].append(crowd)
    file.write_text(json.dumps(plain))
    assert view(dataset) == 0
    out = tmp_path / "pets-view"
    assert payload(out / "data/index.js")["overlays"] == ["boxes", "masks", "keypoints", "names"]
    region, cat = frames(out)[0]["objects"]
    assert region["crowd"] is True
    assert cat["visible_pixels"] == 200
    assert cat["segmentation"]["size"] == [50, 60]
    assert [point["pixel"] for point in cat["keypoints"]] == [[7, 8], [20, 12]]
    assert column(out, "objects")[1].tolist() == [1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pets", "--arrays", "all"], "--arrays all: pets has no maps"),
        (["pets", "--out", "pets"], "contains files that `simgen view` did not write"),
        (["pets/val2017"], "no dataset in a known format"),
        (["empty.json"], "contains no images"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others.coco(tmp_path / "pets", IMAGES[:2])
    others.put_json(tmp_path / "empty.json", {"images": [], "annotations": [], "categories": []})
    assert view(*words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def test_a_view_of_one_kind_gives_way_to_another(tmp_path: Path, stills_folder: Path) -> None:
    dataset = others.voc(tmp_path / "pets", IMAGES[:3])
    assert view(stills_folder, "--out", "there", "--arrays", "none") == 0
    assert view(dataset, "--out", "there") == 0
    assert len(frames(tmp_path / "there")) == 3
    assert view(stills_folder, "--out", "there", "--arrays", "none") == 0
    assert not (tmp_path / "there/data/names.js").exists()
    assert len(frames(tmp_path / "there")) == 12


def test_a_script_that_came_with_a_view_is_replaced(tmp_path: Path) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES[:3])
    assert view(dataset) == 0
    script = tmp_path / "pets-view/data/scenes/000000.js"
    state = script.stat()
    script.write_text("alert(1)")
    os.utime(script, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert view(dataset) == 0
    assert len(payload(script)["frames"]) == 3


def test_the_server_has_pictures_and_no_maps(tmp_path: Path) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES[:3])
    assert view(dataset) == 0
    site = pages_of(tmp_path / "pets-view")
    assert b'"arrays":false' in site.index
    found = site.content("/view/images/000000/0001.jpg")
    assert found is not None
    assert found[1] == "image/jpeg"
    assert site.content("/view/arrays/000000/0001.js") is None
    assert site.content("/scenes/000000/frame_0001.rgb.png") is None
