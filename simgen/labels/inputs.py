"""What the labels of a frame are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
    """What the frames of a scene share.

    meshes: one per object of the spec, in its order, unscaled. stage: its parts.
    """

    world: World
    landmarks: tuple[Landmarks, ...]

    def __init__(
        self, spec: SceneSpec, meshes: Sequence[MeshData], stage: Sequence[StagePart]
    ) -> None:
        self.world = World(spec, meshes, stage)
        self.landmarks = landmarks(self.world)
        self._developer = Developer(spec)

    def frame(self, raw: RawFrame, frame: int) -> FrameInputs:
        """What is known of one frame. Frames come in their order: the sensor meters sequences."""
        developed = self._developer.develop(raw, frame)
        return FrameInputs(self, FrameView(self.world, raw, frame), developed)


@dataclass
class FrameInputs:
    """What is known of a frame.

    view: what each pixel's ray meets. developed: the images of the sensor.
    """

    scene: SceneInputs
    view: FrameView
    developed: Developed

    @cached_property
    def silhouettes(self) -> tuple[Silhouette, ...]:
        """One per object, in their order."""
        return silhouettes(self.view)
