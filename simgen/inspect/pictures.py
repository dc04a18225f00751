"""Labels as pictures for people: from arrays and records to 8-bit RGB. Nothing to train on."""

from __future__ import annotations

import colorsys
import itertools
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from simgen.labels.boxes import EDGES, corners_of
from simgen.record import CameraRecord, ObjectRecord, Order
from simgen.store.reader import Sample

Colour = tuple[int, int, int]

_GOLDEN = 0.618034
"""Golden ratio: multiples of it, modulo 1, stay apart from each other."""
_SHIFT = 4
"""Binary digits behind the point in OpenCV's drawing."""
_FAR = 1e6
"""Pixels. Lines that end farther away are not drawn."""
_WHEEL = (
    (0, (255, 0, 0)),
    (15, (255, 255, 0)),
    (21, (0, 255, 0)),
    (25, (0, 255, 255)),
    (36, (0, 0, 255)),
    (49, (255, 0, 255)),
    (55, (255, 0, 0)),
)
"""Place of each hue around the wheel of flow colours, and its colour."""
_RED, _GREEN, _BLUE, _WHITE, _GREY = (
    (235, 60, 60),
    (70, 200, 90),
    (80, 130, 255),
    (255, 255, 255),
    (130, 130, 130),
)
_TRAIL = 8
"""Frames that the trail of a track goes back."""


def class_colour(class_id: int) -> Colour:
    """A colour of its own for each class; neighbours in number are far apart in hue."""
    red, green, blue = colorsys.hls_to_rgb((class_id * _GOLDEN) % 1.0, 0.55, 0.9)
    return (round(red * 255), round(green * 255), round(blue * 255))


def colour_ids(ids: np.ndarray) -> np.ndarray:
    """A colour for each id of `H x W`, hues by the golden ratio; 0 is black: `H x W x 3`."""
    found, places = np.unique(ids, return_inverse=True)
    table = [(0, 0, 0) if value == 0 else class_colour(int(value)) for value in found]
    return np.array(table, np.uint8)[places.reshape(ids.shape)]


def colour_depth(depth: np.ndarray) -> np.ndarray:
    """Near is bright, far is dark, nothing is black: `H x W x 3` uint8."""
    seen = np.isfinite(depth) & (depth > 0)
    # Inverse depth spreads the near things, which are what the picture is about.
    inverse = np.where(seen, 1 / np.where(seen, depth, 1.0).astype(np.float64), 0)
    return _heat(inverse, seen)


def colour_disparity(disparity: np.ndarray) -> np.ndarray:
    """Large is bright, small is dark, 0 (infinitely far) is black: `H x W x 3` uint8."""
    return _heat(disparity, np.isfinite(disparity) & (disparity != 0))


def colour_normals(normals: np.ndarray) -> np.ndarray:
    """Right is red, up is green, towards the camera is blue, as in normal maps; nothing is black.

    normals: `H x W x 3`, camera axes, zeros where nothing is.
    """
    seen = np.any(normals != 0, axis=-1, keepdims=True)
    return _bytes(np.where(seen, normals * np.array([1, -1, -1]) * 0.5 + 0.5, 0))


def colour_coordinates(coordinates: np.ndarray) -> np.ndarray:
    """x, y, z in 0..1 as red, green, blue: `H x W x 3`."""
    return _bytes(coordinates)


def colour_uv(uv: np.ndarray) -> np.ndarray:
    """u as red and v as green, starting again at every whole number; NaN is black."""
    seen = np.isfinite(uv).all(axis=-1, keepdims=True)
    part = np.where(seen, uv, 0) % 1.0
    return _bytes(np.where(seen, np.dstack([part, np.full(uv.shape[:2], 0.5)]), 0))


def colour_light(light: np.ndarray) -> np.ndarray:
    """Linear light as display values (IEC 61966-2-1), with its brightest hundredth white."""
    light = np.nan_to_num(np.maximum(light, 0.0).astype(np.float64), nan=0.0, posinf=0.0)
    top = float(np.quantile(light, 0.99))
    level = np.clip(light / (top if top > 0 else 1.0), 0, 1)
    return _bytes(np.where(level <= 0.0031308, 12.92 * level, 1.055 * level ** (1 / 2.4) - 0.055))


