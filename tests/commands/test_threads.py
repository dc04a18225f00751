"""Linear algebra stays on one thread, unless the user wants otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

THREADS = """
import psutil
from simgen.cli import main
main(["--version"])
import numpy as np
np.ones((2000, 500)) @ np.ones((500, 500))
print(psutil.Process().num_threads())
"""


@pytest.mark.parametrize(("wanted", "expected"), [("", 1), ("2", 2)])
def test_threads_are_as_many_as_the_user_wants_and_one_otherwise(
    wanted: str, expected: int
) -> None:
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    clean = {name: value for name, value in os.environ.items() if name not in names}
    environment = clean | ({"OPENBLAS_NUM_THREADS": wanted} if wanted else {})
    command = [sys.executable, "-c", THREADS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) == min(expected, os.cpu_count() or 1)
