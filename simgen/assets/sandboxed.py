"""Jobs on untrusted files, in a sandboxed process with limits on time and memory.

`run` starts `python -m simgen.rendering.blender.sandboxed`, which drops its rights
(`sandbox.py`), imports Blender and does one job. Whatever happens to that process, the result is a
dict or an `AssetError` of one line.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.assets import sandbox
from simgen.errors import AssetError

JOB, ANSWER = "job.json", "answer.json"
_MODULE = "simgen.rendering.blender.sandboxed"
_LONGEST_ANSWER = 2**24


@dataclass(frozen=True)
class Bounds:
    """Limits of a job. seconds: wall time. memory: bytes. file_size: bytes of one file."""

    seconds: float = 120.0
    memory: int = 12 * sandbox.GIGABYTE
    file_size: int = sandbox.GIGABYTE


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """Create a temporary folder for the files of a job."""
    with tempfile.TemporaryDirectory(prefix="simgen-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def run(
    name: str, job: dict[str, Any], read: Sequence[Path], work: Path, bounds: Bounds
) -> dict[str, Any]:
    """Run a job in a sandboxed process, and return its answer.

    name: of a function in `simgen.rendering.blender.sandboxed`. job: its arguments, plain data.
    read: paths that it may read. work: an existing folder, the only one that it may write to.
    Raises `AssetError`, one line, if the job fails, exceeds its limits or dies.
    """
    if not sandbox.available():
        raise AssetError(
            "this format needs Blender in a sandbox, which this machine's kernel does not support"
            " (Landlock, Linux 5.13 or later); convert the file to GLB elsewhere"
        )
    plain = {
        "name": name,
        "job": job,
        "read": [str(Path(path).resolve()) for path in read],
        "memory": bounds.memory,
        "file_size": bounds.file_size,
        "seconds": int(4 * bounds.seconds) + 1,  # CPU time, summed over all threads
    }
    (work / ANSWER).unlink(missing_ok=True)
    (work / JOB).write_text(json.dumps(plain))
    _wait(work, bounds)
    return _answer(work)


def _wait(work: Path, bounds: Bounds) -> None:
    # -P: do not import modules from the current folder.
    command = [sys.executable, "-P", "-m", _MODULE, str(work)]
    with (work / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=work,
            env=_environment(work),
            start_new_session=True,
        )
        try:
            code = process.wait(bounds.seconds)
        except subprocess.TimeoutExpired:
            raise AssetError(
                f"Blender took longer than {bounds.seconds:g} s to read it and was stopped"
            ) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if code != 0 and not (work / ANSWER).is_file():
        raise AssetError(f"Blender {_cause(code)} while reading it{_last_line(work)}")


def _environment(work: Path) -> dict[str, str]:
    """Return only the environment variables that the process needs."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME")
    plain = {key: os.environ[key] for key in kept if key in os.environ}
    # The sandbox does not restrict threads that were started before it, such as OpenBLAS's.
    return plain | {"HOME": str(work), "TMPDIR": str(work), "OPENBLAS_NUM_THREADS": "1"}


def _cause(code: int) -> str:
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        return "was stopped (out of time or memory)"
    if code < 0:
        return f"crashed (signal {signal.Signals(-code).name})"
    return f"failed (exit code {code})"


def _last_line(work: Path) -> str:
    with (work / "log.txt").open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
        lines = log.read().decode("utf-8", "replace").split("\n")
    filled = [line.strip() for line in lines if line.strip()]
    return f": {filled[-1][:200]}" if filled else ""


def _answer(work: Path) -> dict[str, Any]:
    """Return the process's answer. It has read an untrusted file, so it is not trusted either."""
    path = work / ANSWER
    try:
        if path.is_symlink() or path.stat().st_size > _LONGEST_ANSWER:
            raise ValueError("not a small regular file")
        answer = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise AssetError(f"Blender returned no answer{_last_line(work)}") from error
    if not isinstance(answer, dict):
        raise AssetError("Blender returned no readable answer")
    if isinstance(answer.get("error"), str):
        raise AssetError(" ".join(answer["error"].split())[:300])
    return answer
