"""Work in other processes and threads."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import cv2


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


class ProcessDiedError(Exception):
    """A process ended before it answered. code: its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class WorkerProcess[**P, R]:
    """A process that answers one call after the other, and may die or hang in any of them.

    start: is called there at the first call, and gives the function that answers them all. It is
    sent through a pipe that is read late, so its pickle has to be small. Raises `OSError` where no
    process can be started. Kill it in the end: this process would wait for it before it exits.
    """

    def __init__(self, start: Callable[[], Callable[P, R]]) -> None:
        # Fork would copy the locks of this process's threads; Blender wants a process of its own.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_answer, args=(theirs, start))
        try:
            self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            theirs.close()  # so that the death of the process ends the pipe

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Ends with what the function raises, or with `ProcessDiedError`."""
        future: Future[R] = Future()
        # A daemon: the process may be stuck in the kernel, and this one has to end all the same.
        threading.Thread(target=self._ask, args=(future, args, kwargs), daemon=True).start()
        return future

    def _ask(self, future: Future[R], args: Any, kwargs: Any) -> None:
        try:
            self._pipe.send((args, kwargs))
            result, error = self._pipe.recv()
        except (EOFError, OSError):
            result, error = None, ProcessDiedError(self._exit_code())
        except Exception as unreadable:
            result, error = None, unreadable
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def _exit_code(self) -> int:
        wait([self._process.sentinel])
        while (code := self._process.exitcode) is None:
            time.sleep(0.01)  # another thread has asked for it, too, and is about to note it
        return code

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """Does not wait until it is gone."""
        self._process.kill()

    def join(self, seconds: float) -> bool:
        """Wait for the end of a process that was killed. Returns whether it is gone."""
        self._process.join(seconds)
        return not self.is_alive()


def _answer(pipe: Connection, start: Callable[[], Callable[..., object]]) -> None:
    work: Callable[..., object] | None = None
    with contextlib.suppress(EOFError):  # this process's parent has ended
        while True:
            args, kwargs = pipe.recv()
            answer: tuple[object, BaseException | None]
            try:
                work = work or start()
                answer = work(*args, **kwargs), None
            except BaseException as error:
                answer = None, error
            pipe.send(answer)


def drop_blenders_folders() -> None:
    """Take off the path what Blender puts there when it is imported. A process hands its path on to
    those it starts, and there the `bpy` in such a folder hides the module itself."""
    sys.path[:] = [folder for folder in sys.path if not Path(folder, "_bpy_internal").is_dir()]


def _begin() -> None:
    drop_blenders_folders()
    # Ctrl-C reaches all processes; the one that was called by the user ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
