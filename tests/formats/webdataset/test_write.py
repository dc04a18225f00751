"""WebDataset: the webdataset library reads it, shards are bounded, and exports go on where they
were interrupted."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import webdataset as wds
from fsspec import get_filesystem_class
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from s3_server import S3Server, s3_server

import simgen
from simgen.dataset import remote
from simgen.errors import DiskError, InputError
from simgen.formats import export as exporting
from simgen.formats.export import Options, export
from simgen.formats.items import Item, Picture
from simgen.formats.output.journal import Journal
from simgen.formats.output.shards import Series
from simgen.formats.output.target import MARKER, Target
from simgen.formats.output.uploading import JOURNAL
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource

SMALL = Options(shard_mb=1)


def source(folder: Path) -> SimgenSource:
    return SimgenSource(simgen.open(folder))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def streamed(folder: Path, split: str) -> list[dict[str, Any]]:
    """What the webdataset library makes of a split."""
    shards = sorted(map(str, folder.glob(f"{split}/*.tar")))
    return list(wds.WebDataset(shards, shardshuffle=False).decode("rgb8")) if shards else []


@pytest.fixture(scope="module")
def light(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("webdataset") / "light"
    export(["webdataset"], [source(stills_folder)], out)
    return out


@pytest.fixture(scope="module")
def dense(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("webdataset") / "dense"
    export(["webdataset-dense"], [source(cast_folder)], out, SMALL)
    return out


# --- what is in it -----------------------------------------------------------------------------


def test_the_library_reads_what_the_dataset_has(light: Path, stills_folder: Path) -> None:
    data = simgen.open(stills_folder)
    seen = 0
    for split in data.splits:
        samples = list(data.split(split))
        found = streamed(light, split)
        assert len(found) == len(samples)
        for entry, sample in zip(found, samples, strict=True):
            seen += 1
            assert entry["__key__"] == f"{sample.scene:06d}_{sample.frame:04d}"
            assert (entry["png"] == sample.rgb).all()
            check_json(entry["json"], sample)
            assert "npz" not in entry
    assert seen == len(data)


def check_json(plain: dict[str, Any], sample: simgen.Sample) -> None:
    assert (plain["scene"], plain["frame"]) == (sample.scene, sample.frame)
    assert (plain["height"], plain["width"]) == sample.rgb.shape[:2]
    np.testing.assert_array_equal(plain["camera"]["K"], sample.camera.K)
    left = sample.instances.copy()
    for item in plain["objects"]:
        mask = coco_mask.decode(item["segmentation"]).astype(bool)
        assert (mask == (sample.instances == item["id"])).all()
        assert (sample.semantic[mask] == item["category_id"]).all()
        rows, columns = np.nonzero(mask)
        x, y = columns.min(), rows.min()
        assert item["bbox"] == [x, y, columns.max() - x + 1, rows.max() - y + 1]
        assert item["area"] == mask.sum()
        left[mask] = 0
    assert not left.any()


def test_poses_and_keypoints_project_to_where_they_are(dense: Path) -> None:
    """By a pinhole's formula, without simgen."""
    points = 0
    for plain in (entry["json"] for entry in streamed(dense, "train")):
        assert plain["camera"]["model"] == "pinhole"
        for item in plain["objects"]:
            assert len(item["keypoints"]) == len(item["keypoint_names"])
            low, high = np.array(item["box_min"]), np.array(item["box_max"])
            corners = np.array([[low, high][i][[0, 1, 2]] for i in (0, 1)])
            grid = np.stack(np.meshgrid(*corners.T, indexing="ij"), -1).reshape(-1, 3)
            pose = np.array(item["object_to_camera"])
            at = np.array(plain["camera"]["K"]) @ (pose[:3, :3] @ grid.T + pose[:3, 3:])
            x, y = at[:2] / at[2]
            left, top, w, h = item["amodal_bbox"]
            assert x.min() - 1 <= left
            assert left + w <= x.max() + 1
            assert y.min() - 1 <= top
            assert top + h <= y.max() + 1
            for u, v, visibility in item["keypoints"]:
                points += visibility > 0
                assert visibility == 0 or 0 <= u <= plain["width"]
                assert visibility == 0 or 0 <= v <= plain["height"]
    assert points > 10


