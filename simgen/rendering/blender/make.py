"""Rendering of the frames of one resolved spec; the entry point of this package."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import bpy
import numpy as np

from simgen.assets.textures import NO_PICTURES, Pictures
from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import pose_at
from simgen.rendering.blender import codes, intrinsic, weather
from simgen.rendering.blender.backdrop import (
    SHADE_PASSES,
    backdrop_channels,
    clear_film,
)
from simgen.rendering.blender.build import add_camera, build_light, build_things, dark_copy
from simgen.rendering.blender.camera import blender_axes, distance_from_depth, set_lens
from simgen.rendering.blender.devices import choose_device
from simgen.rendering.blender.motion import Deforming, has_motion_blur, move, place, set_up_shutter
from simgen.rendering.blender.render import (
    IMAGE_PASS,
    LABEL_PASSES,
    read_passes,
    render,
    set_up_render,
)
from simgen.rendering.blender.session import reset
from simgen.rendering.devices import CPU, Device, check_denoiser
from simgen.rendering.kernels import compiled_once
from simgen.rendering.stopwatch import Stopwatch
from simgen.resources import cache_dir
from simgen.spec.frame import RawFrame
from simgen.spec.scene import CameraSpec, LensSpec, SceneSpec
from simgen.stages.stage import StagePart

IMAGE, RIGHT = "radiance", "radiance_right"
"""Passes of the image and of the right camera's image."""


@dataclass(frozen=True)
class Machine:
    """The resources for rendering. threads: 0 for all cores. device: as `render.device` in the
    config. scratch: an existing folder for temporary files. pictures: the image files that specs
    name. number: of the worker, which selects its GPU."""

    scratch: Path
    threads: int = 0
    device: str = "auto"
    pictures: Pictures = NO_PICTURES
    number: int = 0


def render_frames(
    spec: SceneSpec,
    meshes: Sequence[MeshData],
    stage: Sequence[StagePart],
    machine: Machine,
    passes: Collection[str],
    watch: Stopwatch | None = None,
) -> Iterator[RawFrame]:
    """Build a spec's scene and render its frames one by one.

    meshes: one per object of the spec, in its order, unscaled. stage: its parts. passes: to render
    in addition to distance and ids: `radiance`, `radiance_right` or names in `RawFrame.passes`.
    watch: measures the time of each stage. Raises `OSError` if the scratch folder cannot be
    written, `RuntimeError` if Cycles cannot render.
    """
    watch = watch or Stopwatch()
    with watch.stage("build"):
        studio = build_studio(spec, meshes, stage, machine, passes)
    for frame in range(len(spec.cameras)):
        with watch.stage("render"), compiled_once(studio.device, cache_dir()):
            raw = studio.render(frame)
        yield raw


