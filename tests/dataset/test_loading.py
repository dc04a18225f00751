"""Loading a dataset to train on it, as far as that needs no torch."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.training.targets import detection_target


@pytest.mark.exhaustive
def test_targets_are_what_the_masks_show(stills_folder: Path) -> None:
    for sample in simgen.open(stills_folder):
        target = detection_target(sample)
        count, height, width = target.masks.shape
        assert (height, width) == sample.instances.shape
        assert count == len(np.unique(sample.instances[sample.instances > 0])) > 0
        assert target.masks.flags.c_contiguous
        assert target.masks.dtype == np.uint8
        assert target.masks.max() == 1
        columns = target.boxes, target.labels, target.area, target.iscrowd
        assert [len(column) for column in columns] == [count] * 4
        assert [column.dtype for column in columns] == [np.float32, np.int64, np.float32, np.int64]
        for box, label, mask, area in zip(*columns[:2], target.masks, target.area, strict=True):
            rows, columns_of = np.nonzero(mask)
            corners = [columns_of.min(), rows.min(), columns_of.max() + 1, rows.max() + 1]
            assert box.tolist() == corners
            assert len(np.unique(sample.instances[mask > 0])) == 1
            assert set(sample.semantic[mask > 0]) == {label}
            assert area == mask.sum()
        assert not target.iscrowd.any()
        assert target.image_id == sample.image_id


def test_a_frame_that_shows_nothing_has_a_target(stills_folder: Path) -> None:
    sample = simgen.open(stills_folder)[0]
    target = detection_target(sample, min_visibility=1.1)
    assert target.boxes.shape == (0, 4)
    assert target.masks.shape == (0, *sample.instances.shape)
    assert target.labels.shape == target.area.shape == (0,)


def test_what_is_hardly_seen_is_left_out(stills_folder: Path) -> None:
    counts = {"all": 0, "some": 0}
    for sample in simgen.open(stills_folder):
        counts["all"] += len(detection_target(sample).labels)
        some = detection_target(sample, min_visibility=0.7)
        expected = [o for o in sample.objects if o.visible_fraction >= 0.7]
        assert some.labels.tolist() == [o.class_id for o in expected]
        counts["some"] += len(some.labels)
    assert 0 < counts["some"] < counts["all"]


def test_a_dataset_without_objects_is_refused(stills_folder: Path) -> None:
    sample = simgen.open(stills_folder)[0]
    sample.labels = ("rgb", "camera")
    with pytest.raises(InputError, match="has no 'objects'"):
        detection_target(sample)


def read(dataset: Dataset, index: int) -> int:
    return int(dataset[index].rgb.sum())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_read_the_same(method: str, stills_folder: Path) -> None:
    """As the workers of a data loader do: the dataset is pickled, or was there before the fork."""
    dataset = simgen.open(stills_folder).split("train")
    expected = [read(dataset, index) for index in range(len(dataset))]
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = list(pool.map(read, [dataset] * len(dataset), range(len(dataset))))
    assert found == expected
    assert len(pickle.dumps(dataset)) < 100_000
