"""Datasets of other people: nothing in them is executed, or written elsewhere than in the view."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from viewer.scripts import column, payload

import simgen
from simgen.errors import InputError
from simgen.formats.findings import Finding
from simgen.viewer.findings import by_frame
from simgen.viewer.writer import Options, write_view

NASTY = "</script><script>alert(1)</script><!-- \u2028'\"\\ ${x} {n} %s"


@pytest.fixture
def dataset(stills_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(stills_folder, folder)
    return folder


def write(folder: Path, out: Path | None = None) -> Path:
    place = out or folder / "view"
    write_view(simgen.open(folder), place, Options(processes=1))
    return place


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_names_are_data(dataset: Path) -> None:
    edit(dataset / "dataset.json", classes=["ball", NASTY, "mug"], stuff_classes=[NASTY])
    scene = dataset / "scenes/000000"
    spec, frame = (json.loads((scene / n).read_text()) for n in ("spec.json", "frame_0000.json"))
    spec["factors"] |= {NASTY: [1.0], "../../../evil.js": [2.0], "lighting.kinds": [NASTY]}
    frame["objects"][0] |= {"asset": NASTY, "class_name": NASTY}
    edit(scene / "spec.json", factors=spec["factors"], case=NASTY)
    edit(scene / "frame_0000.json", objects=frame["objects"])
    moved = dataset.rename(dataset.with_name("a'b <!-- $(x)"))
    view = write(moved)
    for path in view.rglob("*.js"):
        text = path.read_text()
        assert "<" not in text
        assert "\u2028" not in text
    index = payload(view / "data/index.js")
    assert index["classes"][2] == index["stuff"][0] == NASTY
    assert index["name"] == moved.name
    assert index["replay"] == "simgen replay 'a'\"'\"'b <!-- $(x)' --scene {n}"
    said = payload(view / "data/scenes/000000.js")
    assert said["frames"][0]["objects"][0]["asset"] == said["case"] == NASTY
    kinds = next(c for c in index["columns"] if c["id"] == "lighting.kinds")
    assert NASTY in kinds["categories"]
    assert not list(dataset.parent.rglob("*evil*"))
    assert NASTY not in (view / "index.html").read_text()


@pytest.mark.parametrize("name", ["", "thumbs", "data", "data/columns", "arrays/000001", ".state"])
def test_links_in_a_view_lead_nowhere(dataset: Path, tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    view = write(dataset)
    shutil.rmtree(view / name)
    (view / name).symlink_to(victim)
    with pytest.raises(InputError, match=r"found a link|not a folder|did not write"):
        write(dataset)
    assert not list(victim.iterdir())


@pytest.mark.parametrize(
    "name", ["index.html", "data/index.js", "thumbs/000001/0001.jpg", ".state/000001.json",
             "data/columns/scene.js", "data/scenes/000002.js"],
)  # fmt: skip
@pytest.mark.corpus(3)
def test_files_that_are_links_are_replaced(dataset: Path, tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    view = write(dataset)
    (view / name).unlink()
    (view / name).symlink_to(victim)
    os.utime(dataset / "scenes/000001/frame_0001.rgb.png")
    os.utime(dataset / "scenes/000002/frame_0001.json")
    write(dataset)
    assert victim.read_text() == "precious"
    assert not (view / name).is_symlink()


def test_other_peoples_files_are_left_alone(dataset: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    (home / "data/thesis.txt").write_text("precious")
    with pytest.raises(InputError, match="did not write"):
        write(dataset, home)
    assert [str(p.relative_to(home)) for p in home.rglob("*")] == ["data", "data/thesis.txt"]
    with pytest.raises(InputError, match="not a folder"):
        write(dataset, home / "data/thesis.txt")


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x00\xff" * 100,
        b"{}",
        b"null",
        b"[]",
        b'{"scene":1,"pictures":7,"records":[],"arrays":0}',
        b"[" * 100_000,
        b"unfinished",
    ],
)
@pytest.mark.corpus(3)
def test_what_is_remembered_may_be_anything(dataset: Path, content: bytes) -> None:
    view = write(dataset)
    index = (view / "data/index.js").read_bytes()
    (view / ".state/000001.json").write_bytes(content)
    write(dataset)
    assert (view / "data/index.js").read_bytes() == index


@pytest.mark.parametrize("name", ["data/scenes/000002.js", "arrays/000003/0001.js"])
@pytest.mark.parametrize(
    "code",
    [
        b"alert(1)",
        b'simgenData("x",1);\n',
        b"{BEFORE}alert(1));\n",
        b"{BEFORE}1);alert(1);\n",
        b"{BEFORE}{});\nalert(1);\n",
        b'{BEFORE}{"a":1}, alert(1));\n',
        b'{BEFORE}{"a":"\\");\n',
    ],
)
@pytest.mark.corpus(5)
def test_code_in_a_view_that_came_along_goes(dataset: Path, name: str, code: bytes) -> None:
    """Though nothing that it was made of has changed, as far as the view itself says."""
    path = write(dataset) / name
    data = path.read_bytes()
    path.write_bytes(code.replace(b"{BEFORE}", data.split(b"{")[0]))
    write(dataset)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("frame_0001.json", b"{"),
        ("frame_0001.json", b"[]"),
        ("frame_0001.json", b'{"scene": 1, "frame": 1, "objects": [{}]}'),
        ("frame_0001.json", b'{"scene": 1, "frame": 1, "objects": 5}'),
        ("frame_0001.json", b"[" * 100_000),
        ("spec.json", b"{}"),
        ("spec.json", b'{"objects": [], "stage": {"name": 0}, "factors": {"a.b": 3}}'),
        ("frame_0001.rgb.png", b"no picture"),
        ("frame_0001.rgb.png", b""),
        ("frame_0001.depth.exr", b"no picture"),
        ("frame_0001.json", None),
        ("spec.json", None),
        ("frame_0001.rgb.png", None),
        ("frame_0001.depth.exr", None),
    ],
)
@pytest.mark.corpus(5)
def test_damage_costs_its_image_alone(dataset: Path, file: str, content: bytes | None) -> None:
    """The page is there, says in one line what is wrong, and shows all other images."""
    path = dataset / "scenes/000001" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    view = write_view(simgen.open(dataset), dataset / "view", Options(processes=1))
    frames = [0, 1] if file == "spec.json" else [1]
    assert view.damaged == len(frames)
    assert view.first.startswith(f"scene 1, frame {frames[0]}: scenes/000001/{file}: ")
    assert "\n" not in view.first
    assert str(dataset) not in view.first
    page = dataset / "view"
    assert payload(page / "data/index.js")["images"] == 12
    scenes = column(page, "scene")[1] * 10 + column(page, "frame")[1]
    assert scenes.tolist() == [10 * scene + frame for scene in range(6) for frame in range(2)]
    damaged = np.flatnonzero(column(page, "damaged")[1] == 1)
    assert damaged.tolist() == [2 + frame for frame in frames]
    assert np.flatnonzero(column(page, "complaints")[1] > 0).tolist() == damaged.tolist()
    said = payload(page / "data/scenes/000001.js")["frames"][1]
    (complaint,) = said["complaints"]
    part = {"exr": "maps", "png": "picture"}.get(file.rsplit(".", 1)[-1], "labels")
    assert complaint["rule"] == f"damaged/{part}"
    assert complaint["message"].startswith(f"scenes/000001/{file}: ")
    with Image.open(page / "thumbs/000001/0001.jpg") as thumb:
        assert thumb.size == (96, 72)


def test_what_was_mended_is_as_if_it_had_never_been_damaged(dataset: Path) -> None:
    whole = content(write(dataset))
    names = ("frame_0001.json", "frame_0000.rgb.png", "frame_0000.depth.exr", "spec.json")
    paths = [dataset / f"scenes/00000{n}" / name for n, name in enumerate(names)]
    kept = [path.read_bytes() for path in paths]
    for path in paths:
        path.write_bytes(path.read_bytes()[:-40])
    write(dataset)
    second = write_view(simgen.open(dataset), dataset / "view", Options(processes=1))
    assert second.damaged == 5, "remembered where nothing has changed: a frame each, and a scene"
    for path, content_ in zip(paths, kept, strict=True):
        path.write_bytes(content_)
    assert content(write(dataset)) == whole


def content(view: Path) -> dict[str, bytes]:
    paths = (p for p in view.rglob("*") if p.is_file() and ".state" not in p.parts)
    return {str(p.relative_to(view)): p.read_bytes() for p in paths}


def test_a_view_elsewhere_lacks_the_damaged_picture_alone(dataset: Path, tmp_path: Path) -> None:
    write(dataset, tmp_path / "far")
    (dataset / "scenes/000001/frame_0001.rgb.png").write_bytes(b"no picture")
    for _ in range(2):
        write(dataset, tmp_path / "far")
        names = sorted(str(p.relative_to(tmp_path / "far/images"))
                       for p in (tmp_path / "far/images").glob("*/*"))  # fmt: skip
        assert len(names) == 11
        assert "000001/0001.png" not in names


def finding(file: str, place: str = "") -> Finding:
    return Finding("a/rule", "error", file, place, "this", "that", "mend it")


def test_findings_are_shared_out_to_frames() -> None:
    found = by_frame(
        [
            finding("scenes/000004/frame_0001.json", "instance 3"),
            finding("scenes/000004/frame_0001.rgb.png"),
            finding("scenes/000004/spec.json"),
            finding("annotations/instances.json", "image 9"),
            finding("annotations/instances.json", "image 900"),
            finding("dataset.json", "classes"),
            finding("scenes/000999/spec.json"),
            *[finding("scenes/000005/frame_0000.json")] * 500,
        ],
        scenes=[4, 5], frames=2,
    )  # fmt: skip
    counts = {
        (scene, frame): len(said)
        for scene, of in found.frames.items()
        for frame, said in of.items()
    }
    # Image 9 is the first frame of scene 4: (9 - 1) / 2.
    assert counts == {(4, 0): 2, (4, 1): 3, (5, 0): 100}
    assert len(found.of_dataset) == 3
    assert found.frames[4][1][0] == {
        "rule": "a/rule", "severity": "error", "fix": "mend it",
        "message": "scenes/000004/frame_0001.json, instance 3: found this, expected that",
    }  # fmt: skip
