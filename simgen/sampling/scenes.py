"""Sampling of a resolved SceneSpec: every value sampled, every object at rest. No Blender.

Each factor has its own keyed stream (`simgen.config.draws`), so no sample depends on another.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import asset_key
from simgen.config import Config, RenderConfig
from simgen.config.calibrated import rig_of
from simgen.config.draws import Draws
from simgen.errors import InputError, SceneError, ShapeError
from simgen.geometry.transforms import as_vector
from simgen.sampling.cases import ATTEMPTS, Case, NotAsAskedError, case_of, check_pose, read_cases
from simgen.sampling.depth_camera import depth_camera_spec
from simgen.sampling.framing import Meshed, hidden_message, onlooker, scenery_of
from simgen.sampling.lidar import lidar_spec
from simgen.sampling.object_specs import ObjectSpecs, rigid_body
from simgen.sampling.placement.place import TaggedBody, place
from simgen.sampling.randomizers.background import Backdrop, draw_backdrop, facing
from simgen.sampling.randomizers.camera import Scenery, Shot
from simgen.sampling.randomizers.camera_distance import rim
from simgen.sampling.randomizers.lighting import draw_light
from simgen.sampling.randomizers.objects import (
    DrawnObject,
    Wanted,
    class_weights,
    draw_distractors,
    draw_objects,
)
from simgen.sampling.randomizers.posed import posed_cameras
from simgen.sampling.randomizers.render import draw_render
from simgen.sampling.randomizers.rig import rig_specs
from simgen.sampling.randomizers.sensor import draw_sensor
from simgen.sampling.randomizers.views import NoViewError, draw_cameras
from simgen.sampling.randomizers.weather import draw_weather
from simgen.sampling.splits import Splits
from simgen.sampling.stage_specs import draw_roomy_stage
from simgen.spec.scene import CameraSpec, EnvironmentSpec, SceneSpec, ShutterSpec, StageSpec
from simgen.stages.furnishings import (
    NONE,
    Furnishings,
    label_furnishings,
    shown_by,
    shown_classes,
)
from simgen.stages.registry import build_stage, fit_stage, stuff_classes
from simgen.stages.resolver import Resolver, SceneAssets
from simgen.stages.stage import StageContent, without_parts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DrawnScene:
    """A spec with the geometry that it refers to, which sampling required."""

    spec: SceneSpec
    assets: SceneAssets


@dataclass(frozen=True)
class _Task:
    """One attempt at a scene. case: the rare case that it is generated for, if any."""

    draws: Draws
    catalogue: Catalogue
    resolver: Resolver
    case: Case | None
    split: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Placed:
    """Everything at rest on a stage.

    drawn: all objects and distractors to be placed. subjects: what cameras look at: the objects or,
    in a scene without any, its distractors or else a stand-in that is not part of the scene.
    ground: height of the lowest support, metres; -infinity if objects float. backdrop: what
    replaces the parts of the stage, which `content` then lacks; None if they stay.
    """

    stage: StageSpec
    content: StageContent
    drawn: tuple[DrawnObject, ...]
    objects: tuple[Meshed, ...]
    distractors: tuple[Meshed, ...]
    subjects: tuple[Meshed, ...]
    ground: float
    backdrop: Backdrop | None

    @property
    def visible(self) -> tuple[Meshed, ...]:
        """Subjects, then everything else that is visible apart from the stage."""
        return self.subjects if not self.objects else (*self.objects, *self.distractors)


def sample_scene(
    config: Config, catalogue: Catalogue, resolver: Resolver, scene: int, labels: tuple[str, ...]
) -> SceneSpec:
    """Return the resolved spec of one scene. Raises like `draw_scene`."""
    return draw_scene(config, catalogue, resolver, scene, labels).spec


def draw_scene(
    config: Config, catalogue: Catalogue, resolver: Resolver, scene: int, labels: tuple[str, ...]
) -> DrawnScene:
    """Return the resolved spec of one scene, with its meshes. labels: names of the labels of its
    frames.

    Raises `AssetError` if a mesh can no longer be loaded, and `SceneError` if no object could be
    placed, or the requirements of a case were not met.
    """
    cases = read_cases(config)
    case = case_of(cases, config.seed, scene)
    splits = Splits.read(config.seed, config.splits, [other.share for other in cases])
    reason = ""
    for attempt in range(ATTEMPTS):
        draws = Draws(case.config if case else config, scene, attempt)
        try:
            task = _Task(draws, catalogue, resolver, case, splits.of(scene), labels)
            return _draw_without_refused(task)
        except NotAsAskedError as error:
            reason = str(error)
    what = f"case {case.name!r}" if case else "the camera's ranges"
    raise SceneError(f"scene {scene}: {what}: {reason} in any of {ATTEMPTS} attempts")


def _draw_without_refused(task: _Task) -> DrawnScene:
    """Sample a scene, replacing assets whose shape the physics rejects."""
    refused: set[str] = set()
    while True:
        try:
            drawn = _draw(task)
        except ShapeError as error:
            accepted = task.catalogue.without(error.names)
            enough = _has_enough(accepted, task.draws.config, task.case)
            if accepted == task.catalogue or not enough:
                raise
            log.warning("scene %d: %s; replaced by another asset", task.draws.scene, error)
            task = replace(task, catalogue=accepted)
            refused |= error.names
        else:
            return replace(drawn, spec=replace(drawn.spec, refused=tuple(sorted(refused))))


def _has_enough(catalogue: Catalogue, config: Config, case: Case | None) -> bool:
    """Return whether a usable class still has an asset."""
    if case is not None and case.class_name is not None:
        return case.class_name in catalogue.usable
    try:
        return bool(class_weights(config, catalogue))
    except InputError:
        return False


def _draw(task: _Task) -> DrawnScene:
    draws, resolver, config = task.draws, task.resolver, task.draws.config
    placed = _place_objects(task)
    objects = tuple(item for item, _ in placed.objects)
    content = placed.content
    scenery, extent = scenery_of(draws, placed.subjects, content.room, placed.ground)
    cameras = _draw_cameras(task, placed, scenery)
    stage = resolver.stages.get(config.scene.name)
    fitted = fit_stage(
        stage,
        placed.stage,
        # Objects at rest may lean against a wall, which must not move then.
        extent.reach if config.motion.objects == "keyframed" else 0.0,
        _camera_reach(cameras, config.render) + config.camera.stereo_baseline,
    )
    room = content.room
    if fitted.params != placed.stage.params:
        content = build_stage(stage, fitted)
        content = content if placed.backdrop is None else without_parts(content)
    centre, radius = as_vector(scenery.pile.centre), scenery.pile.radius
    environment, lights = draw_light(draws, resolver.hdris, content.lamps, centre, radius, room)
    environment = facing(environment, cameras[0])
    weather, environment = draw_weather(draws, environment)
    environment, furnishings = _label_surroundings(
        task, environment, fitted, content, len(objects) + 1
    )
    spec = SceneSpec(
        seed=config.seed,
        index=draws.scene,
        classes=task.catalogue.classes,
        labels=task.labels,
        objects=(*objects, *furnishings.objects),
        stage=fitted,
        environment=environment,
        lights=lights,
        cameras=cameras,
        rig=rig_specs(rig_of(config)),
        render=draw_render(draws),
        sensor=draw_sensor(draws),
        distractors=tuple(item for item, _ in placed.distractors),
        shutter=ShutterSpec(float(config.camera.shutter), float(config.camera.row_exposure)),
        frame_rate=draws.frame_rate,
        stereo_baseline=float(config.camera.stereo_baseline),
        track_count=config.tracks.count if "tracks" in task.labels else 0,
        split=task.split,
        case=task.case.name if task.case else "",
        factors=draws.factors(),
        stuff=stuff_classes(stage),
        stage_classes=furnishings.classes,
        unlabelled=furnishings.unlabelled,
        weather=weather,
        lidar=lidar_spec(config.lidar) if "lidar" in task.labels else None,
        depth_camera=depth_camera_spec(config.depth_camera)
        if "sensor_depth" in task.labels
        else None,
        background=placed.backdrop.spec if placed.backdrop else None,
    )
    for name, change in sorted(resolver.randomizers.items()):
        spec = change(spec, draws.stream("plugin", name))
    known = {asset_key(item.asset): item.mesh for item in placed.drawn}
    same_stage = spec.stage.params == fitted.params and spec.stage.name == fitted.name
    return DrawnScene(spec, resolver.resolve(spec, content if same_stage else None, known))


def _place_objects(task: _Task) -> _Placed:
    """Sample objects, distractors and a stage, and let everything come to rest."""
    draws, catalogue, library = task.draws, task.catalogue, task.resolver.library
    wanted = Wanted(task.case.class_name, task.case.pose) if task.case else Wanted()
    count = draws.whole("objects.count_range")
    if task.case is not None and task.case.names_object:
        count = max(count, 1)
    # A scene without objects is framed as if it contained one.
    drawn = draw_objects(draws, catalogue, library, wanted, max(count, 1))
    others = draw_distractors(draws, catalogue, library, drawn)
    if others and not count:
        drawn = []
    everything = (*drawn, *others)
    bodies = [rigid_body(item, catalogue, library) for item in everything]
    stage = task.resolver.stages.get(draws.config.scene.name)
    stage_spec = draw_roomy_stage(draws, task.resolver.textures, stage, bodies)
    content = build_stage(stage, stage_spec)
    backdrop = draw_backdrop(draws, task.resolver.photographs, content)
    content = content if backdrop is None else without_parts(content)
    things = [
        TaggedBody(body, catalogue.place_names(item.class_name))
        for body, item in zip(bodies, everything, strict=True)
    ]
    paths = place(draws, things, content.supports, content.parts)
    ground = min((support.centre[2] for support in content.supports), default=-np.inf)
    specs = ObjectSpecs(draws, catalogue, task.resolver.textures, ground)
    first = len(drawn)
    objects = specs.objects(drawn, paths[:first])
    distractors = specs.distractors(everything[first:], paths[first:])
    subjects = objects or (() if count else distractors)
    if not subjects:
        raise SceneError(
            f"scene {draws.scene}: none of its {len(drawn) or len(others)} objects could be "
            "placed; try a larger scene.size_range or a lower objects.count_range"
        )
    check_pose(task.case, [item for item, _ in objects], paths[0] is not None)
    if not count:
        objects = ()
    return _Placed(
        stage_spec, content, everything, objects, distractors, subjects, ground, backdrop
    )


def _label_surroundings(
    task: _Task, environment: EnvironmentSpec, stage: StageSpec, content: StageContent, first: int
) -> tuple[EnvironmentSpec, Furnishings]:
    """Label the parts of the stage and the environment's image that show labelled classes. first:
    id of the first instance of the stage."""
    config, catalogue = task.draws.config, task.catalogue
    mode = config.scene.label_furnishings
    own, classes = catalogue.own_names, catalogue.classes
    furnishings = label_furnishings(mode, stage, content.parts, own, classes, first)
    if config.background.images or config.background.empty:  # it hides the environment
        shown = shown_classes(config.background.classes, own, classes)
    else:
        shown = shown_by(environment, config.lighting.hdri_classes, own, classes)
    if mode != NONE:
        return replace(environment, shows=shown), furnishings
    for name in shown:
        furnishings.unlabelled[name] = furnishings.unlabelled.get(name, 0) + 1
    return environment, furnishings


def _draw_cameras(task: _Task, placed: _Placed, scenery: Scenery) -> tuple[CameraSpec, ...]:
    draws, config = task.draws, task.draws.config
    size = config.render.width, config.render.height
    focal = placed.backdrop.focal_length_px if placed.backdrop else 0.0
    shot = Shot(*size, draws.moments, draws.frame_rate, tuple(rig_of(config)), focal)
    if task.resolver.poses is not None:
        return posed_cameras(draws, task.resolver.poses.poses, scenery, shot)
    judge = onlooker(draws, placed.content.parts, scenery, shot, placed.visible)
    first = task.case is not None and task.case.names_object
    try:
        return draw_cameras(draws, scenery, shot, judge, first)
    except NoViewError as error:
        if not error.clear:
            stage, model = config.scene.name, config.camera.model
            found = hidden_message(draws.scene, error.tried, stage, model)
            raise SceneError(found) from None
        raise NotAsAskedError("no view shows as much of the object as requested") from None


def _camera_reach(cameras: tuple[CameraSpec, ...], render: RenderConfig) -> float:
    """Return the maximum distance of a camera, or of the start of its rays, from the stage's
    centre, metres."""
    reaches = []
    for camera in cameras:
        pose, size = np.array(camera.cam_to_world), (render.width, render.height)
        starts = pose[:3, 3] + np.array(list(product(*rim(camera.lens, pose, size).T)))
        reaches += [float(np.linalg.norm(start)) for start in starts]
    return max(reaches)
