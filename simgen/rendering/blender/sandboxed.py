"""The process behind `simgen.assets.sandboxed`, which handles untrusted files.

It gives up its rights before it imports Blender, so nothing that a file makes Blender do can read
or write elsewhere, and Blender runs no script that a file brings.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from simgen.assets import sandbox
from simgen.assets.sandboxed import ANSWER, JOB


def main(work: Path) -> None:
    plain = json.loads((work / JOB).read_text())
    sandbox.limit(plain["memory"], plain["file_size"], plain["seconds"])
    sandbox.restrict([Path(path) for path in plain["read"]], [work])
    try:
        answer = _do(plain["name"], plain["job"], work)
    except Exception as error:
        traceback.print_exc()
        text = " ".join(str(error).split())
        plainly = isinstance(error, ValueError) and text
        answer = {"error": text if plainly else f"{type(error).__name__}: {text}"}
    (work / ANSWER).write_text(json.dumps(answer))


def _do(name: str, job: dict[str, Any], work: Path) -> dict[str, Any]:
    # Blender is imported in the sandbox, not before.
    if name == "convert":
        from simgen.rendering.blender.convert import convert

        return convert(Path(job["file"]), Path(job["root"]), work)
    if name == "stage":
        from simgen.rendering.blender.stage_file import convert_stage

        return convert_stage(Path(job["file"]), Path(job["root"]), work)
    if name == "thumbnails":
        from simgen.rendering.blender.thumbnail import thumbnails

        return thumbnails(Path(job["folder"]), job["assets"], work, job["threads"])
    raise ValueError(f"unknown job {name!r}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Interpreters that imported bpy have hung on their way out.
    os._exit(0)
