"""Commit markers: how a dataset in object storage knows which of its scenes are complete.

A folder is renamed in one step, a prefix is not. So the files of a scene are uploaded first, and
`commits/000012.json`, with the size and the digest of each, last. A dataset that has `commits/`
holds the scenes that are named there, wherever it is copied to, and nothing else; one without, all
that stand in `scenes/`. One prefix for all of them makes a listing of 100,000 scenes 100 requests.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from simgen.dataset import remote
from simgen.dataset.layout import Layout
from simgen.errors import InputError


def begin(place: Layout) -> None:
    """Make a dataset in object storage one with markers. Raises `InputError` for one that was
    copied there from a folder, and `DiskError`."""
    if not remote.is_remote(place.root) or remote.size(place.begun) >= 0:
        return
    # Asked twice, since another shard may have begun, and committed scenes, meanwhile.
    if remote.names(place.scenes) and remote.size(place.begun) < 0:
        raise InputError(
            f"{place.root}: was copied there from a folder: its scenes have no commit markers, so "
            "it can be read and not continued; choose another output.uri, or continue the folder"
        )
    remote.write_bytes(place.begun, b'{"commits": "one file for each scene that is whole"}\n')


def clear(place: Layout) -> None:
    """Remove what was uploaded of scenes of a dataset that has committed none: its config may be
    another one by now. Only for a run that has the dataset to itself. Raises `DiskError`."""
    if remote.is_remote(place.root):
        remote.remove_tree(place.scenes)


def publish(place: Layout, staging: Path, scene: int) -> None:
    """Upload a complete scene from a folder, its marker last. Raises `DiskError`, and `OSError`
    where the dataset is a folder."""
    files = sorted(staging.iterdir())
    target = place.scene(scene)
    remote.upload([(file, target / file.name) for file in files])
    marker = {"scene": scene, "files": {file.name: _described(file) for file in files}}
    content = json.dumps(marker, indent=1) + "\n"
    remote.write_bytes(place.marker(scene), content.encode())


def scene_files(place: Layout, scene: int) -> list[str]:
    """Names of the files of a committed scene, in order."""
    try:
        marker: dict[str, Any] = json.loads(remote.read_bytes(place.marker(scene)))
    except FileNotFoundError:
        return sorted(remote.names(place.scene(scene)))
    return sorted(marker["files"])


def _described(file: Path) -> dict[str, Any]:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}
