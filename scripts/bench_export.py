"""Benchmark of exports: their time, and whether memory is constant and time linear.

    python scripts/bench_export.py                     100,000 images to coco, yolo and webdataset
    python scripts/bench_export.py --images 10000 --formats coco,webdataset

The images are stubs: hard links to one scene of ten frames with ten objects each. Each export runs
in a separate process. `first` and `last` are the CPU seconds per 10,000 images in the first and the
second half; wall seconds also depend on other load on the machine. Memory is the peak resident size
after a tenth of the images and at the end.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scale_runs import TINY, generate, multiply, print_table, verdict

FORMATS = "coco,yolo,webdataset"
WORDS = (
    *TINY,
    *("render.width=320", "render.height=240", "objects.count_range=[10,10]"),
    "frames_per_scene=10",
)
MOST_GROWTH, MOST_SLOWER = 1.1, 1.2
"""Maximum ratio of memory at the end to that after a tenth, and of time in the second half to the
first."""


@dataclass(frozen=True)
class Cost:
    """seconds, cpu: of the entire process. first, second: CPU seconds of either half. early_mb:
    peak resident memory during the first tenth. peak_mb: overall."""

    format: str
    images: int
    seconds: float
    cpu: float
    first: float
    second: float
    early_mb: float
    peak_mb: float

    @property
    def is_flat(self) -> bool:
        return self.peak_mb < MOST_GROWTH * self.early_mb

    @property
    def is_linear(self) -> bool:
        return self.second < MOST_SLOWER * self.first


def measure(name: str, dataset: Path, out: Path) -> Cost:
    """Export in this process, which should be a new one."""
    import simgen
    from simgen.formats.export import export
    from simgen.formats.sources import SimgenSource

    source = SimgenSource(simgen.open(dataset))
    count, clocks, memory = len(source), {0: time.process_time()}, {}
    began = time.perf_counter()

    def progress(images: int) -> None:
        if images == max(1, count // 10):
            memory[images] = most_mb()
        if images == count // 2:
            clocks[images] = time.process_time()

    export([name], [source], out, progress=progress)
    start, middle = clocks.values()
    end = time.process_time()
    (early,) = memory.values()
    return Cost(
        name,
        count,
        time.perf_counter() - began,
        end,
        middle - start,
        end - middle,
        early,
        most_mb(),
    )


def most_mb() -> float:
    """Return the peak resident memory of this process so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def measured(name: str, dataset: Path, out: Path) -> Cost:
    """Export in a new process, and delete the result."""
    command = [sys.executable, __file__, "--one", name, str(dataset), str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    shutil.rmtree(out, ignore_errors=True)
    if done.returncode:
        sys.exit(f"{name}: exit code {done.returncode}; see the output above")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def report(costs: Sequence[Cost]) -> None:
    head = (f"{costs[0].images} images", "s per 10,000", "CPU", "first", "last", "MB at 10%", "MB")
    rows = []
    for cost in costs:
        share = 10_000 / cost.images
        times = (cost.seconds * share, cost.cpu * share, 2 * cost.first * share)
        rows.append((cost.format, *times, 2 * cost.second * share, cost.early_mb, cost.peak_mb))
    print_table(head, rows)
    for cost in costs:
        verdict(f"{cost.format}: memory is flat", cost.is_flat)
        verdict(f"{cost.format}: time is linear", cost.is_linear)


def stubs(folder: Path, images: int) -> Path:
    """Create a dataset of about the given number of images, rounded to entire scenes."""
    if not (folder / "dataset.json").exists():
        generate(folder, *WORDS, "num_scenes=1")
        multiply(folder, max(1, images // 10))
    return folder


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--formats", default=FORMATS)
    parser.add_argument("--folder", type=Path, help="for stubs and exports, which are then kept")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.one:
        name, dataset, out = given.one
        print(json.dumps(asdict(measure(name, Path(dataset), Path(out)))))
        return 0
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        dataset = stubs((given.folder or Path(scratch)) / "stubs", given.images)
        names = given.formats.split(",")
        report([measured(name, dataset, Path(scratch) / name) for name in names])
    return 0


if __name__ == "__main__":
    sys.exit(main())
