"""Defects of scans, and of point clouds."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from broken import Corpus, cut, edited

CORPUS = Corpus()
add = CORPUS.add

LIST = "pointclouds.json"


def a_scan(folder: Path) -> Path:
    return folder / "scenes/000000/frame_0001.lidar.npz"


@contextmanager
def scan(folder: Path) -> Iterator[dict[str, np.ndarray]]:
    """The arrays of a scan, to be changed."""
    with np.load(a_scan(folder)) as file:
        found = dict(file)
    yield found
    np.savez_compressed(a_scan(folder), **found)


@add("moving", "file/missing")
def scan_missing(folder: Path) -> None:
    a_scan(folder).unlink()


@add("moving", "dataset/lidar")
def scan_cut_short(folder: Path) -> None:
    cut(a_scan(folder))


@add("moving", "dataset/lidar")
def scan_without_ranges(folder: Path) -> None:
    with scan(folder) as found:
        del found["range"]


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('a pickle was read')",)


@add("moving", "dataset/lidar")
def scan_with_a_pickle_for_ranges(folder: Path) -> None:
    with scan(folder) as found:
        found["range"] = np.array([_Harmful()] * len(found["pulse"]), object)


@add("moving", "dataset/lidar")
def scan_that_claims_a_huge_array(folder: Path) -> None:
    header = b"{'descr': '<i4', 'fortran_order': False, 'shape': (9000000000,), }"
    header = header.ljust(117) + b"\n"
    with scan(folder) as found:
        del found["pulse"]
    with zipfile.ZipFile(a_scan(folder), "a") as file:
        content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        file.writestr("pulse.npy", content)


@add("moving", "dataset/lidar")
def scan_of_half_the_pulses(folder: Path) -> None:
    with scan(folder) as found:
        found["intensity"] = found["intensity"][::2]


@add("moving", "dataset/lidar")
def scan_out_of_order(folder: Path) -> None:
    with scan(folder) as found:
        found["pulse"] = found["pulse"][::-1]


@add("moving", "dataset/lidar")
def scan_beyond_its_grid(folder: Path) -> None:
    with scan(folder) as found:
        found["grid"] = np.array([2, 3], np.int32)


@add("moving", "dataset/lidar")
def scan_with_negative_ranges(folder: Path) -> None:
    with scan(folder) as found:
        found["range"] = -found["range"]


@add("moving", "dataset/lidar")
def scan_with_points_at_infinity(folder: Path) -> None:
    with scan(folder) as found:
        found["exact_points"][0] = np.inf


@add("moving", "dataset/lidar")
def scan_with_intensities_of_bytes(folder: Path) -> None:
    with scan(folder) as found:
        found["intensity"] *= 255


@add("moving", "dataset/lidar")
def scan_in_millimetres(folder: Path) -> None:
    with scan(folder) as found:
        found["exact_points"] *= 1000


@add("moving", "dataset/lidar")
def scan_in_camera_axes(folder: Path) -> None:
    with scan(folder) as found:
        found["lidar_to_camera"] = np.eye(4)


@add("moving", "dataset/lidar")
def scan_with_a_mirrored_pose(folder: Path) -> None:
    with scan(folder) as found:
        found["lidar_to_camera"][1] *= -1


@add("moving", "dataset/lidar")
def scan_of_another_class(folder: Path) -> None:
    with scan(folder) as found:
        found["class_id"][found["class_id"] > 0] = 9


@add("moving", "dataset/lidar")
def scan_of_an_unknown_object(folder: Path) -> None:
    with scan(folder) as found:
        found["instance_id"][:5] = 77


# ---- Exports


@add("kitti", "kitti/velodyne")
def velodyne_with_three_columns(folder: Path) -> None:
    points = np.ones((5, 3), "<f4")
    (folder / "training/velodyne/000001.bin").write_bytes(points.tobytes())


@add("kitti", "kitti/velodyne")
def velodyne_with_intensities_of_bytes(folder: Path) -> None:
    path = folder / "training/velodyne/000001.bin"
    points = np.fromfile(path, "<f4").reshape(-1, 4) * np.array([1, 1, 1, 255], "<f4")
    path.write_bytes(points.tobytes())


@add("kitti", "kitti/velodyne")
def velodyne_with_missing_returns(folder: Path) -> None:
    path = folder / "training/velodyne/000001.bin"
    points = np.fromfile(path, "<f4").reshape(-1, 4)
    points[3, :3] = np.nan
    path.write_bytes(points.tobytes())


@contextmanager
def listed(folder: Path) -> Iterator[Any]:
    with edited(folder / LIST) as plain:
        yield plain


def a_cloud(folder: Path) -> Path:
    return min((*folder.glob("*/*.ply"), *folder.glob("*/*.pcd")))


@add("pointcloud", "pointcloud/list")
def clouds_without_a_list(folder: Path) -> None:
    with listed(folder) as plain:
        plain["files"] = []


@add("pointcloud", "pointcloud/list")
def clouds_elsewhere(folder: Path) -> None:
    with listed(folder) as plain:
        plain["files"][0]["file"] = "../other.ply"


@add("pointcloud", "pointcloud/list")
def clouds_with_a_scaled_pose(folder: Path) -> None:
    with listed(folder) as plain:
        plain["files"][0]["sensor_to_world"][0][0] = 7


@add("pointcloud", "pointcloud/list", "pointcloud/labels")
def clouds_of_unnamed_classes(folder: Path) -> None:
    with listed(folder) as plain:
        plain["classes"] = None


@add("pointcloud", "pointcloud/labels")
def clouds_of_fewer_classes(folder: Path) -> None:
    with listed(folder) as plain:
        plain["classes"] = []


@add("pointcloud", "file/missing")
def cloud_missing(folder: Path) -> None:
    a_cloud(folder).unlink()


@add("pointcloud", "pointcloud/file")
def cloud_cut_short(folder: Path) -> None:
    cut(a_cloud(folder))


@add("pointcloud-pcd", "pointcloud/file")
def cloud_of_pcd_cut_short(folder: Path) -> None:
    cut(a_cloud(folder))


@add("pointcloud-pcd", "pointcloud/file")
def cloud_of_another_number(folder: Path) -> None:
    with listed(folder) as plain:
        plain["files"][0]["points"] += 1


@add("pointcloud", "pointcloud/file")
def cloud_in_text(folder: Path) -> None:
    content = "ply\nformat ascii 1.0\nelement vertex 0\nproperty float x\nend_header\n"
    a_cloud(folder).write_text(content)


@add("pointcloud-pcd", "pointcloud/file")
def cloud_of_an_unknown_type(folder: Path) -> None:
    path = a_cloud(folder)
    path.write_bytes(path.read_bytes().replace(b"TYPE F", b"TYPE Q", 1))


@add("pointcloud-depth", "pointcloud/file")
def cloud_without_z(folder: Path) -> None:
    path = a_cloud(folder)
    path.write_bytes(path.read_bytes().replace(b"property float z", b"property float q", 1))


def changed(folder: Path, suffix: str, column: int, value: float) -> None:
    """Overwrite a float of the first point of a scan's file, which has eight fields."""
    path = min(folder.glob(f"*/*.{suffix}"))
    content = bytearray(path.read_bytes())
    last = b"end_header\n" if suffix == "ply" else b"DATA binary\n"
    start = content.index(last) + len(last) + 4 * column
    content[start : start + 4] = np.float32(value).tobytes()
    path.write_bytes(content)


@add("pointcloud", "pointcloud/points")
def cloud_with_a_missing_return(folder: Path) -> None:
    changed(folder, "ply", 1, np.nan)


@add("pointcloud-pcd", "pointcloud/points")
def cloud_with_intensities_of_bytes(folder: Path) -> None:
    changed(folder, "pcd", 3, 200)
