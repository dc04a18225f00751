"""Where the camera stands, where it looks, through which lens, and how it moves.

The frames of a scene are either unrelated views of one moment, or a sequence in time along a path.
A path starts from a view like any other and keeps its lens. Orbit, dolly and linear spread their
length over the whole sequence, from its first frame to its last; handheld is a function of time
alone, so that more frames, or more of them a second, show the same movement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from simgen.config import FACTORS
from simgen.distributions import parse
from simgen.draws import Draws
from simgen.geometry import (
    as_rows,
    invert_rigid,
    look_at,
    rotation_about,
    rotation_between,
    transform,
)
from simgen.lens import lens_of
from simgen.rng import Stream, log_uniform, stream, uniform
from simgen.spec import CameraSpec, LensSpec
from simgen.stage import Room

_NEAREST = 1.25
"""Least distance from the middle of the pile, in its radii: the camera stays outside of it."""
_LOWEST = 0.05
"""Least height above the table, or for a camera that sees all around above everything on it, in
radii of the pile."""
_WIDEST = 1.5
"""Radians: the largest angle to a fisheye's axis at which the pile's rim may be seen."""
_AROUND = (1.5, 3.0)
"""Distance of a camera that sees all around, in radii of the pile."""

_R2 = (0.7548776662466927, 0.5698402909980532)
"""1/g and 1/g^2 for the real root g of g^3 = g + 1."""
_STEPS = 8
"""Corrections of the distance for an object of a wanted size; each takes most of the error."""

TREMOR_HZ = (0.3, 6.0)
TREMOR_WAVES = 6
"""How many sine waves of these frequencies a hand's tremor is made of, along each axis."""
TREMOR_SHIFT = 3e-3
TREMOR_TURN = 6e-3
"""Amplitude of the slowest wave a tremor may have, in distances from the pile and in radians;
faster waves are as much smaller as they are faster."""
SWAY_HZ = (0.05, 0.15)
"""The slow drift of a handheld camera."""


@dataclass(frozen=True)
class Subject:
    """What the camera looks at: a sphere, metres."""

    centre: np.ndarray
    radius: float


@dataclass(frozen=True)
class Scenery:
    """What there is to look at.

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


Judge = Callable[[CameraSpec, int], bool]
"""Whether a view is one that was asked for. The number is that of the object it looks at."""


class NoViewError(Exception):
    """None of the views that were tried is one that was asked for."""


@dataclass(frozen=True)
class Shot:
    """What all of a scene's pictures share. frame_rate: 0 for views of one moment."""

    width: int
    height: int
    frames: int
    frame_rate: float


@dataclass(frozen=True)
class _View:
    """A camera and the point that it looks at.

    nearest: least distance from that point. floor: least height. Both for cameras that move.
    """

    pose: np.ndarray
    aim: np.ndarray
    lens: LensSpec
    nearest: float
    floor: float
    room: Room | None

    @property
    def eye(self) -> np.ndarray:
        return self.pose[:3, 3]

    @property
    def distance(self) -> float:
        return float(np.linalg.norm(self.eye - self.aim))

    @property
    def outward(self) -> np.ndarray:
        """Unit vector from the aim to the eye."""
        return (self.eye - self.aim) / self.distance

    @property
    def right(self) -> np.ndarray:
        """Level unit vector to the right of whoever looks at the aim."""
        level = np.cross(-self.outward, [0.0, 0.0, 1.0])
        return level / np.linalg.norm(level)

    @property
    def up(self) -> np.ndarray:
        """Unit vector across `right` and `outward`."""
        return np.cross(self.outward, self.right)


@dataclass(frozen=True)
class _Moment:
    """When a frame is taken. progress: from 0 at the first frame to 1 at the last."""

    progress: float
    seconds: float


_Path = Callable[[_Moment], np.ndarray]
"""From a moment to a camera-to-world `4 x 4`."""


def draw_cameras(
    draws: Draws, scenery: Scenery, shot: Shot, judge: Judge, first: bool = False
) -> tuple[CameraSpec, ...]:
    """The cameras of all frames of a scene.

    first: with `camera.aim=object`, look at the first object and no other.
    Raises `NoViewError` when no view that was tried pleases the judge.
    """
    config = draws.config.camera
    count = shot.frames if config.path == "views" else 1
    views = [_find_view(draws, scenery, shot, judge, n, first) for n in range(count)]
    if config.path == "views":
        return tuple(CameraSpec(as_rows(view.pose), view.lens) for view in views)
    view = views[0]
    path = _PATHS[config.path](view, draws)
    moments = [
        _Moment(number / max(shot.frames - 1, 1), number / shot.frame_rate)
        for number in range(shot.frames)
    ]
    return tuple(CameraSpec(as_rows(path(moment)), view.lens) for moment in moments)


