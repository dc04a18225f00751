"""The cameras of a scene's frames: views are sampled until one is good enough.

The frames of a scene are either unrelated views of one moment, or a sequence in time along a path
(`simgen.sampling.randomizers.camera_paths`).
"""

from __future__ import annotations

import numpy as np

from simgen.config.draws import Draws
from simgen.geometry.transforms import as_rows
from simgen.sampling.framing import Onlooker
from simgen.sampling.randomizers.camera import Scenery, Shot, draw_view
from simgen.sampling.randomizers.camera_paths import Moment, View, camera_path
from simgen.sampling.randomizers.rig import rig_cameras
from simgen.spec.scene import CameraSpec

_CHOICE = 12
"""Number of views from which the best is chosen if none shows enough."""
_JUDGED = 5
"""Number of frames of a path from which a camera needs a clear line of sight."""


class NoViewError(Exception):
    """No sampled view satisfies the config.

    tried: number of views. clear: number of them in which nothing hides the subject.
    """

    def __init__(self, tried: int, clear: int) -> None:
        super().__init__(f"none of {tried} views")
        self.tried, self.clear = tried, clear


def draw_cameras(
    draws: Draws, scenery: Scenery, shot: Shot, judge: Onlooker, first: bool = False
) -> tuple[CameraSpec, ...]:
    """Sample the cameras of all frames of a scene: of a rig, in the order of `SceneSpec.cameras`.

    first: with `camera.aim=object`, always look at the first object. Raises `NoViewError` if the
    judge accepts none of the views. For a path, its starting view has to be accepted, and the
    entire path clear.
    """
    views = shot.frames if draws.config.camera.path == "views" else 1
    found = [_find_cameras(draws, scenery, shot, judge, n, first) for n in range(views)]
    return rig_cameras(shot.rig, [camera for cameras in found for camera in cameras])


def _find_cameras(
    draws: Draws, scenery: Scenery, shot: Shot, judge: Onlooker, frame: int, first: bool
) -> tuple[CameraSpec, ...]:
    """Return the camera of one frame, or those of all frames of a path."""
    config, clear = draws.config.camera, 0
    share = config.recognisable if config.aim == "pile" else 0.0
    found: dict[int, float] = {}
    for number in range(config.attempts):
        draws.redraw("camera", frame, number)
        chosen, camera, cameras = _try(draws, scenery, shot, frame, first)
        looks = dict.fromkeys((camera, *(cameras[n] for n in _some_of(len(cameras)))))
        if not all(judge.clear(look, chosen) for look in looks):
            continue
        if not all(_others_are_free(judge, shot, look) for look in looks):
            continue
        clear += 1
        if not judge.wanted(camera, chosen):
            continue
        found[number] = judge.recognisable(camera) if share else 1.0
        if found[number] >= share:
            return cameras
        if len(found) == _CHOICE:
            break
    if not found:
        raise NoViewError(config.attempts, clear)
    draws.redraw("camera", frame, max(found, key=lambda number: found[number]))
    return _try(draws, scenery, shot, frame, first)[2]


def _others_are_free(judge: Onlooker, shot: Shot, look: CameraSpec) -> bool:
    """Return whether the other cameras of a rig could be where the view of the first one puts
    them."""
    others = rig_cameras(shot.rig, [look])[1:]
    sizes = [(one.calibration.width, one.calibration.height) for one in shot.rig[1:]]
    return all(judge.free(one, size) for one, size in zip(others, sizes, strict=False))


def _try(
    draws: Draws, scenery: Scenery, shot: Shot, frame: int, first: bool
) -> tuple[int, CameraSpec, tuple[CameraSpec, ...]]:
    """Return the index of the subject, the view of it, and the cameras of all frames from there."""
    chosen = 0
    if not first:
        chosen = int(draws.stream("camera.aim", frame).integers(len(scenery.objects)))
    view = draw_view(draws, scenery, shot, frame, chosen)
    return chosen, CameraSpec(as_rows(view.pose), view.lens), _along_path(draws, view, shot)


def _along_path(draws: Draws, view: View, shot: Shot) -> tuple[CameraSpec, ...]:
    name = draws.config.camera.path
    if name == "views":
        return (CameraSpec(as_rows(view.pose), view.lens),)
    path = camera_path(name, view, draws)
    moments = [
        Moment(number / max(shot.frames - 1, 1), number / shot.frame_rate)
        for number in range(shot.frames)
    ]
    return tuple(CameraSpec(as_rows(path(moment)), view.lens) for moment in moments)


def _some_of(count: int) -> list[int]:
    """Return a few frame numbers from the first to the last."""
    return sorted(set(np.linspace(0, count - 1, _JUDGED).round().astype(int).tolist()))
