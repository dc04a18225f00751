"""The worker: a process that owns one Blender, takes scene indices and commits scenes."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing import util
from pathlib import Path

from simgen.assets.library import Library
from simgen.pipeline import Job, SceneReport, make_scene
from simgen.store.disk import disk_error, is_disk_error
from simgen.store.layout import Layout

_PR_SET_PDEATHSIG = 1


@dataclass
class _Worker:
    job: Job
    library: Library
    scratch: Path


# A process pool hands its tasks to plain functions; what they share has no other place to live.
_worker: _Worker | None = None


def start(job: Job, supervisor: int) -> None:
    """Run once in each new worker process. supervisor: the id of the process that it works for."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    _die_with(supervisor)
    place = Layout(job.root)
    _redirect_output(place.logs / f"worker-{os.getpid()}.log")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, force=True)
    # Interpreters that imported bpy have hung on their way out; nothing is left to flush here.
    util.Finalize(None, os._exit, args=(0,), exitpriority=-100)
    scratch = place.scratch / str(os.getpid())
    scratch.mkdir(parents=True, exist_ok=True)
    _worker = _Worker(job, Library(job.assets_dir), scratch)


def run_scene(scene: int) -> SceneReport:
    """Make one scene. Raises `DiskError` when the dataset's disk is full or read-only."""
    if _worker is None:
        raise RuntimeError("the worker was not started")
    logging.info("scene %d", scene)
    try:
        return make_scene(_worker.job, _worker.library, scene, _worker.scratch)
    except OSError as error:
        logging.exception("scene %d", scene)
        if is_disk_error(error, _worker.job.root):
            raise disk_error(_worker.job.root, error) from error
        raise
    except Exception:
        logging.exception("scene %d", scene)
        raise


def _redirect_output(log: Path) -> None:
    """Send what this process prints, Blender's C code included, to a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (1, 2):
        os.dup2(target, number)
    os.close(target)


def _die_with(supervisor: int) -> None:
    """A supervisor that is killed cannot tell its workers; on Linux the kernel does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it died before the kernel knew
            os._exit(1)
