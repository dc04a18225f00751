"""docs/train.md leads from nothing to files that a trainer reads, step by step as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import TINY
from PIL import Image

from simgen import cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "train.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHORTER = {"my_look": "num_scenes=1", "my_dataset": "num_scenes=2"}
"""What a test waits for; all else is as on the page."""


def steps() -> list[tuple[str, str]]:
    """Blocks of shell and of Python up to where training begins, in the order of the page."""
    before, _ = PAGE.read_text(encoding="utf-8").split("## 6. Train")
    return BLOCK.findall(before)


@pytest.mark.render
@pytest.mark.slow
@pytest.mark.exhaustive
def test_the_way_to_a_dataset_that_trainers_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for language, text in steps():
        if language == "python":
            exec(compile(text, PAGE.name, "exec", dont_inherit=True), {"__name__": "train"})
            continue
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line)[1:]
            if words[0] == "generate":
                (out,) = (word.split("=")[1] for word in words if word.startswith("output.dir="))
                words += [*TINY[:4], SHORTER[out], "runner.workers=1", "splits=[train:1,val:1]"]
            if words[0] == "export":
                # Two scenes are too few for a tenth of them.
                words[words.index("train:0.9,val:0.1")] = "train:0.5,val:0.5"
            assert cli.main(words) == 0, f"{line}\n{capsys.readouterr()}"
    data = yaml.safe_load(Path("my_yolo/data.yaml").read_text())
    assert sorted(data["names"].values()) == ["bracket", "knob"]
    rows = 0
    for split in ("train", "val"):
        for image in Path("my_yolo", "images", split).iterdir():
            assert Image.open(image).size == (96, 72)
            labels = Path("my_yolo", "labels", split, f"{image.stem}.txt")
            found = np.loadtxt(labels, ndmin=2).reshape(-1, 5)
            assert set(found[:, 0]) <= {0, 1}
            assert ((found[:, 1:] >= 0) & (found[:, 1:] <= 1)).all()
            rows += len(found)
    assert rows >= 4
