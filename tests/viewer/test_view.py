"""A view holds what the dataset says, and is made again where that has changed, and only there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from viewer.scripts import column, handed_over, payload, unpacked

import simgen
from simgen.errors import DiskError, InputError
from simgen.labels import record as records
from simgen.labels.record import CameraRecord
from simgen.viewer import scene_files
from simgen.viewer.findings import Findings
from simgen.viewer.scene_data import INSTANCE, Instances
from simgen.viewer.writer import Options, write_view


def view_of(folder: Path, out: Path | None = None, **options: object) -> Path:
    place = folder / "view" if out is None else out
    write_view(simgen.open(folder), place, Options(processes=1, **options))  # type: ignore[arg-type]
    return place


@pytest.fixture(scope="module")
def view(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of two sequences of three frames with all labels. Only to be looked at."""
    folder = tmp_path_factory.mktemp("view") / "dataset"
    shutil.copytree(cast_folder, folder)
    return view_of(folder)


@pytest.fixture
def stills(stills_folder: Path, tmp_path: Path) -> Path:
    """A copy of the stills, to be changed."""
    folder = tmp_path / "stills"
    shutil.copytree(stills_folder, folder)
    return folder


def content(view: Path) -> dict[str, bytes]:
    """All files but what they were made of."""
    paths = sorted(path for path in view.rglob("*") if path.is_file())
    return {str(p.relative_to(view)): p.read_bytes() for p in paths if ".state" not in p.parts}


def times(view: Path) -> dict[str, int]:
    """When each file of a scene was written."""
    found = {}
    for part in ("thumbs", "arrays", "data/scenes"):
        for path in sorted((view / part).rglob("*.*")):
            found[str(path.relative_to(view))] = path.stat().st_mtime_ns
    return found


# --- what it holds ------------------------------------------------------------------------------


def test_the_index_says_what_the_dataset_is(view: Path) -> None:
    name, index = handed_over((view / "data/index.js").read_bytes())
    assert name == "index"
    assert (index["version"], index["name"], index["images"]) == (1, "dataset", 6)
    assert index["first_paint"] == {"scene": [0, 0, 0, 1, 1, 1], "frame": [0, 1, 2, 0, 1, 2]}
    assert (index["size"], index["frames_per_scene"]) == ([96, 72], 3)
    assert (index["sequence"], index["frame_rate"], index["arrays"]) == (True, 24.0, True)
    assert index["classes"] == ["", "ball", "box", "mug"]
    assert index["replay"] == "simgen replay dataset --scene {n}"
    assert not index["complaints"]
    assert not index["findings"]
    assert not index["stats"]


def test_pictures_are_where_it_says(view: Path) -> None:
    index = payload(view / "data/index.js")
    for scene, frame in zip(*index["first_paint"].values(), strict=True):
        names = {"scene": f"{scene:06d}", "frame": f"{frame:04d}"}
        picture = np.asarray(Image.open(view / index["rgb"].format(**names)))
        assert picture.shape == (72, 96, 3)
        with Image.open(view / index["thumbs"].format(**names)) as thumb:
            assert (thumb.format, thumb.size) == ("JPEG", (96, 72))
            difference = np.abs(np.asarray(thumb).astype(int) - picture)
        assert difference.mean() < 12


def test_thumbnails_are_small(tmp_path: Path) -> None:
    from simgen.viewer.pictures import thumbnail

    image = np.full((300, 1000, 3), (250, 30, 10), np.uint8)
    thumb = cv2.imdecode(np.frombuffer(thumbnail(image), np.uint8), cv2.IMREAD_COLOR)
    assert thumb.shape == (58, 192, 3)
    assert np.abs(thumb[20, 90].astype(int) - (10, 30, 250)).max() < 12


def test_scenes_are_their_records(view: Path) -> None:
    for scene in (0, 1):
        name, found = handed_over((view / f"data/scenes/{scene:06d}.js").read_bytes())
        assert (name, found["scene"]) == (f"scene:{scene}", scene)
        folder = view.parent / f"scenes/{scene:06d}"
        spec = json.loads((folder / "spec.json").read_text())
        assert (found["factors"], found["case"]) == (spec["factors"], spec["case"])
        for number, frame in enumerate(found["frames"]):
            said = json.loads((folder / f"frame_{number:04d}.json").read_text())
            del said["scene"]
            assert frame == said | {"complaints": []}


