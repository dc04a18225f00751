"""A script that runs a Ray cluster for one run, in a separate process. It imports no simgen code.

It has its own session, so that Ctrl-C in the terminal does not reach it. It ends, together with
Ray's processes, when the process that started it closes its standard input or dies.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile

import ray

_STORE_BYTES = 80 * 2**20
"""Size of Ray's object store, close to its minimum: no large objects pass through it."""
_ATTEMPTS = 3
"""Attempts to start Ray, whose own limit of half a minute is too short for a busy machine."""


def main() -> None:
    """Start Ray and write its address, or an error, to standard output as a line of JSON."""
    with _folder() as folder:
        try:
            _start(folder)
            _tell({"address": ray.get_runtime_context().gcs_address})
            sys.stdin.read()
        except Exception as error:
            _tell({"error": " ".join(str(error).split())})
        finally:
            ray.shutdown()


def _start(folder: str) -> None:
    for left in reversed(range(_ATTEMPTS)):
        try:
            ray.init(
                "local",
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                object_store_memory=_STORE_BYTES,
                _temp_dir=folder,
            )
            return
        except Exception:
            if not left:
                raise
            ray.shutdown()


def _folder() -> tempfile.TemporaryDirectory[str]:
    """Create a temporary folder for Ray's sockets and logs. Paths of sockets must be short, and the
    default /tmp/ray belongs to the first user of Ray on this machine."""
    place = "/tmp" if os.name == "posix" else None
    return tempfile.TemporaryDirectory(prefix="simgen-ray-", dir=place, ignore_cleanup_errors=True)


def _tell(what: dict[str, str]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
