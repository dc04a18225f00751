"""Runs scenes in local worker processes and survives whatever happens to them."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessPool

from simgen.config import RunnerConfig
from simgen.errors import AssetError, DiskError, InputError, SimgenError
from simgen.pipeline import Job, SceneReport
from simgen.runners import worker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """A scene that was given up."""

    scene: int
    reason: str
    """One line."""
    attempts: int


@dataclass(frozen=True)
class Callbacks:
    """Who hears of results, in the supervisor's process."""

    done: Callable[[SceneReport], None]
    failed: Callable[[Failure], None]


def run_local(job: Job, scenes: Iterable[int], config: RunnerConfig, callbacks: Callbacks) -> None:
    """Make the scenes, `config.workers` at a time.

    A scene that fails is tried again `max_retries` times and then reported as failed; the others
    go on. Raises `DiskError` when the disk is full, and `InputError` when what is wrong is wrong
    for every scene. When it returns or raises, no worker is left.
    """
    pool = ProcessPool(
        max_workers=config.workers,
        initializer=worker.start,
        initargs=(job, os.getpid()),
        # Fork would copy the supervisor's threads' locks; Blender wants a process of its own.
        context=multiprocessing.get_context("spawn"),
    )
    try:
        _Run(pool, config, callbacks).run(scenes)
        pool.close()
    finally:
        pool.stop()
        pool.join()


class _Run:
    def __init__(self, pool: ProcessPool, config: RunnerConfig, callbacks: Callbacks) -> None:
        self._pool = pool
        self._config = config
        self._callbacks = callbacks
        self._running: dict[Future[SceneReport], int] = {}
        self._attempts: dict[int, int] = {}

    def run(self, scenes: Iterable[int]) -> None:
        queue = iter(scenes)
        # No more than the workers can take soon: a run of millions of scenes stays small.
        for scene in queue:
            self._submit(scene)
            if len(self._running) >= 2 * self._config.workers:
                self._wait_for_one()
        while self._running:
            self._wait_for_one()

    def _submit(self, scene: int) -> None:
        self._attempts[scene] = self._attempts.get(scene, 0) + 1
        future = self._pool.schedule(
            worker.run_scene, args=(scene,), timeout=self._config.scene_timeout
        )
        self._running[future] = scene

    def _wait_for_one(self) -> None:
        # The time limit is there so that signals are noticed.
        finished, _ = wait(self._running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in finished:
            scene = self._running.pop(future)
            try:
                report = future.result()
            except DiskError:
                raise
            except InputError as error:
                if not isinstance(error, AssetError):
                    raise
                self._retry(scene, error)
            except Exception as error:
                self._retry(scene, error)
            else:
                del self._attempts[scene]
                self._callbacks.done(report)

    def _retry(self, scene: int, error: Exception) -> None:
        reason = describe(error, self._config.scene_timeout)
        log.error("scene %d, attempt %d: %s", scene, self._attempts[scene], reason)
        if self._attempts[scene] <= self._config.max_retries:
            self._submit(scene)
            return
        self._callbacks.failed(Failure(scene, reason, self._attempts.pop(scene)))


def describe(error: Exception, scene_timeout: float) -> str:
    """Why a scene failed, in one line."""
    if isinstance(error, TimeoutError):
        return f"took longer than runner.scene_timeout={scene_timeout:g} s"
    if isinstance(error, ProcessExpired):
        return f"its worker process died (exit code {error.exitcode}); see the worker logs"
    text = " ".join(str(error).split())
    return text if isinstance(error, SimgenError) else f"{type(error).__name__}: {text}"
