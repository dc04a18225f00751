"""Work in other processes, its results in order."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from pebble import ProcessPool  # for those alone who have such a pool

PATIENCE = 20.0
"""Seconds that processes are given to end."""
log = logging.getLogger(__name__)


def in_order[T, R](work: Callable[[T], R], items: Iterable[T], processes: int) -> Iterator[R]:
    """What some work makes of each item. work: a function of a module; items and results can be
    pickled. processes: 1 for this one alone. Only a few items at a time wait for their turn.

    Raises what the work raises.
    """
    if processes < 2:
        yield from map(work, items)
        return
    # A forked process would inherit the locks of other threads, the progress bar's among them.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, initializer=_begin)
    try:
        rest = iter(items)
        waiting: deque[Future[R]] = deque()
        while True:
            waiting.extend(
                pool.submit(work, item) for item in islice(rest, 2 * processes - len(waiting))
            )
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def end(pool: ProcessPool) -> threading.Thread:
    """Stop a pool of pebble's and its processes. Returns the thread that waits for them, to be
    joined with a timeout: pebble's own thread that hands out work has been seen to miss that it
    should end, when Ctrl-C came at the wrong moment, and processes may be stuck in the kernel."""

    def stop() -> None:
        try:
            pool.stop()
            pool.join()
        except Exception:
            log.exception("a process pool could not be ended")

    thread = threading.Thread(target=stop, daemon=True)
    thread.start()
    return thread


def _begin() -> None:
    # Ctrl-C reaches all processes; the one that was called by the user ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
