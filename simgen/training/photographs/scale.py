"""The scale at which detectors see photographs."""

from __future__ import annotations

import math

import numpy as np

from simgen.training.detection import DetectionSet

_LEAST, _MOST = 0.25, 2.0
_STEP = 2**0.25


def matching_scale(real: DetectionSet, synthetic: DetectionSet) -> float:
    """Return the factor on photographs that matches the size of their objects, in pixels, with
    synthetic ones: the ratio of the median longer sides of boxes, in steps of a fourth of an
    octave, 1/4 to 2. 1 if one of the sets has no boxes.

    A detector performs poorly on object sizes that it was not trained on. The longer side of an
    upright box hardly depends on the object's rotation; the area does: a car across the image has
    half the box area of a car at 45 degrees. The steps are coarse, so that the factor reveals no
    more about the real boxes than the approximate distance of the photographs.
    """
    wanted, found = _median_size(synthetic), _median_size(real)
    if not wanted or not found:
        return 1.0
    step = round(math.log(wanted / found, _STEP))
    return float(np.clip(_STEP**step, _LEAST, _MOST))


def _median_size(found: DetectionSet) -> float:
    boxes = [image.boxes[~image.ignore] for image in found.images]
    sides = np.concatenate([np.zeros((0, 2)), *(box[:, 2:] - box[:, :2] for box in boxes)])
    return float(np.median(sides.max(axis=1))) if len(sides) else 0.0
