"""From the rendered frames of a scene to all of their labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.frame import RawFrame
from simgen.labels import flow, maps, stereo
from simgen.labels.ignored import ignore_regions
from simgen.labels.objects import ObjectLabels
from simgen.labels.order import occlusion_order
from simgen.labels.panoptic import panoptic
from simgen.labels.silhouettes import silhouettes
from simgen.labels.tracks import Tracker, Tracks
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.mesh import MeshData
from simgen.record import CameraRecord, FrameRecord, LensRecord
from simgen.sensor import Developer
from simgen.spec import SceneSpec
from simgen.stage import StagePart

Image = np.ndarray | None
"""None where a frame has no such label, as the last one has no flow forward."""

PICTURES: dict[str, Callable[[FrameView], Image]] = {
    "depth": maps.planar_depth,
    "ray_distance": maps.ray_distance,
    "normals": maps.normals,
    "object_coordinates": maps.object_coordinates,
    "uv": maps.uv,
    "albedo": lambda view: view.raw.passes["albedo"],
    "diffuse": lambda view: view.raw.passes["diffuse"],
    "specular": lambda view: view.raw.passes["specular"],
    "emission": lambda view: view.raw.passes["emission"],
    "instances": lambda view: view.instances,
    "semantic": maps.semantic,
    "parts": maps.parts,
    "transparent": maps.transparent,
    "flow_forward": flow.flow_forward,
    "flow_backward": flow.flow_backward,
    "occlusion_forward": flow.occlusion_forward,
    "occlusion_backward": flow.occlusion_backward,
    "scene_flow_forward": flow.scene_flow_forward,
    "scene_flow_backward": flow.scene_flow_backward,
    "disparity": stereo.disparity,
    "disparity_occlusion": stereo.disparity_occlusion,
}
"""Labels that are pictures, each from what is known of a frame. `panoptic` comes with a table, and
`rgb` and `rgb_right` from the sensor."""


@dataclass(frozen=True)
class Labels:
    """All labels of a frame.

    images: those that are pictures, by name; `simgen.store.layout` says how each is stored.
    """

    images: dict[str, np.ndarray]
    record: FrameRecord


@dataclass(frozen=True)
class SceneLabels:
    """Labels that belong to a scene as a whole. None for those that were not asked for."""

    tracks: Tracks | None = None


class Annotator:
    """Makes the labels of a scene's frames, in their order. Holds what the frames share.

    meshes: one per object of the spec, in its order, unscaled. stage: its parts.
    """

    def __init__(
        self, spec: SceneSpec, meshes: Sequence[MeshData], stage: Sequence[StagePart]
    ) -> None:
        self._spec = spec
        self._stage = tuple(stage)
        self._world = World(spec, meshes, stage)
        self._objects = ObjectLabels(self._world)
        self._tracker = Tracker(self._world) if "tracks" in spec.labels else None
        self._developer = Developer(spec)

    def frames(self, raws: Iterable[RawFrame]) -> Iterator[Labels]:
        """The labels of each frame."""
        for number, raw in enumerate(raws):
            yield self.annotate(raw, number)

    def scene(self) -> SceneLabels:
        """The labels of the whole scene, once all frames were annotated."""
        return SceneLabels(self._tracker.tracks() if self._tracker else None)

    def annotate(self, raw: RawFrame, frame: int) -> Labels:
        """The labels of one frame."""
        wanted = self._spec.labels
        view = FrameView(self._world, raw, frame)
        developed = self._developer.develop(raw, frame)
        made = {"rgb": developed.rgb, "rgb_right": developed.rgb_right}
        made |= {name: make(view) for name, make in PICTURES.items() if name in wanted}
        images = {name: image for name, image in made.items() if image is not None}
        segments = None
        if "panoptic" in wanted:
            images["panoptic"], segments = panoptic(view, self._stage)
        if self._tracker:
            self._tracker.see(view)
        outlines = silhouettes(view) if {"objects", "occlusion_order"} & set(wanted) else ()
        objects = self._objects.records(view, outlines) if "objects" in wanted else None
        order = occlusion_order(outlines) if "occlusion_order" in wanted else None
        camera = self._camera(view)
        record = FrameRecord(
            self._spec.index,
            frame,
            camera,
            objects,
            order,
            segments,
            developed.exposure_stops,
            ignore_regions(view),
        )
        return Labels(images, record)

    def _camera(self, view: FrameView) -> CameraRecord:
        lens, spec = self._spec.cameras[view.frame].lens, self._spec
        return CameraRecord(
            width=spec.render.width,
            height=spec.render.height,
            K=view.lens.matrix,
            cam_to_world=view.cam_to_world,
            lens=LensRecord(
                model=lens.model,
                focal_length_mm=lens.focal_length_mm,
                sensor_width_mm=lens.sensor_width_mm,
                coefficients=view.lens.coefficients,
                f_stop=lens.f_stop,
                focus_distance=lens.focus_distance,
            ),
            stereo_baseline=spec.stereo_baseline,
            time=view.frame / spec.frame_rate if spec.frame_rate else 0.0,
        )
