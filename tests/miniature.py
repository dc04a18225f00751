"""Specs of a few solids, rendered in this process, and what rays should meet in them.

Rays come from OpenCV, and meet boxes by the slab method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from simgen.assets.textures import NO_PICTURES, Pictures
from simgen.geometry.mesh import MeshData
from simgen.labels.registry import render_passes
from simgen.rendering.sensor import Exposure, develop
from simgen.spec.frame import RawFrame
from simgen.spec.scene import (
    AssetRef,
    CameraSpec,
    EnvironmentSpec,
    LensSpec,
    LightSpec,
    MaterialSpec,
    ObjectSpec,
    RenderSpec,
    SceneSpec,
    SensorSpec,
    StageSpec,
)
from simgen.stages.stage import StagePart

WIDTH, HEIGHT = 96, 72
MATERIAL = MaterialSpec("plastic", (0.6, 0.2, 0.1), (0.1, 0.1, 0.1), 0.4)
UPRIGHT = (1.0, 0.0, 0.0, 0.0)


def thing(number: int, position: Sequence[float], **more: object) -> ObjectSpec:
    """The object with an instance id, in front of a camera that stands in the origin."""
    x, y, z = (float(value) for value in position)
    return ObjectSpec(
        **{  # type: ignore[arg-type]
            "instance_id": number,
            "class_name": "solid",
            "class_id": 1,
            "asset": AssetRef("parametric", "solid"),
            "scale": 1.0,
            "position": (x, y, z),
            "rotation": UPRIGHT,
            "materials": {"body": MATERIAL},
            **more,
        }
    )


def camera(lens: LensSpec, shift: Sequence[float] = (0.0, 0.0, 0.0)) -> CameraSpec:
    """One that looks along the world's z, moved by metres."""
    pose = np.eye(4)
    pose[:3, 3] = shift
    return CameraSpec(tuple(tuple(map(float, row)) for row in pose), lens)  # type: ignore[arg-type]


def spec(
    objects: Sequence[ObjectSpec],
    cameras: Sequence[CameraSpec],
    *,
    labels: tuple[str, ...] = ("rgb", "depth"),
    width: int = WIDTH,
    height: int = HEIGHT,
    samples: int = 1,
    lights: tuple[LightSpec, ...] = (),
    **more: object,
) -> SceneSpec:
    return SceneSpec(
        seed=0, index=0, classes=("solid",), labels=labels, objects=tuple(objects),
        stage=StageSpec("none", {}, {"body": MATERIAL}),
        environment=EnvironmentSpec("plain", 1.0), lights=lights, cameras=tuple(cameras),
        render=RenderSpec(width, height, samples, False, 4, 0),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def shoot(
    made: SceneSpec,
    meshes: Sequence[MeshData],
    folder: Path,
    stage: Sequence[StagePart] = (),
    pictures: Pictures = NO_PICTURES,
) -> list[RawFrame]:
    """All frames of a spec."""
    from simgen.rendering.blender.make import Machine, render_frames

    machine = Machine(folder, device="cpu", pictures=pictures)
    return list(render_frames(made, meshes, stage, machine, render_passes(made.labels)))


def picture(raw: RawFrame) -> np.ndarray:
    """`H x W x 3` uint8, of a perfect camera with a fixed exposure."""
    assert raw.radiance is not None
    return develop(raw.radiance, SensorSpec(metering="fixed"), Exposure(1.0), 0)


def centres(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """`H x W x 2`: pixel centres."""
    return np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1)


def opencv_camera(lens: LensSpec, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """K, `3 x 3`, as OpenCV counts: from the middle of the top left pixel."""
    fx = lens.focal_length_mm / lens.sensor_width_mm * width
    x, y = lens.principal_point
    middle = x * width - 0.5, y * height - 0.5
    return np.array([[fx, 0, middle[0]], [0, fx * lens.pixel_aspect, middle[1]], [0, 0, 1.0]])


def opencv_rays(lens: LensSpec, pixels: np.ndarray) -> np.ndarray:
    """Unit directions, `n x 3`, through pixels (`n x 2`, the corner of the image is 0) of an image
    of the usual size. OpenCV's search is to be trusted where the image is not folded over."""
    if lens.model == "orthographic":
        return np.tile([0.0, 0.0, 1.0], (len(pixels), 1))
    if lens.model == "equirectangular":
        across = (pixels[:, 0] / WIDTH - 0.5) * 2 * np.pi
        down = (pixels[:, 1] / HEIGHT - 0.5) * np.pi
        level = np.cos(down)
        return np.stack([np.sin(across) * level, np.sin(down), np.cos(across) * level], axis=1)
    k, stop = opencv_camera(lens), (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-14)
    points = np.ascontiguousarray(pixels - 0.5)[:, None]
    if lens.model == "kannala_brandt":
        given = np.array(lens.coefficients)
        flat = cv2.fisheye.undistortPoints(points, k, given, None, None, None, stop)[:, 0]
    else:
        given = np.array(lens.coefficients or (0.0,) * 5)
        flat = cv2.undistortPoints(points, k, given, None, None, None, stop)[:, 0]
    rays = np.column_stack([flat, np.ones(len(flat))])
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def origins(lens: LensSpec, pixels: np.ndarray) -> np.ndarray:
    """Where these rays start, `n x 3`."""
    if lens.model != "orthographic":
        return np.zeros((len(pixels), 3))
    across = lens.view_width / WIDTH  # metres of a pixel
    x, y = lens.principal_point
    offset = (pixels - [x * WIDTH, y * HEIGHT]) * [across, across / lens.pixel_aspect]
    return np.column_stack([offset, np.zeros(len(pixels))])


@dataclass(frozen=True)
class Slabs:
    """A box of metres, turned by a rotation vector and put somewhere."""

    sides: tuple[float, float, float]
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))

    @property
    def quaternion(self) -> tuple[float, ...]:
        angle = float(np.linalg.norm(self.turn))
        axis = np.array(self.turn) / max(angle, 1e-12) * np.sin(angle / 2)
        return (float(np.cos(angle / 2)), *map(float, axis))

    def distances(self, rays: np.ndarray, starts: np.ndarray | None = None) -> np.ndarray:
        """`n`, metres to where unit rays (`n x 3`) first meet a face, infinity for none. starts:
        `n x 3`, the world's origin when not given."""
        rotation = cv2.Rodrigues(np.array(self.turn))[0]
        starts = np.zeros(3) if starts is None else starts
        eye = (starts - np.array(self.place)) @ rotation
        local = rays @ rotation
        half = np.array(self.sides) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (-half - eye) / local, (half - eye) / local
        enter = np.minimum(first, second).max(axis=1)
        leave = np.maximum(first, second).min(axis=1)
        met = np.where(enter > 0, enter, leave)  # from inside, the far wall
        return np.where((enter <= leave) & (leave > 0), met, np.inf)
