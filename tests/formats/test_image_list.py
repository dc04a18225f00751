"""`simgen export --images`: what a list names is exported, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from viewer import others

import simgen
from simgen.cli import main
from simgen.formats.sources import open_source

IMAGES = others.images(9, seed=2)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def exported(dataset: object, listed: str, *more: str) -> list[str]:
    """Names of the files of a COCO export, in its order."""
    Path("list.txt").write_text(listed)
    assert main(["export", "coco", str(dataset), "out", "--images", "list.txt", *more]) == 0
    return [item.picture.path.name for item in open_source("out")]


def test_simgens_ids(stills_folder: Path) -> None:
    samples = list(simgen.open(str(stills_folder)))
    names = exported(stills_folder, "7\n2\n\n7\n12\n")
    assert len(names) == 3
    wanted = [f"{s.scene:06d}_{s.frame:04d}" for s in samples if s.image_id in (2, 7, 12)]
    assert [Path(name).stem for name in names] == wanted


def test_only_narrows_a_list_further(stills_folder: Path) -> None:
    samples = list(simgen.open(str(stills_folder)))
    split = samples[0].split
    every = "".join(f"{s.image_id}\n" for s in samples[:8])
    names = exported(stills_folder, every, "--only", split)
    assert len(names) == sum(sample.split == split for sample in samples[:8])


def test_ids_and_names_of_other_datasets(tmp_path: Path) -> None:
    coco = others.coco(tmp_path / "coco", IMAGES)
    listed = f"{int(IMAGES[4].name)}\n{IMAGES[1].name}\n{IMAGES[2].name}.jpg\n"
    assert len(exported(coco, listed)) == 3
    yolo = others.yolo(tmp_path / "yolo", IMAGES)
    assert len(exported(yolo, f"{IMAGES[0].name}\r\n{IMAGES[8].name}\r\n")) == 2


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("", "list.txt: empty; expected ids or names of images, one a line"),
        ("1\n99\n", "list.txt: line 2: 99: no image of"),
        ("mug\n", "expected ids such as 1, 2, 3, or file names"),
        ("9" * 40, "no image of"),
        ("\x00\n", "no image of"),
        ("\N{SUPERSCRIPT TWO}", "no image of"),
    ],
)
def test_what_is_wrong_is_one_line(
    listed: str, said: str, stills_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("list.txt").write_text(listed)
    words = ["export", "coco", str(stills_folder), "out", "--images", "list.txt"]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert not Path("out").exists()


def test_other_bad_input(stills_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bytes.txt").write_bytes(b"\xff\xfe\xfa")
    one = [str(stills_folder), "out", "--images"]
    assert main(["export", "coco", *one, "bytes.txt"]) == 2
    assert "bytes.txt: not text" in capsys.readouterr().err
    assert main(["export", "coco", *one, "none.txt"]) == 2
    assert "none.txt: No such file" in capsys.readouterr().err
    assert main(["export", "coco", str(stills_folder), *one, "bytes.txt"]) == 2
    assert "--images: belongs to one dataset" in capsys.readouterr().err