def bend(path: Path, model: str, coefficients: list[float]) -> CameraRecord:
    """Give a frame another lens. Returns the camera as it is then."""
    plain = json.loads(path.read_text())
    camera = plain["camera"]
    camera["lens"] |= {"model": model, "coefficients": coefficients}
    if model == "equirectangular":
        camera["K"] = [[96 / (2 * np.pi), 0, 48], [0, 72 / np.pi, 36], [0, 0, 1]]
    path.write_text(json.dumps(plain))
    return records.loads(path.read_text()).camera


@pytest.mark.parametrize(
    ("model", "coefficients"),
    [("kannala_brandt", [0.1, 0, 0, 0]), ("equirectangular", [])],
)
def test_edges_of_boxes_are_bent_as_the_lens_bends_them(
    stills: Path, model: str, coefficients: list[float]
) -> None:
    camera = bend(stills / "scenes/000001/frame_0000.json", model, coefficients)
    view = view_of(stills, arrays=False)
    bent, straight = payload(view / "data/scenes/000001.js")["frames"]
    assert not any("edges" in item for item in straight["objects"])
    seen = [item for item in bent["objects"] if item["visible_pixels"]]
    assert seen
    for item in seen:
        pose = np.array(item["object_to_camera"])
        low, high = np.array(item["box_min"]), np.array(item["box_max"])
        middle = (low + high) / 2
        for axis in range(3):  # four edges along each axis have these middles
            for ends in np.array(np.meshgrid([0, 1], [0, 1])).reshape(2, -1).T:
                point = np.insert(np.delete(np.where(np.insert(ends, axis, 0), high, low), axis),
                                  axis, middle[axis])  # fmt: skip
                pixel = camera.project(pose[:3, :3] @ point + pose[:3, 3])
                if (pixel >= 0).all() and (pixel <= (96, 72)).all():
                    lines = [np.array(line) for line in item["edges"]]
                    assert min(gap(pixel, line) for line in lines) < 0.3


