"""Camera paths in a sequence of frames, starting from a view.

A path starts from an ordinary view and keeps its lens. Orbit, dolly and linear spread their length
over the sequence; handheld is a function of time alone, so that more frames, or a higher frame
rate, show the same movement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simgen.config.draws import Draws
from simgen.geometry.transforms import rotation_about, rotation_between
from simgen.spec.rng import Stream, log_uniform, uniform
from simgen.spec.scene import LensSpec
from simgen.stages.stage import Room

_VERTICAL = 1e-9
"""Horizontal part of a unit vector below which it counts as vertical."""
TREMOR_HZ = (0.3, 6.0)
TREMOR_WAVES = 6
"""Number of sine waves, and their frequencies, of a hand's tremor along each axis."""
TREMOR_SHIFT = 3e-3
TREMOR_TURN = 6e-3
"""Maximum amplitude of the slowest wave of a tremor, in distances from the pile and in radians;
faster waves are smaller in proportion."""
SWAY_HZ = (0.05, 0.15)
"""Frequency of the slow drift of a handheld camera."""


@dataclass(frozen=True)
class View:
    """A camera and the point that it looks at.

    nearest: minimum distance from that point. floor: minimum height. Both for moving cameras.
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
        """Horizontal unit vector to the right of the line of sight to the aim."""
        level = np.cross(-self.outward, [0.0, 0.0, 1.0])
        if np.linalg.norm(level) < _VERTICAL:
            level = self.pose[:3, 0] * [1.0, 1.0, 0.0]
        return level / np.linalg.norm(level)

    @property
    def up(self) -> np.ndarray:
        """Unit vector perpendicular to `right` and `outward`."""
        return np.cross(self.outward, self.right)


@dataclass(frozen=True)
class Moment:
    """The time of a frame. progress: from 0 at the first frame to 1 at the last."""

    progress: float
    seconds: float


Path = Callable[[Moment], np.ndarray]
"""Takes a moment; returns camera-to-world, `4 x 4`."""


def camera_path(name: str, view: View, draws: Draws) -> Path:
    """Return the path of a camera that starts from a view, or passes it half way. name: a
    `camera.path` other than `views`."""
    return _PATHS[name](view, draws)


def _static(view: View, draws: Draws) -> Path:
    return lambda moment: view.pose


def _orbit(view: View, draws: Draws) -> Path:
    """A horizontal circle about the vertical through the aim, one full turn at most."""
    rng = draws.stream("camera.path")
    length = draws.number("camera.travel_range", 0) * view.distance
    circle = float(np.hypot(*(view.eye - view.aim)[:2]))
    # Directly above there is no circle: the camera turns about its own axis.
    turn = min(length / max(circle, _VERTICAL * view.distance), 2 * np.pi) * _side(rng)

    def path(moment: Moment) -> np.ndarray:
        turned = np.eye(4)
        turned[:3, :3] = rotation_about([0.0, 0.0, turn * moment.progress])
        turned[:3, 3] = view.aim - turned[:3, :3] @ view.aim
        pose = turned @ view.pose
        return _at(view, pose[:3, 3], pose[:3, :3])

    return path


def _dolly(view: View, draws: Draws) -> Path:
    """Straight towards the aim or away from it. If there is too little room to approach, it starts
    from farther away."""
    rng = draws.stream("camera.path")
    length = draws.number("camera.travel_range", 0) * view.distance
    start = view.distance
    end = start + length
    if _side(rng) > 0:
        end = max(start - length, min(view.nearest, start))
        start = end + length

    def path(moment: Moment) -> np.ndarray:
        distance = start + (end - start) * moment.progress
        return _at(view, view.aim + distance * view.outward, view.pose[:3, :3])

    return path


def _linear(view: View, draws: Draws) -> Path:
    """Straight past the aim, perpendicular to the line of sight, with the sampled view half way.
    The camera turns to keep the aim centred, or does not turn at all."""
    rng = draws.stream("camera.path")
    length = draws.number("camera.travel_range", 0) * view.distance
    angle = uniform(rng, (0.0, 2 * np.pi))
    looks = _side(rng) > 0
    along = np.cos(angle) * view.right + np.sin(angle) * view.up
    low = length / 2 * abs(along[2])
    middle = view.eye + [0.0, 0.0, max(0.0, view.floor + low - view.eye[2])]

    def path(moment: Moment) -> np.ndarray:
        eye = middle + (moment.progress - 0.5) * length * along
        return _at(view, eye, _following(view, eye if looks else middle))

    return path


def _handheld(view: View, draws: Draws) -> Path:
    """A hand's tremor on top of a slow lateral sway, each a sum of sine waves.

    The sway is `travel` distances wide and half as high. The camera always stays outside the pile
    and above the table.
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

    def path(moment: Moment) -> np.ndarray:
        across, upward = (wave(moment.seconds) for wave in slow)
        calm = middle + sway * (across * view.right + upward / 2 * view.up)
        eye = calm + [wave(moment.seconds) for wave in shift]
        nod = rotation_about([wave(moment.seconds) for wave in turn])
        return _at(view, eye, _following(view, calm) @ nod)

    return path


_PATHS: dict[str, Callable[[View, Draws], Path]] = {
    "static": _static,
    "orbit": _orbit,
    "dolly": _dolly,
    "linear": _linear,
    "handheld": _handheld,
}


def _at(view: View, eye: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Return a pose, `4 x 4`, with the eye kept above the view's floor and in its room."""
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = [*eye[:2], max(eye[2], view.floor)]
    if view.room is not None:
        pose[:3, 3] = np.clip(pose[:3, 3], view.room.low, view.room.high)
    return pose


def _following(view: View, eye: np.ndarray) -> np.ndarray:
    """Return the view's rotation, `3 x 3`, turned by the change of the aim's direction from an eye.

    It does not use the world's up axis, so it is smooth even directly above the aim.
    """
    outward = (eye - view.aim) / np.linalg.norm(eye - view.aim)
    return rotation_between(view.outward, outward) @ view.pose[:3, :3]


def _side(rng: Stream) -> float:
    """Return -1 or 1."""
    return 1.0 if rng.uniform() < 0.5 else -1.0


def _wave(rng: Stream, hertz: tuple[float, float]) -> Callable[[float], float]:
    """Return a sine wave of time in seconds, with amplitude 1."""
    frequency, phase = log_uniform(rng, hertz), uniform(rng, (0.0, 2 * np.pi))
    return lambda seconds: float(np.sin(2 * np.pi * frequency * seconds + phase))


def _tremor(rng: Stream, amplitude: float) -> Callable[[float], float]:
    """Return a sum of sine waves over the band of a tremor, all with the same speed.

    The band is divided into equal parts on a logarithmic scale with one wave in each, so that every
    hand has slow and fast waves.
    """
    cuts = np.geomspace(*TREMOR_HZ, TREMOR_WAVES + 1)
    pairs = pairwise(cuts)
    frequencies = np.array([log_uniform(rng, (low, high)) for low, high in pairs])
    phases = rng.uniform(0, 2 * np.pi, TREMOR_WAVES)
    sizes = amplitude * TREMOR_HZ[0] / frequencies
    return lambda seconds: float(sizes @ np.sin(2 * np.pi * frequencies * seconds + phases))
