"""From config to resolved SceneSpec: every choice drawn, every object at rest. No Blender.

Each factor has its own keyed stream (`simgen.draws`), so that no draw depends on another's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.cases import ATTEMPTS, Case, case_of, read_cases
from simgen.config import FACTORS, Config, RenderConfig
from simgen.draws import Draws
from simgen.errors import InputError, SceneError, ShapeError, did_you_mean
from simgen.framing import hidden_message, onlooker, scenery_of
from simgen.furnishings import NONE, label_furnishings, shown_by
from simgen.geometry import as_vector, rotation_from_quaternion
from simgen.kit import Kit
from simgen.mesh import MeshData
from simgen.motion import shape_at
from simgen.physics import Body
from simgen.placing import Paths, Thing, place
from simgen.randomizers.camera import NoViewError, Scenery, Shot, draw_cameras
from simgen.randomizers.camera_distance import rim
from simgen.randomizers.lighting import draw_light
from simgen.randomizers.materials import GROUND_KINDS, IMAGE, draw_surface
from simgen.randomizers.motion import above_table, draw_deformation, draw_path, lowest
from simgen.randomizers.objects import (
    DrawnObject,
    Wanted,
    class_weights,
    distractor_classes,
    draw_distractors,
    draw_materials,
    draw_objects,
)
from simgen.randomizers.sensor import draw_sensor
from simgen.rigid import radius as body_radius
from simgen.spec import (
    CameraSpec,
    MaterialSpec,
    ObjectSpec,
    PoseSpec,
    RenderSpec,
    SceneSpec,
    ShutterSpec,
    StageSpec,
)
from simgen.splits import Splits
from simgen.stages import Stage, stuff_classes

log = logging.getLogger(__name__)


class _OtherwiseError(Exception):
    """A scene turned out otherwise than its case, or its camera, asks for."""


def sample_scene(
    config: Config, catalogue: Catalogue, kit: Kit, scene: int, labels: tuple[str, ...]
) -> SceneSpec:
    """The resolved spec of one scene. labels: names of those that its frames get.

    Raises `AssetError` when a mesh cannot be loaded any more, and `SceneError` when none of the
    objects found a place to lie, or when what a case asks for does not come about.
    """
    cases = read_cases(config)
    case = case_of(cases, config.seed, scene)
    splits = Splits.read(config.seed, config.splits, [other.share for other in cases])
    reason = ""
    for attempt in range(ATTEMPTS):
        draws = Draws(case.config if case else config, scene, attempt)
        try:
            return _sample_sound(draws, catalogue, kit, case, splits.of(scene), labels)
        except _OtherwiseError as error:
            reason = str(error)
    what = f"case {case.name!r}" if case else "the camera's ranges"
    raise SceneError(f"scene {scene}: {what}: {reason}, in {ATTEMPTS} scenes that were tried")


def check_sampling(config: Config, catalogue: Catalogue) -> None:
    """Raise `InputError` for what only shows when scenes are drawn, before the first one is."""
    _check_classes(config, catalogue)
    for case in read_cases(config):
        try:
            _check_classes(case.config, catalogue)
        except InputError as error:
            raise InputError(f"case {case.name!r}: {error}") from error
        if case.class_name is not None and case.class_name not in catalogue.classes:
            listed = ", ".join(catalogue.classes[:20])
            hint = did_you_mean(case.class_name, catalogue.classes)
            raise InputError(
                f"case {case.name!r}: unknown class {case.class_name!r}{hint}; expected one of"
                f" {listed}"
            )


def _check_classes(config: Config, catalogue: Catalogue) -> None:
    class_weights(config, catalogue)
    distractors = FACTORS["distractors.count_range"].parse(config.distractors.count_range)
    if distractors.support()[1] > 0:
        distractor_classes(config, catalogue)
        if config.motion.objects == "physics":
            raise InputError(
                "distractors.count_range: distractors stand still; leave them out with "
                "motion.objects=physics"
            )


def _sample_sound(
    draws: Draws,
    catalogue: Catalogue,
    kit: Kit,
    case: Case | None,
    split: str,
    labels: tuple[str, ...],
) -> SceneSpec:
    """A scene without the assets that the physics refuse: others take their places."""
    refused: set[str] = set()
    while True:
        try:
            spec = _sample(draws, catalogue, kit, case, split, labels)
        except ShapeError as error:
            sound = catalogue.without(error.names)
            if sound == catalogue or not _has_enough(sound, draws.config, case):
                raise
            log.warning("scene %d: %s; another asset takes its place", draws.scene, error)
            catalogue = sound
            refused |= error.names
        else:
            return replace(spec, refused=tuple(sorted(refused)))


def _has_enough(catalogue: Catalogue, config: Config, case: Case | None) -> bool:
    """Whether there is something left of a class that may be drawn."""
    if case is not None and case.class_name is not None:
        return case.class_name in catalogue.usable
    try:
        return bool(class_weights(config, catalogue))
    except InputError:
        return False


def _sample(
    draws: Draws,
    catalogue: Catalogue,
    kit: Kit,
    case: Case | None,
    split: str,
    labels: tuple[str, ...],
) -> SceneSpec:
    config, library = draws.config, kit.library
    wanted = Wanted(case.class_name, case.pose) if case else Wanted()
    drawn = draw_objects(draws, catalogue, library, wanted)
    extra = draw_distractors(draws, catalogue, library, drawn)
    bodies = [_body(item, catalogue, library) for item in (*drawn, *extra)]
    stage = kit.stages.get(config.scene.name)
    stage_spec = _draw_stage(draws, kit, stage, bodies)
    supports = stage.supports(stage_spec)
    things = [
        Thing(body, catalogue.tags(item.class_name))
        for body, item in zip(bodies, (*drawn, *extra), strict=True)
    ]
    paths = place(draws, things, supports, kit.stage(stage_spec))
    ground = min((support.centre[2] for support in supports), default=-np.inf)
    maker = _Maker(draws, catalogue, kit, ground)
    objects = maker.objects(drawn, paths[: len(drawn)])
    if not objects:
        raise SceneError(
            f"scene {draws.scene}: none of its {len(drawn)} objects found a place; "
            "try a larger scene.size_range or a lower objects.count_range"
        )
    _check_pose(case, objects, paths)
    distractors = maker.distractors(extra, paths[len(drawn) :])
    room = stage.room(stage_spec)
    scenery, extent = scenery_of(draws, objects, library, room, ground)
    cameras = _draw_cameras(draws, kit, stage_spec, scenery, (*objects, *distractors), case)
    pile = scenery.pile
    stage_spec = stage.grow(
        stage_spec,
        # What came to rest may lean on a wall, which then has to stay where it is.
        extent.reach if config.motion.objects == "keyframed" else 0.0,
        _camera_reach(cameras, config.render) + config.camera.stereo_baseline,
    )
    environment, lights = draw_light(
        draws, kit.hdris, stage.lamps(stage_spec), as_vector(pile.centre), pile.radius, room
    )
    furnishings = label_furnishings(
        config.scene.label_furnishings,
        stage_spec,
        kit.stage(stage_spec),
        catalogue.own_names,
        catalogue.classes,
        len(objects) + 1,
    )
    shown = shown_by(
        environment, config.lighting.hdri_classes, catalogue.own_names, catalogue.classes
    )
    if config.scene.label_furnishings == NONE:
        for name in shown:
            furnishings.unlabelled[name] = furnishings.unlabelled.get(name, 0) + 1
    else:
        environment = replace(environment, shows=shown)
    spec = SceneSpec(
        seed=config.seed,
        index=draws.scene,
        classes=catalogue.classes,
        labels=labels,
        objects=(*objects, *furnishings.objects),
        stage=stage_spec,
        environment=environment,
        lights=lights,
        cameras=cameras,
        render=_draw_render(draws),
        sensor=draw_sensor(draws),
        distractors=distractors,
        shutter=ShutterSpec(float(config.camera.shutter), float(config.camera.row_exposure)),
        frame_rate=draws.frame_rate,
        stereo_baseline=float(config.camera.stereo_baseline),
        track_count=config.tracks.count if "tracks" in labels else 0,
        split=split,
        case=case.name if case else "",
        factors=draws.factors(),
        stuff=stuff_classes(stage),
        stage_classes=furnishings.classes,
        unlabelled=furnishings.unlabelled,
    )
    for name, change in sorted(kit.randomizers.items()):
        spec = change(spec, draws.stream("plugin", name))
    return spec


def _body(item: DrawnObject, catalogue: Catalogue, library: Library) -> Body:
    pieces = library.pieces(item.asset, library.mesh(item.asset))
    return Body(
        pieces=tuple(piece * item.scale for piece in pieces),
        density=catalogue.density(item.asset),
        friction=catalogue.friction(item.asset),
        hold=item.hold,
        name=item.asset.file or item.asset.id,
    )


def _draw_stage(draws: Draws, kit: Kit, stage: Stage, bodies: list[Body]) -> StageSpec:
    """A stage on which the objects have room; with a spread of 1, even side by side."""
    room = 1.5 * draws.config.placement.spread * _disk_radius(bodies)
    drawn = stage.draw(draws)
    ground = getattr(stage, "GROUND", ())  # stages indoors have none
    materials = _restyled(draws, drawn, kit, ground)
    return stage.grow(replace(drawn, materials=materials), room, 0.0)


def _restyled(
    draws: Draws, stage: StageSpec, kit: Kit, ground: Sequence[str]
) -> dict[str, MaterialSpec]:
    """The stage's surfaces, as far from the realistic ones as the level of materials says.

    ground: slots that cover ground in the open, which are plausible as ground alone.
    """
    config = draws.config.materials
    if config.level == "realistic" and kit.textures is None:
        return stage.materials
    size = draws.number("materials.texture_size_range")
    drawn = {}
    for slot, found in stage.materials.items():
        level = config.level
        kinds: tuple[str, ...] = (found.kind,)
        if slot in ground and level == "plausible":
            level, kinds = "realistic", GROUND_KINDS
        drawn[slot] = draw_surface(
            replace(config, level=level),
            kinds,
            kit.textures,
            size,
            draws.stream("stage.materials", slot),
        )
    if config.level != "realistic":
        return drawn
    # What shows no image stays as the stage has it, which knows what goes together.
    shown = {slot: surface for slot, surface in drawn.items() if surface.kind == IMAGE}
    return {**stage.materials, **shown}


def _disk_radius(bodies: list[Body]) -> float:
    """Radius of the disk whose area is that of all bodies' disks together, metres."""
    return float(np.sqrt(np.sum(np.square([body_radius(body) for body in bodies]))))


