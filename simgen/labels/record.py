"""FrameRecord: the labels of a frame that are numbers, as in its JSON file."""

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
"""What the name of a record's file ends with."""


@dataclass(frozen=True)
class CameraRecord:
    """K: `3 x 3` intrinsics in pixels, pixel centres at +0.5. Where there is no focal length, the
    diagonal is another scale: of an equirectangular image in pixels per radian, of an orthographic
    one in pixels per metre.
    cam_to_world: `4 x 4`, OpenCV axes (x right, y down, z forward), metres.
    stereo_baseline: metres to the right camera of a stereo pair; 0 when there is none.
    time: seconds since frame 0; 0 for views of one moment.
    """

    width: int
    height: int
    K: np.ndarray
    cam_to_world: np.ndarray
    lens: LensRecord
    stereo_baseline: float = 0.0
    time: float = 0.0

    @property
    def pose(self) -> np.ndarray:
        """`4 x 4`, camera to world: `cam_to_world`."""
        return self.cam_to_world

    @property
    def distortion(self) -> np.ndarray:
        """The lens's coefficients in OpenCV's order, as `cv2.projectPoints` and
        `cv2.fisheye.projectPoints` take them; empty for a lens without."""
        return np.array(self.lens.coefficients)

    @property
    def optics(self) -> Lens:
        """Where points have their images, and pixels their rays."""
        k = self.K
        return Lens(
            self.lens.model, self.width, self.height,
            float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2]),
            self.lens.coefficients,
        )  # fmt: skip

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels, `... x 2`, of points in camera axes, `... x 3`; NaN where there is none."""
        return self.optics.project(points)

    def rays(self) -> np.ndarray:
        """`H x W x 3`: unit directions in camera axes through the centres of all pixels. Times
        `ray_distance`, plus `ray_origins`, they are the points that the pixels show."""
        return self.optics.pixel_rays()

    def ray_origins(self) -> np.ndarray:
        """Where these rays start, camera axes, metres: `3`, which is 0, or for an orthographic
        camera `H x W x 3`."""
        return self.optics.pixel_origins()

    def sight_lines(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From where points (`... x 3`, camera axes) are seen, as `ray_origins` has it, and the
        ways from there to them, `... x 3`."""
        return self.optics.sight_lines(points)


@dataclass(frozen=True)
class LensRecord:
    model: str
    """`pinhole`, `brown_conrady`, `kannala_brandt`, `equirectangular` or `orthographic`."""
    focal_length_mm: float
    sensor_width_mm: float
    coefficients: tuple[float, ...] = ()
    """All that the model has, in OpenCV's order."""
    f_stop: float = 0.0
    """0 for a lens that is sharp everywhere. Labels are always sharp."""
    focus_distance: float = 0.0
    """Metres along the axis."""


@dataclass(frozen=True)
class Keypoint:
    """A named point of an object.

    position: `3`, camera axes, metres. pixel: `2`, NaN when it has no image.
    visibility: 0 outside the image (COCO: not labelled), 1 in the image but hidden by something,
    the object itself included, 2 visible.
    """

    name: str
    position: np.ndarray
    pixel: np.ndarray
    visibility: int


@dataclass(frozen=True)
class ObjectRecord:
    """One instance in one frame, seen or not.

    object_to_world, object_to_camera: `4 x 4` rigid, metres; the camera's axes are OpenCV's.
    scale: factor from the asset's metric mesh to the object. A mesh point p of the asset is at
    `object_to_world @ (scale * p)`, unless the object is deformed.
    box_min, box_max: `3`, the object's own box in its own frame, metres, scale included.
    corners: `8 x 2`, pixels of the 3D box's corners; corner i has box_max in x, y, z where the
    bits 0, 1, 2 of i are set, else box_min. NaN for those without an image.
    visible_fraction: visible pixels / pixels of the whole silhouette (beyond the frame too).
    inside_fraction: silhouette within the frame / whole silhouette.
    unoccluded_fraction: visible / silhouette within the frame.
    bbox: `[x, y, w, h]` of the visible mask; None when no pixel is visible.
    oriented_box: `4 x 2`, corners of the smallest rectangle, at any angle, about the visible
    mask, in pixels, in order around it; None when no pixel is visible.
    segmentation: the visible mask in COCO's run lengths; None when no pixel is visible.
    amodal_bbox: `[x, y, w, h]` of the whole silhouette, which may reach beyond the frame; None
    when the object is out of sight.
    amodal_segmentation: the silhouette within the frame, as if nothing hid it, in COCO's run
    lengths; None when none of it is within the frame or the label was not asked for.
    keypoints, skeleton: None when the label was not asked for. The skeleton is pairs of places in
    `keypoints`, counted from 0, that are joined when they are drawn.
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
        """The visible part of the whole object, 0..1: `visible_fraction`."""
        return self.visible_fraction

    @property
    def truncation(self) -> float:
        """The part of the object that lies outside the frame, 0..1."""
        return 1.0 - self.inside_fraction

    @property
    def occlusion(self) -> float:
        """The hidden part of what lies within the frame, 0..1."""
        return 1.0 - self.unoccluded_fraction

    @property
    def size(self) -> np.ndarray:
        """`3`: sides of the 3D box along the object's own axes, metres."""
        return self.box_max - self.box_min

    @property
    def centre(self) -> np.ndarray:
        """`3`: middle of the 3D box in camera axes, metres."""
        middle = (self.box_min + self.box_max) / 2
        return self.object_to_camera[:3, :3] @ middle + self.object_to_camera[:3, 3]

    @property
    def rotation(self) -> np.ndarray:
        """`3 x 3`: from the object's own axes to the camera's."""
        return self.object_to_camera[:3, :3]


