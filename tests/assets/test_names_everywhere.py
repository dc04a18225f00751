"""Classes named in any script, all the way: drawn, labelled, previewed, exported, checked."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import trimesh
import yaml
from cast import SMALL, cast_dataset
from conftest import run_simgen

import simgen
from simgen.assets.importing import ImportOptions
from simgen.commands.assets import actions as commands
from simgen.report.lettering import lettering

NAMES = ("杯子", "Стол", "naïve chair", "[x]", "--help", "con")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("named")
    for name in NAMES:
        (place / "from" / name).mkdir(parents=True)
        trimesh.creation.box((0.1, 0.1, 0.1)).export(place / "from" / name / "a.ply")
    commands.add(place / "from", place / "to", ImportOptions(), False, lambda line: None)
    words = ("assets.classes=null", f"assets.dir={place / 'to'}", "objects.count_range=[8,8]")
    return cast_dataset(place / "made", *SMALL, *words, "num_scenes=3")


def exported(named: Path, form: str, place: Path) -> Path:
    done = run_simgen(["export", form, str(named), str(place / form)])
    assert done.returncode == 0, done.stderr
    checked = run_simgen(["validate", str(place / form)])
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return place / form


@pytest.mark.exhaustive
def test_the_dataset_has_the_names_as_they_are(named: Path) -> None:
    dataset = simgen.open(named)
    assert set(dataset.classes) >= set(NAMES)
    assert {item.class_name for sample in dataset for item in sample.objects} == set(NAMES)
    assert (named / "preview.png").is_file()
    assert run_simgen(["validate", str(named)]).returncode == 0


@pytest.mark.exhaustive
def test_coco_has_the_names_as_they_are(named: Path, tmp_path: Path) -> None:
    for file in exported(named, "coco", tmp_path).glob("annotations/*.json"):
        plain = json.loads(file.read_text("utf-8"))
        assert {item["name"] for item in plain["categories"]} == set(NAMES)


@pytest.mark.exhaustive
def test_yolo_has_the_names_as_they_are(named: Path, tmp_path: Path) -> None:
    (file,) = exported(named, "yolo", tmp_path).glob("*.yaml")
    plain = yaml.safe_load(file.read_text("utf-8"))
    assert set(plain["names"].values()) == set(NAMES)


@pytest.mark.exhaustive
def test_voc_has_the_names_as_they_are(named: Path, tmp_path: Path) -> None:
    files = list(exported(named, "voc", tmp_path).rglob("Annotations/*.xml"))
    assert {node.text for file in files for node in ET.parse(file).iter("name")} == set(NAMES)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("naïve chair", "naïve chair"), ("Стол", "Стол"), ("κύβος", "κύβος"), ("杯子", "class 3")],
)
def test_a_preview_has_letters_and_no_boxes(text: str, drawn: str) -> None:
    _, found = lettering(text, 12, "class 3")
    assert found == drawn
