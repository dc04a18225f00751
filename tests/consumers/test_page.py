"""The recipes in docs/loading.md, those with torch included, one after the other; and the training
in docs/train.md."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from simgen import cli

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to work in, and trainers that ask nobody."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("YOLO_OFFLINE", "true")
    monkeypatch.setitem(os.environ, "WANDB_DISABLED", "true")


@pytest.mark.usefixtures("here")
def test_every_recipe_runs(cast_folder: Path) -> None:
    Path("my_dataset").symlink_to(cast_folder)
    for line in "\n".join(blocks("loading.md", "sh")).splitlines():
        assert cli.main(shlex.split(line)[1:]) == 0, line
    names: dict[str, object] = {"__name__": "loading"}
    for number, block in enumerate(blocks("loading.md", "python"), start=1):
        exec(compile(block, f"loading.md, block {number}", "exec", dont_inherit=True), names)


@pytest.mark.usefixtures("here")
def test_the_detector_trains(stills_folder: Path) -> None:
    """On a handful of images, once, small, and from nothing, since weights would be fetched."""
    words = ("export", "yolo", str(stills_folder), "my_yolo", "--splits", "train:0.5,val:0.5")
    assert cli.main(words) == 0
    (block,) = (block for block in blocks("train.md", "python") if "YOLO" in block)
    changed = block
    for asked, less in (("epochs=50", "epochs=1"), ("imgsz=320", "imgsz=64"), (".pt", ".yaml")):
        assert asked in changed
        changed = changed.replace(asked, less)
    names: dict[str, object] = {"__name__": "train"}
    exec(compile(changed, "train.md", "exec", dont_inherit=True), names)