def _find_view(
    draws: Draws, scenery: Scenery, shot: Shot, judge: Judge, frame: int, first: bool
) -> _View:
    for _ in range(draws.config.camera.attempts):
        chosen = 0
        if not first:
            chosen = int(draws.stream("camera.aim", frame).integers(len(scenery.objects)))
        view = _draw_view(draws, scenery, shot, frame, chosen)
        if judge(CameraSpec(as_rows(view.pose), view.lens), chosen):
            return view
        draws.redraw("camera", frame)
    raise NoViewError


def _draw_view(draws: Draws, scenery: Scenery, shot: Shot, frame: int, chosen: int) -> _View:
    """A camera that looks at something from a random side, from as far as its lens needs."""
    config = draws.config.camera
    subject = scenery.objects[chosen] if config.aim == "object" else scenery.pile
    rng = draws.stream("camera.offset", frame)
    aim = subject.centre + rng.uniform(-0.12, 0.12, 3) * subject.radius
    lens_rng = draws.stream("camera.lens", frame)
    lens = _draw_lens(draws, frame)
    around = lens.model == "equirectangular"
    direction = _direction(draws, shot, frame)
    if around:
        distance = subject.radius * uniform(lens_rng, _AROUND)
    elif config.distance_range is not None:
        distance = draws.number("camera.distance_range", frame)
    else:
        fill = draws.number("camera.fill_range", frame)
        distance = _distance(lens, fill, subject.radius, shot)
    lowest = _LOWEST * subject.radius
    floor = scenery.ground + lowest
    if around and np.isfinite(floor):
        floor = max(scenery.top, scenery.ground) + lowest
    roll = float(np.radians(draws.number("camera.roll_deg_range", frame)))

    def stand(away: float) -> np.ndarray:
        eye = _eye(draws, scenery, aim, direction, away, frame)
        eye[2] = max(eye[2], floor)
        eye = _inside(scenery.room, eye, aim)
        # A camera that sees all around stands upright: its horizon is the image's middle row.
        pose = look_at(eye, np.array([*aim[:2], eye[2]]) if around else aim, roll)
        pose[:3, :3] = pose[:3, :3] @ _to_the_middle(lens, shot)
        return pose

    pose = stand(distance)
    if config.object_px_range is not None:
        wanted = draws.number("camera.object_px_range", frame)
        pose = _sized(stand, distance, scenery.corners[chosen], lens, shot, wanted)
    ahead = float((aim - pose[:3, 3]) @ pose[:3, 2])
    focus = draws.number("camera.focus_range", frame)
    lens = replace(lens, focus_distance=focus * ahead)
    return _View(pose, aim, lens, _NEAREST * subject.radius, floor, scenery.room)


def _direction(draws: Draws, shot: Shot, frame: int) -> np.ndarray:
    """Unit vector from what is looked at to the camera."""
    if draws.config.camera.aim == "sphere":
        azimuth, elevation = even_direction(draws, shot, frame)
    else:
        azimuth = np.radians(draws.number("camera.azimuth_deg_range", frame))
        elevation = np.radians(draws.number("camera.elevation_deg_range", frame))
    flat = np.cos(elevation)
    return np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])


def even_direction(draws: Draws, shot: Shot, frame: int) -> tuple[float, float]:
    """Azimuth and elevation, radians: the next point of a spiral of equal areas.

    Roberts' R2 sequence on the (azimuth, sine of elevation) of the shell that the ranges allow,
    shifted by the dataset's seed, over all frames of all scenes.
    """
    config = draws.config
    ranges = (config.camera.azimuth_deg_range, config.camera.elevation_deg_range)
    keys = ("camera.azimuth_deg_range", "camera.elevation_deg_range")
    pairs = zip(ranges, keys, strict=True)
    azimuths, elevations = (
        np.radians(parse(written, FACTORS[key]).support()) for written, key in pairs
    )
    number = draws.scene * shot.frames + frame
    shift = stream(config.seed, "camera.sphere").random(2)
    u, v = (shift + (number + 1) * np.array(_R2)) % 1.0
    low, high = np.sin(elevations)
    return float(azimuths[0] + u * np.ptp(azimuths)), float(np.arcsin(low + v * (high - low)))