@dataclass(frozen=True)
class Order:
    """Two instances whose silhouettes overlap: in `pixels` of the image `front` is nearer to the
    camera than `back`, whether or not a third one hides both."""

    front: int
    back: int
    pixels: int


@dataclass(frozen=True)
class Segment:
    """One segment of the panoptic image.

    id: its value there. category_id: class id of a thing, or of a stuff class, which are counted
    after the things'. area: pixels. bbox: `[x, y, w, h]`.
    """

    id: int
    category_id: int
    is_thing: bool
    area: int
    bbox: tuple[float, float, float, float]
    crowd: bool = False
    """Several instances that are not told apart, to be ignored."""


@dataclass(frozen=True)
class IgnoreRegion:
    """What looks like a member of a labelled class and is not labelled as one: neither right nor
    wrong for a detector to find.

    part: of the stage. area: pixels. bbox: `[x, y, w, h]`. segmentation: the visible mask in COCO's
    run lengths.
    """

    class_id: int
    class_name: str
    part: str
    area: int
    bbox: tuple[float, float, float, float]
    segmentation: dict[str, Any]


@dataclass(frozen=True)
class FrameRecord:
    scene: int
    frame: int
    camera: CameraRecord
    objects: tuple[ObjectRecord, ...] | None
    """None when the label `objects` was not asked for."""
    occlusion_order: tuple[Order, ...] | None = None
    segments: tuple[Segment, ...] | None = None
    exposure_stops: float = 0.0
    """Exposure of the image, as a power of two: its linear light is the scene's radiance times
    2^exposure_stops."""
    ignore_regions: tuple[IgnoreRegion, ...] = ()
    """One for each part of the stage that is visible and not labelled as the instance that it is,
    or looks like."""
    more: dict[str, Any] = field(default_factory=dict)
    """Values of labels that have no field here, by name: plain JSON."""


def _to_list(array: np.ndarray) -> Any:
    """Nested lists, with None for NaN, which JSON does not know."""
    plain = array.tolist()
    return _without_nan(plain) if np.isnan(array).any() else plain


def _without_nan(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_without_nan(value) for value in plain]
    return None if plain != plain else plain


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)
_CONVERTER.register_unstructure_hook(np.ndarray, _to_list)
# As float64, None becomes NaN again.
_CONVERTER.register_structure_hook(np.ndarray, lambda plain, _: np.array(plain, np.float64))
# As in a spec: fields that older datasets lack are written only if they are not empty.
_CONVERTER.register_unstructure_hook(
    Segment,
    make_dict_unstructure_fn(Segment, _CONVERTER, crowd=override(omit_if_default=True)),
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
    """JSON with keys in field order and floats in their shortest exact form."""
    return json.dumps(_CONVERTER.unstructure(record), allow_nan=False) + "\n"


def loads(text: str) -> FrameRecord:
    return _CONVERTER.structure(orjson.loads(text), FrameRecord)


def camera_of(plain: Any) -> CameraRecord:
    """The camera of a record that is plain JSON. Raises `ValueError` for what is none."""
    try:
        return _CONVERTER.structure(plain, CameraRecord)
    except Exception as error:  # NumPy and cattrs raise all kinds for what is no number
        raise ValueError(f"no camera: {reason(error)}") from error


def reason(problem: Exception) -> str:
    """What is wrong with a record that `loads` refused."""
    if isinstance(problem, cattrs.BaseValidationError):
        return "; ".join(cattrs.transform_error(problem))
    return f"{type(problem).__name__}: {problem}"