def test_dense_labels_are_those_of_the_dataset(dense: Path, cast_folder: Path) -> None:
    data = simgen.open(cast_folder)
    for split in data.splits:
        samples = list(data.split(split))
        for entry, sample in zip(streamed(dense, split), samples, strict=True):
            arrays = entry["npz"]
            assert ("flow_forward" in arrays) == (sample.frame < 2)
            assert ("flow_backward" in arrays) == (sample.frame > 0)
            assert {"depth", "normals", "instances", "semantic", "rgb_right"} <= set(arrays)
            for label, array in arrays.items():
                expected = getattr(sample, label)
                assert array.dtype == expected.dtype
                np.testing.assert_array_equal(array, expected)


def test_dense_ids_follow_the_selection(cast_folder: Path, tmp_path: Path) -> None:
    selection = Selection(rename={"mug": "cup"}, drop=("ball",))
    out = tmp_path / "out"
    export(["webdataset-dense"], [source(cast_folder)], out, Options(selection=selection))
    assert json.loads((out / "index.json").read_text())["classes"] == ["box", "cup"]
    data, cups = simgen.open(cast_folder), 0
    for sample, entry in zip(data.split("train"), streamed(out, "train"), strict=True):
        old = sample.semantic  # ball, box, mug
        expected = np.select([old == 2, old == 3], [1, 2], 0)
        np.testing.assert_array_equal(entry["npz"]["semantic"], expected)
        kept = np.where(expected > 0, sample.instances, 0)
        np.testing.assert_array_equal(entry["npz"]["instances"], kept)
        cups += int((expected == 2).sum())
    assert cups


def test_what_is_resized_fits_together(cast_folder: Path, tmp_path: Path) -> None:
    options = Options(size=Size.read("48x30"), quality=85)
    export(["webdataset-dense"], [source(cast_folder)], tmp_path / "out", options)
    for entry in streamed(tmp_path / "out", "train"):
        assert entry["jpg"].shape == (30, 48, 3)
        assert entry["npz"]["instances"].shape == entry["npz"]["depth"].shape == (30, 48)
        for item in entry["json"]["objects"]:
            mask = coco_mask.decode(item["segmentation"]).astype(bool)
            assert (mask == (entry["npz"]["instances"] == item["id"])).all()


# --- files -------------------------------------------------------------------------------------


def test_tars_are_what_the_format_asks_for(dense: Path) -> None:
    index = json.loads((dense / "index.json").read_text())
    shards = [shard for split in index["splits"].values() for shard in split["shards"]]
    assert {shard["name"] for shard in shards} == {
        path.relative_to(dense).as_posix() for path in dense.rglob("*.tar")
    }
    assert len(shards) > 3
    keys = []
    for shard in shards:
        path = dense / shard["name"]
        assert path.stat().st_size == shard["bytes"]
        with tarfile.open(path) as tar:
            members = tar.getmembers()
        assert all(
            (m.mtime, m.uid, m.gid, m.uname, m.mode) == (0, 0, 0, "", 0o644) for m in members
        )
        groups = [key for key, _ in groupby(member.name.split(".", 1)[0] for member in members)]
        assert len(groups) == len(set(groups)) == shard["samples"]
        assert shard["bytes"] <= 1_000_000 or shard["samples"] == 1
        keys += groups
    assert len(keys) == len(set(keys)) == 6
    for split in index["splits"].values():
        assert split["images"] == sum(shard["samples"] for shard in split["shards"])
        assert split["bytes"] == sum(shard["bytes"] for shard in split["shards"])


