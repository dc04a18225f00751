"""Cameras, or rigs, at the poses of a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.config.draws import Draws
from simgen.errors import InputError
from simgen.geometry.transforms import as_rows, rotation_between
from simgen.sampling.randomizers.camera import Scenery, Shot, draw_lens
from simgen.sampling.randomizers.camera_distance import NEAREST, fill_distance
from simgen.sampling.randomizers.rig import rig_cameras
from simgen.spec.scene import CameraSpec, LensSpec

_SPREAD = 1e-3
"""Smallest eigenvalue, as a mean over the cameras, at which directions determine an axis."""
_SHORT = 0.1
"""Length of a mean of unit vectors below which it is no direction."""


def posed_cameras(
    draws: Draws, poses: np.ndarray, scenery: Scenery, shot: Shot
) -> tuple[CameraSpec, ...]:
    """Return the cameras of all frames, in the order of `SceneSpec.cameras`.

    poses: all of the file, `P x 4 x 4`, camera or rig to world. Each scene takes the next ones, and
    after the last the first again. Raises `InputError` if the cameras do not look at anything in
    common, as `camera.poses_frame` may require.
    """
    config = draws.config.camera
    if shot.rig:  # the file has the poses of the rig; continue with those of its first camera
        poses = poses @ shot.rig[0].cam_to_rig
    single = config.path != "views"
    lenses = [draw_lens(draws, shot, 0 if single else frame) for frame in range(shot.frames)]
    if config.poses_frame != "world":
        poses = _fitted(draws, poses, scenery, shot, lenses[0])
    start = draws.scene % (len(poses) // shot.frames) * shot.frames
    cameras = []
    for frame, lens in enumerate(lenses):
        pose = poses[start + frame]
        focus = draws.number("camera.focus_range", 0 if single else frame)
        there = poses[start] if single else pose  # a sequence keeps the focus of its first frame
        away = abs(float((scenery.pile.centre - there[:3, 3]) @ there[:3, 2]))
        lens = replace(lens, focus_distance=focus * max(away, scenery.pile.radius))
        cameras.append(CameraSpec(as_rows(pose), lens))
    return rig_cameras(shot.rig, cameras)


def _fitted(
    draws: Draws, poses: np.ndarray, scenery: Scenery, shot: Shot, lens: LensSpec
) -> np.ndarray:
    """Return poses turned upright, moved so that they look at the pile, and, if their unit is
    unknown, scaled."""
    config = draws.config.camera
    turn = rotation_between(_up(poses), np.array([0.0, 0.0, 1.0]))
    eyes, turns = poses[:, :3, 3] @ turn.T, turn @ poses[:, :3, :3]
    focus = _focus(eyes, turns[:, :, 2])
    if focus is None:
        raise InputError(
            f"camera.poses={config.poses}: its cameras look in parallel, not at one place; set "
            "camera.poses_frame=world, for poses in metres with z up"
        )
    scale = 1.0
    if config.poses_frame == "free":
        away = float(np.median(np.linalg.norm(eyes - focus, axis=1)))
        scale = _distance(draws, scenery, shot, lens) / max(away, 1e-9)
    found = np.tile(np.eye(4), (len(poses), 1, 1))
    found[:, :3, :3] = turns
    found[:, :3, 3] = scenery.pile.centre + scale * (eyes - focus)
    return found


def _distance(draws: Draws, scenery: Scenery, shot: Shot, lens: LensSpec) -> float:
    if draws.config.camera.distance_range is not None:
        return draws.number("camera.distance_range", 0)
    radius, fill = scenery.pile.radius, draws.number("camera.fill_range", 0)
    return max(fill_distance(lens, fill, radius, (shot.width, shot.height)), NEAREST * radius)


def _up(poses: np.ndarray) -> np.ndarray:
    """Return the upward direction in the poses' world, a unit vector: perpendicular to the cameras'
    horizontal axes, since cameras are rarely tilted sideways; if these are parallel, the mean of
    the cameras' own."""
    across, own = poses[:, :3, 0], -poses[:, :3, 1].mean(axis=0)
    values, axes = np.linalg.eigh(across.T @ across / len(across))
    if values[1] > _SPREAD:
        up = axes[:, 0]
        # From straight above, images have no upward side, but cameras are above what they see.
        above = own if abs(own @ up) > _SHORT else -poses[:, :3, 2].mean(axis=0)
        return up if up @ above >= 0 else -up
    length = float(np.linalg.norm(own))
    return own / length if length > _SHORT else np.array([0.0, 0.0, 1.0])


def _focus(eyes: np.ndarray, ways: np.ndarray) -> np.ndarray | None:
    """Return the point nearest to the optical axes, `3`, by least squares; None if it is not in
    front of most cameras, or the axes are parallel. eyes, ways: `P x 3`."""
    across = np.eye(3) - ways[:, :, None] * ways[:, None, :]
    matrix = across.mean(axis=0)
    if np.linalg.eigvalsh(matrix)[0] < _SPREAD:
        return None
    found: np.ndarray = np.linalg.solve(matrix, np.einsum("nij,nj->i", across, eyes) / len(eyes))
    ahead = np.einsum("ni,ni->n", found - eyes, ways)
    return found if np.median(ahead) > 0 else None