@dataclass(frozen=True)
class _Maker:
    """Makes specs of what was drawn and placed. ground: height below which nothing moves."""

    draws: Draws
    catalogue: Catalogue
    kit: Kit
    ground: float

    def objects(self, drawn: Sequence[DrawnObject], paths: Paths) -> tuple[ObjectSpec, ...]:
        """The objects that found a place, numbered from 1."""
        made: list[ObjectSpec] = []
        for number, (item, path) in enumerate(zip(drawn, paths, strict=True)):
            if path is None:
                continue
            poses = tuple(PoseSpec(as_vector(pose.position), pose.rotation) for pose in path)
            class_id = self.catalogue.class_id(item.class_name)
            rng_key = ("materials", number)
            still = self._spec(item, poses[0], len(made) + 1, class_id, rng_key)
            made.append(self._moved(still, poses, number))
        return tuple(made)

    def distractors(self, drawn: Sequence[DrawnObject], paths: Paths) -> tuple[ObjectSpec, ...]:
        """Those that found a place."""
        made = []
        for number, (item, path) in enumerate(zip(drawn, paths, strict=True)):
            if path is not None:
                pose = PoseSpec(as_vector(path[0].position), path[0].rotation)
                made.append(self._spec(item, pose, 0, 0, ("distractors.materials", number)))
        return tuple(made)

    def _spec(
        self, item: DrawnObject, pose: PoseSpec, number: int, class_id: int, key: tuple[str, int]
    ) -> ObjectSpec:
        mesh = self.kit.library.mesh(item.asset)
        slots = _free_slots(mesh, self.draws.config.materials.keep_own)
        return ObjectSpec(
            instance_id=number,
            class_name=item.class_name,
            class_id=class_id,
            asset=item.asset,
            scale=item.scale,
            position=pose.position,
            rotation=pose.rotation,
            materials=draw_materials(
                self.draws,
                self.catalogue,
                item.class_name,
                slots,
                self.kit.textures,
                self.draws.stream(*key),
            ),
        )

    def _moved(self, item: ObjectSpec, poses: tuple[PoseSpec, ...], number: int) -> ObjectSpec:
        """The object with its trajectory and its deformation. poses: what the physics say.

        number: among the drawn objects, which is the same whatever becomes of the others.
        """
        config = self.draws.config
        frames, rate = config.frames_per_scene, self.draws.frame_rate
        mesh = self.kit.library.mesh(item.asset)
        start = poses[0]
        if config.motion.objects == "keyframed":
            poses = draw_path(self.draws, start, item.scale * mesh.bounds(), number) or poses
        how = draw_deformation(self.draws, number)
        shaped = replace(item, deformation=how)
        if how is not None or config.motion.objects == "keyframed":
            if len(poses) == 1:
                poses = poses * frames
            floor = min(self.ground, lowest(start, item.scale * mesh.vertices))
            poses = above_table(poses, lambda n: shape_at(shaped, mesh.vertices, n, rate), floor)
        moves = any(pose != poses[0] for pose in poses)
        return replace(
            shaped,
            position=poses[0].position,
            rotation=poses[0].rotation,
            trajectory=poses if moves else (),
        )