def test_images_keep_their_bytes(light: Path, stills_folder: Path) -> None:
    sample = simgen.open(stills_folder).split("train")[0]
    with tarfile.open(light / "train/train-000000.tar") as tar:
        file = tar.extractfile(f"{sample.scene:06d}_{sample.frame:04d}.png")
        assert file is not None
        assert file.read() == remote.read_bytes(sample.path("rgb"))


def test_what_is_left_out_is_said(dense: Path, cast_folder: Path, tmp_path: Path) -> None:
    (done,) = export(["webdataset"], [source(cast_folder)], tmp_path / "out")
    assert "depth" in done.remarks[0]
    (done,) = export(["webdataset-dense"], [source(cast_folder)], tmp_path / "dense", SMALL)
    assert "panoptic, tracks" in done.remarks[0]
    assert "depth" not in done.remarks[0]
    # And the same export gives the same bytes.
    assert files(tmp_path / "dense") == files(dense)


# --- shards, on their own ----------------------------------------------------------------------


class Lines:
    """Shards that are text, and samples that are words."""

    overhead = 7

    def name(self, split: str, number: int) -> str:
        return f"{split}-{number}.txt"

    def sample(self, item: Item) -> tuple[str, int]:
        return item.name, len(item.name)

    def open(self, path: Path) -> Text:
        return Text(path.open("w"))


@dataclass
class Text:
    file: io.TextIOWrapper

    def __post_init__(self) -> None:
        self.file.write("o" * 7)

    def add(self, sample: str) -> None:
        self.file.write(sample)

    def close(self) -> None:
        self.file.close()


def words(lengths: list[int]) -> list[Item]:
    picture = Picture(1, 1, Path("x.png"))
    return [
        Item(chr(97 + i % 26) * length, "a", i + 1, picture, ()) for i, length in enumerate(lengths)
    ]


def write(folder: Path, items: list[Item], limit: int, stop: int | None = None) -> None:
    target = Target(folder / "whole", folder / "scratch", Journal(folder / "journal", {"a": 1}))
    target.scratch.mkdir(parents=True, exist_ok=True)
    series = Series(target, Lines(), "a", limit)
    for item in items[:stop]:
        series.add(item)
    if stop is None:
        series.finish()
    series.close()


@settings(max_examples=40)
@given(st.lists(st.integers(1, 40), max_size=20), st.integers(8, 60), st.lists(st.integers(0, 20)))
def test_shards_are_bounded_and_resumed(
    lengths: list[int], limit: int, interruptions: list[int]
) -> None:
    items = words(lengths)
    with tempfile.TemporaryDirectory() as name:
        whole, again = Path(name, "whole"), Path(name, "again")
        write(whole, items, limit)
        for stop in interruptions:
            write(again, items, limit, stop)
        write(again, items, limit)
        made = files(whole / "whole")
        assert files(again / "whole") == made
        assert len(made) <= len(items)
        contents = [made[f"a-{number}.txt"].decode()[7:] for number in range(len(made))]
        assert "".join(contents) == "".join(item.name for item in items)
        for text in contents:
            assert len(text) + 7 <= limit or text in {item.name for item in items}


# --- interruptions -----------------------------------------------------------------------------

KILLED = """
import os, signal
from simgen.formats.items import Picture
from simgen.cli import main
old, seen = Picture.content, []
def content(self):
    seen.append(1)
    if len(seen) == 5: os.kill(os.getpid(), signal.SIGKILL)
    return old(self)
Picture.content = content
main(['export', 'webdataset-dense', {data!r}, {out!r}, '--shard-mb', '1'])
"""