def gap(point: np.ndarray, line: np.ndarray) -> float:
    """Of a point from a polyline, `n x 2`."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    part = ((point - starts) * ways).sum(-1) / np.maximum((ways**2).sum(-1), 1e-12)
    return float(np.linalg.norm(starts + part.clip(0, 1)[:, None] * ways - point, axis=1).min())


def test_a_box_that_reaches_behind_the_camera_has_its_edges_cut(stills: Path) -> None:
    path = stills / "scenes/000002/frame_0001.json"
    plain = json.loads(path.read_text())
    item = next(one for one in plain["objects"] if one["visible_pixels"])
    item["corners"][0] = [None, None]
    path.write_text(json.dumps(plain))
    shown = payload(view_of(stills, arrays=False) / "data/scenes/000002.js")["frames"][1]
    with_edges = [one["instance_id"] for one in shown["objects"] if "edges" in one]
    assert with_edges == [item["instance_id"]]


def test_columns_are_what_was_drawn_and_measured(view: Path) -> None:
    dataset = simgen.open(view.parent)
    for image, sample in enumerate(dataset):
        factors = dataset.spec(sample.scene).factors
        for key in ("camera.fill_range", "motion.turn_deg_range", "objects.size_range"):
            assert column(view, key)[1][image] == pytest.approx(np.mean(factors[key]))
        grey = np.asarray(Image.fromarray(sample.rgb).convert("L")) / 255
        assert column(view, "brightness")[1][image] == pytest.approx(grey.mean(), abs=1e-3)
        assert column(view, "contrast")[1][image] == pytest.approx(grey.std(), abs=1e-3)
        seen = [item for item in sample.objects if item.visible_pixels]
        assert column(view, "objects")[1][image] == len(seen)
        about, splits = column(view, "split")
        assert about["categories"][splits[image]] == sample.split
        about, flags = column(view, "classes")
        names = {c for i, c in enumerate(about["categories"]) if int(flags[image]) >> i & 1}
        assert names == {item.class_name for item in seen}
        about, kinds = column(view, "lighting.kinds")
        assert (about["categories"][kinds[image]],) == factors["lighting.kinds"]


def test_factors_of_a_view_are_those_of_its_image(stills: Path) -> None:
    for spec in stills.glob("scenes/*/spec.json"):
        plain = json.loads(spec.read_text())
        plain["factors"]["camera.fill_range"] = [0.25, 0.75]
        spec.write_text(json.dumps(plain))
    assert column(view_of(stills), "camera.fill_range")[1].tolist() == [0.25, 0.75] * 6


def test_instances_are_those_that_are_seen(view: Path) -> None:
    packed = payload(view / "data/instances.js")
    rows = {name: unpacked(values) for name, values in packed.items() if name != "count"}
    expected = [
        (image, item.instance_id, item.class_id, item.visible_pixels)
        for image, sample in enumerate(simgen.open(view.parent))
        for item in sample.objects
        if item.visible_pixels
    ]
    names = ("image", "instance", "class", "pixels")
    assert list(zip(*(rows[name].tolist() for name in names), strict=True)) == expected
    assert packed["count"] == len(expected)
    items = [
        item
        for sample in simgen.open(view.parent)
        for item in sample.objects
        if item.visible_pixels
    ]
    np.testing.assert_allclose(rows["visibility"], [i.visible_fraction for i in items], rtol=1e-6)
    np.testing.assert_allclose(
        rows["distance"], [np.linalg.norm(i.centre) for i in items], rtol=1e-5
    )


def test_arrays_are_those_of_the_frame_in_fewer_digits(view: Path) -> None:
    for sample in simgen.open(view.parent):
        name = f"{sample.scene:06d}/{sample.frame:04d}.js"
        said, packed = handed_over((view / "arrays" / name).read_bytes())
        assert said == f"arrays:{sample.scene}/{sample.frame}"
        found = {label: unpacked(values) for label, values in packed.items()}
        for label in ("instances", "semantic", "panoptic"):
            np.testing.assert_array_equal(found[label], getattr(sample, label))
        np.testing.assert_allclose(found["depth"], sample.depth, rtol=5e-4)
        normals = found["normals"].astype(float) / 127
        np.testing.assert_allclose(normals, sample.normals, atol=0.5 / 127 + 1e-6)
        places = found["object_coordinates"].astype(float) / 255
        np.testing.assert_allclose(places, sample.object_coordinates, atol=0.5 / 255 + 1e-6)
        assert ("flow_forward" in found) == (sample.frame < 2)
        assert ("flow_backward" in found) == (sample.frame > 0)
        if sample.flow_forward is not None:
            np.testing.assert_allclose(found["flow_forward"], sample.flow_forward, 5e-4, 1e-4)


# --- when it is made again ----------------------------------------------------------------------


def test_the_same_dataset_gives_the_same_bytes(view: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(view.parent, folder, ignore=shutil.ignore_patterns("view"))
    assert content(view_of(folder)) == content(view)


@pytest.mark.exhaustive
def test_two_processes_give_the_same_bytes(
    stills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = content(view_of(stills))
    shutil.rmtree(stills / "view")
    monkeypatch.setattr("simgen.viewer.writer.WORTH_A_PROCESS", 0)
    monkeypatch.setattr("simgen.viewer.writer.IMAGES_A_TASK", 4)
    write_view(simgen.open(stills), stills / "view", Options(processes=2))
    assert content(stills / "view") == alone


def test_what_is_there_is_kept(stills: Path) -> None:
    before, first = times(view_of(stills)), content(stills / "view")
    assert times(view_of(stills)) == before
    assert content(stills / "view") == first


def test_a_grown_dataset_adds_what_is_new(stills: Path, tmp_path: Path) -> None:
    late = tmp_path / "late"
    for scene in ("000003", "000005"):
        shutil.move(stills / "scenes" / scene, late / scene)
    before = times(view_of(stills))
    assert payload(stills / "view/data/index.js")["images"] == 8
    for scene in ("000003", "000005"):
        shutil.move(late / scene, stills / "scenes" / scene)
    after = times(view_of(stills))
    assert {name: after[name] for name in before} == before
    assert len(after) - len(before) == 2 * (2 + 2 + 1)
    grown = content(stills / "view")
    shutil.rmtree(stills / "view")
    assert content(view_of(stills)) == grown


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("frame_0001.rgb.png", {"thumbs"}),
        ("frame_0000.depth.exr", {"arrays"}),
        ("frame_0001.json", {"data"}),
        ("spec.json", {"thumbs", "arrays", "data"}),
    ],
)
def test_what_changed_is_made_again(stills: Path, file: str, parts: set[str]) -> None:
    before = times(view_of(stills))
    os.utime(stills / "scenes/000002" / file)
    after = times(view_of(stills))
    changed = {name for name in after if after[name] != before[name]}
    assert {name.split("/")[0] for name in changed} == parts
    assert all("000002" in name for name in changed)


def test_a_picture_of_another_size_is_noticed(stills: Path) -> None:
    view = view_of(stills)
    path = stills / "scenes/000001/frame_0000.rgb.png"
    status = path.stat()
    cv2.imwrite(str(path), np.full((72, 96, 3), 255, np.uint8))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    view_of(stills)
    assert column(view, "brightness")[1][2] == 1


def test_what_was_deleted_is_made_again(stills: Path) -> None:
    whole = content(view_of(stills))
    for name in ("thumbs/000001/0001.jpg", "arrays/000004/0000.js", "data/scenes/000000.js"):
        (stills / "view" / name).unlink()
    assert content(view_of(stills)) == whole


def test_scenes_that_are_gone_go(stills: Path) -> None:
    view_of(stills)
    shutil.rmtree(stills / "scenes/000001")
    there = content(view_of(stills))
    assert not [name for name in there if "000001" in name]
    shutil.rmtree(stills / "view")
    assert content(view_of(stills)) == there


def test_without_arrays_there_are_none(stills: Path) -> None:
    view_of(stills)
    there = content(view_of(stills, arrays=False))
    assert not [name for name in there if name.startswith("arrays")]
    assert payload(stills / "view/data/index.js")["arrays"] is False


@pytest.mark.parametrize("where", ["write_columns", "write_instances", "index_payload"])
def test_an_interrupted_run_leaves_no_index(
    stills: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(stills)
    whole = content(view)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"simgen.viewer.writer.{where}", stop)
    with pytest.raises(KeyboardInterrupt):
        view_of(stills)
    assert not (view / "data/index.js").exists()
    monkeypatch.undo()
    assert content(view_of(stills)) == whole


def test_a_run_goes_on_where_it_was_stopped(stills: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgen.viewer.writer.IMAGES_A_TASK", 2)
    make: Callable = scene_files.make_scene

    def stop(settings: scene_files.Settings, task: scene_files.Task) -> object:
        if task.scene == 3:
            raise KeyboardInterrupt
        return make(settings, task)

    monkeypatch.setattr(scene_files, "make_scene", stop)
    with pytest.raises(KeyboardInterrupt):
        view_of(stills)
    assert not (stills / "view/data/index.js").exists()
    monkeypatch.setattr(scene_files, "make_scene", make)
    before = times(stills / "view")
    assert len(before) == 3 * 5
    after = times(view_of(stills))
    assert {name: after[name] for name in before} == before
    assert len(after) == 6 * 5


# --- other places, other datasets ---------------------------------------------------------------


def test_a_view_elsewhere_holds_the_pictures(stills: Path, tmp_path: Path) -> None:
    out = view_of(stills, tmp_path / "elsewhere/view")
    index = payload(out / "data/index.js")
    shutil.rmtree(stills)
    pictures = [out / index["rgb"].format(scene=f"{s:06d}", frame=f"{f:04d}")
                for s in range(6) for f in range(2)]  # fmt: skip
    assert all(Image.open(path).size == (96, 72) for path in pictures)


def test_a_dataset_at_a_uri(stills: Path, tmp_path: Path) -> None:
    local = content(view_of(stills, tmp_path / "local"))
    dataset = simgen.open(f"file://{stills}")
    write_view(dataset, tmp_path / "far", Options(processes=1))
    assert content(tmp_path / "far") == local
    before = times(tmp_path / "far")
    write_view(dataset, tmp_path / "far", Options(processes=1))
    assert times(tmp_path / "far") == before


def test_in_object_storage_files_are_known_by_their_digests(stills: Path, tmp_path: Path) -> None:
    def mark(scene: int, **digests: str) -> None:
        names = [path.name for path in (stills / f"scenes/{scene:06d}").iterdir()]
        described = {name: {"bytes": 1, "sha256": digests.get(name, "same")} for name in names}
        path = stills / f"commits/{scene:06d}.json"
        path.write_text(json.dumps({"scene": scene, "files": described}))

    (stills / "commits").mkdir()
    for scene in (0, 2, 4):
        mark(scene)
    out, uri = tmp_path / "far", f"file://{stills}"
    write_view(simgen.open(uri), out, Options(processes=1))
    assert payload(out / "data/index.js")["images"] == 6
    before = times(out)
    os.utime(stills / "scenes/000002/frame_0000.json")  # times mean nothing there
    mark(4, **{"frame_0001.json": "another"})
    write_view(simgen.open(uri), out, Options(processes=1))
    changed = {name for name, time in times(out).items() if time != before[name]}
    assert changed == {"data/scenes/000004.js"}
    (stills / "commits/000002.json").write_text("[]")
    with pytest.raises(InputError, match=r"000002\.json: damaged"):
        write_view(simgen.open(uri), out, Options(processes=1))


def test_a_moved_dataset_keeps_its_view(stills: Path, tmp_path: Path) -> None:
    before = times(view_of(stills))
    moved = stills.rename(tmp_path / "moved")
    assert times(view_of(moved)) == before
    assert payload(moved / "view/data/index.js")["name"] == "moved"


def test_a_dataset_without_pictures_shows_another_label(stills: Path) -> None:
    manifest = json.loads((stills / "dataset.json").read_text())
    manifest["labels"] = ["depth", "camera"]
    (stills / "dataset.json").write_text(json.dumps(manifest))
    for path in stills.glob("scenes/*/frame_*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"objects": None}))
    view = view_of(stills)
    index = payload(view / "data/index.js")
    assert (index["image_label"], index["rgb"]) == ("depth", "images/{scene}/{frame}.png")
    assert Image.open(view / "images/000005/0001.png").size == (96, 72)
    assert Image.open(view / "thumbs/000005/0001.jpg").size == (96, 72)
    for name in ("objects", "brightness"):
        about, values = column(view, name)
        assert (about["missing"], np.isnan(values).all()) == (12, True)
    before = times(view)
    assert times(view_of(stills)) == before
    assert payload(view / "data/instances.js")["count"] == 0


def test_a_dataset_without_scenes_is_one_line(stills: Path) -> None:
    shutil.rmtree(stills / "scenes")
    with pytest.raises(InputError, match="no finished scenes yet"):
        view_of(stills)
    assert not (stills / "view").exists()


def test_complaints_are_at_their_images(stills: Path) -> None:
    complaint = {"rule": "r", "severity": "error", "message": "m", "fix": "f"}
    found = Findings({2: {1: [complaint, complaint]}}, [complaint])
    plain = view_of(stills)
    before = times(plain)
    view = view_of(stills, findings=found)
    assert {n for n, t in times(view).items() if t != before[n]} == {"data/scenes/000002.js"}
    assert column(view, "complaints")[1].tolist() == [0] * 5 + [2] + [0] * 6
    index = payload(view / "data/index.js")
    assert (index["complaints"], index["findings"]) == (True, [complaint])
    frames = payload(view / "data/scenes/000002.js")["frames"]
    assert [frame["complaints"] for frame in frames] == [[], [complaint] * 2]
    index = payload(view_of(stills) / "data/index.js")
    assert "complaints" not in [about["id"] for about in index["columns"]]


def test_statistics_are_those_that_were_given(stills: Path, tmp_path: Path) -> None:
    stats, victim = tmp_path / "stats", tmp_path / "victim"
    stats.mkdir()
    for name in ("stats.html", "stats.json"):
        (stats / name).write_text(name)
    victim.write_text("precious")
    view = view_of(stills)
    (view / "stats.html").symlink_to(victim)
    view_of(stills, stats=stats)
    assert payload(view / "data/index.js")["stats"] is True
    assert (view / "stats.html").read_text() == "stats.html"
    assert victim.read_text() == "precious"
    view_of(stills)
    assert payload(view / "data/index.js")["stats"] is False
    assert not list(view.glob("stats*"))


def test_what_a_killed_run_left_behind_goes(stills: Path) -> None:
    whole = content(view_of(stills))
    view = stills / "view"
    for name in (".index.html.77", "data/.index.js.77", "data/columns/.scene.js.7",
                 "data/scenes/.000001.js.7", "thumbs/000001/.0000.jpg.7",
                 "arrays/000001/.0001.js.7"):  # fmt: skip
        (view / name).write_bytes(b"half")
    for name in ("thumbs/000001/0001.jpg", "arrays/000001/0001.js"):
        (view / name).unlink()  # it had not got there
    (view / "mine.txt").write_text("")
    assert content(view_of(stills)) == whole | {"mine.txt": b""}


def test_a_full_disk_is_one_line(stills: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(source), None, str(target))

    monkeypatch.setattr("simgen.viewer.paths.os.replace", full)
    with pytest.raises(DiskError, match=r"0000\.jpg: cannot be written: No space left") as caught:
        view_of(stills)
    assert "\n" not in str(caught.value)


def test_instances_of_many_scenes_stand_in_order() -> None:
    instances = Instances()
    for first in (0, 3):
        rows = np.zeros(4, INSTANCE)
        rows["frame"], rows["class"] = [0, 0, 1, 2], [1, 2, 3, first]
        rows["distance"] = 0.5
        instances.add(first, rows)
    found = instances.columns()
    assert found["image"].tolist() == [0, 0, 1, 2, 3, 3, 4, 5]
    assert found["class"].tolist() == [1, 2, 3, 0, 1, 2, 3, 3]
    assert (found["distance"].dtype, set(found["distance"])) == (np.float32, {0.5})
