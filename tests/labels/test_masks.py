from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from simgen.labels.masks import visible_masks


@given(hnp.arrays(np.uint16, st.tuples(st.integers(1, 12), st.integers(1, 12)),
                  elements=st.integers(0, 3)))  # fmt: skip
def test_masks_boxes_and_areas_agree_with_the_ids(instances: np.ndarray) -> None:
    masks = visible_masks(instances, [1, 2, 3])
    assert set(masks) == set(np.unique(instances).tolist()) - {0}
    for instance, mask in masks.items():
        expected = instances == instance
        assert np.array_equal(coco_mask.decode(mask.rle), expected)
        assert mask.area == expected.sum() == coco_mask.area(mask.rle)
        assert list(mask.bbox) == coco_mask.toBbox(mask.rle).tolist()


def test_a_box_counts_both_of_its_ends() -> None:
    instances = np.zeros((10, 20), np.uint16)
    instances[2:5, 3:9] = 4
    mask = visible_masks(instances, [4])[4]
    assert mask.bbox == (3.0, 2.0, 6.0, 3.0)
    assert mask.area == 18
    assert isinstance(mask.rle["counts"], str)


def test_hidden_instances_have_no_mask() -> None:
    assert visible_masks(np.zeros((4, 4), np.uint16), [1, 2]) == {}
