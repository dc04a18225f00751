"""From config to resolved SceneSpec: every choice drawn, every object at rest. No Blender.

Each factor has its own keyed stream (`simgen.rng`), so that no draw depends on another's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.config import Config, label_names
from simgen.errors import SimgenError
from simgen.geometry import as_vector, place
from simgen.mesh import MeshData
from simgen.physics import Body, Drop, Rest, settle
from simgen.physics import radius as body_radius
from simgen.randomizers.camera import draw_camera
from simgen.randomizers.lighting import draw_environment, draw_lights
from simgen.randomizers.objects import DrawnObject, draw_materials, draw_objects
from simgen.rng import stream, uniform
from simgen.spec import CameraSpec, ObjectSpec, RenderSpec, SceneSpec, StageSpec
from simgen.stages import draw_stage, load_stage


@dataclass(frozen=True)
class _Pile:
    """The place that the objects take up: a sphere, metres."""

    centre: np.ndarray
    radius: float


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
    rests = _settle(config, bodies, stage, scene)
    objects = _place(config, catalogue, drawn, meshes, rests, scene)
    if not objects:
        raise SimgenError(
            f"scene {scene}: none of its {len(drawn)} objects came to rest on the table; "
            "try a larger scene.size_range or a lower objects.count_range"
        )
    pile = _pile(objects, library)
    cameras = _draw_cameras(config, pile, scene)
    reach = max(float(np.linalg.norm(np.array(c.cam_to_world)[:3, 3])) for c in cameras)
    return SceneSpec(
        seed=config.seed,
        index=scene,
        classes=catalogue.classes,
        labels=label_names(config.labels),
        objects=objects,
        stage=load_stage(stage.name).grow(stage, _outreach(pile), reach),
        environment=draw_environment(
            stream(config.seed, scene, "environment"),
            tuple(config.lighting.hdris),
            _pair(config.lighting.strength_range),
        ),
        lights=draw_lights(
            stream(config.seed, scene, "lights"),
            count_range=(config.lighting.area_count_range[0], config.lighting.area_count_range[1]),
            sun_probability=config.lighting.sun_probability,
            target_radius=pile.radius,
        ),
        cameras=cameras,
        render=_draw_render(config, scene),
    )


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


def _settle(config: Config, bodies: list[Body], stage: StageSpec, scene: int) -> list[Rest | None]:
    drop = Drop(config.physics.spread, config.physics.upright, config.physics.max_seconds)
    support = load_stage(stage.name).support(stage)
    return settle(bodies, support, drop, stream(config.seed, scene, "placement"))


def _place(
    config: Config,
    catalogue: Catalogue,
    drawn: list[DrawnObject],
    meshes: list[MeshData],
    rests: list[Rest | None],
    scene: int,
) -> tuple[ObjectSpec, ...]:
    """The objects that found a place, numbered from 1."""
    objects: list[ObjectSpec] = []
    for number, (item, mesh, rest) in enumerate(zip(drawn, meshes, rests, strict=True)):
        if rest is None:
            continue
        rng = stream(config.seed, scene, "materials", number)
        objects.append(
            ObjectSpec(
                instance_id=len(objects) + 1,
                class_name=item.class_name,
                class_id=catalogue.class_id(item.class_name),
                asset=item.asset,
                scale=item.scale,
                position=as_vector(rest.position),
                rotation=rest.rotation,
                materials=draw_materials(
                    catalogue, item.class_name, _free_slots(mesh, config.materials.keep_own), rng
                ),
            )
        )
    return tuple(objects)


def _free_slots(mesh: MeshData, keep_own: bool) -> tuple[str, ...]:
    """Slots that need a drawn surface: all, or those for which the file brings none."""
    pairs = zip(mesh.slots, mesh.surfaces, strict=True)
    return tuple(slot for slot, surface in pairs if surface is None or not keep_own)


def _pile(objects: tuple[ObjectSpec, ...], library: Library) -> _Pile:
    """The sphere that a camera should frame: most of the objects, not the one that rolled away."""
    boxes = np.array([_world_box(item, library) for item in objects])
    centres = boxes.mean(axis=1)
    centre = np.median(centres, axis=0)
    sizes = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1) / 2
    reaches = np.linalg.norm(centres - centre, axis=1) + sizes
    return _Pile(centre, float(np.quantile(reaches, 0.8)))


def _world_box(item: ObjectSpec, library: Library) -> np.ndarray:
    points = place(item, library.mesh(item.asset).vertices)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def _outreach(pile: _Pile) -> float:
    """Distance from the stage's middle to the far side of the pile, metres."""
    return float(np.linalg.norm(pile.centre[:2])) + pile.radius


def _draw_cameras(config: Config, pile: _Pile, scene: int) -> tuple[CameraSpec, ...]:
    aspect = config.render.height / config.render.width
    return tuple(
        draw_camera(
            config.camera, pile.centre, pile.radius, aspect,
            stream(config.seed, scene, "camera", frame),
        )
        for frame in range(config.frames_per_scene)
    )  # fmt: skip


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
