"""Bodies whose rest is known, and that nothing returned moves, overlaps or hangs in the air."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simgen.geometry import pose_matrix, transform
from simgen.physics import Body, Drop, settle
from simgen.rng import stream
from simgen.stage import Support

TABLE = Support((0.5, 0.4), round=False)
DROP = Drop(spread=1.0, upright=1.0, max_seconds=6.0)


def box(x: float, y: float, z: float) -> Body:
    corners = itertools.product((-x / 2, x / 2), (-y / 2, y / 2), (0, z))
    return Body((np.array(list(corners)),), density=700.0, friction=0.5)


def placed(body: Body, rest) -> np.ndarray:  # type: ignore[no-untyped-def]
    return transform(pose_matrix(rest.position, rest.rotation), np.concatenate(body.pieces))


@pytest.mark.parametrize("size", [0.01, 0.1, 2.0])
def test_a_box_comes_to_rest_flat_on_the_table_at_any_size(size: float) -> None:
    body = box(size, 0.8 * size, 0.5 * size)
    support = Support((5 * size, 5 * size), round=True)
    (rest,) = settle([body], support, DROP, stream(0, "one"))
    assert rest is not None
    corners = np.sort(placed(body, rest)[:, 2])
    assert corners[:4] == pytest.approx(0, abs=2e-3 * size), "four corners on the table"
    assert corners[4:] == pytest.approx(corners[-1], abs=2e-3 * size), "and four above them"


@pytest.mark.parametrize("seed", range(5))
def test_a_pile_lies_on_the_table_and_nothing_overlaps(seed: int) -> None:
    rng = stream(seed, "sizes")
    bodies = [box(*rng.uniform(0.04, 0.15, 3)) for _ in range(10)]
    rests = settle(bodies, TABLE, Drop(1.0, 0.3, 6.0), stream(seed, "drop"))
    assert sum(rest is not None for rest in rests) >= 9
    there = [(b, r) for b, r in zip(bodies, rests, strict=True) if r is not None]
    for body, rest in there:
        points = placed(body, rest)
        assert points[:, 2].min() > -1e-3
        assert (np.abs(points[:, :2].mean(axis=0)) < TABLE.half_size).all()
    for (one, a), (other, b) in itertools.combinations(there, 2):
        assert overlap(placed(one, a), placed(other, b)) < 2e-3


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """How deep two boxes (8 corners each) lie in each other: the separating axis theorem."""
    edges = [box_edges(one), box_edges(other)]
    axes = [*edges[0], *edges[1], *(np.cross(a, b) for a in edges[0] for b in edges[1])]
    depths = []
    for axis in axes:
        length = np.linalg.norm(axis)
        if length > 1e-9:
            p, q = one @ axis / length, other @ axis / length
            depths.append(min(p.max() - q.min(), q.max() - p.min()))
    return float(min(depths))


def box_edges(corners: np.ndarray) -> list[np.ndarray]:
    """The three edge directions, unit length; corners in the order of `box`."""
    edges = [corners[4] - corners[0], corners[2] - corners[0], corners[1] - corners[0]]
    return [edge / np.linalg.norm(edge) for edge in edges]


def test_the_same_stream_gives_the_same_pile() -> None:
    bodies = [box(0.1, 0.08, 0.05), box(0.05, 0.05, 0.12), box(0.09, 0.02, 0.06)]
    first = settle(bodies, TABLE, DROP, stream(3, "again"))
    second = settle(bodies, TABLE, DROP, stream(3, "again"))
    for a, b in zip(first, second, strict=True):
        assert a is not None
        assert b is not None
        assert a.position.tobytes() == b.position.tobytes()
        assert a.rotation == b.rotation


def test_what_finds_no_place_is_given_up() -> None:
    tiny = Support((0.01, 0.01), round=False)
    rests = settle([box(0.1, 0.1, 0.1) for _ in range(6)], tiny, DROP, stream(0, "tiny"))
    assert any(rest is None for rest in rests)
