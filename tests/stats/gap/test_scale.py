"""At which scale two sets are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgen.formats.items import Picture
from simgen.stats.gap.scale import MOST_PIXELS, scales
from simgen.stats.gap.sides import Entry, Side


def side(size: tuple[int, int], box: float, count: int = 5) -> Side:
    boxes = np.array([[0, 0, box, box]]) if box else np.zeros((0, 4))
    names = ("mug",) * len(boxes)
    entries = [
        Entry(str(n), Picture(*size, Path("a.png")), str(n), boxes, names) for n in range(count)
    ]
    return Side("a", tuple(entries), labelled=bool(box), total=count)


def test_more_pixels_of_the_same_need_one_scale() -> None:
    first, second = scales(side((640, 480), 40), side((2560, 1920), 160), None)
    assert [one.id for one in (*first, *second)] == ["area", "area"]
    assert first[0].of((640, 480)) == 1
    assert second[0].of((2560, 1920)) == pytest.approx(0.25)


def test_smaller_objects_are_a_second_scale() -> None:
    first, second = scales(side((640, 480), 20), side((640, 480), 80), None)
    assert [one.id for one in first] == ["area", "objects"]
    assert first[1].of((640, 480)) == 1
    assert second[1].of((640, 480)) == pytest.approx(0.25)


def test_metres_decide_where_they_are_known() -> None:
    first, second = scales(side((640, 480), 20), side((640, 480), 80), None, (0.1, 0.4))
    assert first[1].id == second[1].id == "metres"
    assert first[1].of((640, 480)) == pytest.approx(0.25)
    assert second[1].of((640, 480)) == 1


def test_without_objects_areas_are_equal() -> None:
    first, second = scales(side((4000, 3000), 0), side((2000, 1500), 0), None)
    assert len(first) == len(second) == 1
    assert first[0].of((4000, 3000)) == pytest.approx((MOST_PIXELS / 12e6) ** 0.5)
