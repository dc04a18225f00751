"""Draw numeric labels onto images (`H x W x 3` uint8). Each function returns a new image and does
not modify its input."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from simgen.labels.drawing.colours import Colour, class_colour
from simgen.labels.drawing.edges import box_edges, lines_seen
from simgen.labels.record import CameraRecord, ObjectRecord, Order

_SHIFT = 4
"""Fractional bits of coordinates in OpenCV's drawing functions."""
_FAR = 1e6
"""Pixels; lines with an end farther away are not drawn."""
_RED, _GREEN, _BLUE, _WHITE, _GREY = (
    (235, 60, 60),
    (70, 200, 90),
    (80, 130, 255),
    (255, 255, 255),
    (130, 130, 130),
)
_TRAIL = 8
"""Length of a track's trail in frames."""


def draw_outlines(image: np.ndarray, masks: Mapping[int, np.ndarray]) -> np.ndarray:
    """Draw masks (`H x W` bool, by instance id) as outlines with a tint."""
    out = image.copy()
    for instance, mask in masks.items():
        colour = np.array(class_colour(instance))
        out[mask] = (0.7 * out[mask] + 0.3 * colour).astype(np.uint8)
    for instance, mask in masks.items():
        contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(out, contours, -1, class_colour(instance), _pen(out), cv2.LINE_AA)
    return out


def draw_objects(
    image: np.ndarray, objects: Sequence[ObjectRecord], camera: CameraRecord
) -> np.ndarray:
    """Draw the 3D box, box, oriented box and axes of each visible object.

    3D boxes have the class's colour, boxes are white, oriented boxes grey; axes x, y, z are red,
    green and blue. Edges are curved as by the lens.
    """
    out = image.copy()
    for item in objects:
        if item.bbox is None:
            continue
        x, y, width, height = item.bbox
        square = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
        _polygon(out, square, _WHITE)
        if item.oriented_box is not None:
            _polygon(out, item.oriented_box, _GREY)
        _draw_box(out, item, camera)
        _draw_axes(out, item, camera)
    return out


def draw_keypoints(image: np.ndarray, objects: Sequence[ObjectRecord]) -> np.ndarray:
    """Draw keypoints, as discs if visible and rings if hidden, joined along their skeleton."""
    out = image.copy()
    for item in objects:
        colour, points = class_colour(item.instance_id), item.keypoints or ()
        for start, end in item.skeleton or ():
            if points[start].visibility and points[end].visibility:
                _line(out, points[start].pixel, points[end].pixel, colour)
        for point in points:
            if point.visibility:
                _dot(out, point.pixel, 2.5, colour, filled=point.visibility == 2)
    return out


def draw_order(
    image: np.ndarray, objects: Sequence[ObjectRecord], order: Sequence[Order]
) -> np.ndarray:
    """Draw an arrow from each object to each one behind it, between their visible boxes."""
    out = image.copy()
    middle = {
        item.instance_id: np.array(item.bbox[:2]) + np.array(item.bbox[2:]) / 2
        for item in objects
        if item.bbox is not None
    }
    for pair in order:
        if pair.front in middle and pair.back in middle:
            _arrow(out, middle[pair.front], middle[pair.back], class_colour(pair.front))
    return out


def draw_tracks(
    image: np.ndarray, points: np.ndarray, occluded: np.ndarray, frame: int
) -> np.ndarray:
    """Draw tracks with their recent paths: discs if visible in this frame, rings if hidden.

    points: `n x T x 2` pixels. occluded: `n x T` bool.
    """
    out = image.copy()
    for number, (path, hidden) in enumerate(zip(points, occluded, strict=True)):
        colour = class_colour(number + 1)
        start = max(0, frame - _TRAIL)
        for moment in range(start, frame):
            _line(out, path[moment], path[moment + 1], colour)
        _dot(out, path[frame], 1.5, colour, filled=not hidden[frame])
    return out


def _draw_box(image: np.ndarray, item: ObjectRecord, camera: CameraRecord) -> None:
    size, pose = (camera.width, camera.height), item.object_to_camera
    for line in box_edges(camera.project, size, pose, item.box_min, item.box_max):
        _path(image, line, class_colour(item.class_id))


def _draw_axes(image: np.ndarray, item: ObjectRecord, camera: CameraRecord) -> None:
    middle = (item.box_min + item.box_max) / 2
    size, pose = (camera.width, camera.height), item.object_to_camera
    for axis, colour in enumerate((_RED, _GREEN, _BLUE)):
        tip = middle.copy()
        tip[axis] = item.box_max[axis]
        for line in lines_seen(camera.project, size, pose, middle[None], tip[None]):
            _path(image, line, colour)


def _path(image: np.ndarray, points: np.ndarray, colour: Colour) -> None:
    for start, end in itertools.pairwise(points):
        _line(image, start, end, colour)


def _polygon(image: np.ndarray, corners: np.ndarray, colour: Colour) -> None:
    _path(image, np.concatenate([corners, corners[:1]]), colour)


def _line(image: np.ndarray, start: np.ndarray, end: np.ndarray, colour: Colour) -> None:
    if _drawable(start) and _drawable(end):
        cv2.line(image, _fixed(start), _fixed(end), colour, _pen(image), cv2.LINE_AA, _SHIFT)


def _arrow(image: np.ndarray, start: np.ndarray, end: np.ndarray, colour: Colour) -> None:
    if _drawable(start) and _drawable(end):
        cv2.arrowedLine(
            image, _fixed(start), _fixed(end), colour, _pen(image), cv2.LINE_AA, _SHIFT, 0.15
        )


def _dot(image: np.ndarray, at: np.ndarray, radius: float, colour: Colour, *, filled: bool) -> None:
    if _drawable(at):
        thickness = -1 if filled else _pen(image)
        size = round(radius * _pen(image) * 2**_SHIFT)
        cv2.circle(image, _fixed(at), size, colour, thickness, cv2.LINE_AA, _SHIFT)


def _pen(image: np.ndarray) -> int:
    """Return a line thickness that stays visible when a large picture is scaled down."""
    return max(1, round(image.shape[1] / 400))


def _drawable(point: np.ndarray) -> bool:
    return bool(np.isfinite(point).all() and np.abs(point).max() < _FAR)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    """Convert a pixel to OpenCV's fixed-point coordinates, relative to the first pixel's centre."""
    x, y = (np.asarray(point, float) - 0.5) * 2**_SHIFT
    return (round(float(x)), round(float(y)))
