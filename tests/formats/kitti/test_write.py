"""KITTI exports, read by OpenCV, and by the formulas of KITTI's development kit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.formats.export import Options, export
from simgen.formats.kitti.boxes import upright
from simgen.formats.kitti.flow import flow_png
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import SimgenSource
from simgen.geometry.transforms import rotation_about
from simgen.labels.record import ObjectRecord
from tests.cast import SMALL, cast_dataset


@pytest.fixture(scope="session")
def kitti(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kitti") / "out"
    export(["kitti", "kitti-flow"], [SimgenSource(simgen.open(cast_folder))], out)
    return out


def image(path: Path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None, path
    return found


def calibration(path: Path) -> dict[str, np.ndarray]:
    lines = [line.split() for line in path.read_text().splitlines()]
    shapes = {9: (3, 3), 12: (3, 4)}
    return {
        words[0].removesuffix(":"): np.reshape(np.array(words[1:], float), shapes[len(words) - 1])
        for words in lines
    }


def labels(path: Path) -> list[tuple[str, np.ndarray]]:
    found = [line.split() for line in path.read_text().splitlines()]
    assert all(len(words) == 15 for words in found)
    return [(words[0], np.array(words[1:], float)) for words in found]


def corners(numbers: np.ndarray) -> np.ndarray:
    """`8 x 3`, camera axes: of a label's box, as the development kit computes them."""
    height, width, length, *middle, yaw = numbers[7:14]
    x = np.array([1, 1, -1, -1, 1, 1, -1, -1]) * length / 2
    y = np.array([0, 0, 0, 0, -1, -1, -1, -1]) * height
    z = np.array([1, -1, -1, 1, 1, -1, -1, 1]) * width / 2
    turn = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    return np.stack([x, y, z], axis=1) @ np.array(turn).T + middle


def of_numbers(folder: Path, data: Path) -> dict[str, Sample]:
    samples = {f"{s.scene:06d}_{s.frame:04d}": s for s in simgen.open(data)}
    lines = [line.split() for line in (folder / "names.txt").read_text().splitlines()]
    return {number: samples[name] for number, name in lines}


def test_boxes_and_projection(kitti: Path, cast_folder: Path) -> None:
    folder = kitti / "kitti/training"
    for number, sample in of_numbers(kitti / "kitti", cast_folder).items():
        p2 = calibration(folder / f"calib/{number}.txt")["P2"]
        entries = labels(folder / f"label_2/{number}.txt")
        seen = [item for item in sample.objects if item.bbox is not None]
        assert [name for name, _ in entries] == [item.class_name for item in seen]
        for (_, numbers), item in zip(entries, seen, strict=True):
            rows, columns = np.nonzero(sample.instances == item.instance_id)
            assert numbers[3:7].tolist() == [
                columns.min(), rows.min(), columns.max(), rows.max()
            ]  # fmt: skip
            assert numbers[0] == pytest.approx(item.truncation, abs=1e-4)
            assert 0 <= numbers[0] <= 1
            assert numbers[1] == (item.occlusion > 0.1) + (item.occlusion > 0.5)
            # Every pixel of the object is where its box is drawn with the calibration.
            pixels = np.column_stack([corners(numbers), np.ones(8)]) @ p2.T
            hull = cv2.convexHull((pixels[:, :2] / pixels[:, 2:]).astype(np.float32))
            for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
                assert cv2.pointPolygonTest(hull, (float(column), float(row)), True) > -1e-2
            x, _, z = numbers[10:13]
            alpha = numbers[13] - np.arctan2(x, z)
            assert np.cos(alpha) == pytest.approx(np.cos(numbers[2]), abs=1e-3)
            assert np.sin(alpha) == pytest.approx(np.sin(numbers[2]), abs=1e-3)
            assert -np.pi <= numbers[2] <= np.pi


def record(item: ObjectRecord, turn: np.ndarray, place: list[float]) -> ObjectRecord:
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, place
    return replace(item, object_to_camera=pose)


UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From an object's axes, z up, to those of a camera that looks level: at yaw 0 along its x."""


