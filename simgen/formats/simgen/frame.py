"""A frame of a simgen dataset, loaded from untrusted files.

Labels that are incomplete or have a wrong shape are omitted and reported as findings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from simgen.dataset import files, layout
from simgen.dataset.layout import frame_file
from simgen.dataset.sample import Sample
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading.json_file import read_bounded, size_finding
from simgen.geometry.lens import Lens
from simgen.labels import record as records
from simgen.labels.masks import visible_pixels
from simgen.labels.record import CameraRecord, FrameRecord, ObjectRecord
from simgen.labels.registry import LABELS, image_files

MOST_OUTLIERS = 0.01
"""Fraction of pixels, mostly at edges, that may violate a rule."""
WIDE = ("kannala_brandt", "equirectangular")
"""Lens models that may see beside and behind the camera."""
_LARGEST_RECORD = 512_000_000

Broken = tuple[str, object, object]
"""The rule that an object violates, what was found and what was expected."""
_SHAPES = {
    "object_to_world": (4, 4), "object_to_camera": (4, 4), "box_min": (3,), "box_max": (3,),
    "corners": (8, 2), "oriented_box": (4, 2),
}  # fmt: skip
"""Shapes of an object's arrays."""


@dataclass
class Frame:
    """The readable content of a frame. name: path of its JSON file within the dataset. arrays:
    labels stored as images, by name."""

    sample: Sample
    name: str
    record: FrameRecord
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    sound: bool = True
    """Whether camera, poses and depth are valid, so that other labels and frames can be checked
    against them."""

    @property
    def camera(self) -> CameraRecord:
        return self.record.camera

    @property
    def objects(self) -> tuple[ObjectRecord, ...]:
        return self.record.objects or ()

    def file(self, label: str) -> str:
        return file_of(self.sample, label)

    def of_objects(self, check: Callable[[Frame, ObjectRecord], Iterator[Broken]]) -> list[Finding]:
        """Return the findings of a check of each object, in order."""
        return [
            finding(rule, self.name, f"instance {item.instance_id}", found, expected)
            for item in self.objects
            for rule, found, expected in check(self, item)
        ]

    def of_pixels(
        self, rule: str, label: str, wrong: np.ndarray, what: str, most: float = 0.0
    ) -> Iterator[Finding]:
        """Yield a finding if more than a fraction `most` of some pixels of a label are wrong."""
        for found, expected in too_many(wrong, what, most):
            yield finding(rule, self.file(label), "", found, expected)

    def has(self, *labels: str) -> bool:
        return all(label in self.arrays for label in labels)

    @cached_property
    def pixels(self) -> dict[int, np.ndarray]:
        """Flat pixel indices in column-major order, by visible instance id."""
        return visible_pixels(self.arrays["instances"])

    def places(self, instance: int, most: int = 1 << 31) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and columns of about `most` evenly spaced pixels of an instance."""
        pixels = self.pixels[instance]
        columns, rows = np.divmod(pixels[:: 1 + len(pixels) // most], self.camera.height)
        return rows, columns

    @cached_property
    def rays(self) -> np.ndarray:
        """`H x W x 3`: unit directions in camera axes."""
        return _pixel_rays(self.camera.optics)

    @cached_property
    def distance(self) -> np.ndarray | None:
        """`H x W` metres along the rays, from `ray_distance` or `depth`; None without either."""
        if "ray_distance" in self.arrays:
            return self.arrays["ray_distance"].astype(np.float64)
        # Wide lenses see points with depth 0 or less, which does not determine their distance.
        if not self.has("depth") or self.camera.lens.model in WIDE:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.arrays["depth"] / self.rays[..., 2]

    @cached_property
    def points(self) -> np.ndarray | None:
        """`H x W x 3` in camera axes; not finite on the background."""
        if self.distance is None:
            return None
        with np.errstate(invalid="ignore"):
            return self.rays * self.distance[..., None] + self.camera.ray_origins()


def too_many(wrong: np.ndarray, what: str, most: float = MOST_OUTLIERS) -> list[tuple[str, str]]:
    """Describe what was found and expected if more than a fraction `most` of pixels are wrong."""
    count = int(wrong.sum())
    if count <= most * wrong.size:
        return []
    return [(f"{count} of {wrong.size} pixels {what}", f"at most {most:.0%}")]


@lru_cache(maxsize=2)
def _pixel_rays(lens: Lens) -> np.ndarray:
    """Return the rays of all pixels; cached, since the frames of a scene mostly share a lens."""
    rays = lens.pixel_rays()
    rays.setflags(write=False)
    return rays


def in_scene(sample: Sample, file: str) -> str:
    """Return the path of a scene's file within the dataset, as findings name it."""
    return f"scenes/{layout.scene_name(sample.scene)}/{file}"


