"""Names in any script: what becomes of them on disk, in messages and in what is made of them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from simgen.assets import entries, folder
from simgen.assets.importing import ImportOptions
from simgen.assets.names import path_part
from simgen.commands.assets import actions as commands


def box(path: Path, height: float = 0.1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    trimesh.creation.box((0.1, 0.1, height)).export(path)
    return path


def add(source: Path, library: Path, wanted: ImportOptions | None = None) -> tuple[int, list[str]]:
    said: list[str] = []
    return commands.add(source, library, wanted or ImportOptions(), False, said.append), said


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("杯子", "杯子"),
        ("Стол", "стол"),
        ("naïve chair", "naïve_chair"),
        ("nai\u0308ve", "naïve"),  # taken apart, as some systems hand names out
        ("--help", "help"),
        ("..hidden", "hidden"),
        ("a/b\\c:d", "a_b_c_d"),
        ("[x] | *", "x"),
        ("\u202egpj.exe", "gpj.exe"),  # which turns the letters round on screen
        ("con", "con_"),
        ("COM1.obj", "com1_.obj"),
        ("console", "console"),
        ("dot. ", "dot"),
        ("🪑", "🪑"),
        ("?!", "asset"),
        ("\udcff", "asset"),
    ],
)
def test_a_name_becomes_a_part_of_a_path(name: str, part: str) -> None:
    assert path_part(name) == part


@given(st.text(st.characters(), max_size=300))
def test_a_part_of_a_path_is_safe_on_any_system(name: str) -> None:
    part = path_part(name)
    assert part == path_part(part), "again, nothing changes"
    assert part == unicodedata.normalize("NFC", part)
    assert part.isprintable()
    assert 0 < len(part.encode()) <= 124
    assert part[0] not in ".-_ "
    assert part[-1] not in ". "
    assert not set(part) & set('/\\:*?"<>|')


def test_classes_of_all_scripts_keep_their_names(tmp_path: Path) -> None:
    names = ("杯子", "椅子", "Стол", "naïve chair", "na ve_chair", "[x]", "--help", "con")
    for name in names:
        box(tmp_path / "from" / name / "a.ply")
    done, said = add(tmp_path / "from", tmp_path / "to")
    assert done == 0, said
    known = entries.read(tmp_path / "to")
    assert {entry.class_name for entry in known} == set(names)
    assert {entry.id for entry in known} == {
        *("杯子/a", "椅子/a", "стол/a", "naïve_chair/a", "na_ve_chair/a"),
        *("x/a", "help/a", "con_/a"),
    }
    for name in names:  # what became of each is said
        assert any(line.startswith(f"class {name}: 1 assets in ") for line in said)
    assert folder.load_all(tmp_path / "to").classes == tuple(sorted(names))


def test_two_classes_do_not_share_a_folder(tmp_path: Path) -> None:
    for name in ("my chair", "my_chair", "My Chair"):
        box(tmp_path / "from" / name / "a.ply")
    _, said = add(tmp_path / "from", tmp_path / "to")
    known = {entry.class_name: entry for entry in entries.read(tmp_path / "to")}
    assert {entry.id for entry in known.values()} == {"my_chair/a", "my_chair_2/a", "my_chair_3/a"}
    (told,) = [line for line in said if line.startswith("my chair/a.ply -> ")]
    assert "the folder 'my_chair' belongs to the class 'My Chair': using 'my_chair_2'" in told


def test_two_assets_of_one_name_are_told_apart_aloud(tmp_path: Path) -> None:
    box(tmp_path / "from/mug/one/a.ply")
    box(tmp_path / "from/mug/two/a.ply", 0.12)
    _, said = add(tmp_path / "from", tmp_path / "to")
    assert {entry.id for entry in entries.read(tmp_path / "to")} == {"mug/a", "mug/a_2"}
    assert any("-> mug/a_2; " in line and "'mug/a' exists already" in line for line in said)


def test_a_class_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    for number, form in enumerate(("NFC", "NFD")):
        box(tmp_path / "from" / unicodedata.normalize(form, "café") / f"{number}.ply")
    add(tmp_path / "from", tmp_path / "to")
    assert {entry.class_name for entry in entries.read(tmp_path / "to")} == {"café"}


@pytest.mark.parametrize("name", ["\a", "\udcff\udcfe", "\u202eturned", "a/b"])
def test_a_class_that_nobody_can_read_is_refused_with_a_line(tmp_path: Path, name: str) -> None:
    done, said = add(box(tmp_path / "a.ply"), tmp_path / "to", ImportOptions(name))
    assert done == commands.INCOMPLETE
    (line,) = [line for line in said if ": not imported: found the class " in line]
    assert line.isprintable()


def test_an_asset_folder_with_old_names_stays(tmp_path: Path) -> None:
    """Ids were of ASCII once: they are kept, also by what is imported again."""
    library = tmp_path / "to"
    known = []
    for number, name in (("a", "杯子"), ("a_2", "椅子")):
        path = box(library / f"asset/{number}/a.ply")
        file = path.relative_to(library).as_posix()
        known.append(
            entries.Entry(f"asset/{number}", name, file, source=f"{name}/a.ply", sha256="0")
        )
    entries.write(library, known)
    box(tmp_path / "from/杯子/a.ply", 0.12)
    box(tmp_path / "from/杯子/b.ply")
    assert add(tmp_path / "from", library)[0] == 0
    found = {entry.id: entry.class_name for entry in entries.read(library)}
    assert found == {"asset/a": "杯子", "asset/a_2": "椅子", "杯子/b": "杯子"}