def _free_slots(mesh: MeshData, keep_own: bool) -> tuple[str, ...]:
    """Slots that need a drawn surface: all, or those for which the file brings none."""
    pairs = zip(mesh.slots, mesh.surfaces, strict=True)
    return tuple(slot for slot, surface in pairs if surface is None or not keep_own)


_LEAN = {"upright": (0.0, 30.0), "side": (60.0, 120.0), "upside_down": (150.0, 180.0)}
"""Degrees between an object's own up and the world's, by the name of its pose."""


def _check_pose(case: Case | None, objects: tuple[ObjectSpec, ...], paths: Paths) -> None:
    """Raise where the first object does not lie as its case asks."""
    if case is None or not _names_object(case):
        return
    if paths[0] is None:
        raise _OtherwiseError("the object found no place")
    if case.pose is not None and pose_name(objects[0]) != case.pose:
        raise _OtherwiseError(f"the object does not come to lie {case.pose!r}")


def pose_name(item: ObjectSpec) -> str:
    """`upright`, `side`, `upside_down`, or `tumbled` for anything in between."""
    up = float(rotation_from_quaternion(item.rotation)[2, 2])
    lean = float(np.degrees(np.arccos(np.clip(up, -1.0, 1.0))))
    return next((name for name, (a, b) in _LEAN.items() if a <= lean <= b), "tumbled")


