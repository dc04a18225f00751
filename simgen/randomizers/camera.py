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

from simgen.config import CameraConfig
from simgen.geometry import as_rows, look_at, rotation_about, rotation_between
from simgen.lens import lens_of
from simgen.rng import Stream, log_uniform, stream, uniform
from simgen.spec import CameraSpec, LensSpec

_NEAREST = 1.25
"""Least distance from the middle of the pile, in its radii: the camera stays outside of it."""
_LOWEST = 0.05
"""Least height above the table, or for a camera that sees all around above everything on it, in
radii of the pile."""
_WIDEST = 1.5
"""Radians: the largest angle to a fisheye's axis at which the pile's rim may be seen."""
_AROUND = (1.5, 3.0)
"""Distance of a camera that sees all around, in radii of the pile."""

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
    """What the camera looks at: a sphere, metres.

    top: height of the highest point of any object.
    """

    centre: np.ndarray
    radius: float
    top: float


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
    config: CameraConfig, subject: Subject, shot: Shot, seed: int, scene: int
) -> tuple[CameraSpec, ...]:
    """The cameras of all frames of a scene."""
    if config.path == "views":
        views = [_draw_view(config, subject, shot, seed, scene, n) for n in range(shot.frames)]
        return tuple(CameraSpec(as_rows(view.pose), view.lens) for view in views)
    view = _draw_view(config, subject, shot, seed, scene, 0)
    path = _PATHS[config.path](view, config, stream(seed, scene, "camera.path"))
    moments = [
        _Moment(number / max(shot.frames - 1, 1), number / shot.frame_rate)
        for number in range(shot.frames)
    ]
    return tuple(CameraSpec(as_rows(path(moment)), view.lens) for moment in moments)


def _draw_view(
    config: CameraConfig, subject: Subject, shot: Shot, seed: int, scene: int, frame: int
) -> _View:
    """A camera that looks at a pile from a random side, from as far as its lens needs."""
    rng = stream(seed, scene, "camera", frame)
    azimuth = np.radians(uniform(rng, config.azimuth_deg_range))
    elevation = np.radians(uniform(rng, config.elevation_deg_range))
    roll = np.radians(uniform(rng, config.roll_deg_range))
    focal = uniform(rng, config.focal_length_mm_range)
    fill = uniform(rng, config.fill_range)
    aim = subject.centre + rng.uniform(-0.12, 0.12, 3) * subject.radius
    lens_rng = stream(seed, scene, "lens", frame)
    focus = uniform(lens_rng, config.focus_range)
    lens = _draw_lens(config, focal, lens_rng)
    around = lens.model == "equirectangular"
    if around:
        distance = subject.radius * uniform(lens_rng, _AROUND)
    else:
        distance = _distance(lens, fill, subject.radius, shot)
    direction = np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    floor = _LOWEST * subject.radius + (max(subject.top, 0.0) if around else 0.0)
    eye = aim + distance * direction
    eye[2] = max(eye[2], floor)
    # A camera that sees all around stands upright: its horizon is the image's middle row.
    pose = look_at(eye, np.array([*aim[:2], eye[2]]) if around else aim, float(roll))
    pose[:3, :3] = pose[:3, :3] @ _to_the_middle(lens, shot)
    ahead = float((aim - eye) @ pose[:3, 2])
    lens = replace(lens, focus_distance=focus * ahead)
    return _View(pose, aim, lens, _NEAREST * subject.radius, floor)


