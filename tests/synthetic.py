"""A dataset of made-up labels, written by the real writer: no Blender, and every value is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from simgen.config import CameraConfig, Config, RenderConfig
from simgen.config.background import BackgroundConfig
from simgen.dataset import manifest
from simgen.dataset.layout import Layout
from simgen.dataset.writer import LabelledScene, commit_scene
from simgen.labels.annotate import FrameLabels
from simgen.labels.label import Codec
from simgen.labels.lidar import LidarScan
from simgen.labels.record import (
    CameraRecord,
    FrameRecord,
    Keypoint,
    LensRecord,
    ObjectRecord,
    Order,
    Segment,
)
from simgen.labels.registry import LABELS, image_files
from simgen.labels.tracks import Tracks
from simgen.spec.scene import (
    CameraSpec,
    EnvironmentSpec,
    LensSpec,
    RenderSpec,
    SceneSpec,
    StageSpec,
)

CLASSES = ("ball", "box")
HEIGHT, WIDTH = 24, 32
OBJECTS = 3
BACKGROUND = len(CLASSES) + 1
"""Class id of the first stuff class."""


def image(label: str, rng: np.random.Generator) -> np.ndarray:
    """Noise of the shape and dtype of a label."""
    file, shape = image_files()[label], (HEIGHT, WIDTH)
    match file.codec:
        case Codec.RGB:
            return rng.integers(0, 256, (*shape, 3), np.uint8)
        case Codec.RGBA:
            return rng.integers(0, 256, (*shape, 4), np.uint8)
        case Codec.IDS:
            return rng.integers(0, OBJECTS + 1, shape).astype(np.uint16)
        case Codec.MILLIMETRES:
            return rng.integers(0, 2**16, shape).astype(np.uint16)
        case Codec.ID_COLOURS:
            return rng.integers(1, OBJECTS + 3, shape).astype(np.uint32)
        case Codec.MASK:
            return rng.random(shape) < 0.5
    axes = (len(file.channels),) if len(file.channels) > 1 else ()
    values = rng.standard_normal((*shape, *axes)).astype(np.float32)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    return values


def labels(
    scene: int, frame: int, frames: int, names: Sequence[str], rng: np.random.Generator
) -> FrameLabels:
    images = {name: image(name, rng) for name in names if name in image_files()}
    if frame == frames - 1:
        images = {name: value for name, value in images.items() if "forward" not in name}
    if frame == 0:
        images = {name: value for name, value in images.items() if "backward" not in name}
    objects = tuple(_object(instance, names, rng) for instance in range(1, OBJECTS + 1))
    record = FrameRecord(
        scene,
        frame,
        _camera(),
        objects if "objects" in names else None,
        (Order(1, 2, 7),) if "occlusion_order" in names else None,
        _segments(images["panoptic"]) if "panoptic" in names else None,
    )
    arrays = {"lidar": vars(scan(scene, frame))} if "lidar" in names else {}
    return FrameLabels(images, record, arrays)


def write_dataset(
    root: Path | Layout,
    names: Sequence[str] = tuple(LABELS),
    scenes: Sequence[int] = (0, 2),
    frames: int = 3,
) -> dict[tuple[int, int], FrameLabels]:
    """Write a dataset, and return its labels by scene and frame."""
    place = root if isinstance(root, Layout) else Layout(root)
    config = Config(
        num_scenes=max(scenes) + 1,
        frames_per_scene=frames,
        labels=list(names),
        camera=CameraConfig(stereo_baseline=0.1),
        background=BackgroundConfig(empty=True),  # for rgba
        render=RenderConfig(width=WIDTH, height=HEIGHT),
    )
    manifest.write(
        place, manifest.make_manifest(config, CLASSES, ("background", "table", "floor", "wall"), "")
    )
    made = {}
    for scene in scenes:
        rng = np.random.default_rng(scene)
        for frame in range(frames):
            made[scene, frame] = labels(scene, frame, frames, names, rng)
        followed = {"tracks": vars(tracks(scene, frames))} if "tracks" in names else {}
        shown = [made[scene, frame] for frame in range(frames)]
        whole = LabelledScene(shown, lambda found=followed: found)  # type: ignore[misc]
        commit_scene(place, spec(scene, frames, names), whole)
    return made


def scan(scene: int, frame: int) -> LidarScan:
    """Random points in front of the camera, the same each time."""
    rng = np.random.default_rng(200 + 10 * scene + frame)
    points = rng.uniform([1, -0.3, -0.3], [3, 0.3, 0.3], (40, 3)).astype(np.float32)
    ranges = np.linalg.norm(points, axis=1)
    ranges[::7] = np.nan
    return LidarScan(
        exact_points=points,
        range=ranges,
        intensity=np.where(np.isnan(ranges), 0, rng.random(40)).astype(np.float32),
        instance_id=rng.integers(0, OBJECTS + 1, 40).astype(np.uint16),
        class_id=rng.integers(0, len(CLASSES) + 1, 40).astype(np.uint16),
        pulse=np.arange(0, 80, 2, dtype=np.int32),
        grid=np.array([4, 20], np.int32),
        lidar_to_camera=np.array([[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]),
    )


def tracks(scene: int, frames: int) -> Tracks:
    """Random tracks, the same each time."""
    rng = np.random.default_rng(100 + scene)
    return Tracks(
        points=(rng.random((5, frames, 2)) * WIDTH).astype(np.float32),
        occluded=rng.random((5, frames)) < 0.5,
        positions=rng.random((5, frames, 3)).astype(np.float32),
        query_frame=rng.integers(0, frames, 5).astype(np.int32),
        instance_id=rng.integers(0, OBJECTS + 1, 5).astype(np.int32),
    )


def spec(scene: int, frames: int, names: Sequence[str]) -> SceneSpec:
    pose = tuple(tuple(float(value) for value in row) for row in np.eye(4))
    return SceneSpec(
        seed=0,
        index=scene,
        classes=CLASSES,
        labels=tuple(names),
        objects=(),
        stage=StageSpec("tabletop", {}, {}),
        environment=EnvironmentSpec("plain", 1.0),
        lights=(),
        cameras=(CameraSpec(pose, LensSpec(35.0, 36.0)),) * frames,
        render=RenderSpec(WIDTH, HEIGHT, 1, False, 1, 0),
    )


def silhouette(instance: int) -> np.ndarray:
    """`H x W` bool: a square; the last object is out of sight and has none."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    if instance < OBJECTS:
        mask[4 * instance : 4 * instance + 8, 5 * instance : 5 * instance + 8] = True
    return mask


