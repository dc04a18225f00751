"""What a worker holds does not grow with the scenes that it made.

Rounds over the same few scenes show small leaks, since what a scene holds depends on the scene.
`scripts/bench_scale.py --memory` looks at 2,000 different ones.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.exhaustive

ROUNDS, SCENES = 13, 2
SETTLED = 3
"""Rounds after which caches are full."""
WORDS = (
    *("render.width=64", "render.height=48", "render.samples=1", "render.denoise=false"),
    *("scene=flying", "assets.classes=[ball,box]", "objects.count_range=[1,2]"),
    *("render.device=cpu", "labels=all", "camera.stereo_baseline=0.05"),
)
"""Worlds from image files, drawn textures, and the label pass of a second scene."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    script = Path(__file__).parent.parent / "long_run.py"
    words = [str(tmp_path_factory.mktemp("long")), str(ROUNDS), str(SCENES), *WORDS]
    command = [sys.executable, str(script), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(found) == ROUNDS * SCENES, done.stdout + done.stderr
    return found


def in_round(rows: list[dict[str, Any]], number: int, key: str) -> list[Any]:
    return [row[key] for row in rows[number * SCENES : (number + 1) * SCENES]]


@pytest.mark.render
@pytest.mark.parametrize("key", ["datablocks", "handles", "shared"])
def test_nothing_is_left_open(key: str, rows: list[dict[str, Any]]) -> None:
    settled = in_round(rows, SETTLED, key)
    assert min(settled) > 0 or key == "shared"
    for number in range(SETTLED + 1, ROUNDS):
        assert in_round(rows, number, key) == settled


@pytest.mark.render
def test_threads_do_not_pile_up(rows: list[dict[str, Any]]) -> None:
    # Cycles' pool starts its threads when there is work for them, and lets them go later.
    counts = [max(in_round(rows, number, "threads")) for number in range(ROUNDS)]
    assert min(counts) > 0
    assert min(counts[-5:]) <= max(counts[:SETTLED])


def growth_a_round(values: Sequence[float]) -> float:
    """The slope by Theil and Sen: the median over all pairs. Some rounds that lie far off do not
    move it."""
    slopes = [
        (values[late] - values[early]) / (late - early)
        for early, late in itertools.combinations(range(len(values)), 2)
    ]
    return statistics.median(slopes)


def test_growth_is_told_from_outliers() -> None:
    level = [470.0, 469.0, 463.0, 470.5, 476.0, 469.5, 470.0, 463.5, 470.0, 469.0]
    assert abs(growth_a_round(level)) < 0.1
    assert growth_a_round([value + 0.5 * place for place, value in enumerate(level)]) > 0.35


@pytest.mark.render
@pytest.mark.parametrize(("key", "most"), [("allocated_mb", 0.1), ("objects", 100)])
def test_memory_stays(key: str, most: float, rows: list[dict[str, Any]]) -> None:
    values = [statistics.median(in_round(rows, number, key)) for number in range(SETTLED, ROUNDS)]
    assert growth_a_round(values) < most
