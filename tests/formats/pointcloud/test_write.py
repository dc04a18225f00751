"""Exports of point clouds, read by trimesh and by the text of the formats' descriptions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import trimesh
from cast import SMALL, cast_dataset
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.export import Options, export
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.pointcloud.files import pcd, ply, read_points
from simgen.formats.sources import SimgenSource

NAMES = ["pointcloud", "pointcloud-pcd", "pointcloud-depth", "pointcloud-sensor"]


@pytest.fixture(scope="session")
def clouds(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pointcloud") / "out"
    export(NAMES, [SimgenSource(simgen.open(cast_folder))], out)
    return out


def listed(folder: Path, data: Path) -> Iterator[tuple[dict, Sample]]:
    samples = {(s.scene, s.frame): s for s in simgen.open(data)}
    entries = json.loads((folder / "pointclouds.json").read_text())["files"]
    assert len(entries) == len(samples)
    for entry in entries:
        yield entry, samples[entry["scene"], entry["frame"]]


def pcd_fields(path: Path) -> dict[str, np.ndarray]:
    """As the Point Cloud Library describes the file, point by point."""
    head, body = path.read_bytes().split(b"DATA binary\n", 1)
    lines = dict(line.split(" ", 1) for line in head.decode().splitlines() if line[0] != "#")
    names, sizes = lines["FIELDS"].split(), list(map(int, lines["SIZE"].split()))
    assert (lines["VERSION"], lines["HEIGHT"]) == ("0.7", "1")
    assert lines["WIDTH"] == lines["POINTS"]
    assert len(body) == int(lines["POINTS"]) * sum(sizes)
    ends = np.cumsum(sizes)
    rows = np.frombuffer(body, np.uint8).reshape(-1, sum(sizes))
    kinds = {"F": "<f", "U": "<u", "I": "<i"}
    return {
        name: np.ascontiguousarray(rows[:, end - size : end]).view(f"{kinds[kind]}{size}")[:, 0]
        for name, size, kind, end in zip(names, sizes, lines["TYPE"].split(), ends, strict=True)
    }


def test_scans_come_back(clouds: Path, cast_folder: Path) -> None:
    for entry, sample in listed(clouds / "pointcloud", cast_folder):
        scan, path = sample.lidar.returns, clouds / "pointcloud" / entry["file"]
        read = trimesh.load(path)
        assert isinstance(read, trimesh.PointCloud)
        np.testing.assert_array_equal(read.vertices, scan.points)
        assert entry["points"] == len(scan.range)
        assert entry["file"].split("/")[0] == entry["split"] == sample.split
        other = pcd_fields(clouds / "pointcloud-pcd" / entry["file"].replace(".ply", ".pcd"))
        named = read_points(path.read_bytes())
        assert list(other) == list(named.dtype.names or ())
        for name, values in other.items():
            np.testing.assert_array_equal(values, named[name])
        np.testing.assert_array_equal(other["intensity"], scan.intensity)
        np.testing.assert_array_equal(other["instance"], scan.instance_id)
        np.testing.assert_array_equal(other["label"], scan.class_id)
        np.testing.assert_array_equal(other["ring"], scan.beam)
        np.testing.assert_allclose(other["exact_range"], scan.exact_range)


def test_poses_put_the_points_of_all_frames_into_one_world(clouds: Path, cast_folder: Path) -> None:
    """Points of an object that rests lie in its box there, in every frame."""
    inside = 0
    for entry, sample in listed(clouds / "pointcloud", cast_folder):
        points = read_points((clouds / "pointcloud" / entry["file"]).read_bytes())
        pose = np.array(entry["sensor_to_world"])
        own = np.stack([points[axis] for axis in "xyz"], axis=1) @ pose[:3, :3].T + pose[:3, 3]
        for item in sample.objects:
            local = own[points["instance"] == item.instance_id] - item.pose[:3, 3]
            local = local @ item.pose[:3, :3]
            # Five standard deviations of the measured range.
            assert (local >= item.box_min - 0.1).all()
            assert (local <= item.box_max + 0.1).all()
            inside += len(local)
    assert inside > 50


def test_depth_becomes_points(clouds: Path, cast_folder: Path) -> None:
    for entry, sample in listed(clouds / "pointcloud-depth", cast_folder):
        points = read_points((clouds / "pointcloud-depth" / entry["file"]).read_bytes())
        there = np.isfinite(sample.depth)
        np.testing.assert_allclose(points["z"], sample.depth[there], rtol=1e-5)
        xyz = np.stack([points[axis] for axis in "xyz"], axis=1).astype(float)
        pixels = sample.camera.project(xyz)
        rows, columns = np.nonzero(there)
        np.testing.assert_allclose(pixels, np.stack([columns, rows], 1) + 0.5, atol=1e-3)
        colours = np.stack([points[name] for name in ("red", "green", "blue")], axis=1)
        np.testing.assert_array_equal(colours, sample.rgb[there])
        np.testing.assert_array_equal(points["instance"], sample.instances[there])
        np.testing.assert_array_equal(points["label"], sample.semantic[there])
        assert entry["sensor_to_camera"] == np.eye(4).tolist()


def test_measured_depth_becomes_points(clouds: Path, cast_folder: Path) -> None:
    for entry, sample in listed(clouds / "pointcloud-sensor", cast_folder):
        points = read_points((clouds / "pointcloud-sensor" / entry["file"]).read_bytes())
        there = sample.sensor_depth > 0
        assert there.any()
        np.testing.assert_allclose(points["z"] * 1000, sample.sensor_depth[there], rtol=1e-5)
        np.testing.assert_array_equal(points["instance"], sample.instances[there])


def test_classes_are_left_out_and_sizes_changed(cast_folder: Path, tmp_path: Path) -> None:
    """Points stay, their ids become 0; a scan does not depend on the size of the image."""
    classes = simgen.open(cast_folder).classes
    options = Options(size=Size(48, 36), selection=Selection(drop=(classes[0],)))
    export(NAMES, [SimgenSource(simgen.open(cast_folder))], tmp_path / "out", options)
    for entry, sample in listed(tmp_path / "out/pointcloud", cast_folder):
        points = read_points((tmp_path / "out/pointcloud" / entry["file"]).read_bytes())
        scan = sample.lidar.returns
        np.testing.assert_array_equal(points["x"], scan.points[:, 0])
        kept = scan.class_id > 1
        np.testing.assert_array_equal(points["label"][kept], scan.class_id[kept] - 1)
        np.testing.assert_array_equal(points["instance"][kept], scan.instance_id[kept])
        assert not points["label"][~kept].any()
        assert not points["instance"][~kept].any()
    for entry, _ in listed(tmp_path / "out/pointcloud-depth", cast_folder):
        assert entry["points"] <= 48 * 36


def test_depth_of_a_panorama_needs_ray_distance(tmp_path: Path) -> None:
    words = (*SMALL, "num_scenes=1", "seed=1", "camera.model=equirectangular")
    plain = cast_dataset(tmp_path / "plain", *words, "labels=[depth]")
    with pytest.raises(InputError, match="equirectangular lens does not locate points"):
        export(["pointcloud-depth"], [SimgenSource(simgen.open(plain))], tmp_path / "out")
    far = cast_dataset(tmp_path / "far", *words, "labels=[depth,ray_distance]")
    export(["pointcloud-depth"], [SimgenSource(simgen.open(far))], tmp_path / "out")
    (entry, sample), *_ = listed(tmp_path / "out", far)
    points = read_points((tmp_path / "out" / entry["file"]).read_bytes())
    away = np.sqrt(sum(points[axis].astype(float) ** 2 for axis in "xyz"))
    there = np.isfinite(sample.ray_distance)
    np.testing.assert_allclose(away, sample.ray_distance[there], rtol=1e-5)
    assert list(points.dtype.names or ()) == ["x", "y", "z"]


FIELDS = st.lists(
    st.tuples(
        st.text("abcxyz_", min_size=1, max_size=4),
        st.sampled_from(["<f4", "<f8", "u1", "i1", "<u2", "<i2", "<u4", "<i4"]),
    ),
    min_size=1, max_size=6, unique_by=lambda field: field[0],
)  # fmt: skip


@given(st.data())
def test_any_points_come_back(data: st.DataObject) -> None:
    kind = np.dtype(data.draw(FIELDS))
    points = data.draw(arrays.arrays(kind, st.integers(0, 5)))
    for encode in (ply, pcd):
        found = read_points(encode(points, ("made by a test",)))
        assert found.dtype == kind
        assert found.tobytes() == points.tobytes()


@given(st.binary(max_size=300), st.sampled_from([b"", b"ply\n", b"VERSION 0.7\n", b"# .PCD\n"]))
def test_other_content_is_refused(content: bytes, start: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_points(start + content)


@given(st.data())
def test_damaged_files_are_refused_or_read(data: st.DataObject) -> None:
    points = np.zeros(3, [("x", "<f4"), ("n", "<u2")])
    content = bytearray(data.draw(st.sampled_from([ply(points), pcd(points)])))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        assert len(read_points(bytes(content)).dtype) > 0
