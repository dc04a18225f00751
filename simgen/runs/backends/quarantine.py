"""Quarantine of failed scenes: one folder per scene, with diagnostics.

    .simgen/failed/000012/failure.json   scene, reason, attempts, worker, time
    .simgen/failed/000012/spec.json      the scene's spec, if it could be sampled
    .simgen/failed/000012/worker.log     log and output of its worker in the last attempt
    .simgen/failed/000012/replay.txt     the command that renders it again

A folder is kept until its scene is committed or fails again.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import shutil
from collections.abc import Collection
from pathlib import Path

from simgen.dataset import files, manifest
from simgen.dataset.layout import SPEC, Layout
from simgen.dataset.reports import Failure
from simgen.dataset.writer import drop_staged
from simgen.errors import InputError
from simgen.runs.backends.worker_logs import excerpt
from simgen.spec import scene as specs

_FAILURE = "failure.json"


def quarantine(place: Layout, failure: Failure) -> None:
    """Write the diagnostics of a failed scene, replacing earlier ones.

    Raises `OSError` if they cannot be written.
    """
    new = place.scratch / f"failed-{failure.scene}-{os.getpid()}"
    files.empty_folder(new)
    spec = _drawn_spec(place, failure.scene)
    if spec is not None:
        files.write_bytes(new / SPEC, spec)
    files.write_bytes(new / "worker.log", excerpt(place.logs, failure).encode())
    files.write_bytes(new / "replay.txt", (replay_command(place, failure.scene) + "\n").encode())
    plain = json.dumps(dataclasses.asdict(failure), indent=1)
    files.write_bytes(new / _FAILURE, f"{plain}\n".encode())
    release(place, failure.scene)
    place.failed.mkdir(parents=True, exist_ok=True)
    new.rename(place.quarantine(failure.scene))
    drop_staged(place, failure.scene)


def release(place: Layout, scene: int) -> None:
    """Delete a scene's folder in quarantine, if there is one."""
    shutil.rmtree(place.quarantine(scene), ignore_errors=True)


def release_all(place: Layout, committed: Collection[int]) -> None:
    """Release all committed scenes, which a killed run may not have done."""
    for failure in quarantined(place):
        if failure.scene in committed:
            release(place, failure.scene)


def quarantined_since(place: Layout, time: str) -> list[Failure]:
    """Return the scenes that failed since a UTC time in ISO 8601; none for an empty string."""
    return [failure for failure in quarantined(place) if time and failure.time >= time]


def quarantined(place: Layout) -> list[Failure]:
    """Return the scenes in quarantine, in order."""
    if not place.failed.is_dir():
        return []
    found = (_read(path) for path in sorted(place.failed.glob(f"*/{_FAILURE}")))
    return [failure for failure in found if failure is not None]


def quarantined_spec(place: Layout, scene: int) -> specs.SceneSpec | None:
    """Return the spec of a failed scene; None if it could not be sampled. Raises `InputError`."""
    path = place.quarantine(scene) / SPEC
    if not path.is_file():
        return None
    try:
        return specs.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _read(path: Path) -> Failure | None:
    """Read a failure; None if another shard has just made the scene."""
    try:
        return Failure(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _drawn_spec(place: Layout, scene: int) -> bytes | None:
    """Return the spec left behind by any attempt, since all attempts sample the same one."""
    for staged in place.staged(scene):
        try:
            content = (staged / SPEC).read_bytes()
            specs.loads(content.decode())
        except (OSError, ValueError):  # the worker died before the file was complete
            continue
        return content
    return None


def replay_command(place: Layout, scene: int) -> str:
    """Return the command that renders a scene again."""
    words = ["simgen", "replay", str(place.root), "--scene", str(scene)]
    for plugin in manifest.read(place).plugins:
        words += ["--plugin", plugin]
    return shlex.join(words)
