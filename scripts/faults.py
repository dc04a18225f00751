"""Disturbances of a run from outside, for scripts/inject_faults.py, and checks that the dataset
survived them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

import numpy as np
import psutil

_BOX = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
_SIZES = {"crate": (0.2, 0.2, 0.2), "post": (0.05, 0.05, 0.3), "slab": (0.3, 0.2, 0.03)}


def write_meshes(folder: Path) -> None:
    """Write boxes as OBJ files, each of a separate class."""
    for name, size in _SIZES.items():
        corners = [
            " ".join(f"{side * ((number >> axis) & 1)}" for axis, side in enumerate(size))
            for number in range(8)
        ]
        faces = [" ".join(str(corner + 1) for corner in face) for face in _BOX]
        lines = [*(f"v {corner}" for corner in corners), *(f"f {face}" for face in faces)]
        (folder / name).mkdir(parents=True)
        (folder / name / f"{name}.obj").write_text("\n".join(lines) + "\n")


class Disturbance:
    """Breaks things, and repairs them on exit.

    meshes: the user's mesh files. disk: folder on a file system that may be filled up.
    """

    def __init__(self, meshes: Path, disk: Path | None, rng: np.random.Generator) -> None:
        self._disk = disk
        self._rng = rng
        self._stopped: list[psutil.Process] = []
        self.broke_meshes = False
        """Whether a mesh was broken since the last repair."""
        self._whole = {path: path.read_bytes() for path in sorted(meshes.rglob("*.obj"))}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.mend()

    def inject(self, kind: str, supervisor: int) -> bool:
        """Disturb a run once. Returns whether there was anything to disturb."""
        try:
            return _INJECTORS[kind](self, psutil.Process(supervisor))
        except (psutil.NoSuchProcess, ProcessLookupError):
            return False

    def mend(self) -> None:
        """Restore the user's files, and resume stopped processes: a process that was stopped during
        its start has not yet arranged to end with its supervisor."""
        for process in self._stopped:
            with contextlib.suppress(psutil.Error):
                process.resume()
        self._stopped, self.broke_meshes = [], False
        for path, content in self._whole.items():
            path.write_bytes(content)

    def _to_worker(self, supervisor: psutil.Process, number: signal.Signals) -> bool:
        workers = [child for child in supervisor.children() if "spawn_main" in _words(child)]
        if not workers:
            return False
        worker = workers[int(self._rng.integers(len(workers)))]
        worker.send_signal(number)
        if number == signal.SIGSTOP:
            self._stopped.append(worker)
        return True

    def kill_worker(self, supervisor: psutil.Process) -> bool:
        return self._to_worker(supervisor, signal.SIGKILL)

    def stop_worker(self, supervisor: psutil.Process) -> bool:
        return self._to_worker(supervisor, signal.SIGSTOP)

    def kill_supervisor(self, supervisor: psutil.Process) -> bool:
        supervisor.kill()
        return True

    def pause_supervisor(self, supervisor: psutil.Process) -> bool:
        supervisor.suspend()
        time.sleep(float(self._rng.uniform(0.5, 4.0)))
        supervisor.resume()
        return True

    def terminate(self, supervisor: psutil.Process) -> bool:
        """Send SIGTERM like a batch system: to all processes at once, possibly a second time."""
        os.killpg(supervisor.pid, signal.SIGTERM)
        if self._rng.random() < 0.5:
            time.sleep(float(self._rng.uniform(0.1, 3.0)))
            if supervisor.is_running():
                os.killpg(supervisor.pid, signal.SIGTERM)
        return True

    def fill_disk(self, supervisor: psutil.Process) -> bool:
        if self._disk is None:
            return False
        filler = self._disk / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                for size in (1 << 20, 1 << 12):
                    self._write_all(file.write, bytes(size))
            time.sleep(float(self._rng.uniform(0.5, 4.0)))
        finally:
            filler.unlink()
        return True

    @staticmethod
    def _write_all(write: Callable[[bytes], int | None], block: bytes) -> None:
        try:
            while write(block):
                pass
        except OSError:
            pass

    def break_mesh(self, supervisor: psutil.Process) -> bool:
        """Truncate a file to half its size, temporarily or until the end of the run."""
        self.broke_meshes = True
        path = list(self._whole)[int(self._rng.integers(len(self._whole)))]
        path.write_bytes(self._whole[path][: len(self._whole[path]) // 2])
        if self._rng.random() < 0.5:
            time.sleep(float(self._rng.uniform(0.5, 4.0)))
            path.write_bytes(self._whole[path])
        return True


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


_INJECTORS: dict[str, Callable[[Disturbance, psutil.Process], bool]] = {
    "worker killed": Disturbance.kill_worker,
    "worker stopped": Disturbance.stop_worker,
    "supervisor killed": Disturbance.kill_supervisor,
    "supervisor paused": Disturbance.pause_supervisor,
    "SIGTERM": Disturbance.terminate,
    "full disk": Disturbance.fill_disk,
    "broken mesh": Disturbance.break_mesh,
}
OUTSIDE = tuple(_INJECTORS)

ALLOWED = {
    *(".simgen", "README.md", "annotations", "assets.json", "card", "dataset.json"),
    *("preview.png", "scenes"),
}
"""Files and folders that a dataset may contain."""
TRACES = ("staging", "scratch")
"""Folders in `.simgen/` that must be empty after a run."""
_KEPT_OF_FAILED = {"failure.json", "worker.log", "replay.txt"}
_VANISHING = 15.0
"""Time that processes have to end, seconds."""


def content(folder: Path) -> dict[str, bytes]:
    """Return all files of a dataset except the run's own, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".simgen" not in path.relative_to(folder).parts
    }


