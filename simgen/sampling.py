"""From config to resolved SceneSpec: every choice drawn, every object at rest. No Blender.

Each factor has its own keyed stream (`simgen.rng`), so that no draw depends on another's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.config import Config, label_names
from simgen.errors import SimgenError
from simgen.geometry import as_vector, box_of
from simgen.mesh import MeshData
from simgen.motion import placed_at, shape_at
from simgen.physics import Body, Drop, Pose, film, settle
from simgen.physics import radius as body_radius
from simgen.randomizers.camera import Shot, Subject, draw_cameras
from simgen.randomizers.lighting import draw_environment, draw_lights
from simgen.randomizers.motion import above_table, draw_deformation, draw_path, lowest
from simgen.randomizers.objects import DrawnObject, draw_materials, draw_objects
from simgen.rng import stream, uniform
from simgen.spec import (
    CameraSpec,
    EnvironmentSpec,
    LightSpec,
    ObjectSpec,
    PoseSpec,
    RenderSpec,
    SceneSpec,
    ShutterSpec,
    StageSpec,
)
from simgen.stages import draw_stage, load_stage, stuff_classes

_Paths = list[tuple[Pose, ...] | None]
"""Of each drawn object: its pose in every frame, or one pose if the physics do not move it, or None
if it found no place."""


@dataclass(frozen=True)
class _Extent:
    """Room that all objects take up in all frames, metres.

    reach: from the stage's middle to the farthest, seen from above. top: height of the highest.
    """

    reach: float
    top: float


def sample_scene(config: Config, catalogue: Catalogue, library: Library, scene: int) -> SceneSpec:
    """The resolved spec of one scene.

    Raises `AssetError` when a mesh cannot be loaded any more, and `SimgenError` when none of the
    objects found a place to lie.
    """
    drawn = draw_objects(config.objects, catalogue, config.seed, scene)
    meshes = [library.mesh(item.asset) for item in drawn]
    bodies = [
        _body(item, mesh, catalogue, library) for item, mesh in zip(drawn, meshes, strict=True)
    ]
    stage = _draw_stage(config, bodies, scene)
    paths = _fall(config, bodies, stage, scene)
    objects = _place(config, catalogue, drawn, meshes, paths, scene)
    if not objects:
        raise SimgenError(
            f"scene {scene}: none of its {len(drawn)} objects came to rest on the table; "
            "try a larger scene.size_range or a lower objects.count_range"
        )
    rate = _frame_rate(config)
    extent = _extent(objects, library, rate)
    pile = _pile(objects, library, rate, extent.top)
    shot = Shot(config.render.width, config.render.height, config.frames_per_scene, rate)
    cameras = draw_cameras(config.camera, pile, shot, config.seed, scene)
    labels = label_names(config)
    return SceneSpec(
        seed=config.seed,
        index=scene,
        classes=catalogue.classes,
        labels=labels,
        objects=objects,
        stage=load_stage(stage.name).grow(
            stage,
            max(_outreach(pile), extent.reach) if rate else _outreach(pile),
            _camera_reach(cameras) + config.camera.stereo_baseline,
        ),
        environment=_draw_environment(config, scene),
        lights=_draw_lights(config, scene, pile),
        cameras=cameras,
        render=_draw_render(config, scene),
        shutter=ShutterSpec(float(config.camera.shutter), float(config.camera.row_exposure)),
        frame_rate=rate,
        stereo_baseline=float(config.camera.stereo_baseline),
        track_count=config.tracks.count if "tracks" in labels else 0,
        stuff=stuff_classes(stage.name),
    )


def _frame_rate(config: Config) -> float:
    """Frames a second; 0 when the frames are views of one and the same moment."""
    return 0.0 if config.camera.path == "views" else float(config.motion.frame_rate)


def _body(item: DrawnObject, mesh: MeshData, catalogue: Catalogue, library: Library) -> Body:
    pieces = library.pieces(item.asset, mesh)
    return Body(
        pieces=tuple(piece * item.scale for piece in pieces),
        density=catalogue.density(item.asset),
        friction=catalogue.friction(item.asset),
    )


def _draw_stage(config: Config, bodies: list[Body], scene: int) -> StageSpec:
    """A stage on which the objects have room, even if they all lie side by side."""
    stage = draw_stage(config.scene, stream(config.seed, scene, "stage"))
    room = 1.5 * max(1.0, config.physics.spread) * _disk_radius(bodies)
    return load_stage(stage.name).grow(stage, room, 0.0)


def _disk_radius(bodies: list[Body]) -> float:
    """Radius of the disk whose area is that of all bodies' disks together, metres."""
    return float(np.sqrt(np.sum(np.square([body_radius(body) for body in bodies]))))


def _fall(config: Config, bodies: list[Body], stage: StageSpec, scene: int) -> _Paths:
    """Where the physics take the objects: to their rest, or through the air to it."""
    drop = Drop(config.physics.spread, config.physics.upright, config.physics.max_seconds)
    support = load_stage(stage.name).support(stage)
    rng = stream(config.seed, scene, "placement")
    if config.motion.objects == "physics":
        frames, rate = config.frames_per_scene, config.motion.frame_rate
        return film(bodies, support, drop, frames, rate, rng)
    return [None if rest is None else (rest,) for rest in settle(bodies, support, drop, rng)]


