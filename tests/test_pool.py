from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simgen.pool import in_order, one_ahead


def test_results_come_in_order_and_the_work_is_done_elsewhere() -> None:
    threads = set()

    def work(number: int, item: str) -> str:
        threads.add(threading.get_ident())
        return f"{number}{item}"

    assert list(one_ahead(work, "abcd")) == ["0a", "1b", "2c", "3d"]
    assert list(one_ahead(work, "")) == []
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_the_next_item_is_made_meanwhile_and_no_other() -> None:
    """The work on an item ends only when the next one is being made, so that nothing would move if
    they took turns; and no item is begun before the work on the one before the last is done."""
    begun = [threading.Event() for _ in range(6)]
    ended: list[int] = []

    def items() -> Iterator[int]:
        for number in range(6):
            assert threading.current_thread() is threading.main_thread()
            assert ended[: number - 1] == list(range(number - 1))
            begun[number].set()
            yield number

    def work(number: int, item: int) -> int:
        if number < 5:
            assert begun[number + 1].wait(10)
        ended.append(number)
        return item

    assert list(one_ahead(work, items())) == list(range(6))


def test_what_the_work_raises_ends_the_making() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    def work(number: int, item: int) -> int:
        if number == 2:
            raise OSError("the disk is full")
        return item

    got = []
    with pytest.raises(OSError, match="the disk is full"):
        got.extend(one_ahead(work, items()))
    assert made == [0, 1, 2, 3]


def test_what_the_making_raises_waits_for_the_work_in_progress() -> None:
    done = []

    def items() -> Iterator[int]:
        yield 0
        raise RuntimeError("the GPU is gone")

    def work(number: int, item: int) -> None:
        time.sleep(0.2)
        done.append(number)

    with pytest.raises(RuntimeError, match="the GPU is gone"):
        list(one_ahead(work, items()))
    assert done == [0]


def test_whoever_stops_asking_leaves_no_thread() -> None:
    before = threading.active_count()
    results = one_ahead(lambda number, item: item, iter(range(10)))
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_what_blender_puts_on_the_path_is_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There its `bpy` would hide the module itself."""
    (tmp_path / "modules" / "_bpy_internal").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.syspath_prepend(str(tmp_path))
    (path,) = in_order(eval, ["__import__('sys').path"], 2)
    assert str(tmp_path) in path
    assert str(tmp_path / "modules") not in path
