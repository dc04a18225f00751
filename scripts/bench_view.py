"""Benchmark of writing a view: its time, and whether memory is constant and time linear.

    python scripts/bench_view.py                     5,000 images
    python scripts/bench_view.py --images 100000

The images are stubs like those of `bench_export.py`, and no arrays are written. `first` and `last`
are the CPU seconds per 10,000 images in the first and the second half, in one process; `again` is a
second run that finds everything up to date. Memory is the peak resident size after a tenth of the
images and at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench_export import MOST_GROWTH, MOST_SLOWER, most_mb, stubs
from scale_runs import print_table, verdict


def measure(folder: Path) -> dict[str, float]:
    """Write a view in this process, which should be a new one."""
    import simgen
    from simgen.viewer.writer import Options, write_view

    dataset = simgen.open(folder)
    count = len(dataset)
    marks: dict[str, float] = {}

    def progress(images: int) -> None:
        if images >= count // 10:
            marks.setdefault("early_mb", most_mb())
        if images >= count // 2:
            marks.setdefault("middle", time.process_time())

    began, start = time.perf_counter(), time.process_time()
    write_view(dataset, folder / "view", Options(arrays=False, processes=1), progress)
    end = time.process_time()
    share = 10_000 / count
    return {
        "images": count,
        "seconds": (time.perf_counter() - began) * share,
        "cpu": (end - start) * share,
        "first": 2 * (marks["middle"] - start) * share,
        "last": 2 * (end - marks["middle"]) * share,
        "early_mb": marks["early_mb"],
        "peak_mb": most_mb(),
    }


def measured(folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"exit code {done.returncode}; see the output above")
    return json.loads(done.stdout.splitlines()[-1])


def report(first: dict[str, float], again: dict[str, float]) -> None:
    count = int(first["images"])
    head = (f"{count} images", "s per 10,000", "CPU", "first", "last", "MB at 10%", "MB")
    names = ("seconds", "cpu", "first", "last", "early_mb", "peak_mb")
    rows = [(said, *(run[name] for name in names)) for said, run in
            (("written", first), ("again", again))]  # fmt: skip
    print_table(head, rows)
    # Columns and instances grow with the number of images: by 4 bytes per value.
    verdict("memory is flat", first["peak_mb"] < MOST_GROWTH * first["early_mb"] + count / 1000)
    verdict("time is linear", first["last"] < MOST_SLOWER * first["first"])


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, help="for stubs and view, which are then kept")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.one:
        print(json.dumps(measure(given.one)))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        dataset = stubs((given.folder or Path(scratch)) / "stubs", given.images)
        report(measured(dataset), measured(dataset))
    return 0


if __name__ == "__main__":
    sys.exit(main())
