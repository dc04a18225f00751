"""FrameRecord: the numeric labels of a frame, as stored in its JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import cattrs
import numpy as np
import orjson
from cattrs.gen import make_dict_unstructure_fn, override

from simgen.geometry.lens import Lens

SUFFIX = "json"
"""Suffix of the name of a record's file."""


@dataclass(frozen=True)
class CameraRecord:
    """The camera of a frame.

    K: `3 x 3` intrinsics in pixels, pixel centres at +0.5. For lenses without focal length the
    diagonal is another scale: pixels per radian of an equirectangular image, pixels per metre of an
    orthographic one.
    cam_to_world: `4 x 4`, OpenCV axes (x right, y down, z forward), metres.
    stereo_baseline: metres to the right camera of a stereo pair; 0 without one.
    time: seconds since frame 0; 0 for views of one moment.
    rig: which camera of a rig it is; None for a single camera.
    """

    width: int
    height: int
    K: np.ndarray
    cam_to_world: np.ndarray
    lens: LensRecord
    stereo_baseline: float = 0.0
    time: float = 0.0
    rig: RigRecord | None = None

    @property
    def pose(self) -> np.ndarray:
        """`4 x 4`, camera to world: `cam_to_world`."""
        return self.cam_to_world

    @property
    def distortion(self) -> np.ndarray:
        """Lens coefficients in OpenCV's order, for `cv2.projectPoints` and
        `cv2.fisheye.projectPoints`; empty for a lens without coefficients."""
        return np.array(self.lens.coefficients)

    @property
    def optics(self) -> Lens:
        """The lens, which projects points to pixels and maps pixels to rays."""
        k = self.K
        return Lens(
            self.lens.model, self.width, self.height,
            float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2]),
            self.lens.coefficients,
        )  # fmt: skip

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project points in camera axes, `... x 3`, to pixels, `... x 2`; NaN without an image."""
        return self.optics.project(points)

    def rays(self) -> np.ndarray:
        """Return the unit directions through all pixel centres in camera axes, `H x W x 3`.

        `ray_origins() + rays() * ray_distance[..., None]` are the points that the pixels show.
        """
        return self.optics.pixel_rays()

    def ray_origins(self) -> np.ndarray:
        """Return the origins of these rays in camera axes, metres: `3`, zeros, or for an
        orthographic camera `H x W x 3`."""
        return self.optics.pixel_origins()

    def sight_lines(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the origins of the rays to points (`... x 3`, camera axes), as in `ray_origins`,
        and the vectors from there to the points, `... x 3`."""
        return self.optics.sight_lines(points)


@dataclass(frozen=True)
class LensRecord:
    """The lens of a camera."""

    model: str
    """`pinhole`, `brown_conrady`, `kannala_brandt`, `equirectangular` or `orthographic`."""
    focal_length_mm: float
    sensor_width_mm: float
    coefficients: tuple[float, ...] = ()
    """Coefficients of the model, in OpenCV's order."""
    f_stop: float = 0.0
    """0 for a lens without depth of field. Labels are always sharp."""
    focus_distance: float = 0.0
    """Metres along the optical axis."""


@dataclass(frozen=True)
class RigRecord:
    """A frame's camera within its rig.

    name, camera: of the camera, and its number from 0. moment, moments: number of the rig's pose
    in the scene, and the number of these; frames of the same moment are taken at once. cam_to_rig,
    rig_to_world: `4 x 4` rigid, metres.
    """

    name: str
    camera: int
    moment: int
    moments: int
    cam_to_rig: np.ndarray
    rig_to_world: np.ndarray

    @property
    def place(self) -> tuple[int, int]:
        """Number of the frame among those of its camera, and the number of these."""
        return self.moment, self.moments