@given(st.floats(-3.1, 3.1), st.floats(-3, 3), st.floats(1, 9))
def test_an_upright_object_keeps_its_box(
    some_object: ObjectRecord, yaw: float, x: float, z: float
) -> None:
    about_y = rotation_about([0, yaw, 0])
    item = record(some_object, about_y @ UPRIGHT, [x, 0.4, z])
    found = upright(item)
    np.testing.assert_allclose(found.size, item.size, atol=1e-9)
    assert found.yaw == pytest.approx(yaw, abs=1e-9)
    low = item.centre + [0, item.size[2] / 2, 0]
    np.testing.assert_allclose(found.bottom, low, atol=1e-9)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_a_tilted_objects_box_stands_about_it(some_object: ObjectRecord, turn: list[float]) -> None:
    item = record(some_object, rotation_about(turn), [0.1, -0.2, 2.0])
    found = upright(item)
    low, high = item.box_min, item.box_max
    own = np.array([[(low, high)[i >> axis & 1][axis] for axis in range(3)] for i in range(8)])
    there = own @ item.rotation.T + item.object_to_camera[:3, 3]
    about_y = rotation_about([0, found.yaw, 0])
    local = (there - found.bottom) @ about_y
    length, width, height = found.size
    limits = np.array([[-length / 2, -height, -width / 2], [length / 2, 0, width / 2]])
    np.testing.assert_allclose(local.min(axis=0), limits[0], atol=1e-9)
    np.testing.assert_allclose(local.max(axis=0), limits[1], atol=1e-9)


@pytest.fixture(scope="session")
def some_object(cast_folder: Path) -> ObjectRecord:
    return simgen.open(cast_folder)[0].objects[0]


def test_what_a_box_loses_is_said(cast_folder: Path, tmp_path: Path) -> None:
    (done,) = export(["kitti"], [SimgenSource(simgen.open(cast_folder))], tmp_path / "out")
    (remark,) = done.remarks
    seen = [o for sample in simgen.open(cast_folder) for o in sample.objects if o.bbox is not None]
    up = np.array([item.rotation @ [0, 0, 1] for item in seen])
    tilted = (up @ [0, -1, 0] < np.cos(np.radians(5))).sum()
    assert remark.startswith(f"{tilted} of {len(seen)} objects are tilted")


def test_depth_and_disparity(kitti: Path, cast_folder: Path) -> None:
    folder = kitti / "kitti/training"
    for number, sample in of_numbers(kitti / "kitti", cast_folder).items():
        depth = image(folder / f"depth_2/{number}.png")
        assert depth.dtype == np.uint16
        there = np.isfinite(sample.depth)
        assert ((depth > 0) == there).all()
        np.testing.assert_allclose(depth[there] / 256, sample.depth[there], atol=0.5 / 256 + 1e-6)
        found = image(folder / f"disp_occ_0/{number}.png") / 256
        assert np.abs(found - sample.disparity).max() <= 0.5 / 256 + 1e-6
        both = image(folder / f"disp_noc_0/{number}.png") / 256
        assert (both == np.where(sample.disparity_occlusion, 0, found)).all()
        # Disparity, depth and calibration agree: d = f B / z with the P3 that was written.
        camera = calibration(folder / f"calib/{number}.txt")
        base = camera["P2"][0, 3] - camera["P3"][0, 3]
        np.testing.assert_allclose(found[there], base / sample.depth[there], atol=0.003)
        right = cv2.cvtColor(image(folder / f"image_3/{number}.png"), cv2.COLOR_BGR2RGB)
        assert (right == sample.rgb_right).all()
        x, y, z = camera["Tr_velo_to_cam"] @ [10, 2, 1, 1]
        assert (x, y, z) == (-2, -1, 10)


def test_points_are_where_the_camera_sees_them(kitti: Path, cast_folder: Path) -> None:
    """Velodyne files, read as KITTI's development kit does and projected by the calibration: away
    from edges they fall on pixels of their depth, less the noise."""
    folder = kitti / "kitti/training"
    compared = 0
    for number, sample in of_numbers(kitti / "kitti", cast_folder).items():
        points = np.fromfile(folder / f"velodyne/{number}.bin", "<f4").reshape(-1, 4)
        assert len(points) == int(sample.lidar.returned.sum())
        np.testing.assert_array_equal(points[:, :3], sample.lidar.returns.points)
        assert points[:, 3].min() >= 0
        assert points[:, 3].max() <= 1
        camera = calibration(folder / f"calib/{number}.txt")
        whole = np.column_stack([points[:, :3], np.ones(len(points))]).T
        seen = camera["R0_rect"] @ camera["Tr_velo_to_cam"] @ whole
        u, v, depth = camera["P2"] @ np.vstack([seen, np.ones(len(points))])
        front = depth > 0.1
        columns, rows = np.rint(u[front] / depth[front]), np.rint(v[front] / depth[front])
        there = (columns >= 0) & (columns < 96) & (rows >= 0) & (rows < 72)
        columns, rows = columns[there].astype(int), rows[there].astype(int)
        shown, found = sample.depth[rows, columns], depth[front][there]
        near = np.abs(shown - found) < 0.1 + 0.02 * found
        assert near.mean() > 0.9
        compared += len(found)
    assert compared > 100


