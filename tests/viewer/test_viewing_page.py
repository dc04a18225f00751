"""docs/viewing.md: its commands for other datasets, predictions and lists run."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from test_docs import commands
from viewer import others

from simgen import cli
from simgen.formats.sources import open_source

PAGE = "docs/viewing.md"
NEW = [words[1:] for words in commands(PAGE) if words[:2] == ["simgen", "view"] and words[2:]]


@pytest.fixture
def _datasets(tmp_path: Path, stills_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    images = others.images(3)
    photos = others.coco(tmp_path / "my_photos", images)
    file = photos / "annotations/instances_val2017.json"
    file.rename(file.with_name("instances_val.json"))
    (photos / "val2017").rename(photos / "val")
    others.yolo(tmp_path / "my_yolo", images)
    (tmp_path / "my_dataset").mkdir()
    for path in stills_folder.iterdir():
        (tmp_path / "my_dataset" / path.name).symlink_to(path)
    others.put_json(tmp_path / "results.json", others.detections(images))
    plain = json.loads((stills_folder / "annotations/instances.json").read_text())
    rows = [{**entry, "score": 0.5} for entry in plain["annotations"]]
    others.put_json(tmp_path / "my_results.json", rows)


@pytest.mark.usefixtures("_datasets")
@pytest.mark.parametrize("words", NEW, ids=shlex.join)
@pytest.mark.corpus(3)
def test_commands_run(words: list[str], tmp_path: Path) -> None:
    assert cli.main([*words, "--no-stats", "--processes", "1"]) == 0
    pages = [*tmp_path.glob("*/index.html"), *tmp_path.glob("my_dataset/view/index.html")]
    assert len(pages) == 1


@pytest.mark.usefixtures("_datasets")
def test_the_command_for_a_list_runs(tmp_path: Path) -> None:
    (words,) = [words for words in commands(PAGE) if "--images" in words]
    (tmp_path / "my_dataset-images.txt").write_text("1\n3\n")
    assert cli.main(words[1:]) == 0
    assert len(open_source(words[4])) == 2