@dataclass(frozen=True)
class Keypoint:
    """A named point of an object.

    position: `3`, camera axes, metres. pixel: `2`, NaN without an image.
    visibility: 0 outside the image (COCO: not labelled), 1 in the image but hidden, by the object
    itself or another surface, 2 visible.
    """

    name: str
    position: np.ndarray
    pixel: np.ndarray
    visibility: int


@dataclass(frozen=True)
class ObjectRecord:
    """One instance in one frame, visible or not.

    object_to_world, object_to_camera: `4 x 4` rigid, metres; the camera's axes are OpenCV's.
    scale: factor from the asset's metric mesh to the object. A point p of the asset's mesh is at
    `object_to_world @ (scale * p)`, unless the object is deformed.
    box_min, box_max: `3`, the object's box in its own axes, metres, scale included.
    corners: `8 x 2`, pixels of the 3D box's corners; corner i has box_max in x, y, z where bits
    0, 1, 2 of i are set, else box_min. NaN for corners without an image.
    visible_fraction: visible pixels / pixels of the full silhouette, including those outside the
    frame.
    inside_fraction: pixels of the silhouette within the frame / pixels of the full silhouette.
    unoccluded_fraction: visible pixels / pixels of the silhouette within the frame.
    bbox: `[x, y, w, h]` of the visible mask; None without visible pixels.
    oriented_box: `4 x 2`, corners of the smallest rectangle, at any angle, around the visible
    mask, in pixels, in order around it; None without visible pixels.
    segmentation: the visible mask as COCO run lengths; None without visible pixels.
    amodal_bbox: `[x, y, w, h]` of the full silhouette, which may extend beyond the frame; None if
    the object is entirely out of sight.
    amodal_segmentation: the silhouette within the frame, occluded pixels included, as COCO run
    lengths; None if no part is within the frame or the label was not requested.
    keypoints, skeleton: None if the label was not requested. The skeleton is pairs of 0-based
    indices into `keypoints`, joined in drawings.
    """

    instance_id: int
    class_id: int
    class_name: str
    asset: str
    scale: float
    object_to_world: np.ndarray
    object_to_camera: np.ndarray
    box_min: np.ndarray
    box_max: np.ndarray
    corners: np.ndarray
    visible_pixels: int
    visible_fraction: float
    inside_fraction: float
    unoccluded_fraction: float
    bbox: tuple[float, float, float, float] | None
    oriented_box: np.ndarray | None
    segmentation: dict[str, Any] | None
    amodal_bbox: tuple[float, float, float, float] | None = None
    amodal_segmentation: dict[str, Any] | None = None
    keypoints: tuple[Keypoint, ...] | None = None
    skeleton: tuple[tuple[int, int], ...] | None = None

    @property
    def pose(self) -> np.ndarray:
        """`4 x 4`, object to world: `object_to_world`."""
        return self.object_to_world

    @property
    def visibility(self) -> float:
        """Visible fraction of the entire object, 0..1: `visible_fraction`."""
        return self.visible_fraction

    @property
    def truncation(self) -> float:
        """Fraction of the object outside the frame, 0..1."""
        return 1.0 - self.inside_fraction

    @property
    def occlusion(self) -> float:
        """Hidden fraction of the part within the frame, 0..1."""
        return 1.0 - self.unoccluded_fraction

    @property
    def size(self) -> np.ndarray:
        """Sides of the 3D box along the object's own axes, `3`, metres."""
        return self.box_max - self.box_min

    @property
    def centre(self) -> np.ndarray:
        """Centre of the 3D box in camera axes, `3`, metres."""
        middle = (self.box_min + self.box_max) / 2
        return self.object_to_camera[:3, :3] @ middle + self.object_to_camera[:3, 3]

    @property
    def rotation(self) -> np.ndarray:
        """Rotation from the object's own axes to the camera's, `3 x 3`."""
        return self.object_to_camera[:3, :3]


@dataclass(frozen=True)
class Order:
    """Two instances with overlapping silhouettes: `front` is nearer to the camera than `back` in
    `pixels` pixels of the image, whether or not a third one hides both."""

    front: int
    back: int
    pixels: int


