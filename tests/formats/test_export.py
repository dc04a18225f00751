"""Exports as a whole: what is chosen, resized and mixed, and that none is ever half there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from synthetic import write_dataset

import simgen
from simgen.dataset import remote
from simgen.errors import DiskError, InputError, SimgenError
from simgen.formats import export as exporting
from simgen.formats.export import Options, export
from simgen.formats.items import Item
from simgen.formats.output.target import MARKER
from simgen.formats.pipeline.mixing import Mix, counts, mixed
from simgen.formats.pipeline.resizing import Size, resized
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource, Source, open_source


def source(folder: Path) -> SimgenSource:
    return SimgenSource(simgen.open(folder))


def instances(folder: Path, split: str = "train") -> dict[str, Any]:
    return json.loads((folder / "annotations" / f"instances_{split}.json").read_text())


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- what is chosen ----------------------------------------------------------------------------


def test_classes_are_renamed_merged_and_left_out(stills_folder: Path) -> None:
    selection = Selection(rename={"mug": "thing", "ball": "thing"}, drop=("box",))
    data = source(stills_folder)
    assert data.classes == ("ball", "box", "mug")
    assert selection.classes(data.classes) == ("thing",)
    for item in data:
        chosen = selection.of(item)
        assert {entry.class_name for entry in chosen.annotations} <= {"thing"}
        before = [e.record for e in item.annotations if e.class_name != "box"]
        assert [entry.record for entry in chosen.annotations] == before
        assert chosen.things == ("thing", "", "thing")


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(rename={"mugg": "cup"}), r"--rename mugg: no such class; did you mean 'mug'\?"),
        (Selection(keep=("cup",)), "--keep cup: no such class; there are ball, box, mug"),
        (Selection(drop=("ball", "box", "mug")), "no class is left to export, of ball, box, mug"),
    ],
)
def test_a_class_that_is_not_there_is_refused(selection: Selection, said: str) -> None:
    with pytest.raises(InputError, match=said):
        selection.classes(("ball", "box", "mug"))


@pytest.mark.parametrize("hardly_seen", ["drop", "crowd"])
def test_objects_hardly_seen(hardly_seen: str, stills_folder: Path) -> None:
    few = Selection(min_visibility=0.7, min_pixels=150, hardly_seen=hardly_seen)
    found = 0
    for item in source(stills_folder):
        chosen = few.of(item).annotations
        hidden = [
            e for e in item.annotations
            if e.record is not None and (e.record.visible_fraction < 0.7 or e.area < 150)
        ]  # fmt: skip
        found += len(hidden)
        if hardly_seen == "drop":
            assert len(chosen) == len(item.annotations) - len(hidden)
            assert not any(entry.crowd for entry in chosen)
        else:
            assert len(chosen) == len(item.annotations)
            assert sum(entry.crowd for entry in chosen) == len(hidden)
    assert found > 3


def test_a_crowd_is_ignored_by_coco(stills_folder: Path, tmp_path: Path) -> None:
    options = Options(selection=Selection(min_pixels=150, hardly_seen="crowd"))
    export(["coco"], [source(stills_folder)], tmp_path / "out", options)
    entries = instances(tmp_path / "out")["annotations"]
    assert {bool(entry["iscrowd"]) for entry in entries} == {True, False}
    assert all(entry["iscrowd"] == (entry["area"] < 150) for entry in entries)


@pytest.mark.parametrize("hardly_seen", ["drop", "crowd"])
def test_what_is_not_exported_as_an_object_is_said(
    hardly_seen: str, stills_folder: Path, tmp_path: Path
) -> None:
    selection = Selection(min_pixels=150, hardly_seen=hardly_seen, drop=("mug",))
    seen = [entry for item in source(stills_folder) for entry in item.seen]
    mugs = sum(entry.class_name == "mug" for entry in seen)
    few = sum(entry.area < 150 for entry in seen if entry.class_name != "mug")
    (done,) = export(["coco"], [source(stills_folder)], tmp_path / "out", Options(selection))
    assert done.objects == len(seen) - mugs - few
    assert few > 0
    assert f"--keep, --drop: left out {mugs} objects (mug {mugs})" in done.remarks
    said = {"drop": f"left out {few} objects, background", "crowd": f"marked {few} objects as"}
    assert any(f"--min-pixels: {said[hardly_seen]}" in line for line in done.remarks)


def test_visibility_that_nobody_knows_is_said(stills_folder: Path, tmp_path: Path) -> None:
    (first,) = export(["voc"], [source(stills_folder)], tmp_path / "voc")
    options = Options(Selection(min_visibility=0.9))
    (done,) = export(["coco"], [open_source(str(tmp_path / "voc"))], tmp_path / "out", options)
    assert done.objects == first.objects
    assert any(f"kept {first.objects} objects of which it is not" in x for x in done.remarks)


def test_a_run_that_was_stopped_is_said(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d", ("rgb", "objects", "camera"), (0, 1, 4), frames=1)
    (done,) = export(["yolo"], [source(tmp_path / "d")], tmp_path / "out")
    assert any("incomplete, with 3 of 5 scenes" in line for line in done.remarks)
    write_dataset(tmp_path / "e", ("rgb", "objects", "camera"), range(3), frames=1)
    assert source(tmp_path / "e").remarks == ()


# --- labels ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything(cast_folder: Path) -> list[Item]:
    return list(source(cast_folder))


def with_labels(folder: Path, out: Path, *labels: str) -> SimgenSource:
    """A dataset as it would have been generated with other labels."""
    shutil.copytree(folder, out)
    manifest = json.loads((out / "dataset.json").read_text())
    manifest["labels"] = list(labels)
    (out / "dataset.json").write_text(json.dumps(manifest))
    for path in out.glob("scenes/*/frame_*.json"):
        record = json.loads(path.read_text())
        record["objects"] = None
        path.write_text(json.dumps(record))
    return source(out)


@pytest.mark.parametrize("label", ["instances", "panoptic"])
def test_objects_follow_from_their_ids(
    label: str, everything: list[Item], cast_folder: Path, tmp_path: Path
) -> None:
    data = with_labels(cast_folder, tmp_path / "data", "rgb", label, "camera")
    for item, known in zip(data, everything, strict=True):
        assert [
            (entry.class_name, entry.bbox, entry.mask, entry.area, entry.instance_id)
            for entry in item.annotations
        ] == [
            (entry.class_name, entry.bbox, entry.mask, entry.area, entry.instance_id)
            for entry in known.seen
        ]
    formats = ["coco", "huggingface", "voc", "webdataset", "yolo", "yolo-obb", "yolo-seg"]
    for done in export(formats, [data], tmp_path / "out"):
        assert done.objects == sum(len(item.seen) for item in everything)
    entries = instances(tmp_path / "out/coco")["annotations"]
    assert len(entries) == done.objects


@pytest.mark.parametrize("name", ["coco", "coco-polygons", "huggingface", "voc", "webdataset",
                                  "yolo", "yolo-seg", "yolo-obb", "yolo-pose"])  # fmt: skip
def test_images_of_unknown_content_do_not_pass_for_empty_ones(
    name: str, stills_folder: Path, cast_folder: Path, tmp_path: Path
) -> None:
    data = with_labels(cast_folder, tmp_path / "data", "rgb", "depth", "semantic", "camera")
    for sources in ([data], [source(stills_folder), data]):
        with pytest.raises(InputError, match=f"{name!r} lists objects, and none of the labels"):
            export([name], sources, tmp_path / "out")
    with pytest.raises(InputError, match=r"generate the dataset with labels=\[...,objects\]"):
        exporting.check_labels(exporting.format_of(name), data.labels)


def test_dense_shards_of_unknown_content_have_no_list_of_objects(
    cast_folder: Path, tmp_path: Path
) -> None:
    data = with_labels(cast_folder, tmp_path / "data", "rgb", "depth", "camera")
    export(["webdataset-dense"], [data], tmp_path / "out")
    for path in (tmp_path / "out").glob("*/*.tar"):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    assert "objects" not in json.load(tar.extractfile(member))  # type: ignore[arg-type]


# --- sizes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("64x32", (96, 72), (64, 32)),
        ("48", (96, 72), (48, 36)),
        ("48", (72, 96), (36, 48)),
        ("200", (96, 72), (96, 72)),
        ("200x150", (96, 72), (200, 150)),
    ],
)
def test_sizes(text: str, before: tuple[int, int], after: tuple[int, int]) -> None:
    assert Size.read(text).of(*before) == after


@pytest.mark.parametrize("text", ["", "x", "640x", "0", "-3", "640x480x3", "1e3", "99999"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--resize"):
        Size.read(text)


@pytest.mark.parametrize("text", ["64x32", "192x144", "37"])
def test_labels_follow_the_size(text: str, cast_folder: Path) -> None:
    for item in source(cast_folder):
        small = resized(item, Size.read(text))
        old, new = item.frame, small.frame
        height, width = small.height, small.width
        scale = np.array([width / item.width, height / item.height])
        assert new.depth.shape == new.instances.shape == (height, width)
        assert small.picture.pixels().shape == (height, width, 3) == new.rgb.shape
        # What a new pixel shows is what the old image shows at its centre.
        columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        x, y = (columns / scale[0]).astype(int), (rows / scale[1]).astype(int)
        assert (new.instances == old.instances[y, x]).all()
        assert (new.depth == old.depth[y, x]).all()
        np.testing.assert_allclose(new.camera.K[:2], old.camera.K[:2] * scale[:, None])
        assert (new.camera.width, new.camera.height) == (width, height)
        if old.flow_forward is not None:
            expected = old.flow_forward[y, x] * scale
            np.testing.assert_allclose(new.flow_forward, expected, rtol=1e-5)
        np.testing.assert_allclose(new.disparity, old.disparity[y, x] * scale[0], rtol=1e-5)
        np.testing.assert_allclose(new.tracks.points, old.tracks.points * scale, rtol=1e-5)
        check_objects(small, item, scale)
        segments = {segment.id: segment.area for segment in new.segments}
        ids, areas = np.unique(new.panoptic, return_counts=True)
        assert segments == dict(zip(ids.tolist(), areas.tolist(), strict=True))


def check_objects(small: Item, item: Item, scale: np.ndarray) -> None:
    for entry, before in zip(small.annotations, item.annotations, strict=True):
        record = entry.record
        assert record is not None
        mask = small.frame.instances == record.instance_id
        assert entry.area == record.visible_pixels == mask.sum()
        assert (entry.bbox is None) == (not mask.any())
        if entry.bbox is not None:
            assert (entry.decoded() == mask).all()
            rows, columns = np.nonzero(mask)
            x, y = columns.min(), rows.min()
            assert entry.bbox == record.bbox == (
                x, y, columns.max() - x + 1, rows.max() - y + 1
            )  # fmt: skip
        for mark, old in zip(entry.keypoints or (), before.keypoints or (), strict=True):
            np.testing.assert_allclose([mark.x, mark.y], [old.x * scale[0], old.y * scale[1]])
        projected = small.frame.camera.project(record.centre)
        np.testing.assert_allclose(projected, item.frame.camera.project(record.centre) * scale)
        if record.amodal_segmentation is not None:
            whole = coco_mask.decode(record.amodal_segmentation).astype(bool)
            assert (whole | ~mask).all()


def test_an_export_in_another_size(cast_folder: Path, tmp_path: Path) -> None:
    options = Options(size=Size.read("48x40"), quality=90)
    export(["coco"], [source(cast_folder)], tmp_path / "out", options)
    content = instances(tmp_path / "out")
    assert content["images"]
    for image in content["images"]:
        assert (image["width"], image["height"]) == (48, 40)
        assert image["file_name"].endswith(".jpg")
        assert cv2.imread(str(tmp_path / "out" / "train" / image["file_name"])).shape == (40, 48, 3)
    for entry in content["annotations"]:
        mask = coco_mask.decode(entry["segmentation"])
        assert mask.shape == (40, 48)
        assert mask.sum() == entry["area"]


# --- several datasets --------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=5),
    st.lists(st.floats(0.01, 100), min_size=5, max_size=5),
)
def test_as_many_images_as_the_proportions_allow(lengths: list[int], weights: list[float]) -> None:
    shares = weights[: len(lengths)]
    taken = counts(lengths, shares)
    assert all(0 <= count <= length for count, length in zip(taken, lengths, strict=True))
    unit = min(length / share for length, share in zip(lengths, shares, strict=True))
    for count, share in zip(taken, shares, strict=True):
        assert abs(count - unit * share) <= 1
    assert counts(lengths, ()) == tuple(lengths)


def test_proportions_need_a_number_for_each_dataset() -> None:
    with pytest.raises(InputError, match="2 numbers for 3 datasets"):
        counts([1, 2, 3], [0.5, 0.5])


def test_datasets_are_mixed_in_proportion(stills_folder: Path, cast_folder: Path) -> None:
    sources: list[Source] = [source(stills_folder), source(cast_folder)]
    both = list(mixed(sources, Mix(proportions=(0.5, 0.5))))
    assert [item.name[0] for item in both].count("0") == len(sources[1]) == 6
    assert [item.image_id for item in both] == list(range(1, 13))
    assert len({item.name for item in both}) == 12
    # Whoever reads the first half has seen as much of each.
    assert sorted(item.name[0] for item in both[:6]) == ["0"] * 3 + ["1"] * 3
    again = list(mixed(sources, Mix(proportions=(0.5, 0.5))))
    assert [item.name for item in again] == [item.name for item in both]


def test_splits_that_are_shared_out_anew(stills_folder: Path) -> None:
    mix = Mix(splits=("a:1", "b:1"), only=())
    items = list(mixed([source(stills_folder)], mix))
    assert {item.split for item in items} == {"a", "b"}
    by_scene: dict[str, set[str]] = {}
    for item in items:
        by_scene.setdefault(item.name.split("_")[0], set()).add(item.split)
    assert all(len(splits) == 1 for splits in by_scene.values())
    some = list(mixed([source(stills_folder)], replace(mix, only=("b",))))
    assert [item.name for item in some] == [item.name for item in items if item.split == "b"]
    with pytest.raises(InputError, match="--only c: no such split; there are a, b"):
        list(mixed([source(stills_folder)], replace(mix, only=("c",))))
    with pytest.raises(InputError, match="--splits a:x"):
        Mix(splits=("a:x",))
    with pytest.raises(InputError, match=r"--splits train:0\.9,val: val has no weight"):
        Mix(splits=("train:0.9", "val"))
    assert Mix(splits=("a", "b")).split_names([]) == ("a", "b")


def test_a_small_part_of_few_scenes_is_not_empty(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d", ("rgb", "objects", "camera"), range(20), frames=1)
    data, mix = source(tmp_path / "d"), Mix(splits=("train:0.9", "val:0.1"))
    for sources in ([data], [data, data], [data, data, data]):
        items = list(mixed(sources, mix))
        parts = {name[0] for name in (item.name for item in items if item.split == "val")}
        assert len(items) == 20 * len(sources)
        assert len(parts) == (1 if len(sources) == 1 else len(sources))
        assert 1 <= sum(item.split == "val" for item in items) / len(sources) <= 3


def test_a_split_without_images_is_named(stills_folder: Path, tmp_path: Path) -> None:
    options = Options(mix=Mix(splits=("train:1", "val:0")))
    (done,) = export(["coco"], [source(stills_folder)], tmp_path / "out", options)
    assert done.per_split == {"train": 12, "val": 0}


def test_a_single_dataset_keeps_its_names_ids_and_splits(stills_folder: Path) -> None:
    data = simgen.open(stills_folder)
    items = list(mixed([SimgenSource(data)], Mix()))
    assert [item.image_id for item in items] == [sample.image_id for sample in data]
    assert [item.split for item in items] == [sample.split for sample in data]
    assert items[3].name == "000001_0001"


# --- files -------------------------------------------------------------------------------------


def test_images_are_links_where_they_can_be(stills_folder: Path, tmp_path: Path) -> None:
    original = simgen.open(stills_folder)[0].path("rgb")
    assert isinstance(original, Path)
    links = original.stat().st_nlink
    export(["coco"], [source(stills_folder)], tmp_path / "linked")
    export(["coco"], [source(stills_folder)], tmp_path / "copied", Options(copy=True))
    name = "train/000000_0000.png"
    assert (tmp_path / "linked" / name).samefile(original)
    assert not (tmp_path / "copied" / name).samefile(original)
    assert (tmp_path / "copied" / name).read_bytes() == original.read_bytes()
    assert original.stat().st_nlink == links + 1


def test_where_links_are_impossible_files_are_copied(
    stills_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    export(["coco"], [source(stills_folder)], tmp_path / "out")
    assert (tmp_path / "out/train/000000_0000.png").stat().st_nlink == 1


def test_an_export_that_fails_leaves_nothing_of_its_name(
    stills_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def broken(sources: object, mix: object) -> Any:
        yield next(mixed([source(stills_folder)], Mix()))
        raise RuntimeError("on the way")

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "mixed", broken)
        with pytest.raises(RuntimeError, match="on the way"):
            export(["coco"], [source(stills_folder)], out)
    assert not out.exists()
    export(["coco"], [source(stills_folder)], out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.exhaustive
def test_an_export_that_is_killed_is_made_again(stills_folder: Path, tmp_path: Path) -> None:
    out, words = tmp_path / "out", [sys.executable, "-m", "simgen", "export", "coco"]
    script = (
        "import os, signal, sys\n"
        "from simgen.formats.output import target\n"
        "from simgen.cli import main\n"
        "old, seen = target.Target.picture, []\n"
        "def picture(*args):\n"
        "    seen.append(1)\n"
        "    if len(seen) == 4: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    old(*args)\n"
        "target.Target.picture = picture\n"
        f"main(['export', 'coco', {str(stills_folder)!r}, {str(out)!r}])\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert killed.returncode == -9
    assert not out.exists()
    done = subprocess.run([*words, str(stills_folder), str(out)], capture_output=True, check=True)
    assert b"12 images" in done.stdout
    export(["coco"], [source(stills_folder)], tmp_path / "other")
    assert files(out) == files(tmp_path / "other")


KILLED_WHILE_IT_CLEARS = """
def rmtree(path, *args, **kwargs):
    if (path / "old").exists():
        next(path.glob("old/train/*")).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    old(path, *args, **kwargs)
