"""How much of an object is seen, and what hides the rest: other things or the frame's border.

The whole silhouette, which no render shows, comes from rays against the object's own mesh, cast
through the same pixel centres as the image's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from simgen.geometry import invert_rigid, pixel_rays, transform

_MAX_OUTSIDE_RAYS = 250_000
_NEAR = 1e-3


@dataclass(frozen=True)
class Visibility:
    """Pixel counts of one instance.

    visible: seen in the image. inside: the silhouette within the frame, were nothing before it.
    whole: the silhouette on a canvas of three frames' width and height, centred on the frame.
    """

    visible: int
    inside: int
    whole: float

    @property
    def visible_fraction(self) -> float:
        """Visible part of the whole object, 0..1."""
        return self.visible / self.whole if self.whole else 0.0

    @property
    def inside_fraction(self) -> float:
        """Part of the whole object that lies within the frame, 0..1: 1 minus truncation."""
        return self.inside / self.whole if self.whole else 0.0

    @property
    def unoccluded_fraction(self) -> float:
        """Visible part of what lies within the frame, 0..1: 1 minus occlusion."""
        return self.visible / self.inside if self.inside else 0.0


class Silhouette:
    """An object's mesh, ready for rays. vertices: `V x 3` metres; faces: `F x 3`."""

    def __init__(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        self._vertices = vertices
        self._scene = rtcore_scene.EmbreeScene()
        TriangleMesh(self._scene, vertices.astype(np.float32), faces.astype(np.int32))

    def visibility(
        self, object_to_camera: np.ndarray, k: np.ndarray, visible: np.ndarray
    ) -> Visibility:
        """Count the object's pixels. visible: `H x W` bool, the object's visible mask."""
        height, width = visible.shape
        canvas = _Box(-width, -height, 2 * width, 2 * height)
        frame = _Box(0, 0, width, height)
        box = self._box(object_to_camera, k, canvas)
        seen = int(np.count_nonzero(visible))
        inside, whole = seen, float(seen)
        within = box.clip(frame)
        if not within.empty:
            rows, columns = slice(within.top, within.bottom), slice(within.left, within.right)
            hit = self._covers(object_to_camera, k, *within.grid(1))
            # Rounding differs at silhouettes; a pixel that is seen belongs to the silhouette.
            extra = hit & ~visible[rows, columns].ravel()
            inside = seen + int(np.count_nonzero(extra))
            whole = float(inside)
        if box != within:
            whole += self._count_outside(object_to_camera, k, box, frame)
        return Visibility(seen, inside, whole)

    def _count_outside(
        self, object_to_camera: np.ndarray, k: np.ndarray, box: _Box, frame: _Box
    ) -> float:
        """Pixels of the silhouette beyond the frame: all of them, or a regular subset counted
        for all where they are very many."""
        stride = max(1, int(np.ceil(np.sqrt(box.area / _MAX_OUTSIDE_RAYS))))
        columns, rows = box.grid(stride)
        outside = ~frame.contains(columns, rows)
        hit = self._covers(object_to_camera, k, columns[outside], rows[outside])
        return float(np.count_nonzero(hit)) * stride**2

    def _covers(
        self, object_to_camera: np.ndarray, k: np.ndarray, columns: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Whether the rays through the centres of `n` pixels meet the object: `n` bool."""
        if not len(columns):
            return np.zeros(0, bool)
        camera_to_object = invert_rigid(object_to_camera)
        directions = pixel_rays(k, columns, rows) @ camera_to_object[:3, :3].T
        origins = np.broadcast_to(camera_to_object[:3, 3], directions.shape)
        answer = self._scene.run(
            origins.astype(np.float32), directions.astype(np.float32), query="OCCLUDED"
        )
        return np.asarray(answer) == 0

    def _box(self, object_to_camera: np.ndarray, k: np.ndarray, canvas: _Box) -> _Box:
        """Pixels that the object's projection can touch."""
        points = transform(object_to_camera, self._vertices)
        if points[:, 2].max() <= _NEAR:
            return _Box(0, 0, 0, 0)
        if points[:, 2].min() <= _NEAR:
            return canvas
        pixels = points @ k.T
        pixels = pixels[:, :2] / pixels[:, 2:]
        low, high = np.floor(pixels.min(axis=0)) - 1, np.ceil(pixels.max(axis=0)) + 1
        limits = (canvas.left, canvas.top), (canvas.right, canvas.bottom)
        low, high = np.clip(low, *limits), np.clip(high, *limits)
        return _Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


@dataclass(frozen=True)
class _Box:
    """Columns left..right-1 and rows top..bottom-1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    @property
    def empty(self) -> bool:
        return self.area == 0

    def clip(self, other: _Box) -> _Box:
        return _Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def contains(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        across = (columns >= self.left) & (columns < self.right)
        return across & (rows >= self.top) & (rows < self.bottom)

    def grid(self, stride: int) -> tuple[np.ndarray, np.ndarray]:
        """Columns and rows of every stride-th pixel, row by row."""
        rows, columns = np.mgrid[self.top : self.bottom : stride, self.left : self.right : stride]
        return columns.ravel(), rows.ravel()
