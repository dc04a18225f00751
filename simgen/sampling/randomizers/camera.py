"""A single view: position and direction of the camera, and its lens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.config.calibration import RigCamera
from simgen.config.draws import Draws
from simgen.errors import SceneError
from simgen.geometry.transforms import look_at
from simgen.sampling.randomizers.camera_distance import (
    NEAREST,
    aimed,
    fill_distance,
    lens_from,
    moved_back,
    rim,
    sampling_distance,
    sized_distance,
    within,
)
from simgen.sampling.randomizers.camera_paths import View
from simgen.spec.rng import stream, uniform
from simgen.spec.scene import LensSpec
from simgen.stages.stage import Room

_LOWEST = 0.05
"""Minimum height above the table, or for a panoramic camera above everything on it, in radii of the
pile."""
_AROUND = (1.5, 3.0)
"""Distance of a panoramic camera, in radii of the pile."""

_R2 = (0.7548776662466927, 0.5698402909980532)
"""1/g and 1/g^2 for the real root g of g^3 = g + 1."""


@dataclass(frozen=True)
class Subject:
    """What the camera looks at: a sphere, metres."""

    centre: np.ndarray
    radius: float


@dataclass(frozen=True)
class Scenery:
    """What cameras can look at.

    pile: most of the objects. objects: each of them. corners: `8 x 3` of each object's box, world.
    ground: height of what the objects lie on, -infinity where they float. top: height of their
    highest point. room: where cameras may be, None for anywhere above the ground.
    """

    pile: Subject
    objects: tuple[Subject, ...]
    corners: tuple[np.ndarray, ...]
    ground: float
    top: float
    room: Room | None


@dataclass(frozen=True)
class Shot:
    """What all images of a scene share.

    width, height: of the image of the camera, or of the first one of a rig. frames: images of each
    camera. frame_rate: 0 for views of one moment. rig: its cameras; none for a single camera.
    focal_length_px: of the photograph behind the objects, pixels; 0 to sample a lens.
    """

    width: int
    height: int
    frames: int
    frame_rate: float
    rig: tuple[RigCamera, ...] = ()
    focal_length_px: float = 0.0


def draw_view(draws: Draws, scenery: Scenery, shot: Shot, frame: int, chosen: int) -> View:
    """Sample a camera that looks at a subject from a random side, at the distance its lens
    requires."""
    config = draws.config.camera
    subject = scenery.objects[chosen] if config.aim == "object" else scenery.pile
    rng = draws.stream("camera.offset", frame)
    aim = subject.centre + rng.uniform(-0.12, 0.12, 3) * subject.radius
    lens_rng = draws.stream("camera.lens", frame)
    lens = draw_lens(draws, shot, frame)
    around = lens.model == "equirectangular"
    azimuth, elevation = _angles(draws, shot, frame)
    side = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    direction = np.cos(elevation) * side + [0.0, 0.0, np.sin(elevation)]
    if around:
        distance = subject.radius * uniform(lens_rng, _AROUND)
    else:
        distance = _draw_distance(draws, scenery, shot, frame, lens, subject, aim, direction)
    lowest = _LOWEST * subject.radius
    floor = scenery.ground + lowest
    if around and np.isfinite(floor):
        floor = max(scenery.top, scenery.ground) + lowest
    roll = float(np.radians(draws.number("camera.roll_deg_range", frame)))
    size, nearest = (shot.width, shot.height), NEAREST * subject.radius

    def look(eye: np.ndarray) -> np.ndarray:
        return look_at(eye, _level(aim, eye, side) if around else aim, roll, azimuth)

    def stand(away: float) -> np.ndarray:
        optics = lens_from(lens, away)
        away = max(away, nearest) if lens.model == "orthographic" else away
        eye = _eye(draws, scenery, aim, direction, away, frame)
        eye[2] = max(eye[2], floor)
        room = within(scenery.room, rim(optics, look(eye), size))
        pose = aimed(look(_inside(room, eye, aim)), optics, size)
        return moved_back(pose, float(rim(optics, pose, size)[0, 2]), floor)

    if config.object_px_range is not None:
        wanted = draws.number("camera.object_px_range", frame)
        corners = scenery.corners[chosen]
        distance = sized_distance(stand, distance, corners, lens, size, wanted)
    pose, lens = stand(distance), lens_from(lens, distance)
    ahead = float((aim - pose[:3, 3]) @ pose[:3, 2])
    focus = draws.number("camera.focus_range", frame)
    lens = replace(lens, focus_distance=focus * ahead)
    # Along a path the camera keeps the height that its lowest ray needs.
    around_eye = rim(lens, pose, size)
    floor += min(-float(around_eye[0, 2]), max(float(pose[2, 3]) - floor, 0.0))
    return View(pose, aim, lens, nearest, floor, within(scenery.room, around_eye))


def _draw_distance(
    draws: Draws,
    scenery: Scenery,
    shot: Shot,
    frame: int,
    lens: LensSpec,
    subject: Subject,
    aim: np.ndarray,
    direction: np.ndarray,
) -> float:
    """Return the distance of a camera from its aim, metres. direction: from there to the camera,
    `3`."""
    config, size = draws.config.camera, (shot.width, shot.height)
    if config.distance_range is not None:
        return draws.number("camera.distance_range", frame)
    if config.gsd_range is None:
        return fill_distance(lens, draws.number("camera.fill_range", frame), subject.radius, size)
    # The subject is closer than the ground below it.
    above = (aim[2] - scenery.ground) / direction[2] if np.isfinite(scenery.ground) else 0.0
    distance = sampling_distance(lens, draws.number("camera.gsd_range", frame), above, size)
    if not distance > 0:
        raise SceneError(
            f"scene {draws.scene}: camera.gsd_range={config.gsd_range} puts the camera below "
            "the objects it looks at; set a larger value, or a longer focal length"
        )
    return distance


def _angles(draws: Draws, shot: Shot, frame: int) -> tuple[float, float]:
    """Return azimuth and elevation of the camera from its subject, radians."""
    if draws.config.camera.aim == "sphere":
        return even_direction(draws, shot, frame)
    azimuth = np.radians(draws.number("camera.azimuth_deg_range", frame))
    elevation = np.radians(draws.number("camera.elevation_deg_range", frame))
    return float(azimuth), float(elevation)


def even_direction(draws: Draws, shot: Shot, frame: int) -> tuple[float, float]:
    """Return azimuth and elevation, radians: the next point of an equal-area sequence.

    Roberts' R2 sequence on the (azimuth, sine of elevation) of the shell that the ranges allow,
    shifted by the dataset's seed, over all frames of all scenes.
    """
    azimuths = np.radians(draws.support("camera.azimuth_deg_range"))
    elevations = np.radians(draws.support("camera.elevation_deg_range"))
    number = draws.scene * shot.frames + frame
    shift = stream(draws.config.seed, "camera.sphere").random(2)
    u, v = (shift + (number + 1) * np.array(_R2)) % 1.0
    low, high = np.sin(elevations)
    return float(azimuths[0] + u * np.ptp(azimuths)), float(np.arcsin(low + v * (high - low)))


def _level(aim: np.ndarray, eye: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return the aim of a panoramic camera: it stands upright, with the horizon in the image's
    middle row."""
    level = np.array([*aim[:2], eye[2]])
    return level if np.linalg.norm(level - eye) > 1e-9 else eye - side


