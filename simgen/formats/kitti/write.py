"""KITTI: 3D object detection, with LiDAR, depth and disparity.

https://www.cvlibs.net/datasets/kitti/eval_object.php, Geiger et al., CVPR 2012.

training/image_2/000000.png     images, numbered in the order of the export
training/image_3/000000.png     images of the right camera
training/label_2/000000.txt     objects
training/calib/000000.txt       projection matrices
training/velodyne/000000.bin    float32 x, y, z (scanner's axes, metres) and intensity (0..1)
training/depth_2/000000.png     uint16: 256 x metres, 0: none
training/disp_occ_0/000000.png  uint16: 256 x pixels, 0: none
training/disp_noc_0/000000.png  the same for points that both cameras see
ImageSets/train.txt             numbers of a split's images
names.txt                       number and name of each image
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TextIO

import numpy as np

from simgen.dataset.sample import Sample
from simgen.formats.items import Item, Picture
from simgen.formats.kitti.boxes import Tilted, label_lines
from simgen.formats.output.rasters import check_pinhole, opencv_k, png, quantized
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.labels.lidar import LidarScan
from simgen.labels.record import CameraRecord

PER_UNIT = 256.0
"""Encoded steps per metre of depth and per pixel of disparity."""

_VELODYNE = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0]], float)
"""From x forward, y left, z up to the camera's axes: in place of a scanner's, without one."""


def calibration(camera: CameraRecord, lidar_to_camera: np.ndarray | None = None) -> str:
    """Return the content of a calib file. lidar_to_camera: `4 x 4`; None without a scanner.

    Cameras 0 and 2 are the left camera, 1 and 3 the right one. The origin of pixel coordinates is
    the centre of the top left pixel.
    """
    k = opencv_k(camera)
    left = np.hstack([k, np.zeros((3, 1))])
    right = np.hstack([k, k @ [[-camera.stereo_baseline], [0], [0]]])
    matrices = {"P0": left, "P1": right, "P2": left, "P3": right, "R0_rect": np.eye(3)}
    scanner = _VELODYNE if lidar_to_camera is None else lidar_to_camera[:3]
    matrices |= {"Tr_velo_to_cam": scanner, "Tr_imu_to_velo": np.eye(3, 4)}
    return "".join(
        f"{name}: {' '.join(f'{value:.12e}' for value in matrix.ravel())}\n"
        for name, matrix in matrices.items()
    )


def velodyne(scan: LidarScan) -> bytes:
    """Return the content of a velodyne file: the pulses with a return."""
    scan = scan.returns
    return np.column_stack([scan.points, scan.intensity]).astype("<f4").tobytes()


def right_picture(item: Item) -> Picture:
    """Return the image of the right camera."""
    sample, label = item.frame, "rgb_right"
    return replace(item.picture, path=sample.path(label), change=sample.change_of(label))


def write_disparity(target: Target, sample: Sample, name: str, number: str) -> None:
    """Write disparities of all points to `disp_occ_0`, of points seen by both cameras to
    `disp_noc_0`."""
    values = quantized(sample.disparity, PER_UNIT)
    target.write(f"{name}/disp_occ_0/{number}.png", png(values))
    seen = np.where(sample.disparity_occlusion, 0, values).astype(np.uint16)
    target.write(f"{name}/disp_noc_0/{number}.png", png(seen))


class Numbers:
    """Numbers images in order, as KITTI names them, and lists the numbers and names of a split."""

    def __init__(self, names: TextIO, splits: dict[str, TextIO]) -> None:
        self.count = 0
        self._names, self._splits = names, splits

    def next(self, split: str, name: str) -> str:
        number = f"{self.count:06d}"
        self._splits[split].write(number + "\n")
        self._names.write(f"{number} {name}\n")
        self.count += 1
        return number


@contextmanager
def numbers_of(target: Target, plan: Plan) -> Iterator[Numbers]:
    """Open the lists of an export: `names.txt`, and a file per split in `ImageSets`."""
    with ExitStack() as stack:

        def opened(name: str) -> TextIO:
            return stack.enter_context(target.path(name).open("w", encoding="utf-8"))

        splits = {split: opened(f"ImageSets/{split}.txt") for split in plan.splits}
        yield Numbers(opened("names.txt"), splits)


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    stereo = {"disparity", "disparity_occlusion"} <= plan.labels
    tilted = Tilted()
    with numbers_of(target, plan) as numbers:

        def add(item: Item) -> None:
            check_pinhole(item, "kitti")
            number, sample = numbers.next(item.split, item.name), item.frame
            target.picture(f"training/image_2/{number}", item.picture)
            target.write(f"training/label_2/{number}.txt", label_lines(item, tilted))
            scan = sample.lidar if "lidar" in plan.labels else None
            pose = None if scan is None else scan.lidar_to_camera
            target.write(f"training/calib/{number}.txt", calibration(sample.camera, pose))
            if scan is not None:
                target.write(f"training/velodyne/{number}.bin", velodyne(scan))
            if "rgb_right" in plan.labels:
                target.picture(f"training/image_3/{number}", right_picture(item))
            if "depth" in plan.labels:
                depth = png(quantized(sample.depth, PER_UNIT))
                target.write(f"training/depth_2/{number}.png", depth)
            if stereo:
                write_disparity(target, sample, "training", number)

        yield add
    target.remarks.extend(tilted.remarks())


KITTI = Format(
    "kitti",
    "KITTI: 3D boxes, calibration, LiDAR, depth, disparity",
    frozenset({"rgb", "objects"}),
    _write,
)