def _draw_cameras(
    draws: Draws,
    kit: Kit,
    stage: StageSpec,
    scenery: Scenery,
    things: tuple[ObjectSpec, ...],
    case: Case | None,
) -> tuple[CameraSpec, ...]:
    """things: objects, then distractors."""
    config = draws.config
    shot = Shot(
        config.render.width, config.render.height, config.frames_per_scene, draws.frame_rate
    )
    judge = onlooker(draws, kit, stage, scenery, shot, things)
    try:
        return draw_cameras(draws, scenery, shot, judge, first=_names_object(case))
    except NoViewError as error:
        if not error.clear:
            raise SceneError(hidden_message(draws.scene, error.tried, stage.name)) from None
        raise _OtherwiseError("no view shows as much of the object as was asked for") from None


def _names_object(case: Case | None) -> bool:
    return case is not None and (case.class_name is not None or case.pose is not None)


def _camera_reach(cameras: tuple[CameraSpec, ...], render: RenderConfig) -> float:
    """Farthest that a camera, or where its rays start, is from the stage's middle, metres."""
    reaches = []
    for camera in cameras:
        pose, size = np.array(camera.cam_to_world), (render.width, render.height)
        starts = pose[:3, 3] + np.array(list(product(*rim(camera.lens, pose, size).T)))
        reaches += [float(np.linalg.norm(start)) for start in starts]
    return max(reaches)


def _draw_render(draws: Draws) -> RenderSpec:
    render = draws.config.render
    return RenderSpec(
        width=render.width,
        height=render.height,
        samples=render.samples,
        denoise=render.denoise,
        max_bounces=render.max_bounces,
        seed=int(draws.stream("noise").integers(2**31 - 1)),
        noise_threshold=float(render.noise_threshold),
        denoise_quality=render.denoise_quality,
        diffuse_bounces=render.diffuse_bounces,
        glossy_bounces=render.glossy_bounces,
        clamp_indirect=float(render.clamp_indirect),
        light_tree=render.light_tree,
    )