def _eye(
    draws: Draws, scenery: Scenery, aim: np.ndarray, direction: np.ndarray, away: float, frame: int
) -> np.ndarray:
    """Return a position `away` metres from the aim, in a direction or at a height."""
    if draws.config.camera.height_range is None:
        return aim + away * direction
    ground = scenery.ground if np.isfinite(scenery.ground) else 0.0
    rise = ground + draws.number("camera.height_range", frame) - aim[2]
    flat = np.sqrt(max(away**2 - rise**2, (0.1 * away) ** 2))
    across = direction[:2] / np.linalg.norm(direction[:2])
    return aim + np.array([*(flat * across), rise])


def _inside(room: Room | None, eye: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """Move the eye towards its aim until it is inside the room."""
    if room is None:
        return eye
    low, high = np.array(room.low), np.array(room.high)
    way = eye - aim
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.where(way > 0, (high - aim) / way, (low - aim) / way)
    part = float(np.clip(np.nanmin(np.where(way == 0, np.inf, bounds)), 0.15, 1.0))
    return np.clip(aim + part * way, low, high)


def draw_lens(draws: Draws, shot: Shot, frame: int) -> LensSpec:
    """Sample a lens, not yet focused."""
    config = draws.config.camera
    focal_length_mm = shot.focal_length_px / shot.width * config.sensor_width_mm
    return LensSpec(
        focal_length_mm=focal_length_mm or draws.number("camera.focal_length_mm_range", frame),
        sensor_width_mm=float(config.sensor_width_mm),
        model=config.model,
        coefficients=tuple(float(value) for value in config.distortion),
        principal_point=(float(config.principal_point[0]), float(config.principal_point[1])),
        pixel_aspect=float(config.pixel_aspect),
        f_stop=(0.0 if config.f_stop_range is None else draws.number("camera.f_stop_range", frame)),
    )