def _object(instance: int, names: Sequence[str], rng: np.random.Generator) -> ObjectRecord:
    pose = np.eye(4)
    pose[:3, 3] = (0.2 * instance - 0.4, 0.0, 1.5)
    mask = silhouette(instance)
    rle = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    coded = {"size": list(mask.shape), "counts": rle["counts"].decode("ascii")}
    seen = bool(mask.any())
    points = (
        Keypoint("handle", np.array([0.1, 0.2, 1.5]), np.array([8.5, 9.5]), 2),
        Keypoint("foot", np.array([0.1, 0.2, -1.0]), np.array([np.nan, np.nan]), 0),
    )
    return ObjectRecord(
        instance_id=instance,
        class_id=1 + instance % 2,
        class_name=CLASSES[instance % 2],
        asset=CLASSES[instance % 2],
        scale=1.0,
        object_to_world=pose,
        object_to_camera=pose,
        box_min=np.full(3, -0.2),
        box_max=np.full(3, 0.2),
        corners=rng.random((8, 2)) * 20,
        visible_pixels=int(mask.sum()),
        visible_fraction=float(seen),
        inside_fraction=float(seen),
        unoccluded_fraction=float(seen),
        bbox=(5.0 * instance, 4.0 * instance, 8.0, 8.0) if seen else None,
        oriented_box=np.array([[5, 4], [13, 4], [13, 12], [5, 12]]) * 1.0 if seen else None,
        segmentation=coded if seen else None,
        amodal_bbox=(5.0 * instance, 4.0 * instance, 8.0, 8.0) if seen else None,
        amodal_segmentation=coded if seen and "amodal_masks" in names else None,
        keypoints=points if "keypoints" in names else None,
        skeleton=((0, 1),) if "keypoints" in names else None,
    )


def _segments(panoptic: np.ndarray) -> tuple[Segment, ...]:
    found = []
    for number in np.unique(panoptic).tolist():
        rows, columns = np.nonzero(panoptic == number)
        x, y = float(columns.min()), float(rows.min())
        box = (x, y, float(columns.max()) + 1 - x, float(rows.max()) + 1 - y)
        thing = number <= OBJECTS
        category = 1 + number % 2 if thing else BACKGROUND + number - OBJECTS - 1
        found.append(Segment(number, category, thing, len(rows), box))
    return tuple(found)


def _camera() -> CameraRecord:
    k = np.array([[40.0, 0, WIDTH / 2], [0, 40.0, HEIGHT / 2], [0, 0, 1]])
    return CameraRecord(WIDTH, HEIGHT, k, np.eye(4), LensRecord("pinhole", 35.0, 36.0), 0.1)
