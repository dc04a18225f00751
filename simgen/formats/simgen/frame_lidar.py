"""Rules for a frame's scan."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np

from simgen.dataset import remote
from simgen.formats.findings import At, Finding
from simgen.formats.reading.json_file import size_finding
from simgen.formats.reading.npz_file import DAMAGED, headers_of, read_array
from simgen.formats.simgen.frame import Broken, Frame
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels import IGNORE
from simgen.labels.lidar import LidarScan
from simgen.labels.record import ObjectRecord

_LARGEST = 512_000_000
_PER_PULSE = {
    "exact_points": ((3,), ("float32",)),
    "range": ((), ("float32",)),
    "intensity": ((), ("float32",)),
    "instance_id": ((), ("uint16", "uint32")),
    "class_id": ((), ("uint16",)),
    "pulse": ((), ("int32",)),
}
"""Shape behind the first axis, and dtypes, of arrays with an entry for each pulse."""
_SHARED = {"grid": ((2,), ("int32",)), "lidar_to_camera": ((4, 4), ("float64",))}
_RULE = "dataset/lidar"


def lidar(frame: Frame, classes: int) -> Iterator[Finding]:
    """Check the label `lidar`. classes: their number."""
    if "lidar" not in frame.sample.labels:
        return
    name = frame.file("lidar")
    at = At(name)
    scan = _read(frame, name)
    if isinstance(scan, Finding):
        yield scan
        return
    for found, expected in _values(scan, classes):
        yield at(_RULE, found, expected)
        return
    yield from frame.of_objects(lambda _, item: _in_box(scan, item))
    known = {item.instance_id for item in frame.objects}
    strange = sorted(set(np.unique(scan.instance_id).tolist()) - known - {0})
    if frame.record.objects is not None and strange:
        yield at(_RULE, f"points of instance {strange[0]}", "ids of objects of the frame")


def _read(frame: Frame, name: str) -> LidarScan | Finding:
    path, at = frame.sample.path("lidar"), At(name)
    missing = size_finding(path, name, _LARGEST)
    if missing:
        return missing
    try:
        with zipfile.ZipFile(io.BytesIO(remote.read_bytes(path))) as file:
            headers = headers_of(file)
            wanted = {**_PER_PULSE, **_SHARED}
            if set(headers) != set(wanted):
                return at(_RULE, f"arrays {', '.join(sorted(headers))}", ", ".join(sorted(wanted)))
            count = headers["pulse"].shape[0] if headers["pulse"].shape else 0
            for key, header in headers.items():
                shape, dtypes = wanted[key]
                whole = (count, *shape) if key in _PER_PULSE else shape
                if header.shape != whole or str(header.dtype) not in dtypes:
                    found = f"{key} of shape {header.shape}, {header.dtype}"
                    return at(_RULE, found, f"{whole}, {' or '.join(dtypes)}")
            return LidarScan(**{key: read_array(file, key, headers[key]) for key in headers})
    except DAMAGED as problem:
        return at(_RULE, f"{type(problem).__name__}: {problem}", "arrays without pickled objects")


def _values(scan: LidarScan, classes: int) -> Iterator[tuple[str, str]]:
    """Yield what was found and expected, for arrays of the right shapes."""
    pulses = int(scan.grid.astype(np.int64).prod()) if (scan.grid > 0).all() else 0
    if not pulses or (np.diff(scan.pulse, prepend=-1) <= 0).any() or (scan.pulse >= pulses).any():
        yield f"pulses out of order or beyond a grid of {scan.grid.tolist()}", "increasing pulses"
    pose = scan.lidar_to_camera
    turn = pose[:3, :3]
    if not (
        np.isfinite(pose).all()
        and np.abs(turn @ turn.T - np.eye(3)).max() < 1e-6
        and np.linalg.det(turn) > 0
        and (pose[3] == [0, 0, 0, 1]).all()
    ):
        yield "lidar_to_camera that is not rigid", "a rotation and a translation"
    if not np.isfinite(scan.exact_points).all() or (scan.exact_range <= 0).any():
        yield "points that are not finite, or at the scanner", "points of surfaces"
    measured = scan.range[np.isfinite(scan.range)]
    if (measured <= 0).any() or np.isinf(scan.range).any():
        yield "measured ranges that are infinite or at most 0", "above 0, or NaN"
    dark = scan.intensity[~scan.returned]
    if not ((scan.intensity >= 0) & (scan.intensity <= 1)).all() or dark.any():
        yield "intensities outside 0..1, or without a return", "0..1, 0 without a return"
    if ((scan.class_id > classes) & (scan.class_id != IGNORE)).any():
        yield f"class {scan.class_id.max()}", f"up to {classes}, or {IGNORE}"


def _in_box(scan: LidarScan, item: ObjectRecord) -> Iterator[Broken]:
    here = scan.instance_id == item.instance_id
    points = scan.in_camera(scan.exact_points[here].astype(np.float64))
    local = transform(invert_rigid(item.object_to_camera), points)
    slack = 2e-3 * np.linalg.norm(item.size) + 2e-4 * scan.exact_range[here, None]
    outside = (np.maximum(item.box_min - local, local - item.box_max) > slack).any(axis=1)
    if outside.any():
        yield _RULE, f"{int(outside.sum())} of {len(points)} points outside its box", "inside"
    if (scan.class_id[here] != item.class_id).any():
        yield _RULE, "points of another class", f"class {item.class_id}"
