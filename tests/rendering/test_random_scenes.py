"""Small configs drawn at random: whatever is asked for together, all labels agree."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import check_everything
from conftest import SEQUENCE, Generate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

import simgen
from simgen.labels import IGNORE

pytestmark = [pytest.mark.render, pytest.mark.exhaustive]

LENSES = {
    "pinhole": [("camera.principal_point=[0.4,0.6]", "camera.pixel_aspect=0.8"), ()],
    "brown_conrady": [
        ("camera.distortion=[-0.2,0.05,0.002,0.003]", "camera.focal_length_mm_range=[35,60]"),
        ("camera.distortion=[0.1,0.05,0,0,0.01]", "camera.focal_length_mm_range=[35,60]"),
    ],
    "kannala_brandt": [
        ("camera.distortion=[0.01,-0.002]", "camera.focal_length_mm_range=[16,24]"),
    ],
    "equirectangular": [()],
    "orthographic": [("camera.principal_point=[0.4,0.6]", "camera.pixel_aspect=0.8"), ()],
}


ROWS = ["camera.row_exposure=1", "camera.row_exposure=0.2"]


@st.composite
def configs(draw: st.DrawFn) -> tuple[str, ...]:
    """Overrides of a config of one tiny scene of two frames."""
    model = draw(st.sampled_from(list(LENSES)))
    words = [f"camera.model={model}", *draw(st.sampled_from(LENSES[model]))]
    path = draw(st.sampled_from(["views", "static", "orbit", "dolly", "linear", "handheld"]))
    words.append(f"camera.path={path}")
    if path != "views":
        words.append(f"motion.objects={draw(st.sampled_from(['none', 'keyframed', 'physics']))}")
        words.append(f"motion.deform_probability={draw(st.sampled_from([0, 0.5, 1]))}")
        if draw(st.booleans()):
            words += [
                "camera.shutter=0.5",
                f"camera.row_exposure={draw(st.sampled_from([1, 0.2]))}",
            ]
    if model == "pinhole" and draw(st.booleans()):
        words.append("camera.stereo_baseline=0.06")
    if model != "equirectangular" and draw(st.booleans()):
        words.append("camera.f_stop_range=[1.4,4]")
    words.append(f"objects.count_range=[1,{draw(st.integers(1, 6))}]")
    width, height = draw(st.sampled_from([(64, 48), (48, 64), (80, 41)]))
    if model == "equirectangular":  # the same pixels see four times as much
        width, height = 2 * width, 2 * height
    words += [f"render.width={width}", f"render.height={height}", "render.samples=1"]
    return (*words, f"seed={draw(st.integers(0, 10_000))}")


@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words=configs())
def test_all_labels_of_any_scene_agree(words: tuple[str, ...], generate: Generate) -> None:
    dataset = simgen.open(generate(*SEQUENCE, "labels=[all,lidar]", *words))
    check_everything(dataset)
    for sample in dataset:
        check_invariants(sample)


def check_invariants(sample: simgen.Sample) -> None:
    """What has to hold between the labels of one frame, whatever it shows."""
    ids, drawn = sample.instances, np.isfinite(sample.depth)
    assert np.array_equal(drawn, np.isfinite(sample.ray_distance))
    assert (np.abs(sample.depth[drawn]) <= sample.ray_distance[drawn] * (1 + 1e-6)).all()
    assert drawn[ids > 0].all()
    ignored = sample.semantic == IGNORE
    assert np.array_equal((sample.semantic > 0) & ~ignored, ids > 0)
    regions = [coco_mask.decode(r.segmentation).astype(bool) for r in sample.ignore_regions]
    assert np.array_equal(np.any([np.zeros(ids.shape, bool), *regions], axis=0), ignored)
    coordinates = sample.object_coordinates[ids > 0]
    assert (coordinates >= 0).all()
    assert (coordinates <= 1).all()
    assert sum(segment.area for segment in sample.segments) == ids.size
    for segment in sample.segments:
        assert np.count_nonzero(sample.panoptic == segment.id) == segment.area
    for item in sample.objects:
        mask = ids == item.instance_id
        assert item.visible_pixels == mask.sum()
        assert (sample.semantic[mask] == item.class_id).all()
        assert 0 <= item.visible_fraction <= item.inside_fraction <= 1
        assert item.visible_fraction <= item.unoccluded_fraction <= 1
        assert (item.segmentation is None) == (item.bbox is None) == (not mask.any())
        if item.segmentation is not None:
            assert np.array_equal(coco_mask.decode(item.segmentation), mask)
            rows, columns = np.nonzero(mask)
            assert item.bbox == (
                columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1
            )  # fmt: skip
    for order in sample.occlusion_order:
        both = sample.amodal_masks[order.front] & sample.amodal_masks[order.back]
        assert 0 < order.pixels <= np.count_nonzero(both)
        assert not (both & (ids == order.back)).all()