def _draw_lens(config: CameraConfig, focal: float, rng: Stream) -> LensSpec:
    """A lens that is not focused yet."""
    return LensSpec(
        focal_length_mm=focal,
        sensor_width_mm=float(config.sensor_width_mm),
        model=config.model,
        coefficients=tuple(float(value) for value in config.distortion),
        principal_point=(float(config.principal_point[0]), float(config.principal_point[1])),
        pixel_aspect=float(config.pixel_aspect),
        f_stop=0.0 if config.f_stop_range is None else log_uniform(rng, config.f_stop_range),
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


def _static(view: _View, config: CameraConfig, rng: Stream) -> _Path:
    return lambda moment: view.pose


def _orbit(view: _View, config: CameraConfig, rng: Stream) -> _Path:
    """On a level circle about the vertical through the aim, one full turn at most."""
    length = uniform(rng, config.travel_range) * view.distance
    circle = float(np.hypot(*(view.eye - view.aim)[:2]))
    turn = min(length / circle, 2 * np.pi) * _side(rng)

    def path(moment: _Moment) -> np.ndarray:
        turned = np.eye(4)
        turned[:3, :3] = rotation_about([0.0, 0.0, turn * moment.progress])
        turned[:3, 3] = view.aim - turned[:3, :3] @ view.aim
        return turned @ view.pose

    return path


def _dolly(view: _View, config: CameraConfig, rng: Stream) -> _Path:
    """Straight towards the aim or away from it. Where there is not room enough to come that much
    nearer, it starts from farther away."""
    length = uniform(rng, config.travel_range) * view.distance
    start = view.distance
    end = start + length
    if _side(rng) > 0:
        end = max(start - length, min(view.nearest, start))
        start = end + length

    def path(moment: _Moment) -> np.ndarray:
        distance = start + (end - start) * moment.progress
        return _at(view, view.aim + distance * view.outward, view.pose[:3, :3])

    return path


def _linear(view: _View, config: CameraConfig, rng: Stream) -> _Path:
    """Straight past the aim, across the line of sight, with the drawn view half way. The camera
    turns to keep the aim in the middle, or does not turn at all."""
    length = uniform(rng, config.travel_range) * view.distance
    angle = uniform(rng, (0.0, 2 * np.pi))
    looks = _side(rng) > 0
    along = np.cos(angle) * view.right + np.sin(angle) * view.up
    low = length / 2 * abs(along[2])
    middle = view.eye + [0.0, 0.0, max(0.0, view.floor + low - view.eye[2])]

    def path(moment: _Moment) -> np.ndarray:
        eye = middle + (moment.progress - 0.5) * length * along
        return _at(view, eye, _following(view, eye if looks else middle))

    return path


def _handheld(view: _View, config: CameraConfig, rng: Stream) -> _Path:
    """A hand's tremor on top of a slow sway to both sides, each a sum of sine waves.

    The sway is `travel` distances wide and half as high. Whatever the waves, the camera stays
    outside of the pile and above the table.
    """
    sway = uniform(rng, config.travel_range) * view.distance / 2
    slow = [_wave(rng, SWAY_HZ) for _ in range(2)]
    shift = [_tremor(rng, config.shake * TREMOR_SHIFT * view.distance) for _ in range(3)]
    turn = [_tremor(rng, config.shake * TREMOR_TURN) for _ in range(3)]
    shaken = config.shake * TREMOR_SHIFT * view.distance * TREMOR_WAVES * np.sqrt(3)
    middle = view.aim + max(view.distance, view.nearest + shaken) * view.outward
    middle[2] = max(middle[2], view.floor + sway + shaken)

    def path(moment: _Moment) -> np.ndarray:
        across, upward = (wave(moment.seconds) for wave in slow)
        calm = middle + sway * (across * view.right + upward / 2 * view.up)
        eye = calm + [wave(moment.seconds) for wave in shift]
        nod = rotation_about([wave(moment.seconds) for wave in turn])
        return _at(view, eye, _following(view, calm) @ nod)

    return path


_PATHS: dict[str, Callable[[_View, CameraConfig, Stream], _Path]] = {
    "static": _static,
    "orbit": _orbit,
    "dolly": _dolly,
    "linear": _linear,
    "handheld": _handheld,
}


def _at(view: _View, eye: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """A pose, `4 x 4`, with the eye kept above the view's floor."""
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = [*eye[:2], max(eye[2], view.floor)]
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
