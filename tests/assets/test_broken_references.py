"""Textures and material files of an archive that an OBJ looks for in the wrong place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from simgen.assets import entries, folder
from simgen.assets.importing import ImportOptions
from simgen.assets.sweethome import PROPERTIES
from simgen.commands.assets import actions as commands

OBJ = "mtllib {}\nusemtl paint\nv 0 0 0\nv 1 0 0\nv 0 0 1\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\n" + (
    "f 1/1 3/2 2/3\nf 1/1 2/2 4/3\nf 1/1 4/2 3/3\nf 2/1 3/2 4/3\n"
)


def picture(red: int = 200) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (4, 4), (red, 0, 0)).save(data, "JPEG")
    return data.getvalue()


def mtl(texture: str) -> bytes:
    return f"newmtl paint\nKd 1 1 1\nmap_Kd {texture}\n".encode()


def taken_in(place: Path, files: dict[str, bytes], kind: str) -> tuple[list[entries.Entry], str]:
    """Entries of an archive's models, and what was said. kind: of archive."""
    archive = place / f"things.{kind}"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, data in files.items():
            opened.writestr(name, data)
        if kind == "sh3f":
            models = [name for name in files if name.endswith(".obj")]
            lines = ["name=things", "license=Public Domain"]
            for number, name in enumerate(models, start=1):
                lines += [f"name#{number}=thing {number}", f"model#{number}=/{name}"]
                lines += [f"{side}#{number}=30" for side in ("width", "depth", "height")]
            opened.writestr(PROPERTIES, "\n".join(lines))
    said: list[str] = []
    commands.add(archive, place / "to", ImportOptions("thing"), False, said.append)
    return sorted(entries.read(place / "to"), key=lambda entry: entry.id), "\n".join(said)


@pytest.mark.parametrize("kind", ["sh3f", "zip"])
@pytest.mark.parametrize(
    ("told", "there"),
    [
        ("D:\\models\\patron1.jpg", "models/patron1.jpg"),
        ("/elsewhere/Wood_Table_Chairs.JPG", "models/wood_table_chairs.jpg"),
        ("pulido2.jpg", "textures/pulido2.jpg"),
        ("-s 2 2 1 ../maps/Pulido2.jpg", "models/tex/pulido2.jpg"),
        ("木.jpg", "textures/木.jpg"),
    ],
)
@pytest.mark.corpus(1)
def test_a_texture_is_found_by_its_name(tmp_path: Path, kind: str, told: str, there: str) -> None:
    files = {"models/a.obj": OBJ.format("a.mtl").encode(), "models/a.mtl": mtl(told)}
    (entry,), said = taken_in(tmp_path, {**files, there: picture()}, kind)
    assert any(name.endswith(there.rpartition("/")[2]) for name in entry.uses)
    assert f"does not exist: using '{there}'" in said
    (asset,) = folder.load_all(tmp_path / "to").assets
    assert not any("not used" in note for note in asset.notes)


@pytest.mark.parametrize("kind", ["sh3f", "zip"])
@pytest.mark.parametrize(
    ("told", "there"),
    [
        ("kids_shelves_sh3d.mtl", "models/kids_shelves.mtl"),
        ("kids_shelves.mtl", "models/kids_shelves_sh3d.mtl"),
        ("Kids_Shelves.MTL", "materials/kids_shelves.mtl"),
    ],
)
@pytest.mark.corpus(1)
def test_a_material_file_is_found_by_its_name(
    tmp_path: Path, kind: str, told: str, there: str
) -> None:
    files = {"models/kids_shelves.obj": OBJ.format(told).encode(), there: mtl("wood.jpg")}
    (entry,), said = taken_in(tmp_path, {**files, "models/wood.jpg": picture()}, kind)
    assert len(entry.uses) == 2
    assert f"material file '{told}' does not exist: using '{there}'" in said


def test_one_of_several_textures_is_not_guessed(tmp_path: Path) -> None:
    files = {
        "models/a.obj": OBJ.format("a.mtl").encode(),
        "models/a.mtl": mtl("wood.jpg"),
        "one/wood.jpg": picture(10),
        "two/wood.jpg": picture(250),
    }
    (entry,), said = taken_in(tmp_path, files, "zip")
    assert entry.uses == ("thing/a/a.mtl",)
    assert "texture 'wood.jpg' does not exist, and 2 files have its name" in said


def test_nothing_outside_of_the_archive_is_read_or_written(tmp_path: Path) -> None:
    outside = tmp_path / "mine.mtl"
    outside.write_bytes(mtl("gone.jpg"))
    files = {
        "models/a.obj": OBJ.format(outside).encode(),
        "models/gone.jpg": picture(),
        "models/b.obj": OBJ.format("a.mtl b.mtl").encode(),
        "models/b.mtl": mtl(str(tmp_path / "secret.jpg")),
        "models/a.mtl": b"newmtl other\n",
    }
    (tmp_path / "secret.jpg").write_bytes(picture())
    found, _ = taken_in(tmp_path, files, "zip")
    assert outside.read_bytes() == mtl("gone.jpg")
    assert not any("mine" in name or "secret" in name for entry in found for name in entry.uses)
