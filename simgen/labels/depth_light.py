"""What a depth camera looks at: exact depth, and the camera's own light that comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.labels.first_hits import FirstHits
from simgen.labels.returns import reflected
from simgen.labels.view import FrameView

DETECTED = 0.1
"""Reflectance of what is missing in half of the pixels at `DepthCameraSpec.detection_range`."""


@dataclass(frozen=True)
class Exact:
    """What each pixel of a depth camera shows, `H x W` each.

    depth: float64, planar z, metres, infinity on the background. distance: float64, metres along
    the ray, likewise. light: float64, of the camera's own, relative to what returns from a white
    matt surface that faces it at 1 m; 0 on the background.
    """

    depth: np.ndarray
    distance: np.ndarray
    light: np.ndarray


def exact(view: FrameView) -> Exact:
    """Return what a depth camera in the camera's place looks at.

    The light is r exp(-2 e R) / R^2: r of `simgen.labels.returns` at the pixel's ray, extinction e,
    distance R.
    """
    hits = _hits(view)
    met = (hits.code > 0) & (hits.distance > 0)
    away = np.where(met, hits.distance, 1.0)
    fog = np.exp(-2 * view.world.spec.weather.extinction * away)
    light = np.where(met, reflected(view.world, hits) * fog / away**2, 0.0)
    shape = view.code.shape
    depth = np.where(met, away * view.ray_rows[2], np.inf)
    distance = np.where(met, away, np.inf)
    return Exact(depth.reshape(shape), distance.reshape(shape), light.reshape(shape))


def threshold(detection_range: float) -> float:
    """Return the light below which nothing is detected."""
    return DETECTED / detection_range**2


def _hits(view: FrameView) -> FirstHits:
    """Return what the rays of all pixels meet, by row."""
    count = view.code.size
    found = FirstHits(
        view.code.reshape(-1),
        np.zeros(count, np.int32),
        np.zeros((count, 3), np.float32),
        view.raw.distance.reshape(-1).astype(np.float64),
        np.zeros(count),
    )
    for code in view.things:
        pixels, on = view.by_code.members(code), view.hits_on(code)
        found.triangle[pixels], found.weights[pixels] = on.triangle, on.weights
        turn = view.cam_to_world[:3, :3].T @ view.world.pose(code, view.frame)[:3, :3]
        normals = view.world.shape(code, view.frame).face_normals[on.triangle] @ turn.T
        rays = view.ray_rows.take(pixels, axis=1)
        found.cosine[pixels] = np.minimum(np.abs((normals.T * rays).sum(axis=0)), 1.0)
    return found
