from __future__ import annotations

import mmap
import subprocess
import sys

import pytest

from simgen.runs.pipeline import resident_mb

CROWDED = """
from simgen.runs.pipeline import resident_mb, trim
blocks = [bytes(2000) for _ in range(100_000)]
kept = blocks[::1000]
full = resident_mb()
del blocks
freed = resident_mb()
trim()
print(full, freed, resident_mb())
"""


def test_resident_memory_is_that_of_this_process() -> None:
    # Pages of its own: the C library would rather give out again what lies free in this process.
    before = resident_mb()
    with mmap.mmap(-1, 100 * 2**20) as block:
        block.write(b"1" * len(block))
        assert 90 < resident_mb() - before < 110


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be asked to")
def test_what_lies_free_between_blocks_in_use_goes_back() -> None:
    # In a fresh process, whose free memory is known.
    done = subprocess.run([sys.executable, "-c", CROWDED], capture_output=True, text=True)
    full, freed, trimmed = (float(number) for number in done.stdout.split())
    assert full - freed < 50, "the C library gave it back by itself: nothing is shown here"
    assert full - trimmed > 150
