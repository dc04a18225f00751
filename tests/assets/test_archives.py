"""Archives cannot write outside of their folder, nor expand without bound."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from simgen.assets.archives import Bounds, extract
from simgen.errors import AssetError


def packed(folder: Path, **files: bytes) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    archive = packed(tmp_path, **{"a/b.txt": b"x", "c.txt": b"y"})
    out = tmp_path / "out"
    out.mkdir()
    assert sorted(map(str, extract(archive, out))) == ["a/b.txt", "c.txt"]
    assert (out / "a/b.txt").read_bytes() == b"x"


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/evil", "..\\evil", "C:\\evil", "a/\x07b"]
)
def test_names_that_lead_out_are_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    archive = packed(tmp_path, **{"fine.txt": b"x", name: b"x"})
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    with pytest.raises(AssetError, match="is outside the folder"):
        extract(archive, out)
    assert list(out.iterdir()) == []
    assert not list(tmp_path.rglob("evil"))


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    with pytest.raises(AssetError, match="a link or a device"):
        extract(tmp_path / "a.zip", tmp_path)


def test_a_bomb_is_stopped_while_it_expands(tmp_path: Path) -> None:
    archive = packed(tmp_path, bomb=bytes(50 * 2**20))
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(AssetError, match="times its size in the archive"):
        extract(archive, out)
    assert sum(path.stat().st_size for path in out.rglob("*")) < 15 * 2**20


def test_what_an_archive_says_of_its_sizes_is_not_believed(tmp_path: Path) -> None:
    """A bomb whose directory announces one byte."""
    archive = packed(tmp_path, bomb=bytes(50 * 2**20))
    data = bytearray(archive.read_bytes())
    place = data.rindex(b"PK\x01\x02") + 24
    assert struct.unpack_from("<I", data, place)[0] == 50 * 2**20
    struct.pack_into("<I", data, place, 1)
    archive.write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(AssetError):
        extract(archive, out)
    assert sum(path.stat().st_size for path in out.rglob("*")) < 15 * 2**20


@pytest.mark.parametrize("bounds", [Bounds(files=2), Bounds(total=5)])
def test_count_and_total_are_bounded(tmp_path: Path, bounds: Bounds) -> None:
    archive = packed(tmp_path, a=b"xx", b=b"xx", c=b"xx")
    with pytest.raises(AssetError, match="expected at most"):
        extract(archive, tmp_path, bounds)


@pytest.mark.parametrize("damage", [b"junk", b"PK\x03\x04junk", b""])
def test_damaged_archives_are_one_line(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(damage)
    with pytest.raises(AssetError, match="not a readable ZIP"):
        extract(tmp_path / "a.zip", tmp_path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    archive = packed(tmp_path, a=bytes(range(256)) * 40)
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF
    archive.write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(AssetError):
        extract(archive, out)


@pytest.mark.parametrize("coding", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_codings_that_expand_without_bound_are_refused(tmp_path: Path, coding: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", coding) as archive:
        archive.writestr("a.obj", bytes(2**20))
    with pytest.raises(AssetError, match="not compressed with deflate"):
        extract(tmp_path / "a.zip", tmp_path)


def test_a_name_too_long_for_the_disk_is_one_line(tmp_path: Path) -> None:
    archive = packed(tmp_path, **{"n" * 300: b"x"})
    with pytest.raises(AssetError, match="cannot be extracted"):
        extract(archive, tmp_path)


def test_a_name_that_is_no_utf_8_is_one_line(tmp_path: Path) -> None:
    archive = packed(tmp_path, **{"\u00e4.txt": b"x"})
    archive.write_bytes(archive.read_bytes().replace("\u00e4".encode(), b"\xff\xff"))
    with pytest.raises(AssetError, match="damaged"):
        extract(archive, tmp_path)