def test_flow_is_read_by_opencv(kitti: Path, cast_folder: Path) -> None:
    folder = kitti / "kitti-flow/training"
    numbers = of_numbers(kitti / "kitti-flow", cast_folder)
    assert len(numbers) == 4
    samples = {(s.scene, s.frame): s for s in simgen.open(cast_folder)}
    for number, sample in numbers.items():
        assert sample.flow_forward is not None
        assert sample.occlusion_forward is not None
        for name, hidden in (("occ", False), ("noc", True)):
            coded = image(folder / f"flow_{name}/{number}_10.png")
            assert coded.dtype == np.uint16
            assert coded.shape == (*sample.depth.shape, 3)
            valid, v, u = np.moveaxis(coded.astype(float), -1, 0)
            flow = np.dstack([u - 2**15, v - 2**15]) / 64
            good = np.isfinite(sample.flow_forward).all(axis=-1)
            if hidden:
                good &= ~sample.occlusion_forward
            assert (valid == good).all()
            assert np.abs(flow - sample.flow_forward)[good].max() <= 1 / 128 + 1e-6
        for suffix, frame in (("10", sample), ("11", samples[sample.scene, sample.frame + 1])):
            pixels = cv2.cvtColor(image(folder / f"image_2/{number}_{suffix}.png"), 4)
            assert (pixels == frame.rgb).all()
        found = image(folder / f"disp_occ_0/{number}_10.png") / 256
        assert np.abs(found - sample.disparity).max() <= 0.5 / 256 + 1e-6


@given(st.floats(-600, 600), st.floats(-600, 600), st.booleans())
def test_flow_that_16_bits_cannot_hold_is_invalid(u: float, v: float, valid: bool) -> None:
    coded = cv2.imdecode(
        np.frombuffer(flow_png(np.array([[[u, v]]]), np.array([[valid]])), np.uint8), -1
    )[0, 0]
    fits = all(-512 <= value <= 511.98 for value in (u, v))
    beyond = any(not -512.01 <= value <= 511.995 for value in (u, v))
    if not valid or beyond:
        assert coded.tolist() == [0, 0, 0]
    elif fits:
        assert coded[0] == 1
        np.testing.assert_allclose((coded[2:0:-1].astype(float) - 2**15) / 64, [u, v], atol=1 / 128)
    nothing = flow_png(np.full((1, 1, 2), np.nan), np.array([[True]]))
    assert not cv2.imdecode(np.frombuffer(nothing, np.uint8), -1).any()


def test_splits_sizes_and_ignored_objects(cast_folder: Path, tmp_path: Path) -> None:
    options = Options(
        selection=Selection(min_pixels=150, hardly_seen="crowd", rename={"ball": "tennis ball"}),
        size=Size.read("48"),
    )
    export(["kitti"], [SimgenSource(simgen.open(cast_folder))], tmp_path / "out", options)
    folder = tmp_path / "out"
    listed = {
        path.stem: path.read_text().split() for path in sorted((folder / "ImageSets").iterdir())
    }
    data = simgen.open(cast_folder)
    numbers = of_numbers(folder, cast_folder)
    assert set(listed) == set(data.splits)
    assert sorted(n for members in listed.values() for n in members) == sorted(numbers)
    kinds = set()
    for split, members in listed.items():
        for number in members:
            assert numbers[number].split == split
            assert image(folder / f"training/image_2/{number}.png").shape == (36, 48, 3)
            assert image(folder / f"training/depth_2/{number}.png").shape == (36, 48)
            k = calibration(folder / f"training/calib/{number}.txt")["P2"][:, :3]
            half = numbers[number].camera.K * [[0.5], [0.5], [1]]
            np.testing.assert_allclose(k, half - [[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
            entries = labels(folder / f"training/label_2/{number}.txt")
            kinds |= {name for name, _ in entries}
            for name, values in entries:
                if name == "DontCare":
                    assert values[[0, 1, 2, 7, 8, 9, 13]].tolist() == [-1, -1, -10, -1, -1, -1, -10]
    assert "DontCare" in kinds
    assert kinds <= {"DontCare", "tennis_ball", "box", "mug"}


@pytest.mark.exhaustive
def test_other_lenses_are_refused(tmp_path: Path) -> None:
    data = cast_dataset(
        tmp_path / "data", *SMALL, "num_scenes=1", "camera.model=kannala_brandt",
        "camera.distortion=[0.01,0,0,0]",
    )  # fmt: skip
    with pytest.raises(
        InputError, match=r"the format 'kitti' cannot store camera\.model=kannala_brandt"
    ):
        export(["kitti"], [SimgenSource(simgen.open(data))], tmp_path / "out")
    assert not (tmp_path / "out").exists()
