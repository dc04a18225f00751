"""`simgen validate` on the command line: exit codes, text, JSON; and whatever files people have."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from broken import edited
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgen import cli
from simgen.formats.coco.check import KIND as COCO
from simgen.formats.export import Options, export
from simgen.formats.findings import ERROR
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import open_source
from simgen.formats.validate import run as running
from simgen.formats.validate.detect import detect
from simgen.formats.validate.run import validate


@pytest.fixture
def copied(stills_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stills_folder, tmp_path / "copied"))


def test_a_good_dataset(stills_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", str(stills_folder)]) == 0
    assert capsys.readouterr().out == "simgen: 12 images, 0 errors, 0 warnings\n"


def test_errors_are_grouped_and_cut(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in copied.glob("scenes/*/*.depth.exr"):
        path.unlink()
    assert cli.main(["validate", str(copied)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("error file/missing (12): ")
    assert said[1].startswith("  scenes/000000/frame_0000.depth.exr: found no such file")
    assert said[6:] == ["  and 7 more (--all)", "simgen: 12 images, 12 errors, 0 warnings"]
    assert cli.main(["validate", str(copied), "--all"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 14


def test_json_has_all_findings(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in copied.glob("scenes/*/*.depth.exr"):
        path.unlink()
    assert cli.main(["validate", str(copied), "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert (plain["format"], plain["images"], plain["errors"]) == ("simgen", 12, 12)
    assert {found["rule"] for found in plain["findings"]} == {"file/missing"}
    fields = {"rule", "severity", "file", "place", "found", "expected", "fix"}
    assert all(found.keys() == fields for found in plain["findings"])


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_libraries_do_not_complain_beside_the_findings(
    words: tuple[str, ...], copied: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = (copied / "scenes/000000/frame_0000.rgb.png").read_bytes()
    for scene, content in enumerate((whole[:-500], whole.replace(b"IDAT", b"IDAX"), whole[::-1])):
        (copied / f"scenes/{scene:06d}/frame_0000.rgb.png").write_bytes(content)
    assert cli.main(["validate", str(copied), *words]) == 1
    said = capfd.readouterr()
    assert "image/unreadable" in said.out
    assert said.err == ""
    assert cli.main(["validate", str(copied / "nowhere")]) == 2
    assert "no such folder" in capfd.readouterr().err


def test_warnings_alone_are_no_failure(copied: Path) -> None:
    (copied / "scenes/000000/notes.txt").write_text("mine")
    assert cli.main(["validate", str(copied)]) == 0


def test_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([str(tmp_path / "none")], [str(tmp_path)], [str(tmp_path), "--format", "voc"]):
        assert cli.main(["validate", *words]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_sample_of_scenes(stills_folder: Path) -> None:
    report = validate(stills_folder, detect(stills_folder), sample=2, processes=1)
    assert (report.images, report.findings) == (4, [])


@pytest.mark.exhaustive
def test_processes_change_nothing(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in sorted(copied.glob("scenes/*/*.rgb.png"))[::2]:
        path.write_bytes(b"no image")
    alone = validate(copied, detect(copied), processes=1)
    monkeypatch.setattr(running, "WORTH_A_PROCESS", 1)
    assert validate(copied, detect(copied), processes=2) == alone
    assert alone.errors == 6


OPTIONS = {
    "resized": Options(size=Size(50, 40)),
    "jpeg": Options(quality=80),
    "crowd": Options(selection=Selection(min_pixels=90, hardly_seen="crowd")),
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.exhaustive
def test_exports_have_no_errors(name: str, cast_folder: Path, tmp_path: Path) -> None:
    formats = ["coco", "coco-polygons", "yolo", "yolo-seg", "yolo-obb", "yolo-pose", "voc", "kitti"]
    export(formats, [open_source(str(cast_folder))], tmp_path / "out", OPTIONS[name])
    for made in formats:
        report = validate(tmp_path / "out" / made, detect(tmp_path / "out" / made), processes=1)
        assert [found for found in report.findings if found.severity == ERROR] == [], made


# --- any content

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=6,
)


@pytest.fixture(scope="session")
def coco_folder(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "coco"
    export(["coco"], [open_source(str(cast_folder))], folder, Options(copy=True))
    return folder


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["images", "annotations", "categories"]),
    st.sampled_from([
        "id", "image_id", "category_id", "file_name", "width", "height", "bbox", "area", "iscrowd",
        "segmentation", "keypoints", "num_keypoints", "name", "skeleton",
    ]),
    VALUES,
)  # fmt: skip
@pytest.mark.exhaustive
def test_any_value_is_a_finding_or_harmless(
    coco_folder: Path, tmp_path: Path, table: str, key: str, value: Any
) -> None:
    folder = tmp_path / "coco"
    if not folder.exists():
        shutil.copytree(coco_folder, folder)
    good = (coco_folder / "annotations/instances_train.json").read_text()
    path = folder / "annotations/instances_train.json"
    path.write_text(good)
    with edited(path) as plain:
        plain[table][0][key] = value
    for found in validate(path, COCO, processes=1).findings:
        assert "\n" not in found.found + found.place


@pytest.mark.parametrize("content", [
    "", "null", "[]", "{}", '{"annotations": 3}', "\x00", "{" * 1000, '{"annotations": [[]]}',
    '{"images": [1], "annotations": [2], "categories": [3]}',
    '{"images": [], "annotations": [], "categories": []}', "NaN", '{"annotations": 1e999}',
])  # fmt: skip
def test_any_json_is_a_finding_or_one_line(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    assert cli.main(["validate", str(path)]) in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().err


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@pytest.mark.exhaustive
def test_any_record_is_a_finding_or_harmless(
    cast_folder: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """A value somewhere in a frame's JSON is replaced by anything."""
    folder = tmp_path / "dataset"
    if not folder.exists():
        shutil.copytree(cast_folder, folder)
    name = "scenes/000000/frame_0000.json"
    plain = json.loads((cast_folder / name).read_text())
    place: Any = plain
    for _ in range(data.draw(st.integers(0, 5))):
        inner = list(place) if isinstance(place, dict) else list(range(len(place)))
        nested = [key for key in inner if isinstance(place[key], dict | list) and place[key]]
        if not nested:
            break
        place = place[data.draw(st.sampled_from(nested))]
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(keys))] = data.draw(VALUES)
    (folder / name).write_text(json.dumps(plain))
    validate(folder, detect(folder), processes=1)