def _eye(
    draws: Draws, scenery: Scenery, aim: np.ndarray, direction: np.ndarray, away: float, frame: int
) -> np.ndarray:
    """Where a camera stands `away` metres from its aim, in a direction or at a height."""
    if draws.config.camera.height_range is None:
        return aim + away * direction
    ground = scenery.ground if np.isfinite(scenery.ground) else 0.0
    rise = ground + draws.number("camera.height_range", frame) - aim[2]
    flat = np.sqrt(max(away**2 - rise**2, (0.1 * away) ** 2))
    across = direction[:2] / np.linalg.norm(direction[:2])
    return aim + np.array([*(flat * across), rise])


def _inside(room: Room | None, eye: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """The eye, moved towards its aim until it is in the room."""
    if room is None:
        return eye
    low, high = np.array(room.low), np.array(room.high)
    way = eye - aim
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.where(way > 0, (high - aim) / way, (low - aim) / way)
    part = float(np.clip(np.nanmin(np.where(way == 0, np.inf, bounds)), 0.15, 1.0))
    return np.clip(aim + part * way, low, high)


def _sized(
    stand: Callable[[float], np.ndarray],
    distance: float,
    corners: np.ndarray,
    lens: LensSpec,
    shot: Shot,
    wanted: float,
) -> np.ndarray:
    """The pose from where a box, `8 x 3` corners, is `wanted` pixels long in the image."""
    optics = lens_of(lens, shot.width, shot.height)
    for _ in range(_STEPS):
        pixels = optics.project(transform(invert_rigid(stand(distance)), corners))
        size = float(np.ptp(pixels, axis=0).max())
        distance *= size / wanted if np.isfinite(size) else 2.0
    return stand(distance)


def _draw_lens(draws: Draws, frame: int) -> LensSpec:
    """A lens that is not focused yet."""
    config = draws.config.camera
    return LensSpec(
        focal_length_mm=draws.number("camera.focal_length_mm_range", frame),
        sensor_width_mm=float(config.sensor_width_mm),
        model=config.model,
        coefficients=tuple(float(value) for value in config.distortion),
        principal_point=(float(config.principal_point[0]), float(config.principal_point[1])),
        pixel_aspect=float(config.pixel_aspect),
        f_stop=(0.0 if config.f_stop_range is None else draws.number("camera.f_stop_range", frame)),
    )


def _distance(lens: LensSpec, fill: float, radius: float, shot: Shot) -> float:
    """From where the pile's diameter takes up part `fill` of the image's smaller side, metres.

    Distortion is left aside: it changes the size by a few per cent, or is there to do so.
    """
    aspect = shot.height / shot.width / lens.pixel_aspect
    half_side = lens.sensor_width_mm * min(1.0, aspect) / 2
    distance = radius * lens.focal_length_mm / (fill * half_side)
    if lens.model == "kannala_brandt":  # its distance from the image's middle is f times the angle
        distance = radius / np.tan(min(radius / distance, _WIDEST))
    return max(distance, _NEAREST * radius)


def _to_the_middle(lens: LensSpec, shot: Shot) -> np.ndarray:
    """The turn, `3 x 3`, of a camera that points its axis at something, after which the image's
    middle shows it. Nothing where the optical axis meets the image in its middle."""
    middle = np.array([shot.width / 2, shot.height / 2])
    (ray,) = lens_of(lens, shot.width, shot.height).rays(middle[None])
    if lens.model == "equirectangular" or not ray[2] > -0.9:  # NaN where no ray passes
        return np.eye(3)
    return rotation_between(ray, [0.0, 0.0, 1.0])


def _static(view: _View, draws: Draws) -> _Path:
    return lambda moment: view.pose


def _orbit(view: _View, draws: Draws) -> _Path:
    """On a level circle about the vertical through the aim, one full turn at most."""
    rng = draws.stream("camera.path")
    length = draws.number("camera.travel_range", 0) * view.distance
    circle = float(np.hypot(*(view.eye - view.aim)[:2]))
    turn = min(length / circle, 2 * np.pi) * _side(rng)

    def path(moment: _Moment) -> np.ndarray:
        turned = np.eye(4)
        turned[:3, :3] = rotation_about([0.0, 0.0, turn * moment.progress])
        turned[:3, 3] = view.aim - turned[:3, :3] @ view.aim
        pose = turned @ view.pose
        return _at(view, pose[:3, 3], pose[:3, :3])

    return path


def _dolly(view: _View, draws: Draws) -> _Path:
    """Straight towards the aim or away from it. Where there is not room enough to come that much
    nearer, it starts from farther away."""
    rng = draws.stream("camera.path")
    length = draws.number("camera.travel_range", 0) * view.distance
    start = view.distance
    end = start + length
    if _side(rng) > 0:
        end = max(start - length, min(view.nearest, start))
        start = end + length

    def path(moment: _Moment) -> np.ndarray:
        distance = start + (end - start) * moment.progress
        return _at(view, view.aim + distance * view.outward, view.pose[:3, :3])

    return path


def _linear(view: _View, draws: Draws) -> _Path:
    """Straight past the aim, across the line of sight, with the drawn view half way. The camera
    turns to keep the aim in the middle, or does not turn at all."""
    rng = draws.stream("camera.path")
    length = draws.number("camera.travel_range", 0) * view.distance
    angle = uniform(rng, (0.0, 2 * np.pi))
    looks = _side(rng) > 0
    along = np.cos(angle) * view.right + np.sin(angle) * view.up
    low = length / 2 * abs(along[2])
    middle = view.eye + [0.0, 0.0, max(0.0, view.floor + low - view.eye[2])]

    def path(moment: _Moment) -> np.ndarray:
        eye = middle + (moment.progress - 0.5) * length * along
        return _at(view, eye, _following(view, eye if looks else middle))

    return path


def _handheld(view: _View, draws: Draws) -> _Path:
    """A hand's tremor on top of a slow sway to both sides, each a sum of sine waves.

    The sway is `travel` distances wide and half as high. Whatever the waves, the camera stays
    outside of the pile and above the table.
    """
    rng = draws.stream("camera.path")
    shake = draws.config.camera.shake
    sway = draws.number("camera.travel_range", 0) * view.distance / 2
    slow = [_wave(rng, SWAY_HZ) for _ in range(2)]
    shift = [_tremor(rng, shake * TREMOR_SHIFT * view.distance) for _ in range(3)]
    turn = [_tremor(rng, shake * TREMOR_TURN) for _ in range(3)]
    shaken = shake * TREMOR_SHIFT * view.distance * TREMOR_WAVES * np.sqrt(3)
    middle = view.aim + max(view.distance, view.nearest + shaken) * view.outward
    middle[2] = max(middle[2], view.floor + sway + shaken)

    def path(moment: _Moment) -> np.ndarray:
        across, upward = (wave(moment.seconds) for wave in slow)
        calm = middle + sway * (across * view.right + upward / 2 * view.up)
        eye = calm + [wave(moment.seconds) for wave in shift]
        nod = rotation_about([wave(moment.seconds) for wave in turn])
        return _at(view, eye, _following(view, calm) @ nod)

    return path


_PATHS: dict[str, Callable[[_View, Draws], _Path]] = {
    "static": _static,
    "orbit": _orbit,
    "dolly": _dolly,
    "linear": _linear,
    "handheld": _handheld,
}


def _at(view: _View, eye: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """A pose, `4 x 4`, with the eye kept above the view's floor and in its room."""
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = [*eye[:2], max(eye[2], view.floor)]
    if view.room is not None:
        pose[:3, 3] = np.clip(pose[:3, 3], view.room.low, view.room.high)
    return pose


def _following(view: _View, eye: np.ndarray) -> np.ndarray:
    """The view's rotation, `3 x 3`, turned by as much as the aim's direction changes for an eye.

    No world's up in it, so that it changes smoothly even straight above the aim.
    """
    outward = (eye - view.aim) / np.linalg.norm(eye - view.aim)
    return rotation_between(view.outward, outward) @ view.pose[:3, :3]


def _side(rng: Stream) -> float:
    """-1 or 1."""
    return 1.0 if rng.uniform() < 0.5 else -1.0


def _wave(rng: Stream, hertz: tuple[float, float]) -> Callable[[float], float]:
    """A sine wave of seconds, of amplitude 1."""
    frequency, phase = log_uniform(rng, hertz), uniform(rng, (0.0, 2 * np.pi))
    return lambda seconds: float(np.sin(2 * np.pi * frequency * seconds + phase))


def _tremor(rng: Stream, amplitude: float) -> Callable[[float], float]:
    """A sum of sine waves over the band of a tremor, all of the same speed.

    The band is cut into equal parts of its logarithm with one wave in each, so that every hand has
    slow waves and fast ones.
    """
    cuts = np.geomspace(*TREMOR_HZ, TREMOR_WAVES + 1)
    pairs = pairwise(cuts)
    frequencies = np.array([log_uniform(rng, (low, high)) for low, high in pairs])
    phases = rng.uniform(0, 2 * np.pi, TREMOR_WAVES)
    sizes = amplitude * TREMOR_HZ[0] / frequencies
    return lambda seconds: float(sizes @ np.sin(2 * np.pi * frequencies * seconds + phases))
