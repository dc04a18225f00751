"""The second camera of a rectified pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from agreement import fetch
from oracle import near_edge

import simgen

pytestmark = pytest.mark.render


@pytest.mark.exhaustive
def test_disparity_is_focal_length_times_baseline_over_depth(still_folder: Path) -> None:
    for sample in simgen.open(still_folder):
        assert sample.camera.stereo_baseline == 0.04
        drawn = np.isfinite(sample.depth)
        assert drawn.any()
        expected = sample.camera.K[0, 0] * 0.04 / sample.depth[drawn].astype(float)
        assert np.allclose(sample.disparity[drawn], expected, rtol=4e-6)
        assert (sample.disparity[~drawn] == 0).all()


def test_disparity_warps_the_right_image_onto_the_left(still_folder: Path) -> None:
    """Photometric: the right image was rendered, the disparity was calculated."""
    for sample in simgen.open(still_folder):
        clear = ~sample.disparity_occlusion.astype(bool) & ~near_edge(sample.panoptic)
        assert clear.mean() > 0.5
        left, right = sample.rgb.astype(float), sample.rgb_right
        flow = np.stack([-sample.disparity, np.zeros_like(sample.disparity)], axis=-1)
        error = np.abs(fetch(right, flow) - left).mean(axis=-1)[clear].mean()
        for wrong in (0 * flow, -flow, 1.5 * flow):
            assert error < 0.7 * np.abs(fetch(right, wrong) - left).mean(axis=-1)[clear].mean()
