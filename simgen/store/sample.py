"""One frame of a dataset: its labels, loaded when they are looked at. Needs no Blender."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pycocotools import mask as coco_mask

from simgen import record as records
from simgen.errors import InputError
from simgen.record import (
    CameraRecord,
    FrameRecord,
    IgnoreRegion,
    Keypoint,
    ObjectRecord,
    Order,
    Segment,
)
from simgen.store import files, layout, remote
from simgen.store.layout import FILES, frame_file
from simgen.store.remote import AnyPath

if TYPE_CHECKING:
    from simgen.labels.tracks import Tracks


class Sample:
    """One frame. Arrays are read from disk when they are first asked for, and then kept.

    Raises `InputError` for a label that the dataset was generated without. docs/labels.md says what
    each label means; H and W are the image's height and width.
    """

    def __init__(
        self,
        folder: AnyPath,
        scene: int,
        frame: int,
        frames: int,
        labels: tuple[str, ...],
        split: str = "train",
    ) -> None:
        self.folder = folder
        self.scene = scene
        self.frame = frame
        self.frames = frames
        """Of its scene."""
        self.labels = labels
        self.split = split
        """Of the dataset: train, val, test, or what else its config calls them."""

    @property
    def image_id(self) -> int:
        """Of this frame in COCO files. From scene and frame, not from a counter: growing a dataset
        changes no image's id."""
        return self.scene * self.frames + self.frame + 1

    def __repr__(self) -> str:
        return f"Sample(scene={self.scene}, frame={self.frame}, labels={self.labels})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the image with its labels, and a table of the objects."""
        # This room knows nothing of pictures; the package as a whole does.
        import simgen

        return simgen.to_html(self)

    def _repr_png_(self) -> bytes | None:
        """Likewise, where only a picture can be shown; None without the label rgb."""
        import simgen

        return simgen.to_png(self)

    @cached_property
    def rgb(self) -> np.ndarray:
        """`H x W x 3` uint8, sRGB display values."""
        return self._image("rgb")

    @cached_property
    def rgb_right(self) -> np.ndarray:
        """`H x W x 3` uint8: the image of the right camera of a stereo pair."""
        return self._image("rgb_right")

    @cached_property
    def depth(self) -> np.ndarray:
        """`H x W` float32, planar z in metres; infinity where there is nothing."""
        return self._image("depth")

    @cached_property
    def ray_distance(self) -> np.ndarray:
        """`H x W` float32, metres from the camera's centre along the pixel's ray; infinity where
        there is nothing."""
        return self._image("ray_distance")

    @cached_property
    def normals(self) -> np.ndarray:
        """`H x W x 3` float32: unit normals of the faces in camera axes (x right, y down, z
        forward), turned towards the camera; zeros where there is nothing."""
        return self._image("normals")

    @cached_property
    def object_coordinates(self) -> np.ndarray:
        """`H x W x 3` float32: place in the object's own box at rest, 0..1 along x, y, z (NOCS);
        zeros on stage and background."""
        return self._image("object_coordinates")

    @cached_property
    def uv(self) -> np.ndarray:
        """`H x W x 2` float32: texture coordinates, u right, v up; NaN where there is nothing."""
        return self._image("uv")

    @cached_property
    def albedo(self) -> np.ndarray:
        """`H x W x 3` float32: part of the light that surfaces scatter, linear Rec.709,
        antialiased; 0 where there is nothing, and on metal and glass."""
        return self._image("albedo")

    @cached_property
    def diffuse(self) -> np.ndarray:
        """`H x W x 3` float32: diffusely reflected light without the surfaces' colour, so that
        `albedo * diffuse` is what reaches the camera. Linear Rec.709, antialiased."""
        return self._image("diffuse")

    @cached_property
    def specular(self) -> np.ndarray:
        """`H x W x 3` float32: mirrored and transmitted light, the surfaces' colour included,
        linear Rec.709, antialiased."""
        return self._image("specular")

    @cached_property
    def emission(self) -> np.ndarray:
        """`H x W x 3` float32: light that surfaces and the surroundings send out themselves, linear
        Rec.709, antialiased."""
        return self._image("emission")

    @cached_property
    def instances(self) -> np.ndarray:
        """`H x W` instance ids; 0 is stage and background. uint16, or uint32 in scenes with more
        than 65,535 objects."""
        return self._image("instances")

    @cached_property
    def semantic(self) -> np.ndarray:
        """`H x W` uint16 class ids; 0 is stage and background, 65535 (`simgen.labels.IGNORE`) a
        region to be ignored."""
        return self._image("semantic")

    @cached_property
    def panoptic(self) -> np.ndarray:
        """`H x W` uint32 ids of `segments`: of an object its instance id, of a stuff class a number
        above those of all objects. Every pixel has one."""
        return self._image("panoptic")

    @cached_property
    def parts(self) -> np.ndarray:
        """`H x W` uint16: which part of its object a pixel shows, counted from 1; 0 is stage and
        background."""
        return self._image("parts")

    @cached_property
    def transparent(self) -> np.ndarray:
        """`H x W` bool: whether the surface that `depth` and `instances` speak of can be seen
        through."""
        return self._image("transparent")

    @cached_property
    def flow_forward(self) -> np.ndarray | None:
        """`H x W x 2` float32, pixels, u right, v down: where what a pixel shows is in the next
        frame, minus where it is now. NaN where it has no image then. None in the last frame."""
        return self._to_next("flow_forward")

    @cached_property
    def flow_backward(self) -> np.ndarray | None:
        """Like `flow_forward`, to the frame before. None in the first frame."""
        return self._to_previous("flow_backward")

    @cached_property
    def occlusion_forward(self) -> np.ndarray | None:
        """`H x W` bool: whether what a pixel shows is hidden, or outside the image, in the next
        frame. None in the last frame."""
        return self._to_next("occlusion_forward")

    @cached_property
    def occlusion_backward(self) -> np.ndarray | None:
        """Like `occlusion_forward`, in the frame before. None in the first frame."""
        return self._to_previous("occlusion_backward")

    @cached_property
    def scene_flow_forward(self) -> np.ndarray | None:
        """`H x W x 3` float32, metres: what a pixel shows, in the axes of the next frame's camera,
        minus where it is now in this one's. NaN where there is nothing. None in the last frame."""
        return self._to_next("scene_flow_forward")

    @cached_property
    def scene_flow_backward(self) -> np.ndarray | None:
        """Like `scene_flow_forward`, to the frame before. None in the first frame."""
        return self._to_previous("scene_flow_backward")

    @cached_property
    def disparity(self) -> np.ndarray:
        """`H x W` float32, pixels: column in the left image minus column in the right one; 0 where
        there is nothing."""
        return self._image("disparity")

    @cached_property
    def disparity_occlusion(self) -> np.ndarray:
        """`H x W` bool: whether what a pixel shows is hidden, or outside, in the right image."""
        return self._image("disparity_occlusion")

    @property
    def objects(self) -> tuple[ObjectRecord, ...]:
        """All objects of the scene, seen in this frame or not, in the order of their ids."""
        return self._recorded("objects", self.record.objects)

    @cached_property
    def amodal_masks(self) -> dict[int, np.ndarray]:
        """`H x W` bool of each instance id: the object's silhouette within the frame, as if nothing
        hid it."""
        self._check("amodal_masks")
        shape = (self.camera.height, self.camera.width)
        return {o.instance_id: _mask(o.amodal_segmentation, shape) for o in self.objects}

    @property
    def keypoints(self) -> dict[int, tuple[Keypoint, ...]]:
        """The named points of each instance id."""
        self._check("keypoints")
        return {item.instance_id: item.keypoints or () for item in self.objects}

    @property
    def occlusion_order(self) -> tuple[Order, ...]:
        """The pairs of objects whose silhouettes overlap, and which of the two is in front."""
        return self._recorded("occlusion_order", self.record.occlusion_order)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What the ids in `panoptic` are."""
        return self._recorded("panoptic", self.record.segments)

    @property
    def ignore_regions(self) -> tuple[IgnoreRegion, ...]:
        """What looks like a member of a labelled class and is not labelled as one."""
        return self.record.ignore_regions

    @cached_property
    def tracks(self) -> Tracks:
        """The surface points that are followed through the frames of this scene."""
        return _read_tracks(self.path("tracks"))

    @property
    def camera(self) -> CameraRecord:
        """K, pose and lens."""
        return self.record.camera

    @cached_property
    def record(self) -> FrameRecord:
        """Camera and objects, as they stand in the frame's JSON file."""
        path = self.path("camera")
        return read_record(remote.read_bytes(path), path)

    def path(self, label: str) -> AnyPath:
        """The file that a label of this frame is in. Of labels that are numbers it is the frame's
        JSON file, of tracks the scene's."""
        self._check(label)
        if label == "tracks":
            return self.folder / layout.TRACKS
        suffix = FILES[label].suffix if label in FILES else layout.RECORD
        return self.folder / frame_file(self.frame, suffix)

    def _image(self, label: str) -> np.ndarray:
        return files.read_image(self.path(label), FILES[label])

    def _to_next(self, label: str) -> np.ndarray | None:
        self._check(label)
        return self._image(label) if self.frame + 1 < self.frames else None

    def _to_previous(self, label: str) -> np.ndarray | None:
        self._check(label)
        return self._image(label) if self.frame > 0 else None

    def _recorded[T](self, label: str, value: tuple[T, ...] | None) -> tuple[T, ...]:
        self._check(label)
        if value is None:
            raise InputError(f"{self.path(label)}: damaged: holds no {label!r}")
        return value

    def _check(self, label: str) -> None:
        if label not in self.labels:
            raise InputError(
                f"{self.folder.parent.parent}: has no {label!r}; it was generated with "
                f"labels=[{','.join(self.labels)}]"
            )


def _mask(rle: dict[str, Any] | None, shape: tuple[int, int]) -> np.ndarray:
    """A mask in COCO's run lengths as `H x W` bool; None is an empty one."""
    return np.zeros(shape, bool) if rle is None else coco_mask.decode(rle).astype(bool)


def read_record(content: bytes, path: AnyPath) -> FrameRecord:
    """What a file of `path` holds. Raises `OSError` for what is no record."""
    try:
        return records.loads(content.decode())
    except Exception as error:  # NumPy and cattrs raise all kinds for what is no number
        raise OSError(f"{path}: not the record of a frame: {records.reason(error)}") from error


def _read_tracks(path: AnyPath) -> Tracks:
    # Brings the ray caster along, which no other label needs for being read.
    from simgen.labels.tracks import Tracks

    try:
        return Tracks(**files.read_arrays(path))
    except TypeError as error:
        raise InputError(f"{path}: not the tracks of a scene: {error}") from error
