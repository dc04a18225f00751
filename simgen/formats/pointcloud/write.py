"""The scans of a dataset: a file for each frame, in the scanner's axes.

train/000000_0000.ply  or .pcd: the pulses with a return; the folder is the split
pointclouds.json       classes; for each file its split, scene, frame, time and poses

Fields: x, y, z (float, metres, measured; x forward, y left, z up), intensity (float, 0..1),
exact_range (float, metres), instance (uint, 0: none), label (ushort, class id from 1, 0: none,
65535: ignore), ring (ushort, 0 is the highest beam).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from simgen.formats.items import Item
from simgen.formats.output.dense import exported_classes, kept_instances
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan
from simgen.formats.pointcloud.files import LIST, pcd, ply
from simgen.formats.registry import Format
from simgen.labels import IGNORE
from simgen.labels.lidar import LidarScan

_FIELDS = (
    ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4"), ("exact_range", "<f4"),
    ("instance", "<u4"), ("label", "<u2"), ("ring", "<u2"),
)  # fmt: skip


def scan_points(scan: LidarScan, item: Item, plan: Plan) -> np.ndarray:
    """Return the pulses with a return, structured. Ids are those of the export."""
    scan = scan.returns
    points = np.zeros(len(scan.range), list(_FIELDS))
    for axis, name in enumerate("xyz"):
        points[name] = scan.points[:, axis]
    points["intensity"], points["exact_range"] = scan.intensity, scan.exact_range
    points["instance"], points["label"] = exported_ids(scan.instance_id, scan.class_id, item, plan)
    points["ring"] = scan.beam
    return points


def exported_ids(
    instances: np.ndarray, classes: np.ndarray, item: Item, plan: Plan
) -> tuple[np.ndarray, np.ndarray]:
    """Return instance and class ids of points as the export has them; 0 for omitted objects."""
    kept = kept_instances(instances, item)
    labels = exported_classes(classes, item, plan)
    labels[(kept == 0) & (instances > 0)] = 0
    labels[classes == IGNORE] = IGNORE
    return kept, labels


class Listing:
    """The content of `pointclouds.json`."""

    def __init__(self, plan: Plan, axes: str) -> None:
        self._plan = plan
        self._axes = axes
        self._files: list[dict[str, Any]] = []

    def add(self, item: Item, name: str, count: int, sensor_to_camera: np.ndarray) -> None:
        """Add a file. count: its points."""
        camera = item.frame.camera
        self._files.append(
            {
                "file": name,
                "split": item.split,
                "scene": item.frame.scene,
                "frame": item.frame.frame,
                "time": camera.time,
                "points": count,
                "sensor_to_camera": sensor_to_camera.tolist(),
                "sensor_to_world": (camera.pose @ sensor_to_camera).tolist(),
            }
        )

    def content(self) -> str:
        plain = {"axes": self._axes, "classes": list(self._plan.classes), "files": self._files}
        return json.dumps(plain, indent=1, allow_nan=False) + "\n"


@contextmanager
def write_clouds(
    target: Target,
    plan: Plan,
    *,
    axes: str,
    suffix: str,
    encode: Callable[[np.ndarray], bytes],
    cloud: Callable[[Item, Plan], tuple[np.ndarray, np.ndarray]],
) -> Iterator[Callable[[Item], None]]:
    """Write a file per item, and the list of all. cloud: returns the points of an item and the
    pose of the sensor in the camera's axes, `4 x 4`."""
    listing = Listing(plan, axes)

    def add(item: Item) -> None:
        points, sensor_to_camera = cloud(item, plan)
        name = f"{item.split}/{item.name}.{suffix}"
        target.write(name, encode(points))
        listing.add(item, name, len(points), sensor_to_camera)

    yield add
    target.write(LIST, listing.content())


def _scan(item: Item, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    scan = item.frame.lidar
    return scan_points(scan, item, plan), scan.lidar_to_camera


_write = partial(write_clouds, axes="x forward, y left, z up", cloud=_scan)
PLY = Format(
    "pointcloud",
    "scans of a LiDAR as PLY",
    frozenset({"lidar"}),
    partial(_write, suffix="ply", encode=ply),
)
PCD = Format(
    "pointcloud-pcd",
    "scans of a LiDAR as PCD",
    frozenset({"lidar"}),
    partial(_write, suffix="pcd", encode=pcd),
)
