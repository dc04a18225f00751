"""Cityscapes-like exports, pixel by pixel against the dataset."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.cityscapes.write import ids
from simgen.formats.export import Options, export
from simgen.formats.items import Annotation, Item, Picture
from simgen.formats.pipeline.mixing import Mix
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource


def exported(folder: Path, out: Path, options: Options | None = None) -> Path:
    export(["cityscapes"], [SimgenSource(simgen.open(folder))], out, options)
    return out


def picture(out: Path, sample: Sample, kind: str, city: str = "simgen") -> np.ndarray:
    """By PIL, as cityscapesScripts reads them."""
    name = f"{city}_{sample.scene:06d}_{sample.frame:06d}_gtFine_{kind}.png"
    with Image.open(out / "gtFine" / sample.split / city / name) as image:
        return np.array(image)


@pytest.fixture(scope="module")
def whole(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(cast_folder, tmp_path_factory.mktemp("cityscapes") / "out")


def test_names_are_city_scene_and_frame(whole: Path, cast_folder: Path) -> None:
    for sample in simgen.open(cast_folder):
        stem = f"simgen_{sample.scene:06d}_{sample.frame:06d}"
        image = whole / "leftImg8bit" / sample.split / "simgen" / f"{stem}_leftImg8bit.png"
        assert (cv2.imread(str(image))[..., ::-1] == sample.rgb).all()
        assert {path.name for path in whole.glob(f"gtFine/*/*/{stem}_*")} == {
            f"{stem}_gtFine_{kind}.png" for kind in ("labelIds", "labelTrainIds", "instanceIds")
        }


def test_every_pixel_has_the_label_of_its_segment(whole: Path, cast_folder: Path) -> None:
    dataset = simgen.open(cast_folder)
    table = {row["id"]: row for row in json.loads((whole / "labels.json").read_text())}
    names = {0: "unlabeled", **dict(enumerate((*dataset.classes, *dataset.stuff_classes), start=1))}
    assert {number: row["name"] for number, row in table.items()} == names
    for sample in dataset:
        labels, instances = (
            picture(whole, sample, "labelIds"),
            picture(whole, sample, "instanceIds"),
        )
        assert labels.dtype == np.uint8
        assert labels.all()
        for segment in sample.segments:
            there = sample.panoptic == segment.id
            assert set(labels[there].tolist()) == {segment.category_id}
            assert table[segment.category_id]["hasInstances"] == segment.is_thing
            (number,) = set(instances[there].tolist())
            assert (number // 1000 or number) == segment.category_id
            assert (number >= 1000) == segment.is_thing
        things = np.unique(instances[instances >= 1000])
        assert len(things) == len(np.unique(sample.instances)) - (0 in sample.instances)
        # Of each class they are 0, 1, 2, ...
        for label in np.unique(things // 1000):
            of_class = things[things // 1000 == label] % 1000
            assert of_class.tolist() == list(range(len(of_class)))
        training = picture(whole, sample, "labelTrainIds")
        for number in np.unique(labels):
            assert set(training[labels == number].tolist()) == {table[number]["trainId"]}


def test_training_ids_count_from_0_and_unlabelled_is_255(whole: Path) -> None:
    rows = json.loads((whole / "labels.json").read_text())
    assert [row["trainId"] for row in rows] == [255, *range(len(rows) - 1)]
    assert [row["ignoreInEval"] for row in rows] == [True] + [False] * (len(rows) - 1)
    assert len({tuple(row["color"]) for row in rows}) == len(rows)


def test_without_panoptic_the_stage_is_unlabelled(stills_folder: Path, tmp_path: Path) -> None:
    source = SimgenSource(simgen.open(stills_folder))
    (done,) = export(["cityscapes"], [source], tmp_path / "out")
    assert any("lacks the label panoptic" in remark for remark in done.remarks)
    for sample in simgen.open(stills_folder):
        assert (picture(tmp_path / "out", sample, "labelIds") == sample.semantic).all()
        training = picture(tmp_path / "out", sample, "labelTrainIds")
        assert ((training == 255) == (sample.semantic == 0)).all()


def test_what_is_left_out_is_unlabelled_and_a_crowd_has_no_number(
    cast_folder: Path, tmp_path: Path
) -> None:
    selection = Selection(drop=("mug",), min_pixels=120, hardly_seen="crowd")
    out = exported(cast_folder, tmp_path / "out", Options(selection))
    numbers = {"ball": 1, "box": 2}
    crowds = 0
    for sample in simgen.open(cast_folder):
        labels, instances = picture(out, sample, "labelIds"), picture(out, sample, "instanceIds")
        for item in sample.objects:
            mask = sample.instances == item.instance_id
            if not mask.any():
                continue
            number = numbers.get(item.class_name, 0)
            assert set(labels[mask].tolist()) == {number}
            (instance,) = set(instances[mask].tolist())
            assert (instance >= 1000) == (number > 0 and mask.sum() >= 120)
            crowds += 0 < number == instance
        assert (labels[sample.instances == 0] > 2).all()
    assert crowds


def test_it_follows_the_size_and_the_datasets(
    cast_folder: Path, stills_folder: Path, tmp_path: Path
) -> None:
    out = exported(cast_folder, tmp_path / "small", Options(size=Size.read("48")))
    sample = simgen.open(cast_folder)[0]
    assert picture(out, sample, "instanceIds").shape == (36, 48)
    both = [SimgenSource(simgen.open(folder)) for folder in (cast_folder, cast_folder)]
    export(["cityscapes"], both, tmp_path / "both", Options(mix=Mix()))
    for city in ("simgen0", "simgen1"):
        picture(tmp_path / "both", sample, "labelIds", city)


# --- what it cannot hold ------------------------------------------------------------------------


def test_too_many_classes_are_refused(cast_folder: Path, tmp_path: Path) -> None:
    source = SimgenSource(simgen.open(cast_folder))
    source.classes = tuple(f"class_{number}" for number in range(65))
    with pytest.raises(InputError, match="at most 64 classes of objects, the datasets have 65"):
        export(["cityscapes"], [source], tmp_path / "out")


def test_beyond_1000_objects_of_a_class_there_is_no_number() -> None:
    shown = np.arange(1, 1101, dtype=np.uint16).reshape(10, 110)
    entries = tuple(
        Annotation("dot", (0, 0, 1, 1), record=SimpleNamespace(instance_id=n))  # type: ignore[arg-type]
        for n in range(1, 1101)
    )
    sample = SimpleNamespace(instances=shown)
    item = Item("a", "train", 1, Picture(110, 10, Path("a.png")), entries, sample)  # type: ignore[arg-type]
    labels, instances, beyond = ids(item, {"dot": 64})
    assert beyond == 100
    assert (labels == 64).all()
    assert instances.reshape(-1)[:1000].tolist() == list(range(64000, 65000))
    assert set(instances.reshape(-1)[1000:].tolist()) == {64}


def test_a_class_of_the_stage_that_objects_have_too_keeps_a_name_of_its_own(
    cast_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(cast_folder, tmp_path / "dataset"))
    plain = json.loads((folder / "dataset.json").read_text())
    plain["stuff_classes"][-1] = plain["classes"][0]
    (folder / "dataset.json").write_text(json.dumps(plain))
    table = json.loads((exported(folder, tmp_path / "out") / "labels.json").read_text())
    names = [row["name"] for row in table]
    assert len(set(names)) == len(names) == 1 + len(plain["classes"] + plain["stuff_classes"])
    assert names[-1] == f"{plain['classes'][0]}_stage"
