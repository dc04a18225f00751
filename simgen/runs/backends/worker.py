"""The worker: a process that owns one Blender, makes scenes by their index and commits them.

It survives nothing and needs nothing: the supervisor kills it and starts another one.
"""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import pickle
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import util
from pathlib import Path
from typing import TYPE_CHECKING

from simgen.dataset.disk import disk_error, is_disk_error
from simgen.dataset.layout import Layout
from simgen.dataset.reports import SceneReport, UnforeseenError, WorkerInfo
from simgen.errors import AssetError, SimgenError
from simgen.pool import drop_blenders_folders
from simgen.runs import logs
from simgen.runs.backends.stop import SIGNALS
from simgen.runs.backends.worker_logs import opening

if TYPE_CHECKING:  # what makes scenes takes a second to load, and a worker does it at its first one
    from simgen.runs.job import Job
    from simgen.stages.resolver import Resolver

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_IOLBF = 1
"""Of stdio.h: write line by line."""
_STDOUT, _STDERR = 1, 2
_LONGEST_WATCH = 1e6
"""Seconds; a time limit may be infinite, a timer not."""
_LONGEST_REASON = 1000
"""Characters. A pipe holds 64 KB, and some packages put whole arrays into their messages."""


class Worker:
    """Makes scenes of one job, one after the other. Everything is set up for the first one, so
    that what goes wrong there is that scene's trouble and its time limit holds."""

    def __init__(self, job: Job, info: WorkerInfo) -> None:
        self._job = job
        self._info = info
        self._tools: tuple[Resolver, Path] | None = None

    def make(self, scene: int, attempt: int) -> SceneReport:
        """Make and commit one scene. Raises `DiskError` when the dataset's disk is full or
        read-only, other errors of `simgen.errors`, and `UnforeseenError` for all else."""
        extra = {"scene": scene, "attempt": attempt}
        with _portable_errors(self._job.place), _stack_shown(self._job.config.runner.scene_timeout):
            log.info(opening(scene, attempt), extra=extra)
            print(opening(scene, attempt), flush=True)
            try:
                resolver, scratch = self._tools = self._tools or self._set_up()
                from simgen.runs.pipeline import make_scene  # after the path is set

                return make_scene(self._job, resolver, scene, attempt, self._info, scratch)
            except BaseException:
                log.exception("scene %d", scene, extra=extra)
                raise

    def _set_up(self) -> tuple[Resolver, Path]:
        scratch = _own_folder(self._job.place, self._info)
        # Blender makes a folder of its own when it is imported, and a worker that is killed, as all
        # are in the end, does not remove it.
        os.environ["TMPDIR"] = str(scratch)
        drop_blenders_folders()
        from simgen.stages.resolver import make_resolver  # after the path is set

        return make_resolver(self._job.settings), scratch


def _own_folder(place: Layout, info: WorkerInfo) -> Path:
    """For a worker's temporary files. Those of its predecessors go."""
    for old in place.scratch.glob(f"worker-{info.name}@*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = place.scratch / f"worker-{info.name}@{socket.gethostname()}-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _portable_errors(place: Layout) -> Iterator[None]:
    """Raise only what any process can unpickle: errors of simgen's, or `UnforeseenError`."""
    try:
        yield
    except AssetError as error:
        if _is_passing(error):
            raise UnforeseenError(str(error)) from None
        raise
    except (SimgenError, UnforeseenError):
        raise
    except BaseException as error:  # a plugin may well call sys.exit()
        if isinstance(error, Exception) and is_disk_error(error, place.local):
            raise disk_error(place.local, error) from None
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise UnforeseenError(text[:_LONGEST_REASON]) from None


def _is_passing(error: BaseException) -> bool:
    """Whether an asset could not be read for a reason that may be gone in a moment."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError | MemoryError):
        cause = cause.__cause__
    return cause is not None


@contextmanager
def _stack_shown(timeout: float) -> Iterator[None]:
    """Print where this process is, shortly before it is killed since it takes too long."""
    late = min(max(0.9 * timeout, timeout - 5.0), _LONGEST_WATCH)
    faulthandler.dump_traceback_later(late, file=_STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def start(job: Path, info: WorkerInfo) -> Callable[[int, int], SceneReport]:
    """Set up a new worker process. Returns what makes its scenes. job: file with the pickled
    `Job`."""
    # A terminal, a batch system or a container sends these to all processes at once, and it is the
    # supervisor that decides whether the scene in progress may end. It kills with SIGKILL.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # held back until here
    _die_with(info.supervisor)
    # Interpreters that imported bpy have hung on their way out; nothing is left to flush here.
    util.Finalize(None, os._exit, args=(0,), exitpriority=-100)
    return scene_maker(pickle.loads(job.read_bytes()), info)


def scene_maker(job: Job, info: WorkerInfo) -> Callable[[int, int], SceneReport]:
    """What makes scenes in this process. Logs are opened with the first one."""
    worker: Worker | None = None

    def make(scene: int, attempt: int) -> SceneReport:
        nonlocal worker
        if worker is None:
            with _portable_errors(job.place):
                open_logs(job, info)
            worker = Worker(job, info)
        return worker.make(scene, attempt)

    return make


def open_logs(job: Job, info: WorkerInfo) -> None:
    """Send this process's log to the dataset's logs as JSON lines, and whatever is printed,
    Blender's C code included, to a text file. So go the stacks of a process that
    crashes. Raises `OSError`."""
    logs.log_to(job.place.logs / f"worker-{info.name}.jsonl", worker=info.name, pid=os.getpid())
    target = os.open(
        job.place.logs / f"worker-{info.name}.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
    )
    for number in (_STDOUT, _STDERR):
        os.dup2(target, number)
    os.close(target)
    if sys.platform == "linux":  # elsewhere a process that is killed keeps its last words
        libc = ctypes.CDLL(None)
        libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, _IOLBF, 0)
    faulthandler.enable(file=_STDERR)


def _die_with(supervisor: int | None) -> None:
    """A supervisor that is killed cannot tell its workers; on Linux the kernel does."""
    if supervisor is not None and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it died before the kernel knew
            os._exit(1)
