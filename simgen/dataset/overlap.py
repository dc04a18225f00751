"""Work on one item while the next one is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor


def one_ahead[T, R](work: Callable[[int, T], R], items: Iterable[T]) -> Iterator[R]:
    """What some work makes of each item and its number, counted from 0; one after the other.

    The work is done in a thread of its own while the caller's thread makes the next item. No item
    waits in a queue, so there are at most two of them at a time. Raises what making an item raises,
    once the work in progress has ended, and what the work raises, once the next item is made.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="aside") as aside:
        pending: list[Future[R]] = []
        for number, item in enumerate(items):
            done = [future.result() for future in pending]
            pending = [aside.submit(work, number, item)]
            yield from done
        yield from (future.result() for future in pending)
