"""Inputs from which the labels of a frame are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.geometry.mesh import MeshData
from simgen.labels.keypoints import Landmarks
from simgen.labels.objects import landmarks
from simgen.labels.silhouettes import Silhouette, silhouettes
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.rendering.sensor import Developed, Developer
from simgen.spec.frame import RawFrame
from simgen.spec.scene import SceneSpec
from simgen.stages.stage import StagePart


class SceneInputs:
    """Data shared by the frames of a scene.

    meshes: one unscaled mesh per object of the spec, in its order. stage: parts of the stage.
    photograph: behind them, `H x W x 3` uint8 sRGB, if there is one.
    """

    world: World
    landmarks: tuple[Landmarks, ...]

    def __init__(
        self,
        spec: SceneSpec,
        meshes: Sequence[MeshData],
        stage: Sequence[StagePart],
        photograph: np.ndarray | None = None,
    ) -> None:
        self.world = World(spec, meshes, stage)
        self.landmarks = landmarks(self.world)
        self._developer = Developer(spec, photograph)

    def frame(self, raw: RawFrame, frame: int) -> FrameInputs:
        """Return the inputs of one frame. Call it in frame order: the sensor meters sequences."""
        developed = self._developer.develop(raw, frame)
        return FrameInputs(self, FrameView(self.world, raw, frame), developed)


@dataclass
class FrameInputs:
    """Data of one frame.

    view: what each pixel's ray hits. developed: the images of the sensor.
    """

    scene: SceneInputs
    view: FrameView
    developed: Developed

    @cached_property
    def silhouettes(self) -> tuple[Silhouette, ...]:
        """One silhouette per object, in their order."""
        return silhouettes(self.view)
