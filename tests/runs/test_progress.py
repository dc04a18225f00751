"""Progress where there is no terminal: lines in a log, not too few and not too many."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from rich.console import Console

from simgen.dataset.runs import Status, Totals
from simgen.runs.progress import ProgressLines, image_bar, progress_bar, roughly


class Work:
    """Takes `seconds_each` for each of `total` items, on a clock that only pretends."""

    def __init__(self, seconds_each: float, total: int, there: int = 0) -> None:
        self.now = 0.0
        self.said: list[tuple[float, str]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("time.monotonic", lambda: self.now)
            lines = ProgressLines(self._hear, "scenes")
            while (done := there + int(self.now / seconds_each)) < total:
                lines.tell(done, total)
                self.now += min(seconds_each, 0.5)

    def _hear(self, line: str) -> None:
        self.said.append((self.now, line))

    @property
    def times(self) -> list[float]:
        return [time for time, _ in self.said]


@pytest.mark.parametrize("seconds_each", [0.5, 20.0, 1000.0])
@pytest.mark.parametrize("total", [60, 4000])
@pytest.mark.corpus(2)
def test_a_log_hears_early_and_then_at_a_measured_pace(seconds_each: float, total: int) -> None:
    work = Work(seconds_each, total)
    seconds = seconds_each * total
    assert work.times[0] == 10.0
    assert seconds < 31 or work.times[1] == 30.0
    gaps = [b - a for a, b in pairwise(work.times[1:])]
    assert all(60.0 <= gap <= 600.5 for gap in gaps)
    # Every tenth of the work at most, unless that would be a long silence.
    assert len(gaps) <= max(10, seconds / 600)


def test_what_takes_seconds_says_nothing() -> None:
    assert Work(0.1, 80).said == []


def test_the_time_left_is_that_of_the_pace_of_now() -> None:
    work = Work(1.0, 160, there=100)
    assert work.said[0] == (10.0, "scenes 110 of 160, about 50 s left")
    assert work.said[1] == (30.0, "scenes 130 of 160, about 30 s left")


def test_what_has_no_known_end_is_counted() -> None:
    said: list[str] = []
    ProgressLines(said.append, "models").say_now(12, None, "3 refused")
    assert said == ["models 12, 3 refused"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (42, "42 s"), (170, "3 min"), (9000, "2.5 h"), (3 * 86400, "3.0 d")],
)
def test_times_are_rough(seconds: float, words: str) -> None:
    assert roughly(seconds) == words


def a_status(done: int, frames: int) -> Status:
    totals = Totals(scenes=done, frames=frames)
    return Status("data", "run", "run", "host", 1, 0.0, 60, done=done, retried=2, totals=totals)


def test_a_run_says_scenes_images_and_troubles(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    log = io.StringIO()
    with progress_bar(Console(file=log), 60, there=8) as show:
        for seconds in (0.5, 9.0, 20.0, 25.0):
            now = seconds
            show(a_status(4, 10))
    assert log.getvalue().splitlines() == [
        "scenes 8 of 60",
        "scenes 12 of 60, 10 images, 0.5 images/s, 2 retried, about 4 min left",
    ]


def test_other_commands_say_lines_in_a_log_and_bars_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    log, screen = io.StringIO(), io.StringIO()
    for console in (Console(file=log), Console(file=screen, force_terminal=True, width=80)):
        now = 0.0
        with image_bar(console) as added:
            tell = added("[images]")
            tell(0, 50)
            now = 12.0
            tell(12, 50)
    assert log.getvalue() == "[images] 12 of 50, about 38 s left\n"
    assert re.search(r"12/50", screen.getvalue())