def quarantined(folder: Path) -> dict[int, str]:
    """Return the failed scenes and the reasons."""
    found = {}
    for path in sorted((folder / ".simgen" / "failed").glob("*/failure.json")):
        failure = json.loads(path.read_text())
        found[int(failure["scene"])] = str(failure["reason"])
    return found


def problems(
    folder: Path, scenes: int, reference: Mapping[str, bytes], *, whole: bool
) -> Iterator[str]:
    """Yield the problems of a dataset after a completed run.

    reference: content of an undisturbed dataset. whole: whether all scenes are required.
    """
    there, failed = content(folder), quarantined(folder)
    made = {int(path.split("/")[1]) for path in there if path.startswith("scenes/")}
    for scene in range(scenes):
        if (scene in made) == (scene in failed):
            yield f"scene {scene}: {'both' if scene in made else 'neither'} stored and failed"
    for scene in failed:
        yield from _wrong_quarantine(folder / ".simgen" / "failed" / f"{scene:06d}")
    if whole and failed:
        yield f"scenes failed although nothing disturbed them: {failed}"
    for path, expected in reference.items():
        if path.startswith("scenes/") and int(path.split("/")[1]) not in made:
            continue
        if (path.startswith("scenes/") or not failed) and there.get(path) != expected:
            yield f"{path}: {'differs' if path in there else 'is missing'}"
    yield from (f"{path}: unexpected file" for path in sorted(set(there) - set(reference)))
    yield from _left_over(folder)


def _wrong_quarantine(folder: Path) -> Iterator[str]:
    names = {path.name for path in folder.iterdir()}
    if not names >= _KEPT_OF_FAILED:
        yield f"{folder.name}: missing in quarantine: {sorted(_KEPT_OF_FAILED - names)}"
    if not json.loads((folder / "failure.json").read_text())["reason"].strip():
        yield f"{folder.name}: failed without a reason"


def _left_over(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.name not in ALLOWED:
            yield f"{path.name}: unexpected file"
    for name in TRACES:
        left = [path.name for path in (folder / ".simgen" / name).glob("*")]
        if left:
            yield f".simgen/{name}: contains {left}"


def survivors(mark: str) -> list[psutil.Process]:
    """Return processes whose environment contains a text after they had time to end, excluding this
    one."""
    until = time.monotonic() + _VANISHING
    while True:
        found = [process for process in psutil.process_iter() if _is_marked(process, mark)]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != psutil.Process().pid and mark in process.environ().values()
    except psutil.Error:
        return False