def colour_flow(flow: np.ndarray) -> np.ndarray:
    """Direction as hue, length as saturation, NaN is black: `H x W x 3` uint8.

    The colours of Baker et al., "A Database and Evaluation Methodology for Optical Flow" (IJCV
    2011): six hues whose shares of the circle follow how well the eye tells them apart, white for
    no motion, full colour for the longest.
    """
    seen = np.isfinite(flow).all(axis=-1)
    u, v = np.where(seen[..., None], flow, 0).astype(np.float64).transpose(2, 0, 1)
    length = np.hypot(u, v)
    length /= max(float(length.max(initial=0)), 1e-12)
    turn = (np.arctan2(-v, -u) / np.pi + 1) / 2 * _WHEEL[-1][0]
    places = [place for place, _ in _WHEEL]
    hue = np.stack([np.interp(turn, places, [c[i] for _, c in _WHEEL]) for i in range(3)], axis=-1)
    colour = 1 - length[..., None] * (1 - hue / 255)
    return _bytes(np.where(seen[..., None], colour, 0))


def colour_scene_flow(flow: np.ndarray) -> np.ndarray:
    """x, y, z as red, green, blue, full where faster than nineteen pixels in twenty; grey is no
    motion, black is NaN: `H x W x 3` uint8."""
    seen = np.isfinite(flow).all(axis=-1, keepdims=True)
    moved = np.where(seen, flow, 0).astype(np.float64)
    most = float(np.quantile(np.abs(moved).max(axis=-1), 0.95))
    return _bytes(np.where(seen, moved / max(most, 1e-12) * 0.5 + 0.5, 0))


def colour_mask(mask: np.ndarray) -> np.ndarray:
    """White where a mask (`H x W` bool) is true, black elsewhere."""
    return np.repeat(np.where(mask, 255, 0).astype(np.uint8)[..., None], 3, axis=-1)


def draw_outlines(image: np.ndarray, masks: Mapping[int, np.ndarray]) -> np.ndarray:
    """Masks (`H x W` bool, by instance id) as outlines and a tint on an image."""
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
    """The 3D box, the tight box, the turned box and the axes of each object that is visible.

    3D boxes in the object's colour, tight boxes in white, turned ones in grey; axes x, y, z in red,
    green and blue. Edges bend where the lens bends them.
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
    """Keypoints, filled when visible and rings when hidden, joined along their skeleton."""
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
    """An arrow from each object to those that it is in front of, between what is seen of them."""
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
    """Tracks with the way that they came: filled where visible in this frame, rings where hidden.

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


def _tracks(sample: Sample) -> np.ndarray:
    tracks = sample.tracks
    return draw_tracks(_canvas(sample), tracks.points, tracks.occluded, sample.frame)


def _canvas(sample: Sample) -> np.ndarray:
    """The image, paler, to draw on; grey paper where there is none."""
    if "rgb" not in sample.labels:
        return np.full((sample.camera.height, sample.camera.width, 3), 60, np.uint8)
    return (sample.rgb * 0.6).astype(np.uint8)


def _of[T](colour: Callable[[T], np.ndarray], label: str) -> Callable[[Sample], np.ndarray | None]:
    """The picture of a label that is an array; None where the frame has none."""

    def make(sample: Sample) -> np.ndarray | None:
        image = getattr(sample, label)
        return None if image is None else colour(image)

    return make


