"""The process started by `simgen.assets.sandboxed`, which handles untrusted files.

It drops its rights before importing Blender, so that Blender cannot be made to read or write
elsewhere by a file, and it does not run scripts embedded in files.
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
    # Import Blender in the sandbox, not before.
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
    # An interpreter that has imported bpy may hang at a normal exit.
    os._exit(0)
