"""Commit markers: which scenes of a dataset in object storage are complete.

A folder can be renamed atomically, a prefix cannot. The files of a scene are therefore uploaded
first, and `commits/000012.json`, with the size and digest of each file, last. A dataset with
`commits/` consists of exactly the scenes named there, even after it is copied elsewhere; a dataset
without it consists of all scenes in `scenes/`. As all markers share a prefix, listing 100,000
scenes takes 100 requests.
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
    """Mark a dataset in object storage as one with commit markers; do nothing for a folder.

    Raises `InputError` for a dataset that was copied there from a folder, and `DiskError`.
    """
    if not remote.is_remote(place.root) or remote.size(place.begun) >= 0:
        return
    # Check again: another shard may have begun, and committed scenes, since the first check.
    if remote.names(place.scenes) and remote.size(place.begun) < 0:
        raise InputError(
            f"{place.root}: copied from a folder, so its scenes have no commit markers and it can "
            "be read but not continued; choose another output.uri, or continue the folder"
        )
    remote.write_bytes(place.begun, b'{"commits": "one file for each scene that is whole"}\n')


def clear(place: Layout) -> None:
    """Remove partly uploaded scenes of a dataset without committed scenes, since its config may
    have changed. Call only from a run with exclusive access to the dataset. Raises `DiskError`."""
    if remote.is_remote(place.root):
        remote.remove_tree(place.scenes)


def publish(place: Layout, staging: Path, scene: int) -> None:
    """Upload a complete scene from a folder, its marker last. Raises `DiskError`, or `OSError` if
    the dataset is a folder."""
    files = sorted(staging.iterdir())
    target = place.scene(scene)
    remote.upload([(file, target / file.name) for file in files])
    marker = {"scene": scene, "files": {file.name: _described(file) for file in files}}
    content = json.dumps(marker, indent=1) + "\n"
    remote.write_bytes(place.marker(scene), content.encode())


def scene_files(place: Layout, scene: int) -> list[str]:
    """Return the sorted names of a committed scene's files."""
    try:
        marker: dict[str, Any] = json.loads(remote.read_bytes(place.marker(scene)))
    except FileNotFoundError:
        return sorted(remote.names(place.scene(scene)))
    return sorted(marker["files"])


def _described(file: Path) -> dict[str, Any]:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}
