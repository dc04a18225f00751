"""The worker: a process with its own Blender that makes scenes by index and commits them.

It recovers from nothing and keeps nothing: the supervisor may kill and replace it at any time.
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

if TYPE_CHECKING:  # these take a second to import, which a worker does at its first scene
    from simgen.runs.job import Job
    from simgen.stages.resolver import Resolver

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_IOLBF = 1
"""Line buffering, as defined in stdio.h."""
_STDOUT, _STDERR = 1, 2
_LONGEST_WATCH = 1e6
"""Longest timer in seconds, since `runner.scene_timeout` may be infinite."""
_LONGEST_REASON = 1000
"""Maximum characters of an error's text: a pipe's buffer has 64 KB, and some packages put entire
arrays into their messages."""


class Worker:
    """Makes scenes of one job, one after another. Set-up happens within the first scene, so that it
    is subject to that scene's time limit and error handling."""

    def __init__(self, job: Job, info: WorkerInfo) -> None:
        self._job = job
        self._info = info
        self._tools: tuple[Resolver, Path] | None = None

    def make(self, scene: int, attempt: int) -> SceneReport:
        """Make and commit one scene. Raises `DiskError` if the dataset's disk is full or read-only,
        other errors of `simgen.errors`, and `UnforeseenError` for any other error."""
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
        # Blender creates a temporary folder on import, and workers are always killed in the end, so
        # they never remove it.
        os.environ["TMPDIR"] = str(scratch)
        drop_blenders_folders()
        from simgen.stages.resolver import make_resolver  # after the path is set

        return make_resolver(self._job.settings), scratch


def _own_folder(place: Layout, info: WorkerInfo) -> Path:
    """Create a folder for a worker's temporary files, and delete those of its predecessors."""
    for old in place.scratch.glob(f"worker-{info.name}@*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = place.scratch / f"worker-{info.name}@{socket.gethostname()}-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _portable_errors(place: Layout) -> Iterator[None]:
    """Raise only errors that any process can unpickle: errors of simgen, or `UnforeseenError`."""
    try:
        yield
    except AssetError as error:
        if _is_passing(error):
            raise UnforeseenError(str(error)) from None
        raise
    except (SimgenError, UnforeseenError):
        raise
    except BaseException as error:  # a plugin may call sys.exit()
        if isinstance(error, Exception) and is_disk_error(error, place.local):
            raise disk_error(place.local, error) from None
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise UnforeseenError(text[:_LONGEST_REASON]) from None


def _is_passing(error: BaseException) -> bool:
    """Return whether an asset could not be read for a reason that may be temporary."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError | MemoryError):
        cause = cause.__cause__
    return cause is not None


@contextmanager
def _stack_shown(timeout: float) -> Iterator[None]:
    """Print the stack of this process shortly before the supervisor kills it for its time limit."""
    late = min(max(0.9 * timeout, timeout - 5.0), _LONGEST_WATCH)
    faulthandler.dump_traceback_later(late, file=_STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def start(job: Path, info: WorkerInfo) -> Callable[[int, int], SceneReport]:
    """Set up a new worker process. Returns the function that makes scenes. job: file with the
    pickled `Job`."""
    # A terminal, a batch system or a container sends these to all processes at once. The supervisor
    # decides whether the scene in progress may finish, and kills with SIGKILL.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # blocked since the process was started
    _die_with(info.supervisor)
    # Interpreters that imported bpy may hang on exit; there is nothing left to flush here.
    util.Finalize(None, os._exit, args=(0,), exitpriority=-100)
    return scene_maker(pickle.loads(job.read_bytes()), info)


def scene_maker(job: Job, info: WorkerInfo) -> Callable[[int, int], SceneReport]:
    """Return the function that makes scenes in this process. It opens the logs on the first one."""
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
    """Send this process's log to the dataset's logs as JSON lines, and all printed output to a text
    file, including that of Blender's C code and the stack of a crash. Raises `OSError`."""
    logs.log_to(job.place.logs / f"worker-{info.name}.jsonl", worker=info.name, pid=os.getpid())
    target = os.open(
        job.place.logs / f"worker-{info.name}.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644
    )
    for number in (_STDOUT, _STDERR):
        os.dup2(target, number)
    os.close(target)
    if sys.platform == "linux":  # elsewhere the buffered output of a killed process is lost
        libc = ctypes.CDLL(None)
        libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, _IOLBF, 0)
    faulthandler.enable(file=_STDERR)


def _die_with(supervisor: int | None) -> None:
    """Let the kernel kill this worker when its supervisor dies (on Linux)."""
    if supervisor is not None and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it died before the call above
            os._exit(1)
