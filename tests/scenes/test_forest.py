"""Woodland: how many trees it has, how they stand, and that they are one instance each."""

from __future__ import annotations

import numpy as np
import pytest

from scenes import checks
from simgen.stages.stage import StagePart

HECTARES = np.pi * 0.62**2


def trees(scene: int) -> list[StagePart]:
    return [part for part in checks.built("forest", scene) if part.name.startswith("tree_")]


def radius(part: StagePart) -> float:
    low, high = part.mesh.bounds()
    return float((high - low)[:2].mean() / 2)


@pytest.mark.parametrize("scene", range(3))
@pytest.mark.corpus(2)
def test_trees_are_as_many_as_in_woodland_and_single_instances(scene: int) -> None:
    found = trees(scene)
    assert 80 < len(found) / HECTARES < 650
    assert all(part.class_name == "tree" and not part.crowd for part in found)
    assert len({id(part.mesh) for part in found}) <= 30


def test_crowns_interlock_in_clumps_and_stand_alone_in_clearings() -> None:
    gaps = []
    for scene in range(3):
        found = trees(scene)
        at = np.array([part.position[:2] for part in found])
        size = np.array([2 * radius(part) for part in found])
        apart = np.linalg.norm(at[:, None] - at, axis=2) + np.diag(np.full(len(at), np.inf))
        gaps.append(apart.min(axis=1) / size)
    low, high = np.quantile(np.concatenate(gaps), (0.1, 0.9))
    assert low < 0.9
    assert high > 1.3


@pytest.mark.parametrize("scene", range(3))
def test_nothing_stands_in_the_clearing(scene: int) -> None:
    place = checks.content("forest", scene).supports[0]
    for part in trees(scene):
        points = part.mesh.vertices + np.array(part.position)
        low = points[points[:, 2] < 0.3]
        assert np.hypot(low[:, 0], low[:, 1]).min() > place.half_size[0]


@pytest.mark.parametrize("scene", range(2))
def test_trees_stand_on_the_ground_and_are_as_large_as_trees(scene: int) -> None:
    for part in trees(scene):
        low, high = part.mesh.bounds()
        assert -0.5 < low[2] <= 0.0
        assert 0.5 < radius(part) < 9.0
        assert 1.0 < high[2] < 26.0
