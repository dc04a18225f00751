"""What is made of all scenes together is made once, and never stale."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FLIGHT, Simgen, content

from simgen import cli
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.formats.output.target import MARKER
from simgen.runs.finish import export_formats, finish, forget

pytestmark = pytest.mark.render

PRODUCTS = ("annotations/instances.json", "preview.png", "README.md")


@pytest.fixture
def folder(flight_folder: Path, tmp_path: Path) -> Path:
    """A finished dataset of one's own, of four scenes."""
    return Path(shutil.copytree(flight_folder, tmp_path / "dataset"))


def again(folder: Path) -> int:
    """Finish, and count the images that the COCO file is said to hold."""
    contents = finish(Layout(folder), Dataset(folder)).contents
    assert contents is not None
    return contents.images


def stamps(folder: Path) -> list[int]:
    return [(folder / name).stat().st_mtime_ns for name in PRODUCTS]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def damage(path: Path) -> None:
    path.write_text('{"made_of": ')


def drop_scene(folder: Path) -> None:
    shutil.rmtree(folder / "scenes" / "000002")


DISTURBED: dict[str, Callable[[Path], None]] = {
    "forgotten": lambda folder: forget(Layout(folder)),
    "COCO gone": lambda folder: (folder / PRODUCTS[0]).unlink(),
    "COCO cut short": lambda folder: truncate(folder / PRODUCTS[0]),
    "preview gone": lambda folder: (folder / PRODUCTS[1]).unlink(),
    "memory damaged": lambda folder: damage(folder / ".simgen" / "finished.json"),
    "a scene gone": drop_scene,
}


@pytest.mark.exhaustive
def test_nothing_is_made_twice_and_formats_can_be_added(
    folder: Path, simgen_command: Simgen
) -> None:
    before, made = stamps(folder), content(folder)
    assert again(folder) == 8
    assert stamps(folder) == before
    done = simgen_command([*FLIGHT, "output.formats=[coco]", f"output.dir={folder}"])
    assert done.returncode == 0, done.stderr
    assert stamps(folder) == before
    assert (folder / "exports/coco/annotations/instances_train.json").is_file()
    shutil.rmtree(folder / "exports")
    assert content(folder) == made
    assert "8 images" in done.stdout
    assert "visible instances" in done.stdout  # the summary does not need the frames either
    assert " requested, " in done.stdout


@pytest.mark.parametrize("what", DISTURBED)
@pytest.mark.corpus(2)
def test_whatever_changed_is_made_again(what: str, folder: Path) -> None:
    before, made = stamps(folder), content(folder)
    DISTURBED[what](folder)
    scenes = len(list((folder / "scenes").iterdir()))
    assert again(folder) == 2 * scenes
    assert all(new != old for new, old in zip(stamps(folder), before, strict=True))
    coco = json.loads((folder / PRODUCTS[0]).read_text())
    assert len(coco["images"]) == 2 * scenes
    if scenes == 4:
        assert content(folder) == made


def test_formats_are_exported_once(folder: Path) -> None:
    place, marker = Layout(folder), folder / "exports" / "coco" / MARKER
    export_formats(place, Dataset(folder), ["coco"])
    made = marker.stat().st_mtime_ns
    assert export_formats(place, Dataset(folder), ["coco"]) == {"coco": (marker.parent, ())}
    assert marker.stat().st_mtime_ns == made
    drop_scene(folder)
    _, remarks = export_formats(place, Dataset(folder), ["coco"])["coco"]
    assert any("3 of 4 scenes" in remark for remark in remarks)
    assert marker.stat().st_mtime_ns > made
    assert len(list((folder / "exports").glob("coco/*/*.png"))) == len(Dataset(folder)) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["output.formats=[cocoo]"], "output.formats: unknown format 'cocoo'"),
        (["output.formats=[coco]", "output.uri=s3://b/p"], "output.formats=coco: not supported"),
    ],
)
def test_formats_that_cannot_be(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*FLIGHT, *words, f"output.dir={tmp_path / 'dataset'}"]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "dataset").exists()