@dataclass(frozen=True)
class Segment:
    """One segment of the panoptic image.

    id: its value in the image. category_id: class id; ids of stuff classes follow those of things.
    area: pixels. bbox: `[x, y, w, h]`.
    """

    id: int
    category_id: int
    is_thing: bool
    area: int
    bbox: tuple[float, float, float, float]
    crowd: bool = False
    """Whether it is an ignore region that may show several instances."""


@dataclass(frozen=True)
class IgnoreRegion:
    """Pixels that show something like a labelled class without an instance, where detections count
    neither as correct nor as wrong.

    part: name of the stage part. area: pixels. bbox: `[x, y, w, h]`. segmentation: the visible mask
    as COCO run lengths.
    """

    class_id: int
    class_name: str
    part: str
    area: int
    bbox: tuple[float, float, float, float]
    segmentation: dict[str, Any]


@dataclass(frozen=True)
class FrameRecord:
    """The content of a frame's JSON file."""

    scene: int
    frame: int
    camera: CameraRecord
    objects: tuple[ObjectRecord, ...] | None
    """None if the label `objects` was not requested."""
    occlusion_order: tuple[Order, ...] | None = None
    segments: tuple[Segment, ...] | None = None
    exposure_stops: float = 0.0
    """Exposure of the image in stops: its linear light is the scene's radiance times
    2^exposure_stops."""
    ignore_regions: tuple[IgnoreRegion, ...] = ()
    """One per visible stage part, and one per class shown by the environment, that resembles a
    labelled class without being labelled as instances."""
    more: dict[str, Any] = field(default_factory=dict)
    """Values, as plain JSON, of labels without a field here, by name."""


def _to_list(array: np.ndarray) -> Any:
    """Convert to nested lists, with None for NaN, which JSON lacks."""
    plain = array.tolist()
    return _without_nan(plain) if np.isnan(array).any() else plain


def _without_nan(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_without_nan(value) for value in plain]
    return None if plain != plain else plain


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_unstructure_hook(np.ndarray, _to_list)
# Conversion to float64 turns None into NaN.
_CONVERTER.register_structure_hook(np.ndarray, lambda plain, _: np.array(plain, np.float64))
# As in specs, fields that older datasets lack are only written if they are not empty.
_CONVERTER.register_unstructure_hook(
    Segment,
    make_dict_unstructure_fn(Segment, _CONVERTER, crowd=override(omit_if_default=True)),
)
_CONVERTER.register_unstructure_hook(
    CameraRecord,
    make_dict_unstructure_fn(CameraRecord, _CONVERTER, rig=override(omit_if_default=True)),
)
_CONVERTER.register_unstructure_hook(
    FrameRecord,
    make_dict_unstructure_fn(
        FrameRecord,
        _CONVERTER,
        ignore_regions=override(omit_if_default=True),
        more=override(omit_if_default=True),
    ),
)


def dumps(record: FrameRecord) -> str:
    """Convert a record to JSON with keys in field order and floats in shortest exact form."""
    return json.dumps(_CONVERTER.unstructure(record), allow_nan=False) + "\n"


def loads(text: str) -> FrameRecord:
    return _CONVERTER.structure(orjson.loads(text), FrameRecord)


def camera_of(plain: Any) -> CameraRecord:
    """Convert a camera from plain JSON. Raises `ValueError` if it is invalid."""
    try:
        return _CONVERTER.structure(plain, CameraRecord)
    except Exception as error:  # numpy and cattrs raise various errors
        raise ValueError(f"not a valid camera: {reason(error)}") from error


def reason(problem: Exception) -> str:
    """Describe why `loads` rejected a record."""
    if isinstance(problem, cattrs.BaseValidationError):
        return "; ".join(cattrs.transform_error(problem))
    return f"{type(problem).__name__}: {problem}"
