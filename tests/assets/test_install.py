"""Sweet Home 3D's libraries: properties, sizes, turns, textures, classes; and apt's checksums."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.assets import entries, folder, install, sweethome
from simgen.assets.importing import ImportOptions
from simgen.assets.library import Library
from simgen.commands.assets import actions as commands
from simgen.config import AssetsConfig
from simgen.errors import InputError

OBJ = """mtllib m.mtl
v 0 0 0
v 1 0 0
v 1 2 0
v 0 2 0
v 0 0 4
v 1 0 4
v 1 2 4
v 0 2 4
vt 0 0
vt 1 0
vt 1 1
usemtl wood
f 1/1 4/2 3/3
f 1/1 3/2 2/3
f 5/1 6/2 7/3
f 5/1 7/2 8/3
f 1/1 2/2 6/3
f 1/1 6/2 5/3
f 2/1 3/2 7/3
f 2/1 7/2 6/3
f 3/1 4/2 8/3
f 3/1 8/2 7/3
f 4/1 1/2 5/3
f 4/1 5/2 8/3
"""
"""A box of 1 x 2 x 4."""

PROPERTIES = r"""# a comment
id=x
name=Little library
license=Creative Commons Attribution 3.0 license
id#1=x#one
name#1=Oak \u0063hair
tags#1=Seat, Wood
category#1=Living room
model#1=/models/one/m.obj
width#1=50
depth#1=100
height#1=200
modelRotation#1=1 0 0 0 0 -1 0 1 0
creator#1=A. Maker
id#2=x#two
name#2=Coffee mug
category#2=Kitchen
model#2=/models/gone.obj
width#2=8
depth#2=8
height#2=9
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "Little.sh3f"
    Image.new("RGB", (4, 4), (200, 100, 50)).save(tmp_path / "oak.png")
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(sweethome.PROPERTIES, PROPERTIES)
        made.writestr("models/one/m.obj", OBJ)
        made.writestr("models/one/m.mtl", "newmtl wood\nmap_Kd C:\\Textures\\My Files\\OAK.png\n")
        made.write(tmp_path / "oak.png", "models/one/oak.png")
    return path


def test_a_library_is_taken_in_turned_sized_and_textured(tmp_path: Path, archive: Path) -> None:
    said: list[str] = []
    library = tmp_path / "library"
    assert (
        commands.add(archive, library, ImportOptions(), False, said.append) == commands.INCOMPLETE
    )
    assert any("Coffee mug: not imported: its model 'models/gone.obj'" in line for line in said)
    (entry,) = entries.read(library)
    assert entry.class_name == "chair"
    assert entry.name == "Oak chair"
    assert entry.licence == "CC-BY-3.0"
    assert entry.author == "A. Maker"
    assert {"oak chair", "seat", "wood", "living room", "furniture"} <= set(entry.tags)
    assert entry.size == (0.5, 1.0, 2.0)
    (asset,) = folder.scan(library, AssetsConfig()).assets
    mesh = Library(library).mesh(folder.reference(asset))
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), (0.5, 1.0, 2.0))
    (surface,) = mesh.surfaces
    assert surface is not None
    assert surface.image is not None
    assert surface.image[0, 0].tolist() == [200, 100, 50, 255]
    # (x, y, z) -> (x, -z, y) by the turn, then y up: (x, -z, y) -> (x, -y, -z).
    low = mesh.bounds()[0]
    assert low == pytest.approx((0.0, -1.0, -2.0))


@pytest.mark.exhaustive
def test_a_known_entry_is_not_loaded_again_but_changed_bytes_are_noticed(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    commands.add(archive, library, ImportOptions(), False, lambda line: None)
    loaded = folder.load_all(library)
    with monkeypatch.context() as patched:
        patched.setattr(folder, "read_asset", None)
        quick = folder.scan(library, AssetsConfig())
    for one, other in zip(quick.assets, loaded.assets, strict=True):
        assert one.sha256 == other.sha256
        assert one.size == pytest.approx(other.size)
        assert one.triangles == other.triangles
    texture = next(library.rglob("oak.png"))
    texture.write_bytes(texture.read_bytes() + b"x")
    with pytest.raises(InputError, match="its content differs from its entry"):
        folder.scan(library, AssetsConfig())


@pytest.mark.exhaustive
def test_taking_the_same_in_again_changes_nothing(tmp_path: Path, archive: Path) -> None:
    library = tmp_path / "library"
    for _ in range(2):
        commands.add(archive, library, ImportOptions(), False, lambda line: None)
        files = {path.relative_to(library) for path in library.rglob("*")}
        content = (library / entries.FILE).read_bytes()
    commands.add(archive, library, ImportOptions(), False, lambda line: None)
    assert (library / entries.FILE).read_bytes() == content
    assert {path.relative_to(library) for path in library.rglob("*")} == files


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Chair", "chair"),
        ("Folding chair", "chair"),
        ("Relax chair", "armchair"),
        ("Coffee mug", "mug"),
        ("Desk lamp", "table_lamp"),
        ("Desk", "desk"),
        ("Coffee table", "coffee_table"),
        ("Bedside table", "bedside_table"),
        ("Wine bottle", "bottle"),
        ("Doormat", "doormat"),
        ("Double door with panes", "door"),
        ("Toy train", "toy_train"),
        ("Small dog", "dog"),
        ("Hot dog", "hot_dog"),
    ],
)
def test_names_become_classes(name: str, expected: str) -> None:
    assert sweethome.class_of(name) == expected


RECORDS = """Package: sweethome3d-furniture
Version: 1.8-1
Description: a line
 and more: of it
SHA256: abc

Package: other
Version: 2
"""


def test_apts_records_are_read() -> None:
    first, second = install.parse_records(RECORDS)
    assert (first["Version"], first["SHA256"]) == ("1.8-1", "abc")
    assert second == {"Package": "other", "Version": "2"}


def test_other_bytes_than_apt_promises_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.deb"
    file.write_bytes(b"right")
    install.verify(file, hashlib.sha256(b"right").hexdigest())
    with pytest.raises(InputError, match=r"expected .* from apt's lists"):
        install.verify(file, hashlib.sha256(b"wrong").hexdigest())


def test_an_unknown_library_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected one of sweethome3d"):
        install.fetch("ikea", tmp_path)


def test_without_apt_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get is not installed"):
        install.fetch("sweethome3d", tmp_path)
