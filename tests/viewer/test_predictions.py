"""Predictions over labels: matched as pycocotools matches, from files that may be wrong."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from viewer import others
from viewer.scripts import payload, unpacked

import simgen
from simgen.cli import main
from simgen.formats.sources import open_source
from simgen.viewer.predictions import OUTCOMES, best_threshold, read_predictions

IMAGES = others.images(30, seed=3)
FALSE = set(OUTCOMES) - {"correct", "ignored"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def view(*words: object) -> int:
    return main(["view", *map(str, words), "--no-stats", "--processes", "1"])


def evaluated(dataset: Path, results: Path, kind: str = "bbox") -> COCOeval:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(dataset / "annotations/instances_val2017.json"))
        found = COCOeval(truth, truth.loadRes(str(results)), kind)
        found.params.iouThrs = np.array([0.5])
        found.params.areaRng, found.params.areaRngLbl = [[0, 1e10]], ["all"]
        found.params.maxDets = [100]
        found.evaluate()
    return found


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.corpus(4)
def test_outcomes_are_those_of_pycocotools(seed: int, tmp_path: Path) -> None:
    images = others.images(20, seed)
    dataset = others.coco(tmp_path / "pets", images)
    file = dataset / "annotations/instances_val2017.json"
    plain = json.loads(file.read_text())
    for annotation in plain["annotations"][::5]:
        annotation["iscrowd"] = 1
    file.write_text(json.dumps(plain))
    rows = others.detections(images, seed)
    results = others.put_json(tmp_path / "results.json", rows)
    found = read_predictions(open_source(str(dataset)), results)
    kinds = [OUTCOMES[kind] for kind in found.detections["kind"]]
    cells = [cell for cell in evaluated(dataset, results).evalImgs if cell is not None]
    ignored = sum(int(cell["dtIgnore"].sum()) for cell in cells)
    correct = sum(int(((cell["dtMatches"] > 0) & ~cell["dtIgnore"]).sum()) for cell in cells)
    assert kinds.count("ignored") == ignored
    assert kinds.count("correct") == correct
    assert len(kinds) == len(rows)
    assert matched_scores(cells) == pytest.approx(own_scores(found), abs=1e-6)
    assert len(found.labels["image"]) == sum(int((cell["gtIgnore"] == 0).sum()) for cell in cells)


def blob(rng: np.random.Generator, box: Any, height: int, width: int) -> np.ndarray:
    """An ellipse in about a box, with a part bitten off: `H x W` bool."""
    x, y, w, h = box
    rows, columns = np.mgrid[:height, :width] + 0.5
    inside = ((columns - x - w / 2) / w * 2) ** 2 + ((rows - y - h / 2) / h * 2) ** 2 < 1
    return inside & (columns < x + w * rng.uniform(0.5, 1.2))


def run_lengths(mask: np.ndarray) -> dict[str, Any]:
    found = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": found["size"], "counts": found["counts"].decode()}


def with_masks(folder: Path, images: list[others.Drawn], seed: int) -> tuple[Path, list[Any]]:
    """A COCO dataset of masks, crowds among them, and results with masks."""
    rng, dataset = np.random.default_rng(seed), others.coco(folder, images)
    size_of = {int(image.name): (image.height, image.width) for image in images}
    file = dataset / "annotations/instances_val2017.json"
    plain = json.loads(file.read_text())
    for place, entry in enumerate(plain["annotations"]):
        mask = blob(rng, entry["bbox"], *size_of[entry["image_id"]])
        entry |= {"segmentation": run_lengths(mask), "area": int(mask.sum())}
        entry["iscrowd"] = int(place % 5 == 0)
    file.write_text(json.dumps(plain))
    rows = others.detections(images, seed)
    for row in rows:
        mask = blob(rng, row["bbox"], *size_of[row["image_id"]])
        row["segmentation"] = run_lengths(mask)
    return dataset, [row for row in rows if coco_mask.area(row["segmentation"])]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.corpus(3)
def test_masks_are_matched_as_by_pycocotools(seed: int, tmp_path: Path) -> None:
    dataset, rows = with_masks(tmp_path / "pets", others.images(20, seed), seed)
    results = others.put_json(tmp_path / "results.json", rows)
    found = read_predictions(open_source(str(dataset)), results)
    scores = {}
    for kind in ("segm", "bbox"):
        cells = [c for c in evaluated(dataset, results, kind).evalImgs if c is not None]
        scores[kind] = matched_scores(cells)
        if kind == "segm":
            kinds = [OUTCOMES[number] for number in found.detections["kind"]]
            assert kinds.count("ignored") == sum(int(c["dtIgnore"].sum()) for c in cells)
    assert own_scores(found) == pytest.approx(scores["segm"], abs=1e-6)
    assert scores["segm"] != scores["bbox"]
    assert found.about()["masks"]


def test_boxes_are_matched_where_either_has_no_mask(tmp_path: Path) -> None:
    images = others.images(20, 4)
    dataset, rows = with_masks(tmp_path / "pets", images, 4)
    whole = [row.pop("segmentation") for row in rows]
    results = others.put_json(tmp_path / "boxes.json", rows)
    cells = [c for c in evaluated(dataset, results).evalImgs if c is not None]
    found = read_predictions(open_source(str(dataset)), results)
    assert own_scores(found) == pytest.approx(matched_scores(cells), abs=1e-6)
    assert not found.about()["masks"]
    bare = others.coco(tmp_path / "bare", images)
    for row, mask in zip(rows, whole, strict=True):
        row["segmentation"] = mask
    masks = others.put_json(tmp_path / "masks.json", rows)
    of_boxes = read_predictions(open_source(str(bare)), results)
    of_masks = read_predictions(open_source(str(bare)), masks)
    assert own_scores(of_masks) == own_scores(of_boxes)


def test_polygons_are_masks(tmp_path: Path) -> None:
    image = others.Drawn("000003", 60, 50, ((0, (5, 6, 20, 10)),))
    dataset = others.coco(tmp_path / "pets", [image])
    polygons = [[5, 6, 25, 6, 25, 16, 5, 16], [-1e9, 30, 1e9, 30, 1e9, 32, -1e9, 32]]
    rows = [{"image_id": 3, "category_id": 5, "segmentation": polygons, "score": 0.5}]
    found = read_predictions(
        open_source(str(dataset)), others.put_json(tmp_path / "results.json", rows)
    )
    mask = coco_mask.decode({"size": [50, 60], "counts": found.scenes[0][0][0][8]})
    wanted = np.zeros((50, 60), np.uint8)
    wanted[6:16, 5:25] = wanted[30:32] = 1
    assert (mask == wanted).all()


def matched_scores(cells: list[dict[str, Any]]) -> list[float]:
    """Scores of the detections that match an object, by pycocotools."""
    found = []
    for cell in cells:
        score_of = dict(zip(cell["dtIds"], cell["dtScores"], strict=True))
        for match, ignored in zip(cell["gtMatches"][0], cell["gtIgnore"], strict=True):
            if match and not ignored:
                found.append(score_of[int(match)])
    return sorted(found)


def own_scores(found: Any) -> list[float]:
    scores = found.labels["score"]
    return sorted(scores[np.isfinite(scores)].tolist())


@pytest.mark.corpus(2)
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.62, 0.9])
def test_a_threshold_may_be_applied_after_matching(threshold: float, tmp_path: Path) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES)
    rows = others.detections(IMAGES)
    source = open_source(str(dataset))
    every = read_predictions(source, others.put_json(tmp_path / "all.json", rows))
    kept = [row for row in rows if row["score"] >= threshold]
    few = read_predictions(source, others.put_json(tmp_path / "few.json", kept))
    scores = every.labels["score"]
    assert int((scores >= np.float32(threshold)).sum()) == len(own_scores(few))
    chosen = every.detections["score"] >= np.float32(threshold)
    for kind in range(len(OUTCOMES)):
        counts = [int((d == kind).sum()) for d in (every.detections["kind"][chosen],
                                                   few.detections["kind"])]  # fmt: skip
        assert counts[0] == counts[1]


def test_the_usual_threshold_has_the_best_f1() -> None:
    scores = np.array([0.9, 0.8, 0.8, 0.6, 0.4, 0.2], np.float32)
    kinds = np.array([0, 0, 3, 0, 4, 1])

    def f1(threshold: float) -> float:
        kept = (scores >= threshold) & (kinds != 1)
        hits = ((kinds == 0) & kept).sum()
        return 2 * hits / (kept.sum() + 4)

    best = best_threshold(scores, kinds, 4)
    assert f1(best) == max(f1(score) for score in scores)
    assert best_threshold(scores, np.full(6, 2), 4) == 0.0


def test_pages_get_what_was_matched(tmp_path: Path) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES)
    rows = others.detections(IMAGES)
    results = others.put_json(tmp_path / "results.json", rows)
    assert view(dataset, "--predictions", results) == 0
    out = tmp_path / "pets-view"
    about = payload(out / "data/index.js")["predictions"]
    frames = payload(out / "data/predictions/000000.js")["frames"]
    records = payload(out / "data/scenes/000000.js")["frames"]
    ids = payload(out / "data/names.js")["ids"]
    for place, (image, shown) in enumerate(zip(IMAGES, frames, strict=True)):
        own = [row for row in rows if row["image_id"] == ids[place]]
        assert sorted(row[1] for row in shown) == pytest.approx(sorted(r["score"] for r in own))
        objects = {item["instance_id"]: item for item in records[place]["objects"]}
        for class_id, _, *box, kind, target in shown:
            assert 1 <= class_id <= 3
            if about["kinds"][kind] == "correct":
                assert objects[target]["class_id"] == class_id
                assert overlap(box, objects[target]["bbox"]) >= 0.499
        assert len(objects) == len(image.labels)
    assert view(dataset) == 0
    assert "predictions" not in payload(out / "data/index.js")
    assert not (out / "data/predictions").exists()
    assert not (out / "data/outcomes.js").exists()


def overlap(one: list[float], two: list[float]) -> float:
    w = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    h = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    both = max(w, 0) * max(h, 0)
    return both / (one[2] * one[3] + two[2] * two[3] - both)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", [int, str, "{}.png".format])
def test_yolo_names_images_by_their_files(first: int, name: Any, tmp_path: Path) -> None:
    dataset = others.yolo(tmp_path / "pets", IMAGES)
    rows = [
        {"image_id": name(image.name), "category_id": kind + first, "bbox": box, "score": 0.5}
        for image in IMAGES
        for kind, box in image.labels
    ]
    results = others.put_json(tmp_path / "results.json", rows)
    found = read_predictions(open_source(str(dataset)), results)
    assert {OUTCOMES[kind] for kind in found.detections["kind"]} == {"correct"}


def test_simgens_own_datasets(stills_folder: Path, tmp_path: Path) -> None:
    instances = stills_folder / "annotations/instances.json"
    rows = [
        {"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"],
         "score": 0.25 + (a["id"] % 3) / 4}
        for a in json.loads(instances.read_text())["annotations"] if not a["iscrowd"]
    ]  # fmt: skip
    results = others.put_json(tmp_path / "results.json", rows)
    words = ("--out", "out", "--arrays", "none", "--predictions", results)
    assert view(stills_folder, *words) == 0
    out = tmp_path / "out/data"
    outcomes = payload(out / "outcomes.js")
    assert set(unpacked(outcomes["detections"]["kind"])) == {OUTCOMES.index("correct")}
    assert np.isfinite(unpacked(outcomes["labels"]["score"])).all()
    for sample in simgen.open(str(stills_folder)):
        rows = payload(out / f"predictions/{sample.scene:06d}.js")["frames"][sample.frame]
        boxes = {item.instance_id: item.bbox for item in sample.objects if item.bbox}
        assert {row[-1]: tuple(row[2:6]) for row in rows} == boxes


def entry(**changes: Any) -> dict[str, Any]:
    return {"image_id": 3, "category_id": 5, "bbox": [1, 2, 3, 4], "score": 0.5} | changes


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "found 0 bytes; expected content"),
        ("{", "expected a JSON list of {image_id, category_id, bbox, score}"),
        ('{"annotations": []}', "expected a JSON list of"),
        ("[1, 2]", "found a list of other things"),
        ("[{}, ", "entry 1: image_id None; expected an id or a file name"),
        (json.dumps([entry()])[:-1], "expected a JSON list of"),
        (json.dumps([entry(), 7]), "entry 2: 7; expected {image_id"),
        (json.dumps([entry(image_id=[1])]), "entry 1: image_id [1]"),
        (json.dumps([entry(category_id=4)]), "category_id 4; expected one of the dataset's, 5"),
        (json.dumps([entry(category_id="cat")]), "entry 1: category_id cat; expected an id"),
        (json.dumps([entry(score="high")]), "entry 1: score high; expected a number"),
        ('[{"image_id": 3, "category_id": 5, "bbox": [1, 2, 3, 4], "score": NaN}]', "score nan"),
        (json.dumps([entry(bbox=[1, 2, 3])]), "bbox [1, 2, 3]; expected [x, y, width, height]"),
        (json.dumps([entry(bbox=[1, 2, -3, 4])]), "bbox [1, 2, -3, 4]; expected"),
        (json.dumps([entry(bbox=None)]), "bbox None; expected [x, y, width, height]"),
        (json.dumps([entry(bbox=None, segmentation={"size": [2, 2], "counts": "~~"})]),
         "segmentation: counts are not run lengths; expected run lengths of size ["),
        (json.dumps([entry(segmentation={"size": [2, 2], "counts": [4]})]),
         "entry 1: segmentation: size [2, 2]; expected run lengths of size ["),
        (json.dumps([entry(segmentation=[[1, 2, "x", 4]])]), "expected polygons [x, y, x, y, ...]"),
        (json.dumps([entry(image_id=n) for n in (4, 5)]), "none of its 2 detections is of an"),
        (json.dumps([entry(image_id="../x")]), "such as 3, 10, 17, or file names"),
    ],
)  # fmt: skip
def test_a_bad_results_file_is_one_line(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES[:4])
    (tmp_path / "results.json").write_text(content)
    assert view(dataset, "--predictions", "results.json") == 2
    error = capsys.readouterr().err
    assert said in error
    assert "results.json" in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "pets-view").exists()


def test_masks_without_boxes(tmp_path: Path) -> None:
    image = others.Drawn("000003", 60, 50, ((0, (5, 6, 20, 10)),))
    dataset = others.coco(tmp_path / "pets", [image])
    runs = [5 * 50 + 6, *([10, 40] * 19), 10]
    mask = {"size": [50, 60], "counts": [*runs, 3000 - sum(runs)]}
    rows = [{"image_id": 3, "category_id": 5, "segmentation": mask, "score": 0.5}]
    results = others.put_json(tmp_path / "results.json", rows)
    found = read_predictions(open_source(str(dataset)), results)
    ((*row, counts),) = found.scenes[0][0]
    assert row == [1, 0.5, 5, 6, 20, 10, 0, 1]
    assert coco_mask.decode({"size": [50, 60], "counts": counts})[6:16, 5:25].all()
    assert coco_mask.area({"size": [50, 60], "counts": counts}) == 200


def test_detections_of_other_images_are_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES[:4])
    results = others.put_json(tmp_path / "results.json", [entry(), entry(image_id=4)])
    assert view(dataset, "--predictions", results) == 0
    said = capsys.readouterr().out
    assert "1 of 2 detections are of images that the dataset does not have" in said


def test_ids_that_several_files_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = others.coco(tmp_path / "pets", IMAGES[:4])
    file = dataset / "annotations/instances_val2017.json"
    (dataset / "annotations/instances_train2017.json").write_text(file.read_text())
    (dataset / "val2017").rename(dataset / "images")
    results = others.put_json(tmp_path / "results.json", [entry()])
    assert view(dataset, "--predictions", results) == 2
    assert "image_id 3: several images of the dataset have it" in capsys.readouterr().err
    assert view(file, "--predictions", results) == 0
