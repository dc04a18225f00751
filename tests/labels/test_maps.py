from __future__ import annotations

import numpy as np
import pytest

from simgen.labels.maps import instance_ids, planar_depth, semantic_ids


def test_instance_ids_keep_every_id_that_blender_can_hold() -> None:
    index = np.array([[0, 1, 255], [256, 32767, 3]], np.float32)
    ids = instance_ids(index)
    assert ids.dtype == np.uint16
    assert ids.tolist() == [[0, 1, 255], [256, 32767, 3]]


def test_blended_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="no ids"):
        instance_ids(np.array([[1.0, 1.5]], np.float32))


def test_semantic_ids_follow_the_instances() -> None:
    instances = np.array([[0, 1], [2, 3]], np.uint16)
    semantic = semantic_ids(instances, {1: 7, 2: 300, 3: 7})
    assert semantic.dtype == np.uint16
    assert semantic.tolist() == [[0, 7], [300, 7]]


def test_an_instance_without_a_class_is_an_error() -> None:
    with pytest.raises(IndexError):
        semantic_ids(np.array([[4]], np.uint16), {1: 1})


def test_depth_is_infinite_where_nothing_is() -> None:
    depth = planar_depth(np.array([[1.5, 1e10]], np.float32))
    assert depth.dtype == np.float32
    assert depth.tolist() == [[1.5, np.inf]]
