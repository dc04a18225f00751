"""Scenes that failed: a folder each, with all that helps to find the reason.

    .simgen/failed/000012/failure.json   scene, reason, attempts, worker, time
    .simgen/failed/000012/spec.json      the scene, when it came to drawing it
    .simgen/failed/000012/worker.log     what its worker logged and printed in the last attempt
    .simgen/failed/000012/replay.txt     the command that renders it again

A folder stays until its scene is committed or fails again.
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
    """Keep what is known of a failed scene, in place of what was known before.

    Raises `OSError` when it cannot be written.
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
    """Forget that a scene failed, if it was."""
    shutil.rmtree(place.quarantine(scene), ignore_errors=True)


def release_all(place: Layout, committed: Collection[int]) -> None:
    """Forget it of all scenes that are committed by now, which a run that was killed may not have
    done."""
    for failure in quarantined(place):
        if failure.scene in committed:
            release(place, failure.scene)


def quarantined_since(place: Layout, time: str) -> list[Failure]:
    """The scenes that failed since a time in UTC, as ISO 8601 has it; none for no time."""
    return [failure for failure in quarantined(place) if time and failure.time >= time]


def quarantined(place: Layout) -> list[Failure]:
    """The scenes that are in quarantine, in order."""
    if not place.failed.is_dir():
        return []
    found = (_read(path) for path in sorted(place.failed.glob(f"*/{_FAILURE}")))
    return [failure for failure in found if failure is not None]


def quarantined_spec(place: Layout, scene: int) -> specs.SceneSpec | None:
    """The spec of a failed scene; None when it was never drawn. Raises `InputError`."""
    path = place.quarantine(scene) / SPEC
    if not path.is_file():
        return None
    try:
        return specs.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _read(path: Path) -> Failure | None:
    """None where another shard has just made the scene."""
    try:
        return Failure(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _drawn_spec(place: Layout, scene: int) -> bytes | None:
    """The spec that an attempt left behind. All attempts draw the same one."""
    for staged in place.staged(scene):
        try:
            content = (staged / SPEC).read_bytes()
            specs.loads(content.decode())
        except (OSError, ValueError):  # the worker died before it had written all of it
            continue
        return content
    return None


def replay_command(place: Layout, scene: int) -> str:
    """What renders a scene again, failed or not."""
    words = ["simgen", "replay", str(place.root), "--scene", str(scene)]
    for plugin in manifest.read(place).plugins:
        words += ["--plugin", plugin]
    return shlex.join(words)
