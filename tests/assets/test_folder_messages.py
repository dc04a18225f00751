"""What is said of an asset folder that is not as it was meant."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
import trimesh
from cast import SMALL, cast_dataset
from conftest import TINY, run_simgen
from rich.console import Console

from simgen.assets.catalogue import load_catalogue
from simgen.assets.importing import ImportOptions
from simgen.assets.sizes import ON_TABLES, remarks
from simgen.commands.assets import actions as commands
from simgen.config import AssetsConfig, Config
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.runs import Totals
from simgen.errors import InputError
from simgen.formats.coco.instances import Contents
from simgen.report.counting.scenes import Amounts
from simgen.runs.finish import Finished
from simgen.runs.summary import print_summary
from simgen.sampling.cases import read_cases
from simgen.sampling.checks import check_sampling
from simgen.stages.registry import load_stage


def box(path: Path, side: float = 0.1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    trimesh.creation.box((side, side, side)).export(path)
    return path


def assets(place: Path, **more: object) -> AssetsConfig:
    return AssetsConfig(dir=str(place), **more)  # type: ignore[arg-type]


def test_a_class_without_a_mesh_is_said_to_be_left_out(tmp_path: Path) -> None:
    """It shifts the ids of those after it."""
    box(tmp_path / "bowl/a.ply")
    box(tmp_path / "mug/a.ply")
    (tmp_path / "cup").mkdir()
    (tmp_path / "dish").mkdir()
    (tmp_path / "dish/broken.ply").write_text("ply")
    found = load_catalogue(assets(tmp_path))
    assert found.classes == ("bowl", "mug")
    told = {item.file: item.reason for item in found.skipped}
    assert set(told) == {"cup/", "dish/", "dish/broken.ply"}
    assert told["cup/"].startswith("it has no mesh file: the class is omitted, and those after")
    assert told["dish/"].startswith("none of its 1 meshes can be used: the class is omitted")
    with pytest.raises(InputError, match=r"assets.classes: 'cup' has no usable mesh"):
        load_catalogue(assets(tmp_path, classes=["bowl", "cup", "mug"]))


@pytest.mark.parametrize("more", [{}, {"tags": ["tabletop"]}, {"classes": ["mug"]}])
def test_meshes_directly_in_the_folder_are_the_reason(
    tmp_path: Path, more: dict[str, object]
) -> None:
    box(tmp_path / "a.ply")
    box(tmp_path / "b.ply")
    reason = r"found 2 mesh files directly in it \(a.ply\), in no class folder; expected one sub"
    with pytest.raises(InputError, match=reason):
        load_catalogue(assets(tmp_path, **more))


@pytest.mark.parametrize("more", [{}, {"tags": ["tabletop"]}, {"classes": ["mug"]}])
def test_a_mesh_beside_the_classes_is_said_to_be_left_out(
    tmp_path: Path, more: dict[str, object]
) -> None:
    box(tmp_path / "mug/a.ply")
    box(tmp_path / "stray.ply")
    (skipped,) = load_catalogue(assets(tmp_path, **more)).skipped
    assert skipped.file == "stray.ply"
    assert "it is in no class folder" in skipped.reason


@pytest.mark.parametrize(("asked", "there"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_class_is_found_however_its_letters_are_composed(
    tmp_path: Path, asked: str, there: str
) -> None:
    box(tmp_path / unicodedata.normalize(there, "café") / "a.ply")
    found = load_catalogue(assets(tmp_path, classes=[unicodedata.normalize(asked, "café")]))
    assert found.classes == (unicodedata.normalize(there, "café"),)


def config(**changes: object) -> Config:
    made = Config()
    made.assets.classes = ["mug", "bowl"]
    made.objects.weights = changes.get("weights")
    if "distractor" in changes:
        made.distractors.count_range = [1, 1]
        made.distractors.classes = [str(changes["distractor"])]
    if "case" in changes:
        made.cases = [{"share": 0.1, "object": {"class": changes["case"]}}]
    return made


@pytest.mark.parametrize(
    ("changes", "near"),
    [
        ({"weights": {"mugg": 1.0}}, "mug"),
        ({"distractor": "bottel"}, "bottle"),
        ({"case": "bowel"}, "bowl"),
    ],
)
def test_a_class_that_nobody_knows_has_a_near_one(changes: dict[str, object], near: str) -> None:
    made = config(**changes)
    assert len(read_cases(made)) == len(made.cases)
    with pytest.raises(InputError, match=rf"unknown .*\(did you mean '{near}'\?\)"):
        check_sampling(made, load_catalogue(made.assets), load_stage(made.scene.name))


@pytest.mark.exhaustive
def test_show_has_a_near_name(tmp_path: Path) -> None:
    commands.add(
        box(tmp_path / "a.ply"), tmp_path / "to", ImportOptions("mug"), False, lambda line: None
    )
    with pytest.raises(InputError, match=r"no asset or class 'mugg' \(did you mean 'mug'\?\)"):
        commands.show_one(tmp_path / "to", "mugg", lambda line: None)


def test_check_names_what_is_odd_and_what_is_not_there(tmp_path: Path) -> None:
    box(tmp_path / "mug/a.ply", 0.9)
    (tmp_path / "cup").mkdir()
    said: list[str] = []
    commands.check(tmp_path, said.append)
    assert "cup/: contains no usable mesh, so the class does not exist" in said
    assert any("mug/a.ply is 0.9 m, but that of the built-in class mug is about" in s for s in said)


@pytest.mark.parametrize(
    ("class_name", "side", "typical", "odd"),
    [
        ("bracket", 0.06, ON_TABLES, ""),
        ("bracket", 0.6, ON_TABLES, "tabletop objects are 0.005 to 0.5 m; is assets.unit right?"),
        ("bracket", 0.6, None, ""),
        ("mug", 0.11, ON_TABLES, ""),
        ("mug", 0.9, None, "of the built-in class mug is about 0.1"),
        ("chair", 0.95, ON_TABLES, ""),  # who puts chairs on tables wants them there
        ("chair", 0.0095, None, "of the built-in class chair is about"),
    ],
)
def test_a_size_that_no_such_thing_has_is_said(
    tmp_path: Path,
    class_name: str,
    side: float,
    typical: tuple[float, float] | None,
    odd: str,
) -> None:
    for number in range(3):
        box(tmp_path / class_name / f"{number}.ply", side)
    found = load_catalogue(assets(tmp_path)).assets
    told = "".join(remarks(found, typical, (0.002, 20.0)))
    assert odd in told
    assert told.startswith("3 of 3 meshes have an unusual size: " if odd else "")
    assert bool(told) == bool(odd)


def test_a_unit_that_was_taken_wrongly_is_put_right(tmp_path: Path) -> None:
    """60 mm brackets that were said to be in centimetres."""
    box(tmp_path / "bracket/a.ply", 60.0)
    found = load_catalogue(assets(tmp_path, unit=0.01)).assets
    (told,) = remarks(found, ON_TABLES, (0.002, 20.0))
    assert told.endswith("With assets.unit=0.001 it would be 0.06 m")


@pytest.mark.render
@pytest.mark.exhaustive
def test_a_run_says_what_it_leaves_out_and_what_is_odd(tmp_path: Path) -> None:
    box(tmp_path / "meshes/[x]/a.ply", 0.6)
    (tmp_path / "meshes/[red]").mkdir()
    done = run_simgen(
        ["generate", *TINY, "num_scenes=1", f"assets.dir={tmp_path / 'meshes'}"], tmp_path
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "skipped [red]/: it has no mesh file: the class is omitted" in said
    assert "[x]/a.ply is 0.6 m, but those of tabletop objects are 0.005 to 0.5 m" in said
    assert "\n[x] " in said  # in the table of instances


@pytest.mark.exhaustive
def test_names_with_brackets_are_printed_as_they_are(tmp_path: Path) -> None:
    root = cast_dataset(tmp_path / "made", *SMALL, "num_scenes=1").rename(tmp_path / "[red]:smile:")
    out = io.StringIO()
    contents = Contents(images=1, annotations=3, per_class=Counter(("[x]", "[bold]b[", ":smile:")))
    finished = Finished("", {}, contents, Amounts(3, 3, 3, ("[red]/a.ply",)))
    print_summary(Console(file=out), Layout(root), Dataset(root), finished, 1.0, Totals(), [])
    said = out.getvalue()
    for name in ("[x]", "[bold]b[", ":smile:", f"dataset  {root}", "rejected [red]/a.ply, so"):
        assert name in said


@pytest.mark.parametrize("unit", ["mm", "cm"])
@pytest.mark.corpus(1)
def test_a_unit_in_letters_says_what_it_is_in_metres(unit: str) -> None:
    done = run_simgen(["generate", f"assets.unit={unit}"])
    assert done.returncode == 2
    told = "expected metres in one unit of the files: 0.001 for mm, 0.01 for cm, 0.0254 for inches"
    assert done.stderr.strip() == f"simgen: error: assets.unit={unit}: {told}"


@pytest.mark.parametrize(("unit", "metres"), [("mm", 0.001), ("inch", 0.0254), ("0.5", 0.5)])
@pytest.mark.exhaustive
def test_a_unit_in_letters_is_taken_by_add(tmp_path: Path, unit: str, metres: float) -> None:
    source = box(tmp_path / "a.ply", 0.1 / metres)
    words = ["assets", "add", str(source), "--to", str(tmp_path / "to"), "--class", "box"]
    done = run_simgen([*words, "--unit", unit, "--no-thumbnails"])
    assert done.returncode == 0, done.stderr
    assert f"unit: {metres:g}" in (tmp_path / "to/catalogue.yaml").read_text()
    refused = run_simgen([*words, "--unit", "parsec", "--no-thumbnails"])
    assert refused.returncode == 2
    assert "expected metres per file unit, one of mm, cm" in refused.stderr


@pytest.mark.exhaustive
def test_one_line_offers_a_unit_for_a_whole_import(tmp_path: Path) -> None:
    for number in (60, 25, 90):
        box(tmp_path / f"from/bracket/{number}.stl", float(number))
    words = ["assets", "add", str(tmp_path / "from"), "--to", str(tmp_path / "to")]
    done = run_simgen([*words, "--no-thumbnails"])
    assert done.returncode == 3
    told = "if these 3 are in another unit, give --unit 0.001: the 3 meshes would be 0.025 to 0.09"
    assert told in done.stdout