PICTURES: dict[str, Callable[[Sample], np.ndarray | None]] = {
    "rgb": lambda sample: sample.rgb,
    "rgb_right": lambda sample: sample.rgb_right,
    "depth": _of(colour_depth, "depth"),
    "ray_distance": _of(colour_depth, "ray_distance"),
    "normals": _of(colour_normals, "normals"),
    "object_coordinates": _of(colour_coordinates, "object_coordinates"),
    "uv": _of(colour_uv, "uv"),
    "albedo": _of(colour_light, "albedo"),
    "diffuse": _of(colour_light, "diffuse"),
    "specular": _of(colour_light, "specular"),
    "emission": _of(colour_light, "emission"),
    "instances": _of(colour_ids, "instances"),
    "semantic": _of(colour_ids, "semantic"),
    "panoptic": _of(colour_ids, "panoptic"),
    "parts": _of(colour_ids, "parts"),
    "transparent": _of(colour_mask, "transparent"),
    "flow_forward": _of(colour_flow, "flow_forward"),
    "flow_backward": _of(colour_flow, "flow_backward"),
    "occlusion_forward": _of(colour_mask, "occlusion_forward"),
    "occlusion_backward": _of(colour_mask, "occlusion_backward"),
    "scene_flow_forward": _of(colour_scene_flow, "scene_flow_forward"),
    "scene_flow_backward": _of(colour_scene_flow, "scene_flow_backward"),
    "disparity": _of(colour_disparity, "disparity"),
    "disparity_occlusion": _of(colour_mask, "disparity_occlusion"),
    "objects": lambda sample: draw_objects(_canvas(sample), sample.objects, sample.camera),
    "amodal_masks": lambda sample: draw_outlines(_canvas(sample), sample.amodal_masks),
    "occlusion_order": lambda sample: draw_order(
        _canvas(sample), sample.objects, sample.occlusion_order
    ),
    "keypoints": lambda sample: draw_keypoints(_canvas(sample), sample.objects),
    "tracks": _tracks,
}
"""A picture of each label of a frame, `H x W x 3` uint8, or None where the frame has no such label.
`camera` and `coco` show nothing that the others do not."""


def _heat(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    if not seen.any():
        return np.zeros((*values.shape, 3), np.uint8)
    values = values.astype(np.float64)
    low, high = np.quantile(values[seen], [0.02, 0.98])
    level = np.clip((np.where(seen, values, low) - low) / max(high - low, 1e-12), 0, 1)
    coloured = cv2.applyColorMap((level * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    coloured[~seen] = 0
    return cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB)


def _bytes(values: np.ndarray) -> np.ndarray:
    """0..1 as 0..255; NaN as 0."""
    return (np.clip(np.nan_to_num(values, nan=0.0), 0, 1) * 255 + 0.5).astype(np.uint8)


def _draw_box(image: np.ndarray, item: ObjectRecord, camera: CameraRecord) -> None:
    corners = corners_of(np.stack([item.box_min, item.box_max]))
    for start, end in EDGES:
        _edge(image, item, camera, corners[start], corners[end], class_colour(item.class_id))


def _draw_axes(image: np.ndarray, item: ObjectRecord, camera: CameraRecord) -> None:
    middle = (item.box_min + item.box_max) / 2
    for axis, colour in enumerate((_RED, _GREEN, _BLUE)):
        tip = middle.copy()
        tip[axis] = item.box_max[axis]
        _edge(image, item, camera, middle, tip, colour)


def _edge(
    image: np.ndarray,
    item: ObjectRecord,
    camera: CameraRecord,
    start: np.ndarray,
    end: np.ndarray,
    colour: Colour,
) -> None:
    """A straight line in an object's own axes, as the lens shows it."""
    along = np.linspace(0, 1, 12)[:, None]
    points = start + along * (end - start)
    pose = item.object_to_camera
    pixels = camera.project(points @ pose[:3, :3].T + pose[:3, 3])
    for one, other in itertools.pairwise(pixels):
        # A line that leaves an equirectangular image comes in again on the other side.
        if np.linalg.norm(other - one) < max(image.shape):
            _line(image, one, other, colour)


def _polygon(image: np.ndarray, corners: np.ndarray, colour: Colour) -> None:
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        _line(image, start, end, colour)


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
    """Thickness of lines, so that they can still be seen when a large picture is made small."""
    return max(1, round(image.shape[1] / 400))


def _drawable(point: np.ndarray) -> bool:
    return bool(np.isfinite(point).all() and np.abs(point).max() < _FAR)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    """A pixel's place as OpenCV's drawing takes it: it counts from the first pixel's centre."""
    x, y = (np.asarray(point, float) - 0.5) * 2**_SHIFT
    return (round(float(x)), round(float(y)))
