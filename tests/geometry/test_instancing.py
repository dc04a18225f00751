"""Instances against one caster of all their triangles."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.geometry.instancing import Instance, InstancedCaster
from simgen.geometry.raycast import Caster


def drawn(seed: int, shared: int, count: int) -> list[Instance]:
    """Placed soups of triangles, some of which share their arrays."""
    rng = np.random.default_rng(seed)
    meshes = [(rng.uniform(-1, 1, (12, 3)), np.arange(12).reshape(-1, 3)) for _ in range(shared)]
    return [
        Instance(*meshes[int(rng.integers(shared))], rng.uniform(-4, 4, 3)) for _ in range(count)
    ]


def whole(instances: list[Instance]) -> Caster:
    vertices = np.concatenate([(one.vertices + one.offset)[one.faces] for one in instances])
    return Caster(vertices.reshape(-1, 3), np.arange(vertices.size // 3).reshape(-1, 3))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shared=st.integers(1, 4),
    count=st.integers(1, 12),
    far=st.sampled_from([0.5, 1.0, np.inf]),
)
def test_rays_meet_what_they_would_meet_in_one_mesh(
    seed: int, shared: int, count: int, far: float
) -> None:
    instances, rng = drawn(seed, shared, count), np.random.default_rng(seed + 1)
    # Some rays run along an axis.
    ways = rng.normal(size=(200, 3)) * 6 * (rng.random((200, 3)) < 0.8)
    ways[~ways.any(axis=1)] = (0.0, 0.0, 1.0)
    origins = rng.uniform(-6, 6, (200, 3))
    hits = whole(instances).first(origins, ways, np.full(200, far))
    owner = np.repeat(np.arange(count), [len(one.faces) for one in instances])
    expected = np.where(hits.triangle >= 0, owner[hits.triangle], -1)
    caster = InstancedCaster(instances)
    # Of 200 random rays, one may graze an edge that rounding puts on its other side.
    assert (caster.first(origins, ways, far) != expected).sum() <= 1
    assert (caster.blocked(origins, ways, far) != (expected >= 0)).sum() <= 1
    some = list(range(0, count, 2))
    blocked = whole([instances[number] for number in some]).blocked(
        origins, ways, np.full(200, far)
    )
    assert (caster.blocked(origins, ways, far, some) != blocked).sum() <= 1


def test_each_ray_has_its_own_end_and_one_origin_does_for_all() -> None:
    wall = np.array([[2.0, -1, -1], [2.0, 1, -1], [2.0, 0, 1]])
    caster = InstancedCaster(
        [Instance(wall, np.array([[0, 1, 2]]), np.array([x, 0, 0])) for x in (1.0, 0.0)]
    )
    ways = np.array([[1.0, 0, 0]] * 3)
    assert caster.first(np.zeros(3), ways, np.array([1.9, 2.1, 9.0])).tolist() == [-1, 1, 1]
    assert caster.first(np.array([2.5, 0, 0]), ways[:1], 9.0).tolist() == [0]


def test_no_rays_and_no_instances() -> None:
    nothing = np.zeros((0, 3))
    assert InstancedCaster([]).first(np.zeros(3), np.eye(3), 1.0).tolist() == [-1, -1, -1]
    caster = InstancedCaster([Instance(np.eye(3), np.array([[0, 1, 2]]), np.zeros(3))])
    assert len(caster.first(np.zeros(3), nothing, 1.0)) == 0
    assert len(caster.blocked(np.zeros(3), nothing, 1.0)) == 0
