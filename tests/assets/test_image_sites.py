"""`simgen assets install polyhaven|ambientcg`, against a local server with their APIs: files,
checksums, the cache, licences, interrupted and hostile answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import image_sites
import pytest

from simgen.assets import entries, installed
from simgen.assets.hdris import find_hdris
from simgen.assets.sites import download, installing
from simgen.assets.sites.download import Client, RemoteFile
from simgen.assets.textures import find_textures
from simgen.commands.assets import actions, arguments, downloads
from simgen.errors import AssetError, InputError


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[image_sites.Sites]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download.time, "sleep", lambda seconds: None)
    with image_sites.serve() as served:
        yield served


def install(
    sites: image_sites.Sites, target: Path, site: str, *ids: str, **more: str
) -> tuple[int, list[str]]:
    said: list[str] = []
    wanted = downloads.Wanted(site, ids, api=sites.address, **more)
    return downloads.install(wanted, target, False, said.append), said


def test_polyhaven_textures_and_hdris_are_ready_for_use(
    sites: image_sites.Sites, tmp_path: Path
) -> None:
    code, said = install(sites, tmp_path / "to", "polyhaven", "brick_wall_001", "dawn")
    assert code == 0
    textures, hdris = tmp_path / "to/textures", tmp_path / "to/hdris"
    assert f"use them with `simgen generate materials.textures={textures}`" in said
    assert f"use them with `simgen generate lighting.hdri_dir={hdris}`" in said
    (found,) = find_textures(textures, sets=True).found
    assert found.file == "brick_wall_001/brick_wall_001_diff_1k.jpg"
    assert [each.kind for each in found.maps] == ["displacement", "normal", "roughness"]
    assert found.width == 2.5
    assert [each.file for each in find_hdris(hdris).found] == ["dawn/dawn_1k.hdr"]
    item = installed.read(textures)["brick_wall_001"]
    assert (item.licence, item.authors) == ("CC0-1.0", ["Ann Artist"])
    assert item.source == "https://polyhaven.com/a/brick_wall_001"
    assert item.files[found.file] == found.sha256
    assert not any("nor_dx" in path or "ao" in path for path in sites.asked)
    assert sites.agents == {"simgen-dataset-generator"}


def test_nothing_is_fetched_twice(sites: image_sites.Sites, tmp_path: Path) -> None:
    install(sites, tmp_path / "to", "polyhaven", "brick_wall_001")
    before = sites.asked.copy()
    assert (
        "is installed already"
        in install(sites, tmp_path / "to", "polyhaven", "brick_wall_001")[1][0]
    )
    assert sites.asked == before
    # Another folder takes the files from the cache, and asks only the API.
    assert install(sites, tmp_path / "other", "polyhaven", "brick_wall_001")[0] == 0
    assert set(sites.asked - before) == {"/info/brick_wall_001", "/files/brick_wall_001"}
    changed = tmp_path / "to/textures/brick_wall_001/brick_wall_001_rough_1k.jpg"
    changed.write_bytes(b"damaged")
    assert install(sites, tmp_path / "to", "polyhaven", "brick_wall_001")[0] == 0
    assert changed.read_bytes() == sites.content["/ph/brick_wall_001_rough_1k.jpg"]


def test_polyhaven_models_become_assets(sites: image_sites.Sites, tmp_path: Path) -> None:
    code, _ = install(sites, tmp_path / "to", "polyhaven", "Chair_01")
    assert code == 0
    (entry,) = entries.read(tmp_path / "to/models")
    assert (entry.id, entry.licence, entry.author) == ("chair/chair_01", "CC0-1.0", "Ann Artist")
    assert entry.size == (0.4, 0.4, 0.9)


def test_ambientcg_archives_are_unpacked(sites: image_sites.Sites, tmp_path: Path) -> None:
    code, said = install(sites, tmp_path / "to", "ambientcg", "Bricks075A", "Sky")
    assert code == 0, said
    folder = tmp_path / "to/textures/Bricks075A"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"Bricks075A_1K-JPG_{end}.jpg" for end in ("Color", "Metalness", "NormalGL", "Roughness")
    ]
    (found,) = find_textures(tmp_path / "to/textures", sets=True).found
    assert found.width == 1.8
    assert [each.file for each in find_hdris(tmp_path / "to/hdris").found] == ["Sky/Sky_1K-HDR.hdr"]


def test_passing_faults_are_tried_again(sites: image_sites.Sites, tmp_path: Path) -> None:
    sites.unavailable["/info/dawn"] = 2
    sites.cut["/ph/dawn_1k.hdr"] = 2
    sites.cut["/cdn/bricks.zip"] = 1  # without a checksum or size, only its length tells
    assert install(sites, tmp_path / "to", "polyhaven", "dawn")[0] == 0
    assert install(sites, tmp_path / "to", "ambientcg", "Bricks075A")[0] == 0
    assert sites.asked["/info/dawn"] == 3
    assert sites.asked["/ph/dawn_1k.hdr"] == 3


def test_failures_are_one_line_and_leave_nothing_behind(
    sites: image_sites.Sites, tmp_path: Path
) -> None:
    sites.content["/ph/brick_wall_001_rough_1k.jpg"] = b"other bytes of the same size"
    ids = ("brick_wall_001", "unknown", "../x", "dawn")
    code, said = install(sites, tmp_path / "to", "polyhaven", *ids)
    assert code == actions.INCOMPLETE
    lines = {line.split(": ", 1)[0]: line for line in said}
    assert "tried 4 times" in lines["brick_wall_001"]
    assert "the server answered 404" in lines["unknown"]
    assert "expected an id of letters" in lines["../x"]
    assert "1 items" in said[-2]
    assert not (tmp_path / "to/textures/brick_wall_001").exists()
    assert list((tmp_path / "cache/simgen/downloads/polyhaven").glob("*.part")) == []
    sites.unavailable["/api/v2/full_json?id=Sky&include=downloadData%2CdimensionsData"] = 9
    said = install(sites, tmp_path / "to", "ambientcg", "Sky", "Sofa", "sky")[1]
    assert "503" in said[0]
    assert "expected Material or HDRI" in said[1]
    assert "no asset of this id" in said[2]


def test_a_resolution_that_does_not_exist_lists_the_others(
    sites: image_sites.Sites, tmp_path: Path
) -> None:
    said = install(sites, tmp_path, "polyhaven", "dawn", "brick_wall_001", resolution="4k")[1]
    assert "it has no resolution 4k; expected one of 1k" in said[0]
    assert "it has no resolution 4k; expected one of 1k" in said[1]
    said = install(sites, tmp_path, "ambientcg", "Bricks075A", resolution="2k")[1]
    assert "it has no resolution 2k; expected one of 1K-JPG" in said[0]


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/info/dawn", b"<html>", "not JSON"),
        ("/info/dawn", b"[]", "info: found \\[\\], expected dict"),
        ("/info/dawn", b'{"type": 7}', "its type is 7"),
        ("/files/dawn", b'{"hdri": {"1k": {"hdr": {"url": 1}}}}', "expected str"),
        (
            "/files/dawn",
            b'{"hdri": {"1k": {"hdr": {"url": "file:///etc/passwd", "size": 1, "md5": ""}}}}',
            "expected https or http",
        ),
        (
            "/files/Chair_01",
            json.dumps({"gltf": {"1k": {"gltf": {
                "url": "http://x/a.gltf", "size": 1, "md5": "",
                "include": {"../../evil": {"url": "http://x/b", "size": 1, "md5": ""}},
            }}}}).encode(),
            "expected a plain one",
        ),
    ],
)  # fmt: skip
def test_hostile_answers_are_refused(
    sites: image_sites.Sites, tmp_path: Path, path: str, body: bytes, reason: str
) -> None:
    sites.content[path] = body
    client = installing.make_client("polyhaven", sites.address)

    def try_it() -> None:
        item = installing.SITES["polyhaven"].find(client, path.split("/")[-1], "1k")
        installing.install(client, tmp_path / "to", "polyhaven", item)

    with pytest.raises(AssetError, match=reason):
        try_it()


def test_a_redirect_to_a_file_or_from_https_to_http_is_refused(
    sites: image_sites.Sites, tmp_path: Path
) -> None:
    client = Client(sites.address, tmp_path)
    sites.redirects["/x"] = "file:///etc/passwd"
    with pytest.raises(AssetError, match="file:///etc/passwd"):
        client.fetch(RemoteFile(f"{sites.address}/x", "x"))
    secure = Client("https://localhost", tmp_path)
    with pytest.raises(AssetError, match="expected https://"):
        secure.fetch(RemoteFile(f"{sites.address}/ph/dawn_1k.hdr", "x"))
    with pytest.raises(InputError, match="--api: found the address 'ftp://x'"):
        Client("ftp://x", tmp_path)


def test_more_bytes_than_stated_are_not_written(sites: image_sites.Sites, tmp_path: Path) -> None:
    sites.content["/big"] = b"x" * 5000
    with pytest.raises(AssetError, match="larger than stated"):
        Client(sites.address, tmp_path).fetch(RemoteFile(f"{sites.address}/big", "big", 100))
    assert list(tmp_path.iterdir()) == []


def test_the_command_reads_lists(
    sites: image_sites.Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    (tmp_path / "list.txt").write_text("# worlds\ndawn  # in the morning\n\ndawn\n")
    words = ["install", "polyhaven", "--list", str(tmp_path / "list.txt")]
    words += ["--api", sites.address, "--to", str(tmp_path / "to"), "--no-thumbnails"]
    assert arguments.run(words, Console()) == 0
    assert "1 items in" in capsys.readouterr().out
    with pytest.raises(InputError, match="expected ids of items"):
        arguments.run(["install", "polyhaven"], Console())
    with pytest.raises(InputError, match="expected no ids"):
        arguments.run(["install", "sweethome3d", "x"], Console())
    with pytest.raises(InputError, match="cannot be read as text"):
        arguments.run(["install", "polyhaven", "--list", str(tmp_path / "no.txt")], Console())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version: 2\nitems: []", "expected the keys 'version'"),
        ("version: 1\nitems: [{id: a}]", "items"),
        (
            "version: 1\nitems: [{id: a, site: b, kind: c, licence: d, source: e, width: -1}]",
            "width",
        ),
        ("a: [", "not valid YAML"),
    ],
)
def test_records_are_checked(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / installed.FILE).write_text(text)
    with pytest.raises(InputError, match=reason):
        installed.read(tmp_path)