old, shutil.rmtree = shutil.rmtree, rmtree
"""
KILLED_BETWEEN_ITS_RENAMES = """
def rename(a, b):
    if str(b) == out: os.kill(os.getpid(), signal.SIGKILL)
    old(a, b)
old, os.rename = os.rename, rename
"""


@pytest.mark.parametrize("how", [KILLED_WHILE_IT_CLEARS, KILLED_BETWEEN_ITS_RENAMES])
@pytest.mark.exhaustive
def test_a_kill_while_an_export_takes_its_place_harms_no_later_one(
    how: str, stills_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export(["coco"], [source(stills_folder)], out)
    before = files(out)
    script = (
        f"import os, shutil, signal\nout = {str(out)!r}\n{how}"
        "from simgen.cli import main\n"
        f"main(['export', 'coco', {str(stills_folder)!r}, out])\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    with pytest.raises(InputError, match="contains an export to coco"):
        export(["yolo"], [source(stills_folder)], out)
    assert files(out) == before
    for _ in range(2):
        export(["coco"], [source(stills_folder)], out)
        assert files(out) == before
        assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("content", [b"no PNG", b""])
def test_what_cannot_be_read_is_named(content: bytes, stills_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(stills_folder, tmp_path / "data"))
    (folder / "scenes/000003/frame_0000.rgb.png").write_bytes(content)
    with pytest.raises(SimgenError, match=r"frame_0000.rgb.png: not readable as an image; nothing"):
        export(["coco"], [source(folder)], tmp_path / "out", Options(quality=80))
    (folder / "scenes/000003/frame_0000.rgb.png").unlink()
    with pytest.raises(SimgenError, match=r"frame_0000.rgb.png: No such file.*; nothing"):
        export(["coco"], [source(folder)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_named(
    stills_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(DiskError, match="No space left on device; nothing of the export"):
        export(["coco"], [source(stills_folder)], tmp_path / "out")


def test_an_earlier_export_is_replaced_and_nothing_else(
    stills_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export(["coco"], [source(stills_folder)], out)
    (out / "train" / "stale.png").write_bytes(b"")
    export(["coco"], [source(stills_folder)], out)
    assert not (out / "train" / "stale.png").exists()
    (out / MARKER).unlink()
    before = files(out)
    with pytest.raises(InputError, match="contains other files; choose a new or empty folder"):
        export(["coco"], [source(stills_folder)], out)
    assert files(out) == before


def test_the_same_export_gives_the_same_files(stills_folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(["coco"], [source(stills_folder)], tmp_path / name, Options(quality=80))
    assert files(tmp_path / "a") == files(tmp_path / "b")


# --- the command -------------------------------------------------------------------------------


def test_the_command(stills_folder: Path, tmp_path: Path) -> None:
    words = ["export", "coco", str(stills_folder), str(tmp_path / "out"), "--rename", "mug=cup",
             "--keep", "cup,ball", "--resize", "48", "--only", "train"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "simgen", *words], capture_output=True, text=True, check=True
    )
    assert "coco:" in done.stdout
    assert "(train " in done.stdout
    content = instances(tmp_path / "out")
    assert [category["name"] for category in content["categories"]] == ["ball", "cup"]
    assert content["images"][0]["width"] == 48
    assert not (tmp_path / "out" / "val").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cocoo", "{data}", "{out}"), "unknown format 'cocoo'; expected one of bop"),
        (("coco", "{out}", "{out}"), "no dataset here"),
        (("coco", "{data}", "{out}", "--jpeg", "101"), "--jpeg 101: expected a quality"),
        (("coco", "{data}", "{out}", "--rename", "mug"), "--rename mug: expected OLD=NEW"),
        (("coco", "{data}", "{out}", "--proportions", "a"), "--proportions a: expected numbers"),
        (("coco", "{data}", "{data}"), "contains other files"),
    ],
)
@pytest.mark.corpus(1)
def test_what_is_wrong_is_said_in_a_line(
    words: tuple[str, ...], said: str, stills_folder: Path, tmp_path: Path
) -> None:
    given_words = [word.format(data=stills_folder, out=tmp_path / "out") for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "simgen", "export", *given_words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_labels_that_a_format_needs(stills_folder: Path) -> None:
    found = replace(exporting.format_of("coco"), needs=frozenset({"rgb", "flow_forward"}))
    with pytest.raises(InputError, match=r"needs the labels flow_forward; .*labels=\[...,flow"):
        exporting.check_labels(found, source(stills_folder).labels)


def test_a_dataset_opens_by_its_path(stills_folder: Path) -> None:
    opened = open_source(str(stills_folder))
    assert isinstance(opened, SimgenSource)
    assert remote.relative(next(iter(opened)).picture.path, stills_folder).endswith("rgb.png")
