"""All labels, in the order in which they are computed and stored."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from simgen.labels import flow, intrinsic, maps, panoptic, stereo
from simgen.labels.camera import CAMERA
from simgen.labels.keypoints import KEYPOINTS
from simgen.labels.label import DatasetFile, FrameArrays, ImageFile, Label, SceneArrays
from simgen.labels.lidar import LIDAR
from simgen.labels.objects import AMODAL_MASKS, OBJECTS
from simgen.labels.order import OCCLUSION_ORDER
from simgen.labels.record import FrameRecord
from simgen.labels.rgb import RGB, RGB_RIGHT, RGBA
from simgen.labels.sensor_depth import sensor_depth
from simgen.labels.tracks import TRACKS


class LabelledFrame:
    """A frame with its labels as attributes. H and W are the image's height and width;
    docs/labels.md defines each label."""

    labels: tuple[str, ...]
    frame: int

    rgb = RGB
    rgb_right = RGB_RIGHT
    rgba = RGBA
    depth = maps.depth
    ray_distance = maps.ray_distance
    normals = maps.normals
    object_coordinates = maps.object_coordinates
    uv = maps.uv
    albedo = intrinsic.ALBEDO
    diffuse = intrinsic.DIFFUSE
    specular = intrinsic.SPECULAR
    emission = intrinsic.EMISSION
    instances = maps.instances
    semantic = maps.semantic
    panoptic = panoptic.panoptic
    parts = maps.parts
    transparent = maps.transparent
    flow_forward = flow.FLOW_FORWARD
    flow_backward = flow.FLOW_BACKWARD
    occlusion_forward = flow.OCCLUSION_FORWARD
    occlusion_backward = flow.OCCLUSION_BACKWARD
    scene_flow_forward = flow.SCENE_FLOW_FORWARD
    scene_flow_backward = flow.SCENE_FLOW_BACKWARD
    disparity = stereo.disparity
    disparity_occlusion = stereo.disparity_occlusion
    objects = OBJECTS
    amodal_masks = AMODAL_MASKS
    occlusion_order = OCCLUSION_ORDER
    keypoints = KEYPOINTS
    tracks = TRACKS
    lidar = LIDAR
    sensor_depth = sensor_depth
    camera = CAMERA

    @cached_property
    def record(self) -> FrameRecord:
        """Content of the frame's JSON file."""
        raise NotImplementedError

    def load[T](self, label: Label[T]) -> T:
        """Load the value of a label from its file."""
        raise NotImplementedError


COCO = Label[None](
    "coco",
    "COCO instances of all images",
    DatasetFile("annotations/instances.json"),
    needs=("rgb", "objects"),
    presets=("detection",),
    hub=("object-detection", "image-segmentation"),
)
LABELS: dict[str, Label] = {
    label.name: label for label in (*vars(LabelledFrame).values(), COCO) if isinstance(label, Label)
}
"""Labels by name: the entries of `LabelledFrame`, and labels of entire datasets."""


def register(label: Label) -> None:
    """Add a custom label, which is then computed, stored, read, drawn and checked like any other.

    Every process that computes or reads it must register it: call this in the module passed to
    `--plugin`. Raises `ValueError` for a name that is in use.
    """
    if label.name in LABELS or hasattr(LabelledFrame, label.name):
        raise ValueError(f"label {label.name!r}: expected a name that is not in use")
    LABELS[label.name] = label
    setattr(LabelledFrame, label.name, label)


def image_files() -> dict[str, ImageFile]:
    """Return the storage of each label that is stored as an image file, by name."""
    return {
        name: label.stored for name, label in LABELS.items() if isinstance(label.stored, ImageFile)
    }


def array_files() -> dict[str, FrameArrays]:
    """Return the storage of each label that is stored as arrays of a frame, by name."""
    return {
        name: label.stored
        for name, label in LABELS.items()
        if isinstance(label.stored, FrameArrays)
    }


def scene_files() -> list[str]:
    """Return the names of the files that store labels of entire scenes."""
    return [x.stored.file for x in LABELS.values() if isinstance(x.stored, SceneArrays)]


def drawable(names: Iterable[str]) -> list[str]:
    """Return the labels that can be drawn."""
    return [name for name in names if name in LABELS and LABELS[name].drawn]


def presets() -> dict[str, tuple[str, ...]]:
    """Return the labels of each preset; labels that a scene cannot have are skipped."""
    found: dict[str, tuple[str, ...]] = {}
    for label in LABELS.values():
        for name in label.presets:
            found[name] = (*found.get(name, ()), label.name)
    return {**found, "all": tuple(label.name for label in LABELS.values() if label.in_all)}


def render_passes(labels: Iterable[str]) -> frozenset[str]:
    """Return the render passes that labels require, besides distance and ids."""
    return frozenset(name for label in labels for name in LABELS[label].passes)