@pytest.mark.exhaustive
def test_a_killed_export_goes_on_after_its_last_whole_shard(
    dense: Path, cast_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    script = KILLED.format(data=str(cast_folder), out=str(out))
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert killed.returncode == -9
    assert not out.exists()
    kept = {path.name: path.stat().st_ino for path in tmp_path.glob(".out.partial/whole/*/*.tar")}
    assert kept
    made: list[Picture] = []
    old = Picture.content

    def content(self: Picture) -> bytes:
        made.append(self)
        return old(self)

    monkeypatch.setattr(Picture, "content", content)
    export(["webdataset-dense"], [source(cast_folder)], out, SMALL)
    assert files(out) == files(dense)
    assert {path.name: path.stat().st_ino for path in out.rglob("*.tar")}.items() >= kept.items()
    assert 0 < len(made) < 6
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def interrupted(patched: pytest.MonkeyPatch, after: int) -> None:
    """Exports end with an error after some images."""
    old = exporting.mixed

    def broken(sources: Any, mix: Any) -> Iterator[Item]:
        for number, item in enumerate(old(sources, mix)):
            if number == after:
                raise RuntimeError("on the way")
            yield item

    patched.setattr(exporting, "mixed", broken)


@pytest.mark.exhaustive
def test_another_export_begins_anew(
    cast_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, other = tmp_path / "out", replace(SMALL, size=Size.read("80x60"))
    with monkeypatch.context() as patched:
        interrupted(patched, 5)
        with pytest.raises(RuntimeError, match="on the way"):
            export(["webdataset-dense"], [source(cast_folder)], out, SMALL)
    assert list(tmp_path.glob(".out.partial/whole/*/*.tar"))
    export(["webdataset-dense"], [source(cast_folder)], out, other)
    export(["webdataset-dense"], [source(cast_folder)], tmp_path / "fresh", other)
    assert files(out) == files(tmp_path / "fresh")


@pytest.mark.exhaustive
def test_nothing_is_built_upon_files_that_are_gone(
    dense: Path, cast_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, other = tmp_path / "out", replace(SMALL, quality=50)
    with monkeypatch.context() as patched:
        interrupted(patched, 5)
        for options in (SMALL, SMALL, other):
            with pytest.raises(RuntimeError, match="on the way"):
                export(["webdataset-dense"], [source(cast_folder)], out, options)
            if options == SMALL:
                min(tmp_path.glob(".out.partial/whole/*/*.tar")).unlink()
        # Ends before the first shard, when the earlier export's shards are gone already.
        interrupted(patched, 0)
        with pytest.raises(RuntimeError, match="on the way"):
            export(["webdataset-dense"], [source(cast_folder)], out, SMALL)
    export(["webdataset-dense"], [source(cast_folder)], out, SMALL)
    assert files(out) == files(dense)


# --- object storage ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def s3(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """In the environment of this process."""
    for key, value in server.environment().items():
        monkeypatch.setenv(key, value)
    get_filesystem_class("s3").clear_instance_cache()  # connections to another test's server
    server.client().create_bucket(Bucket="exports")
    return server


@pytest.mark.exhaustive
def test_an_export_to_object_storage(
    dense: Path, cast_folder: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = remote.locate("s3://exports/some/dense")
    with monkeypatch.context() as patched:
        interrupted(patched, 5)
        with pytest.raises(RuntimeError, match="on the way"):
            export(["webdataset-dense"], [source(cast_folder)], uri, SMALL)
    begun = s3.content("exports", "some/dense/")
    assert JOURNAL in begun
    assert any(name.endswith(".tar") for name in begun)
    assert MARKER not in begun
    assert "index.json" not in begun
    with pytest.raises(InputError, match="s3://exports/some/dense: contains "):
        export(["webdataset-dense"], [source(cast_folder)], uri)
    export(["webdataset-dense"], [source(cast_folder)], uri, SMALL)
    assert s3.content("exports", "some/dense/") == files(dense)
    with pytest.raises(InputError, match="choose an empty destination"):
        export(["webdataset-dense"], [source(cast_folder)], uri, SMALL)
    nowhere = remote.locate("s3://nowhere/dense")
    with pytest.raises(DiskError, match="s3://nowhere/dense"):
        export(["webdataset"], [source(cast_folder)], nowhere)


def test_formats_of_many_files_refuse_object_storage(stills_folder: Path) -> None:
    with pytest.raises(InputError, match="memory://out: the format 'coco' consists of many files"):
        export(["coco", "webdataset"], [source(stills_folder)], remote.locate("memory://out"))
