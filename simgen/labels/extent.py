"""Conservative rectangles of the pixels that an object's image may cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.geometry.lens import STRAIGHT, Lens
from simgen.geometry.transforms import box_of, transform
from simgen.labels.boxes import EDGES, corners_of

_NEAR = 1e-3
"""Minimum distance in metres from a pinhole for a reliable projection."""
_SLACK = 0.01
"""Pixels of rounding."""
_MARGIN = 0.01
"""Relative distance within which a box that passes a direction counts as meeting it."""
_SAMPLES = 33
"""Samples per edge, which a lens may bend."""
_SINGULAR = {
    "brown_conrady": np.array([[0.0, 0.0, -1.0]]),
    "kannala_brandt": np.array([[0.0, 0.0, -1.0]]),
    "equirectangular": np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]]),
}
"""Directions in camera axes at which a lens model is discontinuous."""


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of pixels: columns left..right-1 and rows top..bottom-1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def within(self, other: Rectangle) -> Rectangle:
        """Return the intersection of two rectangles, which may be empty."""
        return Rectangle(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def around(self, other: Rectangle) -> Rectangle:
        """Return the smallest rectangle around two others, ignoring empty ones."""
        if not self.area or not other.area:
            return self if self.area else other
        return Rectangle(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


EMPTY = Rectangle(0, 0, 0, 0)


def frame_of(lens: Lens) -> Rectangle:
    return Rectangle(0, 0, lens.width, lens.height)


def canvas_of(lens: Lens) -> Rectangle:
    """Return the canvas: three frames wide and high, with the frame at its centre.

    An equirectangular frame shows all directions and is its own canvas.
    """
    width, height = lens.width, lens.height
    if lens.model == "equirectangular":
        return frame_of(lens)
    return Rectangle(-width, -height, 2 * width, 2 * height)


def extents(
    lens: Lens, shapes: Sequence[np.ndarray], to_camera: Sequence[np.ndarray]
) -> list[Rectangle]:
    """Return, for each object, a rectangle of the canvas with all pixels whose rays may hit it.

    shapes: vertices of each object, `V x 3`, in its own axes. to_camera: `4 x 4` rigid, from the
    object's axes.
    """
    pairs = list(zip(shapes, to_camera, strict=True))
    if lens.model in STRAIGHT:
        return [_of_vertices(lens, vertices, pose) for vertices, pose in pairs]
    boxes = [box_of(vertices) for vertices in shapes]
    edges = [transform(pose, _edges(box)) for box, pose in zip(boxes, to_camera, strict=True)]
    if not edges:
        return []
    images = lens.project(np.array(edges)).reshape(len(edges), len(EDGES), _SAMPLES, 2)
    return [
        _of_edges(lens, image, _surrounds(lens, box, pose))
        for image, box, pose in zip(images, boxes, to_camera, strict=True)
    ]


def _of_vertices(lens: Lens, vertices: np.ndarray, to_camera: np.ndarray) -> Rectangle:
    """Bound an object by its vertices, for lenses that keep lines straight."""
    # numpy processes rows of x, y and z several times faster than points.
    points = to_camera[:3, :3] @ vertices.T + to_camera[:3, 3:]
    if points[2].max() <= 0:
        return EMPTY
    if lens.is_parallel:
        pixels = lens.matrix[:2] @ np.stack([*points[:2], np.ones_like(points[2])])
    elif points[2].min() <= _NEAR:
        return canvas_of(lens)
    else:
        pixels = lens.matrix[:2] @ (points / points[2])
    return _rectangle(lens, pixels.min(axis=1), pixels.max(axis=1))


def _of_edges(lens: Lens, pixels: np.ndarray, surrounds: bool) -> Rectangle:
    """Bound an object by the projected edges of its box (`12 x n x 2`), for continuous lenses that
    bend lines; these enclose the object unless its box contains points without an image."""
    if surrounds or np.isnan(pixels).any():
        return canvas_of(lens)
    low, high = pixels.min(axis=(0, 1)), pixels.max(axis=(0, 1))
    # Between samples, a curve deviates from its chord by an eighth of the second difference.
    bend = np.abs(np.diff(pixels, n=2, axis=1)).max(axis=(0, 1))
    if lens.model == "equirectangular":
        steps = np.abs(np.diff(pixels[..., 0], axis=1))
        if steps.max() > lens.width / 2:  # the edge continues at the opposite border
            low[0], high[0], bend[0] = 0.0, lens.width, 0.0
    return _rectangle(lens, low - bend, high + bend)


def _edges(box: np.ndarray) -> np.ndarray:
    """Return sampled points on the edges of a box, `12 n x 3`."""
    corners, steps = corners_of(box), np.linspace(0, 1, _SAMPLES)[:, None]
    return np.concatenate([corners[a] + steps * (corners[b] - corners[a]) for a, b in EDGES])


def _surrounds(lens: Lens, box: np.ndarray, to_camera: np.ndarray) -> bool:
    """Return whether a box contains the camera or meets a singular direction of its lens."""
    rotation = to_camera[:3, :3]
    eye = -to_camera[:3, 3] @ rotation
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = (box[:, None] - eye) / (_SINGULAR[lens.model] @ rotation)
        first, last = ends.min(axis=0), ends.max(axis=0)
        enters, leaves = np.nanmax(first, axis=1), np.nanmin(last, axis=1)
        meets = (leaves >= 0) & (leaves >= enters - _MARGIN * np.abs(enters))
    return bool(meets.any())


def _rectangle(lens: Lens, low: np.ndarray, high: np.ndarray) -> Rectangle:
    """Return the pixels of the canvas whose centres lie between two image positions."""
    canvas = canvas_of(lens)
    limits = (canvas.left, canvas.top), (canvas.right, canvas.bottom)
    first = np.clip(np.ceil(low - 0.5 - _SLACK), *limits)
    last = np.clip(np.floor(high - 0.5 + _SLACK) + 1, *limits)
    return Rectangle(int(first[0]), int(first[1]), int(last[0]), int(last[1]))