def file_of(sample: Sample, label: str) -> str:
    return in_scene(sample, frame_file(sample.frame, LABELS[label].suffix))


def stored_labels(sample: Sample, record: FrameRecord | None = None) -> list[str]:
    """Return the labels that this frame stores as image files. record: the frame's, if it is
    readable; without, labels that refer to another frame of a rig's camera may be too many."""
    rig = record.camera.rig if record else None
    place = rig.place if rig else (sample.frame, sample.frames)
    return [
        label
        for label in sample.labels
        if label in image_files() and LABELS[label].exists_in(*place)
    ]


def load(sample: Sample) -> tuple[Frame | None, list[Finding]]:
    """Load a frame without its damaged labels, and return the findings about those.

    The frame is None if its JSON cannot be read.
    """
    name = file_of(sample, "camera")
    content = read_bounded(sample.path("camera"), name, _LARGEST_RECORD)
    if isinstance(content, Finding):
        return None, [content]
    try:
        record = records.loads(content.decode())
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as problem:
        return None, [
            finding("json/damaged", name, "", f"{type(problem).__name__}: {problem}", "JSON")
        ]
    except Exception as problem:  # numpy and cattrs raise various errors
        return None, [finding("dataset/record", name, "", records.reason(problem), "a FrameRecord")]
    findings = list(_form(record, sample, name))
    if findings:
        return None, findings
    frame = Frame(sample, name, record)
    for label in stored_labels(sample, record):
        found = _array(sample, label, (record.camera.height, record.camera.width))
        if isinstance(found, Finding):
            findings.append(found)
        else:
            frame.arrays[label] = found
    return frame, findings


def _form(record: FrameRecord, sample: Sample, name: str) -> Iterator[Finding]:
    if (record.scene, record.frame) != (sample.scene, sample.frame):
        found = f"scene {record.scene}, frame {record.frame}"
        at = At(name)
        yield at("dataset/record", found, f"scene {sample.scene}, frame {sample.frame}")
    camera = record.camera
    if not (0 < camera.width * camera.height <= 200_000_000):
        yield finding(
            "dataset/record", name, "camera", f"{camera.width} x {camera.height} pixels", "an image"
        )
    arrays: list[tuple[str, str, np.ndarray | None, tuple[int, ...]]] = [
        ("camera", "K", camera.K, (3, 3)),
        ("camera", "cam_to_world", camera.pose, (4, 4)),
    ]
    if camera.rig is not None:
        matrices = {key: getattr(camera.rig, key) for key in ("cam_to_rig", "rig_to_world")}
        arrays += [("camera.rig", key, matrix, (4, 4)) for key, matrix in matrices.items()]
        if not 0 <= camera.rig.moment < camera.rig.moments:
            found = f"moment {camera.rig.moment} of {camera.rig.moments}"
            yield finding("dataset/record", name, "camera.rig", found, "one of the moments")
    for item in record.objects or ():
        place = f"instance {item.instance_id}"
        arrays += [(place, key, getattr(item, key), shape) for key, shape in _SHAPES.items()]
        for point in item.keypoints or ():
            arrays.append((place, f"keypoint {point.name}: pixel", point.pixel, (2,)))
            arrays.append((place, f"keypoint {point.name}: position", point.position, (3,)))
    for place, key, array, shape in arrays:
        at = At(name, place)
        if array is None:
            continue
        if array.shape != shape:
            yield at("dataset/record", f"{key} of shape {array.shape}", str(shape))
        elif not key.endswith(("corners", "pixel")) and not np.isfinite(array).all():
            yield at("dataset/record", f"{key} with null", "numbers")
    missing = {
        "objects": record.objects is None,
        "occlusion_order": record.occlusion_order is None,
        "panoptic": record.segments is None,
    }
    for label in sample.labels:
        if missing.get(label):
            found = f"no data of the label {label}"
            yield finding("dataset/record", name, "", found, "all labels of dataset.json")


def _array(sample: Sample, label: str, size: Sequence[int]) -> np.ndarray | Finding:
    name, path, file = file_of(sample, label), sample.path(label), image_files()[label]
    missing = size_finding(path, name)
    if missing:
        return missing
    try:
        array = files.read_image(path, file)
    except (OSError, ValueError) as problem:
        at = At(name)
        return at("image/unreadable", str(problem).removeprefix(f"{path}: "), file.codec.value)
    height, width = size
    shape = file.shape(height, width)
    if array.shape != shape or str(array.dtype) not in file.dtypes:
        found = f"{' x '.join(map(str, array.shape))} {array.dtype}"
        wanted = f"{' x '.join(map(str, shape))} {' or '.join(file.dtypes)}"
        return finding("dataset/label-shape", name, "", found, wanted)
    return array
