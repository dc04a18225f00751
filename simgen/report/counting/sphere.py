"""Directions from which objects are seen, in the objects' own axes."""

from __future__ import annotations

import numpy as np

from simgen.labels.record import CameraRecord, ObjectRecord
from simgen.report.counting.quantities import SPHERE


def view_direction(item: ObjectRecord, camera: CameraRecord) -> np.ndarray:
    """Return the unit vector, shape `3`, from the centre of an object's box towards the camera
    (against its line of sight), in the object's own axes (z up)."""
    _, way = camera.sight_lines(item.centre)
    towards = -(item.rotation.T @ way)
    return towards / max(float(np.linalg.norm(towards)), 1e-12)


def cell(direction: np.ndarray) -> tuple[int, int]:
    """Return band and step of a unit vector.

    The map is Lambert's cylindrical equal-area projection: bands are uniform in z, the sine of the
    elevation, from -1; steps are uniform in azimuth, atan2(y, x), from -180 degrees. So all cells
    cover the same solid angle, and uniformly distributed views fill them evenly.
    """
    bands, steps = SPHERE
    x, y, z = direction.tolist()
    band = int((z + 1) / 2 * bands)
    step = int((np.arctan2(y, x) / np.pi + 1) / 2 * steps)
    return min(max(band, 0), bands - 1), min(max(step, 0), steps - 1)


def coverage(counts: np.ndarray) -> float:
    """Return the fraction of cells with at least one view, 0..1."""
    return float(np.count_nonzero(counts)) / counts.size