class View:
    """The cameras in a scene that take one kind of image: one, or as many as a rig has.

    shift: offset to the right of the spec's cameras, metres. sharp: without depth of field.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        spec: SceneSpec,
        name: str,
        *,
        shift: float = 0.0,
        sharp: bool = False,
    ) -> None:
        self.scene = scene
        self._spec = spec
        count = max(len(spec.rig), 1)
        self._cameras = [add_camera(scene, f"{name} {n}" if n else name) for n in range(count)]
        self._shift = shift
        self._sharp = sharp
        self._shown: tuple[LensSpec, int, int, int] | None = None

    def follow(self) -> None:
        """Animate each camera along its poses in a sequence."""
        moments = self._spec.moments
        for number, camera in enumerate(self._cameras):
            poses = self._spec.cameras[number * moments : (number + 1) * moments]
            move(camera, [self._pose(pose) for pose in poses])

    def stand(self, frame: int) -> None:
        """Move the camera of a frame to its pose."""
        place(self._of(frame), self._pose(self._spec.cameras[frame]))

    def shoot(self, frame: int) -> None:
        """Render a frame of the scene."""
        lens, (width, height) = self._spec.cameras[frame].lens, self._spec.size(frame)
        shown = lens, width, height, frame // self._spec.moments
        if shown != self._shown:
            self.scene.render.resolution_x, self.scene.render.resolution_y = width, height
            plain = replace(lens, f_stop=0.0) if self._sharp else lens
            set_lens(self.scene, self._of(frame).data, plain)
            self._shown = shown
        self.scene.camera = self._of(frame)
        self.scene.frame_set(self._spec.moment(frame))
        render(self.scene)

    def _of(self, frame: int) -> bpy.types.Object:
        return self._cameras[frame // self._spec.moments]

    def _pose(self, camera: CameraSpec) -> np.ndarray:
        pose = np.array(camera.cam_to_world)
        pose[:3, 3] += self._shift * pose[:3, 0]
        return blender_axes(pose)


@dataclass(frozen=True)
class Studio:
    """A built scene and the views of it.

    device: on which it is rendered. things: objects and parts in the order of their codes. labels:
    the view for ids and distance, which is the image's view if its rays are sharp. passes: as in
    `render_frames`. image, right: None if none of its passes is requested.
    """

    spec: SceneSpec
    scratch: Path
    device: Device
    things: tuple[bpy.types.Object, ...]
    deforming: tuple[Deforming, ...]
    labels: View
    passes: frozenset[str]
    image: View | None
    right: View | None

    @property
    def views(self) -> tuple[View, ...]:
        """Return the distinct views."""
        views = (self.image, self.right, self.labels if self.labels is not self.image else None)
        return tuple(view for view in views if view is not None)

    def render(self, frame: int) -> RawFrame:
        """Render a frame. Raises `OSError` if the scratch folder cannot be written, `RuntimeError`
        if Cycles cannot render."""
        self._go_to(frame)
        lens = self.spec.cameras[frame].lens
        radiance = radiance_right = None
        passes: dict[str, np.ndarray] = {}
        if self.right is not None:
            self.right.shoot(frame)
            radiance_right = _colour(self._read(self.right, IMAGE_PASS), IMAGE_PASS)
        if self.image is not None:
            self.image.shoot(frame)
            picture = {**IMAGE_PASS, **backdrop_channels(self.spec)} if IMAGE in self.passes else {}
            passes = self._read(self.image, {**picture, **intrinsic.channels(self.passes)})
            radiance = _colour(passes, IMAGE_PASS)
        if self.labels is not self.image:
            self.labels.shoot(frame)
            passes |= self._read(self.labels, {})
        code = codes.decode(passes["index"], self._high_digit(frame))
        distance = distance_from_depth(passes["depth"], lens)
        code[np.isinf(distance)] = 0
        distance[code == 0] = np.inf
        taken_apart = intrinsic.assemble(passes, self.passes)
        cover, shade = passes.get("cover"), _colour(passes, SHADE_PASSES)
        return RawFrame(radiance, distance, code, taken_apart, radiance_right, cover, shade)

    def _go_to(self, frame: int) -> None:
        if self.spec.frame_rate == 0:
            for view in self.views:
                view.stand(frame)
        for thing in self.deforming:
            if has_motion_blur(self.spec):
                thing.take_shapes(self.spec.moment(frame))
            elif frame == 0 or self.spec.frame_rate > 0:
                thing.take_shape(self.spec.moment(frame))

    def _read(self, view: View, more: dict[str, str]) -> dict[str, np.ndarray]:
        """Read the passes that a view has just rendered: those for labels, if this is the labels'
        view, and `more`."""
        wanted = {**LABEL_PASSES, **more} if view is self.labels else more
        return read_passes(view.scene, self.scratch, wanted) if wanted else {}

    def _high_digit(self, frame: int) -> np.ndarray | None:
        if codes.fit_one_digit(len(self.things)):
            return None
        codes.mark_high(self.things)
        self.labels.shoot(frame)
        codes.mark_low(self.things)
        return self._read(self.labels, {})["index"]


def build_studio(
    spec: SceneSpec,
    meshes: Sequence[MeshData],
    stage: Sequence[StagePart],
    machine: Machine,
    passes: Collection[str],
) -> Studio:
    """Build a complete Blender scene. passes: as in `render_frames`."""
    scene = reset()
    device = choose_device(machine.device, machine.number, spec.lens_model)
    if spec.render.denoise:
        check_denoiser(spec.render.denoiser, device.kind)
    cycles_name = "CPU" if device.kind == CPU else "GPU"
    set_up = partial(set_up_render, threads=machine.threads, device=cycles_name)
    left = bool(set(passes) - {RIGHT})
    right = RIGHT in passes and spec.stereo_baseline > 0
    things = build_things(scene, spec, stage, meshes, machine.pictures)
    weather.cover(spec.weather)
    set_up(scene, spec.render, image=left or right)
    if left or right:
        build_light(scene, spec, machine.pictures)
        weather.dim(scene.world, spec.weather)
        if spec.background is not None:
            clear_film(scene, spec)
        intrinsic.switch_on(scene.view_layers[0], passes)
        if has_motion_blur(spec):
            set_up_shutter(scene, spec.shutter)
    image = View(scene, spec, "camera") if left else None
    if image is not None and _is_sharp(spec) and codes.fit_one_digit(len(things)):
        labels = image
    else:
        dark = scene
        if left or right:
            dark = dark_copy(scene)
            set_up(dark, spec.render, image=False)
        labels = View(dark, spec, "label camera", sharp=True)
    studio = Studio(
        spec=spec,
        scratch=machine.scratch,
        device=device,
        things=things,
        deforming=tuple(_deforming(spec, meshes, things[len(stage) :])),
        labels=labels,
        passes=frozenset(passes),
        image=image,
        right=View(scene, spec, "right camera", shift=spec.stereo_baseline) if right else None,
    )
    _animate(studio, things[len(stage) :])
    return studio


def _colour(passes: dict[str, np.ndarray], names: Collection[str]) -> np.ndarray | None:
    """Stack colour channels, `H x W x 3` float32; None if they were not rendered."""
    if not passes.keys() >= set(names):
        return None
    return np.ascontiguousarray(np.stack([passes[name] for name in names], axis=-1))


def _is_sharp(spec: SceneSpec) -> bool:
    """Return whether the image's rays pass through pixel centres at a single moment."""
    return not has_motion_blur(spec) and all(camera.lens.f_stop == 0 for camera in spec.cameras)


def _deforming(
    spec: SceneSpec, meshes: Sequence[MeshData], objects: Sequence[bpy.types.Object]
) -> Iterator[Deforming]:
    for item, mesh, made in zip(spec.objects, meshes, objects, strict=True):
        if item.deformation is not None:
            yield Deforming(made, item, mesh.vertices, spec.frame_rate)


def _animate(studio: Studio, objects: Sequence[bpy.types.Object]) -> None:
    spec = studio.spec
    for item, made in zip(spec.objects, objects, strict=True):
        if item.trajectory:
            move(made, [pose_at(item, moment) for moment in range(spec.moments)])
    if spec.frame_rate > 0:
        for view in studio.views:
            view.follow()
