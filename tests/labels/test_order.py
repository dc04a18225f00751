"""Occlusion order, against counting the layers of every pixel one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from solids import LENSES, Scene, Thing, ball, box

from simgen.labels.order import occlusion_order
from simgen.labels.record import Order
from simgen.labels.silhouettes import silhouettes


def test_plates_one_behind_the_other() -> None:
    """The third hides the other two, whose order it does not change."""
    things = [Thing(box(0.4, 0.4, 0.01), (0, 0, z)) for z in (2.0, 1.0, 0.5)]
    layers = Scene(things).layers()
    areas = [int(np.isfinite(layer).sum()) for layer in layers]
    found = occlusion_order(silhouettes(Scene(things).view()))
    assert found == (Order(2, 1, areas[0]), Order(3, 1, areas[0]), Order(3, 2, areas[1]))


def test_things_side_by_side_have_no_order() -> None:
    things = [Thing(box(0.2, 0.2, 0.2), (x, 0, 1.5)) for x in (-0.3, 0.3)]
    assert occlusion_order(silhouettes(Scene(things).view())) == ()
    assert occlusion_order(()) == ()


@pytest.mark.parametrize("model", sorted(LENSES))
def test_order_is_what_the_layers_of_each_pixel_say(model: str) -> None:
    rng = np.random.default_rng(3)
    things = [Thing(ball(0.25, 2), tuple(rng.uniform(-0.4, 0.4, 3) + (0, 0, 1.5)), tuple(turn))
              for turn in rng.normal(size=(9, 3))]  # fmt: skip
    # Two bars that cross in a third dimension: each is in front of the other somewhere.
    things += [Thing(box(1.2, 0.1, 0.1), (0, 0, 1.2), (0, turn, 0)) for turn in (0.5, -0.5)]
    scene = Scene(things, LENSES[model])
    layers = scene.layers()
    expected: Counter[tuple[int, int]] = Counter()
    for a in range(len(things)):
        for b in range(len(things)):
            nearer = np.isfinite(layers[a]) & np.isfinite(layers[b]) & (layers[a] < layers[b])
            if nearer.any():
                expected[a + 1, b + 1] = int(nearer.sum())
    found = {(o.front, o.back): o.pixels for o in occlusion_order(silhouettes(scene.view()))}
    assert list(found) == sorted(found)
    assert {(10, 11), (11, 10)} <= set(found)
    for pair in set(found) | set(expected):
        # Rounding may decide a pixel on an outline.
        assert abs(found.get(pair, 0) - expected[pair]) <= 1 + 0.002 * expected[pair], pair
