"""Running functions in other processes and threads."""

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
    """Yield the result of `work` for each item, in order.

    work: a module-level function; items and results must be picklable. processes: 1 runs the work
    in this process. At most two items per process are queued at a time. Raises whatever `work`
    raises.
    """
    if processes < 2:
        yield from map(work, items)
        return
    # A forked process would inherit the locks of other threads, such as the progress bar's.
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
    """Yield the result of `work` for each item and its number, counted from 0, in order.

    The work runs in a separate thread while the caller's thread produces the next item. No items
    are queued, so at most two exist at a time. An error in producing an item is raised once the
    work in progress has ended, an error in the work once the next item has been produced.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="aside") as aside:
        pending: list[Future[R]] = []
        for number, item in enumerate(items):
            done = [future.result() for future in pending]
            pending = [aside.submit(work, number, item)]
            yield from done
        yield from (future.result() for future in pending)


class ProcessDiedError(Exception):
    """A worker process ended without returning a result. code: its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class WorkerProcess[**P, R]:
    """A process that executes calls one after another, and may die or hang in any of them.

    start: called in the process on the first call; returns the function that executes the calls.
    It is sent through a pipe that is read late, so its pickle must be small. Raises `OSError` if no
    process can be started. Always kill the process when done: this process would otherwise wait for
    it before it exits.
    """

    def __init__(self, start: Callable[[], Callable[P, R]]) -> None:
        # A fork would copy the locks of this process's threads, and Blender needs a fresh process.
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
        """Start a call and return its future, which may fail with whatever the function raises or
        with `ProcessDiedError`."""
        future: Future[R] = Future()
        # A daemon thread, so that this process can exit even if the other is stuck in the kernel.
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
            time.sleep(0.01)  # another thread has reaped the process and is about to store its code
        return code

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """Kill the process without waiting for its end."""
        self._process.kill()

    def join(self, seconds: float) -> bool:
        """Wait up to some seconds for a killed process to end. Returns whether it has ended."""
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
    """Remove the folders that Blender adds to `sys.path` on import. Child processes inherit the
    path, and the `bpy` in such a folder would shadow the actual module there."""
    sys.path[:] = [folder for folder in sys.path if not Path(folder, "_bpy_internal").is_dir()]


def _begin() -> None:
    drop_blenders_folders()
    # Ctrl-C reaches all processes; the one started by the user ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
