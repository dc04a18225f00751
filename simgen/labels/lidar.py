"""The scan of a LiDAR: points with range, intensity and ids."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from simgen.geometry import scans
from simgen.geometry.transforms import invert_rigid, pose_matrix
from simgen.labels.drawing.points import draw_points
from simgen.labels.first_hits import first_hits
from simgen.labels.inputs import FrameInputs
from simgen.labels.label import FrameArrays, Label
from simgen.labels.maps import class_table
from simgen.labels.record import FrameRecord
from simgen.labels.returns import measure, reflected
from simgen.labels.world import World
from simgen.spec.rng import stream

_FROM_SCANNER = np.array(
    [[0.0, -1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
)
"""From x forward, y left, z up to a camera's axes."""
_STEEPEST = 1e-6
"""Length of a heading's horizontal part below which a camera looks straight up or down."""


@dataclass(frozen=True)
class LidarScan:
    """The `N` pulses of a frame that meet a surface, in the scanner's axes: x forward, y left, z
    up, metres.

    exact_points: `N x 3` float32, where the pulses meet the surface.
    range: `N` float32, measured; NaN for pulses without a return.
    intensity: `N` float32, 0..1; 0 without a return.
    instance_id: `N` uint16 or uint32, as in `instances`. class_id: `N` uint16, as in `semantic`.
    pulse: `N` int32, increasing: row x columns + column in the scan's grid.
    grid: `2` int32, rows and columns of all pulses; row 0 is the highest, column 0 the leftmost.
    lidar_to_camera: `4 x 4` float64, from the scanner's axes to the camera's.
    """

    exact_points: np.ndarray
    range: np.ndarray
    intensity: np.ndarray
    instance_id: np.ndarray
    class_id: np.ndarray
    pulse: np.ndarray
    grid: np.ndarray
    lidar_to_camera: np.ndarray

    @property
    def exact_range(self) -> np.ndarray:
        """`N` float32: exact ranges, metres."""
        return np.linalg.norm(self.exact_points, axis=1)

    @property
    def returned(self) -> np.ndarray:
        """`N` bool: whether a pulse was detected."""
        return np.isfinite(self.range)

    @property
    def points(self) -> np.ndarray:
        """`N x 3` float32: measured points; NaN without a return."""
        return self.exact_points * (self.range / self.exact_range)[:, None]

    @property
    def beam(self) -> np.ndarray:
        """`N` int32: the pulses' rows, from 0 for the highest."""
        return self.pulse // self.grid[1]

    @property
    def returns(self) -> LidarScan:
        """Return the scan without the pulses that were not detected."""
        chosen, shared = self.returned, ("grid", "lidar_to_camera")
        names = [item.name for item in fields(self) if item.name not in shared]
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def image(self, values: np.ndarray) -> np.ndarray:
        """Return values of the pulses, `N`, as an image of the scan's rows and columns, float32;
        NaN for pulses that meet nothing."""
        out = np.full(int(self.grid.prod()), np.nan, np.float32)
        out[self.pulse] = values
        return out.reshape(self.grid)

    def in_camera(self, points: np.ndarray) -> np.ndarray:
        """Return points of the scanner's axes, `n x 3`, in the camera's, float64."""
        return points @ self.lidar_to_camera[:3, :3].T + self.lidar_to_camera[:3, 3]


def scanner_pose(world: World, frame: int) -> np.ndarray:
    """Return the scanner's pose in a frame, `4 x 4`, from its axes to the world's."""
    lidar = world.spec.lidar
    assert lidar is not None
    own = pose_matrix(lidar.position, lidar.rotation)
    if lidar.mount == "world":
        return own
    base = world.camera(frame) @ _FROM_SCANNER
    return (base if lidar.mount == "camera" else _upright(base)) @ own


def _upright(pose: np.ndarray) -> np.ndarray:
    """Return a pose at the same point with z vertical, and x as near to the pose's as that allows.

    For a pose that looks straight up or down, x follows its z.
    """
    x = pose[:3, 0]
    if np.hypot(x[0], x[1]) < _STEEPEST:
        x = -np.sign(x[2]) * pose[:3, 2]
    forward = np.array([x[0], x[1], 0.0]) / np.hypot(x[0], x[1])
    level = pose.copy()
    level[:3, 0] = forward
    level[:3, 1] = [-forward[1], forward[0], 0.0]
    level[:3, 2] = [0.0, 0.0, 1.0]
    return level


def _to_camera(world: World, frame: int) -> np.ndarray:
    """Return the scanner's pose in the camera's axes, exact for a scanner that is fixed to it."""
    lidar = world.spec.lidar
    assert lidar is not None
    if lidar.mount == "camera":
        return _FROM_SCANNER @ pose_matrix(lidar.position, lidar.rotation)
    return invert_rigid(world.camera(frame)) @ scanner_pose(world, frame)


def scan(inputs: FrameInputs) -> dict[str, np.ndarray]:
    """Return the scan of a frame, by the fields of `LidarScan`."""
    view = inputs.view
    world, spec = view.world, view.world.spec
    assert spec.lidar is not None
    pose = scanner_pose(world, view.frame)
    rays = scans.directions(spec.lidar, view.frame)
    hits = first_hits(world, view.frame, pose[:3, 3], rays @ pose[:3, :3].T)
    rng = stream(spec.seed, spec.index, "lidar", view.frame)
    bright, fog = reflected(world, hits), spec.weather.extinction
    found = measure(spec.lidar, bright, hits.distance, fog, rng)
    met = np.flatnonzero(hits.code > 0)
    ids = np.maximum(hits.code[met] - world.stage_count, 0)
    return {
        "exact_points": (rays[met] * hits.distance[met, None]).astype(np.float32),
        "range": found.range[met],
        "intensity": found.intensity[met],
        "instance_id": ids.astype(view.instances.dtype),
        "class_id": class_table(world)[hits.code[met]],
        "pulse": met.astype(np.int32),
        "grid": np.array(scans.grid(spec.lidar), np.int32),
        "lidar_to_camera": _to_camera(world, view.frame),
    }


def _draw(image: np.ndarray, found: LidarScan, record: FrameRecord) -> np.ndarray:
    """Draw the returns onto an image."""
    seen = found.returns
    pixels = record.camera.project(seen.in_camera(seen.points))
    return draw_points(image, pixels, seen.range)


LIDAR = Label[LidarScan](
    "lidar",
    "scan of a LiDAR: ranges in metres, points, intensity, ids",
    FrameArrays("lidar.npz", scan, lambda arrays: LidarScan(**arrays)),
    in_all=False,
    overlay=_draw,
    unit="m",
    note="near: red, far: blue",
    doc="The scan of the LiDAR: points with range, intensity and ids.",
)
