"""A Ray for one run, in a process of its own that simgen starts as a script: it needs nothing of
simgen's.

It has a session of its own, so that Ctrl-C in a terminal is not for it, and ends, with all that
belongs to it, when the process that started it closes its standard input or dies.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile

import ray

_STORE_BYTES = 80 * 2**20
"""Of Ray's object store, near the least that it takes: nothing large goes through it."""
_ATTEMPTS = 3
"""Ray gives itself half a minute to start, which a busy machine may take."""


def main() -> None:
    """Write the address, or what is wrong, to standard output as a line of JSON."""
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
    """For Ray's sockets and logs. Sockets bear no long paths, and the usual /tmp/ray belongs to
    the first user of Ray on this machine."""
    place = "/tmp" if os.name == "posix" else None
    return tempfile.TemporaryDirectory(prefix="simgen-ray-", dir=place, ignore_cleanup_errors=True)


def _tell(what: dict[str, str]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