def _place(
    config: Config,
    catalogue: Catalogue,
    drawn: list[DrawnObject],
    meshes: list[MeshData],
    paths: _Paths,
    scene: int,
) -> tuple[ObjectSpec, ...]:
    """The objects that found a place, numbered from 1."""
    objects: list[ObjectSpec] = []
    for number, (item, mesh, path) in enumerate(zip(drawn, meshes, paths, strict=True)):
        if path is None:
            continue
        rng = stream(config.seed, scene, "materials", number)
        poses = tuple(PoseSpec(as_vector(pose.position), pose.rotation) for pose in path)
        still = ObjectSpec(
            instance_id=len(objects) + 1,
            class_name=item.class_name,
            class_id=catalogue.class_id(item.class_name),
            asset=item.asset,
            scale=item.scale,
            position=poses[0].position,
            rotation=poses[0].rotation,
            materials=draw_materials(
                catalogue, item.class_name, _free_slots(mesh, config.materials.keep_own), rng
            ),
        )
        objects.append(_moved(config, still, poses, mesh, scene, number))
    return tuple(objects)


def _moved(
    config: Config,
    item: ObjectSpec,
    poses: tuple[PoseSpec, ...],
    mesh: MeshData,
    scene: int,
    number: int,
) -> ObjectSpec:
    """The object with its trajectory and its deformation. poses: what the physics say.

    number: among the drawn objects, which is the same whatever becomes of the others.
    """
    frames, rate = config.frames_per_scene, _frame_rate(config)
    start = poses[0]
    if config.motion.objects == "keyframed":
        rng = stream(config.seed, scene, "motion", number)
        poses = draw_path(config.motion, start, item.scale * mesh.bounds(), frames, rng) or poses
    how = draw_deformation(config.motion, stream(config.seed, scene, "deformation", number))
    shaped = replace(item, deformation=how)
    if how is not None or config.motion.objects == "keyframed":
        if len(poses) == 1:
            poses = poses * frames
        floor = min(0.0, lowest(start, item.scale * mesh.vertices))
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


def _pile(
    objects: tuple[ObjectSpec, ...], library: Library, frame_rate: float, top: float
) -> Subject:
    """The sphere that a camera should frame: most of the objects, not the one that rolled away.

    Of objects that move, it holds where they begin and where they end.
    """
    frames = {0, max(len(item.trajectory) for item in objects) - 1} - {-1}
    boxes = np.array(
        [_box(item, library, frame, frame_rate) for frame in sorted(frames) for item in objects]
    )
    centres = boxes.mean(axis=1)
    centre = np.median(centres, axis=0)
    sizes = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1) / 2
    reaches = np.linalg.norm(centres - centre, axis=1) + sizes
    return Subject(centre, float(np.quantile(reaches, 0.8)), top)


def _box(item: ObjectSpec, library: Library, frame: int, frame_rate: float) -> np.ndarray:
    """`2 x 3`: lowest and highest corner of an object's box in the world, metres."""
    return box_of(placed_at(item, library.mesh(item.asset).vertices, frame, frame_rate))


def _extent(objects: tuple[ObjectSpec, ...], library: Library, frame_rate: float) -> _Extent:
    """Of all objects in all frames; of what keeps its shape, by the corners of its own box."""
    lows, highs = [], []
    for item in objects:
        mesh = library.mesh(item.asset)
        corners = np.array(list(product(*mesh.bounds().T)))
        outline = corners if item.deformation is None else mesh.vertices
        for frame in range(max(1, len(item.trajectory))):
            points = placed_at(item, outline, frame, frame_rate)
            lows.append(points.min(axis=0))
            highs.append(points.max(axis=0))
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    return _Extent(float(np.linalg.norm(np.maximum(-low, high)[:2])), float(high[2]))


def _outreach(pile: Subject) -> float:
    """Distance from the stage's middle to the far side of the pile, metres."""
    return float(np.linalg.norm(pile.centre[:2])) + pile.radius


def _camera_reach(cameras: tuple[CameraSpec, ...]) -> float:
    """Farthest that a camera stands from the stage's middle, metres."""
    return max(float(np.linalg.norm(np.array(c.cam_to_world)[:3, 3])) for c in cameras)


def _draw_environment(config: Config, scene: int) -> EnvironmentSpec:
    return draw_environment(
        stream(config.seed, scene, "environment"),
        tuple(config.lighting.hdris),
        _pair(config.lighting.strength_range),
    )


def _draw_lights(config: Config, scene: int, pile: Subject) -> tuple[LightSpec, ...]:
    return draw_lights(
        stream(config.seed, scene, "lights"),
        count_range=(config.lighting.area_count_range[0], config.lighting.area_count_range[1]),
        sun_probability=config.lighting.sun_probability,
        target_radius=pile.radius,
    )


def _draw_render(config: Config, scene: int) -> RenderSpec:
    exposure = uniform(stream(config.seed, scene, "exposure"), config.render.exposure_range)
    noise = stream(config.seed, scene, "noise").integers(2**31 - 1)
    return RenderSpec(
        width=config.render.width,
        height=config.render.height,
        samples=config.render.samples,
        denoise=config.render.denoise,
        max_bounces=config.render.max_bounces,
        exposure=exposure,
        seed=int(noise),
    )


def _pair(limits: list[float]) -> tuple[float, float]:
    low, high = limits
    return (low, high)
