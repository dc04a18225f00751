"""Point clouds of depth, exact or measured: the point that each pixel shows, in the camera's axes.

train/000000_0000.ply  a point for each pixel that shows a surface; the folder is the split
pointclouds.json       as for scans

Fields: x, y, z (float, metres; x right, y down, z forward), and where the dataset has the labels
red, green, blue (uchar), instance (uint) and label (ushort).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.formats.plan import Plan
from simgen.formats.pointcloud.files import ply
from simgen.formats.pointcloud.write import exported_ids, write_clouds
from simgen.formats.registry import Format
from simgen.labels.sensor_depth import MILLIMETRES

_ALL_AROUND = ("kannala_brandt", "equirectangular")
"""Lens models that see where depth is 0 or negative, which does not say how far away things are."""


def depth_points(item: Item, plan: Plan) -> np.ndarray:
    """Return the points of an image, structured, row by row.

    Raises `InputError` for a lens that needs the label `ray_distance`.
    """
    sample, camera = item.frame, item.frame.camera
    rays = camera.rays()
    if "ray_distance" in plan.labels:
        distance = sample.ray_distance
    elif camera.lens.model in _ALL_AROUND:
        raise InputError(
            f"{item.name}: depth of a {camera.lens.model} lens does not locate points; generate "
            "the dataset with the label ray_distance"
        )
    else:
        distance = sample.depth / rays[..., 2]
    return _coloured(item, plan, distance)


def sensor_points(item: Item, plan: Plan) -> np.ndarray:
    """Return the points that a depth camera measures, structured, row by row."""
    measured = item.frame.sensor_depth / MILLIMETRES
    measured[measured == 0] = np.inf
    return _coloured(item, plan, measured / item.frame.camera.rays()[..., 2])


def _coloured(item: Item, plan: Plan, distance: np.ndarray) -> np.ndarray:
    """Return points with colours and ids. distance: `H x W`, metres, infinite for none."""
    sample, camera = item.frame, item.frame.camera
    rays, there = camera.rays(), np.isfinite(distance)
    found = (rays * np.where(there, distance, 0)[..., None] + camera.ray_origins())[there]
    fields: dict[str, np.ndarray] = {
        name: found[:, axis].astype("<f4") for axis, name in enumerate("xyz")
    }
    if "rgb" in plan.labels:
        colours = item.picture.pixels()[there]
        fields |= {name: colours[:, i] for i, name in enumerate(("red", "green", "blue"))}
    if {"instances", "semantic"} <= plan.labels:
        ids = exported_ids(sample.instances[there], sample.semantic[there], item, plan)
        fields |= {"instance": ids[0].astype("<u4"), "label": ids[1].astype("<u2")}
    points = np.empty(len(found), [(name, values.dtype) for name, values in fields.items()])
    for name, values in fields.items():
        points[name] = values
    return points


def _cloud(item: Item, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    return depth_points(item, plan), np.eye(4)


def _sensor_cloud(item: Item, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    return sensor_points(item, plan), np.eye(4)


_write = partial(write_clouds, axes="x right, y down, z forward", suffix="ply", encode=ply)
DEPTH = Format(
    "pointcloud-depth",
    "the points that the pixels of depth show as PLY",
    frozenset({"depth"}),
    partial(_write, cloud=_cloud),
)
SENSOR = Format(
    "pointcloud-sensor",
    "the points that a depth camera measures as PLY",
    frozenset({"sensor_depth"}),
    partial(_write, cloud=_sensor_cloud),
)
